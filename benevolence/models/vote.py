"""The vote of a board or a meeting, which the last level records with its decision."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from benevolence.enums import Voters
from benevolence.models.review import BenevolenceReview, PartQuerySet
from core.crypto import EncryptedTextField
from core.models import TimeStamped
from core.validators import validate_paragraphs, validate_single_line

MOTION_LENGTH = 1000


class VoteQuerySet(PartQuerySet):
    parent = "review__application"
    parents_seen = "in_full"


class Vote(TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.OneToOneField(BenevolenceReview, models.PROTECT, related_name="vote", verbose_name=_("decision"))
    voters = models.CharField(_("who voted"), max_length=10, choices=Voters.choices)
    motion = EncryptedTextField(_("motion"), max_length=MOTION_LENGTH, validators=[validate_paragraphs])
    present = models.PositiveIntegerField(_("present"))
    votes_for = models.PositiveIntegerField(_("for"))
    votes_against = models.PositiveIntegerField(_("against"))
    minute_number = models.CharField(_("number of the minutes"), max_length=40, validators=[validate_single_line])

    objects = VoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(present__gte=F("votes_for") + F("votes_against")),
                name="vote_present",
                violation_error_message=_("More voted than were present. Correct one of the numbers."),
            ),
            models.CheckConstraint(
                condition=Q(present__gte=1),
                name="vote_somebody",
                violation_error_message=_("Nobody was present. Correct the number."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_voters_display()}: {self.votes_for} / {self.votes_against}"
