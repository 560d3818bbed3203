from django.utils.translation import gettext_lazy as _

from carebase.navigation import page
from registry.rounds.views import needs, rounds, surveys

urlpatterns = [
    page("rounds/", rounds.RoundListView, "round-list", parent="census-work", title=_("Census rounds")),
    page("rounds/new/", rounds.RoundCreateView, "round-create", parent="round-list"),
    page(
        "rounds/<slug:code>/", rounds.RoundDetailView, "round-detail", parent="round-list", title=_("Back to the round")
    ),
    page("rounds/<slug:code>/edit/", rounds.RoundUpdateView, "round-update", parent="round-detail"),
    page("rounds/<slug:code>/open/", rounds.RoundOpenListView, "round-open", parent="round-detail"),
    page("surveys/<slug:code>/", surveys.SurveyUpdateView, "survey-update", parent="round-list"),
    page("tasks/", needs.NeedListView, "need-list", parent="census-work", title=_("Tasks")),
    page("tasks/<slug:code>/", needs.NeedUpdateView, "need-update", parent="need-list"),
    page("<slug:code>/survey/", surveys.ChildSurveyView, "child-survey", parent="child-detail"),
]
