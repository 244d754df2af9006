from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import LEVELS, Level, Period, Reason, Voters
from core.models import TimeStamped, Versioned
from core.money import MoneyField
from core.permissions import may
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line

MOST_LOOKBACK = 3650
RISING = _("Each level's limit must be higher than the one before.")
ABOVE_ZERO = _("Enter an amount above zero.")
TOGETHER = _("Say how much and in which period, or leave both empty.")
# The rules that came with the portal hold until the local makes its own.
FIRST_DAY = date(2000, 1, 1)


class PolicyQuerySet(models.QuerySet):
    def visible_to(self, user):
        if may(user, p.VIEW_POLICY):
            return self.all()
        return self.none()

    def that_count(self) -> Self:
        """Without those that were called off before they began."""
        return self.filter(called_off_at=None)

    def in_force(self, day):
        """The version of this day, before the first one that; of several from one day the last.

        None where the local has none of its own.
        """
        begun = Case(When(starts_on__lte=day, then=F("starts_on")))
        return self.that_count().order_by(begun.desc(nulls_last=True), "starts_on", "-number").first()

    def newest_first(self) -> Self:
        return self.order_by("-starts_on", "-number")


def months(label: Any, **options: Any) -> Any:
    valid = [MinValueValidator(1), MaxValueValidator(600)]
    return models.PositiveSmallIntegerField(label, validators=valid, **options)


def days(label: Any, **options: Any) -> Any:
    valid = [MinValueValidator(1), MaxValueValidator(365)]
    return models.PositiveSmallIntegerField(label, validators=valid, **options)


