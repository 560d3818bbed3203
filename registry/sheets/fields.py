"""The fields that columns of a sheet may hold: those of the census file, and further ones of other sheets.

registry.sheets.derivation turns the further ones into facts; what is uncertain there becomes a remark on the row and
never refuses a child.
"""

import re
from functools import partial

from django.utils.translation import gettext_lazy as _

from registry import census
from registry.cell_readers import read_id_number, read_name, read_phone, read_relation, text_reader
from registry.census import SheetField
from registry.codes import parse_sex
from registry.codes.parsing import parse_yes_no
from registry.codes.text import Cell, InvalidCell, code_text, quoted, says_nothing

LEFT_PATTERNS = (  # the first match decides
    ("none", re.compile("^(?:非留守.*|否|无|不是|不属于|没有|非|×|x|n|0)$", re.IGNORECASE)),
    ("both", re.compile("双亲|双方|双留|父母(?:均|都|外出|同时|皆|在外)|均外出|都外出|全留守|^父母$|^双$|^都")),
    ("father", re.compile("^[^母妈]*[父爸]亲?爸?(?:单方|一方)?(?:在?外出?|务工|打工)[^母妈]*$")),
    ("mother", re.compile("^[^父爸]*[母妈]亲?妈?(?:单方|一方)?(?:在?外出?|务工|打工)[^父爸]*$")),
    ("one", re.compile("单亲|一方|单留|半留守|单方|^单$")),
    ("mother", re.compile("^(?:仅|只有|只)?(?:母亲?|妈妈?)$")),
    ("father", re.compile("^(?:仅|只有|只)?(?:父亲?|爸爸?)$")),
    ("yes", re.compile("^(?:是|有|√|✓|✔|☑|y|yes|1|留守|留守儿童|属于)$", re.IGNORECASE)),
)


def read_left_behind(value: Cell) -> str:
    """Return which parents are away: both, one, father, mother, yes (not said who), none; "" when blank."""
    text = re.sub(r"^\d[-.、]", "", code_text(value))
    if not text or says_nothing(text) and text not in ("无", "没有"):
        return ""
    for kind, pattern in LEFT_PATTERNS:
        if pattern.search(text):
            return kind
    raise InvalidCell(_("“%(text)s” does not say which parent is away.") % {"text": quoted(text)})


def read_relief(relief: str, value: Cell) -> str:
    """Return the relief that a column of its own ticks; a cell may also name it (低保户)."""
    text = code_text(value)
    if re.search("低保", text) and not re.match("非|无|不|否", text):
        return "享受低保"
    if re.search("建档|脱贫|贫困|监测|五保|特困", text) and not re.match("非|无|不|否", text):
        return "其他救助"
    if re.match("一般|普通|正常", text):
        return ""
    return relief if parse_yes_no(value) else ""


def member_fields(number: str) -> tuple[SheetField, ...]:
    def of(attribute: str, heading: str, label, read, *, masked: bool = False) -> SheetField:
        return SheetField(f"member{number}_{attribute}", label, f"成员{number}{heading}", read, masked)

    return (
        of("name", "姓名", _("family member: full name"), read_name),
        of("relation", "关系", _("family member: relation"), read_relation),
        of("address", "现住址", _("family member: address"), text_reader(200), masked=True),
        of("phone", "联系电话", _("family member: phone"), read_phone, masked=True),
        of("guardian", "是否监护人", _("family member: guardian or not"), parse_yes_no),
        of("id_number", "身份证件号", _("family member: ID number"), read_id_number, masked=True),
        of("work", "工作单位", _("family member: employer"), text_reader(100)),
    )


PLACE_FIELDS = (
    SheetField("school_words", _("school, by name or code"), "学校", text_reader(100)),
    SheetField("grade_words", _("grade"), "年级", code_text),
    SheetField("class_words", _("class"), "班级", code_text),
    SheetField("township_words", _("township"), "乡镇", text_reader(100)),
    SheetField("village_words", _("village"), "村", text_reader(100)),
    SheetField("group_words", _("village group"), "村民小组", text_reader(100)),
)
ABSENCE_FIELDS = (
    SheetField("left_type", _("kind of left-behind"), "留守类型", read_left_behind),
    SheetField("father_left", _("father away"), "父亲是否外出", parse_yes_no),
    SheetField("mother_left", _("mother away"), "母亲是否外出", parse_yes_no),
    SheetField("parents_work_place", _("parents' place of work"), "务工地", text_reader(100)),
)
HOUSEHOLD_FIELDS = (
    SheetField("parents_name", _("names of the parents"), "父母姓名", text_reader(200)),
    SheetField("parents_phone", _("phones of the parents"), "父母电话", text_reader(200), masked=True),
    SheetField("parents_relation", _("the only parent named: relation to the child"), "家长与学生关系", read_relation),
    SheetField("home_phone", _("phone of the family"), "家庭联系电话", read_phone, masked=True),
    SheetField("guardian_sex", _("guardian's sex"), "监护人性别", parse_sex),
)
RELIEF_FIELDS = (
    SheetField("relief_low", _("subsistence allowance"), "是否低保", partial(read_relief, "享受低保")),
    SheetField("relief_poor", _("registered poor household"), "是否建档立卡", partial(read_relief, "其他救助")),
)
MEMBER_FIELDS = (*member_fields("1"), *member_fields("2"))
EXTRA_FIELDS = (*PLACE_FIELDS, *ABSENCE_FIELDS, *HOUSEHOLD_FIELDS, *RELIEF_FIELDS, *MEMBER_FIELDS)
EXTRA_FIELD_NAMES = frozenset(field.name for field in EXTRA_FIELDS)
FIELDS = {field.name: field for field in (*census.FIELDS, *EXTRA_FIELDS) if field.read}
FIELD_GROUPS = (
    *((section.label, section.fields) for section in census.SECTIONS),
    (_("School and place"), PLACE_FIELDS),
    (_("Absence of the parents"), ABSENCE_FIELDS),
    (_("Both parents or the household in one cell"), (*HOUSEHOLD_FIELDS, *RELIEF_FIELDS)),
    (_("Family members, as in the school roll"), MEMBER_FIELDS),
)
