from datetime import date
from typing import Self, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.crypto import BlindIndexField, EncryptedTextField, blind_indexes
from core.permissions import Actor, may
from core.site import local_today
from core.terms import Moment
from core.validators import validate_sensible_date
from members.models import Member
from organizing import permissions as p
from organizing.enums import Duty, Stage
from organizing.models.campaign import Campaign, CampaignAssignment, CampaignPartQuerySet
from organizing.models.vault import VaultRow


class CampaignMemberQuerySet(CampaignPartQuerySet):
    def current(self, today: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=today), since__lte=today)

    def without_handler(self, at: Moment | None = None) -> Self:
        """Without a handler, or with one who has no such duty any more; one who rests is confirmed instead."""
        return self.with_handled(at).filter(is_handled=False)

    def with_handled(self, at: Moment | None = None) -> Self:
        duty = CampaignAssignment.objects.in_term(at).filter(
            campaign=OuterRef("campaign"), user=OuterRef("handler"), duty=Duty.HANDLER
        )
        able = Q(user__in=User.objects.holding(p.VIEW_CAMPAIGNS, at))
        return self.annotate(is_handled=Exists(duty.filter(able | ~Q(identity_epoch=F("user__identity_epoch")))))

    def acted_by(self, member_id: int | None) -> Self:
        """Rows of one person, whichever of their merged records they were entered under, under every key in use."""
        if member_id is None:
            return self.none()
        keys = Member.objects.same_person(member_id).values_list("pk", flat=True)
        purpose = self.model._meta.get_field("member_index").purpose
        return self.filter(member_index__in=blind_indexes(map(str, keys), purpose=purpose))

    def acting_as(self, user: Actor) -> Self:
        """Where the person of this account acts for us now, so that they may add entries of their own.

        Lead or handler said that it is theirs, and nobody changed it since: neither a link nor a merge counts.
        """
        if may(user, p.LOG_OWN_ACTIVITY):
            purpose = self.model._meta.get_field("account_index").purpose
            confirmed = self.filter(
                account_index__in=blind_indexes([CampaignMember.account_key(cast(User, user))], purpose=purpose)
            )
            return confirmed.current(local_today()).exclude(campaign__stage=Stage.ENDED)
        return self.none()


class CampaignMember(VaultRow):
    """One of our members acting in a campaign. `member_ref` is the member's key, encrypted; there is no foreign key.

    `account_ref` is the account that keeps their entries, with the epoch for which it was confirmed, in the same way.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="members", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(editable=False)
    pseudonym = models.CharField(_("pseudonym"), max_length=12, editable=False)
    member_ref = EncryptedTextField(editable=False)
    member_index = BlindIndexField(source="member_ref", purpose="organizing.member")
    account_ref = EncryptedTextField(blank=True, editable=False)
    account_index = BlindIndexField(source="account_ref", purpose="organizing.account")
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("handler")
    )
    since = models.DateField(_("since"), default=local_today, validators=[validate_sensible_date])
    until = models.DateField(_("last day"), null=True, blank=True, validators=[validate_sensible_date])

    objects = CampaignMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign member")
        verbose_name_plural = _("campaign members")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_member_number"),
            models.UniqueConstraint(fields=["campaign", "pseudonym"], name="campaign_member_pseudonym"),
            models.UniqueConstraint(
                fields=["campaign", "member_index"],
                condition=~Q(member_index=""),
                name="campaign_member_once",
                violation_error_message=_("This member already acts in this campaign."),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="campaign_member_dates",
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]
        indexes = [
            models.Index(fields=["member_index"], name="campaign_member_index"),
            models.Index(fields=["account_index"], name="campaign_member_account"),
        ]

    def clean(self) -> None:
        """Says at the field what the constraint of the same meaning would say of the record."""
        if self.until and self.until < self.since:
            raise ValidationError({"until": _("The last day cannot be before the first.")})

    @staticmethod
    def account_key(user: User) -> str:
        """An account as it is at its present epoch."""
        return f"{user.pk}:{user.identity_epoch}"

    @staticmethod
    def pseudonym_of(number: int) -> str:
        return f"S-{number:03d}"
