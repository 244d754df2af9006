"""The documents of a case: added, described, replaced, taken back, and handed out."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.files.attaching import Added
from core.web.adding_files import AddFilesPage
from core.web.files import (
    FileContent,
    FilePreview,
    FileReplacePage,
    FileTakeBackPage,
    FileView,
    pictures_as_pdf,
)
from core.web.views import Crumbs, EditPage, RecordFormPage, RowMixin
from grievances import permissions as p
from grievances.forms.documents import CaseFilesForm, DescribeForm
from grievances.models import CaseDocument, Grievance
from grievances.services import documents
from grievances.services.workflow import is_theirs
from grievances.views.work import CasePage, WorkedPage

SEEN = (p.VIEW_GRIEVANCES, p.VIEW_OWN_GRIEVANCES)


class DocumentAdd(WorkedPage, AddFilesPage):
    permission = p.WORK_GRIEVANCES
    form_class = CaseFilesForm
    page_title = gettext_lazy("Add documents")
    crumb = gettext_lazy("Add documents")
    lead = gettext_lazy("Answers, letters, photos, time cards: whatever belongs to the case. You can add several.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "grievance": self.case()}

    def cancel_url(self) -> str:
        return f"{super().cancel_url()}?tab=documents"

    def add(self, files: Sequence[Any], form: Any) -> Added:
        said = {name: form.cleaned_data[name] for name in ("category", "step_number", "is_shared")}
        return documents.add_all(self.case(), files, actor=self.request.user, **said)


class CasePhotos(CasePage, FileView):
    """All photos that the person sees, in one PDF."""

    permission = SEEN

    def rows(self) -> models.QuerySet:
        return Grievance.objects.visible_to(self.request.user)

    def answer(self, row: Any) -> HttpResponseBase:
        seen = CaseDocument.objects.visible_to(self.request.user).filter(grievance=row).current().in_order()
        return pictures_as_pdf(list(seen), actor=self.request.user, name=f"{row.grievance_number}.pdf")


class DocumentPage(RowMixin):
    model = CaseDocument

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("grievance__assigned_rep", "added_by")


class DocumentContent(DocumentPage, FileContent):
    permission = SEEN


class DocumentPreview(DocumentPage, FilePreview):
    permission = SEEN


class DocumentChange(DocumentPage, RecordFormPage):
    """What is done with a document by those who work its case."""

    permission = p.WORK_GRIEVANCES

    def rows(self) -> models.QuerySet:
        seen = Grievance.objects.whole_to(self.request.user)
        return CaseDocument.objects.current().filter(grievance__in=seen).select_related("grievance__assigned_rep")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := is_theirs(self.get_object().grievance, request.user):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def cancel_url(self) -> str:
        return f"{self.get_object().grievance.get_absolute_url()}?tab=documents"

    def breadcrumbs(self) -> Crumbs:
        grievance, title = self.get_object().grievance, str(getattr(self, "page_title", ""))
        return [(_("Cases"), reverse("grievance_list")), (str(grievance), self.cancel_url()), (title, None)]


class DocumentEdit(DocumentChange, EditPage):
    form_class = DescribeForm
    page_title = gettext_lazy("What a document is")
    submit_label = gettext_lazy("Save")
    done = gettext_lazy("Saved.")

    @property
    def lead(self) -> str:
        return self.get_object().name

    def perform(self, form: DescribeForm) -> str:
        version = form.cleaned_data["version"]
        documents.describe(self.get_object(), form.values(), actor=self.request.user, version=version)
        return self.cancel_url()


class DocumentReplace(DocumentChange, FileReplacePage):
    service = staticmethod(documents.replace)


class DocumentTakeBack(DocumentChange, FileTakeBackPage):
    service = staticmethod(documents.take_back)
    no_longer = gettext_lazy(
        "“%(name)s” no longer counts. It is kept, and those who work the case see why it was taken back."
    )
    done = gettext_lazy("Document taken back. Those who work the case see that it was there.")
