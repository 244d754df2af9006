"""Which campaigns a person may see: by a live assignment, a director also by an emergency opening; nothing else."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat, Trim
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from core.db.prepared import moment_of
from core.folding import sort_key
from core.models import FollowsParent
from core.permissions import Actor, may
from core.search import Searchable, holds, is_short, search_words, searchable
from core.site import local_today
from core.terms import Moment, Term, TermQuerySet
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from members.models import Organization
from organizing import permissions as p
from organizing.enums import Duty, Receptiveness, Stage
from organizing.models.vault import MOST_PEOPLE, NOTES_LENGTH, VaultRow

PERSON = Trim(Concat("user__first_name", Value(" "), "user__last_name", output_field=models.CharField()))


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Campaigns with a live assignment of this person, or open to this director in an emergency; no others."""
        at, seen = moment_of(user), Q()
        if may(user, p.VIEW_CAMPAIGNS):
            live = CampaignAssignment.objects.live(at)
            seen |= Q(Exists(live.filter(campaign=OuterRef("pk"), user_id=user.pk)))
        if may(user, p.OVERSEE_CAMPAIGNS):
            openings: Any = Campaign._meta.get_field("openings").related_model._default_manager
            seen |= Q(Exists(openings.live(at).filter(campaign=OuterRef("pk"), asked_by_id=user.pk)))
        if seen:
            return self.filter(seen)
        return self.none()

    def overseen_by(self, user: Actor) -> models.QuerySet:
        """Code name, stage and lead of every campaign, as values: what a director knows of them."""
        if may(user, p.OVERSEE_CAMPAIGNS):
            return self._overseen(moment_of(user))
        return self._overseen(moment_of(user)).none()

    def _overseen(self, at: Moment) -> models.QuerySet:
        lead = CampaignAssignment.objects.in_term(at).filter(campaign=OuterRef("pk"), duty=Duty.LEAD)
        rows = self.annotate(
            lead_name=Subquery(lead.annotate(person=PERSON).values("person")[:1]),
            lead_assignment=Subquery(lead.values("pk")[:1]),
            lead_epoch=Subquery(lead.values("user__identity_epoch")[:1]),
            lead_rests=Exists(lead.exclude(identity_epoch=F("user__identity_epoch"))),
        )
        told = ("pk", "sort_name", "code_name", "stage", "lead_name", "lead_assignment", "lead_epoch", "lead_rests")
        return rows.values_list(*told, named=True)

    def for_list(self) -> Self:
        """With target, lead and the cards signed so far."""
        return self.select_related("target").with_lead().with_cards_signed()

    def with_lead(self) -> Self:
        lead = CampaignAssignment.objects.in_term().filter(campaign=OuterRef("pk"), duty=Duty.LEAD)
        return self.annotate(lead_name=Subquery(lead.annotate(person=PERSON).values("person")[:1]))

    def with_cards_signed(self) -> Self:
        activities = Campaign._meta.get_field("activities").related_model._default_manager
        signed = activities.filter(campaign=OuterRef("pk")).order_by().values("campaign")
        return self.annotate(signed=Coalesce(Subquery(signed.annotate(sum=Sum("cards_signed")).values("sum")), 0))

    def searched(self, text: str) -> Self:
        """Those that hold every word of `text` in the code name or in the name that the target has now.

        The target's name is asked for and not kept here: it changes through doors that know of no campaign.
        """
        found = search_words(text)
        rows = self if found else self.none()
        for word in found:
            rows = rows.filter(holds(word) | Q(target__in=_called(word).values("pk")))
        return rows

    def running(self) -> Self:
        return self.exclude(stage=Stage.ENDED)


def _called(word: str) -> models.QuerySet:
    """Organizations with the word in their name; the index of all their words finds them."""
    begins = Q(sort_name__startswith=word) | Q(sort_name__contains=f" {word}")
    return Organization.objects.filter(holds(word), begins if is_short(word) else Q(sort_name__contains=word))


class Campaign(VaultRow, Searchable):
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

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        default_permissions = ()
        permissions = [
            (p.VIEW_CAMPAIGNS.codename, "Can view campaign"),
            (p.OVERSEE_CAMPAIGNS.codename, "Can oversee campaign"),
            (p.LOG_OWN_ACTIVITY.codename, "Can log own activity"),
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
        self.search_text = searchable(self.code_name)


class CampaignPartQuerySet(FollowsParent):
    """What belongs to a campaign is seen by whoever sees the campaign."""

    parent = "campaign"


class CampaignAssignmentQuerySet(TermQuerySet, CampaignPartQuerySet):
    def live(self, at: Moment | None = None) -> Self:
        """Those that count: of people whom nobody turned into somebody else since they were confirmed."""
        return self.in_term(at).filter(identity_epoch=F("user__identity_epoch"))

    def in_term(self, at: Moment | None = None) -> Self:
        """Also those that rest until somebody confirms the person again."""
        return super().live(at)


class CampaignAssignment(Term, VaultRow):
    """One duty of one person in one campaign for a term. Never deleted: it answers who could see what on a day."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="assignments", verbose_name=_("campaign"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    duty = models.CharField(_("duty"), max_length=10, choices=Duty.choices)
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("appointed by"),
    )

    # the person's epoch for which lead or director confirmed them; at another one it rests
    identity_epoch = models.PositiveIntegerField(default=1, editable=False)

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
    def rests(self) -> bool:
        """Whether somebody else changed the person's account since they were confirmed."""
        return self.identity_epoch != self.user.identity_epoch
