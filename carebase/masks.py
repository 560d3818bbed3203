"""How a restricted value is shown to who may know that it exists, but need not read it."""


def mask(name: str, value: str) -> str:
    """Return the mask of a value by the kind that its field's name ends with: ID number, phone, or address."""
    if not value:
        return ""
    if name.endswith("id_number"):
        return "*" * 12 + value[-4:]
    if name.endswith("phone"):
        return "、".join(f"{number[:3]}****{number[-4:]}" for number in value.split("、"))
    return "••••••"
