"""The signed contracts that are kept beside agreements, by program."""

from typing import Any

import django_filters as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.files import FileViewSet, ReasonSerializer
from core.api.once import once
from core.api.records import MISSING, WRITES, done, filled, given_values, reason_in
from core.api.rows import RowSerializer
from core.api.viewsets import documented
from core.files.attaching import taken_in
from core.permissions import require
from core.web.filters import ListFilterSet
from grievances import permissions as p
from grievances.forms.agreements import AgreementFilesForm
from grievances.models import Agreement, AgreementFile
from grievances.services import agreements


class AgreementFileFilterSet(ListFilterSet):
    agreement = filters.UUIDFilter(field_name="agreement_id", label="agreement")

    class Meta:
        model = AgreementFile
        fields: list[str] = []


class AgreementFileSerializer(RowSerializer):
    """`content` is where the file is."""

    name = serializers.CharField()
    content = serializers.SerializerMethodField()

    class Meta:
        model = AgreementFile
        fields = [
            "id",
            "agreement",
            "name",
            "content_type",
            "size",
            "sha256",
            "state",
            "added_at",
            "superseded_at",
            "content",
        ]
        read_only_fields = fields

    def get_content(self, file: AgreementFile) -> str:
        return f"/api/v1/agreements/files/{file.pk}/content/"


class NewAgreementFileSerializer(serializers.Serializer):
    agreement = serializers.UUIDField()
    file = serializers.FileField()


@extend_schema_view(
    create=extend_schema(
        request={"multipart/form-data": NewAgreementFileSerializer},
        responses={201: AgreementFileSerializer, **WRITES},
    ),
    take_back=extend_schema(request=ReasonSerializer, responses={200: AgreementFileSerializer, 404: MISSING, **WRITES}),
)
@documented(AgreementFileSerializer)
class AgreementFileViewSet(FileViewSet):
    """Signed agreements, for whoever may read them."""

    permission = (p.VIEW_AGREEMENTS, p.VIEW_OWN_AGREEMENTS)
    model = AgreementFile
    queryset = AgreementFile.objects.none()
    serializer_class = AgreementFileSerializer
    filterset_class = AgreementFileFilterSet

    @once
    def create(self, request: Request) -> Response:
        """Keep a file beside an agreement, in the fields of a multipart body."""
        require(request.user, p.CHANGE_AGREEMENTS)
        agreement = self.parent_named(request, "agreement", Agreement.objects.visible_to(request.user), ())
        form = AgreementFilesForm({})
        form.files.setlist("uploads", request.FILES.getlist("file"))
        uploads = filled(form, {}).cleaned_data["uploads"]
        fields = {"agreement": agreement, "added_by": request.user, "category": "contract"}
        with taken_in(AgreementFile, uploads, **fields) as rows:
            done(agreements.add_files, agreement, rows, actor=request.user)
        return self.created(rows[0].pk)

    @action(detail=True, methods=["post"], url_path="moves/take_back")
    @once
    def take_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The file is the agreement's no longer; it is kept."""
        file = self.get_object()
        require(request.user, p.CHANGE_AGREEMENTS)
        done(agreements.take_back_file, file, actor=request.user, reason=reason_in(given_values(request)))
        return self.shown(self.fresh(file.pk))
