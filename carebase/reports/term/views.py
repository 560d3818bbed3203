"""Views of the term report: the form, and the CSV file."""

from django.http import Http404, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carebase.audit.services import last_seal
from carebase.reports.term.columns import COLUMNS
from carebase.reports.term.forms import TermReportForm
from carebase.reports.term.report import EXPORT, export, file_name
from carebase.views import ScopedView, render_page
from registry.models import Division, Term


def render_term_form(request, form, status: int = 200):
    """Render the form of the term report; `form` is None for users who may only read its columns."""
    context = {
        "title": _("Term report"),
        "form": form,
        "csv_url": reverse("term-report"),
        "seal": last_seal(),
        "columns": [{"label": capfirst(column.label), "help": column.help} for column in COLUMNS],
    }
    return render_page(request, "reports/term_form.html", context, status=status)


class ReportListView(ScopedView):
    permission = "reports.view_term"

    def get(self, request):
        if not self.user.has_perm(EXPORT):
            return render_term_form(request, None)
        term = Term.objects.current()
        division = next((reach.division for reach in self.user.reach if reach.division), None)
        initial = {"term": term.slug if term else None, "division": division}
        return render_term_form(request, TermReportForm(user=self.user, initial=initial))


class TermReportView(ScopedView):
    """The file. The place of another office answers 404; other errors are displayed on the form."""

    permission = EXPORT

    def get(self, request):
        form = TermReportForm(request.GET, user=self.user)
        if not form.is_valid():
            self.check_place_access(request.GET.get("division", ""))
            return render_term_form(request, form, status=400)
        cleaned = form.cleaned_data
        term, division, encoding = cleaned["term"], cleaned["division"], cleaned["encoding"]
        response = StreamingHttpResponse(
            export(term=term, division=division, by=self.user, encoding=encoding),
            content_type=f"text/csv; charset={'gb18030' if encoding == 'gb18030' else 'utf-8'}",
        )
        response["Content-Disposition"] = content_disposition_header(True, file_name(term, division))
        return response

    def check_place_access(self, code: str) -> None:
        """Raise Http404 for a place that exists and is not the user's."""
        own = Division.objects.governed_by(self.user)
        if "\0" not in code and Division.objects.filter(code=code).exists() and not own.filter(code=code).exists():
            raise Http404
