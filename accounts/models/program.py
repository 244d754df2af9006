from datetime import date
from ipaddress import ip_address, ip_network
from typing import Self

from django.contrib.auth.models import Permission as PermissionRow
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from accounts.permissions import CHANGE_PROGRAMS, VIEW_USERS
from core.models import TimeStamped
from core.permissions import Actor, may
from core.validators import validate_single_line

# What a token of a program begins with, so that scanners find one that lies about; those of people are JWTs.
PROGRAM_MARK = "uop_"
# Whoever may come from everywhere is bound to no address. Bits of the mask, of IPv4 and of IPv6.
WIDEST = {4: 8, 6: 32}


def validate_network(text: str) -> None:
    try:
        network = ip_network(text)
    except ValueError as error:
        sentence = _("Write an address or a range, such as 203.0.113.7 or 203.0.113.0/24.")
        raise ValidationError(sentence) from error
    if network.prefixlen < WIDEST[network.version]:
        raise ValidationError(_("This is nearly every address there is. Write the range from which the program comes."))


class ProgramQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        if may(user, VIEW_USERS):
            return self.all()
        return self.none()


class Program(TimeStamped):
    """A program of the office that uses the API in its own name, by a token of which the digest is kept.

    `user` is the name under which the history knows it: an account that is switched off for good and opens no door.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="program", editable=False)
    name = models.CharField(_("name"), max_length=80, validators=[validate_single_line])
    permissions = models.ManyToManyField(PermissionRow, related_name="+", verbose_name=_("may"))
    network = models.CharField(_("address range"), max_length=43, validators=[validate_network])
    last_day = models.DateField(_("last day"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("made by")
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("ended early"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("ended by")
    )

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["-created_at", "-id"]
        default_permissions = ()
        permissions = [(CHANGE_PROGRAMS.codename, "Can let programs use the API and end their access")]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(revoked_at=None),
                name="program_name",
                violation_error_message=_("Another program has this name. End that one first, or choose another name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("program", args=[self.pk])

    def is_open(self, today: date) -> bool:
        return self.revoked_at is None and today <= self.last_day

    def comes_from(self, address: str) -> bool:
        """Whether the address, which may be unknown, lies in the range."""
        return bool(address) and ip_address(address.partition("%")[0]) in ip_network(self.network)
