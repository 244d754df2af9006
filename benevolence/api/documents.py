"""Documents of applications by program: multipart up, guarded down."""

from typing import Any

import django_filters as filters
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from benevolence import permissions as p
from benevolence.forms.documents import DocumentsForm
from benevolence.models import ANY_PERMISSION, ApplicationDocument, BenevolenceApplication
from benevolence.services import documents
from benevolence.views.documents import handed_out
from core.api.files import FileViewSet, ReasonSerializer
from core.api.once import once, require_key
from core.api.records import MISSING, WRITES, done, filled, given_values, reason_in
from core.api.rows import RowSerializer
from core.api.viewsets import documented
from core.permissions import require
from core.web.filters import ListFilterSet


class DocumentFilterSet(ListFilterSet):
    application = filters.UUIDFilter(field_name="application_id", label="application")

    class Meta:
        model = ApplicationDocument
        fields: list[str] = []


class DocumentSerializer(RowSerializer):
    """`content` is where the file is; `superseded_by` names the document that took its place."""

    name = serializers.CharField(source="shown_name")
    content = serializers.SerializerMethodField()

    class Meta:
        model = ApplicationDocument
        fields = [
            "id",
            "application",
            "name",
            "category",
            "content_type",
            "size",
            "sha256",
            "state",
            "added_at",
            "superseded_at",
            "superseded_by",
            "content",
        ]
        read_only_fields = fields

    def get_content(self, document: ApplicationDocument) -> str:
        return f"/api/v1/benevolence-documents/{document.pk}/content/"


class NewDocumentSerializer(serializers.Serializer):
    """One file. `category` is one of the portal's, or one that the rules ask for."""

    application = serializers.UUIDField()
    category = serializers.CharField(max_length=30)
    file = serializers.FileField()


@extend_schema_view(
    create=extend_schema(
        request={"multipart/form-data": NewDocumentSerializer}, responses={201: DocumentSerializer, **WRITES}
    ),
    take_back=extend_schema(request=ReasonSerializer, responses={200: DocumentSerializer, 404: MISSING, **WRITES}),
)
@documented(DocumentSerializer)
class DocumentViewSet(FileViewSet):
    """What was sent about applications, as far as the caller sees the application with its documents."""

    asks_key = True
    permission = ANY_PERMISSION
    model = ApplicationDocument
    queryset = ApplicationDocument.objects.none()
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilterSet
    unseen = _("It was saved, and you no longer see the documents of this application.")

    @once
    def create(self, request: Request) -> Response:
        """Add a file to an application, in the fields `application`, `category` and `file` of a multipart body."""
        require(request.user, p.REQUEST)
        application, form = self._given(request)
        require_key(request)
        given = {"category": form.cleaned_data["category"], "actor": request.user}
        document = done(documents.add, application, form.sent()[0], **given)
        return self.created(document.pk)

    def _given(self, request: Request) -> tuple[Any, Any]:
        rows = BenevolenceApplication.objects.visible_to(request.user)
        application = self.parent_named(request, "application", rows, ("category",))
        kinds = documents.kinds_of_rules(application)
        form = DocumentsForm({"category": request.data.get("category", "")}, others=kinds)
        form.files.setlist("uploads", request.FILES.getlist("file"))
        return application, filled(form, {})

    def handed_out(self, request: HttpRequest, row: Any) -> HttpResponseBase:
        return handed_out(request, row, actor=request.user)

    @action(detail=True, methods=["post"], url_path="moves/take_back")
    @once
    def take_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The document no longer counts; it is kept."""
        document = self.get_object()
        require(request.user, p.REQUEST)
        reason = reason_in(given_values(request))
        require_key(request)
        done(documents.take_back, document, actor=request.user, reason=reason)
        return self.shown(self.fresh(document.pk))
