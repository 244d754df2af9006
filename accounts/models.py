import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.enums import AssignmentKind, DeviceEnd
from accounts.installation_models import Installation
from accounts.permissions import ENTER_ADMIN
from accounts.querysets import AssignmentQuerySet, DeviceQuerySet, RoleManager, SessionQuerySet, UserManager
from core.models import TimeStamped, Versioned
from core.validators import validate_single_line


class User(Versioned, TimeStamped, AbstractBaseUser):
    """A person who signs in. What they may do comes from live role assignments only, asked anew on each request."""

    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        error_messages={"unique": _("Another account already uses this address. Open that account instead.")},
    )
    first_name = models.CharField(_("first name"), max_length=100, validators=[validate_single_line])
    last_name = models.CharField(_("last name"), max_length=100, validators=[validate_single_line])
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_verified = models.BooleanField(_("address verified"), default=False)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    session_epoch = models.UUIDField(default=uuid.uuid4, editable=False)
    # set while an invitation is open: the person has not chosen a password yet
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True, editable=False)
    invited_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("invited by")
    )
    member = models.OneToOneField(
        "members.Member",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="account",
        verbose_name=_("member record"),
        error_messages={"unique": _("Another account already belongs to this member.")},
    )

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    NAME_FIELDS = ("first_name", "last_name", "email")  # what full_name needs
    REQUIRED_FIELDS = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["last_name", "first_name", "id"]
        default_permissions = ("view", "change")
        permissions = [
            ("enter_admin", "Can enter the Django admin"),
            ("invite_member", "Can invite members to the portal"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(email=models.functions.Lower("email")), name="user_email_lower"),
            models.CheckConstraint(
                condition=Q(invited_at=None) | Q(is_verified=False),
                name="user_invited_unproved",
                violation_error_message=_("An invitation is open until its address is proved."),
            ),
        ]
        indexes = [
            models.Index(fields=["last_name", "id"], name="user_last_name"),
            models.Index(fields=["last_name", "id"], name="user_invited", condition=~Q(invited_at=None)),
        ]

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        self.email = type(self).objects.normalize_email(self.email)

    def get_absolute_url(self) -> str:
        return reverse("user", args=[self.pk])

    @property
    def invitation_ends_at(self) -> datetime | None:
        """When the link of an open invitation stops working."""
        return self.invited_at + timedelta(days=settings.INVITATION_DAYS) if self.invited_at else None

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.email

    def get_session_auth_hash(self) -> str:
        """Changes with the password and with `session_epoch`, so both end every other session."""
        return self._epoch_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterable[str]:
        return (self._epoch_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _epoch_hash(self, secret: str | None) -> str:
        text = f"{self.password}:{self.session_epoch}"
        return salted_hmac("accounts.session", text, secret=secret, algorithm="sha256").hexdigest()

    # --- what they may do: that of their live assignments ---
    # What of a person decides, beside their permissions, which rows they see; see core.db.prepared.
    row_keys = ("member_id",)

    @cached_property
    def live_permissions(self) -> frozenset[str]:
        """Of the roles that are live now, also of somebody who is switched off; asked once per request."""
        roles = RoleAssignment.objects.live().filter(user_id=self.pk).values("role_id")
        found = Permission.objects.filter(group__in=roles).order_by()
        names = found.values_list("content_type__app_label", "codename").distinct()
        return frozenset(f"{app_label}.{codename}" for app_label, codename in names)

    def get_all_permissions(self, obj: object = None) -> set[str]:
        return set(self.live_permissions) if self.is_active else set()

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return self.is_active and permission in self.live_permissions

    def has_perms(self, permissions: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(permission) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions())

    @property
    def is_staff(self) -> bool:
        return self.has_perm(ENTER_ADMIN)

    @property
    def is_superuser(self) -> bool:
        """Nobody is above the permission table."""
        return False

    @cached_property
    def role_names(self) -> frozenset[str]:
        """Names of the roles that are live now."""
        return frozenset(RoleAssignment.objects.live().filter(user_id=self.pk).values_list("role__name", flat=True))

    def has_role(self, name: str) -> bool:
        return name in self.role_names

    @cached_property
    def throttle(self) -> "SignInThrottle | None":
        return SignInThrottle.objects.filter(key=SignInThrottle.key_for(self.email)).first()

    @property
    def failed_login_attempts(self) -> int:
        return self.throttle.failures if self.throttle else 0

    @property
    def locked_until(self) -> datetime | None:
        return self.throttle.refuses_until(timezone.now()) if self.throttle else None


class Role(Group):
    """A named set of permissions; decided by unionops.access and synced after migrate, or custom: by this local."""

    display_name = models.CharField(_("name on screen"), max_length=80, validators=[validate_single_line])
    description = models.CharField(_("description"), max_length=300, blank=True, validators=[validate_single_line])
    is_system_role = models.BooleanField(_("system role"), default=False, editable=False)
    is_custom = models.BooleanField(_("made by this local"), default=False, editable=False)
    needs_confirmation = models.BooleanField(_("an officer confirms it"), default=False, editable=False)
    position = models.PositiveSmallIntegerField(default=100, editable=False)

    objects: ClassVar[RoleManager] = RoleManager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["position", "display_name"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_system_role=True, is_custom=True),
                name="role_system_or_custom",
                violation_error_message=_("A system role comes with the product; nobody adds one."),
            )
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        return reverse("role", args=[self.name])

    @property
    def origin(self) -> str:
        """Where the role comes from, in words."""
        if self.is_system_role:
            return str(_("System role"))
        return str(_("Made by this local") if self.is_custom else _("Further role"))