class BenevolencePolicy(Versioned, TimeStamped):
    """One version of the rules of the fund. An application keeps the one under which it was submitted.

    `reasons`: what differs for a reason of help, `{"death_in_family": {"most": "1500.00", "outside": true,
    "documents": ["bill"]}}`. `conditions`: sentences that intake confirms, each with a note.
    """

    number = models.PositiveIntegerField(_("version"), unique=True, editable=False)
    starts_on = models.DateField(_("holds from"), validators=[validate_sensible_date])
    why = models.CharField(_("why it changes"), max_length=300, blank=True, validators=[validate_single_line])
    called_off_at = models.DateTimeField(_("called off"), null=True, blank=True, editable=False)

    uses_vp = models.BooleanField(_("the vice president decides"), default=True)
    uses_admin = models.BooleanField(_("the benevolence administrator decides"), default=True)
    uses_manager = models.BooleanField(_("the business manager decides"), default=True)
    uses_president = models.BooleanField(_("the president decides"), default=True)
    vp_up_to = MoneyField(_("vice president decides up to"), null=True, blank=True, default=Decimal("500.00"))
    admin_up_to = MoneyField(
        _("with the benevolence administrator up to"), null=True, blank=True, default=Decimal("2000.00")
    )
    manager_up_to = MoneyField(_("with the business manager up to"), null=True, blank=True, default=Decimal("5000.00"))
    vp_days = days(_("days for the vice president"), default=7)
    admin_days = days(_("days for the benevolence administrator"), default=7)
    manager_days = days(_("days for the business manager"), default=7)
    president_days = days(_("days for the president"), default=7)
    vote = models.CharField(_("vote"), max_length=10, blank=True, choices=Voters.choices)
    lookback_days = models.PositiveSmallIntegerField(
        _("days that earlier approvals count"), default=90, validators=[MaxValueValidator(MOST_LOOKBACK)]
    )
    is_in_order = models.BooleanField(_("decided in the order received"), default=False)
    is_blind = models.BooleanField(_("blind review"), default=False)

    cap_per_application = MoneyField(_("most for one application"), null=True, blank=True)
    cap_per_member = MoneyField(_("most for one member"), null=True, blank=True)
    cap_months = months(_("months in which the most for one member counts"), default=12)
    times_per_member = models.PositiveSmallIntegerField(_("how often one member is helped"), null=True, blank=True)
    times_months = months(_("months in which it is counted how often"), default=12)
    wait_days = models.PositiveSmallIntegerField(
        _("days to wait after help"), null=True, blank=True, validators=[MaxValueValidator(MOST_LOOKBACK)]
    )
    budget_amount = MoneyField(_("budget"), null=True, blank=True)
    budget_period = models.CharField(_("period of the budget"), max_length=10, blank=True, choices=Period.choices)
    vendors_only = models.BooleanField(_("only landlords, utilities and vendors are paid"), default=False)

    helps_retirees = models.BooleanField(_("retired members are helped too"), default=False)
    asks_standing = models.BooleanField(_("good standing is asked for"), default=True)
    months_a_member = months(_("months since initiation"), null=True, blank=True)
    dues_grace_days = models.PositiveSmallIntegerField(
        _("days that dues may be behind"), null=True, blank=True, validators=[MaxValueValidator(MOST_LOOKBACK)]
    )
    excludes_officers = models.BooleanField(_("officers are excluded"), default=False)
    excludes_staff = models.BooleanField(_("staff are excluded"), default=False)
    excludes_households = models.BooleanField(_("households of those excluded are excluded too"), default=False)
    reasons = models.JSONField(_("what differs for a reason"), default=dict, blank=True)
    conditions = models.JSONField(_("what intake confirms"), default=list, blank=True)
    paused_because = models.CharField(_("paused because"), max_length=300, blank=True, validators=[validate_paragraphs])

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of benevolence")
        verbose_name_plural = _("versions of the rules of benevolence")
        default_permissions = ()
        constraints = [
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
                condition=Q(cap_per_member=None) | Q(cap_per_member__gt=0),
                name="benevolence_cap_member",
                violation_error_message=ABOVE_ZERO,
            ),
            models.CheckConstraint(
                condition=Q(uses_vp=True) | Q(uses_admin=True) | Q(uses_manager=True) | Q(uses_president=True),
                name="benevolence_one_level",
                violation_error_message=_("At least one level decides. Choose one."),
            ),
            models.CheckConstraint(
                condition=Q(budget_amount=None, budget_period="") | (Q(budget_amount__gt=0) & ~Q(budget_period="")),
                name="benevolence_budget",
                violation_error_message=TOGETHER,
            ),
        ]
        indexes = [models.Index(fields=["starts_on", "number"], name="policy_starts")]

    def __str__(self) -> str:
        return str(_("Version %(number)s") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("benevolence_rules_version", args=[self.pk])

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that decide under these rules, in their order."""
        return tuple(level for level in LEVELS if getattr(self, f"uses_{level.value}"))

    def ceiling(self, level: str) -> Decimal | None:
        return getattr(self, f"{level}_up_to", None)

    def days_of(self, level: str) -> int:
        return getattr(self, f"{level}_days")

    def clean(self) -> None:
        """Says at the fields what the constraints of the same meaning would say of the row."""
        found = {**self._faults_of_limits(), **self._faults_of_reasons()}
        for name in ("cap_per_application", "cap_per_member"):
            cap = getattr(self, name)
            if cap is not None and cap <= 0:
                found[name] = str(ABOVE_ZERO)
        if not self.levels:
            found["uses_vp"] = str(_("At least one level decides. Choose one."))
        if (self.budget_amount is None) != (self.budget_period == ""):
            found["budget_amount"] = str(TOGETHER)
        elif self.budget_amount is not None and self.budget_amount <= 0:
            found["budget_amount"] = str(ABOVE_ZERO)
        if found:
            raise ValidationError(found)

    def _faults_of_limits(self) -> dict[str, str]:
        """Those of the levels that decide; the last of them has none above it, so its limit says nothing."""
        found: dict[str, str] = {}
        below = Decimal(0)
        for level in LEVELS[:3]:
            name, is_used = f"{level.value}_up_to", level in self.levels[:-1]
            limit = getattr(self, name)
            if limit is None and is_used:
                found[name] = str(_("Say up to which amount this level decides."))
            elif limit is not None and limit <= below:
                found[name] = str(ABOVE_ZERO if below == 0 else RISING)
            below = limit or below
        return found

    def _faults_of_reasons(self) -> dict[str, str]:
        known = set(Reason.values)
        is_sound = isinstance(self.reasons, dict) and all(
            key in known and isinstance(value, dict) and set(value) <= {"most", "outside", "documents"}
            for key, value in self.reasons.items()
        )
        found = {} if is_sound else {"reasons": str(_("Name only reasons that the portal has."))}
        if not isinstance(self.conditions, list) or not all(
            isinstance(words, str) and 0 < len(words) <= 300 for words in self.conditions
        ):
            found["conditions"] = str(_("Write one condition a line, each in at most 300 characters."))
        return found
