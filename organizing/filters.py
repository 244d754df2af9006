from typing import Any

import django_filters as filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.filters import ListFilterSet, SearchFilter
from members.search import search
from organizing.enums import ActivityType, Outcome, Stage
from organizing.models import Campaign, CampaignMember, SaltingActivity


class NativeDateInput(forms.DateInput):
    """A browser's date picker only reads ISO dates, whatever the language."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": "%Y-%m-%d", **kwargs})


def offer(filterset: ListFilterSet, name: str, empty: Any, choices: list[tuple[str, str]]) -> None:
    """On the form of this one filter set: a filter keeps its field once the schema has looked at it."""
    filterset.form.fields[name].choices = [("", empty), *choices]


class CampaignFilterSet(ListFilterSet):
    q = SearchFilter(label=_("Search"), method="searched")
    stage = filters.ChoiceFilter(label=_("Stage"), choices=Stage.choices, empty_label=_("Any"))

    class Meta:
        model = Campaign
        fields: list[str] = []

    def searched(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return search(queryset, value)


class ActivityFilters(ListFilterSet):
    type = filters.ChoiceFilter(
        field_name="activity_type", label=_("Type"), choices=ActivityType.choices, empty_label=_("Any")
    )
    outcome = filters.ChoiceFilter(label=_("Outcome"), choices=Outcome.choices, empty_label=_("Any"))
    since = filters.DateFilter(field_name="activity_date", lookup_expr="gte", label=_("From"), widget=NativeDateInput)
    until = filters.DateFilter(field_name="activity_date", lookup_expr="lte", label=_("Until"), widget=NativeDateInput)

    class Meta:
        model = SaltingActivity
        fields: list[str] = []


class CampaignActivityFilterSet(ActivityFilters):
    """Inside one campaign: also by who acted."""

    who = filters.ChoiceFilter(field_name="campaign_member", label=_("Who"), choices=(), empty_label=_("Anybody"))

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        salts = CampaignMember.objects.filter(campaign=campaign).order_by("number")
        offer(self, "who", _("Anybody"), [(str(salt.pk), salt.pseudonym) for salt in salts])


class ActivityFilterSet(ActivityFilters):
    """Over all campaigns of this person."""

    q = SearchFilter(label=_("Search"), method="searched")
    campaign = filters.ChoiceFilter(label=_("Campaign"), choices=(), empty_label=_("Any"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Campaign.objects.visible_to(self.request.user).order_by("sort_name", "pk")
        offer(self, "campaign", _("Any"), [(str(pk), name) for pk, name in own.values_list("pk", "code_name")])

    def searched(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.searched(value)
