"""A recount in plain Python over the rows of the tables, which shares no code with the product.

The rules that it counts by, from the law, the census form and the manual:

* A file belongs to a term when it was opened on or before the term's last day and not closed before its first. A file
  that was merged into another is reported with that one. A file is open on a day before that of closing.
* A past term's report tells of place, school, health and livelihood as they were on its last day: by the old value of
  the first change since, which the audit trail keeps.
* The facts of a report are of its day: today, or the last day of the term once that has passed.
* An absence, guardianship or pairing is in force from its first day to the day before its last. An absence without a
  first day counts from the day on which it was recorded. Of several, the latest counts.
* A contact counts in the term of its day, an activity in that of its first day, and neither before it has come.
* The value of an item is dealt out piece by piece in whole fen; what does not divide goes to the first pieces.
* An age is in full years; who was born on 29 February is a year older on the 28th where there is no 29th.
* A period of months ends on the day of the same number, or on the last of the month where there is no such day.
* What nobody recorded is not known (None), and never no.
"""

import datetime as dt
import json
from calendar import monthrange

Row = dict
AWAY, HOME, UNKNOWN = True, False, None
FATHER, MOTHER, ONE_OF_THEM = "51", "52", "50"
GRANDPARENTS = {"60", "61", "62", "63", "64"}
# What a report tells as of its term, by the audit trail's name for each column.
DATED = {name: name for name in ("schooling", "boards", "condition", "hukou_registered", "income", "relief")}
DATED |= {name: f"{name}_id" for name in ("village", "school", "school_class")}
SCHOOLINGS = ("kindergarten", "no_kindergarten", "primary", "junior", "senior", "vocational", "dropped_out")
SCHOOLINGS += ("not_in_school",)
OTHER_KIN = {"57", "58", "59", "80"} | {str(code) for code in range(65, 80)} | {str(code) for code in range(81, 100)}


def read(cursor, table: str) -> list[Row]:
    """Return the rows of a table by their columns, with dates and truths as such on either database."""
    cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
    names = [column[0] for column in cursor.description]
    return [{name: plain(name, value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]


def plain(name: str, value):
    if value is None:
        return None
    if name.endswith("_on") or name in {"birth_date", "valid_from", "valid_to"}:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])
    truths = {"boards", "entrusted", "able", "cross_county", "for_work", "rural_hukou", "pupils_only"}
    return bool(value) if name in truths or name.startswith("hukou_r") else value


class Tables:
    """All rows, and those of each child by its key."""

    NAMES = {
        "children": "registry_child",
        "events": "audit_event",
        "relatives": "registry_relative",
        "absences": "registry_absence",
        "guardianships": "registry_guardianship",
        "definitions": "registry_definition",
        "divisions": "registry_division",
        "schools": "registry_school",
        "classes": "registry_schoolclass",
        "surveys": "registry_survey",
        "visits": "visits_visit",
        "pairings": "pairing_pairing",
        "carers": "pairing_carer",
        "activities": "activities_activity",
        "attendances": "activities_attendance",
        "goods": "activities_goods",
        "handouts": "activities_handout",
    }

    def __init__(self, cursor):
        self.rows = {name: read(cursor, table) for name, table in self.NAMES.items()}
        self.of_child: dict[tuple, list[Row]] = {}
        for name, rows in self.rows.items():
            for row in rows:
                if "child_id" in row:
                    self.of_child.setdefault((name, row["child_id"]), []).append(row)

    def as_of(self, child: Row, day: dt.date) -> Row:
        """Return the child's row as it was at the end of `day`, undoing the changes since, the last one first."""
        row = dict(child)
        mine = [event for event in self.rows["events"] if event["subject"] == child["code"]]
        for event in reversed([event for event in mine if event["model"] == "registry.child"]):
            if event["action"] == "change" and day_in_china(event["at"]) > day:
                changes = parsed(event["changes"])
                row |= {column: changes[name][0] for name, column in DATED.items() if name in changes}
        return row

    def of(self, name: str, child: Row) -> list[Row]:
        return self.of_child.get((name, child["id"]), [])

    def by_key(self, name: str, key="id") -> dict:
        return {row[key]: row for row in self.rows[name]}


def parsed(changes) -> dict:
    return json.loads(changes) if isinstance(changes, str) else changes


# Days


def day_in_china(moment) -> dt.date:
    moment = moment if isinstance(moment, dt.datetime) else dt.datetime.fromisoformat(moment)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return moment.astimezone(dt.timezone(dt.timedelta(hours=8))).date()


