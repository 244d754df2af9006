from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from benevolence import permissions as p
from benevolence.forms.filters import EntryFilterSet
from benevolence.models import FundTransfer
from benevolence.services import fund
from core.api.rows import RowSerializer
from core.api.viewsets import ERRORS, UUID_PATTERN, GatedViewSet, documented
from core.web.keyset import Sort


class EntrySerializer(RowSerializer):
    """`amount` left the account `credit` and reached `debit`."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        model = FundTransfer
        fields = ["id", "kind", "on", "amount", "credit", "debit", "note", "reverses", "created_at"]
        read_only_fields = fields


class FiguresSerializer(serializers.Serializer):
    """Of the balance a part is set aside, the rest is available."""

    balance = serializers.DecimalField(max_digits=14, decimal_places=2)
    set_aside = serializers.DecimalField(max_digits=14, decimal_places=2)
    available = serializers.DecimalField(max_digits=14, decimal_places=2)
    paid_out = serializers.DecimalField(max_digits=14, decimal_places=2)


@documented(EntrySerializer)
class FundViewSet(GatedViewSet):
    """The entries of the fund: to read. They are recorded on the portal's own pages."""

    permission = p.VIEW_FUND
    model = FundTransfer
    queryset = FundTransfer.objects.none()
    serializer_class = EntrySerializer
    filterset_class = EntryFilterSet
    sort = Sort("on", "on", "on", descending=True)
    lookup_value_regex = UUID_PATTERN

    @extend_schema(responses={200: FiguresSerializer, **ERRORS})
    @action(detail=False, url_path="figures", filterset_class=None, pagination_class=None)
    def figures(self, request: Request) -> Any:
        """What the fund holds now."""
        return Response(FiguresSerializer(fund.figures()).data)
