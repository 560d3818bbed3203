"""One walk over every page of the site as one role: whose objects stand in the addresses, and what each page answers.

The table is `access.txt`. Whoever adds a page adds its lines there; `walk(*scene(role))` opens them all.
"""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from carebase.accounts.roles import Reach, Role
from carebase.audit.services import seal_trail
from pairing.models import Carer, Pairing
from registry.models import Child, ImportBatch, Merge, Referral, Transfer
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
# Children who are seen no more, not yet, or only accompanied. Of a child that moved, the old office keeps the transfer.
BORDERLINE = {"moved": "钱小梅", "later": FOREIGN, "ended": FOREIGN, "paired": "周小燕"}


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
    seal_trail()
    own = objects(user, f.child(school_class=f.school_class()), own_office, f.village())
    stranger = f.posted_user(Role.HEAD, f.other_school(), name=f"{FOREIGN}的校长")
    far = f.child(FOREIGN, living_in=f.far_village(), school_class=f.school_class(f.other_school()))
    other = objects(stranger, far, other_office, f.far_village())
    kept = {"own": own, "other": other, "-": own} | borderline(user)
    return (None if role == "anonymous" else user), kept


def borderline(user) -> dict[str, dict]:
    """Return children of another office whom the user saw until now, will see, or only accompanies."""
    yesterday, tomorrow = (f.today() + dt.timedelta(days=days) for days in (-1, 1))
    numbered = enumerate(BORDERLINE.items(), 1)
    files = {whose: {"child": elsewhere(name, number)} for number, (whose, name) in numbered}
    for kept in files.values():
        kept["visit"] = f.visit(kept["child"], f.user(Role.VILLAGE))
    move(files["moved"]["child"])
    link(user, files["later"]["child"], tomorrow)
    link(user, files["ended"]["child"], yesterday, yesterday)
    pair(user, files["paired"]["child"], yesterday)
    return files


def elsewhere(name: str, number: int) -> Child:
    """Return a pupil of a place and a class of its own, so that a posting there shows nobody else."""
    township = f.division(f"99010120{number}000", f"第{number}乡")
    school = f.school(f"214200010{number}", f"第{number}小学", township)
    village = f.division(f"99010120{number}201", f"第{number}村")
    return f.child(name, living_in=village, school_class=f.school_class(school))


def move(child: Child) -> None:
    """Record the transfers of a child from the own village and school to where it is now."""
    answer = {"state": "accepted", "answered_by": f.user(Role.VILLAGE), "answered_at": timezone.now()}
    places = {"village": f.village(), "school": f.school()}
    for kind, origin in places.items():
        ends = {f"from_{kind}": origin, f"to_{kind}": getattr(child, kind)}
        Transfer.objects.create(child=child, reason="搬家", offered_by=f.user(Role.VILLAGE), **ends, **answer)


def link(user, child: Child, first: dt.date, end: dt.date | None = None) -> None:
    """Give the user what would show them the child in the period: a posting, a pairing, a referral, by their role."""
    reach = user.role_definition.reach
    places = {Reach.CLASSES: child.school_class, Reach.SCHOOL: child.school, Reach.PLACES: child.village}
    for kind, place in places.items():
        if kind in reach:
            f.post(user, place, starts_on=first, ends_on=end)
    if Reach.REFERRED in reach:
        Referral.objects.create(child=child, counsellor=user, referred_on=first, ended_on=end)
    pair(user, child, first, end)


def pair(user, child: Child, first: dt.date, end: dt.date | None = None) -> None:
    carer = Carer.objects.filter(user=user).first() or f.carer(f"{user.name}帮扶", at=f.other_school(), user=user)
    days = {"started_on": first} | ({"ended_on": end, "ending": "other"} if end else {})
    Pairing.objects.create(child=child, carer=carer, seat=carer.pairings.count() + 1, **days)


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
