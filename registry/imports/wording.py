"""Fields and values of sheets in words, with restricted values masked."""

from carebase.encryption.masks import mask
from registry import census
from registry.display import format_value
from registry.models import Division, ImportRow, School, SchoolClass

PLACE_MODELS = {"village": Division, "school": School, "school_class": SchoolClass}


def field_label(name: str) -> str:
    return str(census.BY_NAME[name].title)


def value_text(name: str, value, places: dict) -> str:
    """Return a value in words; `places` are names of villages, schools and classes by (field, key)."""
    if name in PLACE_MODELS:
        return places.get((name, value), "")
    field = census.BY_NAME[name]
    text = format_value(field, value)
    return mask(name, text) if field.masked else text


def describe_changes(row: ImportRow, places: dict) -> list[dict]:
    """Return the row's changes as {label, old, new}; an empty text means no value."""
    return [
        {"label": field_label(name), "old": value_text(name, old, places), "new": value_text(name, new, places)}
        for name, old, new in row.changes
    ]


def place_names_of_rows(rows: list[ImportRow]) -> dict:
    """Return the names of the places in the rows by (field, key), with one query per kind of place."""
    keys: dict[str, set] = {name: set() for name in PLACE_MODELS}
    for row in rows:
        keys["village"].add(row.values.get("village"))
        for name, old, new in row.changes:
            if name in keys:
                keys[name] |= {old, new}
    return load_place_names(keys)


def load_place_names(fields: dict[str, set]) -> dict:
    """Return the names of places by (field, key), given the keys by field."""
    places = {name: load_places(PLACE_MODELS[name], keys - {None}) for name, keys in fields.items() if keys - {None}}
    return {(name, place.pk): str(place) for name, rows in places.items() for place in rows}


def load_places(model, keys):
    rows = model.objects.filter(pk__in=keys)
    return rows.select_related("school") if model is SchoolClass else rows
