"""The emergency opening: a campaign to read for its director, for some hours, once an officer said yes."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.crypto import EncryptedTextField
from core.db.prepared import moment_of
from core.permissions import Actor, may
from core.records.records import REASON_LENGTH
from core.terms import Moment
from core.validators import validate_single_line
from organizing import permissions as p
from organizing.enums import DIRECTING, OpeningState
from organizing.models.campaign import Campaign, CampaignAssignment
from organizing.models.vault import VaultRow

MOST_HOURS, USUAL_HOURS = 72, 24
DECIDED_WITHIN = timedelta(hours=24)
STANDING = (OpeningState.WAITING, OpeningState.OPEN, OpeningState.RESTING)


class EmergencyOpeningQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Their own for a director, what was asked lately or decided by them for an officer, and for lead and deputy
        all of their campaign.
        """
        at, seen = moment_of(user), Q()
        if may(user, p.OVERSEE_CAMPAIGNS):
            seen |= Q(asked_by_id=user.pk)
        if may(user, p.CONFIRM_OPENING):
            # not only what waits: of two who decide at once the later one reads what became of it
            seen |= Q(decided_by_id=user.pk) | (Q(lapses_at__gt=at) & ~Q(asked_by_id=user.pk))
        if may(user, p.VIEW_CAMPAIGNS):
            directed = CampaignAssignment.objects.live(at).filter(user_id=user.pk, duty__in=DIRECTING)
            seen |= Q(campaign__in=directed.values("campaign"))
        if seen:
            return self.filter(seen)
        return self.none()

    def to_decide(self, user: Actor, at: Moment | None = None) -> Self:
        """What waits and may be decided by this officer: never what they asked for themselves."""
        if may(user, p.CONFIRM_OPENING):
            return self.waiting(at).exclude(asked_by_id=user.pk)
        return self.none()

    def waiting(self, at: Moment | None = None) -> Self:
        """Neither decided nor withdrawn nor too old, and asked by somebody who is still who asked, and a director."""
        at = at or timezone.now()
        return self.filter(decided_at=None, ended_at=None, lapses_at__gt=at)._of_the_director(at)

    def live(self, at: Moment | None = None) -> Self:
        """Those that open their campaign now; each rests once its director or officer is not who they were then."""
        at = at or timezone.now()
        rows = self.filter(ended_at=None, ends_at__gt=at, decided_epoch=F("decided_by__identity_epoch"))
        return rows.filter(decided_by__in=User.objects.holding(p.CONFIRM_OPENING, at))._of_the_director(at)

    def _of_the_director(self, at: Moment) -> Self:
        directors = User.objects.holding(p.OVERSEE_CAMPAIGNS, at)
        return self.filter(asked_epoch=F("asked_by__identity_epoch"), asked_by__in=directors)

    def with_state(self, at: Moment | None = None) -> Self:
        at = at or timezone.now()
        itself: Any = self.model._default_manager.filter(pk=OuterRef("pk"))
        state = Case(
            When(Exists(itself.live(at)), then=Value(OpeningState.OPEN)),
            When(Exists(itself.waiting(at)), then=Value(OpeningState.WAITING)),
            When(decided_at=None, ended_by__isnull=False, then=Value(OpeningState.WITHDRAWN)),
            When(decided_at=None, then=Value(OpeningState.LAPSED)),
            When(ends_at=None, then=Value(OpeningState.REFUSED)),
            When(ended_at=None, ends_at__gt=at, then=Value(OpeningState.RESTING)),
            default=Value(OpeningState.OVER),
            output_field=models.CharField(),
        )
        return self.annotate(state=state).select_related("campaign", "asked_by", "decided_by", "ended_by")

    def standing(self) -> Self:
        """Those that wait, open their campaign or rest, with their state, the newest first."""
        return self.with_state().filter(state__in=STANDING).order_by("-asked_at", "-pk")


class EmergencyOpening(VaultRow):
    """One request of a director and what became of it. Never deleted: it answers who could read what on a day.

    `ends_at` is set by opening alone; what is decided without it was refused.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="openings", verbose_name=_("campaign"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("organizing director")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    reason = EncryptedTextField(_("reason"), max_length=REASON_LENGTH, validators=[validate_single_line])
    hours = models.PositiveSmallIntegerField(
        _("hours"), default=USUAL_HOURS, validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)]
    )
    lapses_at = models.DateTimeField(_("to be decided by"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("officer")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    refusal = EncryptedTextField(
        _("why it was refused"), max_length=REASON_LENGTH, blank=True, validators=[validate_single_line]
    )
    ends_at = models.DateTimeField(_("open until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    state: str  # of rows with_state

    # the epochs of both accounts when they asked and decided; at another one it rests
    asked_epoch = models.PositiveIntegerField(editable=False)
    decided_epoch = models.PositiveIntegerField(null=True, editable=False)

    objects = EmergencyOpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency opening")
        verbose_name_plural = _("emergency openings")
        default_permissions = ()
        permissions = [(p.CONFIRM_OPENING.codename, "Can confirm emergency opening")]
        constraints = [
            models.CheckConstraint(
                condition=Q(hours__gte=1, hours__lte=MOST_HOURS),
                name="opening_hours",
                violation_error_message=_("A campaign is opened for 1 to 72 hours."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="opening_by_two",
                violation_error_message=_("Somebody else than the director decides."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, decided_epoch=None, ends_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, decided_epoch__isnull=False),
                name="opening_decided_whole",
                violation_error_message=_("A decision has an officer and a moment."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("decided_at")),
                name="opening_ends_after_it_begins",
                violation_error_message=_("The opening must end after it begins."),
            ),
            models.UniqueConstraint(
                fields=["campaign", "asked_by"],
                condition=Q(decided_at=None, ended_at=None),
                name="opening_asked_once",
                violation_error_message=_("You have asked for this campaign already."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["lapses_at", "id"], name="opening_undecided", condition=Q(decided_at=None, ended_at=None)
            ),
        ]

    @property
    def is_standing(self) -> bool:
        """Of a row that was read with its state."""
        return self.state in STANDING

    def get_absolute_url(self) -> str:
        return reverse("opening_detail", args=[self.pk])
