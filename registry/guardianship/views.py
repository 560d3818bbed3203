"""The pages of a guardianship, the scan of its agreement, and the lists of living alone and entrusted care."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.accounts.confirmation import use_today
from carebase.accounts.models import Notice
from carebase.accounts.views import ask_before_full_access
from carebase.audit.models import Action, record_event
from carebase.display import display_attr
from carebase.files import private
from carebase.models import StaleRecord
from carebase.views import RecordCreateView, RecordDetailView, RecordFormView, RecordListView, ScopedView
from registry.child_file import ChildFile
from registry.guardianship import display, services
from registry.guardianship.forms import EntrustmentFilter, GuardianshipForm, ScanForm
from registry.models import Child, Guardianship
from registry.photos.views import FileUploadView


def child_url(page: str, child: Child) -> str:
    return reverse(page, args=[child.code])


class ChildGuardianshipMixin:
    model = Child
    permission = "registry.view_guardianship"

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def get_cancel_url(self):
        return child_url("child-guardianship", self.object)

    def get_success_url(self, obj):
        return child_url("child-guardianship", self.object)


class GuardianshipDetailView(ChildGuardianshipMixin, RecordDetailView):
    """Who looks after the child now, who did before, and who was refused."""

    def get_context(self):
        rows = list(
            self.object.guardianships.select_related("entrustment", "assessed_by").order_by("-starts_on", "-pk")
        )
        for row in rows:
            row.child = self.object
        self.file = ChildFile(self.object)
        self.row = next((row for row in rows if row.ends_on is None), None)
        self.ended = [row for row in rows if row.ends_on]
        context = super().get_context()
        context["title"] = context["subtitle"] = gettext("Guardianship and agreement")
        context["badges"] = display.badges(self.row, self.file)
        return context

    def get_heading(self):
        return f"{self.object.name} · {self.object.village}"

    def get_sections(self):
        return display.sections(self.row, self.file)

    def get_related(self):
        refused = self.object.carer_refusals.select_related("refused_by")
        return [display.history_table(self.ended), display.refusal_table(refused)]

    def get_actions(self):
        actions, child = [], self.object
        if self.may("add", Guardianship):
            url = child_url("child-guardianship-new", child)
            actions.append({"label": gettext("Start a new guardianship"), "url": url, "primary": True, "icon": "plus"})
        if self.row and self.may("change", Guardianship):
            url = child_url("child-guardianship-edit", child)
            actions.append({"label": gettext("Complete or correct"), "url": url, "icon": "pencil"})
        return actions + self.scan_actions()

    def scan_actions(self) -> list[dict]:
        actions, entrustment = [], getattr(self.row, "entrustment", None)
        if entrustment and entrustment.scan and self.may("unmask"):
            url = child_url("child-agreement-file", self.object)
            actions.append({"label": gettext("Open the scan"), "url": url, "icon": "download", "post": True})
        if entrustment and self.may("change", Guardianship):
            url = child_url("child-agreement", self.object)
            actions.append({"label": gettext("Scan of the agreement"), "url": url, "icon": "upload"})
        return actions


class GuardianshipFormMixin(ChildGuardianshipMixin):
    """What the forms share: a refused carer is recorded, and a stale save loses nothing that was typed."""

    form_class = GuardianshipForm
    template_name = "registry/guardianship_form.html"
    row = None
    service = None

    def get_form(self, data=None, files=None, **kwargs):
        return super().get_form(data, files, file=ChildFile(self.object), row=self.row, **kwargs)

    def show(self, form, status: int = 200):
        if form.is_bound and form.grounds and form.cleaned_data.get("name"):
            services.refuse_carer(child=self.object, name=form.cleaned_data["name"], grounds=form.grounds, by=self.user)
            error = gettext("This person cannot be the carer. The file records this; please choose another person.")
            form.add_error(None, error)
        return super().show(form, status)

    def save(self, form):
        values, version = form.values(), form.cleaned_data["version"]
        return self.service(child=self.object, version=version, values=values, agreement=form.agreement, by=self.user)

    def attempt(self, form, act):
        try:
            return super().attempt(form, act)
        except StaleRecord:
            return self.show_stale(form)

    def show_stale(self, form):
        """Show the form as typed with the stored values below it; the next submission saves on the new version."""
        self.object = self.get_object()
        form.data = form.data.copy()
        form.data["version"] = str(self.object.version)
        message = gettext(
            "Someone else saved this child's file in the meantime. Nothing is saved yet, and nothing you "
            "typed is lost. The file's content now is below the form; compare it, then save again."
        )
        form.add_error(None, message)
        self.stored = services.present_guardianship(self.object)
        return self.show(form, status=409)

    def get_context(self, form):
        context = super().get_context(form)
        context["intro"] = f"{self.object.name} · {self.object.village}"
        context["sections"] = display.sections(self.stored, ChildFile(self.object)) if hasattr(self, "stored") else []
        return context


class GuardianshipCreateView(GuardianshipFormMixin, RecordCreateView):
    permission = "registry.add_guardianship"
    title = _("Start a new guardianship")
    service = staticmethod(services.begin_guardianship)

    def get(self, request, code):
        self.object = self.get_object()
        return super().get(request)

    def post(self, request, code):
        self.object = self.get_object()
        return super().post(request)


class GuardianshipUpdateView(GuardianshipFormMixin, RecordFormView):
    permission = "registry.change_guardianship"
    title = _("Current guardianship")
    service = staticmethod(services.update_guardianship)

    def get(self, request, code):
        with transaction.atomic():
            self.load_row()
            record_event(Action.VIEW, self.object, detail={"form": True})
        return self.show(self.get_form())

    def post(self, request, code):
        self.load_row()
        form = self.get_form(request.POST)
        return self.attempt(form, lambda: self.done(self.save(form))) if form.is_valid() else self.show(form)

    def load_row(self) -> None:
        self.object = self.get_object()
        self.row = services.present_guardianship(self.object)
        if self.row is None:
            raise Http404


class AgreementView(ChildGuardianshipMixin, FileUploadView):
    """Uploading, replacing or removing the scan of the agreement."""

    permission = "registry.change_guardianship"
    form_class = ScanForm
    template_name = "registry/agreement_form.html"
    title = _("Scan of the agreement")

    def get_object(self):
        child = super().get_object()
        self.entrustment = services.present_agreement(child)
        if self.entrustment is None:
            raise Http404
        return child

    def save_file(self, data):
        services.store_scan(child=self.object, data=data, by=self.user)

    def remove_file(self):
        services.remove_scan(child=self.object, by=self.user)

    def get_context(self, form):
        scan, page = self.entrustment.scan, child_url("child-agreement-file", self.object)
        return super().get_context(form) | {"scan": scan, "scan_url": page if scan and self.may("unmask") else ""}


class AgreementFileView(ChildGuardianshipMixin, ScopedView):
    """The scan of the present agreement as a download, a paper in full: a PDF is never opened within the site."""

    permission = "registry.unmask_child"

    def post(self, request, code):
        self.object = self.get_object()
        self.entrustment = services.present_agreement(self.object)
        if self.entrustment is None or not self.entrustment.scan:
            raise Http404
        return ask_before_full_access(
            request,
            self.take,
            title=gettext("Scan of the agreement"),
            subject=self.object.name,
            buttons=[{"label": gettext("Open the scan"), "url": request.path}],
            object_url=self.get_cancel_url(),
        )

    @transaction.atomic
    def take(self, purpose: str) -> HttpResponse:
        use_today(self.user, Notice.Kind.PAPERS)
        scan = self.entrustment.scan
        part = "pdf" if private.part_exists(scan, "pdf") else "jpg"
        kind = {"pdf": "application/pdf", "jpg": "image/jpeg"}[part]
        filename = f"agreement-{self.object.code}.{part}"
        response = private.file_response(scan, part, content_type=kind, filename=filename, attachment=True)
        record_event(Action.EXPORT, self.entrustment, detail={"scan": True, "full": True, "purpose": purpose})
        return response


class AloneListView(RecordListView):
    model = Guardianship
    template_name = "registry/alone_list.html"
    title = _("Children living alone")
    empty_text = _("No child under 16 is recorded as living alone.")
    columns = (
        (_("Child"), "child.name"),
        (_("Age"), "child.age"),
        (_("Village"), "child.village"),
        (_("School and class"), "child.place_in_school"),
        (_("Alone since"), "starts_on"),
        (_("Found on"), "found_on"),
    )

    def get_queryset(self):
        rows = super().get_queryset().living_alone().order_by("starts_on", "pk")
        return rows.select_related("child__village", "child__school", "child__school_class__school")

    def get_context(self):
        return super().get_context() | {"law": display.ARTICLE_21}


def agreement_accessor(name: str):
    """Return an accessor of the agreement of a guardianship, "" where there is none."""
    return lambda row: display_attr(row.entrustment, name) if hasattr(row, "entrustment") else ""


class EntrustmentListView(RecordListView):
    model = Guardianship
    filter_class = EntrustmentFilter
    title = _("Entrusted care")
    empty_text = _("No agreement with a carer needs action.")
    columns = (
        (_("Child"), "child.name"),
        (_("Village"), "child.village"),
        (_("Guardian"), "name"),
        (_("Agreement"), display.agreement_status),
        (_("Term until"), agreement_accessor("term_to")),
        (_("School notified"), agreement_accessor("school_told_on")),
        (_("Village notified"), agreement_accessor("village_told_on")),
        (_("Review"), agreement_accessor("review_on")),
    )

    def get_queryset(self):
        return super().get_queryset().select_related("child__village", "entrustment").order_by("starts_on", "pk")
