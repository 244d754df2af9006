"""The audit trail as a person reads it: what was done, and who looked."""

from datetime import date, datetime, time, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

import django_filters as filters
from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core import permissions as core
from core.audit.subjects import name_subjects
from core.audit.timeline import action_label, subject_choices
from core.enums import ReadKind, choice_label
from core.models import AuditEvent, ReadEvent
from core.permissions import Actor, may
from core.validators import validate_sensible_date
from core.web.columns import Column, of_field, through
from core.web.filters import ListFilterSet
from core.web.keyset import Sort
from core.web.lists import ListPage


class DayFilter(filters.DateFilter):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"})
        super().__init__(**kwargs, widget=widget, validators=[validate_sensible_date])


class DayFilterSet(ListFilterSet):
    since = DayFilter(label=gettext_lazy("From"), method="from_day")
    until = DayFilter(label=gettext_lazy("Until"), method="until_day")

    class Meta:
        model = ReadEvent
        fields: list[str] = []

    def from_day(self, queryset: models.QuerySet, name: str, value: date) -> models.QuerySet:
        return queryset.filter(at__gte=midnight(value))

    def until_day(self, queryset: models.QuerySet, name: str, value: date) -> models.QuerySet:
        return queryset.filter(at__lt=midnight(value + timedelta(days=1)))


class AuditFilterSet(DayFilterSet):
    subject_type = filters.ChoiceFilter(label=gettext_lazy("About"), choices=[], empty_label=gettext_lazy("Everything"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["subject_type"].choices = [("", _("Everything")), *subject_choices()]


def midnight(day: date) -> datetime:
    """When the day begins on the local's clock."""
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def changed_fields(event: AuditEvent) -> str:
    return ", ".join(change["field"].replace("_", " ") for change in event.body.get("changes", []))


def subject_column(reader: Actor) -> Column:
    """What was changed or read, by its name and with a link where `reader` may see it."""
    return Column(
        "subject",
        _("About"),
        attrgetter("subject"),
        kind="linked",
        reads=("subject_type", "subject_id"),
        fill=lambda events: name_subjects(events, reader),
    )


READ_COLUMNS = (
    of_field("when", gettext_lazy("When"), "at", kind="moment"),
    Column(
        "actor",
        gettext_lazy("Who"),
        lambda e: e.actor.full_name,
        reads=through("actor", User.NAME_FIELDS),
        same=attrgetter("actor_id"),
    ),
    Column(
        "kind",
        gettext_lazy("What"),
        lambda e: choice_label(ReadKind, e.kind),
        reads=("kind",),
        same=attrgetter("kind"),
    ),
)


class AuditTrail(ListPage):
    """Everything that was done, newest first; values of sensitive fields are not in it."""

    permission = core.VIEW_AUDIT
    is_prepared = has_fixed_choices = True
    model: type[AuditEvent | ReadEvent] = AuditEvent
    filterset_class = AuditFilterSet
    list_name = "audit_list"
    counted = (gettext_lazy("event"), gettext_lazy("events"))
    page_title = gettext_lazy("Audit trail")
    icon = "history"
    actions_template = "unionops/audit/_list_actions.html"
    empty_title = gettext_lazy("Nothing recorded yet")
    empty_text = gettext_lazy("Every change of a record appears here.")
    empty_action = ("", "")
    # By the day that the filters ask for: by the key PostgreSQL walked past all that was done since.
    sorts = (Sort("when", "at", gettext_lazy("When"), descending=True),)
    first_columns: tuple[Column, ...] = (
        of_field("when", gettext_lazy("When"), "at", kind="moment"),
        Column("actor", gettext_lazy("Who"), lambda e: e.actor_name or _("The portal"), reads=("actor_name",)),
        Column(
            "action",
            gettext_lazy("What"),
            lambda e: action_label(e.action),
            reads=("action",),
            same=attrgetter("action"),
        ),
    )
    last_columns: tuple[Column, ...] = (
        Column("fields", gettext_lazy("Fields"), changed_fields, phone_card=False, reads=("body",)),
        of_field("reason", gettext_lazy("Reason"), "reason"),
    )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return (*self.first_columns, subject_column(self.request.user), *self.last_columns)

    def visible(self) -> models.QuerySet:
        rows = self.model.objects.outside_vault()
        return rows if may(self.request.user, self.permission) else rows.none()


class ReadFilterSet(AuditFilterSet):
    class Meta:
        model = ReadEvent
        fields: list[str] = []


class ReadTrail(AuditTrail):
    """Who opened, listed or exported what."""

    model = ReadEvent
    filterset_class = ReadFilterSet
    list_name = "read_list"
    counted = (gettext_lazy("reading"), gettext_lazy("readings"))
    page_title = gettext_lazy("Who looked")
    empty_text = gettext_lazy("Every opened personal record and every export appears here.")
    first_columns = READ_COLUMNS
    last_columns = (of_field("rows", gettext_lazy("Rows"), "rows"),)
