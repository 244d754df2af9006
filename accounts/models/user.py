import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Permission as PermissionRow
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models.limit import SignInThrottle
from accounts.models.role import Role
from accounts.permissions import ENTER_ADMIN, HEAR_ALARMS, INVITE_MEMBERS, VIEW_USERS
from core.db.statements import Place, Statement
from core.models import Notice, TimeStamped, Versioned
from core.permissions import Actor, Permission, may
from core.terms import Moment
from core.validators import validate_single_line

LINK_RESTS = (Q(member__isnull=False) | Q(is_no_member=True)) & ~Q(link_epoch=F("identity_epoch"))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Everybody for those who may see users; for all others their own account. A program is nobody."""
        if may(user, VIEW_USERS):
            return self.filter(is_program=False)
        if user.is_authenticated:
            return self.filter(pk=user.pk)
        return self.none()

    def named(self, text: str) -> Self:
        """Every word in the name or the address, in any order."""
        rows = self
        for word in text.split():
            columns = ("first_name", "last_name", "email")
            rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns)))
        return rows

    def holding(self, permission: Permission, at: Moment | None = None) -> Self:
        """Whoever may sign in and has a live role that grants the permission, now or `at` a moment."""
        terms = self.model._meta.get_field("assignments").related_model.objects
        live = terms.live(at).filter(user=OuterRef("pk"), role__in=Role.objects.granting(permission))
        return self.filter(Exists(live), is_active=True)


UserRows = BaseUserManager.from_queryset(UserQuerySet)


class UserManager(UserRows):  # type: ignore[valid-type]
    """What Django asks of a manager; the portal creates users by accounts.services.people."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> Any:
        return self.get(email=self.normalize_email(username))


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
    # only names a program in histories; see accounts.models.program
    is_program = models.BooleanField(default=False, editable=False)
    is_verified = models.BooleanField(_("address verified"), default=False)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    session_epoch = models.UUIDField(default=uuid.uuid4, editable=False)
    # raised whenever somebody else than the person changes who the account is; see accounts.services.identity
    identity_epoch = models.PositiveIntegerField(default=1, editable=False)
    # the epoch for which the link with the member's record is confirmed
    link_epoch = models.PositiveIntegerField(default=0, editable=False)
    # the epoch for which following the open invitation confirms that link: it went to a settled address of the record
    invited_epoch = models.PositiveIntegerField(default=0, editable=False)
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
    # stated, and confirmed as a link is: of whoever decides or pays it is known which member they are, or that none
    is_no_member = models.BooleanField(_("not a member"), default=False)

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
            (ENTER_ADMIN.codename, "Can enter the Django admin"),
            (INVITE_MEMBERS.codename, "Can invite members to the portal"),
            (HEAR_ALARMS.codename, "Can be told when a second person was done without"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None) | Q(is_no_member=False),
                name="user_member_or_none",
                violation_error_message=_("Enter a member number, or say that the person is not a member."),
            ),
            models.CheckConstraint(condition=Q(email=models.functions.Lower("email")), name="user_email_lower"),
            models.CheckConstraint(
                condition=Q(is_program=False) | Q(is_active=False, is_verified=False, invited_at=None, member=None),
                name="user_program_closed",
                violation_error_message=_("This is a program; nobody signs in with it."),
            ),
            models.CheckConstraint(
                condition=Q(invited_at=None) | Q(is_verified=False),
                name="user_invited_unproved",
                violation_error_message=_("An invitation is open until its address is proved."),
            ),
        ]
        indexes = [
            models.Index(fields=["last_name", "id"], name="user_last_name"),
            models.Index(fields=["last_name", "id"], name="user_invited", condition=~Q(invited_at=None)),
            models.Index(fields=["id"], name="user_link_rests", condition=LINK_RESTS),
        ]

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        self.email = type(self).objects.normalize_email(self.email)
        if self.is_no_member and self.member_id is not None:
            raise ValidationError({"is_no_member": _("A member number is entered. Clear it, or untick this.")})

    def get_absolute_url(self) -> str:
        return reverse("user", args=[self.pk])

    @property
    def invitation_ends_at(self) -> datetime | None:
        """When the link of an open invitation stops working."""
        return self.invited_at + timedelta(days=settings.INVITATION_DAYS) if self.invited_at else None

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def label(self) -> str:
        """The name with the address, which tells two people apart."""
        return f"{self.full_name} — {self.email}"

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

    # --- who they are; see accounts.services.identity ---
    @cached_property
    def person_keys(self) -> str:
        """Keys, with commas between them, of every member's record that was ever theirs or may be the same person's.

        What conflicts are judged by, whoever confirmed what; asked once a request, where it is needed.
        """
        if self.member_id is None and self.identity_epoch == 1:
            return ""
        records: Any = self._meta.get_field("member").related_model
        return ",".join(map(str, records.objects.perhaps_of(self)))

    @property
    def link_rests(self) -> bool:
        """Whether the link with a record, or that there is none, counts for nothing until the person is confirmed."""
        return (self.member_id is not None or self.is_no_member) and self.link_epoch != self.identity_epoch

    @property
    def is_known(self) -> bool:
        """Whether somebody independent confirmed which member this is, or that it is none."""
        return (self.member_id is not None or self.is_no_member) and not self.link_rests

    @cached_property
    def rests(self) -> bool:
        """Whether something that the person had, or was given, counts only once they are confirmed."""
        return self.link_rests or (self.identity_epoch > 1 and self.assignments.resting().exists())

    @property
    def notices(self) -> list[str]:
        """What every page tells this person."""
        if not self.rests or self.invited_at:
            return []
        said = _("The office changed your account, so some of what you may do rests. The page “Home” says what.")
        return [str(said)]

    @cached_property
    def unread_notices(self) -> int:
        """How many notices they have not opened; it comes with the session where there is one."""
        return Notice.objects.unread().visible_to(self).count()

    # --- what they may do: that of their live assignments ---
    # What of a person decides, beside their permissions, which rows they see; see core.db.prepared.
    row_keys, row_texts = ("own_member_id",), ("person_keys",)

    @property
    def own_member_id(self) -> int | None:
        """The record that the person reads as their own: the linked one, while somebody independent vouches for it."""
        return self.member_id if self.link_epoch == self.identity_epoch else None

    # whether they had a second factor when the request came in; None where it was not asked with the session
    came_with_factor: bool | None = None

    @cached_property
    def live_permissions(self) -> frozenset[str]:
        """Of the roles that are live now, also of somebody who is switched off; asked once per request."""
        found = _PERMISSIONS.rows(user=self.pk, now=timezone.now())
        return frozenset(f"{app_label}.{codename}" for app_label, codename in found)

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
        return frozenset(self.assignments.live().values_list("role__name", flat=True))

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


def _permissions_of_user() -> models.QuerySet:
    terms: Any = User._meta.get_field("assignments").related_model
    roles = terms.objects.filter(user_id=Place("user")).live(Place("now")).values("role_id")
    found = PermissionRow.objects.filter(group__in=roles).order_by()
    return found.values_list("content_type__app_label", "codename").distinct()


_PERMISSIONS = Statement(_permissions_of_user)


class OwnedQuerySet(models.QuerySet):
    """Rows of one person, in `user`."""

    def visible_to(self, user: Actor) -> Self:
        """Everybody's for those who may see users; for all others their own."""
        if may(user, VIEW_USERS):
            return self.all()
        if user.is_authenticated:
            return self.filter(user_id=user.pk)
        return self.none()
