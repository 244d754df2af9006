from django.urls import path

from members.views import imports as views

urlpatterns = [
    path("", views.ImportList.as_view(), name="import_list"),
    path("new/", views.ImportUpload.as_view(), name="import_upload"),
    path("<uuid:pk>/", views.ImportDetail.as_view(), name="import_detail"),
    path("<uuid:pk>/layout/", views.ImportLayout.as_view(), name="import_layout"),
    path("<uuid:pk>/match/", views.ImportMatch.as_view(), name="import_match"),
    path("<uuid:pk>/check/", views.ImportCheck.as_view(), name="import_check"),
    path("<uuid:pk>/decide/", views.ImportDecide.as_view(), name="import_decide"),
    path("<uuid:pk>/decide-all/", views.ImportDecideAll.as_view(), name="import_decide_all"),
    path("<uuid:pk>/apply/", views.ImportApply.as_view(), name="import_apply"),
    path("<uuid:pk>/progress/", views.ImportProgress.as_view(), name="import_progress"),
    path("<uuid:pk>/result/<slug:kind>/", views.ImportResult.as_view(), name="import_result"),
    path("<uuid:pk>/undo/", views.ImportUndo.as_view(), name="import_undo"),
    path("<uuid:pk>/discard/", views.ImportDiscard.as_view(), name="import_discard"),
]
