from typing import Any

from django.db import models
from rest_framework import serializers

from core.api.rows import STAMPS, RowSerializer, columns
from core.api.viewsets import UUID_PATTERN, GatedViewSet, documented
from core.web.keyset import Sort
from organizing import permissions as p
from organizing.forms.filters import ActivityFilterSet, CampaignFilterSet
from organizing.models import Campaign, SaltingActivity


class CampaignSerializer(RowSerializer):
    """`cards_signed`: so far, over all activities."""

    target = serializers.CharField(source="target.name", allow_null=True, default=None)
    salting_score = serializers.CharField(allow_blank=True)
    salting_notes = serializers.CharField(allow_blank=True)
    cards_signed = serializers.IntegerField(source="signed")

    class Meta:
        model = Campaign
        fields = [
            "id",
            "code_name",
            "target",
            "stage",
            "unit_size",
            "opened",
            "closed",
            "salting_score",
            "salting_notes",
            "cards_signed",
            *STAMPS,
        ]
        read_only_fields = fields


class SaltingActivitySerializer(RowSerializer):
    """`acting` is a pseudonym; who stands behind it is no part of any answer."""

    acting = serializers.CharField(source="campaign_member.pseudonym")
    location = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    notes = serializers.CharField(allow_blank=True)

    class Meta:
        model = SaltingActivity
        fields = [
            "id",
            "campaign",
            "acting",
            "activity_type",
            "activity_date",
            "outcome",
            "location",
            "workers_contacted",
            "cards_signed",
            "description",
            "notes",
            *STAMPS,
        ]
        read_only_fields = fields


@documented(CampaignSerializer)
class CampaignViewSet(GatedViewSet):
    permission = p.VIEW_CAMPAIGNS
    model = Campaign
    queryset = Campaign.objects.none()
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilterSet
    sort = Sort("name", "sort_name", "name")
    lookup_value_regex = UUID_PATTERN

    def for_answer(self, rows: Any) -> Any:
        return rows.for_list()

    def sent(self) -> list[str]:
        return [*columns(CampaignSerializer), "target__name"]


@documented(SaltingActivitySerializer)
class SaltingActivityViewSet(GatedViewSet):
    permission = p.VIEW_CAMPAIGNS
    model = SaltingActivity
    queryset = SaltingActivity.objects.none()
    serializer_class = SaltingActivitySerializer
    filterset_class = ActivityFilterSet
    sort = Sort("date", "activity_date", "date", descending=True)
    lookup_value_regex = UUID_PATTERN

    def for_answer(self, rows: models.QuerySet) -> models.QuerySet:
        return rows.select_related("campaign_member")

    def sent(self) -> list[str]:
        return [*columns(SaltingActivitySerializer), "campaign_member__pseudonym"]
