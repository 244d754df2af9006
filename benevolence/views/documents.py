"""The pages of documents: adding, replacing, taking back, and the guarded ways to their content."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from benevolence import permissions as p
from benevolence.forms.documents import DocumentsForm, ReplaceForm
from benevolence.models import ANY_PERMISSION, ApplicationDocument
from benevolence.services import documents
from benevolence.services.facts import documents_missing
from benevolence.services.workflow import is_mine
from benevolence.views.applications import ApplicationPage, list_crumbs
from core.errors import DomainError
from core.files.kinds import JPEG
from core.permissions import Actor
from core.web import files
from core.web.files import FilePreview, FileView, pictures_as_pdf
from core.web.forms import ReasonForm
from core.web.upload import MOST_AT_ONCE
from core.web.views import Crumbs, FormPage, RecordFormPage, RowMixin

# What the portal's script sends along with each file; it gets a sentence in place of a page.
BY_SCRIPT = "X-Upload"


class DocumentAdd(ApplicationPage, FormPage):
    """Files of one kind at once; what is good among them is kept, and the rest is named with what to do."""

    permission = p.REQUEST
    form_class = DocumentsForm
    template_name = "benevolence/documents/add.html"
    page_title = gettext_lazy("Add documents")
    submit_label = gettext_lazy("Send documents")

    def get_object(self) -> Any:
        application = super().get_object()
        if not application.is_mine:
            raise PermissionDenied(p.REQUEST)
        return application

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "needed": documents_missing(self.get_object())}

    @property
    def lead(self) -> str:
        if documents.voids_decisions(self.get_object()):
            return _("What was decided so far no longer counts when a document is added, and the review starts again.")
        return _("A bill, a notice, a photo: whatever shows what happened. You can add several.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        documents.check_may_change(self.get_object(), actor=request.user)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.headers.get(BY_SCRIPT):
            return self.one_by_script(request)
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        application, category = self.get_object(), form.cleaned_data["category"]
        added = documents.add_all(application, form.sent(), category=category, actor=self.request.user)
        refused = [f"{name}: {error.sentence}" for name, error in added.refused]
        if not added.kept:
            raise ValidationError({"uploads": refused})
        for sentence in refused:
            messages.warning(self.request, sentence)
        kept = len(added.kept)
        sentence = ngettext("%(n)s document added.", "%(n)s documents added.", kept) % {"n": kept}
        messages.success(self.request, sentence)
        return application.get_absolute_url()

    def one_by_script(self, request: HttpRequest) -> JsonResponse:
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse({"detail": " ".join(form.errors[next(iter(form.errors))])}, status=422)
        try:
            for file in form.sent():
                documents.add(self.get_object(), file, category=form.cleaned_data["category"], actor=request.user)
        except DomainError as error:
            return JsonResponse({"detail": error.sentence}, status=409)
        return JsonResponse({"detail": _("Added.")}, status=201)

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(most=MOST_AT_ONCE, record=self.get_object(), **extra)


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


class DocumentReplace(DocumentChange):
    permission = p.REQUEST
    form_class = ReplaceForm
    page_title = gettext_lazy("Replace a document")
    submit_label = gettext_lazy("Replace the document")
    done = gettext_lazy("Document replaced. The former one is kept.")

    @property
    def lead(self) -> str:
        return _("The newer file takes the place of “%(name)s”, which is kept.") % {"name": self.get_object().name}

    def perform(self, form: Any) -> str:
        try:
            documents.replace(self.get_object(), form.cleaned_data["uploads"][0], actor=self.request.user)
        except DomainError as error:
            raise ValidationError({"uploads": error.sentence}) from error
        return self.application_url()


class DocumentTakeBack(DocumentChange):
    permission = p.REQUEST
    form_class = ReasonForm
    page_title = gettext_lazy("Take a document back")
    submit_label = gettext_lazy("Take it back")
    danger = True
    done = gettext_lazy("Document taken back. Those who decide see that it was there.")

    @property
    def lead(self) -> str:
        return _("“%(name)s” no longer counts. It is kept, and those who decide see why it was taken back.") % {
            "name": self.get_object().name
        }

    def perform(self, form: Any) -> str:
        documents.take_back(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.application_url()
