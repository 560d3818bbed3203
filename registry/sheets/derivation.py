"""What follows from columns beyond the census form: 留守类型, both parents in one cell, family members, a class.

Each step reads these raw values and adds facts to `values`. `note` adds a remark; uncertainty never refuses a child.
"""

import datetime as dt
import re

from django.utils.translation import gettext as _

from registry.cell_readers import DECEASED, MATERNAL, PATERNAL, RELIEFS, read_name, read_phone
from registry.census import PARENTS, PERSONS
from registry.codes.grades import school_year
from registry.codes.relation import GRANDPARENTS, Relation
from registry.codes.sex import Sex
from registry.codes.text import InvalidCell
from registry.sheets import parents
from registry.sheets.fields import EXTRA_FIELDS
from registry.sheets.schools import ClassPlace, SchoolFinder, parse_class_place, schooling_of_grade

RAW_FIELDS = frozenset(field.name for field in EXTRA_FIELDS) - {"group_words"}  # validated with the place
NEAR = re.compile("^(?:县内|本县|县域内|市内|本市|本地|本乡镇?|乡内|镇内|就近)$")
FAR = re.compile("^(?:县外|省外|市外|外省|外县|外市|外地|省内县外|县外省内|省内|跨省|跨县|境外|国外)$")
SCHOOL_AND_CLASS = re.compile(
    r"(.+?(?:小学|中学|学校|幼儿园|完小|教学点|中心校))[/、,\-—\s]*((?:[(（]?[0-9一二三四五六七八九初高]|[大中小]班|学前).*)"
)
HOME = re.compile("^(?:在家.{0,4}|务农)$")
AT_HOME = re.compile("^(?:在家.{0,4}|务农|无|没有|否|/|—+|-+|不详|不清楚|已?去世|已故|离异|离婚)$")
RELATION_BY_SEX = {
    (MATERNAL, Sex.MALE): Relation.MATERNAL_GRANDFATHER,
    (MATERNAL, Sex.FEMALE): Relation.MATERNAL_GRANDMOTHER,
    (PATERNAL, Sex.MALE): Relation.PATERNAL_GRANDFATHER,
    (PATERNAL, Sex.FEMALE): Relation.PATERNAL_GRANDMOTHER,
    (Relation.PARENT, Sex.MALE): Relation.FATHER,
    (Relation.PARENT, Sex.FEMALE): Relation.MOTHER,
}
# What a relation of a sheet leaves open, as 祖孙 does, for a name or a sex to decide.
LEFT_OPEN = {
    MATERNAL: (Relation.MATERNAL_GRANDFATHER, Relation.MATERNAL_GRANDMOTHER),
    PATERNAL: tuple(GRANDPARENTS),
    Relation.GRANDPARENT: tuple(GRANDPARENTS),
    Relation.PARENT: (Relation.FATHER, Relation.MOTHER),
}
RELATION_WITHOUT_SEX = {MATERNAL: Relation.GRANDPARENT, PATERNAL: Relation.GRANDPARENT}
OWN_PARENT = frozenset({Relation.PARENT, Relation.FATHER, Relation.MOTHER})
PERSON_BY_RELATION = {relation: person for person, relation in PERSONS.items()}


def derive_values(values: dict, note, finder, schools: SchoolFinder | None, on: dt.date) -> None:
    """Turn the values read beyond the form into facts, as of the day `on`, and remove them."""
    if not RAW_FIELDS.isdisjoint(values):
        derive_family(values, note, finder, on)
        derive_relief(values)
        join_address(values, finder)
    resolve_guardian(values, note)
    assign_home_phone(values, note)
    if values.get("disability") and not values.get("condition"):
        values["condition"] = "disabled"
    assign_school(values, note, schools, on)
    for name in RAW_FIELDS & values.keys():
        del values[name]


def derive_family(values: dict, note, finder, on: dt.date) -> None:
    split_parents(values, note)
    members = [read_member(values, number) for number in ("1", "2")]
    for member in members:
        assign_member(values, member, finder)
    derive_absences(values, note, on)
    choose_guardian(values, [member for member in members if member["guardian"]])


