"""The fields of the census file, declared once for forms, admin, the child's page, imports, verification and papers.

The 43 fields of the printed 《农村留守儿童基本情况登记表》 have a number. A field of a relative is named by person and
attribute ("father_phone"). The printed fields 32–34 are not stored: they follow from the parents' absences and their
ability to act as guardians, which the form asks for instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from registry import cell_readers as cells
from registry.cell_readers import choice_reader, choices_reader, read_id_number, read_name, read_phone, text_reader
from registry.codes import parse_ethnicity, parse_sex
from registry.codes.dates import parse_month_or_date
from registry.codes.parsing import parse_yes_no
from registry.codes.relation import Relation
from registry.identity import validate_id_number
from registry.models import Absence, Child, Guardianship, Relative

# The relatives with fields of their own, by the prefix of the fields' names.
PERSONS = {
    "grandfather": Relation.PATERNAL_GRANDFATHER,
    "grandmother": Relation.PATERNAL_GRANDMOTHER,
    "maternal_grandfather": Relation.MATERNAL_GRANDFATHER,
    "maternal_grandmother": Relation.MATERNAL_GRANDMOTHER,
    "father": Relation.FATHER,
    "mother": Relation.MOTHER,
}
PARENTS = ("father", "mother")
# The titles of the printed form's blocks, by the number of the first field of each.
BLOCKS = {1: "留守儿童个人基本情况", 14: "家庭情况", 32: "实际监护情况", 42: "家庭经济来源与救助帮扶情况"}


@dataclass(frozen=True)
class SheetField:
    """A field that a sheet may have: its name and label, the heading of its column, and the reader of its cells."""

    name: str
    label: str
    heading: str = ""
    read: Callable | None = None
    masked: bool = False

    @property
    def title(self) -> str:
        return capfirst(self.label)

    @cached_property
    def person(self) -> str:
        """Return whose field it is: "" for the child, "father", …, "guardian"."""
        owners = [owner for owner in (*PERSONS, "guardian") if self.name.startswith(f"{owner}_")]
        return max(owners, key=len, default="")


@dataclass(frozen=True)
class CensusField(SheetField):
    """A field of the file, stored in the column `attribute` of `model`, by default the one of the field's name.

    `number` is the printed number. `read` parses a cell of a sheet, `clean` what a person enters. `form` and `page` say
    where the field appears, `compared` that lists of other authorities know it for certain.
    """

    number: int = 0
    clean: Callable | None = None
    help: str = ""
    form: bool = True
    page: bool = True
    compared: bool = False
    model: type[models.Model] | None = Child
    attribute: str = ""
    choices: tuple = ()

    @cached_property
    def column(self) -> models.Field | None:
        """Return the column that stores it; None for what follows from the rows of the family."""
        name = self.attribute or self.name.removeprefix(f"{self.person}_")
        return self.model._meta.get_field(name) if self.model else None

    @property
    def computed(self) -> bool:
        return not (self.model or self.form)  # follows from other fields

    @cached_property
    def labels(self) -> dict:
        return dict(self.column.flatchoices if self.column else self.choices)


RelativeField = partial(CensusField, model=Relative)
AbsenceField = partial(CensusField, model=Absence, page=False)
GuardianField = partial(CensusField, model=Guardianship)
ComputedField = partial(CensusField, model=None, form=False)
# What fields of several persons share.
NAME = {"read": read_name, "clean": read_name}
ID_NUMBER = {"read": read_id_number, "clean": validate_id_number, "masked": True}
PHONE = {"read": read_phone, "clean": read_phone, "masked": True}
ADDRESS = {"read": text_reader(200), "masked": True}
WORK_PLACE = {"read": text_reader(100), "clean": text_reader(100)}


def relative_fields(number: int, person: str, heading: str, label: str, born: str) -> tuple[CensusField, CensusField]:
    hint = _("— if the person has died, 不详 if unknown")
    return (
        RelativeField(f"{person}_name", label, f"{heading}姓名", number=number, help=hint, **NAME),
        RelativeField(f"{person}_birth_date", born, "出生日期", cells.read_relatives_birth_date, number=number + 1),
    )


CHILD = (
    CensusField("name", _("full name"), "姓名", read_name, number=1, compared=True),
    CensusField("sex", _("sex"), "性别", parse_sex, number=2, compared=True),
    CensusField("ethnicity", _("ethnicity"), "民族", parse_ethnicity, number=3, compared=True),
    CensusField("birth_date", _("date of birth"), "出生日期", parse_month_or_date, number=4, compared=True),
    CensusField("id_number", _("resident ID number"), "公民身份证号码", number=5, compared=True, **ID_NUMBER),
    CensusField("id_reason", _("note on the ID number")),
)
HOME = (
    CensusField("village", _("village"), compared=True),
    CensusField("residence", _("current residence"), "现居住地", number=8, **ADDRESS),
    CensusField("hukou_registered", _("household registered"), "是否登记户口", parse_yes_no, number=6, compared=True),
    CensusField("hukou_place", _("place of household registration"), "户籍所在地", cells.read_hukou_place, number=7),
    CensusField("hukou_rural", _("rural household registration"), "户口性质", cells.read_rural),
)
HEALTH = (
    CensusField("condition", _("physical condition"), "身体情况", cells.read_condition, number=9, compared=True),
    # The grade is read and displayed with it.
    CensusField("disability", _("disability category and grade"), "残疾类别及等级", cells.read_disability, number=10),
    CensusField("disability_grade", _("disability grade"), page=False),
    CensusField("illness", _("type of illness"), "患病类型", text_reader(100), number=11),
)
SCHOOL = (
    CensusField(
        "schooling", _("schooling status"), "就学情况", choice_reader(cells.SCHOOLINGS), number=13, compared=True
    ),
    CensusField("school", _("school"), compared=True),
    CensusField("school_class", _("class"), compared=True),
    CensusField("boards", _("boards at school"), "是否学校寄宿", cells.read_boarding, number=12, compared=True),
)
FATHER = (
    *relative_fields(22, "father", "父亲", _("father"), _("father's date of birth")),
    CensusField("father_away", _("father works away"), model=None, page=False, compared=True),
    AbsenceField("father_left_on", _("father away since")),
    AbsenceField("father_cross_county", _("father in another county"), form=False),
    RelativeField("father_work_place", _("father's place of work"), "当前务工地点", number=24, **WORK_PLACE),
    RelativeField("father_phone", _("father's phone"), "联系电话", number=25, **PHONE),
    RelativeField("father_id_number", _("father's resident ID number"), "父亲公民身份证号码", number=30, **ID_NUMBER),
    RelativeField("father_able", _("father able to act as guardian"), page=False),
    RelativeField("father_at_home_on", _("father known to be at home on"), form=False, page=False),
)
MOTHER = (
    *relative_fields(26, "mother", "母亲", _("mother"), _("mother's date of birth")),
    CensusField("mother_away", _("mother works away"), model=None, page=False, compared=True),
    AbsenceField("mother_left_on", _("mother away since")),
    AbsenceField("mother_cross_county", _("mother in another county"), form=False),
    RelativeField("mother_work_place", _("mother's place of work"), "当前务工地点", number=28, **WORK_PLACE),
    RelativeField("mother_phone", _("mother's phone"), "联系电话", number=29, **PHONE),
    RelativeField("mother_id_number", _("mother's resident ID number"), "母亲公民身份证号码", number=31, **ID_NUMBER),
    RelativeField("mother_able", _("mother able to act as guardian"), page=False),
    RelativeField("mother_at_home_on", _("mother known to be at home on"), form=False, page=False),
)
# The day on which it was recorded, as long as nobody says which parent it is.
ONE_PARENT = AbsenceField("one_parent_away", _("one parent away, not said which"), form=False, attribute="known_on")
GRANDPARENTS = (
    *relative_fields(14, "grandfather", "祖父", _("paternal grandfather"), _("paternal grandfather's date of birth")),
    *relative_fields(16, "grandmother", "祖母", _("paternal grandmother"), _("paternal grandmother's date of birth")),
    *relative_fields(
        18, "maternal_grandfather", "外祖父", _("maternal grandfather"), _("maternal grandfather's date of birth")
    ),
    *relative_fields(
        20, "maternal_grandmother", "外祖母", _("maternal grandmother"), _("maternal grandmother's date of birth")
    ),
)
GUARDIANSHIP = (
    ComputedField("both_away", _("both parents away"), "父母双方同时外出", parse_yes_no, number=32),
    ComputedField(
        "one_away", _("one away, the other not able"), "父母一方外出、另一方无监护能力", parse_yes_no, number=33
    ),
    ComputedField(
        "unable_parent",
        _("parent without guardianship ability"),
        "无监护能力",
        choice_reader(cells.PARENT_WORDS),
        number=34,
        choices=(("father", _("father")), ("mother", _("mother"))),
    ),
    GuardianField("entrusted", _("another guardian entrusted"), "父母外出有无委托其他监护人", parse_yes_no, number=35),
    GuardianField("guardian_name", _("guardian's full name"), "委托监护人姓名", number=36, **NAME),
    GuardianField("guardian_phone", _("guardian's phone"), "受委托监护人电话", number=37, **PHONE),
    GuardianField("guardian_id_number", _("guardian's resident ID number"), "公民身份证号码", number=38, **ID_NUMBER),
    GuardianField(
        "guardian_relation", _("guardian's relation to the child"), "与被监护人关系", cells.read_relation, number=39
    ),
    GuardianField("guardian_address", _("guardian's address"), "居住地地址", number=40, **ADDRESS),
    GuardianField(
        "assessment", _("guardianship assessment"), "监护情况评估", choice_reader(cells.ASSESSMENTS), number=41
    ),
    GuardianField(
        "guardian_since",
        _("guardian since"),
        attribute="starts_on",
        page=False,
        help=_("A later day starts a new guardianship and keeps the old one in the history."),
    ),
)
LIVELIHOOD = (
    CensusField("income", _("main economic source"), "家庭经济来源", choices_reader(cells.INCOMES), number=42),
    CensusField("relief", _("relief and assistance"), "救助帮扶情况", choices_reader(cells.RELIEFS), number=43),
)


@dataclass(frozen=True)
class Section:
    """Fields that are displayed together."""

    label: str
    fields: tuple[CensusField, ...]

    def form_names(self, model: type[models.Model] | None = None) -> tuple[str, ...]:
        """Return the names of the fields of the form, of one model or of all."""
        return tuple(field.name for field in self.fields if field.form and model in (None, field.model))


SECTIONS = (
    Section(_("The child"), CHILD),
    Section(_("Where the child lives"), HOME),
    Section(_("Health"), HEALTH),
    Section(_("School"), SCHOOL),
    Section(_("The parents"), (*FATHER, *MOTHER, ONE_PARENT)),
    Section(_("The grandparents"), GRANDPARENTS),
    Section(_("Actual guardianship"), GUARDIANSHIP),
    Section(_("Livelihood and assistance"), LIVELIHOOD),
)
FIELDS = tuple(field for section in SECTIONS for field in section.fields)
BY_NAME = {field.name: field for field in FIELDS}
PRINTED_FIELDS = tuple(sorted((field for field in FIELDS if field.number), key=lambda field: field.number))


def columns_of(model: type[models.Model]) -> dict[str, str]:
    """Return the columns of a model by the names of their census fields."""
    return {field.name: field.column.name for field in FIELDS if field.model is model}


# The columns of the guardian's fields, without the day that starts the guardianship.
GUARDIAN_COLUMNS = {name: column for name, column in columns_of(Guardianship).items() if name != "guardian_since"}
