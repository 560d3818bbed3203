"""The list of papers, their print pages, and their files. Each paper that is printed or downloaded is recorded.

GET takes a paper masked. POST takes it in full, once its purpose is given, and the password if due.
"""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from carebase.accounts.confirmation import use_today
from carebase.accounts.models import Notice
from carebase.accounts.purposes import display_purpose
from carebase.accounts.views import ask_before_full_access
from carebase.audit.models import Action, Event, record_event
from carebase.display import display
from carebase.views import ScopedView, render_page
from registry.models import Child
from registry.papers import official_form
from registry.papers.catalogue import FORMATS, NAMELESS, document
from registry.papers.forms import UNMASK, PaperForm, check_place_access, default_data
from registry.papers.layout import Paper, PaperRefused
from registry.papers.pdf import FontMissing, font_path, pdf_bytes
from registry.papers.subjects import PRINT, PaperRequest, PaperSubject, full_place_name, prefetch_family
from registry.papers.xlsx import xlsx_bytes

CONTENT_TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def footer_text(event: Event, purpose: str, personal: bool = True) -> str:
    """Return the footer of each sheet: who printed it, when, for what, what it contains, and how to treat it."""
    facts = {"name": event.user.name, "user": event.user.username, "time": display(event.at)}
    parts = [
        _("Printed by %(name)s (%(user)s) on %(time)s") % facts,
        _("purpose: %(purpose)s") % {"purpose": display_purpose(purpose)},
        _("export no. %(number)s") % {"number": event.pk},
    ]
    if personal:
        full = event.detail["full"]
        parts.append(
            _("contains personal information, in full") if full else _("contains personal information, masked")
        )
        parts.append(_("keep it locked away and destroy it after use"))
    return " · ".join(parts)


def font_problem() -> str:
    try:
        font_path()
    except FontMissing as error:
        return str(error)
    return ""


def paper_response(request, paper: Paper, format: str, name: str, links: dict) -> HttpResponse:
    """Return a paper as a file in one of FORMATS, or else as a page to print."""
    if format in FORMATS:
        content = {"pdf": pdf_bytes, "xlsx": xlsx_bytes}[format](paper)
        response = HttpResponse(content, content_type=CONTENT_TYPES[format])
        response["Content-Disposition"] = content_disposition_header(True, f"{name}.{format}")
    else:
        context = {"title": paper.title, "paper": paper, "no_pdf": font_problem(), **links}
        response = render(request, "registry/paper_print.html", context)
    response["Cache-Control"] = "no-store"
    return response


def refusal_response(request, title: str, reasons: list, back: str, status: int = 409) -> HttpResponse:
    context = {"title": title, "reasons": reasons, "back": back}
    return render(request, "registry/paper_refused.html", context, status=status)


class PaperListView(ScopedView):
    permission = PRINT

    def get(self, request):
        submitted = bool({"class", "village", "date", "definition"} & set(request.GET))
        form = PaperForm(request.GET if submitted else default_data(self.user), user=self.user)
        return render_paper_list(request, form, submitted)


def render_paper_list(request, form: PaperForm, submitted: bool = True) -> HttpResponse:
    """Render the list of papers; `submitted` says that the user filled in the form, so that errors count."""
    context, status = {"papers": [], "no_pdf": font_problem()}, 200
    if form.is_valid():
        paper_request = form.build_request()
        context |= {
            "paper_request": paper_request,
            "count": paper_request.children().count(),
            "papers": paper_entries(paper_request),
            "hidden": query(paper_request),
        }
    elif submitted:
        check_place_access(form.data, form.user)
        status = 400
    context |= {"title": _("Documents"), "form": form.listed()}
    return render_page(request, "registry/paper_list.html", context, status=status)


def query(paper_request: PaperRequest) -> dict[str, str]:
    """Return what names the request in an address or a form."""
    kind = "class" if hasattr(paper_request.place, "key") else "village"
    definition = {"definition": paper_request.definition.code} if paper_request.definition else {}
    return {kind: paper_request.key, "date": paper_request.on.isoformat(), **definition}


def paper_entries(paper_request: PaperRequest) -> list[dict]:
    return [{"title": entry.label, "text": entry.text, **paper_urls(entry.name, paper_request)} for entry in document]


def paper_urls(name: str, paper_request: PaperRequest) -> dict[str, str]:
    """Return the addresses of a paper: with the request for those that take it masked, without for "full"."""
    print_url, rest = reverse("paper-print", args=[name]), f"?{urlencode(query(paper_request))}"
    files = {f"{kind}_url": f"{reverse('paper-file', args=[f'{name}.{kind}'])}{rest}" for kind in FORMATS}
    may_full = name not in NAMELESS and paper_request.by.has_perm(UNMASK)
    urls = {"print_url": print_url + rest, "back_url": f"{reverse('paper-list')}{rest}", **files}
    return urls | {"full_url": print_url if may_full else ""}


class FullPaperMixin:
    """Takes a paper in full by POST: `take(kind, purpose)` returns it, `kinds` are the addresses of its formats."""

    def ask_and_take(self, kind: str, *, title: str, subject: str, kinds: dict, hidden: dict, object_url: str):
        if not self.user.has_perm(UNMASK):
            raise PermissionDenied
        labels = {"print": _("Print"), "pdf": "PDF", "xlsx": _("Workbook")}
        offered = [name for name in kinds if name != "pdf" or not font_problem()]
        offered.sort(key=lambda name: name != kind)  # first what was asked for
        return ask_before_full_access(
            self.request,
            lambda purpose: self.take(kind, purpose),
            title=_("Documents in full"),
            subject=f"{title} · {subject}",
            hidden=hidden,
            buttons=[{"label": labels[name], "url": kinds[name]} for name in offered],
            object_url=object_url,
        )


