"""One meeting with one employer about many cases."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import Answer, DocketOutcome
from grievances.models.deadline import Extension
from grievances.models.fields import LONGEST_NOTE, any_day, dated, line, paragraphs, person
from grievances.models.grievance import Grievance, PartQuerySet
from members.models import Organization

DOCKET_OUTCOMES = [*DocketOutcome.choices, *Answer.choices]


class DocketQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Those with a case of which the person sees the whole, and their own."""
        if not may(user, p.VIEW_GRIEVANCES):
            return self.none()
        seen = DocketCase.objects.filter(docket=OuterRef("pk"), grievance__in=Grievance.objects.whole_to(user))
        return self.filter(Exists(seen) | Q(made_by=user.pk))


class Docket(Versioned, TimeStamped):
    """Whoever sees none of its cases sees no docket, and of its cases everybody sees theirs alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    employer = models.ForeignKey(Organization, models.PROTECT, related_name="dockets", verbose_name=_("employer"))
    meeting_date = dated(_("day of the meeting"))
    place = line(_("place"), blank=True)
    union_attendees = line(_("for the union"), 500, blank=True)
    employer_attendees = line(_("for the employer"), 500, blank=True)
    made_by = person(_("made by"), null=True, editable=False, related_name="+")
    extensions = models.ManyToManyField(
        Extension, blank=True, editable=False, related_name="dockets", verbose_name=_("extensions")
    )

    objects = DocketQuerySet.as_manager()

    class Meta:
        verbose_name = _("docket")
        verbose_name_plural = _("dockets")
        default_permissions = ()
        indexes = [
            models.Index(fields=["meeting_date", "id"], name="docket_day"),
            models.Index(fields=["employer", "meeting_date", "id"], name="docket_at_employer"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.meeting_date}"

    def get_absolute_url(self) -> str:
        return reverse("docket_detail", args=[self.pk])


class DocketCaseQuerySet(PartQuerySet):
    def to_record(self) -> Self:
        return self.filter(recorded_at=None)

    def recorded(self) -> Self:
        return self.exclude(recorded_at=None)

    def for_page(self) -> Self:
        return self.select_related("grievance__member", "grievance__assigned_rep").order_by("position", "pk")


class DocketCase(Versioned, TimeStamped):
    """A case on a docket and, once its meeting is recorded, what came of it; `refusal` says why it could not be."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    docket = models.ForeignKey(Docket, models.PROTECT, related_name="cases", verbose_name=_("docket"))
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="dockets", verbose_name=_("grievance"))
    position = models.PositiveSmallIntegerField(_("place on the docket"))
    outcome = models.CharField(_("outcome"), max_length=10, blank=True, choices=DOCKET_OUTCOMES)
    promised_on = any_day(_("answer promised by"))
    said = paragraphs(_("what was said"), LONGEST_NOTE, blank=True)
    refusal = line(_("why it was not recorded"), 500, blank=True, editable=False)
    recorded_at = models.DateTimeField(_("recorded"), null=True, blank=True, editable=False)

    objects = DocketCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case of a docket")
        verbose_name_plural = _("cases of dockets")
        default_permissions = ()
        ordering = ["docket", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["docket", "grievance"],
                name="docket_case_once",
                violation_error_message=_("This case is on the docket already."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=DocketOutcome.PROMISED) | Q(promised_on=None),
                name="docket_case_promised",
                violation_error_message=_("Enter a day only where an answer was promised."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.position}"

    @property
    def is_recorded(self) -> bool:
        return self.recorded_at is not None

    def tells(self) -> dict[str, Any]:
        """What was typed of it."""
        return {"outcome": self.outcome, "promised_on": self.promised_on, "said": self.said}