def full_years(birth: dt.date, on: dt.date) -> int:
    years = on.year - birth.year
    return years if anniversary(birth, years) <= on else years - 1


def anniversary(birth: dt.date, years: int) -> dt.date:
    year = birth.year + years
    return dt.date(year, birth.month, min(birth.day, monthrange(year, birth.month)[1]))


def lasts(first: dt.date, on: dt.date, months: int, days: int) -> bool:
    """Return whether something that began on `first` has lasted so long on `on`."""
    if days:
        return (on - first).days >= days
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, min(first.day, monthrange(year, month + 1)[1])) <= on


def within(code: str, division: str) -> bool:
    """Return whether a place lies in a division: the code's filled groups are a prefix of it."""
    return any(code[:n] == division[:n] and set(division[n:]) <= {"0"} for n in (2, 4, 6, 9, 12))


def in_force(row: Row, on: dt.date, first: str, last: str) -> bool:
    return row[first] <= on and (row[last] is None or row[last] > on)


def is_open(child: Row, on: dt.date) -> bool:
    return (
        child["opened_on"] <= on
        and child["closing"] != "duplicate"
        and (child["closed_on"] is None or child["closed_on"] > on)
    )


def known_since(absence: Row) -> dt.date:
    return absence["left_on"] or absence["known_on"]


# Three answers


def all_of(*answers):
    return False if False in answers else None if None in answers else True


def any_of(*answers):
    return True if True in answers else None if None in answers else False


# The term report


def term_children(tables: Tables, division: str, first: dt.date, last: dt.date, today: dt.date) -> list[Row]:
    rows = tables.rows["children"]
    return [
        child
        for child in (rows if today <= last else [tables.as_of(row, last) for row in rows])
        if within(child["village_id"], division) and child["opened_on"] <= last and child["closing"] != "duplicate"
        if child["closed_on"] is None or child["closed_on"] >= first
    ]


def report_row(tables: Tables, child: Row, first: dt.date, last: dt.date, today: dt.date) -> dict:
    """Return the facts of a child's row, by names of our own."""
    on = min(last, today)
    divisions = tables.by_key("divisions", "code")
    schools, classes = tables.by_key("schools"), tables.by_key("classes")
    facts = {name: child[name] for name in ("code", "name", "sex", "birth_date", "ethnicity", "schooling", "boards")}
    facts |= {name: child[name] for name in ("condition", "hukou_registered", "income", "relief", "closed_on")}
    facts |= {
        "age": full_years(child["birth_date"], on),
        "village": divisions[child["village_id"]]["name"],
        "township": divisions[child["village_id"][:9] + "000"]["name"],
        "school": schools[child["school_id"]]["name"] if child["school_id"] else "",
        "class": class_in(classes[child["school_class_id"]], schools, last) if child["school_class_id"] else "",
    }
    return facts | family_facts(tables, child, on) | care_facts(tables, child, first, on)


def class_in(group: Row, schools: dict, last: dt.date) -> tuple:
    """Return the grade in which a class is on the last day of a term, None once it has left, with its number."""
    school = schools[group["school_id"]]
    school_year = last.year if last.month >= 9 else last.year - 1
    grade = school["first_grade"] + school_year - group["entry_year"]
    left = not school["first_grade"] <= grade <= school["last_grade"]
    return (None if left else grade, group["entry_year"], group["number"])


def family_facts(tables: Tables, child: Row, on: dt.date) -> dict:
    facts = {}
    for name, parent in (("father", FATHER), ("mother", MOTHER)):
        rows = [row for row in tables.of("absences", child) if row["parent"] == parent]
        current = [row for row in rows if known_since(row) <= on and not ended(row["returned_on"], on)]
        latest = max(current, key=lambda row: (known_since(row), row["id"]), default=None)
        facts[f"{name}_away"] = whereabouts(tables, child, on)[parent]
        facts[f"{name}_since"] = latest["left_on"] if latest else None
        facts[f"{name}_place"] = latest["destination"] if latest else ""
    guard = guardian(tables, child, on) or {"relation": "", "entrusted": None, "assessment": ""}
    return facts | {name: guard[name] for name in ("relation", "entrusted", "assessment")}


def ended(day: dt.date | None, on: dt.date) -> bool:
    return day is not None and day <= on


