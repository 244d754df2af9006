"""What the API tells of the arbitration of a case."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from rest_framework import serializers

from core.api.rows import RowSerializer, written
from grievances.enums import Step
from grievances.models import Arbitration, ArbitrationCost, Award, HearingDay, PanelName


class PanelNameSerializer(RowSerializer):
    """`struck_number` counts the strikes from 1; a name without one remains."""

    class Meta:
        model = PanelName
        fields = ["id", "position", "name", "struck_number", "struck_by", "struck_on"]
        read_only_fields = fields


class HearingDaySerializer(RowSerializer):
    class Meta:
        model = HearingDay
        fields = ["id", "day", "place", "cancelled_at", "cancelled_reason"]
        read_only_fields = fields


class AwardSerializer(RowSerializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)

    class Meta:
        model = Award
        fields = ["id", "day", "received_on", "outcome", "amount", "summary", "superseded_at", "superseded_reason"]
        read_only_fields = fields


class ArbitrationCostSerializer(RowSerializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        model = ArbitrationCost
        fields = ["id", "day", "what", "amount", "dropped_at", "dropped_reason"]
        read_only_fields = fields


class ArbitrationSerializer(RowSerializer):
    """A panel and what came of it; `turn` says who strikes next, `arbitrator` who serves."""

    turn = serializers.CharField()
    next_number = serializers.IntegerField()
    arbitrator = serializers.SerializerMethodField()
    names = PanelNameSerializer(many=True, source="sent_names")
    hearings = HearingDaySerializer(many=True, source="sent_hearings")
    awards = AwardSerializer(many=True, source="sent_awards")
    costs = ArbitrationCostSerializer(many=True, source="sent_costs")

    class Meta:
        model = Arbitration
        fields = [
            *("id", "source", "size", "first_strike", "requested_on", "superseded_at", "superseded_reason"),
            *("turn", "next_number", "arbitrator", "names", "hearings", "awards", "costs"),
        ]
        read_only_fields = fields

    def get_arbitrator(self, arbitration: Any) -> str:
        return str(arbitration.selected or "")


PARTS = {
    "names": PanelNameSerializer,
    "hearings": HearingDaySerializer,
    "awards": AwardSerializer,
    "costs": ArbitrationCostSerializer,
}


class ArbitrationParts:
    """The arbitrations of those rows of an answer that are at arbitration; asks nothing where none is."""

    def attach(self, parents: Sequence[Model]) -> None:
        cases: list[Any] = list(parents)
        found = defaultdict(list)
        keys = [case.pk for case in cases if case.current_step == Step.ARBITRATION]
        for row in Arbitration.objects.filter(grievance__in=keys).with_rows() if keys else ():
            for name, kind in PARTS.items():
                setattr(row, f"sent_{name}", [written(kind, part) for part in getattr(row, name).all()])
            found[row.grievance_id].append(written(ArbitrationSerializer, row))
        for case in cases:
            case.sent_arbitrations = found[case.pk]


ARBITRATIONS: Any = ArbitrationParts()  # in the place of Parts