class PaperPrintView(FullPaperMixin, ScopedView):
    permission = PRINT

    def get(self, request, paper: str = "", file: str = ""):
        return self.respond(request.GET, paper, file) or self.take(self.kind)

    def post(self, request, paper: str = "", file: str = ""):
        return self.respond(request.POST, paper, file) or self.ask_and_take(
            self.kind,
            title=self.entry.label,
            subject=self.paper_request.unit,
            kinds=full_urls(self.entry.name),
            hidden=query(self.paper_request),
            object_url=self.urls["back_url"],
        )

    def respond(self, data, paper: str, file: str) -> HttpResponse | None:
        """Read the request; return a response when there is no such paper to take."""
        name, _dot, self.kind = file.rpartition(".") if file else (paper, "", "print")
        self.entry = document.find(name)
        if self.entry is None or (self.request.method == "POST" and name in NAMELESS):
            raise Http404
        form = PaperForm(data, user=self.user)
        if not form.is_valid():
            return render_paper_list(self.request, form)
        self.paper_request = form.build_request()
        self.urls = paper_urls(name, self.paper_request)
        if self.kind == "pdf" and (reason := font_problem()):
            return refusal_response(self.request, self.entry.label, [{"text": reason}], self.urls["back_url"], 503)
        return None

    def take(self, kind: str, purpose: str = "") -> HttpResponse:
        paper_request, name = self.paper_request, self.entry.name
        paper_request.full = bool(purpose)
        try:
            paper = self.build_paper(kind, purpose)
        except PaperRefused as error:
            return refusal_response(self.request, self.entry.label, error.reasons, self.urls["back_url"])
        links = self.urls | {"hidden": query(paper_request)}
        if purpose:
            links |= full_links(full_urls(name), self.request.POST)
        file_name = f"{self.entry.label}-{paper_request.key}-{paper_request.on}"
        return paper_response(self.request, paper, kind, file_name, links)

    def build_paper(self, kind: str, purpose: str) -> Paper:
        """Build the paper and record in the same transaction who took what about whom."""
        paper_request, name = self.paper_request, self.entry.name
        with transaction.atomic():
            paper = self.entry.call(paper_request)
            detail = {"paper": name, "place": paper_request.key, "on": paper_request.on}
            detail |= {"children": len(paper.codes) or paper.count, "codes": paper.codes}
            event = record_paper(self.user, paper_request.place, kind, purpose, detail)
            paper.foot = footer_text(event, purpose or paper.title, personal=name not in NAMELESS)
        return paper


def record_paper(user, about, kind: str, purpose: str, detail: dict) -> Event:
    """Record that a paper is taken, in full if it has a purpose; raise ValidationError beyond the number of a day."""
    if purpose:
        use_today(user, Notice.Kind.PAPERS)
        detail |= {"purpose": purpose}
    return record_event(Action.EXPORT, about, detail=detail | {"format": kind, "full": bool(purpose)})


def full_urls(name: str) -> dict[str, str]:
    """Return the addresses that take a paper in full, by format."""
    files = {kind: reverse("paper-file", args=[f"{name}.{kind}"]) for kind in FORMATS}
    return {"print": reverse("paper-print", args=[name]), **files}


def full_links(urls: dict[str, str], posted) -> dict:
    """Return the links of a page in full: its files are posted for, with the purpose that was given."""
    given = {name: posted.get(name, "") for name in ("purpose", "other")}
    return {"full": True, "pdf_url": urls["pdf"], "xlsx_url": urls["xlsx"], "given": given}


class ChildFormPaperView(FullPaperMixin, ScopedView):
    """The official form of one child."""

    model = Child
    permission = PRINT

    def get_queryset(self):
        return prefetch_family(super().get_queryset())

    def get(self, request, code):
        return self.respond() or self.take(self.kind)

    def post(self, request, code):
        return self.respond() or self.ask_and_take(
            self.kind,
            title=official_form.TITLE,
            subject=self.child.name,
            kinds=self.urls(),
            hidden={},
            object_url=self.child.get_absolute_url(),
        )

    def respond(self) -> HttpResponse | None:
        self.child, self.kind = self.get_object(), self.request.GET.get("format", "print")
        if self.kind not in {"print", *FORMATS}:
            raise Http404
        if self.kind == "pdf" and (reason := font_problem()):
            back = self.child.get_absolute_url()
            return refusal_response(self.request, official_form.TITLE, [{"text": reason}], back, 503)
        return None

    def take(self, kind: str, purpose: str = "") -> HttpResponse:
        child, today = self.child, timezone.localdate()
        with transaction.atomic():
            subjects = [PaperSubject(child, today, bool(purpose))]
            paper = official_form.build_forms(subjects, full_place_name(child.village), [])
            event = record_paper(self.user, child, kind, purpose, {"paper": "forms", "on": today, "children": 1})
            paper.foot = footer_text(event, purpose or paper.title)
        return paper_response(self.request, paper, kind, f"{paper.title}-{child.code}-{today}", self.links(purpose))

    def urls(self) -> dict[str, str]:
        url = reverse("child-form", args=[self.child.code])
        return {"print": url, **{kind: f"{url}?format={kind}" for kind in FORMATS}}

    def links(self, purpose: str) -> dict:
        urls = self.urls()
        links = {f"{kind}_url": url for kind, url in urls.items()} | {"hidden": {}}
        links |= {"back_url": self.child.get_absolute_url()}
        links |= {"full_url": urls["print"] if self.user.has_perm(UNMASK) else ""}
        return links | (full_links(urls, self.request.POST) if purpose else {})
