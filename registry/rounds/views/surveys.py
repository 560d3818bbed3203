"""A child's surveys in the browser: this term's form with the last answers beside it, and all that were made."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.display import display_attr
from carebase.views import RecordCreateView, RecordDetailView, RecordUpdateView, detail_items, record_table
from registry.models import Child, Domain, Need, Round, Survey
from registry.rounds.forms import SurveyForm


class SurveyPage:
    """The surveys of one child, the newest first, and what the running round asks of it."""

    def __init__(self, child: Child, user):
        self.child, self.user = child, user
        self.round = Round.objects.running().covering(child.village_id).select_related("term").first()
        self.made = list(Survey.objects.visible_to(user).filter(child=child).for_reading())
        for survey in self.made:
            survey.child = child  # the same row, which every address asks

    @property
    def term(self):
        return self.round.term if self.round else None

    @property
    def present(self) -> Survey | None:
        """Return the survey of the running round's term."""
        return next((row for row in self.made if self.round and row.term_id == self.round.term_id), None)

    @property
    def before(self) -> Survey | None:
        """Return the last survey of an earlier term, whose answers stand beside the form."""
        return next((row for row in self.made if self.round and row.term.starts_on < self.round.term.starts_on), None)

    @property
    def wanted(self) -> bool:
        """Return whether the user may survey this child now."""
        asked = self.round and not self.present and not self.child.closed_on
        return bool(asked and self.user.has_perm("registry.add_survey"))

    def note(self) -> str:
        """Return in a sentence how it stands with this term's survey."""
        if self.child.closed_on:
            return gettext("The file is closed; the child needs no survey.")
        if self.round is None:
            return gettext("No census round is running for the child's village.")
        if self.present:
            return gettext("The survey of this term is made.")
        return gettext("The survey of this term is to be made until %(day)s.") % {"day": self.round.due_on}

    def sections(self) -> list[dict]:
        return [survey_section(survey) for survey in self.made]

    def needs(self) -> dict:
        """Return the table of the tasks; who may not change one gets no link to it."""
        rows = Need.objects.visible_to(self.user).filter(child=self.child).for_list()
        columns = (
            (_("What is needed"), "what"),
            (_("Domain"), "domain"),
            (_("Who sees to it"), "owner.name"),
            (_("Due on"), "due_on"),
            (_("Done on"), "done_on"),
            (_("What came of it"), "outcome"),
        )
        found = record_table(gettext("Tasks"), columns, rows, empty_text=gettext("No task was set."))
        if not self.user.has_perm("registry.change_need"):
            found["rows"] = [row | {"url": ""} for row in found["rows"]]
        return found

    def actions(self) -> list[dict]:
        newest = self.made[0] if self.made else None
        own = newest and newest.may_be_changed_by(self.user) and self.user.has_perm("registry.change_survey")
        if not own or self.wanted:  # beside the empty form it would be taken for this term's
            return []
        url = reverse("survey-update", args=[newest.code])
        return [{"label": gettext("Correct the survey"), "url": url, "icon": "pencil"}]

    def context(self, form=None) -> dict:
        """Return what registry/survey_page.html shows; `form` where the survey is still to be made."""
        return {
            "title": gettext("Surveys"),
            "heading": f"{self.child.name} · {self.child.village}",
            "note": self.note(),
            "form": form,
            "submit_label": gettext("Save the survey"),
            "cancel_url": self.child.get_absolute_url(),
            "sections": self.sections(),
            "related": [self.needs()],
            "actions": self.actions(),
        }


def survey_section(survey: Survey) -> dict:
    """Return one survey as a section of a page."""
    made = {"day": survey.visited_on, "name": survey.visited_by.name}
    note = gettext("Visited on %(day)s by %(name)s.") % made
    shown = [{"label": capfirst(label), "value": domain_text(survey, name)} for name, label in Domain.choices]
    shown += detail_items(
        survey,
        (_("Living conditions"), "living_conditions"),
        (_("Family education"), "family_education"),
        (_("Countermeasures"), "countermeasures"),
        (_("Who else came along"), "others"),
    )
    return {"title": str(survey.term), "note": note, "items": shown}


def domain_text(survey: Survey, domain: str) -> str:
    """Return the rating of a domain and what was written about it."""
    return " · ".join(part for part in (display_attr(survey, f"{domain}_rating"), display_attr(survey, domain)) if part)


class ChildSurveyView(RecordDetailView):
    """The page of a child's surveys; where one is to be made, with its form."""

    model = Child
    permission = "registry.view_survey"
    template_name = "registry/survey_page.html"

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def get_context(self):
        surveys = SurveyPage(self.object, self.user)
        form = new_survey_form(surveys) if surveys.wanted else None
        return surveys.context(form)

    def post(self, request, code):
        return SurveyCreateView.as_view()(request, code=code)


def new_survey_form(surveys: SurveyPage, data=None, files=None) -> SurveyForm:
    """Return the form of a new survey of the child in the running round's term."""
    instance = Survey(child=surveys.child, term=surveys.term)
    return SurveyForm(data, files, user=surveys.user, instance=instance, before=surveys.before)


class SurveyCreateView(RecordCreateView):
    """Saves what the page of the child's surveys sent."""

    model = Survey
    template_name = ChildSurveyView.template_name

    def get_queryset(self):
        return Child.objects.visible_to(self.user).select_related("village")

    def post(self, request, code):
        self.surveys = SurveyPage(self.get_object(), self.user)
        return super().post(request)

    def get_form(self, data=None, files=None, **kwargs):
        return new_survey_form(self.surveys, data, files)

    def get_context(self, form):
        return self.surveys.context(form)


class SurveyUpdateView(RecordUpdateView):
    model = Survey
    form_class = SurveyForm
    title = _("Correct the survey")

    def get_queryset(self):
        return super().get_queryset().select_related("child__village", "term")

    def get_object(self):
        survey = super().get_object()
        if not survey.may_be_changed_by(self.user):
            raise PermissionDenied
        return survey

    def get_form(self, data=None, files=None, **kwargs):
        survey = kwargs["instance"]
        earlier = Survey.objects.visible_to(self.user).filter(
            child=survey.child, term__starts_on__lt=survey.term.starts_on
        )
        return super().get_form(data, files, before=earlier.for_reading().first(), **kwargs)

    def get_context(self, form):
        child = self.object.child
        return super().get_context(form) | {"intro": f"{child.name} · {child.village} · {self.object.term}"}
