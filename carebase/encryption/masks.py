"""How a restricted value is shown to who may know that it exists, but need not read it."""


def mask(name: str, value: str) -> str:
    """Return the mask of a value by the kind that its field's name ends with: ID number, phone, or address."""
    if not value:
        return ""
    if name.endswith("id_number"):
        return "*" * 12 + value[-4:]
    if name.endswith("phone"):
        return "、".join(mask_phone(number) for number in value.split("、"))
    return "••••••"


def mask_phone(number: str) -> str:
    """Return the first three and last four characters; of a short local number fewer, or nothing would be hidden."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else f"****{number[-2:]}"


def truncate_to_village(address: str, village: str) -> str:
    """Return an address as far as the name of the village in it; "" where it does not name the village."""
    before, found, _house = address.partition(village)
    return before + village if found else ""
