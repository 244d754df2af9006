from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import IdentityKind
from accounts.models.user import OwnedQuerySet, User
from core.permissions import Actor
from core.validators import validate_single_line


class IdentityQuerySet(OwnedQuerySet):
    def unconfirmed(self) -> Self:
        """Changes since which nobody has confirmed the person."""
        since = IdentityChange.objects.filter(user=OuterRef("user"), kind=IdentityKind.CONFIRMED)
        return self.exclude(kind=IdentityKind.CONFIRMED).filter(~Exists(since.filter(epoch__gte=OuterRef("epoch"))))

    def of_credentials(self) -> Self:
        """Changes by which somebody else may hold the account: a password that the office made for a new one too."""
        later = self.exclude(kind__in=[IdentityKind.LINK, IdentityKind.MERGE])
        return later.filter(Q(epoch__gt=1) | Q(kind=IdentityKind.PASSWORD))

    def of_passwords(self) -> Self:
        """Of these, changes since which somebody else may have set the password: whoever takes factors learns none."""
        return self.of_credentials().exclude(kind=IdentityKind.FACTOR)

    def members_of(self, user: Actor) -> set[int | None]:
        """Keys of the records that the account of `user` was ever linked to."""
        links = self.filter(user_id=user.pk).order_by().values_list("member_before", "member_after")
        return {key for link in links for key in link}


def account_is_held(user: str) -> Exists:
    """Whether somebody else than the person may hold the account in this column, until an officer confirms them."""
    return Exists(IdentityChange.objects.unconfirmed().of_credentials().filter(user=OuterRef(user)))


class IdentityChange(models.Model):
    """What made an account somebody's, or somebody else's: its history of links and credentials, write-once.

    `epoch` is the account's after it. A row of the kind CONFIRMED says who knew the person at that epoch.
    """

    append_only = True

    user = models.ForeignKey(User, models.PROTECT, related_name="identity_changes", verbose_name=_("person"))
    epoch = models.PositiveIntegerField()
    kind = models.CharField(_("what"), max_length=12, choices=IdentityKind.choices)
    member_before = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("record before")
    )
    member_after = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("record after")
    )
    # empty: a command on the server, or the person by a mailed link
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=300, blank=True, validators=[validate_single_line])

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of identity")
        verbose_name_plural = _("changes of identity")
        ordering = ["-at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=IdentityKind.CONFIRMED) | Q(actor=None) | ~Q(actor=F("user")),
                name="identity_confirmed_by_another",
                violation_error_message=_("Nobody confirms themselves."),
            )
        ]
        indexes = [
            models.Index(fields=["user", "epoch"], name="identity_user"),
            models.Index(fields=["actor"], name="identity_actor", condition=~Q(actor=None)),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
