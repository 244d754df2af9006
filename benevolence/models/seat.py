"""Who sits at a level, who stands in for them, and when somebody is away."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from benevolence import permissions as p
from benevolence.enums import Level
from benevolence.models.application import BenevolenceApplication
from core.models import TimeStamped, Versioned
from core.permissions import may
from core.terms import Term, TermQuerySet
from core.validators import validate_sensible_date, validate_single_line

SEERS = (p.APPOINT, p.VIEW_POLICY)


class SeatQuerySet(TermQuerySet):
    def visible_to(self, user):
        return self.all() if may(user, SEERS) else self.none()

    def in_turn(self):
        return self.order_by("level", "position", "starts_at", "pk")


class Seat(Versioned, TimeStamped, Term):
    """The holder of a level (place 1) or one of the substitutes, who act in the order of their places."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    position = models.PositiveSmallIntegerField(_("place"))
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_single_line])
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("appointed by")
    )

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat of a level")
        verbose_name_plural = _("seats of levels")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("starts_at")),
                name="seat_term",
                violation_error_message=_("The term must end after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1), name="seat_position", violation_error_message=_("Places begin with 1.")
            ),
            models.CheckConstraint(
                condition=Q(appointed_by=None) | ~Q(appointed_by=F("user")),
                name="seat_not_oneself",
                violation_error_message=_("Nobody appoints themselves. Ask another officer."),
            ),
        ]
        indexes = [models.Index(fields=["level", "position"], name="seat_level")]

    def __str__(self) -> str:
        return f"{self.get_level_display()}: {self.user}"


class OwnOrAll(models.QuerySet):
    def visible_to(self, user):
        """Officers see everybody's, all others their own."""
        if may(user, p.APPOINT):
            return self.all()
        return self.filter(user=user) if may(user, p.DECLARE_RELATIONSHIP) else self.none()


class Absence(TimeStamped):
    """Days on which somebody does not act at their level."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    first_day = models.DateField(_("first day away"), validators=[validate_sensible_date])
    last_day = models.DateField(_("last day away"), validators=[validate_sensible_date])
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )

    objects = OwnOrAll.as_manager()

    class Meta:
        verbose_name = _("days away")
        verbose_name_plural = _("days away")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="absence_days",
                violation_error_message=_("The last day comes before the first. Correct one of them."),
            )
        ]
        indexes = [models.Index(fields=["last_day"], name="absence_last")]

    def __str__(self) -> str:
        return str(self.user)


class SubstituteQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.all() if may(user, p.APPOINT) else self.none()

    def open(self):
        """Those that a second officer has to confirm, while the level still waits."""
        return self.filter(confirmed_at=None, application__level_due=F("level"), application__substitute=None)


class CaseSubstitute(TimeStamped):
    """Somebody for one level of one case, proposed by one officer and appointed by another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        BenevolenceApplication, models.PROTECT, related_name="substitutes", verbose_name=_("application")
    )
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_single_line])
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    objects = SubstituteQuerySet.as_manager()

    class Meta:
        verbose_name = _("substitute for a case")
        verbose_name_plural = _("substitutes for cases")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(user=F("proposed_by"))
                & (Q(confirmed_by=None) | (~Q(confirmed_by=F("proposed_by")) & ~Q(confirmed_by=F("user")))),
                name="substitute_by_two",
                violation_error_message=_("Two officers appoint a substitute, neither of them themselves."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.user}"
