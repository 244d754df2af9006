from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Least
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import AssignmentKind
from accounts.models.role import Role
from accounts.models.slate import Installation
from accounts.models.user import OwnedQuerySet, User
from accounts.permissions import ASSIGN_ROLES, CONFIRM_ROLES
from core.permissions import Permission
from core.terms import Moment, Term, TermQuerySet, not_over
from core.validators import validate_single_line


class AssignmentQuerySet(TermQuerySet, OwnedQuerySet):
    def live(self, at: Moment | None = None) -> Self:
        """Assignments that count at `at` (now): counts_from ≤ at < the earlier of expires_at and ended_at."""
        at = at or timezone.now()
        begun = Q(needs_confirmation=False) | Q(confirmed_at__lte=at)
        return super().live(at).filter(begun, Q(identity_epoch=None) | Q(identity_epoch=F("user__identity_epoch")))

    def lost(self, permission: Permission, at: Moment | None = None) -> Any:
        """Keys of people who had a role that grants the permission, and cannot act by it now or `at` a moment.

        A role that a local made may have granted it before, so whoever had one counts as well.
        """
        granting = self.filter(role__in=Role.objects.granting(permission)).order_by()
        custom = self.filter(role__is_custom=True).order_by()
        acting = granting.live(at).filter(user__is_active=True)
        return granting.values("user").union(custom.values("user")).difference(acting.values("user"))

    def held_between(self, since: datetime, until: datetime) -> Self:
        """Assignments that counted at some moment of since ≤ t < until."""
        begun = Q(needs_confirmation=False) | Q(confirmed_at__lt=until)
        return self.that_counted().filter(begun, not_over(since), starts_at__lt=until)

    def that_counted(self) -> Self:
        """Without those that were ended before they began or were never confirmed."""
        confirmed = Q(needs_confirmation=False) | Q(confirmed_at__isnull=False)
        lasted = Q(ended_at=None) | Q(ended_at__gt=F("starts_at")) & (
            Q(confirmed_at=None) | Q(ended_at__gt=F("confirmed_at"))
        )
        return self.filter(confirmed, lasted)

    def waiting(self, at: Moment | None = None) -> Self:
        """Assignments that an officer has to confirm."""
        return self.filter(not_over(at or timezone.now()), needs_confirmation=True, confirmed_at=None)

    def resting(self, at: Moment | None = None) -> Self:
        """Assignments that would count, now or when they begin, were the person confirmed for what the account is."""
        begun = Q(needs_confirmation=False) | Q(confirmed_at__isnull=False)
        epoch = Q(identity_epoch__lt=F("user__identity_epoch"))
        return self.filter(not_over(at or timezone.now()), begun, epoch)

    def ended_between(self, since: Moment, until: Moment) -> Self:
        """Terms whose end, the earlier of expires_at and ended_at, lies in that time; since < end ≤ until.

        One that was never confirmed had nothing to end.
        """
        first = Least(Coalesce("expires_at", "ended_at"), Coalesce("ended_at", "expires_at"))
        confirmed = self.filter(Q(needs_confirmation=False) | Q(confirmed_at__isnull=False))
        # What the indexes serve; the expression alone would be computed of every term that there ever was.
        near = Q(expires_at__gt=since, expires_at__lte=until) | Q(ended_at__gt=since, ended_at__lte=until)
        return confirmed.annotate(end=first).filter(near, end__gt=since, end__lte=until)

    def by_term(self) -> Self:
        return self.order_by(F("ended_at").asc(nulls_first=True), "-starts_at", "-id")


class RoleAssignment(Term):
    """One person holding one role for a term. Never deleted: it answers who held what on a day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments", verbose_name=_("person"))
    role = models.ForeignKey(Role, models.PROTECT, related_name="assignments", verbose_name=_("role"))
    kind = models.CharField(_("kind"), max_length=10, choices=AssignmentKind.choices, default=AssignmentKind.REGULAR)
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_single_line])
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("assigned by"))
    assigned_at = models.DateTimeField(_("assigned"), default=timezone.now)
    # as the role's when it was given; not of a term that a command gave
    needs_confirmation = models.BooleanField(_("an officer confirms it"), default=False, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    # of a grave role: the person's epoch for which it is confirmed; at another one it rests
    identity_epoch = models.PositiveIntegerField(null=True, editable=False)
    begun_with = models.ForeignKey(
        Installation, models.PROTECT, null=True, blank=True, related_name="begun", verbose_name=_("begun with")
    )
    ended_with = models.ForeignKey(
        Installation, models.PROTECT, null=True, blank=True, related_name="ended", verbose_name=_("ended with")
    )
    # the end that was planned before the installation came first, for when that is called off
    planned_end = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role assignment")
        verbose_name_plural = _("role assignments")
        ordering = ["-starts_at", "-id"]
        default_permissions = ("view",)
        permissions = [
            (ASSIGN_ROLES.codename, "Can assign and end roles"),
            (CONFIRM_ROLES.codename, "Can confirm roles that others assigned"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("starts_at")),
                name="assignment_term",
                violation_error_message=_("The term must end after it starts."),
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ended_at=None, expires_at=None),
                name="assignment_one_open",
                violation_error_message=_("This person already holds this role. End it first to change its term."),
            ),
            models.CheckConstraint(
                condition=Q(needs_confirmation=False) | Q(identity_epoch__isnull=False),
                name="assignment_epoch",
                violation_error_message=_("A role that is confirmed is confirmed for one state of the account."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("user")) & ~Q(confirmed_by=F("assigned_by")),
                name="assignment_confirmed_by_another",
                violation_error_message=_("A role is confirmed by somebody who neither gives nor gets it."),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "starts_at"], name="assignment_user"),
            models.Index(
                fields=["ended_at"], condition=Q(needs_confirmation=True, confirmed_at=None), name="assignment_waiting"
            ),
            models.Index(fields=["user"], condition=Q(identity_epoch__isnull=False), name="assignment_grave"),
            models.Index(fields=["expires_at"], condition=~Q(expires_at=None), name="assignment_expires"),
            models.Index(fields=["ended_at"], condition=~Q(ended_at=None), name="assignment_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.role}"

    def get_absolute_url(self) -> str:
        return reverse("user", args=[self.user_id])

    @property
    def role_and_kind(self) -> str:
        return role_and_kind(str(self.role), self.kind)

    @property
    def counts_from(self) -> datetime | None:
        """The start, or the confirmation where that came later; None while it is not confirmed."""
        if not self.needs_confirmation:
            return self.starts_at
        return max(self.starts_at, self.confirmed_at) if self.confirmed_at else None

    @property
    def rests(self) -> bool:
        """Whether somebody changed who the account is since this was confirmed."""
        return self.identity_epoch is not None and self.identity_epoch != self.user.identity_epoch

    def is_live(self, at: datetime | None = None) -> bool:
        return super().is_live(at) and not self.rests

    def is_waiting(self, at: datetime | None = None) -> bool:
        """For an officer to confirm it; until then it counts for nothing."""
        return self.counts_from is None and not self.is_over(at)

    def is_coming(self, at: datetime | None = None) -> bool:
        """Not begun yet, and not called off before it begins."""
        at, start = at or timezone.now(), self.counts_from
        return start is not None and at < start and (self.ended_at is None or start < self.ended_at)


def role_and_kind(role: str, kind: str) -> str:
    """A role in words, with the kind of its term where that is not the usual one."""
    return role if kind == AssignmentKind.REGULAR else f"{role} ({AssignmentKind(kind).label.lower()})"
