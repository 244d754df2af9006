"""Applications, reviews and relationships for tests and first data: valid in every status.

Everything random comes from factory.random, so that a seed repeats it.
"""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory
from factory.random import randgen

from accounts.factories import UserFactory
from benevolence.enums import (
    GRANTED,
    IN_REVIEW,
    NOT_YET_SENT,
    Account,
    Decision,
    EntryKind,
    Level,
    PaymentMethod,
    Reason,
    Relationship,
    Status,
    position_of,
)
from benevolence.first_data import UNDECIDED
from benevolence.models import (
    ApplicantAnswer,
    ApplicationDocument,
    BankStatement,
    BenevolenceApplication,
    BenevolenceReview,
    DeclaredRelationship,
    FundTransfer,
    PastHelp,
    Payment,
    PaymentLine,
    PaymentRun,
)
from benevolence.services import fund
from benevolence.services.facts import policy_of, total_of
from benevolence.services.policy import levels_needed
from core.files.attaching import taken_in
from core.site import local_today
from members.factories import MemberFactory

STORIES = {
    Reason.MEDICAL: "Off work since the operation; the sick pay does not cover the rent.",
    Reason.DEATH_IN_FAMILY: "The funeral has to be paid before the insurance answers.",
    Reason.DISASTER: "The flood took the furnace and the basement; the landlord waits for his insurer.",
    Reason.HARDSHIP: "Laid off for seven weeks; the power company sent a shut-off notice.",
    Reason.OTHER: "The car that takes three of us to the site needs a transmission.",
}


class ApplicationFactory(DjangoModelFactory):
    """A draft unless a status is told; level, number, amounts and payment follow from it."""

    class Meta:
        model = BenevolenceApplication
        skip_postgeneration_save = True

    member = factory.SubFactory(MemberFactory)
    entered_by = factory.SubFactory(UserFactory)
    status = Status.DRAFT
    reason = factory.LazyFunction(lambda: randgen.choice(list(Reason)))
    description = factory.LazyAttribute(lambda made: STORIES[Reason(made.reason)])
    amount_requested = factory.LazyFunction(lambda: Decimal(randgen.randint(3, 9) * 50))
    application_date = factory.LazyAttribute(lambda made: None if made.status in NOT_YET_SENT else local_today())
    application_number = factory.Maybe(
        factory.LazyAttribute(lambda made: made.status not in NOT_YET_SENT),
        factory.LazyAttributeSequence(lambda made, number: f"BN-{made.application_date.year}-{9001 + number:04d}"),
        None,
    )
    level_due = factory.LazyAttribute(lambda made: Level.VP if made.status in IN_REVIEW else "")
    level_reached = factory.LazyAttribute(
        lambda made: 0 if made.status in NOT_YET_SENT else position_of(made.level_due or Level.VP)
    )
    approved_amount = factory.LazyAttribute(lambda made: made.amount_requested if made.status in GRANTED else None)
    approved_on = factory.LazyAttribute(lambda made: made.application_date if made.status in GRANTED else None)
    payment_date = factory.LazyAttribute(lambda made: made.approved_on if made.status == Status.PAID else None)
    payment_method = factory.LazyAttribute(
        lambda made: PaymentMethod.DIRECT_DEPOSIT if made.status == Status.PAID else ""
    )
    payment_reference = ""
    paid_by = factory.Maybe(
        factory.LazyAttribute(lambda made: made.status == Status.PAID), factory.SubFactory(UserFactory), None
    )

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """Make what is granted in review, for the database lets nothing begin decided; see `money`."""
        granted = {name: kwargs[name] for name in UNDECIDED} if kwargs["status"] in GRANTED else {}
        made = super()._create(model_class, *args, **{**kwargs, **(UNDECIDED if granted else {})})
        made.granted = granted
        return made

    @factory.post_generation
    def money(self, create, extracted, **kwargs):
        """Let the fund hold what is asked for, and, as far as the status says, the payee and the payment stand.

        `money=False`: nothing comes into the fund, and what is not granted has no payee. Of what is granted each level
        that the amount needs has approved it; `money__reviews={"vp": {"reviewer": ann}}` says more of that, and
        `money__line` of the payee.
        """
        asked = Decimal(self.amount_requested)
        granted = self.__dict__.pop("granted", {})
        if not create or (extracted is False and not granted) or not asked > 0:
            return
        with transaction.atomic():
            if extracted is not False:
                donated(asked)
            if self.status not in NOT_YET_SENT:
                left = self.approved_amount or asked
                LineFactory(application=self, asked=asked, amount=left, **kwargs.get("line", {}))
            if granted:
                grant(self, granted, kwargs.get("reviews", {}))


