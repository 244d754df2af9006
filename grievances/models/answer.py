import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from grievances.enums import Answer, AnswerHow, Step
from grievances.models.fields import LONGEST_NOTE, dated, line, paragraphs
from grievances.models.grievance import AtStepQuerySet, Grievance


class AnswerQuerySet(AtStepQuerySet):
    def live(self) -> Self:
        return self.filter(superseded_by=None)


class AnswerReceived(Versioned, TimeStamped):
    """The employer's answer at a step, with the day on which we got it, whenever the meeting was.

    A wrong one is superseded by another, never edited; a further answer stands beside the one before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="answers", verbose_name=_("grievance"))
    step_number = models.PositiveSmallIntegerField(_("step"), choices=list(enumerate(Step.labels, 1)))
    stage = models.PositiveSmallIntegerField(_("place in the order of steps"), null=True, editable=False)
    received_on = dated(_("received on"))
    how = models.CharField(_("how it came"), max_length=10, choices=AnswerHow.choices)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices)
    given_by = line(_("given by"), 200, blank=True)
    words = paragraphs(_("what it says"), LONGEST_NOTE, blank=True)
    superseded_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="supersedes"
    )
    superseded_reason = models.CharField(_("why it was replaced"), max_length=300, blank=True, editable=False)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of the employer")
        verbose_name_plural = _("answers of employers")
        default_permissions = ()
        ordering = ["step_number", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(step_number__range=(1, 4)),
                name="answer_step_number",
                violation_error_message=_("A step is 1, 2, 3 or arbitration."),
            ),
        ]
        indexes = [models.Index(fields=["step_number", "created_at", "id"], name="answer_order")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.step_number}"
