"""What columns of a sheet may say: the 43 blanks of the census form, and what other sheets say beyond it.

The fields beyond the form are read as they stand and turned into facts by registry.imports.completing; what they
cannot tell for certain is a remark on the row and never refuses a child.
"""

import re
from functools import partial

from django.utils.translation import gettext_lazy as _

from registry import census
from registry.census import Blank
from registry.codes import parse_relation, parse_sex
from registry.codes.id_number import normalise
from registry.codes.parsing import parse_text, parse_yes_no
from registry.codes.relation import DESCENDANTS, Relation
from registry.codes.text import Cell, InvalidCell, code_text, quoted, says_nothing, words

BOARDING = {
    True: frozenset(words("住校 寄宿 住宿 寄宿生 住校生 住宿生")),
    False: frozenset(words("走读 通学 走读生 通学生 不寄宿")),
}
ILLNESS = re.compile("病|患|症")
SOUND = frozenset(words("健康 良好 正常 健康或良好 一般 一般或较弱 较弱 较好 好 优 无 良"))
MATERNAL, PATERNAL = "maternal", "paternal"  # grandparents of one side, before it is known which of the two
SIDES = {
    "外祖孙": MATERNAL,
    "外公外婆": MATERNAL,
    "祖孙": PATERNAL,
    "爷孙": PATERNAL,
    "婆孙": PATERNAL,
    "爷爷奶奶": PATERNAL,
}
LEFT = (  # the first that is contained decides
    ("none", re.compile("^(?:非留守.*|否|无|不是|不属于|没有|非|×|x|n|0)$", re.IGNORECASE)),
    ("both", re.compile("双亲|双方|双留|父母(?:均|都|外出|同时|皆|在外)|均外出|都外出|全留守|^父母$|^双$|^都")),
    ("father", re.compile("^[^母妈]*[父爸]亲?爸?(?:单方|一方)?(?:在?外出?|务工|打工)[^母妈]*$")),
    ("mother", re.compile("^[^父爸]*[母妈]亲?妈?(?:单方|一方)?(?:在?外出?|务工|打工)[^父爸]*$")),
    ("one", re.compile("单亲|一方|单留|半留守|单方|^单$")),
    ("mother", re.compile("^(?:仅|只有|只)?(?:母亲?|妈妈?)$")),
    ("father", re.compile("^(?:仅|只有|只)?(?:父亲?|爸爸?)$")),
    ("yes", re.compile("^(?:是|有|√|✓|✔|☑|y|yes|1|留守|留守儿童|属于)$", re.IGNORECASE)),
)
NO_NUMBER = re.compile("[(（]?(?:暂无|尚?[未没]有?(?:办理?|上户口?|落户|登记|提供|填|带)|待[补办查]|暂缺|缺)[)）]?")
RURAL = {True: re.compile("^(?:1|农|农村|乡村)"), False: re.compile("^(?:2|非农|城|居民户口$|市民)")}


def boarding(value: Cell) -> bool | None:
    """Return whether the child boards, from 住校 and 走读 too."""
    text = re.sub(r"^\d[-.、]", "", code_text(value))
    named = next((answer for answer, names in BOARDING.items() if text in names), None)
    return parse_yes_no(value) if named is None else named


def condition(value: Cell) -> str:
    """Return the condition of blank 9 from the words of school rolls too: 健康或良好, 一般或较弱, 有慢性病."""
    text = code_text(value)
    if text in SOUND:
        return "healthy"
    if "残" in text:
        return "disabled"
    return "ill" if ILLNESS.search(text) else census.BY_NAME["condition"].read(value) or ""


def left_behind(value: Cell) -> str:
    """Return which parents are away: both, one, father, mother, yes (nobody says who), none; "" when blank."""
    text = re.sub(r"^\d[-.、]", "", code_text(value))
    if not text or says_nothing(text) and text not in ("无", "没有"):
        return ""
    for kind, pattern in LEFT:
        if pattern.search(text):
            return kind
    raise InvalidCell(_("“%(text)s” does not say which parent is away.") % {"text": quoted(text)})


def relation(value: Cell) -> str | None:
    """Return what the guardian is to the child; what the child is to the guardian (孙子) is turned round."""
    text = code_text(value)
    if text in SIDES:
        return SIDES[text]
    found = parse_relation(value)
    if found not in DESCENDANTS:
        return found
    if found in (Relation.DAUGHTERS_SON, Relation.DAUGHTERS_DAUGHTER):
        return MATERNAL
    return PATERNAL if found >= Relation.GRANDCHILD else Relation.PARENT


def rural(value: Cell) -> bool | None:
    """Return whether the household is registered as agricultural; None where the register no longer tells."""
    text = code_text(value)
    return next((answer for answer, pattern in RURAL.items() if pattern.match(text)), None)


def raw(length: int):
    return lambda value: parse_text(value, length) or ""


