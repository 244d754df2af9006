from typing import Any

from rest_framework import serializers

from benevolence import permissions as p
from benevolence.api.applications import ApplicantSerializer
from benevolence.forms.filters import PastHelpFilterSet
from benevolence.models import PAST_HELP_PERMISSIONS, PastHelp
from core.api.rows import STAMPS, RowSerializer, columns
from core.api.viewsets import GatedViewSet, documented
from core.web.keyset import Sort


class PastHelpSerializer(RowSerializer):
    member = ApplicantSerializer()
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        model = PastHelp
        fields = ["id", "member", "paid_on", "amount", "reason", "reference", *STAMPS]
        read_only_fields = fields


@documented(PastHelpSerializer)
class PastHelpViewSet(GatedViewSet):
    """Help that was paid before the portal: to read. It comes in by lists, on their pages."""

    permission = (p.VIEW_OWN_APPLICATIONS, *PAST_HELP_PERMISSIONS)
    model = PastHelp
    queryset = PastHelp.objects.none()
    serializer_class = PastHelpSerializer
    filterset_class = PastHelpFilterSet
    sort = Sort("paid", "paid_on", "paid", descending=True)

    def visible(self) -> Any:
        return super().visible().alive()

    def for_answer(self, rows: Any) -> Any:
        return rows.select_related("member")

    def sent(self) -> list[str]:
        return [*columns(PastHelpSerializer), *columns(ApplicantSerializer, "member")]
