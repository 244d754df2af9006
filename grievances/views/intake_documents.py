"""The files of a draft: added, handed out, taken back."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from core.files.attaching import Added
from core.web.adding_files import AddFilesPage
from core.web.files import FileContent, FilePreview, FileTakeBackPage
from core.web.upload import FilesForm
from core.web.views import RecordFormPage, RowMixin
from grievances import permissions as p
from grievances.models import GrievanceIntake, IntakeDocument
from grievances.services import intake_documents, intakes
from grievances.views.intakes import IntakePage


class IntakeDocumentAdd(IntakePage, AddFilesPage, RecordFormPage):
    form_class = FilesForm
    page_title = gettext_lazy("Add photos")
    crumb = gettext_lazy("Add photos")
    lead = gettext_lazy("Photos of the fact sheet, letters, time cards. They go along into the case when it is filed.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        intakes.check_open(self.get_object())
        return super().get(request, *args, **kwargs)

    def add(self, files: Sequence[Any], form: Any) -> Added:
        return intake_documents.add_all(self.get_object(), files, actor=self.request.user)


class IntakeDocumentPage(RowMixin):
    permission = p.DRAFT_GRIEVANCES
    model: type[models.Model] = IntakeDocument

    def rows(self) -> models.QuerySet:
        return IntakeDocument.objects.visible_to(self.request.user).select_related("intake", "added_by")


class IntakeDocumentContent(IntakeDocumentPage, FileContent):
    pass


class IntakeDocumentPreview(IntakeDocumentPage, FilePreview):
    pass


class IntakeDocumentTakeBack(IntakePage, IntakeDocumentPage, FileTakeBackPage):
    model = IntakeDocument
    service = staticmethod(intake_documents.take_back)
    crumb = gettext_lazy("Take back")
    no_longer = gettext_lazy("“%(name)s” no longer counts and does not go along into the case. It is kept.")
    done = gettext_lazy("Document taken back.")

    def rows(self) -> models.QuerySet:
        return super().rows().filter(superseded_at=None)

    def draft(self) -> GrievanceIntake:
        return self.get_object().intake

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        intakes.check_open(self.draft())
        return super().get(request, *args, **kwargs)
