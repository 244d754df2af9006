from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from core.models import OneRow
from core.money import MoneyField
from core.permissions import may

MOST_LOOKBACK = 3650
RISING = _("Each level's limit must be higher than the one before.")
ABOVE_ZERO = _("Enter an amount above zero.")


class PolicyQuerySet(models.QuerySet):
    def visible_to(self, user):
        if may(user, p.VIEW_POLICY):
            return self.all()
        return self.none()


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
