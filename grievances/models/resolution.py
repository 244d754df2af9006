import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from core.money import MoneyField
from grievances.enums import RESOLVED, GrievanceStatus, Told
from grievances.models.fields import LONGEST_NOTE, any_day, dated, line, paragraphs
from grievances.models.grievance import Grievance, Grievant, PartQuerySet


class ResolutionQuerySet(PartQuerySet):
    def live(self) -> Self:
        return self.filter(superseded_at=None)


class Resolution(Versioned, TimeStamped):
    """How a case ended; reopening supersedes it, so nothing of it is lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="resolutions", verbose_name=_("grievance"))
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=[(status.value, status.label) for status in RESOLVED]
    )
    day = dated(_("decided on"))
    reason = paragraphs(_("reason and terms"), LONGEST_NOTE)
    decided_by = line(_("decided by"))
    comparable_cases = paragraphs(_("comparable cases looked at"), LONGEST_NOTE, blank=True)
    appeal_until = any_day(_("the grievant may appeal until"))
    amount = MoneyField(_("amount"), null=True, blank=True)
    with_prejudice = models.BooleanField(_("with prejudice"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True, editable=False)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grievance"],
                condition=Q(superseded_at=None),
                name="resolution_one_live",
                violation_error_message=_("This case is resolved already."),
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(outcome=GrievanceStatus.SETTLED, amount__gte=0),
                name="resolution_amount",
                violation_error_message=_("Only a settlement has an amount, and it is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=GrievanceStatus.WITHDRAWN, with_prejudice__isnull=False)
                | (~Q(outcome=GrievanceStatus.WITHDRAWN) & Q(with_prejudice=None)),
                name="resolution_prejudice",
                violation_error_message=_("A withdrawal is with or without prejudice; nothing else is."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome=GrievanceStatus.SETTLED) | Q(comparable_cases="", appeal_until=None),
                name="resolution_not_pursued",
                violation_error_message=_("Only a decision not to go on has comparable cases and an appeal."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()


class ToldQuerySet(PartQuerySet):
    parent = "resolution__grievance"


class GrievantTold(Versioned, TimeStamped):
    """The day on which a grievant learned how the case ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="told", verbose_name=_("resolution"))
    grievant = models.ForeignKey(Grievant, models.PROTECT, related_name="told", verbose_name=_("grievant"))
    told_on = dated(_("told on"))
    how = models.CharField(_("how"), max_length=10, choices=Told.choices)

    objects = ToldQuerySet.as_manager()

    class Meta:
        verbose_name = _("told grievant")
        verbose_name_plural = _("told grievants")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["resolution", "grievant"],
                name="grievant_told_once",
                violation_error_message=_("It is recorded already when this grievant was told."),
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.grievant_id}"
