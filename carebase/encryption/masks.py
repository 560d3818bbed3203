"""Masks of restricted values, for users who may know that there is a value but need not read it."""


def mask(name: str, value: str) -> str:
    """Return the mask of a value by the end of its field's name: ID number, phone, or address."""
    if not value:
        return ""
    if name.endswith("id_number"):
        return "*" * 12 + value[-4:]
    if name.endswith("phone"):
        return "、".join(mask_phone(number) for number in value.split("、"))
    return "••••••"


def mask_phone(number: str) -> str:
    """Show the first three and last four characters; of a short local number only two, or nothing would be hidden."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else f"****{number[-2:]}"


def truncate_to_village(address: str, village: str) -> str:
    """Return an address up to and including its village, or "" where it does not name the village."""
    before, found, _house = address.partition(village)
    return before + village if found else ""
