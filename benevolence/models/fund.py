"""The fund: accounts, and the entries that move money between them, which nobody changes."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import INCOME, Account, EntryKind
from benevolence.models.application import BenevolenceApplication
from benevolence.models.guards import FUND_ACCOUNT, FUND_TRANSFER
from benevolence.models.payment import Payment
from benevolence.models.policy import ABOVE_ZERO
from core.models import OneRow
from core.money import MoneyField
from core.permissions import may
from core.site import local_today
from core.validators import validate_sensible_date, validate_single_line

NOTE_LENGTH = 200


class FundQuerySet(models.QuerySet):
    def visible_to(self, user):
        if may(user, p.VIEW_FUND):
            return self.all()
        return self.none()


class FundAccount(models.Model):
    """What one account holds: always the sum of its entries. The database counts it; nobody writes it."""

    triggers = FUND_ACCOUNT

    kind = models.CharField(_("account"), max_length=10, primary_key=True, choices=Account.choices)
    balance = MoneyField(_("balance"), default=0, editable=False)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = _("account of the fund")
        verbose_name_plural = _("accounts of the fund")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Account.OUTSIDE) | Q(balance__gte=0),
                name="fund_account_never_below_zero",
                violation_error_message=_("The fund does not hold that much."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class TransferQuerySet(FundQuerySet):
    def income(self):
        return self.filter(kind__in=INCOME)

    def not_reversed(self):
        return self.filter(reversed_by=None, reverses=None)


class FundTransfer(models.Model):
    """One entry: `amount` leaves `credit` and reaches `debit`. A wrong one is reversed by another."""

    append_only = True
    triggers = FUND_TRANSFER

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("entry"), max_length=10, choices=EntryKind.choices)
    credit = models.ForeignKey(FundAccount, models.PROTECT, related_name="+", verbose_name=_("from"))
    debit = models.ForeignKey(FundAccount, models.PROTECT, related_name="+", verbose_name=_("to"))
    amount = MoneyField(_("amount"))
    on = models.DateField(_("date"), default=local_today, validators=[validate_sensible_date])
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True, validators=[validate_single_line])
    application = models.ForeignKey(
        BenevolenceApplication,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transfers",
        verbose_name=_("application"),
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="transfers", verbose_name=_("payment")
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    # What is done once has one key, however often it is asked for.
    key = models.CharField(_("key"), max_length=80, unique=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    created_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the fund")
        verbose_name_plural = _("entries of the fund")
        default_permissions = ()
        permissions = [
            (p.VIEW_FUND.codename, "Can view the fund"),
            (p.RECORD_FUND.codename, "Can record in the fund"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="fund_transfer_amount", violation_error_message=ABOVE_ZERO
            ),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")),
                name="fund_transfer_two_accounts",
                violation_error_message=_("Money moves from one account to another."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=INCOME, credit=Account.OUTSIDE, debit=Account.AVAILABLE, application=None)
                | Q(kind=EntryKind.SET_ASIDE, credit=Account.AVAILABLE, debit=Account.SET_ASIDE)
                | Q(kind=EntryKind.RELEASE, credit=Account.SET_ASIDE, debit=Account.AVAILABLE)
                | Q(kind=EntryKind.PAYMENT, credit=Account.SET_ASIDE, debit=Account.PAID_OUT, payment__isnull=False)
                | Q(kind=EntryKind.REVERSAL, reverses__isnull=False),
                name="fund_transfer_path",
                violation_error_message=_("This entry does not lead from one of these accounts to the other."),
            ),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.REVERSAL) | Q(reverses=None), name="fund_transfer_reversal"
            ),
            # Whatever is set aside is set aside for somebody.
            models.CheckConstraint(
                condition=~Q(debit__in=(Account.SET_ASIDE, Account.PAID_OUT))
                & ~Q(credit__in=(Account.SET_ASIDE, Account.PAID_OUT))
                | Q(application__isnull=False),
                name="fund_transfer_application",
            ),
        ]
        indexes = [
            models.Index(fields=["on", "id"], name="fund_transfer_day"),
            models.Index(fields=["kind", "on", "id"], name="fund_transfer_kind"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("fund_entry", args=[self.pk])


class FundSettings(OneRow):
    """When those who look after the fund are told that it is low, and of which periods there are reports."""

    notice_below = MoneyField(_("tell us when less is available than"), null=True, blank=True)
    # The fiscal year from which on there are reports of quarters instead of years; see services.periods.
    quarters_from = models.PositiveSmallIntegerField(
        _("reports by quarter from the fiscal year on"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
    )

    objects = FundQuerySet.as_manager()

    class Meta(OneRow.Meta):
        verbose_name = verbose_name_plural = _("settings of the fund")
        default_permissions = ()
        constraints = [
            *OneRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(notice_below=None) | Q(notice_below__gt=0),
                name="fund_notice_below",
                violation_error_message=ABOVE_ZERO,
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("fund")