class RoleAssignment(models.Model):
    """One person holding one role for a term. Never deleted: it answers who held what on a day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments", verbose_name=_("person"))
    role = models.ForeignKey(Role, models.PROTECT, related_name="assignments", verbose_name=_("role"))
    kind = models.CharField(_("kind"), max_length=10, choices=AssignmentKind.choices, default=AssignmentKind.REGULAR)
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_single_line])
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("assigned by"))
    assigned_at = models.DateTimeField(_("assigned"), default=timezone.now)
    starts_at = models.DateTimeField(_("starts"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    # as the role's when it was given; not of a term that a command gave
    needs_confirmation = models.BooleanField(_("an officer confirms it"), default=False, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    end_reason = models.CharField(
        _("reason for the end"), max_length=300, blank=True, validators=[validate_single_line]
    )

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
            ("assign_role", "Can assign and end roles"),
            ("confirm_role", "Can confirm roles that others assigned"),
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
    def ends_at(self) -> datetime | None:
        """The first moment at which the role does not count any more."""
        return min((end for end in (self.expires_at, self.ended_at) if end), default=None)

    @property
    def last_moment(self) -> datetime | None:
        """Just before the end, so that a term to the midnight after Friday reads as one to Friday."""
        return self.ends_at - timedelta(microseconds=1) if self.ends_at else None

    @property
    def counts_from(self) -> datetime | None:
        """The start, or the confirmation where that came later; None while it is not confirmed."""
        if not self.needs_confirmation:
            return self.starts_at
        return max(self.starts_at, self.confirmed_at) if self.confirmed_at else None

    def is_live(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        return self.counts_from is not None and self.counts_from <= at and not self.is_over(at)

    def is_over(self, at: datetime | None = None) -> bool:
        return self.ends_at is not None and self.ends_at <= (at or timezone.now())

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


class SignInThrottle(models.Model):
    """Failures of one sign-in name over every door; the key is a digest so that no address is listed."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    # of the first attempt that counts; once every place is taken, of the last
    window_started = models.DateTimeField(default=timezone.now)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign-in lock")
        default_permissions = ()
        indexes = [models.Index(fields=["window_started"], name="throttle_window")]

    def __str__(self) -> str:
        return self.key[:8]

    @staticmethod
    def key_for(email: str) -> str:
        return salted_hmac("accounts.throttle", email.strip().lower(), algorithm="sha256").hexdigest()

    def refuses_until(self, now: datetime) -> datetime | None:
        """When this name may try again, or None when it may: locked, or every place taken and not answered yet."""
        until = self.locked_until
        if until is None and self.failures >= settings.LOCKOUT_FAILURES:
            until = self.window_started + timedelta(minutes=settings.LOCKOUT_MINUTES)
        return until if until and until > now else None


