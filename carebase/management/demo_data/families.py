"""The families of the roster: relatives, absences and guardianships, shared by brothers and sisters."""

import datetime as dt
import random
from dataclasses import dataclass, field

from carebase.management.demo_data import days, names
from carebase.management.demo_data.roster import FATHER, MOTHER, Situation
from registry.codes.grades import age
from registry.codes.relation import Relation
from registry.codes.sex import Sex
from registry.models import Absence, Child, Entrustment, Guardianship, Relative
from registry.models.entrustment import Ground

GENERATION = {
    FATHER: (Sex.MALE, 27),
    MOTHER: (Sex.FEMALE, 25),
    Relation.PATERNAL_GRANDFATHER: (Sex.MALE, 54),
    Relation.PATERNAL_GRANDMOTHER: (Sex.FEMALE, 52),
    Relation.MATERNAL_GRANDFATHER: (Sex.MALE, 53),
    Relation.MATERNAL_GRANDMOTHER: (Sex.FEMALE, 50),
}
DESTINATIONS = (
    "广东省深圳市",
    "广东省东莞市",
    "浙江省杭州市",
    "浙江省温州市",
    "江苏省苏州市",
    "福建省泉州市",
    "上海市",
    "湖北省武汉市",
)
ONE_COUNTY_AWAY = "湖北省宜昌市"


@dataclass
class Family:
    situation: Situation
    relatives: dict[str, dict] = field(default_factory=dict)
    absences: list[dict] = field(default_factory=list)
    guardianship: dict = field(default_factory=dict)


def invent_family(rng: random.Random, child: Child, situation: Situation, today: dt.date) -> Family:
    family = Family(situation)
    family.absences = [absence_fields(rng, parent, situation, today) for parent in situation.away]
    places = {fields["parent"]: fields["destination"] for fields in family.absences if not fields["returned_on"]}
    surname = names.surname_of(child.name)
    for relation in GENERATION:
        if fields := relative_fields(rng, child, relation, situation, surname):
            family.relatives[relation] = fields | {"work_place": places.get(relation, "")}
    first_left = min(fields["left_on"] for fields in family.absences)
    for parent in {FATHER, MOTHER} - {*situation.away, situation.dead, situation.unknown}:
        family.relatives[parent]["at_home_on"] = first_left
    family.guardianship = guardianship_fields(rng, child, family, first_left)
    return family


def relative_fields(rng: random.Random, child: Child, relation: str, situation: Situation, surname: str) -> dict:
    """Return the fields of one relative; {} where the form was left empty."""
    is_parent = relation in (FATHER, MOTHER)
    if relation == situation.unknown:
        return {"state": Relative.State.UNKNOWN}
    if relation == situation.dead:
        return {"state": Relative.State.DECEASED}
    if not is_parent and relation != situation.guardian:
        match rng.randrange(8):
            case 0 | 1:
                return {"state": Relative.State.DECEASED}
            case 2:
                return {"state": Relative.State.UNKNOWN}
            case 3:
                return {}
    sex, older = GENERATION[relation]
    birth = days.before(child.birth_date, round((older + rng.uniform(-3, 6)) * 365.25))
    own = surname if relation in (FATHER, Relation.PATERNAL_GRANDFATHER) else ""
    fields = {"name": names.random_name(rng, sex, own), "birth_date": birth}
    if is_parent:
        able = relation != situation.unable
        fields |= {"phone": names.random_phone(rng), "id_number": names.adult_id_number(rng, birth, sex), "able": able}
    return fields


def absence_fields(rng: random.Random, parent: str, situation: Situation, today: dt.date) -> dict:
    """Return the fields of a parent's absence of two months to four years, mostly beyond the county."""
    near = rng.random() < 0.15
    returned = days.before(today, rng.randrange(20, 50)) if parent == situation.back else None
    recent = not returned and rng.random() < 0.1
    left = days.before(today, rng.randrange(60, 120) if recent else rng.randrange(250, 1500))
    return {
        "parent": parent,
        "left_on": left,
        "known_on": left,
        "destination": ONE_COUNTY_AWAY if near else rng.choice(DESTINATIONS),
        "cross_county": not near,
        "reason": situation.reason,
        "returned_on": returned,
    }


def guardianship_fields(rng: random.Random, child: Child, family: Family, since: dt.date) -> dict:
    situation = family.situation
    fields = {"starts_on": since, "entrusted": situation.entrusted, "assessment": situation.assessment}
    if not situation.guardian:
        return fields | {"alone": True, "found_on": since + dt.timedelta(days=10)}
    relative = family.relatives.get(situation.guardian) or {}
    birth = relative.get("birth_date") or days.before(child.birth_date, 30 * 365)
    sex = GENERATION.get(situation.guardian, (Sex.FEMALE, 0))[0]
    return fields | {
        "name": relative.get("name") or names.random_name(rng, sex),
        "relation": situation.guardian,
        "phone": relative.get("phone") or names.random_phone(rng),
        "id_number": relative.get("id_number") or names.adult_id_number(rng, birth, sex),
        "address": child.residence,
    }


def save_family(family: Family, child: Child) -> None:
    for relation, fields in family.relatives.items():
        Relative.objects.create(child=child, relation=relation, **fields)
    for fields in family.absences:
        Absence.objects.create(child=child, **fields)
    row = Guardianship.objects.create(child=child, **family.guardianship)
    if row.entrusted:
        Entrustment.objects.create(guardianship=row, **agreement_fields(row))


def agreement_fields(row: Guardianship) -> dict:
    """Return the fields of the agreement: most are in force, some are drafts, some have expired."""
    begins, stage = row.starts_on, row.child.birth_date.day % 5
    notified = begins + dt.timedelta(days=3)
    fields = dict.fromkeys(Ground.values, False) | {
        "reasons": "与孩子一起生活多年，身体健康，孩子依恋",
        "by_phone": stage == 3,
        "term_from": begins,
    }
    too_young = age(row.child.birth_date, begins) < 6
    fields["opinion"] = "too_young" if too_young else "agrees"
    fields["opinion_words"] = "" if too_young else "我愿意"
    if stage == 0:
        return fields
    fields |= {"signed_on": begins, "handed_over_on": begins, "school_told_on": notified, "village_told_on": notified}
    return fields | ({"term_to": begins + dt.timedelta(days=60)} if stage == 1 else {})
