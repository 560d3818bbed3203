"""One walk over every page of the site as one role: whose objects stand in the addresses, and what each page answers.

The table is `access.txt`. Whoever adds a page adds its lines there; `walk(*scene(role))` opens them all.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from carebase.accounts.roles import Role
from pairing.models import Carer, Pairing
from registry.models import Child, ImportBatch, Merge
from tests import factories as f

FILE = Path(__file__).parent / "access.txt"
HEADER, *ROWS = [line.split() for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
ROLES = HEADER[4:]
STATUSES = {(page, way, whose): dict(zip(ROLES, cells, strict=True)) for page, way, _of, whose, *cells in ROWS}
ADMIN_PREFIX = "admin:"
ADMIN = {row: cells for row, cells in STATUSES.items() if row[0].startswith(ADMIN_PREFIX)}
EXPECTED = {row: cells for row, cells in STATUSES.items() if row not in ADMIN}
PAGES = sorted({page for page, _way, _whose in EXPECTED})
# Which objects stand in the address of a page, and which one in its query.
OBJECTS = {page: of.split("?")[0].split("+") for page, _way, of, *_rest in ROWS if of[0] not in "-?"}
ASKED = {page: of.split("?")[1] for page, _way, of, *_rest in ROWS if "?" in of}
FOREIGN = "赵小兰"  # whatever is another office's has the name of its child in it


def address(page: str, at: dict) -> str:
    """Return the address of a page for the objects `at`."""
    return reverse(page, args=[at[kind].code for kind in OBJECTS.get(page, ())])


def patterns(resolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (route, name) of each page outside the admin site."""
    for entry in resolver.url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield where, entry.name
        elif where != "admin/":
            yield from patterns(entry, where)


def gaps() -> list[str]:
    """Return what the table lacks or has too much, each in a sentence."""
    named = {name for where, name in patterns(get_resolver()) if where != "admin/login/"}
    found = [f"the page {page} has no line" for page in named - set(PAGES)]
    found += [f"there is no page {page}" for page in set(PAGES) - named]
    found += [f"the role {role} has no column" for role in {*Role, "anonymous"} - set(ROLES)]
    found += [f"there is no role {role}" for role in set(ROLES) - {*Role, "anonymous"}]
    for page in PAGES:
        whose = ("own", "other") if page in OBJECTS | ASKED else ("-",)
        lines = {(page, way, who) for way in ("GET", "POST") for who in whose} - set(EXPECTED)
        found += [f"the page {page} has no line {way} {who}" for _page, way, who in lines]
    if len(STATUSES) < len(ROWS):
        found.append("a line stands twice")
    return sorted(found)


def objects(user, child: Child, office, village) -> dict[str, object]:
    """Return one of each kind that belongs to `child` and is kept by `office`, written by `user`."""
    name = child.name
    carer = f.carer(f"{name}的老师", at=office, user=user if user.role == Role.CARER else None)
    sent = {"term": f.term(), "file_name": f"{name}.xlsx", "file_hash": "x", "reported_on": f.today()}
    ImportBatch.objects.create(by=user, status="preview", **sent)
    survey = f.survey(child, user, study=f"{name}爱看书")
    f.absence(child)
    f.with_photo(child), f.entrustment(child)
    twin = f.child(name, living_in=child.village, school_class=child.school_class)
    compared = f.comparison_row(child, of=office, by=user)
    return {
        "comparison": compared.comparison,
        "comparison_row": compared,
        "child": child,
        "twin": twin,
        "merge": Merge.objects.create(kept=child, gone=twin, by=user),
        "visit": logged_by(user, child),
        "carer": carer,
        "pairing": Pairing.objects.create(child=child, carer=carer, seat=1, started_on=f.today()),
        "activity": f.activity(f"{name}的生日", at=office),
        "donation": f.donation(at=office, donor=f"{name}的邻居"),
        "batch": ImportBatch.objects.create(by=user, **sent),
        "referral": f.referral(child, user if user.role_definition.counsels else None),
        "transfer": f.transfer(child, to=f.division(f"{child.village_id[:9]}299", "新桥村"), by=user),
        "round": f.census_round(f.division(village.code[:9] + "000", ""), user),
        "survey": survey,
        "need": f.need(survey, what=f"{name}的冬衣"),
        "job": f.job(user),
        "sent": f.uploaded_sheet(user),
        "division": village,
        **papers_of(child.school_class),
    }


def logged_by(user, child: Child):
    """Return a contact with the child, as one of the user's role logs it."""
    if user.role_definition.counsels:
        return f.counselling(child, user, f"{child.name}睡不着")
    return f.visit(child, user, observed=f"{child.name}家房屋整洁")


def papers_of(school_class) -> dict[str, SimpleNamespace]:
    """Return a class as the addresses of papers name it, and a paper and a file about it."""
    named = {"class": school_class.key, "paper": "files", "paper_file": "situation.xlsx"}
    return {kind: SimpleNamespace(code=code) for kind, code in named.items()}


def scene(role: str, user=None):
    """Return the user (None before sign-in) and the objects that are theirs and another office's.

    Give the `user` of a role that a test has made up: `dict(walk(*scene("nurse", user)))`.
    """
    user = user or f.one_of(role if role != "anonymous" else Role.HEAD)
    at_division = user.postings.filter(division__isnull=False).exists()
    own_office, other_office = (f.village(), f.far_village()) if at_division else (f.school(), f.other_school())
    own = objects(user, f.child(school_class=f.school_class()), own_office, f.village())
    stranger = f.posted_user(Role.HEAD, f.other_school(), name=f"{FOREIGN}的校长")
    far = f.child(FOREIGN, living_in=f.far_village(), school_class=f.school_class(f.other_school()))
    other = objects(stranger, far, other_office, f.far_village())
    return (None if role == "anonymous" else user), {"own": own, "other": other, "-": own}


def ask(client: Client, page: str, way: str, at: dict):
    """Return the response of a page; what it needs to know beyond its address is sent along."""
    data = {"field": "id_number"} if page == "child-unmask" else {}
    if page in ASKED:
        data = {ASKED[page]: at[ASKED[page]].code, "term": "2026-autumn"}
    return getattr(client, way.lower())(address(page, at), data)


def status(page: str, response) -> str:
    """Return what the page answered; a redirect to the sign-in page is "login"."""
    location = response.headers.get("Location", "")
    return "login" if location.startswith("/login/") and page != "logout" else str(response.status_code)


def walk(user, kept: dict, rows=EXPECTED) -> Iterator[tuple[tuple[str, str, str], object]]:
    """Open each page of the table; yield its line and the response. The user is signed in once, and once signed out."""
    client, signed_in = Client(), user is None
    for page, way, whose in rows:
        if not signed_in:
            client.force_login(user)
        yield (page, way, whose), ask(client, page, way, kept[whose])
        signed_in = user is None or page != "logout"


def versions(kept: dict) -> dict[str, int]:
    """Return the version of each record as the database has it."""
    records = {kind: thing for kind, thing in kept.items() if hasattr(thing, "version")}
    return {kind: type(thing).objects.get(pk=thing.pk).version for kind, thing in records.items()}


def counts() -> tuple[int, int]:
    return Carer.objects.count(), Pairing.objects.count()


def codes(kept: dict) -> re.Pattern:
    """Return what finds a code or a name of the objects `kept` on a page."""
    known = [thing.code for thing in kept.values() if hasattr(thing, "pk") and thing.code != kept["division"].code]
    return re.compile("|".join([FOREIGN, *known]))
