"""Who is away from when to when, and who stands in: their cases wait for both, and both work them."""

import datetime
import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import RoleAssignment, account_is_held
from core.db.one_of import OneOf
from core.db.prepared import moment_of
from core.models import TimeStamped, Versioned
from core.permissions import Actor, Permission, may
from core.web.formats import day_text
from grievances import permissions as p
from grievances.models.fields import dated
from grievances.models.fields import person as somebody


class AwayQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Everybody's for those who assign cases; for others their own and those in which they stand in."""
        if may(user, p.ASSIGN_GRIEVANCES):
            return self.all()
        if may(user, p.WORK_GRIEVANCES):
            return self.filter(Q(person=user.pk) | Q(stand_in=user.pk))
        return self.none()

    def at(self, moment: Any) -> Self:
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)

    def stood_in_by(self, user: Actor) -> Self:
        """Those whose cases the person works now; who stands in for a stand-in stands in for nobody else."""
        return self.at(moment_of(user)).filter(stand_in=user.pk)


class Away(Versioned, TimeStamped):
    """The days as people say them, and the moments from which and until which they hold; ended early, they differ."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = somebody(_("who is away"), related_name="+")
    stand_in = somebody(_("stand-in"), related_name="+")
    first_day = dated(_("away from"))
    last_day = dated(_("away until"))
    starts_at = models.DateTimeField(_("begins"), editable=False)
    ends_at = models.DateTimeField(_("ends"), editable=False)
    recorded_by = somebody(_("recorded by"), null=True, editable=False, related_name="+")

    objects = AwayQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day"), ends_at__gte=F("starts_at")),
                name="away_days",
                violation_error_message=_("The last day is before the first. Check the days."),
            ),
            models.CheckConstraint(
                condition=~Q(person=F("stand_in")),
                name="away_somebody_else",
                violation_error_message=_("Nobody stands in for themselves. Choose somebody else."),
            ),
        ]
        indexes = [
            models.Index(fields=["stand_in", "ends_at"], name="away_stand_in"),
            models.Index(fields=["person", "ends_at"], name="away_person"),
            models.Index(fields=["starts_at", "id"], name="away_start"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.first_day}"

    def get_absolute_url(self) -> str:
        return reverse("away_list")

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def is_called_off(self) -> bool:
        """Whether it was ended before it began."""
        return self.ends_at <= self.starts_at

    @property
    def words(self) -> str:
        """“for Ann Ray, away until Fri 4 Dec 2026”; `person` has been read."""
        return str(_("for %(person)s, away until %(day)s")) % {
            "person": self.person.get_full_name(),
            "day": day_text(self.last_day),
        }


def theirs(column: str, user: Actor) -> Q:
    """That `column`, whose cases they are, names the person or somebody for whom they stand in now."""
    return Q(**{column: user.pk}) | Q(OneOf(column, Away.objects.stood_in_by(user).values("person")))


def has_left(column: str, user: Actor, permission: Permission = p.WORK_GRIEVANCES) -> Q:
    """That `column` names somebody who worked this once and cannot any more: switched off, or without the role."""
    return Q(OneOf(column, RoleAssignment.objects.lost(permission, moment_of(user))))


def is_nobodys(column: str, user: Actor) -> Q:
    """That `column`, the representative of a case, names nobody who can work it."""
    return Q(**{column: None}) | has_left(column, user)


def wait_for(case: str, user: Actor) -> Q:
    """That a case, to which `case` is the way, waits for the person: it is theirs, or nobody's and they hear of all.

    A restricted one that nobody has waits for everybody who sees it; so does one whose representative is away, or may
    not read it because somebody else may hold the account.
    """
    nobodys = Q(**{f"{case}__isnull": False}) & is_nobodys(f"{case}__assigned_rep", user)
    is_away = Q(OneOf(f"{case}__assigned_rep", Away.objects.at(moment_of(user)).values("person")))
    left = nobodys | is_away | Q(account_is_held(f"{case}__assigned_rep"))
    found = theirs(f"{case}__assigned_rep", user) | (Q(**{f"{case}__is_restricted": True}) & left)
    return found | nobodys if may(user, p.HEAR_DEADLINES) else found


def stand_ins_of(*people: Any, moment: datetime.datetime | None = None) -> models.QuerySet:
    """The absences of these people that hold at a moment, each with its stand-in."""
    held = Away.objects.at(moment or timezone.now()).filter(person__in=people, stand_in__is_active=True)
    return held.select_related("stand_in")
