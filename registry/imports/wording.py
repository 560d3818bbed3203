"""What the preview of an import says of a blank, in words; restricted values masked."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carebase.display import display, display_field
from carebase.encryption.masks import mask
from registry import census
from registry.models import Child, Division, Guardianship, ImportRow, School, SchoolClass

PLACES = {"village": Division, "school": School, "school_class": SchoolClass}
FIELDS = {field.name: field for field in Child._meta.fields}
FIELDS |= {name: Guardianship._meta.get_field(attribute) for name, attribute in census.GUARDIAN.items()}


def label_of(name: str) -> str:
    """Return what a blank, or a fact behind one, is called."""
    facts = {
        "father_away": _("Father works away"),
        "father_left_on": _("Father away since"),
        "father_cross_county": _("Father in another county"),
        "father_able": _("Father able to act as guardian"),
        "mother_away": _("Mother works away"),
        "mother_left_on": _("Mother away since"),
        "mother_cross_county": _("Mother in another county"),
        "mother_able": _("Mother able to act as guardian"),
    }
    if name in facts:
        return facts[name]
    blank = census.BY_NAME.get(name)
    return capfirst(str(blank.label if blank else Child._meta.get_field(name).verbose_name))


def words(name: str, value, places: dict) -> str:
    """Return a value of a blank in words; `places` are the names of villages, schools and classes by (blank, key)."""
    if value in (None, "", []):
        return ""
    if name in PLACES:
        return places.get((name, value), "")
    if name == "disability":
        parts = zip(("disability", "disability_grade"), value, strict=True)
        return " ".join(filter(None, (display_field(FIELDS[part], each) for part, each in parts)))
    if name in census.BY_NAME and census.BY_NAME[name].masked:
        return mask(name, display(value))
    return display_field(FIELDS.get(name), value)


def shown_changes(row: ImportRow, places: dict) -> list[dict]:
    """Return what the row changes as {label, old, new}; an empty text stands for nothing."""
    return [
        {"label": label_of(name), "old": words(name, old, places), "new": words(name, new, places)}
        for name, old, new in row.changes
    ]


def places_of(rows: list[ImportRow]) -> dict:
    """Return the names of the places that the rows speak of, by (blank, key), with a query for each kind there is."""
    wanted: dict[str, set] = {name: set() for name in PLACES}
    for row in rows:
        wanted["village"].add(row.values.get("village"))
        for name, old, new in row.changes:
            if name in wanted:
                wanted[name] |= {old, new}
    found = {name: rows_of(model, wanted[name] - {None}) for name, model in PLACES.items() if wanted[name] - {None}}
    return {(name, place.pk): str(place) for name, rows in found.items() for place in rows}


def rows_of(model, keys):
    rows = model.objects.filter(pk__in=keys)
    return rows.select_related("school") if model is SchoolClass else rows