def class_text(value: Cell) -> str:
    return code_text(value)


def flag(relief: str, value: Cell) -> str:
    """Return the relief that a column of its own ticks; a cell may also name it: 低保户."""
    text = code_text(value)
    if re.search("低保", text) and not re.match("非|无|不|否", text):
        return "享受低保"
    if re.search("建档|脱贫|贫困|监测|五保|特困", text) and not re.match("非|无|不|否", text):
        return "其他救助"
    if re.match("一般|普通|正常", text):
        return ""
    return relief if parse_yes_no(value) else ""


def hukou_place(value: Cell) -> str:
    """Return the place in words; a bare code, as rolls may have it, says nothing to a reader."""
    text = parse_text(value, 200) or ""
    return "" if text.isdigit() else text


def id_number(value: Cell) -> str:
    """Return the number, "" where words say that there is none: 无, 未办理."""
    text = code_text(value)
    return "" if says_nothing(text) or NO_NUMBER.fullmatch(text) else normalise(value)


def place_field(name: str, heading: str, label) -> Blank:
    return Blank(0, name, heading, label, raw(100))


def members() -> tuple[Blank, ...]:
    made = []
    for number in ("1", "2"):
        made += [
            Blank(0, f"member{number}_name", f"成员{number}姓名", _("family member: full name"), census.name),
            Blank(0, f"member{number}_relation", f"成员{number}关系", _("family member: relation"), relation),
            Blank(
                0, f"member{number}_address", f"成员{number}现住址", _("family member: address"), raw(200), masked=True
            ),
            Blank(
                0,
                f"member{number}_phone",
                f"成员{number}联系电话",
                _("family member: phone"),
                census.phone,
                masked=True,
            ),
            Blank(
                0,
                f"member{number}_guardian",
                f"成员{number}是否监护人",
                _("family member: guardian or not"),
                parse_yes_no,
            ),
            Blank(
                0,
                f"member{number}_id_number",
                f"成员{number}身份证件号",
                _("family member: ID number"),
                id_number,
                masked=True,
            ),
            Blank(0, f"member{number}_work", f"成员{number}工作单位", _("family member: employer"), raw(100)),
        ]
    return tuple(made)


PLACE = (
    place_field("school_words", "学校", _("school, by name or code")),
    Blank(0, "grade_words", "年级", _("grade"), class_text),
    Blank(0, "class_words", "班级", _("class"), class_text),
    place_field("township_words", "乡镇", _("township")),
    place_field("village_words", "村", _("village")),
    place_field("group_words", "村民小组", _("village group")),
    Blank(0, "hukou_rural", "户口性质", _("rural registration"), rural),
)
LEFT_BEHIND = (
    Blank(0, "left_type", "留守类型", _("kind of left-behind"), left_behind),
    Blank(0, "father_left", "父亲是否外出", _("father away"), parse_yes_no),
    Blank(0, "mother_left", "母亲是否外出", _("mother away"), parse_yes_no),
    Blank(0, "parents_work_place", "务工地", _("parents' place of work"), raw(100)),
)
PARENTS = (
    Blank(0, "parents_name", "父母姓名", _("names of the parents"), raw(200)),
    Blank(0, "parents_phone", "父母电话", _("phones of the parents"), raw(200), masked=True),
    Blank(0, "parents_relation", "家长与学生关系", _("the one parent named: relation to the child"), relation),
    Blank(0, "home_phone", "家庭联系电话", _("phone of the family"), census.phone, masked=True),
    Blank(0, "guardian_sex", "监护人性别", _("guardian's sex"), parse_sex),
)
RELIEF = (
    Blank(0, "relief_low", "是否低保", _("subsistence allowance"), partial(flag, "享受低保")),
    Blank(0, "relief_poor", "是否建档立卡", _("registered as poor"), partial(flag, "其他救助")),
)
BEYOND = (*PLACE, *LEFT_BEHIND, *PARENTS, *RELIEF, *members())
# Blanks of the form that other sheets say in words of their own.
WIDER = {"boards": boarding, "condition": condition, "guardian_relation": relation, "hukou_place": hukou_place}
WIDER |= dict.fromkeys(("id_number", "father_id_number", "mother_id_number", "guardian_id_number"), id_number)
FIELDS = {
    blank.name: Blank(
        blank.number, blank.name, blank.heading, blank.label, WIDER.get(blank.name, blank.read), blank.masked
    )
    for blank in (*census.BLANKS, *BEYOND)
}
SOFT = frozenset(blank.name for blank in BEYOND)
GROUPS = (*((section.label, section.blanks) for section in census.SECTIONS), (_("School and place"), PLACE)) + (
    (_("Absence of the parents"), LEFT_BEHIND),
    (_("Both parents or the household in one cell"), (*PARENTS, *RELIEF)),
    (_("Family members, as in the school roll"), members()),
)
