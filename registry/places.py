"""Place codes: 12 digits, two each for province, prefecture and county, three each for township and village.

What lies below a division is one contiguous range of codes (domain standard: statistical division codes).
"""

LEVELS = (2, 4, 6, 9, 12)  # digits that are significant at province, prefecture, county, township, village


def prefix(code: str) -> str:
    """Return the significant digits of a 12-digit code: "990101101000" is the township "990101101"."""
    if len(code) == LEVELS[-1] and code.isdecimal():
        return next(code[:length] for length in LEVELS if not code[length:].strip("0"))
    raise ValueError(f"{code!r} is not a 12-digit place code.")


def span(code: str) -> tuple[str, str]:
    """Return the first and last code of what lies in the division, itself included."""
    return code, prefix(code).ljust(12, "9")


def township_span(code: str) -> tuple[str, str]:
    return span(code[:9] + "000")


def county_span(code: str) -> tuple[str, str]:
    return span(code[:6] + "000000")


def ancestors(code: str) -> list[str]:
    """Return the codes of the divisions above, from the province down."""
    own = prefix(code)
    return [code[:length].ljust(12, "0") for length in LEVELS if length < len(own)]
