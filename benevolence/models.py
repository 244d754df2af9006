import uuid
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from benevolence.enums import (
    FINAL,
    GRANTED,
    IN_REVIEW,
    NOT_YET_SENT,
    OPEN,
    Decision,
    Level,
    PaymentMethod,
    Reason,
    Relationship,
    Status,
)
from benevolence.querysets import (
    TO_DO_FOR_ENTRANT,
    AnswerQuerySet,
    ApplicationQuerySet,
    PartQuerySet,
    PolicyQuerySet,
    RelationshipQuerySet,
)
from core.crypto import EncryptedTextField
from core.folding import digits
from core.models import OneRow, TimeStamped, Versioned
from core.money import MoneyField
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from members.models import Member, searchable

TEXT_LENGTH = 4000
MOST_LOOKBACK = 3650
RISING = _("Each level's limit must be higher than the one before.")
ABOVE_ZERO = _("Enter an amount above zero.")


class BenevolencePolicy(OneRow):
    """The rules of the fund: which levels an amount needs, and what is capped."""

    vp_up_to = MoneyField(_("vice president decides up to"), default=Decimal("500.00"))
    admin_up_to = MoneyField(_("with the benevolence administrator up to"), default=Decimal("2000.00"))
    manager_up_to = MoneyField(_("with the business manager up to"), default=Decimal("5000.00"))
    lookback_days = models.PositiveSmallIntegerField(
        _("days that earlier approvals count"), default=90, validators=[MaxValueValidator(MOST_LOOKBACK)]
    )
    cap_per_application = MoneyField(_("most for one application"), null=True, blank=True)
    cap_per_member_year = MoneyField(_("most for one member in 12 months"), null=True, blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta(OneRow.Meta):
        verbose_name = verbose_name_plural = _("rules of benevolence")
        default_permissions = ()
        constraints = [
            *OneRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(vp_up_to__gt=0, admin_up_to__gt=F("vp_up_to"), manager_up_to__gt=F("admin_up_to")),
                name="benevolence_limits_rise",
                violation_error_message=RISING,
            ),
            models.CheckConstraint(
                condition=Q(cap_per_application=None) | Q(cap_per_application__gt=0),
                name="benevolence_cap_application",
                violation_error_message=ABOVE_ZERO,
            ),
            models.CheckConstraint(
                condition=Q(cap_per_member_year=None) | Q(cap_per_member_year__gt=0),
                name="benevolence_cap_member_year",
                violation_error_message=ABOVE_ZERO,
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("benevolence_rules")

    def clean(self) -> None:
        """Says at the fields what the constraints of the same meaning would say of the row."""
        found: dict[str, str] = {}
        below = Decimal(0)
        for name in ("vp_up_to", "admin_up_to", "manager_up_to"):
            limit = getattr(self, name)
            if limit is not None and limit <= below:
                found[name] = str(ABOVE_ZERO if below == 0 else RISING)
            below = limit or below
        for name in ("cap_per_application", "cap_per_member_year"):
            cap = getattr(self, name)
            if cap is not None and cap <= 0:
                found[name] = str(ABOVE_ZERO)
        if found:
            raise ValidationError(found)


class BenevolenceApplication(Versioned, TimeStamped):
    """A member's request for help, from the draft to the payment. Its status changes through workflow.FLOW only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application_number = models.CharField(
        _("number"), max_length=20, unique=True, null=True, blank=True, editable=False
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="benevolence_applications", verbose_name=_("member")
    )
    application_date = models.DateField(_("applied"), null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    description = EncryptedTextField(_("what happened"), max_length=TEXT_LENGTH, validators=[validate_paragraphs])
    amount_requested = MoneyField(_("amount requested"))
    needed_by = models.DateField(_("needed by"), null=True, blank=True, validators=[validate_sensible_date])
    status = models.CharField(_("status"), max_length=15, choices=Status.choices, default=Status.DRAFT)
    level_due = models.CharField(_("level due"), max_length=10, choices=Level.choices, blank=True)
    level_reached = models.PositiveSmallIntegerField(_("highest level reached"), default=0, editable=False)
    is_awaiting_applicant = models.BooleanField(_("waits for the applicant"), default=False)
    deferred_until = models.DateField(_("put off until"), null=True, blank=True, validators=[validate_sensible_date])
    approved_amount = MoneyField(_("amount approved"), null=True, blank=True)
    approved_on = models.DateField(_("approved"), null=True, blank=True)
    payment_date = models.DateField(_("paid on"), null=True, blank=True, validators=[validate_sensible_date])
    payment_method = models.CharField(_("paid by"), max_length=20, choices=PaymentMethod.choices, blank=True)
    payment_reference = models.CharField(
        _("check or bank reference"), max_length=60, blank=True, validators=[validate_single_line]
    )
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment recorded by"),
    )
    notes = EncryptedTextField(
        _("notes of the office"), max_length=TEXT_LENGTH, blank=True, validators=[validate_paragraphs]
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    list_date = models.DateField(_("date"), default=local_today, editable=False)
    sort_number = models.CharField(max_length=20, blank=True, editable=False)
    search_text = models.TextField(editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("benevolence application")
        verbose_name_plural = _("benevolence applications")
        default_permissions = ()
        permissions = [
            ("view_own_application", "Can view own application"),
            ("apply", "Can apply"),
            ("apply_for_member", "Can apply for member"),
            ("request_benevolence", "Can request benevolence"),
            ("review_vp", "Can review vp"),
            ("review_admin", "Can review admin"),
            ("review_manager", "Can review manager"),
            ("review_president", "Can review president"),
            ("pay_benevolence", "Can pay benevolence"),
            ("view_decided_application", "Can view decided application"),
            ("view_totals", "Can view totals"),
            ("declare_relationship", "Can declare relationship"),
            ("view_benevolencepolicy", "Can view benevolencepolicy"),
            ("change_benevolencepolicy", "Can change benevolencepolicy"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_requested__gt=0), name="application_amount", violation_error_message=ABOVE_ZERO
            ),
            models.CheckConstraint(
                condition=Q(approved_amount=None)
                | Q(approved_amount__gt=0, approved_amount__lte=F("amount_requested")),
                name="application_approved_amount",
                violation_error_message=_("Approve an amount above zero and at most what was asked for."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=GRANTED) | Q(approved_amount__isnull=False, approved_on__isnull=False),
                name="application_granted",
                violation_error_message=_("An approved application needs its amount and its day."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=Status.PAID, payment_date__isnull=False, paid_by__isnull=False) & ~Q(payment_method="")
                )
                | (~Q(status=Status.PAID) & Q(payment_date=None, paid_by=None, payment_method="")),
                name="application_payment",
                violation_error_message=_("A payment needs its day, its method and who recorded it."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=NOT_YET_SENT)
                | Q(application_number__isnull=False, application_date__isnull=False, level_reached__gte=1),
                name="application_numbered",
                violation_error_message=_("A submitted application needs its number, its day and its first level."),
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.DRAFT) | Q(application_number=None, application_date=None, level_reached=0),
                name="application_draft",
                violation_error_message=_("A draft has neither a number nor a level yet."),
            ),
            models.CheckConstraint(
                condition=(Q(status__in=IN_REVIEW) & ~Q(level_due=""))
                | (~Q(status__in=IN_REVIEW) & Q(level_due="", is_awaiting_applicant=False, deferred_until=None)),
                name="application_level_due",
                violation_error_message=_("A level is due while an application is in review, and only then."),
            ),
            models.CheckConstraint(
                condition=Q(level_reached__lte=4),
                name="application_level_reached",
                violation_error_message=_("There are four levels."),
            ),
            models.UniqueConstraint(
                fields=["payment_reference"],
                condition=~Q(payment_reference=""),
                name="application_payment_reference",
                violation_error_message=_("Another payment has this reference. Look at the check or the bank's list."),
            ),
        ]
        indexes = [
            models.Index(fields=["list_date", "id"], name="application_date"),
            models.Index(fields=["sort_number", "id"], name="application_sort_number"),
            models.Index(fields=["updated_at", "id"], name="application_updated"),
            models.Index(fields=["status", "list_date", "id"], name="application_status"),
            models.Index(fields=["reason", "list_date", "id"], name="application_reason"),
            models.Index(fields=["level_due", "list_date", "id"], name="application_level"),
            models.Index(fields=["member", "list_date", "id"], name="application_member"),
            models.Index(fields=["entered_by", "list_date", "id"], name="application_entered"),
            models.Index(
                fields=["entered_by", "list_date", "id"], name="application_entered_open", condition=Q(status__in=OPEN)
            ),
            models.Index(
                fields=["entered_by", "list_date", "id"], name="application_entered_todo", condition=TO_DO_FOR_ENTRANT
            ),
            # A level's queue, the oldest first.
            models.Index(
                fields=["level_due", "list_date", "sort_number", "id"],
                name="application_queue",
                condition=Q(status__in=IN_REVIEW),
            ),
            # The higher the level, the fewer reach it, and the less of the others its holder should wait for.
            *(
                models.Index(
                    fields=["list_date", "id"], name=f"application_reached_{at}", condition=Q(level_reached__gte=at)
                )
                for at in (2, 3, 4)
            ),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="application_search"),
        ]

    def __str__(self) -> str:
        return self.application_number or str(_("Draft"))

    def get_absolute_url(self) -> str:
        return reverse("application_detail", args=[self.pk])

    @property
    def is_in_review(self) -> bool:
        return self.status in IN_REVIEW

    def clean(self) -> None:
        """Says at the field what the constraint of the same meaning would say of the row."""
        if self.amount_requested is not None and self.amount_requested <= 0:
            raise ValidationError({"amount_requested": ABOVE_ZERO})

    def fill_keys(self) -> None:
        """Columns computed from others; called before every save and by the bulk writer.

        `list_date` is the day of the application, for a draft the day on which it was begun.
        """
        self.list_date = self.application_date or self.list_date
        self.sort_number = sort_number(self.application_number or "")
        number = self.application_number or ""
        # A number typed with its hyphens is searched as one word of digits.
        self.search_text = searchable(number, digits(number), self.member.full_name, self.member.member_number or "")

    def save(self, **kwargs) -> None:
        self.fill_keys()
        super().save(**kwargs)


def sort_number(number: str) -> str:
    """`BN-2026-10000` after `BN-2026-9999`, also as text."""
    start, dash, count = number.rpartition("-")
    return f"{start}{dash}{count:0>9}" if number else ""


class BenevolenceReview(Versioned, TimeStamped):
    """What one reviewer decided at one level. Never edited; an amended application voids it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        BenevolenceApplication, models.PROTECT, related_name="reviews", verbose_name=_("application")
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reviewer"))
    reviewer_name = models.CharField(_("name of the reviewer"), max_length=200, validators=[validate_single_line])
    review_level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    amount = MoneyField(_("amount approved"), null=True, blank=True)
    review_date = models.DateField(_("decided"))
    comments = EncryptedTextField(_("comments"), max_length=TEXT_LENGTH, blank=True, validators=[validate_paragraphs])
    deferred_until = models.DateField(_("put off until"), null=True, blank=True, validators=[validate_sensible_date])
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "review_level"],
                condition=Q(decision__in=FINAL, voided_at=None),
                name="review_one_decision_a_level",
                violation_error_message=_("This level has already decided."),
            ),
            models.UniqueConstraint(
                fields=["application", "reviewer"],
                condition=Q(decision__in=FINAL, voided_at=None),
                name="review_one_level_a_person",
                violation_error_message=_("Nobody decides two levels of one application."),
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.APPROVED, amount__isnull=False, amount__gt=0)
                | (~Q(decision=Decision.APPROVED) & Q(amount=None)),
                name="review_amount",
                violation_error_message=_("An approval, and nothing else, needs an amount."),
            ),
        ]
        indexes = [
            models.Index(fields=["application", "created_at", "id"], name="review_application"),
            models.Index(fields=["reviewer", "application"], name="review_reviewer"),
            models.Index(fields=["created_at", "id"], name="review_created"),
        ]

    def __str__(self) -> str:
        return f"{self.get_review_level_display()}: {self.get_decision_display()}"


class ApplicantAnswer(Versioned, TimeStamped):
    """What the applicant, or the office for them, answered to a reviewer's question."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.OneToOneField(BenevolenceReview, models.PROTECT, related_name="answer", verbose_name=_("question"))
    text = EncryptedTextField(_("answer"), max_length=TEXT_LENGTH, validators=[validate_paragraphs])
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"))

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of the applicant")
        verbose_name_plural = _("answers of applicants")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class DeclaredRelationship(Versioned, TimeStamped):
    """Who stepped back from the applications of whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"))
    kind = models.CharField(_("relationship"), max_length=10, choices=Relationship.choices)
    declared_at = models.DateTimeField(_("declared"))

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("declared relationship")
        verbose_name_plural = _("declared relationships")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "member"],
                name="relationship_declared_once",
                violation_error_message=_("You have declared this relationship already."),
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
