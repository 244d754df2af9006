import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from benevolence.enums import FINAL, Decision, Level
from benevolence.models.application import TEXT_LENGTH, BenevolenceApplication
from benevolence.models.guards import REVIEW
from core.crypto import EncryptedTextField
from core.models import FollowsParent, TimeStamped, Versioned
from core.money import MoneyField
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line


class PartQuerySet(FollowsParent):
    """Seen by those who see their application in full and by name, by others through its page only."""

    parent = "application"
    parents_seen = "by_name"


class ReviewQuerySet(PartQuerySet):
    """Also for those who review blindly."""

    parents_seen = "in_full"

    def unanswered(self) -> Self:
        """Questions that still wait for the applicant."""
        return self.filter(decision=Decision.NEEDS_INFO, voided_at=None, answer=None)


class BenevolenceReview(Versioned, TimeStamped):
    """What one reviewer decided at one level. Never edited; an amended application voids it."""

    triggers = REVIEW

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        BenevolenceApplication, models.PROTECT, related_name="reviews", verbose_name=_("application")
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reviewer"))
    reviewer_name = models.CharField(_("name of the reviewer"), max_length=200, validators=[validate_single_line])
    review_level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    amount = MoneyField(_("amount approved"), null=True, blank=True)
    review_date = models.DateField(_("decided"))
    comments = EncryptedTextField(_("comments"), max_length=TEXT_LENGTH, blank=True, validators=[validate_paragraphs])
    deferred_until = models.DateField(_("put off until"), null=True, blank=True, validators=[validate_sensible_date])
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        default_permissions = ()
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "review_level"],
                condition=Q(decision__in=FINAL, voided_at=None),
                name="review_one_decision_a_level",
                violation_error_message=_("This level has already decided."),
            ),
            models.UniqueConstraint(
                fields=["application", "reviewer"],
                condition=Q(decision__in=FINAL, voided_at=None),
                name="review_one_level_a_person",
                violation_error_message=_("Nobody decides two levels of one application."),
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.APPROVED, amount__isnull=False, amount__gt=0)
                | (~Q(decision=Decision.APPROVED) & Q(amount=None)),
                name="review_amount",
                violation_error_message=_("An approval, and nothing else, needs an amount."),
            ),
        ]
        indexes = [
            models.Index(fields=["application", "created_at", "id"], name="review_application"),
            models.Index(fields=["reviewer", "application"], name="review_reviewer"),
            models.Index(fields=["created_at", "id"], name="review_created"),
        ]

    def __str__(self) -> str:
        return f"{self.get_review_level_display()}: {self.get_decision_display()}"


class AnswerQuerySet(PartQuerySet):
    parent = "review__application"


class ApplicantAnswer(Versioned, TimeStamped):
    """What the applicant, or the office for them, answered to a reviewer's question."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.OneToOneField(BenevolenceReview, models.PROTECT, related_name="answer", verbose_name=_("question"))
    text = EncryptedTextField(_("answer"), max_length=TEXT_LENGTH, validators=[validate_paragraphs])
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"))

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of the applicant")
        verbose_name_plural = _("answers of applicants")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