def split_parents(values: dict, note) -> None:
    if assign_by_relation(values, note):
        return
    names: dict[str, str] = {}
    try:
        names, remark = parents.parse_parent_names(values.get("parents_name") or "", values.get("name") or "")
        if remark:
            note("parents_name", remark)
    except InvalidCell as error:
        note("parents_name", str(error))
    for parent, name in names.items():
        values[f"{parent}_name"] = values.get(f"{parent}_name") or name
    order = list(names) or [parent for parent in PARENTS if values.get(f"{parent}_name")]
    try:
        numbers, remark = parents.parse_parent_phones(values.get("parents_phone") or "", order)
    except InvalidCell as error:
        note("parents_phone", str(error))
        return
    if remark:
        note("parents_phone", remark)
    for parent, number in numbers.items():
        values[f"{parent}_phone"] = values.get(f"{parent}_phone") or number


def assign_by_relation(values: dict, note) -> bool:
    """Assign the one 家长 of a row by the relation beside the name, a grandmother as the guardian.

    Return False where the cells do not tell.
    """
    relation, name = values.get("parents_relation"), values.get("parents_name")
    if not relation or not name:
        return False
    person = PERSON_BY_RELATION.get(relation)
    person = person if person in PARENTS else "guardian"
    try:
        contact = {"name": read_name(name), "phone": read_phone(values.get("parents_phone") or "")}
    except InvalidCell:  # two names, which one relation cannot describe
        return False
    if person == "guardian" and values.get("guardian_name") not in (None, "", contact["name"]):
        note("parents_name", _("This is neither parent, and another guardian is named; the name is not saved."))
        return True
    for attribute, value in contact.items():
        values[f"{person}_{attribute}"] = values.get(f"{person}_{attribute}") or value
    if person == "guardian":
        values["guardian_relation"] = values.get("guardian_relation") or relation
    return True


def read_member(values: dict, number: str) -> dict:
    attributes = ("name", "relation", "address", "phone", "guardian", "id_number", "work")
    return {attribute: values.get(f"member{number}_{attribute}") or "" for attribute in attributes}


def assign_member(values: dict, member: dict, finder) -> None:
    """Assign a family member of the roll by the relation; a parent who lives elsewhere works there."""
    person = PERSON_BY_RELATION.get(member["relation"])
    if not person or not member["name"]:
        return
    elsewhere = member["address"] if member["address"] and not finder.find(member["address"]) else ""
    for attribute, value in (
        ("name", member["name"]),
        ("phone", member["phone"] if person in PARENTS else ""),
        ("id_number", member["id_number"] if person in PARENTS else ""),
        ("work_place", (member["work"] or elsewhere[:100]) if person in PARENTS else ""),
    ):
        if value:
            values[f"{person}_{attribute}"] = values.get(f"{person}_{attribute}") or value


def derive_absences(values: dict, note, on: dt.date) -> None:
    """Derive which parents are away or at home from 留守类型, from their own columns, and from places of work."""
    for parent in PARENTS:
        if HOME.match(values.get(f"{parent}_work_place") or values.get("parents_work_place") or ""):
            values[f"{parent}_away"] = False
    for name in ("father_work_place", "mother_work_place", "parents_work_place"):
        if AT_HOME.match(values.get(name) or ""):
            values[name] = ""
    for parent in PARENTS:
        if values.get(f"{parent}_left") is not None:
            values[f"{parent}_away"] = values[f"{parent}_left"]
    away = find_absent_parents(values, note, on)
    for parent in away:
        values[f"{parent}_away"] = True
    assign_work_place(values, note, [parent for parent in PARENTS if values.get(f"{parent}_away")])


