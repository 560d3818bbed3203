"""The pages that papers are asked for on, the print pages, and the files. Each paper taken is written down."""

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
from registry.papers.subjects import PaperSubject, full_place_name, prefetch_family
from registry.papers.xlsx import xlsx_bytes

PRINT = "registry.print_child"
CONTENT_TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def footer_text(user, full: bool, personal: bool = True) -> str:
    """Return the line that each sheet bears: who printed it, when, what it holds, and how to treat it."""
    facts = {"name": user.name, "user": user.username, "time": display(timezone.now())}
    said = [_("Printed by %(name)s (%(user)s) on %(time)s") % facts]
    if personal:
        said.append(_("contains personal information, in full") if full else _("contains personal information, masked"))
        said.append(_("keep it locked away and destroy it after use"))
    return " · ".join(said)


def font_problem() -> str:
    """Return why there is no PDF, or "" when there is."""
    try:
        font_path()
    except FontMissing as error:
        return str(error)
    return ""


def paper_response(request, paper: Paper, form: str, name: str, links: dict) -> HttpResponse:
    """Return a paper as the file that `form` names, or else as a page to print."""
    if form in FORMATS:
        made = {"pdf": pdf_bytes, "xlsx": xlsx_bytes}[form](paper)
        response = HttpResponse(made, content_type=CONTENT_TYPES[form])
        response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    else:
        context = {"title": paper.title, "paper": paper, "no_pdf": font_problem(), **links}
        response = render(request, "registry/paper_print.html", context)
    response["Cache-Control"] = "no-store"
    return response


def refusal_response(request, title: str, reasons: list, back: str, status: int = 409) -> HttpResponse:
    context = {"title": title, "reasons": reasons, "back": back}
    return render(request, "registry/paper_refused.html", context, status=status)


class PaperListView(ScopedView):
    """Which papers there are for a class or a village, and a day."""

    permission = PRINT

    def get(self, request):
        asked = {"class", "village", "date", "full", "definition"} & set(request.GET)
        form = PaperForm(request.GET if asked else default_data(self.user), user=self.user)
        return render_paper_list(request, form, said=bool(asked))


def render_paper_list(request, form: PaperForm, said: bool = True) -> HttpResponse:
    """Return the page on which papers are chosen; `said` when the person, not the page, filled its form."""
    context, status = {"papers": [], "no_pdf": font_problem()}, 200
    if form.is_valid():
        ask = form.ask()
        context |= {"ask": ask, "count": ask.children().count(), "papers": paper_entries(ask)}
    elif said:
        check_place_access(request.GET, form.user)
        status = 400
    context |= {"title": _("Papers"), "form": form.listed()}
    return render_page(request, "registry/paper_list.html", context, status=status)


def query_string(ask) -> str:
    kind = "class" if hasattr(ask.place, "key") else "village"
    query = {kind: ask.key, "date": ask.on.isoformat()}
    query |= {"full": "on"} if ask.full else {}
    return urlencode(query | ({"definition": ask.definition.code} if ask.definition else {}))


def paper_entries(ask) -> list[dict]:
    """Return each paper with the addresses of its print page and files."""
    return [{"title": entry.label, "text": entry.text, **paper_urls(entry.name, ask)} for entry in document]


def paper_urls(name: str, ask) -> dict[str, str]:
    query = query_string(ask)
    files = {f"{form}_url": f"{reverse('paper-file', args=[f'{name}.{form}'])}?{query}" for form in FORMATS}
    print_url = f"{reverse('paper-print', args=[name])}?{query}"
    return {"print_url": print_url, "back_url": f"{reverse('paper-list')}?{query}", **files}


class PaperPrintView(ScopedView):
    """One paper: shown to be printed, or as a file."""

    permission = PRINT

    def get(self, request, paper: str = "", file: str = ""):
        name, _dot, kind = file.rpartition(".") if file else (paper, "", "print")
        wanted = document.find(name)
        if wanted is None:
            raise Http404
        form = PaperForm(request.GET, user=self.user)
        if not form.is_valid():
            return render_paper_list(request, form)
        ask = form.ask()
        if kind == "pdf" and (reason := font_problem()):
            return refusal_response(request, wanted.label, [{"text": reason}], paper_urls(name, ask)["back_url"], 503)
        try:
            made = self.made(wanted, ask, kind)
        except PaperRefused as error:
            return refusal_response(request, wanted.label, error.reasons, paper_urls(name, ask)["back_url"])
        return paper_response(request, made, kind, f"carebase-{name}-{ask.key}-{ask.on}", paper_urls(name, ask))

    def made(self, wanted: Registration, ask, kind: str) -> Paper:
        """Make the paper and write down in the same breath who took what about whom."""
        with transaction.atomic():
            made = wanted.call(ask)
            made.foot = footer_text(self.user, ask.full, personal=wanted.name != "statistics")
            told = {"paper": wanted.name, "place": ask.key, "on": ask.on, "format": kind, "full": ask.full}
            told |= {"children": len(made.codes) or made.count, "codes": made.codes}
            record_event(Action.EXPORT, ask.place, detail=told)
        return made


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
            made = official_form.build_forms([PaperSubject(child, today, full)], full_place_name(child.village), [])
            made.foot = footer_text(self.user, full)
            told = {"paper": "forms", "on": today, "format": kind, "children": 1, "full": full}
            record_event(Action.EXPORT, child, detail=told)
        return paper_response(request, made, kind, f"carebase-form-{child.code}-{today}", self.links(child, full))

    def links(self, child: Child, full: bool) -> dict[str, str]:
        """Return the addresses of the same form as files, and in full or masked."""
        here, kept = reverse("child-form", args=[child.code]), "&full=on" if full else ""
        urls = {f"{form}_url": f"{here}?format={form}{kept}" for form in FORMATS}
        if self.user.has_perm(UNMASK):
            urls["other_url"] = here if full else f"{here}?full=on"
        return {"print_url": here, "back_url": child.get_absolute_url(), "full": full, **urls}
