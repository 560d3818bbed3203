"""The columns of the term report: a heading, what is read from the database, and how it is shown, one line each.

Everything is said as of the term: facts of family and care as of its last day (or today, while it lasts), contacts
and activities within it. A fact that several columns share is read once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Count, F, FloatField, Max, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Concat, JSONObject, Substr
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.models import Attendance, Handout
from carebase.encryption.masks import mask
from carebase.fields import ChoicesField
from pairing.models import Pairing
from registry import census
from registry.codes.grades import age
from registry.codes.relation import Relation
from registry.models import Absence, Child, Division, Guardianship, School, SchoolClass, Term
from visits.models import Visit


@dataclass(frozen=True)
class ReportPeriod:
    """The term that one report speaks of, in one language."""

    starts_on: date
    ends_on: date
    told: dict = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, term: Term) -> "ReportPeriod":
        return cls(term.starts_on, term.ends_on)

    @cached_property
    def day(self) -> date:
        """Return the day as of which the facts are told: the last of the term, or today while it lasts."""
        return min(self.ends_on, timezone.localdate())

    def once(self, key, make: Callable) -> Any:
        """Return what `make` gives, made once a report: translating every cell anew took two thirds of its time."""
        if key not in self.told:
            self.told[key] = make()
        return self.told[key]


def of_child(queryset) -> Any:
    return queryset.filter(child=OuterRef("pk")).order_by()


def absence(period: ReportPeriod, parent: Relation) -> Subquery:
    """Return the absence of a parent that lasts on the day, the latest when two overlap."""
    lasting = of_child(Absence.objects.on(period.day)).filter(parent=parent).order_by("-since", "-pk")
    return Subquery(lasting.values(facts=JSONObject(since="left_on", place="destination"))[:1])


def guardianship(period: ReportPeriod) -> Subquery:
    lasting = of_child(Guardianship.objects.on(period.day)).order_by("-starts_on", "-pk")
    return Subquery(lasting.values(facts=JSONObject(**{f: f for f in ("relation", "entrusted", "assessment")}))[:1])


def contacts(period: ReportPeriod) -> Subquery:
    """Return how many contacts of each kind the term holds, and the day of the last one until its end."""
    within = Q(made_on__gte=period.starts_on)
    counts = {kind: Count("pk", filter=within & Q(kind=kind)) for kind in Visit.Kind.values}
    made = of_child(Visit.objects.filter(made_on__lte=period.ends_on)).values("child")
    return Subquery(made.annotate(facts=JSONObject(**counts, last=Max("made_on"))).values("facts"))


def carer(period: ReportPeriod) -> Subquery:
    """Return the name of who accompanied the child at the term's end, or else last in the term."""
    paired = of_child(Pairing.objects.filter(started_on__lte=period.ends_on))
    paired = paired.filter(Q(ended_on=None) | Q(ended_on__gte=period.starts_on))
    latest = paired.order_by(F("ended_on").desc(nulls_first=True), "-started_on", "-pk")
    return Subquery(latest.values("carer__name")[:1])


def attended(period: ReportPeriod) -> Subquery:
    held = Q(activity__held_on__gte=period.starts_on, activity__held_on__lte=period.ends_on)
    return Subquery(of_child(Attendance.objects.filter(held)).values("child").values(held=Count("pk")))


def goods(period: ReportPeriod) -> Subquery:
    """Return how many pieces the child received in the term, and their value in yuan: its share of each line's."""
    held = Q(
        goods__activity__held_on__gte=period.starts_on,
        goods__activity__held_on__lte=period.ends_on,
    )
    # As floats, since SQLite divides whole numbers without a remainder; rounded to the fen when shown.
    share = Cast("goods__value", FloatField()) * F("quantity") / F("goods__quantity")
    received = of_child(Handout.objects.filter(held)).values("child")
    facts = JSONObject(pieces=Sum("quantity"), value=Sum(share, output_field=FloatField()))
    return Subquery(received.annotate(facts=facts).values("facts"))


def township(period: ReportPeriod) -> Subquery:
    code = Concat(Substr(OuterRef("village_id"), 1, 9), Value("000"))
    return Subquery(Division.objects.filter(code=code).values("name")[:1])


# Facts that are not fields of the child; each becomes one subquery of the one query.
FACTS: dict[str, Callable[[ReportPeriod], Any]] = {
    "township": township,
    "father_away": lambda period: absence(period, Relation.FATHER),
    "mother_away": lambda period: absence(period, Relation.MOTHER),
    "guardian": guardianship,
    "contacts": contacts,
    "carer_name": carer,
    "attended": attended,
    "received": goods,
}


def truth(period: ReportPeriod, value) -> str:
    """Return yes, no, or nothing where it is not known; within a fact SQLite says 1 and 0."""
    words = period.once("truth", lambda: (gettext("no"), gettext("yes")))
    return "" if value is None else words[bool(value)]


def is_away(period: ReportPeriod, fact) -> str:
    return truth(period, bool(fact))


def part(name: str, show: Callable | None = None, *, none: Any = "") -> Callable:
    """Return what shows one part of a fact, and `none` where the child has no such fact."""

    def show_part(period, fact):
        value = fact[name] if fact else none
        return show(period, value) if show and fact else value

    return show_part


def words(model, name: str) -> Callable:
    """Return a function of the period that gives the labels of a choice in the report's language."""
    choices = model._meta.get_field(name).flatchoices
    return lambda period: period.once((model, name), lambda: {value: str(label) for value, label in choices})


