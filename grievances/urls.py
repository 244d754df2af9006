from django.urls import path

from grievances.views import binder, cases, documents, intakes, papers, tasks, work

CASE = "grievances/<uuid:pk>"
DOCUMENT = "grievances/documents/<uuid:pk>"
TASK = "grievances/tasks/<uuid:pk>"
DRAFT = "grievances/drafts/<uuid:pk>"

urlpatterns = [
    path("grievances/", cases.GrievanceList.as_view(), name="grievance_list"),
    path("grievances/export/<slug:kind>/", cases.GrievanceExport.as_view(), name="grievance_list_export"),
    path("grievances/rules/", work.Rules.as_view(), name="grievance_rules"),
    path("grievances/drafts/", intakes.IntakeList.as_view(), name="intake_list"),
    path("grievances/drafts/new/", intakes.IntakeCreate.as_view(), name="intake_create"),
    path(f"{DRAFT}/", intakes.IntakeDetail.as_view(), name="intake_detail"),
    path(f"{DRAFT}/edit/", intakes.IntakeEdit.as_view(), name="intake_edit"),
    path(f"{DRAFT}/file/", intakes.IntakeFile.as_view(), name="intake_file"),
    path(f"{DRAFT}/discard/", intakes.IntakeDiscard.as_view(), name="intake_discard"),
    path(f"{CASE}/", cases.GrievanceDetail.as_view(), name="grievance_detail"),
    path(f"{CASE}/moves/<slug:move>/", cases.GrievanceMove.as_view(), name="grievance_move"),
    path(f"{CASE}/assign/", work.GrievanceAssign.as_view(), name="grievance_assign"),
    path(f"{CASE}/ask/", work.GrievanceAsk.as_view(), name="grievance_ask"),
    path(f"{CASE}/restrict/", work.GrievanceRestrict.as_view(), name="grievance_restrict"),
    path(f"{CASE}/lift/", work.GrievanceLift.as_view(), name="grievance_lift"),
    path(f"{CASE}/binder/<slug:edition>/", binder.GrievanceBinder.as_view(), name="grievance_binder"),
    path(f"{CASE}/papers/<slug:paper>/", papers.GrievancePaper.as_view(), name="grievance_paper"),
    path(f"{TASK}/letter/", papers.TaskLetter.as_view(), name="task_letter"),
    path(f"{CASE}/facts/", work.GrievanceFacts.as_view(), name="grievance_facts"),
    path(f"{CASE}/notes/", work.GrievanceNotes.as_view(), name="grievance_notes"),
    path(f"{CASE}/documents/", documents.DocumentAdd.as_view(), name="case_document_add"),
    path(f"{CASE}/photos/", documents.CasePhotos.as_view(), name="case_photos"),
    path(f"{DOCUMENT}/content/", documents.DocumentContent.as_view(), name="case_document_content"),
    path(f"{DOCUMENT}/preview/", documents.DocumentPreview.as_view(), name="case_document_preview"),
    path(f"{DOCUMENT}/edit/", documents.DocumentEdit.as_view(), name="case_document_edit"),
    path(f"{DOCUMENT}/replace/", documents.DocumentReplace.as_view(), name="case_document_replace"),
    path(f"{DOCUMENT}/take-back/", documents.DocumentTakeBack.as_view(), name="case_document_take_back"),
    path(f"{CASE}/tasks/<slug:kind>/", tasks.TaskAdd.as_view(), name="task_add"),
    path(f"{TASK}/edit/", tasks.TaskEdit.as_view(), name="task_edit"),
    path(f"{TASK}/done/", tasks.TaskDone.as_view(), name="task_done"),
    path(f"{TASK}/remind/", tasks.TaskRemind.as_view(), name="task_remind"),
    path(f"{TASK}/drop/", tasks.TaskDrop.as_view(), name="task_drop"),
    path("grievances/steps/<uuid:pk>/replace/", work.StepRecordReplace.as_view(), name="step_record_replace"),
    path("grievances/answers/<uuid:pk>/replace/", work.AnswerReplace.as_view(), name="answer_replace"),
]
