"""The list of papers, their print pages, and their files. Each paper that is printed or downloaded is recorded."""

from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.models import Action, record_event
from carebase.display import display
from carebase.views import ScopedView, render_page
from registry.hooks import Registration
from registry.models import Child
from registry.papers import official_form
from registry.papers.catalogue import FORMATS, document
from registry.papers.forms import UNMASK, PaperForm, check_place_access, default_data
from registry.papers.layout import Paper, PaperRefused
from registry.papers.pdf import FontMissing, font_path, pdf_bytes
from registry.papers.subjects import PRINT, PaperRequest, PaperSubject, full_place_name, prefetch_family
from registry.papers.xlsx import xlsx_bytes

CONTENT_TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def footer_text(user, full: bool, personal: bool = True) -> str:
    """Return the footer of each sheet: who printed it, when, what it contains, and how to treat it."""
    facts = {"name": user.name, "user": user.username, "time": display(timezone.now())}
    parts = [_("Printed by %(name)s (%(user)s) on %(time)s") % facts]
    if personal:
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
        response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
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
        submitted = bool({"class", "village", "date", "full", "definition"} & set(request.GET))
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
        }
    elif submitted:
        check_place_access(request.GET, form.user)
        status = 400
    context |= {"title": _("Documents"), "form": form.listed()}
    return render_page(request, "registry/paper_list.html", context, status=status)


def query_string(paper_request: PaperRequest) -> str:
    kind = "class" if hasattr(paper_request.place, "key") else "village"
    query = {kind: paper_request.key, "date": paper_request.on.isoformat()}
    query |= {"full": "on"} if paper_request.full else {}
    return urlencode(query | ({"definition": paper_request.definition.code} if paper_request.definition else {}))


def paper_entries(paper_request: PaperRequest) -> list[dict]:
    return [{"title": entry.label, "text": entry.text, **paper_urls(entry.name, paper_request)} for entry in document]


def paper_urls(name: str, paper_request: PaperRequest) -> dict[str, str]:
    query = query_string(paper_request)
    files = {f"{kind}_url": f"{reverse('paper-file', args=[f'{name}.{kind}'])}?{query}" for kind in FORMATS}
    print_url = f"{reverse('paper-print', args=[name])}?{query}"
    return {"print_url": print_url, "back_url": f"{reverse('paper-list')}?{query}", **files}


class PaperPrintView(ScopedView):
    permission = PRINT

    def get(self, request, paper: str = "", file: str = ""):
        name, _dot, kind = file.rpartition(".") if file else (paper, "", "print")
        entry = document.find(name)
        if entry is None:
            raise Http404
        form = PaperForm(request.GET, user=self.user)
        if not form.is_valid():
            return render_paper_list(request, form)
        paper_request = form.build_request()
        urls = paper_urls(name, paper_request)
        if kind == "pdf" and (reason := font_problem()):
            return refusal_response(request, entry.label, [{"text": reason}], urls["back_url"], 503)
        try:
            paper = self.build_paper(entry, paper_request, kind)
        except PaperRefused as error:
            return refusal_response(request, entry.label, error.reasons, urls["back_url"])
        return paper_response(request, paper, kind, f"carebase-{name}-{paper_request.key}-{paper_request.on}", urls)

    def build_paper(self, entry: Registration, paper_request: PaperRequest, kind: str) -> Paper:
        """Build the paper and record in the same transaction who took what about whom."""
        with transaction.atomic():
            paper = entry.call(paper_request)
            paper.foot = footer_text(self.user, paper_request.full, personal=entry.name != "statistics")
            detail = {
                "paper": entry.name,
                "place": paper_request.key,
                "on": paper_request.on,
                "format": kind,
                "full": paper_request.full,
            }
            detail |= {"children": len(paper.codes) or paper.count, "codes": paper.codes}
            record_event(Action.EXPORT, paper_request.place, detail=detail)
        return paper


class ChildFormPaperView(ScopedView):
    """The official form of one child."""

    model = Child
    permission = PRINT

    def get_queryset(self):
        return prefetch_family(super().get_queryset())

    def get(self, request, code):
        child, kind = self.get_object(), request.GET.get("format", "print")
        if kind not in {"print", *FORMATS}:
            raise Http404
        if kind == "pdf" and (reason := font_problem()):
            return refusal_response(request, official_form.TITLE, [{"text": reason}], child.get_absolute_url(), 503)
        full = bool(request.GET.get("full")) and self.user.has_perm(UNMASK)
        with transaction.atomic():
            today = timezone.localdate()
            paper = official_form.build_forms([PaperSubject(child, today, full)], full_place_name(child.village), [])
            paper.foot = footer_text(self.user, full)
            detail = {"paper": "forms", "on": today, "format": kind, "children": 1, "full": full}
            record_event(Action.EXPORT, child, detail=detail)
        return paper_response(request, paper, kind, f"carebase-form-{child.code}-{today}", self.links(child, full))

    def links(self, child: Child, full: bool) -> dict[str, str]:
        url, suffix = reverse("child-form", args=[child.code]), "&full=on" if full else ""
        urls = {f"{kind}_url": f"{url}?format={kind}{suffix}" for kind in FORMATS}
        if self.user.has_perm(UNMASK):
            urls["other_url"] = url if full else f"{url}?full=on"
        return {"print_url": url, "back_url": child.get_absolute_url(), "full": full, **urls}
