from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.entry.api_access import require_proof
from benevolence import permissions as p
from benevolence.api.documents import ReasonSerializer
from benevolence.enums import INCOME
from benevolence.forms.filters import EntryFilterSet
from benevolence.forms.payments import ContributionForm
from benevolence.models import FundTransfer
from benevolence.models.fund import NOTE_LENGTH
from benevolence.services import fund
from core.api.once import once, require_key
from core.api.records import MISSING, WRITES, as_typed, done, filled, given_values, known_only, reason_in
from core.api.rows import RowSerializer
from core.api.viewsets import ERRORS, UUID_PATTERN, GatedViewSet, documented
from core.permissions import require
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


class ContributionSerializer(serializers.Serializer):
    """Money that is in the bank; of an opening balance `note` names the statement."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in INCOME])
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    on = serializers.DateField()
    note = serializers.CharField(required=False, max_length=NOTE_LENGTH)


@extend_schema_view(
    create=extend_schema(request=ContributionSerializer, responses={201: EntrySerializer, **WRITES}),
    reverse=extend_schema(request=ReasonSerializer, responses={201: EntrySerializer, 404: MISSING, **WRITES}),
)
@documented(EntrySerializer)
class FundViewSet(GatedViewSet):
    """The entries of the fund. What comes in is recorded here; the others follow from applications and payments."""

    asks_key = True
    permission = p.VIEW_FUND
    model = FundTransfer
    queryset = FundTransfer.objects.none()
    serializer_class = EntrySerializer
    filterset_class = EntryFilterSet
    sort = Sort("on", "on", "on", descending=True)
    lookup_value_regex = UUID_PATTERN

    @once
    def create(self, request: Request) -> Response:
        """Record what came in."""
        require(request.user, p.RECORD_FUND)
        given = given_values(request)
        known_only(given, list(ContributionForm.base_fields))
        form = filled(ContributionForm(as_typed(given)), given)
        require_key(request)
        return self._entered(done(fund.contribute, form.cleaned_data, actor=request.user))

    @action(detail=True, methods=["post"], url_path="moves/reverse")
    @once
    def reverse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take back what came in by mistake, with the entry that this answers. Both stay."""
        entry = self.get_object()
        require(request.user, p.RECORD_FUND)
        reason = reason_in(given_values(request))
        require_key(request)
        require_proof(request)
        return self._entered(done(fund.reverse, entry, actor=request.user, reason=reason))

    def _entered(self, entry: FundTransfer) -> Response:
        answer = self.shown(entry, status=201)
        answer["Location"] = self.request.build_absolute_uri(reverse("api-benevolence-fund-detail", args=[entry.pk]))
        return answer

    @extend_schema(responses={200: FiguresSerializer, **ERRORS})
    @action(detail=False, url_path="figures", filterset_class=None, pagination_class=None)
    def figures(self, request: Request) -> Any:
        """What the fund holds now."""
        return Response(FiguresSerializer(fund.figures()).data)
