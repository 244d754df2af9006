"""Documents of cases by program, as far as the caller sees the case."""

from typing import Any

import django_filters as filters
from django.forms import model_to_dict
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.files import FileViewSet, ReasonSerializer
from core.api.once import once
from core.api.records import (
    CHANGES,
    IF_MATCH,
    MISSING,
    WRITES,
    as_typed,
    done,
    filled,
    given_values,
    known_only,
    reason_in,
)
from core.api.rows import RowSerializer
from core.api.versions import seen_version
from core.api.viewsets import documented
from core.permissions import require
from core.web.filters import ListFilterSet
from grievances import permissions as p
from grievances.forms.documents import CaseFilesForm, DescribeForm
from grievances.models import CaseDocument, Grievance
from grievances.services import documents

SAID = ("category", "step_number", "is_shared")


class CaseDocumentFilterSet(ListFilterSet):
    grievance = filters.UUIDFilter(field_name="grievance_id", label="grievance")

    class Meta:
        model = CaseDocument
        fields: list[str] = []


class CaseDocumentSerializer(RowSerializer):
    """`content` is where the file is; `superseded_by` names the document that took its place."""

    name = serializers.CharField()
    content = serializers.SerializerMethodField()

    class Meta:
        model = CaseDocument
        fields = [
            *("id", "grievance", "name", "category", "step_number", "exhibit_series", "exhibit_number", "is_shared"),
            *("content_type", "size", "sha256", "state", "added_at", "superseded_at", "superseded_by", "content"),
            "version",
        ]
        read_only_fields = fields

    def get_content(self, document: CaseDocument) -> str:
        return f"/api/v1/grievances/documents/{document.pk}/content/"


class NewCaseDocumentSerializer(serializers.Serializer):
    """One file of a case; without `step_number` it belongs to the whole case."""

    grievance = serializers.UUIDField()
    category = serializers.CharField(max_length=30)
    step_number = serializers.IntegerField(required=False)
    is_shared = serializers.BooleanField(required=False)
    file = serializers.FileField()


class DescribeBodySerializer(serializers.ModelSerializer):
    """What is said of a document; an exhibit without a number gets the next one of its series."""

    class Meta:
        model = CaseDocument
        fields = list(documents.SAID)
        extra_kwargs = {name: {"required": False} for name in documents.SAID}


@extend_schema_view(
    create=extend_schema(
        request={"multipart/form-data": NewCaseDocumentSerializer}, responses={201: CaseDocumentSerializer, **WRITES}
    ),
    partial_update=extend_schema(
        request=DescribeBodySerializer, parameters=[IF_MATCH], responses={200: CaseDocumentSerializer, **CHANGES}
    ),
    take_back=extend_schema(request=ReasonSerializer, responses={200: CaseDocumentSerializer, 404: MISSING, **WRITES}),
)
@documented(CaseDocumentSerializer)
class CaseDocumentViewSet(FileViewSet):
    """Documents of the cases that the caller sees; of their own cases those that are shared with them."""

    permission = (p.VIEW_GRIEVANCES, p.VIEW_OWN_GRIEVANCES)
    model = CaseDocument
    queryset = CaseDocument.objects.none()
    serializer_class = CaseDocumentSerializer
    filterset_class = CaseDocumentFilterSet

    @once
    def create(self, request: Request) -> Response:
        """Add a file to a case, in the fields of a multipart body."""
        require(request.user, p.WORK_GRIEVANCES)
        grievance = self.parent_named(request, "grievance", Grievance.objects.whole_to(request.user), SAID)
        form = CaseFilesForm({name: request.data.get(name, "") for name in SAID}, grievance=grievance)
        form.files.setlist("uploads", request.FILES.getlist("file"))
        said = {name: filled(form, {}).cleaned_data[name] for name in SAID}
        document = done(documents.add, grievance, form.sent()[0], actor=request.user, **said)
        return self.created(document.pk)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say anew what a document is, and whether it is shared, in the fields that change."""
        document = self.get_object()
        require(request.user, p.WORK_GRIEVANCES)
        version, given = seen_version(request), given_values(request)
        known_only(given, documents.SAID)
        now = model_to_dict(document, fields=documents.SAID)
        form = DescribeForm({**now, **as_typed(given)}, instance=document)
        filled(form, given)
        said = {name: value for name, value in form.values().items() if name in given}
        done(documents.describe, document, said, actor=request.user, version=version)
        return self.shown(self.fresh(document.pk))

    @action(detail=True, methods=["post"], url_path="moves/take_back")
    @once
    def take_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The document no longer counts; it is kept."""
        document = self.get_object()
        require(request.user, p.WORK_GRIEVANCES)
        reason = reason_in(given_values(request))
        done(documents.take_back, document, actor=request.user, reason=reason)
        return self.shown(self.fresh(document.pk))
