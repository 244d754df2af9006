"""Dockets as JSON, to be read: the meeting and what came of each case that the caller sees."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers

from core.api.rows import STAMPS, RowSerializer
from core.api.viewsets import UUID_PATTERN, GatedViewSet, documented
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.forms.dockets import DocketFilterSet
from grievances.models import Docket, DocketCase


class DocketCaseSerializer(serializers.Serializer):
    """A case on the docket; `refusal` says why its meeting could not be recorded, `recorded_at` that it was."""

    grievance = serializers.UUIDField(source="grievance_id")
    grievance_number = serializers.CharField(source="grievance.grievance_number")
    position = serializers.IntegerField()
    outcome = serializers.CharField()
    promised_on = serializers.DateField(allow_null=True)
    said = serializers.CharField()
    refusal = serializers.CharField()
    recorded_at = serializers.DateTimeField(allow_null=True)


class DocketSerializer(RowSerializer):
    """One meeting with an employer about many cases."""

    cases = serializers.SerializerMethodField()

    class Meta:
        model = Docket
        fields = ["id", "employer", "meeting_date", "place", "union_attendees", "employer_attendees", "cases", *STAMPS]
        read_only_fields = fields

    def get_cases(self, docket: Any) -> DocketCaseSerializer(many=True):  # type: ignore[valid-type]
        return DocketCaseSerializer(docket.seen_cases, many=True).data


@documented(DocketSerializer)
class DocketViewSet(GatedViewSet):
    """Dockets with a case that the caller sees whole; of their cases those alone."""

    permission = p.VIEW_GRIEVANCES
    model = Docket
    queryset = Docket.objects.none()
    serializer_class = DocketSerializer
    filterset_class = DocketFilterSet
    sort = Sort("day", "meeting_date", "day", descending=True)
    lookup_value_regex = UUID_PATTERN

    def for_answer(self, rows: Any) -> Any:
        seen = DocketCase.objects.visible_to(self.request.user).for_page()
        return rows.prefetch_related(Prefetch("cases", seen, to_attr="seen_cases"))
