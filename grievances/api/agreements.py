"""Agreements as JSON, to be read: what holds from when, and each step with its clocks."""

from typing import Any

from rest_framework import serializers

from core.api.rows import STAMPS, RowSerializer
from core.api.viewsets import UUID_PATTERN, GatedViewSet, documented
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.forms.filters import AgreementFilterSet
from grievances.models import Agreement, StepRule
from grievances.services.agreements import RULE_FIELDS


class StepRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = StepRule
        fields = ["id", *RULE_FIELDS]
        read_only_fields = fields


class StageSerializer(serializers.Serializer):
    """A step under the contract's own name; `step` is ours."""

    position = serializers.IntegerField()
    step = serializers.CharField()
    name = serializers.CharField()
    rules = StepRuleSerializer(many=True)


class AgreementSerializer(RowSerializer):
    """One version of an agreement; `previous` is the one that it follows."""

    steps = serializers.SerializerMethodField()

    class Meta:
        model = Agreement
        fields = [
            "id",
            "employer",
            "title",
            "worksites",
            "effective_from",
            "effective_to",
            "reopener_on",
            "previous",
            "saturdays_open",
            "silence",
            "lateness",
            "tolling",
            "panel_source",
            "panel_size",
            "first_strike",
            "steps",
            *STAMPS,
        ]
        read_only_fields = fields

    def get_steps(self, agreement: Any) -> StageSerializer(many=True):  # type: ignore[valid-type]
        stages = agreement.stages.all()
        return [
            {
                "position": stage.position,
                "step": stage.step,
                "name": stage.name,
                "rules": StepRuleSerializer(stage.rules.all(), many=True).data,
            }
            for stage in stages
        ]


@documented(AgreementSerializer)
class AgreementViewSet(GatedViewSet):
    """The agreements that the caller may read."""

    permission = (p.VIEW_AGREEMENTS, p.VIEW_OWN_AGREEMENTS)
    model = Agreement
    queryset = Agreement.objects.none()
    serializer_class = AgreementSerializer
    filterset_class = AgreementFilterSet
    sort = Sort("from", "effective_from", "from", descending=True)
    lookup_value_regex = UUID_PATTERN

    def for_answer(self, rows: Any) -> Any:
        return rows.prefetch_related("stages__rules")
