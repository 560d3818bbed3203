from django.urls import path

from registry.rounds import need_views, survey_views, views

urlpatterns = [
    path("rounds/", views.RoundList.as_view(), name="round-list"),
    path("rounds/new/", views.RoundCreate.as_view(), name="round-create"),
    path("rounds/<slug:code>/", views.RoundDetail.as_view(), name="round-detail"),
    path("rounds/<slug:code>/edit/", views.RoundUpdate.as_view(), name="round-update"),
    path("rounds/<slug:code>/open/", views.RoundOpen.as_view(), name="round-open"),
    path("surveys/<slug:code>/", survey_views.SurveyUpdate.as_view(), name="survey-update"),
    path("tasks/", need_views.NeedList.as_view(), name="need-list"),
    path("tasks/<slug:code>/", need_views.NeedUpdate.as_view(), name="need-update"),
    path("<slug:code>/survey/", survey_views.ChildSurvey.as_view(), name="child-survey"),
]