def digest(session_key: str | None) -> str:
    """The key under which a session is kept: whoever has a copy of the table has no cookie."""
    return sha256((session_key or "").encode()).hexdigest()


class Session(AbstractBaseSession):
    """Django's table of sessions, which also says whose each is, so that one statement finds the person.

    `session_key` is the SHA-256 of the one that the cookie holds.
    """

    session_key = models.CharField(max_length=64, primary_key=True, editable=False)
    # without a constraint: Django takes an integrity error for a key that is taken, and tries another one for ever
    user = models.ForeignKey(User, models.CASCADE, null=True, editable=False, related_name="+", db_constraint=False)

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()


class SessionRecord(models.Model):
    """One browser in which a person is signed in. The key is the SHA-256 of the session's, which the cookie holds."""

    key = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", verbose_name=_("person"))
    # of the account when this browser last proved itself; another one means that the session is over
    epoch = models.UUIDField(editable=False)
    device = models.CharField(_("device"), max_length=80, blank=True)
    address_prefix = models.CharField(_("network"), max_length=43, blank=True)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("browser session")
        ordering = ["-last_used_at", "-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "last_used_at"], name="session_user")]

    def __str__(self) -> str:
        return self.device or str(self._meta.verbose_name)


class SpentCode(models.Model):
    """The time step of the last code that an authenticator app was believed for; older ones and it are worthless."""

    authenticator = models.OneToOneField("mfa.Authenticator", models.CASCADE, primary_key=True, related_name="spent")
    step = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("spent authenticator code")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.step)


class MailedCode(models.Model):
    """The one sign-in code that a person was mailed last: a digest, deleted by whoever uses it."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="mailed_code")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("mailed sign-in code")
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest[:8]


class RefreshToken(models.Model):
    """One device that uses the API: a family of refresh tokens, of which only the newest one works.

    The digest of that one is all that is kept. Every token names its family, so an earlier one is recognised.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="devices", verbose_name=_("person"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # as the account's at sign-in: what ends all sessions ends this one, whoever does it
    session_epoch = models.UUIDField(editable=False)
    rotations = models.PositiveIntegerField(_("renewals"), default=0)
    device_info = models.CharField(_("device"), max_length=200, blank=True)
    ip_address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    # of `ip_address`; a device of the same name and network is no news, see api_devices
    network = models.CharField(max_length=43, blank=True, editable=False)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    revoke_reason = models.CharField(_("why"), max_length=12, choices=DeviceEnd.choices, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["-last_used_at", "id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "-last_used_at"], name="device_user"),
            models.Index(fields=["user", "session_epoch", "device_info", "network"], name="device_known"),
            models.Index(fields=["user", "expires_at"], name="device_not_ended", condition=Q(revoked_at=None)),
            models.Index(fields=["expires_at"], name="device_expires"),
            models.Index(fields=["revoked_at"], name="device_revoked"),
        ]

    def __str__(self) -> str:
        return self.device_info or str(self._meta.verbose_name)

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_valid(self) -> bool:
        """Whether its tokens open anything now."""
        ended = self.revoked_at is not None or self.is_expired
        return not ended and self.user.is_active and self.session_epoch == self.user.session_epoch


class DoorCount(models.Model):
    """How often one network, or one address that mail goes to, used a door in the present window; see throttle."""

    key = models.CharField(max_length=64, primary_key=True)
    used = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField()

    class Meta:
        verbose_name = _("count at a door")
        verbose_name_plural = _("counts at the doors")
        default_permissions = ()
        indexes = [models.Index(fields=["ends_at"], name="door_count_ends")]

    def __str__(self) -> str:
        return self.key[:8]

    @staticmethod
    def key_for(door: str, whose: str) -> str:
        return salted_hmac("accounts.doors", f"{door} {whose}", algorithm="sha256").hexdigest()
