"""Documents of applications by program: multipart up, guarded down."""

import uuid
from typing import Any

import django_filters as filters
from django.http import HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from benevolence import permissions as p
from benevolence.forms.documents import DocumentsForm
from benevolence.models import ANY_PERMISSION, ApplicationDocument, BenevolenceApplication
from benevolence.services import documents
from benevolence.views.documents import handed_out
from core.api.once import once, require_key
from core.api.records import MISSING, WRITES, done, filled, given_values, known_only
from core.api.rows import RowSerializer
from core.api.viewsets import ERRORS, UUID_PATTERN, ErrorSerializer, GatedViewSet, InvalidBody, documented
from core.errors import DomainError
from core.files.store import StoreAway
from core.permissions import require
from core.web.filters import ListFilterSet
from core.web.forms import ReasonForm
from core.web.keyset import Sort


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


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


OCTETS = "application/octet-stream"
CONTENT: dict[Any, Any] = {
    (200, OCTETS): OpenApiResponse(OpenApiTypes.BINARY, "The file as it was sent."),
    (206, OCTETS): OpenApiResponse(OpenApiTypes.BINARY, "The part that Range asks for."),
    404: OpenApiResponse(ErrorSerializer, "There is no such document, or none that you may see."),
    409: OpenApiResponse(ErrorSerializer, "The file is being checked for viruses, or something was found in it."),
    416: OpenApiResponse(None, "There is no such part."),
    503: OpenApiResponse(ErrorSerializer, "The place where files are kept does not answer."),
    **ERRORS,
}


@extend_schema_view(
    create=extend_schema(
        request={"multipart/form-data": NewDocumentSerializer}, responses={201: DocumentSerializer, **WRITES}
    ),
    content=extend_schema(responses=CONTENT),
    take_back=extend_schema(request=ReasonSerializer, responses={200: DocumentSerializer, 404: MISSING, **WRITES}),
)
@documented(DocumentSerializer)
class DocumentViewSet(GatedViewSet):
    """What was sent about applications, as far as the caller sees the application with its documents."""

    asks_key = True
    permission = ANY_PERMISSION
    model = ApplicationDocument
    queryset = ApplicationDocument.objects.none()
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilterSet
    lookup_value_regex = UUID_PATTERN
    sort = Sort("added", "added_at", "added", descending=True)

    def get_parsers(self) -> list[Any]:
        is_upload = getattr(self, "action", None) == "create" or self.request_is_upload()
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def request_is_upload(self) -> bool:
        return getattr(self, "action_map", {}).get("post") == "create"

    @once
    def create(self, request: Request) -> Response:
        """Add a file to an application, in the fields `application`, `category` and `file` of a multipart body."""
        require(request.user, p.REQUEST)
        application, form = self._given(request)
        require_key(request)
        given = {"category": form.cleaned_data["category"], "actor": request.user}
        document = done(documents.add, application, form.sent()[0], **given)
        answer = self.shown(self._fresh(document.pk), status=201)
        answer["Location"] = request.build_absolute_uri(f"{request.path}{document.pk}/")
        return answer

    def _given(self, request: Request) -> tuple[Any, Any]:
        given = {name: request.data.get(name) for name in request.data if name not in request.FILES}
        known_only({**given, **request.FILES}, ("application", "category", "file"))
        try:
            key: Any = uuid.UUID(str(given.get("application", "")))
        except ValueError:
            key = None
        rows = BenevolenceApplication.objects.visible_to(request.user)
        application = rows.filter(pk=key).first() if key is not None else None
        if application is None:
            raise InvalidBody({"application": [_("Name the application to which this belongs, by its id.")]})
        form = DocumentsForm({"category": given.get("category", "")}, needed=documents.needed(application))
        form.files.setlist("uploads", request.FILES.getlist("file"))
        if len(request.FILES.getlist("file")) != 1:
            raise InvalidBody({"file": [_("Send one file in this field.")]})
        return application, filled(form, {})

    @action(detail=True, methods=["get"])
    def content(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file itself, whole or the part that `Range` asks for. Who reads it is recorded."""
        try:
            return handed_out(request._request, self.get_object(), actor=request.user)
        except StoreAway as away:
            return JsonResponse({"detail": away.sentence, "code": away.code}, status=503)

    @action(detail=True, methods=["post"], url_path="moves/take_back")
    @once
    def take_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The document no longer counts; it is kept."""
        document = self.get_object()
        require(request.user, p.REQUEST)
        given = given_values(request)
        known_only(given, list(ReasonForm.base_fields))
        form = filled(ReasonForm({"reason": str(given.get("reason", ""))}), given)
        require_key(request)
        done(documents.take_back, document, actor=request.user, reason=form.cleaned_data["reason"])
        return self.shown(self._fresh(document.pk))

    def _fresh(self, key: Any) -> Any:
        row = self.for_answer(self.visible()).only(*self.sent()).filter(pk=key).first()
        if row is None:
            raise DomainError(_("It was saved, and you no longer see the documents of this application."))
        return row
