from django.urls import path

from grievances import case_views, intake_views, views

CASE = "grievances/<uuid:pk>"
DRAFT = "grievances/drafts/<uuid:pk>"

urlpatterns = [
    path("grievances/", views.GrievanceList.as_view(), name="grievance_list"),
    path("grievances/export/<slug:kind>/", views.GrievanceExport.as_view(), name="grievance_list_export"),
    path("grievances/rules/", case_views.Rules.as_view(), name="grievance_rules"),
    path("grievances/drafts/", intake_views.IntakeList.as_view(), name="intake_list"),
    path("grievances/drafts/new/", intake_views.IntakeCreate.as_view(), name="intake_create"),
    path(f"{DRAFT}/", intake_views.IntakeDetail.as_view(), name="intake_detail"),
    path(f"{DRAFT}/edit/", intake_views.IntakeEdit.as_view(), name="intake_edit"),
    path(f"{DRAFT}/file/", intake_views.IntakeFile.as_view(), name="intake_file"),
    path(f"{DRAFT}/discard/", intake_views.IntakeDiscard.as_view(), name="intake_discard"),
    path(f"{CASE}/", views.GrievanceDetail.as_view(), name="grievance_detail"),
    path(f"{CASE}/moves/<slug:move>/", views.GrievanceMove.as_view(), name="grievance_move"),
    path(f"{CASE}/assign/", case_views.GrievanceAssign.as_view(), name="grievance_assign"),
    path(f"{CASE}/restrict/", case_views.GrievanceRestrict.as_view(), name="grievance_restrict"),
    path(f"{CASE}/lift/", case_views.GrievanceLift.as_view(), name="grievance_lift"),
    path(f"{CASE}/notes/", case_views.GrievanceNotes.as_view(), name="grievance_notes"),
    path("grievances/steps/<uuid:pk>/replace/", case_views.StepRecordReplace.as_view(), name="step_record_replace"),
]
