"""The access matrix: page × role → status, for one's own objects and another office's, reading and writing.

A page of the URLconf (the admin has its own matrix) or a role that is missing from the table fails the tests.
"""

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from carebase.accounts.roles import Role
from pairing.models import Carer, Pairing
from registry.models import Child, ImportBatch, Referral
from tests import factories as f

pytestmark = pytest.mark.django_db
# 302: sent on; 403: not part of one's role; 404: somebody else's; 405: no such act; 409: an edit without a version.
TABLE = """
page                way  whose teacher head carer village coordinator counsellor auditor admin anonymous
home                GET  -     200     200  200   200     200         200        200     200   login
home                POST -     200     200  200   200     200         200        200     200   login
report-list         GET  -     403     200  403   403     200         403        200     403   login
report-list         POST -     403     405  403   403     405         403        405     403   login
term-report         GET  own   403     403  403   403     200         403        403     403   login
term-report         GET  other 403     403  403   403     404         403        403     403   login
term-report         POST own   403     403  403   403     405         403        403     403   login
term-report         POST other 403     403  403   403     405         403        403     403   login
event-list          GET  -     403     403  403   403     403         403        200     403   login
event-list          POST -     403     403  403   403     403         403        405     403   login
healthz             GET  -     200     200  200   200     200         200        200     200   200
healthz             POST -     200     200  200   200     200         200        200     200   200
login               GET  -     302     302  302   302     302         302        302     302   200
login               POST -     302     302  302   302     302         302        302     302   200
logout              GET  -     405     405  405   405     405         405        405     405   302
logout              POST -     302     302  302   302     302         302        302     302   302
password-change     GET  -     200     200  200   200     200         200        200     200   login
password-change     POST -     200     200  200   200     200         200        200     200   login
set_language        GET  -     302     302  302   302     302         302        302     302   302
set_language        POST -     302     302  302   302     302         302        302     302   302
census-work         GET  -     200     200  403   200     200         403        403     403   login
census-work         POST -     405     405  403   405     405         403        403     403   login
child-list          GET  -     200     200  200   200     200         200        403     403   login
child-list          POST -     405     405  405   405     405         405        403     403   login
child-create        GET  -     200     200  403   200     200         403        403     403   login
child-create        POST -     200     200  403   200     200         403        403     403   login
child-enrol         GET  -     403     200  403   403     200         403        403     403   login
child-enrol         POST -     403     200  403   403     200         403        403     403   login
import-upload       GET  -     403     200  403   200     200         403        403     403   login
import-upload       POST -     403     200  403   200     200         403        403     403   login
import-preview      GET  own   403     200  403   200     200         403        403     403   login
import-preview      GET  other 403     404  403   404     404         403        403     403   login
import-preview      POST own   403     400  403   400     400         403        403     403   login
import-preview      POST other 403     404  403   404     404         403        403     403   login
import-columns      GET  own   403     200  403   200     200         403        403     403   login
import-columns      GET  other 403     404  403   404     404         403        403     403   login
import-columns      POST own   403     200  403   200     200         403        403     403   login
import-columns      POST other 403     404  403   404     404         403        403     403   login
import-refused      GET  own   403     302  403   302     302         403        403     403   login
import-refused      GET  other 403     404  403   404     404         403        403     403   login
import-refused      POST own   403     405  403   405     405         403        403     403   login
import-refused      POST other 403     405  403   405     405         403        403     403   login
import-undo         GET  own   403     200  403   200     200         403        403     403   login
import-undo         GET  other 403     404  403   404     404         403        403     403   login
import-undo         POST own   403     302  403   302     302         403        403     403   login
import-undo         POST other 403     404  403   404     404         403        403     403   login
import-list         GET  -     403     200  403   200     200         403        403     403   login
import-list         POST -     403     405  403   405     405         403        403     403   login
child-detail        GET  own   200     200  200   200     200         200        403     403   login
child-detail        GET  other 404     404  404   404     404         404        403     403   login
child-detail        POST own   405     405  405   405     405         405        403     403   login
child-detail        POST other 405     405  405   405     405         405        403     403   login
child-update        GET  own   200     200  403   200     200         403        403     403   login
child-update        GET  other 404     404  403   404     404         403        403     403   login
child-update        POST own   409     409  403   409     409         403        403     403   login
child-update        POST other 404     404  403   404     404         403        403     403   login
child-unmask        GET  own   404     404  404   404     404         404        403     403   login
child-unmask        GET  other 404     404  404   404     404         404        403     403   login
child-unmask        POST own   200     200  403   200     200         403        403     403   login
child-unmask        POST other 404     404  403   404     404         403        403     403   login
visit-list          GET  -     200     200  200   200     200         200        403     403   login
visit-list          POST -     405     405  405   405     405         405        403     403   login
visit-create        GET  own   200     200  200   200     200         200        403     403   login
visit-create        GET  other 404     404  404   404     404         404        403     403   login
visit-create        POST own   200     200  200   200     200         200        403     403   login
visit-create        POST other 404     404  404   404     404         404        403     403   login
visit-overdue       GET  -     200     200  200   200     200         200        403     403   login
visit-overdue       POST -     405     405  405   405     405         405        403     403   login
visit-detail        GET  own   200     200  200   200     200         200        403     403   login
visit-detail        GET  other 404     404  404   404     404         404        403     403   login
visit-detail        POST own   405     405  405   405     405         405        403     403   login
visit-detail        POST other 405     405  405   405     405         405        403     403   login
visit-update        GET  own   200     200  200   200     403         200        403     403   login
visit-update        GET  other 404     404  404   404     403         404        403     403   login
visit-update        POST own   409     409  409   409     403         409        403     403   login
visit-update        POST other 404     404  404   404     403         404        403     403   login
pairing-list        GET  -     200     200  200   200     200         403        403     403   login
pairing-list        POST -     405     405  405   405     405         403        403     403   login
pairing-create      GET  own   403     200  403   200     200         403        403     403   login
pairing-create      GET  other 403     404  403   404     404         403        403     403   login
pairing-create      POST own   403     200  403   200     200         403        403     403   login
pairing-create      POST other 403     404  403   404     404         403        403     403   login
carer-list          GET  -     403     200  403   200     200         403        403     403   login
carer-list          POST -     403     405  403   405     405         403        403     403   login
carer-create        GET  -     403     200  403   200     200         403        403     403   login
carer-create        POST -     403     200  403   200     200         403        403     403   login
carer-detail        GET  own   403     200  403   200     200         403        403     403   login
carer-detail        GET  other 403     404  403   404     404         403        403     403   login
carer-detail        POST own   403     405  403   405     405         403        403     403   login
carer-detail        POST other 403     405  403   405     405         403        403     403   login
carer-update        GET  own   403     200  403   200     200         403        403     403   login
carer-update        GET  other 403     404  403   404     404         403        403     403   login
carer-update        POST own   403     409  403   409     409         403        403     403   login
carer-update        POST other 403     404  403   404     404         403        403     403   login
pairing-detail      GET  own   200     200  200   200     200         403        403     403   login
pairing-detail      GET  other 404     404  404   404     404         403        403     403   login
pairing-detail      POST own   405     405  405   405     405         403        403     403   login
pairing-detail      POST other 405     405  405   405     405         403        403     403   login
pairing-end         GET  own   403     200  403   200     200         403        403     403   login
pairing-end         GET  other 403     404  403   404     404         403        403     403   login
pairing-end         POST own   403     409  403   409     409         403        403     403   login
pairing-end         POST other 403     404  403   404     404         403        403     403   login
activity-list       GET  -     200     200  403   200     200         403        403     403   login
activity-list       POST -     405     405  403   405     405         403        403     403   login
activity-create     GET  -     200     200  403   200     200         403        403     403   login
activity-create     POST -     200     200  403   200     200         403        403     403   login
donation-list       GET  -     403     200  403   200     200         403        403     403   login
donation-list       POST -     403     405  403   405     405         403        403     403   login
donation-create     GET  -     403     200  403   200     200         403        403     403   login
donation-create     POST -     403     200  403   200     200         403        403     403   login
donation-detail     GET  own   403     200  403   200     200         403        403     403   login
donation-detail     GET  other 403     404  403   404     404         403        403     403   login
donation-detail     POST own   403     405  403   405     405         403        403     403   login
donation-detail     POST other 403     405  403   405     405         403        403     403   login
donation-update     GET  own   403     200  403   200     200         403        403     403   login
donation-update     GET  other 403     404  403   404     404         403        403     403   login
donation-update     POST own   403     409  403   409     409         403        403     403   login
donation-update     POST other 403     404  403   404     404         403        403     403   login
activity-detail     GET  own   200     200  403   200     200         403        403     403   login
activity-detail     GET  other 404     404  403   404     404         403        403     403   login
activity-detail     POST own   405     405  403   405     405         403        403     403   login
activity-detail     POST other 405     405  403   405     405         403        403     403   login
activity-update     GET  own   200     200  403   200     200         403        403     403   login
activity-update     GET  other 404     404  403   404     404         403        403     403   login
activity-update     POST own   409     409  403   409     409         403        403     403   login
activity-update     POST other 404     404  403   404     404         403        403     403   login
activity-attendance GET  own   200     200  403   200     200         403        403     403   login
activity-attendance GET  other 404     404  403   404     404         403        403     403   login
activity-attendance POST own   302     302  403   302     302         403        403     403   login
activity-attendance POST other 404     404  403   404     404         403        403     403   login
activity-goods      GET  own   200     200  403   200     200         403        403     403   login
activity-goods      GET  other 404     404  403   404     404         403        403     403   login
activity-goods      POST own   302     302  403   302     302         403        403     403   login
activity-goods      POST other 404     404  403   404     404         403        403     403   login
"""
HEADER, *ROWS = [line.split() for line in TABLE.splitlines() if line]
ROLES = HEADER[3:]
EXPECTED = {tuple(row[:3]): dict(zip(ROLES, row[3:], strict=True)) for row in ROWS}
PAGES = sorted({page for page, _method, _whose in EXPECTED})