def guardian(tables: Tables, child: Row, on: dt.date) -> Row | None:
    rows = [row for row in tables.of("guardianships", child) if in_force(row, on, "starts_on", "ends_on")]
    return max(rows, key=lambda row: (row["starts_on"], row["id"]), default=None)


def care_facts(tables: Tables, child: Row, first: dt.date, on: dt.date) -> dict:
    visits = [row for row in tables.of("visits", child) if row["made_on"] <= on]
    carers, activities = tables.by_key("carers"), tables.by_key("activities")
    pairings = [row for row in tables.of("pairings", child) if in_force(row, on, "started_on", "ended_on")]
    held = {key for key, row in activities.items() if first <= row["held_on"] <= on}
    goods = {row["id"]: row for row in tables.rows["goods"] if row["activity_id"] in held}
    received = [row for row in tables.of("handouts", child) if row["goods_id"] in goods]
    return {
        "contacts": [row["kind"] for row in visits if row["made_on"] >= first],
        "last_contact": max((row["made_on"] for row in visits), default=None),
        "carer": carers[pairings[0]["carer_id"]]["name"] if pairings else "",
        "attended": sum(row["activity_id"] in held for row in tables.of("attendances", child)),
        "pieces": sum(row["quantity"] for row in received),
        "fen": sum(share(tables, row, goods[row["goods_id"]]) for row in received),
    }


