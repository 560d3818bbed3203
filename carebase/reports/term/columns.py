"""The columns of the term report, one line each: heading, what is read from the database, how it is displayed.

Family and care are as of the last day of the term (or today, while it lasts), contacts and activities within it. So is
what may change of the child itself: place, school, health, livelihood (past.py); name, birth and the like are today's,
for there a change is a correction. A fact that several columns share is read once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Case, Count, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Concat, JSONObject, Substr
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.models import Attendance, Handout
from carebase.encryption.masks import mask
from carebase.fields import ChoicesField
from carebase.reports.term.past import changed_value, place_fact
from pairing.models import Pairing
from registry import census
from registry.codes.grades import age
from registry.codes.relation import Relation
from registry.leftbehind.query import whereabouts
from registry.models import Absence, Child, Division, Guardianship, School, SchoolClass, Term
from visits.models import Visit


@dataclass(frozen=True)
class ReportPeriod:
    """The term of one report, in one language."""

    starts_on: date
    ends_on: date
    export: str = ""  # the mark of the file
    cache: dict = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, term: Term, export: str = "") -> "ReportPeriod":
        return cls(term.starts_on, term.ends_on, export)

    @cached_property
    def day(self) -> date:
        """Return the day of the facts: the last of the term, or today while it lasts."""
        return min(self.ends_on, timezone.localdate())

    @cached_property
    def is_past(self) -> bool:
        return self.ends_on < timezone.localdate()

    def get_or_compute(self, key, compute: Callable) -> Any:
        """Return a value that is computed once per report: translating every cell took two thirds of its time."""
        if key not in self.cache:
            self.cache[key] = compute()
        return self.cache[key]


def for_child(queryset) -> Any:
    return queryset.filter(child=OuterRef("pk")).order_by()


def absence(period: ReportPeriod, parent: Relation) -> Subquery:
    """Return the current absence of a parent, the latest when two overlap."""
    current = for_child(Absence.objects.on(period.day)).filter(parent=parent).order_by("-since", "-pk")
    return Subquery(current.values(facts=JSONObject(since="left_on", place="destination"))[:1])


def away(period: ReportPeriod, parent: Relation) -> Case:
    """Return whether a parent is away: yes, no, or null where it is not known."""
    state = whereabouts(parent, period.day)
    return Case(When(state.yes, then=True), When(state.no, then=False), output_field=BooleanField(null=True))


def guardianship(period: ReportPeriod) -> Subquery:
    current = for_child(Guardianship.objects.on(period.day)).order_by("-starts_on", "-pk")
    return Subquery(current.values(facts=JSONObject(**{f: f for f in ("relation", "entrusted", "assessment")}))[:1])


def contacts(period: ReportPeriod) -> Subquery:
    """Return the number of contacts of each kind within the term, and the day of the last one until its end."""
    within = Q(made_on__gte=period.starts_on)
    counts = {kind: Count("pk", filter=within & Q(kind=kind)) for kind in Visit.Kind.values}
    visits = for_child(Visit.objects.filter(made_on__lte=period.day)).values("child")
    return Subquery(visits.annotate(facts=JSONObject(**counts, last=Max("made_on"))).values("facts"))


def carer(period: ReportPeriod) -> Subquery:
    """Return the name of the carer whose pairing is in force on the day of the report."""
    return Subquery(for_child(Pairing.objects.on(period.day)).values("carer__name")[:1])


def activities_attended(period: ReportPeriod) -> Subquery:
    held = Attendance.objects.held_until(period.day).filter(activity__held_on__gte=period.starts_on)
    return Subquery(for_child(held).values("child").values(held=Count("pk")))


def goods(period: ReportPeriod) -> Subquery:
    """Return how many pieces the child received in the term, and its share of their value in fen."""
    held = Handout.objects.held_until(period.day).filter(goods__activity__held_on__gte=period.starts_on)
    received = for_child(held.with_share()).values("child")
    return Subquery(received.annotate(facts=JSONObject(pieces=Sum("quantity"), fen=Sum("share"))).values("facts"))


def township(period: ReportPeriod) -> Subquery:
    code = Concat(Substr(OuterRef("village_then"), 1, 9), Value("000"))
    return Subquery(Division.objects.filter(code=code).values("name")[:1])


# Fields of the child whose value in a past term is the one before the first change since.
CHANGING = ("schooling", "boards", "condition", "hukou_registered", "income", "relief")
# Facts that are not fields of the child; each becomes one subquery of the one query.
FACTS: dict[str, Callable[[ReportPeriod], Any]] = {
    "township": township,
    "village_name": place_fact("village", "name"),
    "school_name": place_fact("school", "name"),
    "class_entry_year": place_fact("school_class", "entry_year"),
    "class_number": place_fact("school_class", "number"),
    "class_first_grade": place_fact("school_class", "school__first_grade"),
    "class_last_grade": place_fact("school_class", "school__last_grade"),
    **{f"{name}_change": changed_value(name) for name in CHANGING},
    "father_away": lambda period: away(period, Relation.FATHER),
    "mother_away": lambda period: away(period, Relation.MOTHER),
    "father_absence": lambda period: absence(period, Relation.FATHER),
    "mother_absence": lambda period: absence(period, Relation.MOTHER),
    "guardian": guardianship,
    "contacts": contacts,
    "carer_name": carer,
    "attended": activities_attended,
    "received": goods,
}


def show_yes_no(period: ReportPeriod, value) -> str:
    """Return yes, no, or "" if unknown; within JSON, SQLite has 1 and 0."""
    labels = period.get_or_compute("yes_no", lambda: (gettext("no"), gettext("yes")))
    return "" if value is None else labels[bool(value)]


def fact_part(name: str, show: Callable | None = None, *, none: Any = "") -> Callable:
    """Return a `show` for one part of a fact; `none` where the child has no such fact."""

    def show_part(period, fact):
        value = fact[name] if fact else none
        return show(period, value) if show and fact else value

    return show_part


def choice_labels(model, name: str) -> Callable:
    """Return a function of the period that returns the labels of a choice field in the report's language."""
    choices = model._meta.get_field(name).flatchoices
    return lambda period: period.get_or_compute((model, name), lambda: {value: str(label) for value, label in choices})