# Which object stands in the address of a page, by the beginning of its name; these have rows "own" and "other".
OBJECTS = {
    "child-detail": "child",
    "child-update": "child",
    "child-unmask": "child",
    "import-preview": "batch",
    "import-columns": "sent",
    "import-refused": "batch",
    "import-undo": "batch",
    "visit-detail": "visit",
    "visit-update": "visit",
    "pairing-detail": "pairing",
    "pairing-end": "pairing",
    "carer-detail": "carer",
    "carer-update": "carer",
    "activity-detail": "activity",
    "activity-update": "activity",
    "activity-attendance": "activity",
    "activity-goods": "activity",
    "donation-detail": "donation",
    "donation-update": "donation",
}
# Pages that are told by a parameter whose they are.
ASKED = {"visit-create": "child", "pairing-create": "child", "term-report": "division"}


def patterns(resolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield where, entry.name
        elif where != "admin/":
            yield from patterns(entry, where)


def test_every_page_of_the_site_stands_in_the_table():
    named = {name for where, name in patterns(get_resolver()) if where != "admin/login/"}
    assert named == set(PAGES)


def test_every_role_has_its_column_and_the_stranger_too():
    assert set(ROLES) == {*Role.values, "anonymous"}


def test_every_page_has_its_rows():
    for page in PAGES:
        whose = ("own", "other") if page in OBJECTS | ASKED else ("-",)
        missing = {(page, method, who) for method in ("GET", "POST") for who in whose} - set(EXPECTED)
        assert not missing
    assert len(EXPECTED) == len(ROWS), "a row stands twice"


def someone(role: str):
    """Return an account of the role, posted where the "own" objects are."""
    match role:
        case Role.TEACHER:
            return f.teacher_of(f.school_class())
        case Role.HEAD:
            return f.head_of(f.school())
        case Role.VILLAGE:
            return f.admin_of(f.village())
        case Role.COORDINATOR:
            return f.coordinator_of(f.township())
        case Role.AUDITOR | Role.ADMIN:
            return f.posted(role, f.township())
    return f.user(role)  # a carer and a counsellor see by pairing and referral


def objects(user, child: Child, office, village) -> dict[str, object]:
    """Return one of each kind that belongs to `child` and is kept by `office`, written by `user`."""
    carer = f.carer(at=office, user=user if user.role == Role.CARER else None)
    Referral.objects.create(child=child, counsellor=user if user.role == Role.COUNSELLOR else f.user("counsellor"))
    sent = {"file_name": "x", "file_hash": "x", "reported_on": f.today(), "status": "preview"}
    batch = ImportBatch.objects.create(by=user, term=f.term(), **sent)
    return {
        "child": child,
        "visit": f.visit(child, user),
        "carer": carer,
        "pairing": Pairing.objects.create(child=child, carer=carer, seat=1, started_on=f.today()),
        "activity": f.activity(at=office),
        "donation": f.donation(at=office),
        "batch": batch,
        "sent": f.sent_sheet(user),
        "division": village,
    }


def scene(role: str):
    """Return the user (None before sign-in) and the objects that are theirs and another office's."""
    user = someone(role if role != "anonymous" else Role.HEAD)
    office = f.village() if role in {Role.VILLAGE, Role.COORDINATOR} else f.school()
    own = objects(user, f.child(school_class=f.school_class()), office, f.village())
    far = f.child("赵小兰", living_in=f.far_village(), school_class=f.school_class(f.other_school()))
    at = f.far_village() if role in {Role.VILLAGE, Role.COORDINATOR} else f.other_school()
    other = objects(f.posted(Role.HEAD, f.other_school()), far, at, f.far_village())
    return (None if role == "anonymous" else user), {"own": own, "other": other, "-": own}


def status(client: Client, user, page: str, method: str, at: dict) -> str:
    """Return what the page answers; a redirect to the sign-in page is "login"."""
    if user:
        client.force_login(user)
    data = {"field": "id_number"} if page == "child-unmask" else {}
    if page in ASKED:
        kind = ASKED[page]
        data = {kind: at[kind].code, "term": "2026-autumn"}
    url = reverse(page, args=[at[OBJECTS[page]].code] if page in OBJECTS else [])
    response = getattr(client, method.lower())(url, data)
    location = response.headers.get("Location", "")
    return "login" if location.startswith("/login/") and page != "logout" else str(response.status_code)


@pytest.mark.parametrize("role", ROLES)
def test_each_page_answers_a_role_as_the_table_says(role):
    user, kept = scene(role)
    client = Client()
    found = {row: status(client, user, row[0], row[1], kept[row[2]]) for row in EXPECTED}
    wrong = {row: (answer, EXPECTED[row][role]) for row, answer in found.items() if answer != EXPECTED[row][role]}
    assert not wrong, "page: (answer, table)"


def test_nothing_of_another_office_was_changed_by_any_post():
    """What is refused is also not done: the far child's records are as they were."""
    user, kept = scene(Role.COORDINATOR)
    other = {kind: thing for kind, thing in kept["other"].items() if kind not in {"division", "batch"}}
    client = Client()
    for page, method, whose in EXPECTED:
        if method == "POST" and whose == "other":
            status(client, user, page, method, kept[whose])
    for thing in other.values():
        before = thing.version
        thing.refresh_from_db()
        assert thing.version == before
    assert Carer.objects.count() == 2 and Pairing.objects.count() == 2