def share(tables: Tables, handout: Row, goods: Row) -> int:
    """Deal the fen of the goods to all pieces, one after the other, and add up those of the handout."""
    fen, pieces = round(float(goods["value"]) * 100), goods["quantity"]
    dealt = [fen // pieces + (number < fen % pieces) for number in range(pieces)]
    before = sum(
        row["quantity"]
        for row in tables.rows["handouts"]
        if row["goods_id"] == goods["id"] and row["id"] < handout["id"]
    )
    return sum(dealt[before : before + handout["quantity"]])


# Who counts as left-behind


ANY_REASON = {"for_work": False, "cross_county": False, "months": 0, "days": 0}


def parent_away(tables: Tables, child: Row, parent: str, definition: Row, on: dt.date):
    """Return whether a parent is away on the day, as the definition asks; a name alone does not say where one is."""
    file = next((row for row in tables.of("relatives", child) if row["relation"] == parent), None)
    if file and file["state"] == "deceased":
        return HOME
    own = [row for row in tables.of("absences", child) if row["parent"] == parent]
    answers = [absence_counts(row, definition, on) for row in own if not ended(row["returned_on"], on)]
    seen = file and file.get("at_home_on") and file["at_home_on"] <= on
    if any_of(*answers) is not HOME:
        return any_of(*answers)
    return HOME if own or seen or parent == ONE_OF_THEM else UNKNOWN


def absence_counts(row: Row, definition: Row, on: dt.date):
    if definition["for_work"] and row["reason"] not in {"work", "business"}:
        return False
    long_enough = lasts_enough(row["left_on"], definition, on)
    if row["left_on"] is None:  # it lasts at least since it was recorded
        long_enough = True if lasts_enough(row["known_on"], definition, on) else None
    return all_of(long_enough, row["cross_county"] if definition["cross_county"] else True)


def lasts_enough(day: dt.date | None, definition: Row, on: dt.date):
    return day is not None and day <= on and lasts(day, on, definition["months"], definition["days"])


def parents_absent(tables: Tables, child: Row, definition: Row, on: dt.date) -> tuple:
    """Return whether the father, the mother, and at least one of them is away; one not named is the other's partner."""
    father, mother, one = (
        parent_away(tables, child, parent, definition, on) for parent in (FATHER, MOTHER, ONE_OF_THEM)
    )
    named = {
        "father": AWAY if father is UNKNOWN and one and mother is HOME else father,
        "mother": AWAY if mother is UNKNOWN and one and father is HOME else mother,
    }
    return named["father"], named["mother"], any_of(one, father, mother)


def whereabouts(tables: Tables, child: Row, on: dt.date) -> dict:
    father, mother, _one = parents_absent(tables, child, ANY_REASON, on)
    return {FATHER: father, MOTHER: mother}


def unable(tables: Tables, child: Row, parent: str):
    file = next((row for row in tables.of("relatives", child) if row["relation"] == parent), None)
    if file is None:
        return UNKNOWN
    if file["state"] == "deceased" or file["able"] is False:
        return True
    return False if file["able"] else UNKNOWN


def counts_as_left_behind(tables: Tables, child: Row, definition: Row, on: dt.date):
    """Return whether the child counts by a definition on a day: yes, no, or not known."""
    answers = []
    if definition["division_id"]:
        answers.append(within(child["village_id"], definition["division_id"]))
    if definition["below_age"] is not None:
        born = child["birth_date"] <= on
        answers.append(born and full_years(child["birth_date"], on) < definition["below_age"])
    if definition["rural_hukou"]:
        answers.append(child["hukou_rural"])
    if definition["pupils_only"]:
        answers.append(child["schooling"] in {"primary", "junior"} if child["schooling"] else UNKNOWN)
    return all_of(*answers, parents_answer(tables, child, definition, on))


def parents_answer(tables: Tables, child: Row, definition: Row, on: dt.date):
    father, mother, one = parents_absent(tables, child, definition, on)
    if definition["parents"] == "both":
        return all_of(father, mother)
    if definition["parents"] == "any":
        return one
    fathers, mothers = (unable(tables, child, parent) for parent in (FATHER, MOTHER))
    return any_of(
        all_of(father, mother), all_of(father, mothers), all_of(mother, fathers), all_of(one, fathers, mothers)
    )


# The statistics table


def statistics_cells(tables: Tables, child: Row, on: dt.date) -> set[int]:
    """Return the numbers of the columns that count a left-behind child, besides the first."""
    age, sex = full_years(child["birth_date"], on), int(child["sex"])
    band = 2 if age < 6 else 5 if age < 14 else 8 if age < 16 else None
    cells = {band, band + sex} if band else set()
    cells |= {11 + number for number, name in enumerate(SCHOOLINGS) if child["schooling"] == name}
    cells |= {number for number, value in ((19, True), (20, False)) if child["hukou_registered"] is value}
    cells |= {21 + n for n, name in enumerate(("healthy", "disabled", "ill")) if child["condition"] == name}
    if child["schooling"] in {"primary", "junior"}:
        cells |= {number for number, value in ((24, True), (25, False)) if child["boards"] is value}
    guard = guardian(tables, child, on)
    grade = guard["assessment"] if guard else ""
    cells |= {30 + number for number, name in enumerate(("good", "fair", "poor")) if grade == name}
    return cells | {guarded_by(tables, child, guard, on)} - {0}


def guarded_by(tables: Tables, child: Row, guard: Row | None, on: dt.date) -> int:
    away = {parent for parent in (FATHER, MOTHER) if any(
        row["parent"] == parent and known_since(row) <= on and not ended(row["returned_on"], on)
        for row in tables.of("absences", child)
    )}  # fmt: skip
    if len(away) == 1:
        (home,) = {FATHER, MOTHER} - away
        file = next((row for row in tables.of("relatives", child) if row["relation"] == home), None)
        if file and file["able"] is False and file["state"] != "deceased":
            return 29
    if guard is None:
        return 0
    if guard["relation"] in GRANDPARENTS:
        return 26
    if guard["relation"] in OTHER_KIN:
        return 27
    return 28 if not guard["relation"] and not guard["name"] and guard["entrusted"] is False else 0


# Home, work and rounds


def waiting(tables: Tables, division: str, first: dt.date, last: dt.date, today: dt.date) -> dict[str, int]:
    """Return the numbers of a place on its home page, by the filter of the list behind each."""
    children = [row for row in tables.rows["children"] if within(row["village_id"], division)]
    files = [row for row in children if row["closed_on"] is None]

    def visited(child):
        return any(first <= row["made_on"] <= last for row in tables.of("visits", child))

    pupils = {"primary", "junior"}
    return {
        "open": len(files),
        "unplaced": sum(row["school_class_id"] is None and row["schooling"] in pupils for row in files),
        "unvisited": sum(not visited(row) for row in files),
        "unpaired": sum(all(each["ended_on"] for each in tables.of("pairings", row)) for row in files),
    }


def round_counts(tables: Tables, division: str, range_of: str, term: int, on: dt.date) -> dict[str, tuple[int, int]]:
    """Return by village how many children of the place the round counts, and how many of them were surveyed."""
    found: dict[str, list[int]] = {}
    for child in tables.rows["children"]:
        if within(child["village_id"], division) and within(child["village_id"], range_of) and is_open(child, on):
            counts = found.setdefault(child["village_id"], [0, 0])
            counts[0] += 1
            counts[1] += any(row["term_id"] == term for row in tables.of("surveys", child))
    return {village: tuple(counts) for village, counts in found.items()}
