import datetime
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import OneRow
from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import STEPS, Step

ENTRY_STEPS = list(enumerate(Step.labels[:-1], 1))


class PolicyQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        if may(user, p.VIEW_POLICY) or may(user, p.CHANGE_POLICY):
            return self.all()
        return self.none()


def end_of_office_hours() -> datetime.time:
    """Return it anew each time: `check` warns of a fixed time, but only while it is that time."""
    return datetime.time(17)


class GrievancePolicy(OneRow):
    """What differs between locals. Read and changed by core.records.one_row."""

    entry_step_individual = models.PositiveSmallIntegerField(
        _("an individual grievance begins at"), choices=ENTRY_STEPS, default=1
    )
    entry_step_group = models.PositiveSmallIntegerField(
        _("a group grievance begins at"), choices=ENTRY_STEPS, default=2
    )
    entry_step_policy = models.PositiveSmallIntegerField(
        _("a policy grievance begins at"), choices=ENTRY_STEPS, default=3
    )
    representative_may_resolve = models.BooleanField(
        _("representatives may settle, withdraw and close the cases assigned to them, up to step 3"), default=True
    )

    reminder_days = models.CharField(
        _("days before a deadline on which people are reminded"),
        max_length=40,
        default="7, 3, 1, 0",
        validators=[
            RegexValidator(r"^\s*\d{1,2}(\s*,\s*\d{1,2})*\s*$", _("Write days with commas, such as 7, 3, 1, 0."))
        ],
    )
    cutoff = models.TimeField(_("a deadline’s day ends at"), default=end_of_office_hours)

    objects = PolicyQuerySet.as_manager()

    class Meta(OneRow.Meta):
        verbose_name = verbose_name_plural = _("grievance rules")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def reminders(self) -> list[int]:
        """The days before a deadline, the furthest first."""
        return sorted({int(day) for day in self.reminder_days.split(",")}, reverse=True)

    def entry_step(self, grievance_type: str) -> Step:
        return STEPS[getattr(self, f"entry_step_{grievance_type}") - 1]
