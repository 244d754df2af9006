"""The board of deadlines as JSON, each with its working; extensions of the dates that run."""

from typing import Any

import django_filters as filters
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.once import once
from core.api.parts import Parts
from core.api.records import CHANGES, IF_MATCH, done, filled_as_offered, given_values
from core.api.rows import columns, written
from core.api.versions import etag, seen_version
from core.api.viewsets import UUID_PATTERN, GatedViewSet, documented
from core.permissions import require
from core.web.filters import ListFilterSet
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.api.parts import DeadlineSerializer, DeliverySerializer, EmployerSerializer, ExtensionSerializer
from grievances.enums import Side, Step
from grievances.forms.deadlines import ConfirmForm, ExtensionForm
from grievances.models import Deadline, Delivery, Extension
from grievances.services import deliveries
from members.forms.filters import BIGGEST


class DeadlineFilterSet(ListFilterSet):
    """What the board is narrowed to; `since` and `until` are days."""

    side = filters.ChoiceFilter(choices=Side.choices)
    step = filters.ChoiceFilter(field_name="grievance__current_step", choices=Step.choices)
    rep = filters.NumberFilter(
        field_name="grievance__assigned_rep", label=_("Representative"), min_value=1, max_value=BIGGEST
    )
    employer = filters.NumberFilter(
        field_name="grievance__employer", label=_("Employer"), min_value=1, max_value=BIGGEST
    )
    since = filters.DateFilter(field_name="due", lookup_expr="gte")
    until = filters.DateFilter(field_name="due", lookup_expr="lte")

    class Meta:
        model = Deadline
        fields: list[str] = []


class BoardSerializer(DeadlineSerializer):
    """A deadline of a case or, as long as that is not filed, of a draft: the `intake`.

    `explanation` has the rule as it was and, under `counted`, each day with its reason.
    """

    grievance_number = serializers.CharField(source="grievance.grievance_number", default="")
    current_step = serializers.CharField(source="grievance.current_step", default="")
    assigned_rep = serializers.CharField(source="grievance.assigned_rep.full_name", default="")
    employer = serializers.SerializerMethodField()
    deliveries = DeliverySerializer(many=True, source="sent_deliveries")
    extensions = ExtensionSerializer(many=True, source="sent_extensions")

    class Meta:
        model = Deadline
        fields = [
            *("id", "grievance", "intake", "grievance_number", "current_step", "assigned_rep", "employer"),
            *DeadlineSerializer.Meta.fields[1:],
            *("missed_at", "deliveries", "extensions"),
        ]
        read_only_fields = fields

    def get_employer(self, deadline: Any) -> EmployerSerializer(allow_null=True):  # type: ignore[valid-type]
        place = deadline.grievance.employer if deadline.grievance_id else deadline.intake.organization
        return {"id": place.pk, "name": place.name} if place else None


class ExtensionBodySerializer(serializers.ModelSerializer):
    """Without a `document` nothing moves until it is confirmed. If-Match: the version of the deadline."""

    class Meta:
        model = Extension
        fields = ["new_date", "for_union", "for_employer", "agreed_on", "document", "note"]


class ConfirmBodySerializer(serializers.Serializer):
    """If-Match: the version of the extension."""

    document = serializers.CharField(max_length=200)


@extend_schema_view(
    extend=extend_schema(
        request=ExtensionBodySerializer, parameters=[IF_MATCH], responses={201: ExtensionSerializer, **CHANGES}
    ),
    confirm=extend_schema(
        request=ConfirmBodySerializer, parameters=[IF_MATCH], responses={200: ExtensionSerializer, **CHANGES}
    ),
)
@documented(BoardSerializer)
class DeadlineViewSet(GatedViewSet):
    """What runs, the next first; by its id also what has ended."""

    permission = (p.VIEW_GRIEVANCES, p.DRAFT_GRIEVANCES)
    model = Deadline
    queryset = Deadline.objects.none()
    serializer_class = BoardSerializer
    filterset_class = DeadlineFilterSet
    sort = Sort("due", "due", "due")
    lookup_value_regex = UUID_PATTERN
    parts = (
        Parts.sent("sent_deliveries", DeliverySerializer, Delivery.objects.all(), by="deadline"),
        Parts.sent("sent_extensions", ExtensionSerializer, Extension.objects.all(), by="deadline"),
    )

    def visible(self) -> Any:
        rows = super().visible()
        return rows.running().of_open_cases() if self.action == "list" else rows

    def for_answer(self, rows: Any) -> Any:
        return rows.select_related("grievance__employer", "grievance__assigned_rep", "intake__organization")

    def sent(self) -> list[str]:
        case = ("grievance_number", "current_step", "employer__name")
        names = (f"assigned_rep__{name}" for name in ("first_name", "last_name", "email"))
        told = [f"grievance__{name}" for name in (*case, *names)]
        return [*columns(BoardSerializer), *told, "intake__organization__name"]

    @action(detail=True, methods=["post"], url_path="extensions")
    @once
    def extend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record another date that both sides agreed on."""
        row = self.get_object()
        require(request.user, p.WORK_GRIEVANCES)
        version, given = seen_version(request), given_values(request)
        form = filled_as_offered(lambda typed: ExtensionForm(typed, record=row), given)
        made = done(deliveries.record_extension, row, form.values(), actor=request.user, version=version)
        return Response(written(ExtensionSerializer, made), status=201, headers={"ETag": etag(made.version)})

    @action(detail=True, methods=["post"], url_path=f"extensions/(?P<record>{UUID_PATTERN})/confirm")
    @once
    def confirm(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The document is there: from now on the new date holds, and later dates are computed from it."""
        row = self.get_object()
        require(request.user, p.WORK_GRIEVANCES)
        rows = Extension.objects.visible_to(request.user).filter(deadline=row)
        extension = get_object_or_404(rows, pk=kwargs["record"])
        version, given = seen_version(request), given_values(request)
        form = filled_as_offered(lambda typed: ConfirmForm(typed, record=extension), given)
        document = form.cleaned_data["document"]
        done(deliveries.confirm_extension, extension, document=document, actor=request.user, version=version)
        extension.refresh_from_db()
        return Response(written(ExtensionSerializer, extension), headers={"ETag": etag(extension.version)})