def grant(application, granted, reviews=()):
    """Let levels approve it, as many as its amount needs, then set aside and pay what `granted` says."""
    for name in ("approved_amount", "approved_on"):
        setattr(application, name, granted.get(name, getattr(application, name)))
    left, rules = application.approved_amount, policy_of(application)
    for level in levels_needed(total_of(application, rules), rules):
        ReviewFactory(application=application, review_level=level, amount=left, **dict(reviews).get(level, {}))
    fund.set_aside(application, left, actor=None)
    if granted["status"] == Status.PAID:
        line = application.lines.get()
        PaymentFactory(line=line, paid_on=granted["payment_date"], paid_by=granted["paid_by"])
    for name, value in granted.items():
        setattr(application, name, value)
    application.save()


def donated(amount):
    """Let so much come into the fund."""
    with transaction.atomic():
        fund.lock()
        return TransferFactory(amount=amount)


class TransferFactory(DjangoModelFactory):
    """A donation; see fund.lock for the accounts."""

    class Meta:
        model = FundTransfer

    kind = EntryKind.DONATION
    credit_id = Account.OUTSIDE
    debit_id = Account.AVAILABLE
    amount = Decimal("1000.00")
    key = factory.LazyFunction(lambda: f"in:{uuid4()}")


class StatementFactory(DjangoModelFactory):
    """The books agree with it."""

    class Meta:
        model = BankStatement

    month = date(2026, 1, 1)
    balance = books = Decimal("1000.00")
    outstanding = Decimal("0.00")
    entered_by = factory.SubFactory(UserFactory)


class LineFactory(DjangoModelFactory):
    class Meta:
        model = PaymentLine

    application = factory.SubFactory(ApplicationFactory)
    payee_name = factory.LazyAttribute(lambda made: made.application.member.full_name)
    asked = factory.LazyAttribute(lambda made: made.application.amount_requested)
    amount = factory.LazyAttribute(lambda made: made.asked)


class PaymentRunFactory(DjangoModelFactory):
    class Meta:
        model = PaymentRun

    paid_on = factory.LazyFunction(local_today)
    payment_method = PaymentMethod.CHECK
    made_by = factory.SubFactory(UserFactory)


class PaymentFactory(DjangoModelFactory):
    """Of a payee for whom enough is set aside."""

    class Meta:
        model = Payment
        skip_postgeneration_save = True

    line = factory.SubFactory(LineFactory)
    amount = factory.LazyAttribute(lambda made: made.line.amount)
    voucher_number = factory.Sequence(lambda number: f"BV-2026-{9001 + number:04d}")
    paid_on = factory.LazyFunction(local_today)
    payment_method = PaymentMethod.DIRECT_DEPOSIT
    paid_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def disbursed(self, create, extracted, **kwargs):
        if create:
            fund.disburse(self, actor=self.paid_by)


class ReviewFactory(DjangoModelFactory):
    class Meta:
        model = BenevolenceReview

    application = factory.SubFactory(ApplicationFactory, status=Status.UNDER_REVIEW)
    reviewer = factory.SubFactory(UserFactory)
    reviewer_name = factory.LazyAttribute(lambda made: made.reviewer.full_name)
    review_level = Level.VP
    decision = Decision.APPROVED
    amount = factory.LazyAttribute(
        lambda made: made.application.amount_requested if made.decision == Decision.APPROVED else None
    )
    review_date = factory.LazyFunction(local_today)
    comments = "As discussed."


class AnswerFactory(DjangoModelFactory):
    class Meta:
        model = ApplicantAnswer

    review = factory.SubFactory(ReviewFactory, decision=Decision.NEEDS_INFO)
    text = "The notice is from last Tuesday."
    answered_by = factory.SubFactory(UserFactory)
    answered_at = factory.LazyFunction(timezone.now)


class PastHelpFactory(DjangoModelFactory):
    class Meta:
        model = PastHelp

    member = factory.SubFactory(MemberFactory)
    paid_on = factory.LazyFunction(lambda: local_today() - timedelta(30))
    amount = Decimal("300.00")
    reason = Reason.HARDSHIP
    source = "register.csv, row 2"


class DocumentFactory(DjangoModelFactory):
    """A text with its content in the store. `content` is what it says, `upload_name` what its owner calls it."""

    class Meta:
        model = ApplicationDocument

    application = factory.SubFactory(ApplicationFactory)
    category = "notice"
    added_by = factory.SelfAttribute("application.entered_by")
    content = factory.Sequence(lambda number: f"Notice {number}: pay by Friday.".encode())
    upload_name = "Notice.txt"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        upload = SimpleUploadedFile(kwargs.pop("upload_name"), kwargs.pop("content"))
        late = {name: kwargs.pop(name) for name in ("name", "state", "added_at") if name in kwargs}
        with taken_in(model_class, [upload], **kwargs) as rows:
            for name, value in late.items():
                setattr(rows[0], name, value)
            rows[0].save()
        return rows[0]


class RelationshipFactory(DjangoModelFactory):
    class Meta:
        model = DeclaredRelationship

    user = factory.SubFactory(UserFactory)
    member = factory.SubFactory(MemberFactory)
    kind = Relationship.FRIEND
    declared_at = factory.LazyFunction(timezone.now)