def find_absent_parents(values: dict, note, on: dt.date) -> list[str]:
    kind = values.get("left_type") or ""
    if kind == "both":
        return list(PARENTS)
    if kind in PARENTS:
        return [kind]
    if kind == "none":
        note("left_type", _("The sheet says that this child is not left behind, so no parent is recorded as away."))
        for parent in PARENTS:
            if values.get(f"{parent}_away") is None and not values.get(f"{parent}_work_place"):
                values[f"{parent}_away"] = False
    if kind not in ("one", "yes") or any(values.get(f"{parent}_away") for parent in PARENTS):
        return []
    working = [parent for parent in PARENTS if values.get(f"{parent}_work_place")]
    if len(working) == 1 or (working and kind == "yes"):
        return working
    note("left_type", _("It does not say which parent is away; it is recorded that one of them is."))
    values["one_parent_away"] = on
    return []


def assign_work_place(values: dict, note, away: list[str]) -> None:
    place = values.get("parents_work_place") or ""
    for parent in PARENTS if place else ():
        if parent not in away:
            continue
        if NEAR.match(place) or FAR.match(place):
            values[f"{parent}_cross_county"] = bool(FAR.match(place)) and place != "省内"
        else:
            values[f"{parent}_work_place"] = values.get(f"{parent}_work_place") or place
    named = [parent for parent in PARENTS if values.get(f"{parent}_name")]
    if place and not away and len(named) == 1 and not (NEAR.match(place) or FAR.match(place)):
        values[f"{named[0]}_work_place"] = values.get(f"{named[0]}_work_place") or place
    elif place and not away and not values.get("left_type"):
        note("parents_work_place", _("It does not say which parent works there, so the place is not saved."))


def choose_guardian(values: dict, ticked: list[dict]) -> None:
    """Choose among the members ticked as guardian: other relatives first, then a parent who is not away."""
    if values.get("guardian_name") or not ticked:
        return

    def rank(member: dict) -> int:
        parent = PERSON_BY_RELATION.get(member["relation"])
        return 0 if parent not in PARENTS else 1 + bool(values.get(f"{parent}_away"))

    member = min(ticked, key=rank)
    for attribute in ("name", "relation", "phone", "id_number"):
        values[f"guardian_{attribute}"] = member[attribute] or None


def resolve_guardian(values: dict, note) -> None:
    """Tell grandfather from grandmother by name or sex; a parent who is guardian is not entrusted."""
    relation = values.get("guardian_relation")
    named = relation_by_name(values)
    if relation and named and named not in LEFT_OPEN.get(relation, (relation,)):
        text = _("The guardian has the same name as the %(person)s, but the relation says otherwise; it is kept.")
        note("guardian_relation", text % {"person": str(named.label).lower()})
        named = None
    if relation in LEFT_OPEN:
        relation = named or relation_by_sex(values, relation) or RELATION_WITHOUT_SEX.get(relation, relation)
    if relation in (Relation.FATHER, Relation.MOTHER):
        parent = PERSON_BY_RELATION[relation]
        for attribute in ("name", "phone"):
            if value := values.get(f"guardian_{attribute}"):
                values[f"{parent}_{attribute}"] = values.get(f"{parent}_{attribute}") or value
    is_named = any(values.get(f"guardian_{attribute}") for attribute in ("name", "phone", "id_number"))
    if relation == Relation.OTHER and not is_named:
        relation = values["guardian_relation"] = None  # 其他 beside an empty name means nobody
    if relation:
        values["guardian_relation"] = Relation(relation)
    if relation in OWN_PARENT and values.get("entrusted") is None:
        values["entrusted"] = False


def relation_by_name(values: dict) -> Relation | None:
    name = values.get("guardian_name")
    return next((PERSONS[person] for person in PERSONS if name and values.get(f"{person}_name") == name), None)


def relation_by_sex(values: dict, relation: str) -> Relation | None:
    number, sex = values.get("guardian_id_number") or "", values.get("guardian_sex")
    if not sex and re.fullmatch("[0-9]{17}[0-9X]", number):
        sex = Sex.MALE if number[16] in "13579" else Sex.FEMALE
    return RELATION_BY_SEX.get((relation, sex))


