"""Who sees which children: the one rule, role by role, and what belongs to a child follows it."""

import pytest

from carebase.accounts.models import User
from carebase.accounts.roles import ROLES, Role
from pairing.models import Carer, Pairing
from registry.models import Child, Division, Referral, Relative, School, SchoolClass
from tests import factories as f
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def children() -> dict[str, Child]:
    """Five children: two classes of one school, the other village, the other township, and one of no school."""
    own = f.school_class()
    return {
        "own": f.child("王小明", school_class=own),
        "next class": f.child("陈小红", school_class=f.school_class(number=2)),
        "next village": f.child("李小刚", living_in=f.other_village(), school_class=own),
        "far": f.child("赵小兰", living_in=f.far_village(), school_class=f.school_class(f.other_school())),
        "no school": f.child("孙小宝"),
    }


def sees(user, children) -> set[str]:
    seen = set(Child.objects.visible_to(user))
    return {name for name, child in children.items() if child in seen}


def someone(role: str) -> User:
    """Return an account of a role, posted where that role is posted at the place of the child "own"."""
    match role:
        case Role.TEACHER:
            return f.teacher_of(f.school_class())
        case Role.HEAD:
            return f.head_of(f.school())
        case Role.VILLAGE:
            return f.admin_of(f.village())
        case "township":
            return f.coordinator_of(f.township())
        case "county":
            return f.coordinator_of(f.county())
    return f.posted_user(role, f.county())


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.TEACHER, {"own", "next village"}),
        (Role.HEAD, {"own", "next class", "next village"}),
        (Role.VILLAGE, {"own", "next class", "no school"}),
        ("township", {"own", "next class", "next village", "no school"}),
        ("county", {"own", "next class", "next village", "far", "no school"}),
        (Role.CARER, set()),
        (Role.COUNSELLOR, set()),
        (Role.AUDITOR, set()),
        (Role.ADMIN, set()),
    ],
)
def test_each_role_sees_its_own_children_and_no_others(children, role, seen):
    assert sees(someone(role), children) == seen


@pytest.mark.parametrize("role", list(Role))
def test_without_a_posting_nobody_sees_anybody(children, role):
    assert sees(f.user(role), children) == set()


@pytest.mark.parametrize("role", [Role.TEACHER, Role.HEAD, Role.CARER])
def test_who_accompanies_a_child_sees_it_while_it_lasts(children, role):
    user = f.posted_user(role, f.other_village())
    carer = f.carer(user=user)
    f.carer("陈老师")
    pairing = Pairing.objects.create(child=children["far"], carer=carer, seat=1)
    assert sees(user, children) == {"far"}
    pairing.ended_on, pairing.ending = f.today(), "other"
    pairing.save()
    assert sees(user, children) == set()


def test_a_pairing_gives_no_sight_to_who_is_to_see_no_child(children):
    for role in (Role.AUDITOR, Role.ADMIN):
        user = f.posted_user(role, f.village())
        Pairing.objects.create(child=children["own" if role == Role.ADMIN else "far"], carer=f.carer(user=user), seat=1)
        assert sees(user, children) == set()


def test_a_counsellor_sees_who_was_referred_to_them_until_it_ends(children):
    mine, other = f.one_of(Role.COUNSELLOR), f.one_of(Role.COUNSELLOR)
    referral = Referral.objects.create(child=children["own"], counsellor=mine, reason="失眠")
    assert (sees(mine, children), sees(other, children)) == ({"own"}, set())
    referral.ended_on = f.today()
    referral.save()
    assert sees(mine, children) == set()


def test_a_posting_to_a_school_does_not_make_a_teacher_see_the_school(children):
    assert sees(f.posted_user(Role.TEACHER, f.school()), children) == set()


def test_what_belongs_to_a_child_follows_the_child(children):
    teacher = f.teacher_of(f.school_class())
    for child in children.values():
        Relative.objects.create(child=child, relation="51", name="王大山")
        f.visit(child, teacher)
    assert {row.child for row in Relative.objects.visible_to(teacher)} == {children["own"], children["next village"]}
    assert {row.child for row in Visit.objects.visible_to(teacher)} == {children["own"], children["next village"]}


def test_a_closed_file_is_seen_but_not_among_the_open(children):
    child = children["own"]
    child.closed_on, child.closing = f.today(), "moved"
    child.save()
    teacher = f.teacher_of(f.school_class())
    assert sees(teacher, children) == {"own", "next village"}
    assert list(Child.objects.visible_to(teacher).open()) == [children["next village"]]


def names(queryset) -> set[str]:
    return {str(row) for row in queryset}


def test_a_village_chooses_among_the_places_of_its_township(children):
    divisions = Division.objects.visible_to(f.admin_of(f.village()))
    assert names(divisions) == {"百里洲镇", "合心村", "关志村"}
    assert names(Division.objects.governed_by(f.admin_of(f.village()))) == {"合心村"}


def test_school_staff_choose_among_the_villages_around_their_school(children):
    for user in (f.teacher_of(f.school_class()), f.head_of(f.school())):
        assert names(Division.objects.visible_to(user)) == {"百里洲镇", "合心村", "关志村"}
        assert names(School.objects.visible_to(user)) == {"百里洲镇中心小学"}
        assert not Division.objects.governed_by(user).exists()


def test_a_teacher_chooses_only_the_own_class(children):
    assert list(SchoolClass.objects.visible_to(f.teacher_of(f.school_class()))) == [f.school_class()]
    assert SchoolClass.objects.visible_to(f.head_of(f.school())).count() == 2


@pytest.mark.parametrize("role", [Role.CARER, Role.COUNSELLOR])
def test_carers_and_counsellors_without_a_posting_choose_no_place(children, role):
    user = f.user(role)
    for model in (Division, School, SchoolClass, Carer):
        assert not model.objects.visible_to(user).exists()


def test_accounts_are_seen_by_who_coordinates_them():
    coordinator, near, far = f.coordinator_of(f.township()), f.admin_of(f.village()), f.admin_of(f.far_village())
    seen = set(User.objects.visible_to(coordinator))
    assert seen == {coordinator, near} and far not in seen
    assert set(User.objects.visible_to(near)) == {near}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("王", {"own"}),
        ("wxm", {"own"}),
        ("wangxiao", {"own"}),
        ("关志村", {"next village"}),
        ("王 红", set()),
        ("%", set()),
    ],
)
def test_a_search_stays_within_what_one_sees(children, words, found):
    user = someone("township")
    hits = set(Child.objects.visible_to(user).search(words))
    assert {name for name, child in children.items() if child in hits} == found
    assert children["far"] not in Child.objects.visible_to(user).search("")


def test_every_role_has_its_row_of_permissions_and_nobody_may_delete_a_child():
    assert set(ROLES) == set(Role)
    assert not [name for name, role in ROLES.items() if "registry.delete_child" in role.permissions]


def test_who_reads_the_trail_writes_nothing():
    assert {name.split(".")[1].split("_")[0] for name in ROLES[Role.AUDITOR].permissions} == {"view"}


def test_a_deactivated_account_may_do_nothing():
    user = f.user(Role.HEAD, is_active=False)
    assert not user.has_perm("registry.view_child")
    assert not user.has_module_perms("registry") and not f.user(Role.VILLAGE, is_active=False).is_staff
