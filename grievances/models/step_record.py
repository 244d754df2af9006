import datetime
import uuid
from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from grievances.enums import STEPS, Step, StepOutcome
from grievances.models.fields import LONGEST_NOTE, any_day, line, paragraphs
from grievances.models.grievance import AtStepQuerySet, Grievance

# The more an outcome says of its step, the later it stands here.
WEIGHTS = ("", StepOutcome.DENIED, StepOutcome.SETTLED, StepOutcome.ADVANCED)


class StepRecordQuerySet(AtStepQuerySet):
    def live(self) -> Self:
        return self.filter(superseded_by=None)

    def denied(self) -> Self:
        return self.live().filter(outcome=StepOutcome.DENIED)


class GrievanceStepRecord(Versioned, TimeStamped):
    """A meeting at a step, and what came of it; of a step that was left without one, only what came of it.

    A step has as many as there were meetings. A wrong record is superseded by another, never edited.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="step_records", verbose_name=_("grievance"))
    step_number = models.PositiveSmallIntegerField(_("step"), choices=list(enumerate(Step.labels, 1)))
    stage = models.PositiveSmallIntegerField(_("place in the order of steps"), null=True, editable=False)
    meeting_date = any_day(_("day of the meeting"))
    union_attendees = line(_("for the union"), 500, blank=True)
    employer_attendees = line(_("for the employer"), 500, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, blank=True, choices=StepOutcome.choices)
    notes = paragraphs(_("what was said"), LONGEST_NOTE, blank=True)
    superseded_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="supersedes"
    )
    superseded_reason = models.CharField(_("why it was replaced"), max_length=300, blank=True, editable=False)

    objects = StepRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("step record")
        verbose_name_plural = _("step records")
        default_permissions = ()
        ordering = ["step_number", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(step_number__range=(1, 4)),
                name="step_record_number",
                violation_error_message=_("A step is 1, 2, 3 or arbitration."),
            ),
        ]
        indexes = [
            models.Index(fields=["step_number", "created_at", "id"], name="step_record_order"),
            models.Index(
                fields=["grievance"],
                name="step_record_denied",
                condition=Q(outcome=StepOutcome.DENIED, superseded_by=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.step_number}"

    @property
    def outcome_words(self) -> str:
        """“Moved to Step 2” says more than “Moved to the next step”; of an agreement's steps the next may be any."""
        if self.outcome == StepOutcome.ADVANCED and self.stage is None and self.step_number < len(STEPS):
            return str(_("Moved to %(step)s") % {"step": STEPS[self.step_number].label})
        return self.get_outcome_display()

    def is_at(self, number: int, stage: int | None) -> bool:
        """As AtStepQuerySet.at, of a row that is read."""
        return self.step_number == number and (stage is None or self.stage in (None, stage))

    @property
    def met(self) -> tuple[datetime.date, datetime.datetime]:
        """By which meetings stand in their order; what has no day comes first."""
        return self.meeting_date or datetime.date.min, self.created_at


def latest(records: Iterable[GrievanceStepRecord]) -> GrievanceStepRecord | None:
    """The last meeting among the live records of one step."""
    return max(records, key=lambda record: record.met, default=None)


def decisive(records: Iterable[GrievanceStepRecord]) -> GrievanceStepRecord | None:
    """The record among the live ones of one step that says most of what came of it."""
    return max(records, key=lambda record: (WEIGHTS.index(record.outcome), record.met), default=None)
