"""A child's file: written values of the family are read back, and nothing else changes."""

import datetime as dt

import pytest

from registry import census
from registry.cell_readers import DECEASED, UNKNOWN
from registry.child_file import ChildFile
from registry.models import Absence, Guardianship, Relative
from registry.papers.subjects import DatedChildFile
from tests import factories as f

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
LEFT = dt.date(2025, 3, 1)


@pytest.fixture
def child():
    f.child("陈小红")
    return f.child()


def write(child, on=TODAY, **changes):
    """Write the file back as it is, with `changes`, as a form does."""
    values = ChildFile(child).values() | changes
    ChildFile(child).write(values, on=on)
    return ChildFile(child).values()


@pytest.mark.parametrize("name", ["王大山", DECEASED, UNKNOWN, ""])
@pytest.mark.parametrize("person", census.PERSONS)
def test_a_relative_is_living_deceased_unknown_or_not_filled(child, person, name):
    assert write(child, **{f"{person}_name": name})[f"{person}_name"] == name
    assert child.relatives.count() == (1 if name else 0)


@pytest.mark.parametrize("before", [DECEASED, UNKNOWN, "王大山"])
@pytest.mark.parametrize("after", [DECEASED, UNKNOWN, "王二山", ""])
def test_each_state_can_become_each_other(child, before, after):
    write(child, father_name=before)
    assert write(child, father_name=after)["father_name"] == after


def test_a_relative_of_whom_only_a_phone_is_known_is_unknown_by_name(child):
    values = write(child, mother_phone="13800000000")
    assert (values["mother_name"], values["mother_phone"]) == (UNKNOWN, "13800000000")


def test_the_dead_whose_name_is_recorded_stay_dead_when_the_file_is_saved(child):
    Relative.objects.create(child=child, relation="51", state="deceased", name="王大山")
    write(child, mother_name="李芳")
    assert child.relatives.get(relation="51").state == "deceased"


def test_writing_what_is_there_writes_nothing(child):
    write(
        child, father_name="王大山", father_away=True, father_left_on=LEFT, guardian_name="李奶奶", guardian_since=LEFT
    )
    rows = [list(model.objects.values_list("pk", flat=True)) for model in (Relative, Absence, Guardianship)]
    from carebase.audit.models import Event

    before = Event.objects.count()
    write(child, on=TODAY + dt.timedelta(days=9))
    assert Event.objects.count() == before
    assert [list(model.objects.values_list("pk", flat=True)) for model in (Relative, Absence, Guardianship)] == rows


def test_other_relatives_and_the_other_childs_are_not_touched(child):
    aunt = Relative.objects.create(child=child, relation="90", name="王姑姑")
    other = Relative.objects.create(child=f.child("李小刚"), relation="51", name="李大山")
    write(child, father_name="王大山")
    write(child, father_name="")
    assert set(Relative.objects.all()) == {aunt, other}


def test_a_parent_who_comes_back_ends_the_absence_and_keeps_it(child):
    write(child, father_name="王大山", father_away=True, father_left_on=LEFT, father_work_place="深圳")
    assert write(child, father_away=False)["father_away"] is False
    absence = Absence.objects.get()
    assert (absence.left_on, absence.destination, absence.returned_on) == (LEFT, "深圳", TODAY)


def test_a_parent_who_leaves_again_begins_another_absence(child):
    write(child, father_away=True, father_left_on=LEFT)
    write(child, father_away=False)
    write(child, father_away=True, father_left_on=TODAY)
    assert [row.returned_on for row in Absence.objects.order_by("pk")] == [TODAY, None]


def test_an_answer_left_open_changes_no_absence(child):
    write(child, father_away=True, father_left_on=LEFT)
    write(child, father_away=None)
    assert Absence.objects.get().returned_on is None


def test_a_destination_that_differs_from_the_place_of_work_is_kept(child):
    Absence.objects.create(child=child, parent="51", left_on=LEFT, destination="东莞")
    write(child, mother_name="李芳")
    assert Absence.objects.get().destination == "东莞"
    write(child, father_name="王大山", father_work_place="深圳")
    assert Absence.objects.get().destination == "深圳"


@pytest.mark.parametrize(
    ("father", "mother", "able", "both", "one", "who"),
    [
        (True, True, None, True, False, ""),
        (True, False, False, False, True, "mother"),
        (True, None, False, False, True, "mother"),
        (True, False, True, False, False, ""),
        (True, False, None, False, None, ""),
        (True, None, None, None, None, ""),
        (False, False, False, False, False, ""),
        (False, None, None, False, None, ""),
        (None, None, None, None, None, ""),
    ],
)
def test_fields_32_to_34_follow_from_who_is_away_and_who_is_able(child, father, mother, able, both, one, who):
    values = write(child, father_away=father, mother_away=mother, mother_name="李芳", mother_able=able)
    assert (values["both_away"], values["one_away"], values["unable_parent"]) == (both, one, who)


def test_a_parent_who_is_said_not_to_be_away_is_at_home_from_that_day(child):
    write(child, father_away=False)
    (father,) = Relative.objects.all()
    assert (father.relation, father.at_home_on, father.state) == ("51", TODAY, "unknown")
    assert (ChildFile(child).values()["father_away"], ChildFile(child).values()["mother_away"]) == (False, None)
    assert DatedChildFile(child, TODAY - dt.timedelta(days=1)).away("father") is None
    write(child, father_name="王大明")
    assert Relative.objects.get().at_home_on == TODAY, "an unchanged “no” keeps its day"
    write(child, father_away=None)
    assert ChildFile(child).values()["father_away"] is None, "the “no” was taken back"


def test_one_parent_away_is_kept_until_a_parent_is_named_or_both_are_at_home(child):
    ChildFile(child).write({"one_parent_away": LEFT}, on=TODAY)
    assert (ChildFile(child).values()["father_away"], ChildFile(child).values()["both_away"]) == (None, None)
    write(child, mother_away=True, mother_left_on=LEFT)
    assert [(row.parent, row.known_on) for row in Absence.objects.all()] == [("52", LEFT)]
    Absence.objects.get().delete()
    ChildFile(child).write({"one_parent_away": LEFT}, on=TODAY)
    write(child, father_away=False, mother_away=False)
    assert [(row.parent, row.returned_on) for row in Absence.objects.all()] == [("50", TODAY)]


def test_a_later_day_begins_a_new_guardianship_and_keeps_the_old(child):
    write(child, guardian_name="李奶奶", guardian_since=LEFT)
    write(child, guardian_name="周伯伯", guardian_since=TODAY)
    old, new = Guardianship.objects.order_by("starts_on")
    assert (old.name, old.ends_on, new.name, new.ends_on) == ("李奶奶", TODAY, "周伯伯", None)


def test_the_same_day_corrects_the_guardianship(child):
    write(child, guardian_name="李奶奶", guardian_since=LEFT)
    write(child, guardian_name="李婆婆")
    assert [(row.name, row.starts_on) for row in Guardianship.objects.all()] == [("李婆婆", LEFT)]


def test_an_empty_day_begins_no_new_guardianship(child):
    write(child, guardian_name="李奶奶", guardian_since=LEFT)
    write(child, guardian_since=None, assessment="good")
    assert [(row.assessment, row.starts_on) for row in Guardianship.objects.all()] == [("good", LEFT)]


def test_an_empty_guardian_ends_the_guardianship(child):
    write(child, guardian_name="李奶奶", guardian_since=LEFT)
    emptied = dict.fromkeys(census.GUARDIAN_COLUMNS)
    assert write(child, **emptied)["guardian_name"] is None
    assert Guardianship.objects.get().ends_on == TODAY