def choice(model, name: str) -> Callable:
    """Return what shows the label of a choice."""
    labels = words(model, name)
    return lambda period, value: labels(period).get(value, value)


def choices(model, name: str) -> Callable:
    """Return what shows the labels of several choices."""
    labels = words(model, name)
    return lambda period, values: "、".join(labels(period).get(value, value) for value in values)


def years(period: ReportPeriod, birth: date) -> int:
    return age(birth, period.day)


def class_in_term(period: ReportPeriod, place: tuple) -> str:
    """Return the class by its grade in the term; a term's last day always lies in its own school year."""
    return period.once(place, lambda: class_label(period.ends_on, *place)) if place[0] else ""


def class_label(on: date, entry_year: int, number: int, first: int, last: int) -> str:
    school = School(first_grade=first, last_grade=last)
    return SchoolClass(school=school, entry_year=entry_year, number=number).label(on)


def count(period: ReportPeriod, number: int | None) -> int:
    return number or 0


def yuan(period: ReportPeriod, fact) -> Decimal:
    value = Decimal(str(round(fact["value"], 6))) if fact else Decimal(0)
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class ReportColumn:
    """A heading, the names of what is read (fields of Child, or FACTS), and how it is shown if not as it is.

    `show` is given the period and what was read: one value, or a tuple where several are read.
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


def of_file(name: str, help: str = "") -> ReportColumn:
    """Return the column of a field of the child, called and shown as everywhere."""
    field = census.BY_NAME[name]
    if field.masked:
        return ReportColumn(field.label, name, lambda period, value: mask(name, value), help)
    if isinstance(field.column, BooleanField):
        return ReportColumn(field.label, name, truth, help)
    several = isinstance(field.column, ChoicesField)
    show = (choices if several else choice)(Child, name) if field.labels else None
    return ReportColumn(field.label, name, show, help)


# How the kinds of contact are headed; one that is not named here is headed by its own label.
CONTACTS = {"home_visit": _("home visits"), "talk": _("heart-to-heart talks"), "call": _("calls")}


def contact_columns() -> list[ReportColumn]:
    """Return a column for every kind of contact, so that together they hold all of them."""
    return [
        ReportColumn(CONTACTS.get(kind, kind.label), "contacts", part(kind.value, none=0), _("Made within the term"))
        for kind in Visit.Kind
    ]


CLASS = "school_class__entry_year school_class__number school__first_grade school__last_grade"
COLUMNS = (
    ReportColumn(_("code"), "code", help=_("The number of the child's file")),
    of_file("name"),
    of_file("sex"),
    of_file("birth_date"),
    ReportColumn(
        _("age"), "birth_date", years, _("In full years on the last day of the term, or today while it lasts")
    ),
    of_file("ethnicity"),
    of_file("id_number", _("Only the last four characters")),
    ReportColumn(label("village"), "village__name"),
    ReportColumn(_("township"), "township"),
    ReportColumn(label("school"), "school__name"),
    ReportColumn(label("school_class"), CLASS, class_in_term, _("With the grade that the class has in this term")),
    of_file("schooling"),
    of_file("boards"),
    of_file("condition"),
    of_file("hukou_registered"),
    ReportColumn(_("father away"), "father_away", is_away, _("On the last day of the term, or today while it lasts")),
    ReportColumn(label("father_left_on"), "father_away", part("since"), _("Empty when nobody knows since when")),
    ReportColumn(label("father_work_place"), "father_away", part("place")),
    ReportColumn(_("mother away"), "mother_away", is_away, _("On the last day of the term, or today while it lasts")),
    ReportColumn(label("mother_left_on"), "mother_away", part("since"), _("Empty when nobody knows since when")),
    ReportColumn(label("mother_work_place"), "mother_away", part("place")),
    ReportColumn(_("guardian's relation"), "guardian", part("relation", choice(Guardianship, "relation"))),
    ReportColumn(label("entrusted"), "guardian", part("entrusted", truth)),
    ReportColumn(label("assessment"), "guardian", part("assessment", choice(Guardianship, "assessment"))),
    of_file("income"),
    of_file("relief"),
    ReportColumn(_("home visits"), "contacts", part("home_visit", none=0), _("Made within the term")),
    ReportColumn(_("heart-to-heart talks"), "contacts", part("talk", none=0), _("Made within the term")),
    ReportColumn(_("calls"), "contacts", part("call", none=0), _("Made within the term")),
    ReportColumn(_("study tutoring"), "contacts", part("tutoring", none=0), _("Given within the term")),
    ReportColumn(_("another guardian entrusted"), "guardian", part("entrusted", truth)),
    ReportColumn(_("guardianship assessment"), "guardian", part("assessment", choice(Guardianship, "assessment"))),
    ReportColumn(_("main economic source"), "income", choices(Child, "income")),
    ReportColumn(_("relief and assistance"), "relief", choices(Child, "relief")),
    *contact_columns(),
    ReportColumn(_("last contact"), "contacts", part("last"), _("Of any kind, until the last day of the term")),
    ReportColumn(_("carer"), "carer_name", help=_("At the end of the term, or else the last one in it")),
    ReportColumn(_("activities attended"), "attended", count, _("Held within the term")),
    ReportColumn(_("goods received"), "received", part("pieces", none=0), _("Pieces, at activities within the term")),
    ReportColumn(_("value of the goods, yuan"), "received", yuan, _("The child's share of the value of all")),
    ReportColumn(_("file closed"), "closed_on"),
)


def names(columns=COLUMNS) -> list[str]:
    """Return the names of everything that `columns` read, each once."""
    return list(dict.fromkeys(name for column in columns for name in column.names))
