from django.urls import path

from benevolence import rule_views, views

urlpatterns = [
    path("benevolence/applications/", views.ApplicationList.as_view(), name="application_list"),
    path("benevolence/applications/new/", views.ApplicationCreate.as_view(), name="application_create"),
    path("benevolence/applications/<uuid:pk>/", views.ApplicationDetail.as_view(), name="application_detail"),
    path("benevolence/applications/<uuid:pk>/edit/", views.ApplicationEdit.as_view(), name="application_edit"),
    path("benevolence/applications/<uuid:pk>/recuse/", views.ApplicationRecuse.as_view(), name="application_recuse"),
    path(
        "benevolence/applications/<uuid:pk>/moves/<slug:move>/",
        views.ApplicationMove.as_view(),
        name="application_move",
    ),
    path("benevolence/queue/", views.ApplicationQueue.as_view(), name="application_queue"),
    path("benevolence/totals/", rule_views.Totals.as_view(), name="benevolence_totals"),
    path("benevolence/rules/", rule_views.Rules.as_view(), name="benevolence_rules"),
]
