"""Views of a child's surveys: this term's form beside the previous answers, and all earlier surveys."""

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
    """The surveys of one child, the newest first, and the running round of its village."""

    def __init__(self, child: Child, user):
        self.child, self.user = child, user
        self.round = Round.objects.running().covering(child.village_id).select_related("term").first()
        self.surveys = list(Survey.objects.visible_to(user).filter(child=child).for_reading())
        for survey in self.surveys:
            survey.child = child  # spares a query for each address

    @property
    def term(self):
        return self.round.term if self.round else None

    @property
    def present(self) -> Survey | None:
        return next((row for row in self.surveys if self.round and row.term_id == self.round.term_id), None)

    @property
    def before(self) -> Survey | None:
        """Return the last survey of an earlier term."""
        return next(
            (row for row in self.surveys if self.round and row.term.starts_on < self.round.term.starts_on), None
        )

    @property
    def may_add(self) -> bool:
        due = self.round and not self.present and not self.child.closed_on
        return bool(due and self.user.has_perm("registry.add_survey", self.child))

    def note(self) -> str:
        if self.child.closed_on:
            return gettext("The file is closed; the child needs no survey.")
        if self.round is None:
            return gettext("No census round is running for the child's village.")
        if self.present:
            return gettext("The survey of this term is done.")
        return gettext("The survey of this term is due by %(day)s.") % {"day": self.round.due_on}

    def sections(self) -> list[dict]:
        return [survey_section(survey) for survey in self.surveys]

    def needs(self) -> dict:
        """Return the table of the tasks, with links for those who may change them."""
        rows = Need.objects.visible_to(self.user).filter(child=self.child).for_list()
        columns = (
            (_("Need"), "what"),
            (_("Domain"), "domain"),
            (_("Person responsible"), "owner.name"),
            (_("Due on"), "due_on"),
            (_("Done on"), "done_on"),
            (_("Outcome"), "outcome"),
        )
        tasks = record_table(gettext("Tasks"), columns, rows, empty_text=gettext("There are no tasks."))
        if not self.user.has_perm("registry.change_need", self.child):
            tasks["rows"] = [row | {"url": ""} for row in tasks["rows"]]
        return tasks

    def actions(self) -> list[dict]:
        newest = self.surveys[0] if self.surveys else None
        own = newest and newest.may_be_changed_by(self.user)
        may_change = own and self.user.has_perm("registry.change_survey", self.child)
        if not may_change or self.may_add:  # beside the empty form the button would seem to mean this term's survey
            return []
        url = reverse("survey-update", args=[newest.code])
        return [{"label": gettext("Correct the survey"), "url": url, "icon": "pencil"}]

    def context(self, form=None) -> dict:
        """Return the context of registry/survey_page.html; `form` where the survey is still to be made."""
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
    facts = {"day": survey.visited_on, "name": survey.visited_by.name}
    note = gettext("Visited on %(day)s by %(name)s.") % facts
    answers = [{"label": capfirst(label), "value": domain_text(survey, name)} for name, label in Domain.choices]
    answers += detail_items(
        survey,
        (_("Living conditions"), "living_conditions"),
        (_("Family education"), "family_education"),
        (_("Countermeasures"), "countermeasures"),
        (_("Accompanied by"), "others"),
    )
    return {"title": str(survey.term), "note": note, "items": answers}


def domain_text(survey: Survey, domain: str) -> str:
    return " · ".join(part for part in (display_attr(survey, f"{domain}_rating"), display_attr(survey, domain)) if part)


class ChildSurveyView(RecordDetailView):
    model = Child
    permission = "registry.view_survey"
    template_name = "registry/survey_page.html"

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def get_context(self):
        surveys = SurveyPage(self.object, self.user)
        form = new_survey_form(surveys) if surveys.may_add else None
        return surveys.context(form)

    def post(self, request, code):
        return SurveyCreateView.as_view()(request, code=code)


def new_survey_form(surveys: SurveyPage, data=None, files=None) -> SurveyForm:
    instance = Survey(child=surveys.child, term=surveys.term)
    return SurveyForm(data, files, user=surveys.user, instance=instance, before=surveys.before)


class SurveyCreateView(RecordCreateView):
    """Saves the form of ChildSurveyView."""

    model = Survey
    template_name = ChildSurveyView.template_name

    def get_queryset(self):
        return Child.objects.permitted_to(self.user, self.get_permission()).select_related("village")

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
