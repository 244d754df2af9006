from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.enums import AddressSource


def settled_address(now: datetime) -> Q:
    """Rows with an e-mail address that may claim and be invited: old enough, or confirmed."""
    old_enough = Q(email_written_at__lte=now - timedelta(days=settings.ADDRESS_DAYS))
    return ~Q(email="") & (old_enough | Q(email_source=AddressSource.MEMBER) | ~Q(email_seen_at=None))


class WrittenAddress(models.Model):
    """How the e-mail address of a record came to be there, since whoever writes it could read the person's mail.

    A new address settles by age, by the member's word at `email_former` (the last one that was settled, unless others
    shared it), or when a second person of the office says that they saw the member. Kept by members.services.addresses.
    """

    email: str
    created_at: datetime
    email_written_at = models.DateTimeField(_("address written"), default=timezone.now, editable=False)
    email_written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    email_source = models.CharField(
        max_length=6, choices=AddressSource.choices, default=AddressSource.OFFICE, editable=False
    )
    email_former = models.EmailField(blank=True, editable=False)
    # on another person's record too when an address was replaced: nobody's word, and no way to tell this member alone
    email_former_shared = models.BooleanField(default=False, editable=False)
    email_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    email_seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(email_seen_by=None) | Q(email_written_by=None) | ~Q(email_seen_by=F("email_written_by")),
                name="%(class)s_address_two_people",
                violation_error_message=_("Whoever wrote the address does not vouch for it. Ask somebody else."),
            )
        ]

    @property
    def email_settles_at(self) -> datetime:
        """When the address is old enough by itself."""
        return self.email_written_at + timedelta(days=settings.ADDRESS_DAYS)

    @property
    def is_untold(self) -> bool:
        """Whether the address came into a record that was there already, and no former one could be told of it."""
        told = self.email_former and not self.email_former_shared
        return bool(self.email) and not told and self.email_written_at > self.created_at

    @property
    def settles(self) -> bool:
        """Whether an address that was written then and so is old enough, or confirmed."""
        confirmed = self.email_source == AddressSource.MEMBER or self.email_seen_at is not None
        return confirmed or self.email_settles_at <= timezone.now()

    @property
    def has_settled_email(self) -> bool:
        """See `settled_address`."""
        return bool(self.email) and self.settles
