from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import GroupManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from accounts.enums import InstallationState
from accounts.permissions import HAND_OVER, VIEW_ROLES, VIEW_USERS
from core.db.statements import Place


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Everybody for those who may see users; for all others their own account."""
        if user.has_perm(VIEW_USERS):
            return self.all()
        if user.is_authenticated:
            return self.filter(pk=user.pk)
        return self.none()


UserRows = BaseUserManager.from_queryset(UserQuerySet)


class UserManager(UserRows):  # type: ignore[valid-type]
    """Managers used by Django's own commands; the portal creates users by accounts.services.people."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> Any:
        return self.get(email=self.normalize_email(username))

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """`manage.py createsuperuser`: an account with the role admin and a verified address."""
        from accounts.services.people import create_first_admin

        return create_first_admin(email=email, password=password, **fields)


class RoleQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        if user.has_perm(VIEW_ROLES):
            return self.all()
        return self.none()


RoleRows = GroupManager.from_queryset(RoleQuerySet)


class RoleManager(RoleRows):  # type: ignore[valid-type]
    def choices(self) -> list[tuple[str, str]]:
        """(name, name on screen) of every role, for forms and filters."""
        return list(self.order_by("position", "display_name").values_list("name", "display_name"))


class OwnedQuerySet(models.QuerySet):
    """Rows of one person, in `user`."""

    def visible_to(self, user: Any) -> Self:
        """Everybody's for those who may see users; for all others their own."""
        if user.has_perm(VIEW_USERS):
            return self.all()
        if user.is_authenticated:
            return self.filter(user_id=user.pk)
        return self.none()


# A moment, or the place of one in a query whose SQL is made once.
Moment = datetime | Place


def not_over(at: Moment) -> Q:
    return (Q(expires_at=None) | Q(expires_at__gt=at)) & (Q(ended_at=None) | Q(ended_at__gt=at))


class AssignmentQuerySet(OwnedQuerySet):
    def live(self, at: Moment | None = None) -> Self:
        """Assignments that count at `at` (now): counts_from ≤ at < the earlier of expires_at and ended_at."""
        at = at or timezone.now()
        return self.filter(Q(needs_confirmation=False) | Q(confirmed_at__lte=at), not_over(at), starts_at__lte=at)

    def not_over(self, at: datetime) -> Self:
        """Those that have not ended by then; they may begin later."""
        return self.filter(not_over(at))

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


class InstallationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Every slate for those who may see roles; for those who hand over the ones that are set."""
        if user.has_perm(VIEW_ROLES):
            return self.all()
        if user.has_perm(HAND_OVER):
            return self.filter(state=InstallationState.SET)
        return self.none()


class SeatQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        if user.has_perm(VIEW_ROLES):
            return self.all()
        return self.none()


class SessionQuerySet(OwnedQuerySet):
    def live(self) -> Self:
        """Browsers in which somebody is signed in still."""
        now = timezone.now()
        idle, longest = timedelta(minutes=settings.SESSION_IDLE_MINUTES), timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return self.filter(epoch=F("user__session_epoch"), last_used_at__gt=now - idle, created_at__gt=now - longest)


class DeviceQuerySet(OwnedQuerySet):
    def live(self, at: datetime | None = None) -> Self:
        """Devices whose tokens work; see RefreshToken.is_valid."""
        same = {"user__is_active": True, "user__session_epoch": F("session_epoch")}
        return self.filter(revoked_at=None, expires_at__gt=at or timezone.now(), **same)

    def over(self, before: datetime) -> Self:
        """Devices that ended or expired before that moment."""
        return self.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))
