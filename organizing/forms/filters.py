from typing import Any
from uuid import UUID

import django_filters as filters
from django import forms
from django.db import models
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from core.folding import fold, sort_key
from core.permissions import Actor
from core.web.filters import ListFilterSet, SearchFilter
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


class CampaignField(forms.CharField):
    """A campaign of the person's own by its code name, typed with suggestions, or by its key as in links.

    What is not theirs is refused in the words for what does not exist.
    """

    actor: Actor
    default_error_messages = {"unknown": _("No campaign of this name is open to you.")}

    def __init__(self, **kwargs: Any) -> None:
        attributes = {
            "list": "campaign-options",
            "autocomplete": "off",
            "hx-get": reverse_lazy("campaign_suggestions"),
            "hx-trigger": "input delay:200ms",
            "hx-target": "#campaign-options",
            "hx-include": "this",
            "hx-push-url": "false",
            "hx-sync": "this:replace",
        }
        super().__init__(**{"max_length": 80, **kwargs}, widget=forms.TextInput(attrs=attributes))

    def prepare_value(self, value: Any) -> Any:
        found = self._named(value) if isinstance(value, str) else value
        return found.code_name if isinstance(found, Campaign) else value

    def clean(self, value: Any) -> Campaign | None:
        text = super().clean(value)
        if not text:
            return None
        if (found := self._named(text)) is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return found

    def _named(self, text: str) -> Campaign | None:
        rows = Campaign.objects.visible_to(self.actor)
        try:
            return rows.filter(pk=UUID(text)).first()
        except ValueError:
            near = rows.filter(sort_name=sort_key(text)[:80]).order_by("pk")
            return next((row for row in near if fold(row.code_name) == fold(text)), None)


class CampaignFilter(filters.CharFilter):
    field_class = CampaignField


class CampaignFilterSet(ListFilterSet):
    q = SearchFilter(label=_("Search"), method="searched")
    stage = filters.ChoiceFilter(label=_("Stage"), choices=Stage.choices, empty_label=_("Any"))

    class Meta:
        model = Campaign
        fields: list[str] = []

    def searched(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.searched(value)


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
    campaign = CampaignFilter(label=_("Campaign"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["campaign"].actor = self.request.user

    def searched(self, queryset: Any, name: str, value: str) -> models.QuerySet:
        return queryset.searched(value)

    @staticmethod
    def _words(field: forms.Field, value: Any) -> str:
        return value.code_name if isinstance(value, Campaign) else ListFilterSet._words(field, value)
