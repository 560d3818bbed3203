from django.urls import path

from registry.rounds.views import needs, rounds, surveys

urlpatterns = [
    path("rounds/", rounds.RoundListView.as_view(), name="round-list"),
    path("rounds/new/", rounds.RoundCreateView.as_view(), name="round-create"),
    path("rounds/<slug:code>/", rounds.RoundDetailView.as_view(), name="round-detail"),
    path("rounds/<slug:code>/edit/", rounds.RoundUpdateView.as_view(), name="round-update"),
    path("rounds/<slug:code>/open/", rounds.RoundOpenListView.as_view(), name="round-open"),
    path("surveys/<slug:code>/", surveys.SurveyUpdateView.as_view(), name="survey-update"),
    path("tasks/", needs.NeedListView.as_view(), name="need-list"),
    path("tasks/<slug:code>/", needs.NeedUpdateView.as_view(), name="need-update"),
    path("<slug:code>/survey/", surveys.ChildSurveyView.as_view(), name="child-survey"),
]
