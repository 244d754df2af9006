"""Who is paid, and what was paid."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import Payee, PaymentMethod
from benevolence.models.application import BenevolenceApplication
from benevolence.models.guards import PAYMENT, PAYMENT_LINE
from benevolence.models.policy import ABOVE_ZERO
from benevolence.models.review import PartQuerySet
from benevolence.models.sides import is_own, is_related, paper_of, reviews_by
from core.crypto import EncryptedTextField
from core.models import TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import may
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line

NAME_LENGTH, ADDRESS_LENGTH, PURPOSE_LENGTH, ACCOUNT_LENGTH, REFERENCE_LENGTH = 120, 300, 120, 60, 60
MOST_PAYEES = 5


class LineQuerySet(PartQuerySet):
    def named(self):
        """Without those in place of whom others were named."""
        return self.filter(position__isnull=False)

    def to_pay(self):
        """Those with money on them."""
        return self.filter(amount__gt=0)

    def unpaid(self):
        return self.to_pay().exclude(payments__in=Payment.objects.filter(voided_at=None))


class PaymentLine(Versioned, TimeStamped):
    """One payee of an application. `asked` is what the applicant wrote, `amount` what the levels left of it.

    Who is no longer named has no position and gets nothing; the row stays for the void payment that it belongs to.
    """

    triggers = PAYMENT_LINE

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        BenevolenceApplication, models.PROTECT, related_name="lines", verbose_name=_("application")
    )
    position = models.PositiveSmallIntegerField(_("position"), null=True, blank=True, default=1)
    payee_kind = models.CharField(_("who is paid"), max_length=10, choices=Payee.choices, default=Payee.MEMBER)
    payee_name = models.CharField(_("name"), max_length=NAME_LENGTH, validators=[validate_single_line])
    address = models.CharField(_("address"), max_length=ADDRESS_LENGTH, blank=True, validators=[validate_paragraphs])
    asked = MoneyField(_("amount asked"))
    amount = MoneyField(_("amount"))
    purpose = models.CharField(_("what for"), max_length=PURPOSE_LENGTH, blank=True, validators=[validate_single_line])
    account_number = EncryptedTextField(
        _("account number at the utility"), max_length=ACCOUNT_LENGTH, blank=True, validators=[validate_single_line]
    )

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("payee")
        verbose_name_plural = _("payees")
        default_permissions = ()
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "position"], name="payment_line_position"),
            models.CheckConstraint(
                condition=Q(asked__gt=0), name="payment_line_asked", violation_error_message=ABOVE_ZERO
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=F("asked")),
                name="payment_line_amount",
                violation_error_message=_("A level may lower what a payee gets, never raise it."),
            ),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=MOST_PAYEES), name="payment_line_few"),
        ]

    def __str__(self) -> str:
        return self.payee_name


class PaymentQuerySet(PartQuerySet):
    parent = "line__application"
    parents_seen = "by_payment"

    def visible_to(self, user):
        """As `in_register`; and the second signer sees what is to be signed, without the rest of the case."""
        seen = self.in_register(user)
        return self.filter(Q(pk__in=seen.values("pk")) | self.to_sign(user)) if may(user, p.COUNTERSIGN) else seen

    def in_register(self, user):
        """With their application; to whoever pays or audits also what came of one that is not open to them any more."""
        return super().visible_to(user)

    def with_case(self, user):
        """`tells_case`: whether `user` also sees the application by name, and so what led to the payment."""
        seen = BenevolenceApplication.objects.by_name(user).filter(pk=OuterRef("line__application"))
        return self.annotate(tells_case=Exists(seen))

    @staticmethod
    def to_sign(user):
        """What `user` signed, and what nobody has, but of relations and of whom they reviewed without the name."""
        applications = BenevolenceApplication.objects.filter(pk=OuterRef("line__application"))
        told = applications.filter(~Q(is_related(user)), Q(is_blind=False) | ~Exists(reviews_by(user)))
        return Q(Exists(told), second_signer=None, voided_at=None) | Q(second_signer=user)

    def waiting_for_signature(self, user):
        """Those that nobody has signed as the second person, as far as `user` may: services.payments.may_sign says why.

        Each is looked up with its application, which few of them wait for.
        """
        mine = Q(entered_by=user.pk) | Q(begun_by=user.pk) | Q(is_own(user)) | Q(is_related(user))
        apart = BenevolenceApplication.objects.filter(~mine, pk=OuterRef("line__application"))
        apart = apart.filter(~Exists(reviews_by(user)), ~Exists(paper_of().filter(confirmed_by=user)))
        return self.live().filter(Exists(apart), second_signer=None).exclude(paid_by=user.pk)

    def live(self):
        return self.filter(voided_at=None)


class PaymentRun(Versioned, TimeStamped):
    """Payments that were made together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    paid_on = models.DateField(_("paid on"), validators=[validate_sensible_date])
    payment_method = models.CharField(_("paid by"), max_length=20, choices=PaymentMethod.choices)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))

    class RunQuerySet(models.QuerySet):
        def visible_to(self, user):
            return self.all() if may(user, (p.PAY, p.VIEW_DECIDED)) else self.none()

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment run")
        verbose_name_plural = _("payment runs")
        default_permissions = ()
        indexes = [models.Index(fields=["paid_on", "id"], name="payment_run_day")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("payment_run", args=[self.pk])


class Payment(Versioned, TimeStamped):
    """A payee was paid. Void, it keeps its numbers; it is never deleted."""

    triggers = PAYMENT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(PaymentLine, models.PROTECT, related_name="payments", verbose_name=_("payee"))
    run = models.ForeignKey(
        PaymentRun, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("payment run")
    )
    voucher_number = models.CharField(_("voucher"), max_length=20, unique=True, editable=False)
    amount = MoneyField(_("amount"))
    paid_on = models.DateField(_("paid on"), validators=[validate_sensible_date])
    payment_method = models.CharField(_("paid by"), max_length=20, choices=PaymentMethod.choices)
    reference = models.CharField(
        _("check or bank reference"), max_length=REFERENCE_LENGTH, blank=True, validators=[validate_single_line]
    )
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    second_signer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second signer"),
    )
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    cleared_on = models.DateField(_("cleared"), null=True, blank=True, validators=[validate_sensible_date])
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("voided by")
    )
    void_reason = models.CharField(_("why void"), max_length=300, blank=True, validators=[validate_single_line])

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        default_permissions = ()
        permissions = [(p.COUNTERSIGN.codename, "Can countersign payments")]
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(voided_at=None),
                name="payment_once",
                violation_error_message=_("This payee is paid already."),
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=~Q(reference=""),
                name="payment_reference_once",
                violation_error_message=_("Another payment has this reference. Look at the check or the bank's list."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="payment_amount", violation_error_message=ABOVE_ZERO
            ),
            models.CheckConstraint(
                condition=Q(second_signer=None, signed_at=None)
                | (Q(second_signer__isnull=False, signed_at__isnull=False) & ~Q(second_signer=F("paid_by"))),
                name="payment_second_signer",
                violation_error_message=_("The second signer is another person than who recorded the payment."),
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="payment_void",
                violation_error_message=_("A void payment says who voided it, and why."),
            ),
        ]
        indexes = [
            models.Index(fields=["paid_on", "id"], name="payment_day"),
            models.Index(fields=["voucher_number", "id"], name="payment_voucher"),
            models.Index(fields=["paid_by", "id"], name="payment_payer"),
            models.Index(fields=["created_at", "id"], name="payment_created"),
            models.Index(
                fields=["created_at", "id"],
                name="payment_unsigned",
                condition=Q(second_signer=None, voided_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.voucher_number

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.pk])
