"""What the preview of an import says of a field, in words; restricted values masked."""

from carebase.encryption.masks import mask
from registry import census
from registry.display import format_value
from registry.models import Division, ImportRow, School, SchoolClass

PLACES = {"village": Division, "school": School, "school_class": SchoolClass}


def label_of(name: str) -> str:
    return str(census.BY_NAME[name].title)


def words(name: str, value, places: dict) -> str:
    """Return a value of a field in words; `places` are the names of villages, schools and classes by (field, key)."""
    if name in PLACES:
        return places.get((name, value), "")
    field = census.BY_NAME[name]
    text = format_value(field, value)
    return mask(name, text) if field.masked else text


def shown_changes(row: ImportRow, places: dict) -> list[dict]:
    """Return what the row changes as {label, old, new}; an empty text stands for nothing."""
    return [
        {"label": label_of(name), "old": words(name, old, places), "new": words(name, new, places)}
        for name, old, new in row.changes
    ]


def places_of(rows: list[ImportRow]) -> dict:
    """Return the names of the places that the rows speak of, by (field, key), with a query for each kind there is."""
    wanted: dict[str, set] = {name: set() for name in PLACES}
    for row in rows:
        wanted["village"].add(row.values.get("village"))
        for name, old, new in row.changes:
            if name in wanted:
                wanted[name] |= {old, new}
    return place_names(wanted)


def place_names(wanted: dict[str, set]) -> dict:
    """Return the names of places by (field, key), given the keys by field."""
    found = {name: rows_of(PLACES[name], keys - {None}) for name, keys in wanted.items() if keys - {None}}
    return {(name, place.pk): str(place) for name, rows in found.items() for place in rows}


def rows_of(model, keys):
    rows = model.objects.filter(pk__in=keys)
    return rows.select_related("school") if model is SchoolClass else rows