def show_choice(model, name: str) -> Callable:
    labels = choice_labels(model, name)
    return lambda period, value: labels(period).get(value, value)


def show_choices(model, name: str) -> Callable:
    labels = choice_labels(model, name)
    return lambda period, values: "、".join(labels(period).get(value, value) for value in values)


def show_age(period: ReportPeriod, birth: date) -> int:
    return age(birth, period.day)


def show_class(period: ReportPeriod, place: tuple) -> str:
    """Return the class with its grade in the term, whose last day always lies in its own school year."""
    return period.get_or_compute(place, lambda: class_label(period.ends_on, *place)) if place[0] else ""


def class_label(on: date, entry_year: int, number: int, first: int, last: int) -> str:
    school = School(first_grade=first, last_grade=last)
    return SchoolClass(school=school, entry_year=entry_year, number=number).label(on)


def show_export(period: ReportPeriod, code: str) -> str:
    return period.export


def show_count(period: ReportPeriod, number: int | None) -> int:
    return number or 0


def show_yuan(period: ReportPeriod, fact) -> Decimal:
    return Decimal(fact["fen"] if fact else 0).scaleb(-2).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class ReportColumn:
    """A column; `reads` are names of lookups of Child or of FACTS, separated by spaces.

    `show` takes the period and what was read: one value, or a tuple of several.
    """

    label: str
    reads: str
    show: Callable | None = None
    help: str = ""

    @property
    def names(self) -> list[str]:
        return self.reads.split()


def label(name: str) -> str:
    return census.BY_NAME[name].label


def child_column(name: str, help: str = "") -> ReportColumn:
    """Return the column of a census field of the child."""
    field = census.BY_NAME[name]
    if name in CHANGING:
        return ReportColumn(field.label, f"{name} {name}_change", show_then(show_field(field)), help or AT_THE_END)
    return ReportColumn(field.label, name, show_field(field), help)


