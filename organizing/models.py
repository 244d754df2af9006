"""The most dangerous tables of the portal: opaque keys, encrypted texts, no link from a salt to a member's record."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.crypto import BlindIndexField, EncryptedTextField
from core.folding import sort_key
from core.models import TimeStamped, Versioned
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from members.models import Organization, searchable
from organizing.enums import ActivityType, Duty, Outcome, Receptiveness, Stage
from organizing.querysets import (
    CampaignAssignmentQuerySet,
    CampaignMemberQuerySet,
    CampaignQuerySet,
    SaltingActivityQuerySet,
)

MOST_PEOPLE = 1_000_000
NOTES_LENGTH = 4_000


class VaultRow(Versioned, TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Tells two rows apart and nothing else: Django puts it into titles."""
        return f"{capfirst(str(self._meta.verbose_name))} {str(self.pk)[:8]}"


class Campaign(VaultRow):
    code_name = models.CharField(
        _("code name"),
        max_length=80,
        unique=True,
        validators=[validate_single_line],
        error_messages={"unique": _("Another campaign has this code name. Choose another.")},
    )
    target = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("target")
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.RESEARCH)
    unit_size = models.PositiveIntegerField(
        _("unit size"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)]
    )
    opened = models.DateField(_("opened"), default=local_today, validators=[validate_sensible_date])
    closed = models.DateField(_("closed"), null=True, blank=True, editable=False)
    salting_score = EncryptedTextField(_("receptiveness"), blank=True, choices=Receptiveness.choices)
    salting_notes = EncryptedTextField(
        _("notes on the employer"), max_length=NOTES_LENGTH, blank=True, validators=[validate_paragraphs]
    )
    sort_name = models.CharField(max_length=80, editable=False)
    search_text = models.TextField(editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        default_permissions = ()
        permissions = [
            ("view_campaign", "Can view campaign"),
            ("oversee_campaign", "Can oversee campaign"),
            ("log_own_activity", "Can log own activity"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage=Stage.ENDED, closed__isnull=False) | (~Q(stage=Stage.ENDED) & Q(closed=None)),
                name="campaign_closed_when_ended",
                violation_error_message=_("A campaign that has ended has a day on which it was closed."),
            ),
            models.CheckConstraint(
                condition=Q(closed=None) | Q(closed__gte=F("opened")),
                name="campaign_dates",
                violation_error_message=_("The campaign cannot close before it opens."),
            ),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="campaign_sort"),
            models.Index(fields=["opened", "id"], name="campaign_opened"),
            models.Index(fields=["stage", "sort_name", "id"], name="campaign_stage"),
            models.Index(fields=["updated_at", "id"], name="campaign_updated"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="campaign_search"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("campaign_detail", args=[self.pk])

    @property
    def has_ended(self) -> bool:
        return self.stage == Stage.ENDED

    def fill_keys(self) -> None:
        """Columns computed from others; called before every save and by the bulk writer."""
        self.sort_name = sort_key(self.code_name)[:80] or "~"
        self.search_text = searchable(self.code_name, self.target.name if self.target else "")

    def save(self, **kwargs) -> None:
        self.fill_keys()
        super().save(**kwargs)


class CampaignAssignment(VaultRow):
    """One duty of one person in one campaign for a term. Never deleted: it answers who could see what on a day."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="assignments", verbose_name=_("campaign"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    duty = models.CharField(_("duty"), max_length=10, choices=Duty.choices)
    starts_at = models.DateTimeField(_("starts"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    end_reason = models.CharField(
        _("reason for the end"), max_length=300, blank=True, validators=[validate_single_line]
    )
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("appointed by"),
    )

    objects = CampaignAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign assignment")
        verbose_name_plural = _("campaign assignments")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("starts_at")),
                name="campaign_assignment_term",
                violation_error_message=_("The term must end after it starts."),
            ),
            models.CheckConstraint(
                condition=~Q(duty=Duty.LEAD) | Q(expires_at=None),
                name="campaign_lead_without_end",
                violation_error_message=_("A lead stays until the next one is appointed."),
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(duty=Duty.LEAD, ended_at=None),
                name="campaign_one_lead",
                violation_error_message=_("This campaign has a lead. Replace the lead instead."),
            ),
            models.UniqueConstraint(
                fields=["campaign", "user", "duty"],
                condition=Q(ended_at=None, expires_at=None),
                name="campaign_assignment_one_open",
                violation_error_message=_("This person already has this duty. End it first to change its term."),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "campaign"], name="campaign_assignment_user"),
            models.Index(fields=["campaign", "starts_at", "id"], name="campaign_assignment_start"),
        ]

    @property
    def ends_at(self) -> datetime | None:
        """The first moment at which the duty does not count any more."""
        return min((end for end in (self.expires_at, self.ended_at) if end), default=None)

    @property
    def last_moment(self) -> datetime | None:
        """Just before the end, so that a term to the midnight after Friday reads as one to Friday."""
        return self.ends_at - timedelta(microseconds=1) if self.ends_at else None

    def is_live(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class CampaignMember(VaultRow):
    """One of our members acting in a campaign. `member_ref` is the member's key, encrypted; there is no foreign key."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="members", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(editable=False)
    pseudonym = models.CharField(_("pseudonym"), max_length=12, editable=False)
    member_ref = EncryptedTextField(editable=False)
    member_index = BlindIndexField(source="member_ref", purpose="organizing.member")
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
        indexes = [models.Index(fields=["member_index"], name="campaign_member_index")]

    def clean(self) -> None:
        """Says at the field what the constraint of the same meaning would say of the record."""
        if self.until and self.until < self.since:
            raise ValidationError({"until": _("The last day cannot be before the first.")})

    @staticmethod
    def pseudonym_of(number: int) -> str:
        return f"S-{number:03d}"


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
