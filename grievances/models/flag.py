"""Two marks that a case bears beside its status: it is in abeyance, or somebody claims that something came too late."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from grievances.enums import Side
from grievances.models.fields import any_day, dated, line, person
from grievances.models.grievance import Grievance, PartQuerySet

LONGEST_WHY = 300


class AbeyanceQuerySet(PartQuerySet):
    def live(self) -> Self:
        return self.filter(ended_on=None)


class Abeyance(Versioned, TimeStamped):
    """Both sides let a case rest. Without the document it is unconfirmed and holds no date."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="abeyances", verbose_name=_("grievance"))
    from_day = dated(_("from"))
    until = any_day(_("last day"))
    why = line(_("why"), LONGEST_WHY)
    for_union = line(_("agreed for the union"), 200)
    for_employer = line(_("agreed for the employer"), 200)
    document = line(_("the document that confirms it"), 200, blank=True)
    confirmed_on = any_day(_("confirmed on"))
    ended_on = any_day(_("dates run again from"))
    ended_reason = models.CharField(_("why it ended"), max_length=LONGEST_WHY, blank=True)
    recorded_by = person(_("recorded by"), null=True, editable=False, related_name="+")

    objects = AbeyanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("abeyance")
        verbose_name_plural = _("abeyances")
        default_permissions = ()
        ordering = ["from_day", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grievance"],
                condition=Q(ended_on=None),
                name="abeyance_one_live",
                violation_error_message=_("This case is in abeyance already."),
            ),
            models.CheckConstraint(
                condition=Q(document="", confirmed_on=None) | (~Q(document="") & Q(confirmed_on__isnull=False)),
                name="abeyance_confirmed",
                violation_error_message=_("An abeyance is confirmed by a document and its day, or not at all."),
            ),
            models.CheckConstraint(
                condition=(Q(until=None) | Q(until__gte=F("from_day")))
                & (Q(ended_on=None) | Q(ended_on__gte=F("from_day"))),
                name="abeyance_days",
                violation_error_message=_("It ends before it begins. Check the days."),
            ),
        ]
        indexes = [
            models.Index(fields=["from_day", "created_at", "id"], name="abeyance_order"),
            models.Index(fields=["until", "id"], name="abeyance_ending", condition=Q(ended_on=None)),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.from_day}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_on is not None


class UntimelyQuerySet(PartQuerySet):
    def live(self) -> Self:
        return self.filter(cleared_on=None)


class UntimelyClaim(Versioned, TimeStamped):
    """One side claims that the other was late; the claim stands until it is cleared, and is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(
        Grievance, models.PROTECT, related_name="untimely_claims", verbose_name=_("grievance")
    )
    claimed_by = models.CharField(_("who claims it"), max_length=8, choices=Side.choices)
    claimed_on = dated(_("claimed on"))
    why = line(_("what came too late, and why"), LONGEST_WHY)
    document = line(_("where it is written"), 200, blank=True)
    cleared_on = any_day(_("cleared on"))
    cleared_reason = models.CharField(_("why it no longer stands"), max_length=LONGEST_WHY, blank=True)
    recorded_by = person(_("recorded by"), null=True, editable=False, related_name="+")

    objects = UntimelyQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim of lateness")
        verbose_name_plural = _("claims of lateness")
        default_permissions = ()
        ordering = ["claimed_on", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grievance", "claimed_by"],
                condition=Q(cleared_on=None),
                name="untimely_once",
                violation_error_message=_("This side claims it already. Clear that claim first."),
            ),
            models.CheckConstraint(
                condition=Q(cleared_on=None, cleared_reason="") | (Q(cleared_on__isnull=False) & ~Q(cleared_reason="")),
                name="untimely_cleared",
                violation_error_message=_("A claim is cleared on a day and with a reason."),
            ),
        ]
        indexes = [models.Index(fields=["claimed_on", "created_at", "id"], name="untimely_order")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.claimed_on}"
