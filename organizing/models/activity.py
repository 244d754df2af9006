from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from core.permissions import Actor
from core.search import search_words
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from organizing.enums import ActivityType, Outcome
from organizing.models.campaign import Campaign, CampaignPartQuerySet
from organizing.models.campaign_member import CampaignMember
from organizing.models.vault import MOST_PEOPLE, NOTES_LENGTH, VaultRow


class SaltingActivityQuerySet(CampaignPartQuerySet):
    def written_by(self, user: Actor) -> Self:
        """What this person entered as a salt; not what others entered about them."""
        return self.filter(campaign_member__in=CampaignMember.objects.acting_as(user), entered_by=None)

    def for_list(self) -> Self:
        return self.select_related("campaign", "campaign_member", "entered_by")

    def searched(self, text: str) -> Self:
        """By code name or target of the campaign, or by the pseudonym."""
        if not search_words(text):
            return self.none()
        named = Q(campaign_member__pseudonym=text.strip().upper())
        return self.filter(named | Q(campaign__in=Campaign.objects.searched(text).values("pk")))


class SaltingActivity(VaultRow):
    """`entered_by` is empty where the salt wrote the entry: no column names a salt's account."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="activities", verbose_name=_("campaign"))
    campaign_member = models.ForeignKey(
        CampaignMember, models.PROTECT, related_name="activities", verbose_name=_("acting salt")
    )
    activity_type = models.CharField(_("type"), max_length=20, choices=ActivityType.choices)
    activity_date = models.DateField(_("date"), default=local_today, validators=[validate_sensible_date])
    outcome = models.CharField(_("outcome"), max_length=10, blank=True, choices=Outcome.choices)
    location = EncryptedTextField(_("location"), max_length=200, blank=True, validators=[validate_single_line])
    workers_contacted = models.PositiveIntegerField(
        _("workers contacted"), default=0, validators=[MaxValueValidator(MOST_PEOPLE)]
    )
    cards_signed = models.PositiveIntegerField(
        _("cards signed"), default=0, validators=[MaxValueValidator(MOST_PEOPLE)]
    )
    description = EncryptedTextField(
        _("what happened"), max_length=NOTES_LENGTH, blank=True, validators=[validate_paragraphs]
    )
    notes = EncryptedTextField(_("notes"), max_length=NOTES_LENGTH, blank=True, validators=[validate_paragraphs])
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )

    objects = SaltingActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("SALTing activity")
        verbose_name_plural = _("SALTing activities")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(cards_signed__lte=F("workers_contacted"), cards_signed__gte=0),
                name="activity_cards_of_workers",
                violation_error_message=_("More cards than workers contacted. Check both numbers."),
            ),
        ]
        indexes = [
            models.Index(fields=["activity_date", "id"], name="activity_date"),
            models.Index(fields=["campaign", "activity_date", "id"], name="activity_campaign"),
            models.Index(fields=["campaign_member", "activity_date", "id"], name="activity_member"),
            models.Index(fields=["updated_at", "id"], name="activity_updated"),
        ]

    @property
    def is_own_entry(self) -> bool:
        """Whether the salt wrote it."""
        return not self._state.adding and self.entered_by_id is None

    def get_absolute_url(self) -> str:
        return reverse("activity_detail", args=[self.pk])

    def clean(self) -> None:
        """Says at the field what is wrong: a day to come, another campaign's salt, more cards than workers."""
        found = {}
        # The local's own day is asked for only of days that are close: a thousand old entries need no thousand answers.
        if self.activity_date and self.activity_date >= timezone.now().date() and self.activity_date > local_today():
            found["activity_date"] = _("This day is still to come. Enter what has happened.")
        if self.campaign_member_id and self.campaign_member.campaign_id != self.campaign_id:
            found["campaign_member"] = _("Choose somebody who acts in this campaign.")
        # Either number is missing where what was typed is no number.
        if (self.cards_signed or 0) > (self.workers_contacted or 0):
            found["cards_signed"] = _("More cards than workers contacted. Check both numbers.")
        if found:
            raise ValidationError(found)
