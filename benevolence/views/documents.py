"""The pages of documents: adding, replacing, taking back, and the guarded ways to their content."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.forms.documents import DocumentsForm
from benevolence.models import ANY_PERMISSION, ApplicationDocument
from benevolence.services import documents
from benevolence.services.facts import documents_missing
from benevolence.services.workflow import is_mine
from benevolence.views.applications import ApplicationPage, list_crumbs
from core.files.attaching import Added
from core.files.kinds import JPEG
from core.permissions import Actor
from core.web import files
from core.web.adding_files import AddFilesPage
from core.web.files import FilePreview, FileReplacePage, FileTakeBackPage, FileView, pictures_as_pdf
from core.web.views import Crumbs, RecordFormPage, RowMixin


class DocumentAdd(ApplicationPage, AddFilesPage):
    """Files of one kind at once; what is good among them is kept, and the rest is named with what to do."""

    permission = p.REQUEST
    form_class = DocumentsForm
    page_title = gettext_lazy("Add documents")

    def get_object(self) -> Any:
        application = super().get_object()
        if not application.is_mine:
            raise PermissionDenied(p.REQUEST)
        return application

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        record = self.get_object()
        kinds = {"needed": documents_missing(record), "others": documents.kinds_of_rules(record)}
        return {**super().form_arguments(data, files), **kinds}

    @property
    def lead(self) -> str:
        if documents.voids_decisions(self.get_object()):
            return _("What was decided so far no longer counts when a document is added, and the review starts again.")
        return _("A bill, a notice, a photo: whatever shows what happened. You can add several.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        documents.check_may_change(self.get_object(), actor=request.user)
        return super().get(request, *args, **kwargs)

    def add(self, files: Sequence[Any], form: Any) -> Added:
        category = form.cleaned_data["category"]
        return documents.add_all(self.get_object(), files, category=category, actor=self.request.user)


def handed_out(request: HttpRequest, document: Any, *, actor: Actor) -> HttpResponseBase:
    """The file as it was sent. A photo goes to a blind review as it is shown: the camera writes its owner into it."""
    if document.is_blind and document.is_picture:
        return files.preview(document, actor=actor, download=f"{document.shown_name}.{JPEG.extension}")
    return files.original(request, document, actor=actor, name=document.download_name)


class DocumentPage(RowMixin):
    """What the pages of one document share."""

    model = ApplicationDocument

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("application__member", "added_by")

    def application_url(self) -> str:
        return reverse("application_detail", args=[self.get_object().application_id])

    def breadcrumbs(self) -> Crumbs:
        application = self.get_object().application
        above: Crumbs = [*list_crumbs(self.request.user), (str(application), self.application_url())]
        return [*above, (str(getattr(self, "page_title", "")), None)]


class DocumentContent(DocumentPage, FileView):
    permission = ANY_PERMISSION

    def answer(self, row: Any) -> HttpResponseBase:
        return handed_out(self.request, row, actor=self.request.user)


class DocumentPreview(DocumentPage, FilePreview):
    permission = ANY_PERMISSION


class ApplicationPhotos(ApplicationPage, FileView):
    """All photos that the person sees, in one PDF."""

    permission = ANY_PERMISSION

    def answer(self, row: Any) -> HttpResponseBase:
        seen = ApplicationDocument.objects.visible_to(self.request.user).filter(application=row).current().in_order()
        return pictures_as_pdf(list(seen), actor=self.request.user, name=f"{row.application_number or row.pk}.pdf")


class DocumentChange(DocumentPage, RecordFormPage):
    """A document is changed by the applicant or by who looks after the application."""

    def get_object(self) -> Any:
        document = super().get_object()
        if is_mine(document.application, self.request.user):
            raise PermissionDenied(p.REQUEST)
        return document

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        documents.check_may_change(self.get_object().application, actor=request.user)
        return super().get(request, *args, **kwargs)

    def cancel_url(self) -> str:
        return self.application_url()


class DocumentReplace(DocumentChange, FileReplacePage):
    permission = p.REQUEST
    service = staticmethod(documents.replace)


class DocumentTakeBack(DocumentChange, FileTakeBackPage):
    permission = p.REQUEST
    service = staticmethod(documents.take_back)
    no_longer = gettext_lazy("“%(name)s” no longer counts. It is kept, and those who decide see why it was taken back.")
    done = gettext_lazy("Document taken back. Those who decide see that it was there.")
