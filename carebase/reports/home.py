"""The home page: what each role does next. A number is counted by the same words as the list that it links to."""

from django.db.models import F, OuterRef, Q, Subquery
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.accounts.roles import Role
from carebase.reports.numbers import MOST, Office, capped
from carebase.views import table
from registry.models import Child, ImportBatch, Posting, Term
from registry.querysets import scope_of, within
from visits.models import Visit

ROWS = 10  # of a list on the home page


def task(title: str, text: str, url: str, label: str, count: str = "", kind: str = "") -> dict:
    return {"title": title, "text": text, "url": url, "label": label, "count": count, "kind": kind}


def children_task(office: Office, show: str, title: str, text: str) -> list[dict]:
    """Return the task of a list of children; none when it was looked through wholly and holds nobody."""
    number = office.number(show)
    if not number and office.whole:
        return []
    url = f"{reverse('child-list')}?show={show}"
    return [task(title, text, url, _("Show these children"), number, "warn" if number else "")]


def unvisited(office: Office) -> list[dict]:
    return children_task(
        office,
        "unvisited",
        _("Children without contact this term"),
        _("Nobody has written down a visit, a talk or a call with them since the term began."),
    )


def unpaired(office: Office) -> list[dict]:
    return children_task(
        office, "unpaired", _("Children without a carer"), _("Each child should have somebody who accompanies it.")
    )


def unplaced(office: Office) -> list[dict]:
    return children_task(
        office, "unplaced", _("Pupils without a class"), _("A teacher sees a child only when its class is known.")
    )


def see_children() -> dict:
    text = _("Open a file, or find a child by name or by the initials of its pinyin.")
    return task(_("Children"), text, reverse("child-list"), _("Show the children"))


def bring_a_sheet() -> dict:
    text = _("Bring the registration form or a list of children. You see every row before anything is saved.")
    return task(_("Import a sheet"), text, reverse("import-upload"), _("Import a sheet"))


def desk(title: str, text: str) -> dict:
    return task(title, text, reverse("admin:index"), _("Open the office desk"))


def promised(user) -> dict:
    """Return the follow-ups whose promised day has passed; from the children to their visits, which are few."""
    children = Child.objects.visible_to(user).open()
    due = Visit.objects.filter(child__in=children.values("pk")).promised()
    due = due.select_related("child").order_by("next_on", "pk")[:ROWS]
    columns = ((_("Child"), "child.name"), (_("Promised for"), "next_on"), (_("Last contact"), "made_on"))
    return table(_("Follow-ups that are due"), columns, due, empty_text=_("No promised follow-up is due."))


def accompanied(children, title: str, empty_text: str) -> dict:
    """Return a table of `children`, those first whom nobody has met for the longest time."""
    last = Visit.objects.filter(child=OuterRef("pk")).order_by("-made_on").values("made_on")[:1]
    shown = children.open().select_related("village").annotate(last_contact=Subquery(last))
    shown = shown.order_by(F("last_contact").asc(nulls_first=True), "pinyin", "pk")[:ROWS]
    columns = ((_("Name"), "name"), (_("Village"), "village"), (_("Last contact"), last_contact))
    return table(title, columns, shown, empty_text=empty_text)


def last_contact(child) -> str:
    return child.last_contact.isoformat() if child.last_contact else _("none yet")


def own_children(user) -> dict:
    mine = Child.objects.filter(pairings__carer__user=user, pairings__ended_on=None)
    return accompanied(mine, _("The children you accompany"), _("No child has been paired with you yet."))


def files_figure(office: Office) -> dict:
    return {"label": _("children on file"), "value": office.total, "url": reverse("child-list")}


def for_teacher(user, office) -> dict:
    return {"tasks": [*unvisited(office), see_children()], "lists": [own_children(user), promised(user)]}


def for_head(user, office) -> dict:
    tasks = [*unpaired(office), *unvisited(office), bring_a_sheet()]
    return {"tasks": tasks, "figures": [files_figure(office)]}


def for_carer(user, office) -> dict:
    return {"tasks": [*unvisited(office), see_children()], "lists": [own_children(user), promised(user)]}


def for_village(user, office) -> dict:
    work = desk(_("The committee's desk"), _("Files, guardianship, activities and donations are kept there."))
    tasks = [*unvisited(office), *unpaired(office), see_children(), work]
    return {"tasks": tasks, "figures": [files_figure(office)]}


