"""Agreements as JSON: what holds from when, each step with its clocks; written as contract.py says."""

from typing import Any

from rest_framework import serializers

from core.api.rows import STAMPS, RowSerializer, written
from core.api.viewsets import UUID_PATTERN, GatedViewSet, documented
from core.web.keyset import Sort
from grievances import permissions as p
from grievances.api.contract import ClosureSerializer, ContractApi, contracted
from grievances.forms.filters import AgreementFilterSet
from grievances.models import Agreement, StepRule
from grievances.services.agreements import RULE_FIELDS


class StepRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = StepRule
        fields = ["id", *RULE_FIELDS, "version"]
        read_only_fields = fields


class StageSerializer(serializers.Serializer):
    """A step under the contract's own name; `step` is ours."""

    id = serializers.UUIDField()
    position = serializers.IntegerField()
    step = serializers.CharField()
    name = serializers.CharField()
    rules = StepRuleSerializer(many=True)
    version = serializers.IntegerField()


class AgreementSerializer(RowSerializer):
    """One version of an agreement; `previous` is the one that it follows."""

    steps = serializers.SerializerMethodField()
    closures = serializers.SerializerMethodField()

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
            "holiday_list",
            "saturdays_open",
            "silence",
            "lateness",
            "tolling",
            "entry_step_individual",
            "entry_step_group",
            "entry_step_policy",
            "panel_source",
            "panel_size",
            "first_strike",
            "steps",
            "closures",
            *STAMPS,
        ]
        read_only_fields = fields

    def get_closures(self, agreement: Any) -> ClosureSerializer(many=True):  # type: ignore[valid-type]
        return [written(ClosureSerializer, closure) for closure in agreement.closures.all()]

    def get_steps(self, agreement: Any) -> StageSerializer(many=True):  # type: ignore[valid-type]
        stages = agreement.stages.all()
        return [
            {
                "id": str(stage.pk),
                "position": stage.position,
                "step": stage.step,
                "name": stage.name,
                "rules": StepRuleSerializer(stage.rules.all(), many=True).data,
                "version": stage.version,
            }
            for stage in stages
        ]


@contracted(AgreementSerializer)
@documented(AgreementSerializer)
class AgreementViewSet(ContractApi, GatedViewSet):
    """The agreements that the caller may read. A step or rule is named by its id, with its own version."""

    permission = (p.VIEW_AGREEMENTS, p.VIEW_OWN_AGREEMENTS)
    model = Agreement
    queryset = Agreement.objects.none()
    serializer_class = AgreementSerializer
    filterset_class = AgreementFilterSet
    sort = Sort("from", "effective_from", "from", descending=True)
    lookup_value_regex = UUID_PATTERN

    def for_answer(self, rows: Any) -> Any:
        return rows.prefetch_related("stages__rules", "closures")
