from functools import cache
from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.entry.api_access import StepUpMoveApi
from benevolence.api.drafts import DraftsApi, drafted
from benevolence.api.intake import IntakeApi
from benevolence.enums import GRANTED, Decision, Side, Status
from benevolence.forms.filters import ApplicationFilterSet
from benevolence.models import (
    ANY_PERMISSION,
    BenevolenceApplication,
    BenevolenceReview,
    Payment,
    PaymentLine,
    seen_in_full,
)
from benevolence.services.intake import briefs
from benevolence.services.sides import FIELDS, shown_fields
from benevolence.views.moves import MOVES
from benevolence.views.papers import handed_out
from core.api.records import MISSING, REFUSED
from core.api.rows import STAMPS, RowSerializer, columns, without, written
from core.api.viewsets import ERRORS, WorkflowViewSet, moved
from core.papers.typeset import PDF
from core.web.keyset import Sort
from members.models import Member


class ApplicantSerializer(RowSerializer):
    class Meta:
        model = Member
        fields = ["id", "member_number", "first_name", "last_name"]


class QuestionSerializer(serializers.Serializer):
    """A question to the applicant; `answer` is null until they answer."""

    asked_on = serializers.DateField(source="review_date")
    question = serializers.CharField(source="comments")
    answer = serializers.CharField(source="answer.text", default=None, allow_null=True)
    is_void = serializers.SerializerMethodField()

    def get_is_void(self, review: BenevolenceReview) -> bool:
        return review.voided_at is not None


class ReviewSerializer(RowSerializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    comments = serializers.CharField()

    class Meta:
        model = BenevolenceReview
        fields = [
            "id",
            "review_level",
            "reviewer_name",
            "decision",
            "amount",
            "review_date",
            "comments",
            "deferred_until",
            "voided_at",
        ]


class PaymentSerializer(RowSerializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        model = Payment
        fields = [
            "id",
            "voucher_number",
            "amount",
            "paid_on",
            "payment_method",
            "reference",
            "signed_at",
            "cleared_on",
            "voided_at",
            "void_reason",
        ]


class PayeeSerializer(RowSerializer):
    """`amount` is what the levels left of `asked`; its payments are told to those who decide, pay or audit."""

    asked = serializers.DecimalField(max_digits=12, decimal_places=2)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    payments = serializers.SerializerMethodField()

    class Meta:
        model = PaymentLine
        fields = ["position", "payee_kind", "payee_name", "address", "purpose", "asked", "amount", "payments"]

    @extend_schema_field(PaymentSerializer(many=True))
    def get_payments(self, line: Any) -> Any:
        return [written(PaymentSerializer, payment) for payment in line.sent_payments]


class ApplicationSerializer(RowSerializer):
    """What the caller's side does not see is null; `reviews` are empty for applicants and the office.

    Of a blind review null is also what tells the person: `prepared_text` stands for their words.
    """

    member = ApplicantSerializer(allow_null=True)
    description = serializers.CharField(allow_null=True)
    notes = serializers.CharField(allow_null=True)
    amount_requested = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    approved_amount = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    reason = serializers.CharField(allow_null=True)
    level_due = serializers.CharField(allow_null=True)
    payment_method = serializers.CharField(allow_null=True)
    payment_reference = serializers.CharField(allow_null=True)
    prepared_text = serializers.SerializerMethodField()
    side = serializers.ChoiceField(choices=Side.choices)
    questions = serializers.SerializerMethodField()
    denial_reason = serializers.SerializerMethodField()
    reviews = serializers.SerializerMethodField()
    payees = serializers.SerializerMethodField()

    class Meta:
        model = BenevolenceApplication
        fields = [
            "id",
            *without(FIELDS, "paid_by", "entered_by"),
            "prepared_text",
            "side",
            "questions",
            "denial_reason",
            "reviews",
            "payees",
            *STAMPS,
        ]
        read_only_fields = fields

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, application: Any) -> Any:
        asked = [review for review in application.sent_reviews if review.decision == Decision.NEEDS_INFO]
        found = [written(QuestionSerializer, review) for review in asked]
        return [{**one, "answer": None} for one in found] if application.side == Side.BLIND else found

    def get_denial_reason(self, application: Any) -> str | None:
        denials = [review for review in application.sent_reviews if review.decision == Decision.DENIED]
        return denials[-1].comments if denials and application.side not in (Side.INTAKE, Side.BLIND) else None

    def get_prepared_text(self, application: Any) -> str | None:
        """What intake prepared for a blind review."""
        sent = application.sent_briefs if application.side == Side.BLIND else []
        return sent[0].text if sent else None

    @extend_schema_field(ReviewSerializer(many=True))
    def get_reviews(self, application: Any) -> Any:
        shown = application.sent_reviews if application.side in (Side.FULL, Side.BLIND) else []
        return [written(ReviewSerializer, review) for review in shown]

    @extend_schema_field(PayeeSerializer(many=True))
    def get_payees(self, application: Any) -> Any:
        """Until it is decided, the applicant is told what they asked for, not what levels took; a blind review names
        nobody."""
        if application.side == Side.BLIND or (application.side == Side.INTAKE and application.status != Status.DRAFT):
            return []
        told = [written(PayeeSerializer, line) for line in application.sent_lines]
        if application.side != Side.FULL:
            for line in told:
                line["payments"] = []
                line["amount"] = line["amount"] if application.status in GRANTED else line["asked"]
        return told

    def to_representation(self, row: Any) -> dict[str, Any]:
        hidden = hidden_names(row.side, row.status)
        return written(ApplicationSerializer, row, zone=self.zone, hidden=hidden)


@cache
def hidden_names(side: str, status: str) -> frozenset[str]:
    return frozenset(FIELDS) - shown_fields(side, status)


@drafted(ApplicationSerializer)
@moved(ApplicationSerializer)
class ApplicationViewSet(DraftsApi, IntakeApi, StepUpMoveApi, WorkflowViewSet):
    asks_key = True
    permission = ANY_PERMISSION
    model = BenevolenceApplication
    queryset = BenevolenceApplication.objects.none()
    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilterSet
    is_prepared = True
    moves = MOVES
    sort = Sort("date", "list_date", "date", descending=True)

    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY, 404: MISSING, 409: REFUSED, **ERRORS})
    @action(detail=True, url_path="papers/(?P<paper>[a-z-]{1,40})")
    def paper(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The letter that tells the decision, or the receipt, as PDF: `decision-letter`, `receipt`."""
        return handed_out(self.get_object(), kwargs["paper"], actor=request.user)

    def for_answer(self, rows: Any) -> Any:
        reviews = BenevolenceReview.objects.select_related("answer")
        reviews = reviews.only("application", *columns(ReviewSerializer), "answer__text")
        rows = rows.for_person(self.request.user).select_related("member")
        made = models.Prefetch("payments", queryset=Payment.objects.order_by("voucher_number"), to_attr="sent_payments")
        lines = PaymentLine.objects.named().defer("account_number").prefetch_related(made).order_by("position")
        parts = [
            models.Prefetch("reviews", queryset=reviews, to_attr="sent_reviews"),
            models.Prefetch("lines", queryset=lines, to_attr="sent_lines"),
        ]
        if seen_in_full(self.request.user) is not None:
            texts = briefs().only("application", "text")
            parts.append(models.Prefetch("intake_notes", queryset=texts, to_attr="sent_briefs"))
        return rows.prefetch_related(*parts)

    def sent(self) -> list[str]:
        return [*columns(ApplicationSerializer), *columns(ApplicantSerializer, "member")]