def show_field(field: census.CensusField) -> Callable | None:
    name = field.name
    if field.masked:
        return lambda period, value: mask(name, value)
    if isinstance(field.column, BooleanField):
        return show_yes_no
    several = isinstance(field.column, ChoicesField)
    return (show_choices if several else show_choice)(Child, name) if field.labels else None


def show_then(show: Callable) -> Callable:
    """Return a `show` for today's value of a field and its first change since the term, [old, new] or None."""
    return lambda period, values: show(period, values[1][0] if values[1] else values[0])


AT_THE_END = _("On the last day of the term, or today while it lasts")
# Headings of kinds of contact; the others have their own label.
HEADINGS = {"home_visit": _("home visits"), "talk": _("heart-to-heart talks"), "call": _("calls")}


def contact_columns() -> list[ReportColumn]:
    """Return a column for every kind of contact, so that none is missing from the report."""
    return [
        ReportColumn(
            HEADINGS.get(kind, kind.label),
            "contacts",
            fact_part(kind.value, none=0),
            _("Made within the term"),
        )
        for kind in Visit.Kind
    ]


CLASS_FIELDS = "class_entry_year class_number class_first_grade class_last_grade"
AWAY_HELP = _("On the last day of the term, or today while it lasts; empty if it is not known")
COLUMNS = (
    ReportColumn(_("code"), "code", help=_("The number of the child's file")),
    child_column("name"),
    child_column("sex"),
    child_column("birth_date"),
    ReportColumn(
        _("age"), "birth_date", show_age, _("In full years on the last day of the term, or today while it lasts")
    ),
    child_column("ethnicity"),
    child_column("id_number", _("Only the last four characters")),
    ReportColumn(label("village"), "village_name", help=AT_THE_END),
    ReportColumn(_("township"), "township", help=AT_THE_END),
    ReportColumn(label("school"), "school_name", help=AT_THE_END),
    ReportColumn(label("school_class"), CLASS_FIELDS, show_class, _("With the grade that the class has in this term")),
    child_column("schooling"),
    child_column("boards"),
    child_column("condition"),
    child_column("hukou_registered"),
    ReportColumn(_("father away"), "father_away", show_yes_no, AWAY_HELP),
    ReportColumn(label("father_left_on"), "father_absence", fact_part("since"), _("Empty if the start is not known")),
    ReportColumn(label("father_work_place"), "father_absence", fact_part("place")),
    ReportColumn(_("mother away"), "mother_away", show_yes_no, AWAY_HELP),
    ReportColumn(label("mother_left_on"), "mother_absence", fact_part("since"), _("Empty if the start is not known")),
    ReportColumn(label("mother_work_place"), "mother_absence", fact_part("place")),
    ReportColumn(_("guardian's relation"), "guardian", fact_part("relation", show_choice(Guardianship, "relation"))),
    ReportColumn(label("entrusted"), "guardian", fact_part("entrusted", show_yes_no)),
    ReportColumn(label("assessment"), "guardian", fact_part("assessment", show_choice(Guardianship, "assessment"))),
    child_column("income"),
    child_column("relief"),
    *contact_columns(),
    ReportColumn(_("last contact"), "contacts", fact_part("last"), _("Of any kind, until the last day of the term")),
    ReportColumn(_("carer"), "carer_name", help=_("On the last day of the term, or today while it lasts")),
    ReportColumn(_("activities attended"), "attended", show_count, _("Begun within the term, and not in the future")),
    ReportColumn(
        _("goods received"), "received", fact_part("pieces", none=0), _("Pieces, at activities within the term")
    ),
    ReportColumn(
        _("value of the goods, yuan"),
        "received",
        show_yuan,
        _("The shares of all children add up to the value"),
    ),
    ReportColumn(_("file closed"), "closed_on"),
    # In every row, as rows are copied into other files.
    ReportColumn(_("export"), "code", show_export, _("The number of this file, who took it, when and what for")),
)


def column_names(columns=COLUMNS) -> list[str]:
    return list(dict.fromkeys(name for column in columns for name in column.names))