def for_coordinator(user, office) -> dict:
    report = task(
        _("Term report"),
        _("One row for each child, with visits, talks, carer and goods, as a file for Excel or WPS."),
        reverse("report-list"),
        _("Download the report"),
    )
    tasks = [
        *waiting_imports(user),
        *unplaced(office),
        *unpaired(office),
        *unvisited(office),
        *waiting_postings(user),
        bring_a_sheet(),
        report,
    ]
    return {"tasks": tasks, "figures": [files_figure(office)]}


def waiting_imports(user) -> list[dict]:
    waiting = list(ImportBatch.objects.visible_to(user).filter(status=ImportBatch.Status.PREVIEW)[: MOST + 1])
    if not waiting:
        return []
    count = str(len(waiting)) if len(waiting) <= MOST else f"{MOST}+"
    text = _("The rows have been read and wait for your word; nothing has been saved yet.")
    title = _("Imports waiting for confirmation")
    return [task(title, text, waiting[0].get_absolute_url(), _("Look at the newest"), count, "warn")]


def waiting_postings(user) -> list[dict]:
    """Return the task of postings that no second person has approved, among those that the user sees."""
    today = timezone.localdate()
    running = Q(ends_on=None) | Q(ends_on__gte=today)
    count = capped(Posting.objects.visible_to(user).filter(running, approved_by=None))
    if count == "0":
        return []
    text = _("A posting gives no rights until a second person has approved it.")
    url = reverse("admin:registry_posting_changelist")
    return [task(_("Postings waiting for approval"), text, url, _("Show the postings"), count, "warn")]


def for_counsellor(user, office) -> dict:
    referred = accompanied(
        Child.objects.visible_to(user), _("Children referred to you"), _("No child has been referred to you yet.")
    )
    return {"tasks": [*unvisited(office), see_children()], "lists": [referred, promised(user)]}


def for_auditor(user, office) -> dict:
    """Figures and the trail; the figures lead nowhere, since an auditor opens no child's file."""
    below = Office(Child.objects.filter(within(scope_of(user).spans, "village")))
    trail = task(
        _("Audit trail"),
        _("Who looked at, changed or took away what, in the places you audit."),
        reverse("event-list"),
        _("Open the audit trail"),
    )
    figures = [
        {"label": _("children on file"), "value": below.total},
        {"label": _("without contact this term"), "value": figure(below, "unvisited")},
        {"label": _("without a carer"), "value": figure(below, "unpaired")},
    ]
    return {"tasks": [trail], "figures": figures}


def figure(office: Office, show: str) -> str:
    return office.number(show) or ("0" if office.whole else _("none among the first"))


def for_admin(user, office) -> dict:
    tasks = [*missing_terms(), *waiting_postings(user)]
    return {"tasks": [*tasks, desk(_("Office desk"), _("Accounts, places, schools, terms and postings."))]}


def missing_terms() -> list[dict]:
    if Term.objects.on(timezone.localdate()).exists():
        return []
    text = _("Today lies in no term. Until there is one, nobody can see which children were not visited in it.")
    title, url = _("The present term is missing"), reverse("admin:registry_term_add")
    return [task(title, text, url, _("Add the term"), kind="warn")]


PAGES = {
    Role.TEACHER: for_teacher,
    Role.HEAD: for_head,
    Role.CARER: for_carer,
    Role.VILLAGE: for_village,
    Role.COORDINATOR: for_coordinator,
    Role.COUNSELLOR: for_counsellor,
    Role.AUDITOR: for_auditor,
    Role.ADMIN: for_admin,
}


def not_posted(user) -> str:
    """Return why somebody sees nothing yet; an administrator and a carer need no posting for what they see."""
    if user.role in {Role.ADMIN, Role.CARER} or user.reach:
        return ""
    return _("No posting of yours is in force, so you see nothing yet. A second person approves it; please ask them.")


def home(request):
    """Show what the signed-in person does next."""
    user = request.user
    page = PAGES[user.role](user, Office(Child.objects.visible_to(user)))
    greeting = _("Welcome, %(name)s") % {"name": user.name}
    context = {"title": _("Home"), "greeting": greeting, "notice": not_posted(user), **page}
    return render(request, "home.html", context)