def assign_home_phone(values: dict, note) -> None:
    """Assign the family's only phone to whom it reaches: the guardian, or else a parent."""
    number = values.get("home_phone")
    known = [values.get(f"{person}_phone") for person in ("guardian", *PARENTS)]
    if not number or number in known:
        return
    present = [parent for parent in PARENTS if values.get(f"{parent}_name") and not values.get(f"{parent}_away")]
    for person in (["guardian"] if values.get("guardian_name") else []) + present + list(PARENTS):
        if values.get(f"{person}_name") not in (None, "", DECEASED) and not values.get(f"{person}_phone"):
            values[f"{person}_phone"] = number
            return
    if not any(known):
        note("home_phone", _("Nobody is named whose phone this could be, so it is not saved."))


def derive_relief(values: dict) -> None:
    columns = [values[name] for name in ("relief_low", "relief_poor") if name in values]
    if columns:
        ticked = [RELIEFS[word] for word in columns if word]
        values["relief"] = list(dict.fromkeys([*(values.get("relief") or []), *ticked]))


def join_address(values: dict, finder) -> None:
    """Put township and village from columns of their own before the address."""
    village, township = values.get("village_words") or "", values.get("township_words") or ""
    if village and not finder.find(township + village) and finder.find(f"{township}{village}村"):
        village += "村"
    lives_at = values.get("residence") or ""
    if village and village not in lives_at:
        values["residence"] = (township if township not in village + lives_at else "") + village + lives_at
    elif township and lives_at and township not in lives_at:
        values["residence"] = township + lives_at


def split_school(values: dict) -> None:
    """Split school and class where one cell holds both: 百里洲镇中心小学四年级1班."""
    words = values.get("class_words") or values.get("school_words") or ""
    if match := SCHOOL_AND_CLASS.fullmatch(words):
        values |= {"school_words": match[1], "class_words": match[2]}


def assign_school(values: dict, note, schools: SchoolFinder | None, on: dt.date) -> None:
    split_school(values)
    words = values.get("school_words") or ""
    place = ClassPlace()
    try:
        if values.get("grade_words") or values.get("class_words"):
            place = parse_class_place(values.get("grade_words") or "", values.get("class_words") or "")
    except InvalidCell as error:
        note("class_words" if values.get("class_words") else "grade_words", str(error))
    if schools:
        school = schools.find(words) if words else schools.own
        if school:
            values["school"] = school.pk
            place = assign_class(values, note, schools, school, place, on)
        elif words and "幼儿园" not in words:
            note(
                "school_words",
                unknown_school_message(schools),
                **({"severity": "error"} if schools.own_school_only else {}),
            )
    if place.number and not values.get("school") and not words:
        note("class_words", _("No school is named, so the class is not saved."))
    if not values.get("schooling"):
        values["schooling"] = schooling_of_grade(place.grade) or ("kindergarten" if "幼儿园" in words else "")


def unknown_school_message(schools: SchoolFinder) -> str:
    if schools.own_school_only:
        return _("This is not your school.")
    return _("There is no school of this name in your area; the child is registered without a school.")


def missing_class_message(school, place: ClassPlace, on: dt.date) -> str:
    """Return the remark on a class that the school does not have yet, with what to do about it."""
    year = place.entry_year or (place.grade and school.first_grade + school_year(on) - place.grade)
    facts = {"school": school.name, "year": year or "?", "number": place.number}
    text = _(
        "%(school)s has no class %(number)d that entered in %(year)s yet, so the child is registered without a class. "
        "Add the class and read the file again, or place the child later under “Pupils without a class”."
    )
    return text % facts


def assign_class(values: dict, note, schools: SchoolFinder, school, place: ClassPlace, on: dt.date) -> ClassPlace:
    """Set the class if the school has it, and return the place with the grade of the class."""
    if place.number and (class_key := schools.class_of(school, place, on)):
        values["school_class"] = class_key
    elif place.number:
        note("class_words", missing_class_message(school, place, on))
    if place.grade is None and place.entry_year:
        grade = school.first_grade + school_year(on) - place.entry_year
        return place._replace(grade=grade if school.first_grade <= grade <= school.last_grade else None)
    return place
