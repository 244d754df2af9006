"""Which rows a person may see: those of campaigns to which they have a live assignment, and nothing else."""

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat, Trim
from django.utils import timezone

from core.crypto import blind_indexes
from core.db.prepared import moment_of
from core.db.statements import Place
from core.site import local_today
from members.models import Member
from members.services.search import search, search_words
from organizing import permissions as p
from organizing.enums import Duty, Stage

PERSON = Trim(Concat("user__first_name", Value(" "), "user__last_name", output_field=models.CharField()))


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Campaigns with a live assignment of this person; no other role sees a row."""
        from organizing.models import CampaignAssignment

        if user.has_perm(p.VIEW_CAMPAIGNS):
            live = CampaignAssignment.objects.live(moment_of(user))
            own = live.filter(campaign=OuterRef("pk"), user_id=user.pk)
            return self.filter(Exists(own))
        return self.none()

    def overseen_by(self, user: Any) -> models.QuerySet:
        """Code name, stage and lead of every campaign, as values: what a director knows of them."""
        if user.has_perm(p.OVERSEE_CAMPAIGNS):
            return self._overseen()
        return self._overseen().none()

    def _overseen(self) -> models.QuerySet:
        from organizing.models import CampaignAssignment

        lead = CampaignAssignment.objects.live().filter(campaign=OuterRef("pk"), duty=Duty.LEAD)
        rows = self.annotate(
            lead_name=Subquery(lead.annotate(person=PERSON).values("person")[:1]),
            lead_assignment=Subquery(lead.values("pk")[:1]),
        )
        return rows.values_list("pk", "sort_name", "code_name", "stage", "lead_name", "lead_assignment", named=True)

    def for_list(self) -> Self:
        """With target, lead and the cards signed so far."""
        return self.select_related("target").with_lead().with_cards_signed()

    def with_lead(self) -> Self:
        from organizing.models import CampaignAssignment

        lead = CampaignAssignment.objects.live().filter(campaign=OuterRef("pk"), duty=Duty.LEAD)
        return self.annotate(lead_name=Subquery(lead.annotate(person=PERSON).values("person")[:1]))

    def with_cards_signed(self) -> Self:
        from organizing.models import SaltingActivity

        signed = SaltingActivity.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
        return self.annotate(signed=Coalesce(Subquery(signed.annotate(sum=Sum("cards_signed")).values("sum")), 0))

    def running(self) -> Self:
        return self.exclude(stage=Stage.ENDED)


class CampaignPartQuerySet(models.QuerySet):
    """What belongs to a campaign is seen by whoever sees the campaign."""

    def visible_to(self, user: Any) -> Self:
        from organizing.models import Campaign

        if user.has_perm(p.VIEW_CAMPAIGNS):
            return self.filter(campaign__in=Campaign.objects.visible_to(user))
        return self.none()


class CampaignAssignmentQuerySet(CampaignPartQuerySet):
    def live(self, at: datetime | Place | None = None) -> Self:
        """As accounts.RoleAssignment: starts_at ≤ at < the earlier of expires_at and ended_at."""
        at = at or timezone.now()
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=at), Q(ended_at=None) | Q(ended_at__gt=at), starts_at__lte=at
        )


class CampaignMemberQuerySet(CampaignPartQuerySet):
    def current(self, today: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=today), since__lte=today)

    def acted_by(self, member_id: int | None) -> Self:
        """Rows of one person, whichever of their merged records they were entered under, under every key in use."""
        if member_id is None:
            return self.none()
        keys = Member.objects.same_person(member_id).values_list("pk", flat=True)
        purpose = self.model._meta.get_field("member_index").purpose
        return self.filter(member_index__in=blind_indexes(map(str, keys), purpose=purpose))

    def acting_as(self, user: Any) -> Self:
        """Where this person acts for us now, so that they may add entries of their own."""
        if user.has_perm(p.LOG_OWN_ACTIVITY):
            return self.acted_by(user.member_id).current(local_today()).exclude(campaign__stage=Stage.ENDED)
        return self.none()


class SaltingActivityQuerySet(CampaignPartQuerySet):
    def written_by(self, user: Any) -> Self:
        """What this person entered as a salt; not what others entered about them."""
        from organizing.models import CampaignMember

        return self.filter(campaign_member__in=CampaignMember.objects.acting_as(user), entered_by=None)

    def for_list(self) -> Self:
        return self.select_related("campaign", "campaign_member", "entered_by")

    def searched(self, text: str) -> Self:
        """By code name or target of the campaign, or by the pseudonym."""
        from organizing.models import Campaign

        if not search_words(text):
            return self.none()
        named = Q(campaign_member__pseudonym=text.strip().upper())
        return self.filter(named | Q(campaign__in=search(Campaign.objects.all(), text).values("pk")))
