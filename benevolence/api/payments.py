"""Payments by program: the register, a payee paid, the second signature, the bank, a payment that is void."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.entry.api_access import require_proof
from benevolence import permissions as p
from benevolence.api.documents import ReasonSerializer
from benevolence.enums import Payee, PaymentMethod
from benevolence.forms.filters import PaymentFilterSet
from benevolence.forms.payments import ClearedForm, PayForm, SignForm
from benevolence.models import BenevolenceApplication, Payment
from benevolence.services import payments
from benevolence.views.moves import MOVES
from benevolence.views.payments import LISTS
from core.api.once import once, require_key
from core.api.records import CHANGES, IF_MATCH, Given, as_typed, done, filled, given_values, known_only
from core.api.rows import STAMPS, RowSerializer, columns
from core.api.versions import seen_version
from core.api.viewsets import UUID_PATTERN, GatedViewSet, InvalidBody, documented
from core.permissions import require
from core.web.forms import ReasonForm
from core.web.keyset import Sort


class PaymentRowSerializer(RowSerializer):
    """`payee` is the position among the payees of the application; null where others were named since."""

    application = serializers.UUIDField(source="line.application_id")
    application_number = serializers.CharField(source="line.application.application_number")
    payee = serializers.IntegerField(source="line.position", allow_null=True)
    payee_kind = serializers.ChoiceField(choices=Payee.choices, source="line.payee_kind")
    payee_name = serializers.CharField(source="line.payee_name")
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        model = Payment
        fields = [
            "id",
            "voucher_number",
            "application",
            "application_number",
            "payee",
            "payee_kind",
            "payee_name",
            "amount",
            "paid_on",
            "payment_method",
            "reference",
            "signed_at",
            "cleared_on",
            "voided_at",
            "void_reason",
            *STAMPS,
        ]
        read_only_fields = fields


class NewPaymentSerializer(serializers.Serializer):
    """`payee` is the position of who is paid; where one is left it may be missing. If-Match: the application's ETag."""

    application = serializers.UUIDField()
    payee = serializers.IntegerField(required=False)
    payment_date = serializers.DateField()
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices)
    payment_reference = serializers.CharField(required=False, max_length=60)


class ClearedSerializer(serializers.Serializer):
    cleared_on = serializers.DateField()


CHANGED: dict[str, Any] = {"parameters": [IF_MATCH], "responses": {200: PaymentRowSerializer, **CHANGES}}
MADE: dict[str, Any] = {"parameters": [IF_MATCH], "responses": {201: PaymentRowSerializer, **CHANGES}}


@extend_schema_view(
    create=extend_schema(request=NewPaymentSerializer, **MADE),
    sign=extend_schema(request=None, **CHANGED),
    clear=extend_schema(request=ClearedSerializer, **CHANGED),
    void=extend_schema(request=ReasonSerializer, **CHANGED),
)
@documented(PaymentRowSerializer)
class PaymentViewSet(GatedViewSet):
    """Who was paid what; of several payments made together each is one."""

    asks_key = True
    permission = LISTS
    model = Payment
    queryset = Payment.objects.none()
    serializer_class = PaymentRowSerializer
    filterset_class = PaymentFilterSet
    sort = Sort("paid", "paid_on", "paid", descending=True)
    lookup_value_regex = UUID_PATTERN
    unseen = gettext_lazy("It was saved, and you no longer see this payment.")

    def for_answer(self, rows: Any) -> Any:
        return rows.select_related("line__application")

    def sent(self) -> Sequence[str]:
        of_line = ("position", "payee_kind", "payee_name", "application__application_number")
        return [*columns(PaymentRowSerializer), "line", *(f"line__{name}" for name in of_line)]

    def get_queryset(self) -> Any:
        return super().get_queryset() if self.action in ("list", "retrieve") else self.visible()

    @once
    def create(self, request: Request) -> Response:
        """Record that a payee was paid; with the last one the application is paid."""
        require(request.user, p.PAY)
        given = given_values(request)
        application = self._application(given.pop("application", None))
        MOVES.check(application, "pay", request.user)
        version = seen_version(request)
        form: Any = PayForm({**as_typed(given), "version": version}, record=application, actor=request.user)
        known_only(given, [name for name in form.fields if name != "version"])
        filled(form, given)
        require_key(request)
        require_proof(request)
        done(payments.pay, application, actor=request.user, **form.values())
        made = payments.payments_of(application).latest("created_at")
        return self.created(made.pk)

    def _application(self, named: Any) -> BenevolenceApplication:
        try:
            key = uuid.UUID(str(named))
        except ValueError:
            key = None
        rows = BenevolenceApplication.objects.visible_to(self.request.user).for_person(self.request.user)
        application = rows.filter(pk=key).first() if key is not None else None
        if application is None:
            raise InvalidBody({"application": [_("Name the application to which this belongs, by its id.")]})
        return application

    @action(detail=True, methods=["post"], url_path="moves/sign")
    @once
    def sign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Sign as the second person."""
        return self._changed(p.COUNTERSIGN, SignForm, payments.sign, is_grave=True)

    @action(detail=True, methods=["post"], url_path="moves/clear")
    @once
    def clear(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record on which day the bank paid it."""
        return self._changed(p.PAY, ClearedForm, payments.clear)

    @action(detail=True, methods=["post"], url_path="moves/void")
    @once
    def void(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The payment was not made, or came back: its money is set aside again. Its numbers stay used."""
        return self._changed(p.PAY, ReasonForm, payments.void, is_grave=True)

    def _changed(
        self, permission: str, form_class: Any, service: Callable[..., Any], *, is_grave: bool = False
    ) -> Response:
        payment = self.get_object()
        require(self.request.user, permission)
        version, given = seen_version(self.request), given_values(self.request)
        known_only(given, [name for name in form_class.base_fields if name != "version"])
        values = self._values(form_class, payment, given, version)
        require_key(self.request)
        if is_grave:
            require_proof(self.request)
        done(service, payment, actor=self.request.user, version=version, **values)
        return self.shown(self.fresh(payment.pk))

    def _values(self, form_class: Any, payment: Payment, given: Given, version: int) -> Given:
        about = {"record": payment} if "version" in form_class.base_fields else {}
        form: Any = filled(form_class({**as_typed(given), "version": version}, **about), given)
        return {name: value for name, value in form.cleaned_data.items() if name != "version"}
