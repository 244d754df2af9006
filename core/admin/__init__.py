"""The tables of the machinery in the admin: what happened, mails, notices, what people keep for themselves."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.gated import GatedAdmin, KeyOfAnother, ReadOnlyAdmin
from core.audit.subjects import name_subjects
from core.audit.timeline import action_label, action_labels, subject_choices
from core.classification import vault_labels
from core.models import (
    AuditEvent,
    AuditHead,
    Heartbeat,
    KeptAnswer,
    KeptForm,
    ListColumns,
    Notice,
    NoticeChoice,
    NoticedEvent,
    NumberSequence,
    Outbox,
    ReadEvent,
    SavedFilter,
    SiteSettings,
)
from core.permissions import CHANGE_SETTINGS, SIGNED_IN, VIEW_AUDIT, VIEW_SETTINGS, VIEW_SYSTEM


class KnownValuesFilter(admin.FieldListFilter):
    """Offers values that the code knows; Django would ask the whole table which ones there are."""

    @property
    def parameter(self) -> str:
        return f"{self.field_path}__exact"

    def expected_parameters(self) -> list[str]:
        return [self.parameter]

    def known(self) -> Iterable[tuple[str, Any]]:
        raise NotImplementedError

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        chosen: Any = self.used_parameters.get(self.parameter, [])
        everything = changelist.get_query_string(remove=[self.parameter])
        yield {"selected": not chosen, "query_string": everything, "display": _("All")}
        for value, label in self.known():
            url = changelist.get_query_string({self.parameter: value})
            yield {"selected": value in chosen, "query_string": url, "display": label}


class SubjectFilter(KnownValuesFilter):
    def known(self) -> Iterable[tuple[str, Any]]:
        return subject_choices()


class ActionFilter(KnownValuesFilter):
    def known(self) -> Iterable[tuple[str, Any]]:
        """Acts that are called alike in two places say of what they are."""
        labels = {action: str(label) for action, label in action_labels().items()}
        often = Counter(labels.values())
        for action, label in labels.items():
            yield action, f"{label} ({action.partition('.')[0]})" if often[label] > 1 else label


class TrailAdmin(ReadOnlyAdmin):
    """What happened in the vault is told nobody else, the system administrator included."""

    def machinery(self) -> models.QuerySet:
        return self.model._default_manager.outside_vault()


class EventAdmin(TrailAdmin):
    """What an event is about has its name and a link where the reader may see it, as on the portal's page."""

    view_permission = VIEW_AUDIT
    ordering = ["-id"]
    list_select_related = ["actor"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown_rows = super().get_changelist_instance(request)
        name_subjects(shown_rows.result_list, request.user)
        return shown_rows

    @admin.display(description=gettext_lazy("about"))
    def about(self, event: Any) -> Any:
        text, url = event.subject
        return format_html('<a href="{}">{}</a>', url, text) if url else text

    @admin.display(description=gettext_lazy("what"))
    def act(self, event: Any) -> str:
        return action_label(event.action)


@admin.register(AuditEvent)
class AuditEventAdmin(EventAdmin):
    list_display = ["at", "actor_name", "act", "about", "reason"]
    list_filter = [("subject_type", SubjectFilter), ("action", ActionFilter)]


@admin.register(ReadEvent)
class ReadEventAdmin(EventAdmin):
    list_display = ["at", "actor", "kind", "about", "rows"]
    list_filter = ["kind", ("subject_type", SubjectFilter)]


@admin.register(AuditHead)
class AuditHeadAdmin(TrailAdmin):
    is_internal = True
    view_permission = VIEW_AUDIT
    list_display = ["stream", "seq"]


@admin.register(NumberSequence)
class NumberSequenceAdmin(ReadOnlyAdmin):
    is_internal = True
    view_permission = VIEW_AUDIT
    list_display = ["name", "value"]


@admin.register(SiteSettings)
class SiteSettingsAdmin(ReadOnlyAdmin):
    """Changed on the portal's own page, which knows days and months by name."""

    view_permission = (VIEW_SETTINGS, CHANGE_SETTINGS)
    list_display = ["name", "number", "time_zone"]


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """Which mails wait, never to whom or what they say; they are retried on the system page."""

    is_internal = True
    view_permission = VIEW_SYSTEM
    list_display = ["template", "state", "tries", "due_at", "problem"]
    list_filter = ["state"]
    ordering = ["-due_at", "-id"]
    fields = ["template", "state", "tries", "due_at", "sent_at", "problem"]


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin):
    """Who sent what lately with an idempotency key, never what it said or was answered."""

    is_internal = True
    view_permission = VIEW_SYSTEM
    list_display = ["operation", "account", "status", "made_at"]
    list_select_related = ["account"]
    ordering = ["-made_at", "pk"]
    fields = ["operation", "account", "status", "made_at"]

    def machinery(self) -> models.QuerySet:
        """Without the forms of pages: who saves one every evening is a salt."""
        return super().machinery().exclude(operation=KeptAnswer.FORM)


@admin.register(KeptForm)
class KeptFormAdmin(ReadOnlyAdmin):
    """That forms are kept, and since when; neither by whom nor what they say: who types one every evening is a salt."""

    is_internal = True
    view_permission = VIEW_SYSTEM
    list_display = ["__str__", "kept_at"]
    ordering = ["-kept_at", "pk"]
    fields = ["kept_at"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    is_internal = True
    view_permission = VIEW_SYSTEM
    list_display = ["name", "succeeded_at", "failing_since", "problem"]


class OwnRowsAdmin(GatedAdmin):
    """What people keep for themselves; each sees their own."""

    is_internal = True
    view_permission = SIGNED_IN
    list_display = ["list_name"]
    owner = "owner"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return self.model._default_manager.filter(**{self.owner: request.user}).order_by("pk")


@admin.register(Notice)
class NoticeAdmin(OwnRowsAdmin):
    owner = "user"
    list_display = ["kind", "reference", "at", "read_at"]
    fields = ["kind", "reference", "at", "read_at"]


@admin.register(NoticeChoice)
class NoticeChoiceAdmin(OwnRowsAdmin):
    owner = "user"
    list_display = ["kind", "way"]
    fields = ["kind", "way"]


@admin.register(NoticedEvent)
class NoticedEventAdmin(KeyOfAnother, ReadOnlyAdmin):
    is_internal = True
    view_permission = VIEW_SYSTEM
    list_display = ["event"]
    list_select_related = ["event"]

    def machinery(self) -> models.QuerySet:
        return self.model._default_manager.exclude(event__subject_type__in=vault_labels())


admin.site.register(SavedFilter, OwnRowsAdmin)
admin.site.register(ListColumns, OwnRowsAdmin)
