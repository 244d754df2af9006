"""The base of every model's admin: rows from `visible_to`, permissions from live roles, writes through services."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.audit import trail
from core.audit.timeline import action_labels, history, subject_choices
from core.classification import is_personal
from core.enums import ReadKind
from core.errors import DomainError
from core.models import (
    AuditEvent,
    AuditHead,
    Heartbeat,
    KeptAnswer,
    ListColumns,
    NumberSequence,
    Outbox,
    ReadEvent,
    SavedFilter,
    SiteSettings,
)
from core.permissions import CHANGE_SETTINGS, SIGNED_IN, VIEW_AUDIT, VIEW_HISTORY, VIEW_SETTINGS, VIEW_SYSTEM, may
from core.search import search
from core.web.filters import MAX_QUERY
from core.web.keyset import EXACT_COUNT, bounded_count


class BoundedPaginator(Paginator):
    """Counts to EXACT_COUNT and pages no further: what is beyond, a search or a filter finds."""

    @cached_property
    def found(self) -> int:
        return bounded_count(self.object_list)

    @property
    def count(self) -> int:
        return min(self.found, EXACT_COUNT)

    @property
    def has_more(self) -> bool:
        return self.found > EXACT_COUNT


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
        return action_labels().items()


class GatedAdmin(admin.ModelAdmin):
    """`view_permission`, `add_permission` and `change_permission` name what a live role must grant.

    Nothing is deleted here, no row is edited in the list, and a filter in the URL may only name a listed field.
    """

    view_permission: str | tuple[str, ...] = ()
    add_permission: str | tuple[str, ...] = ()
    change_permission: str | tuple[str, ...] = ()
    history_permission: str | tuple[str, ...] = VIEW_HISTORY
    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    # Any other order than the indexed one reads the whole table.
    sortable_by: tuple[str, ...] = ()
    list_per_page = 50
    list_max_show_all = 50

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = self.model._default_manager.visible_to(request.user)
        return rows.order_by(*(self.get_ordering(request) or ("pk",)))

    def view_on_site(self, obj: Any) -> str | None:
        """The record's own page in the portal, which asks who comes."""
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, self.view_permission)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, self.add_permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, self.change_permission)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the exact values that the listed filters offer: no prefix, no pattern, no related path."""
        listed = {item if isinstance(item, str) else item[0] for item in self.list_filter if not callable(item)}
        name, _separator, rest = lookup.partition("__")
        if name not in listed or "\0" in value:
            return False
        field = self.opts.get_field(name)
        key = f"{field.target_field.name}__exact" if field.is_relation else ""
        return rest in ("", "exact", "isnull", key)

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> Any:
        return super().get_search_results(request, queryset, search_term[:MAX_QUERY])

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What a service refuses after the form was found valid: somebody else was faster."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            raise DomainError(" ".join(error.messages)) from error

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        answer = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(answer, TemplateResponse):
            self.record_opening(request, answer.context_data["original"])
        return answer

    def record_opening(self, request: HttpRequest, record: models.Model) -> None:
        """As on the portal's own page."""
        if is_personal(self.model):
            trail.read(record, ReadKind.OPENED, actor=request.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if is_personal(self.model) and isinstance(answer, TemplateResponse):
            shown = answer.context_data["cl"]
            asked = {"q": shown.query, **{name: words[-1] for name, words in shown.get_filters_params().items()}}
            given = {name: words for name, words in asked.items() if words}
            trail.read(self.model, ReadKind.LISTED, actor=request.user, rows=len(shown.result_list), filters=given)
        return answer

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """core.audit.trail has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """core.audit.trail has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """core.audit.trail has it."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        record = self.get_object(request, admin.utils.unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, record):
            raise PermissionDenied(str(self.view_permission))
        if not may(request.user, self.history_permission):
            messages.error(request, _("Your roles do not include the history of records."))
            return self.response_post_save_change(request, record)
        self.record_opening(request, record)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "opts": self.opts,
            "object": record,
            "entries": history([record]),
        }
        return TemplateResponse(request, "admin/portal_history.html", context)


class ReadOnlyAdmin(GatedAdmin):
    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Tables of the machinery have no rows of somebody: the permission decides alone."""
        rows = self.machinery()
        rows = rows if self.has_view_permission(request) else rows.none()
        return rows.order_by(*(self.get_ordering(request) or ("pk",)))

    def machinery(self) -> models.QuerySet:
        return self.model._default_manager.all()


class TrailAdmin(ReadOnlyAdmin):
    """What happened in the vault is told nobody else, the system administrator included."""

    def machinery(self) -> models.QuerySet:
        return self.model._default_manager.outside_vault()


@admin.register(AuditEvent)
class AuditEventAdmin(TrailAdmin):
    view_permission = VIEW_AUDIT
    list_display = ["at", "actor_name", "action", "subject_type", "reason"]
    list_filter = [("subject_type", SubjectFilter), ("action", ActionFilter)]
    ordering = ["-id"]
    list_select_related = ["actor"]


@admin.register(ReadEvent)
class ReadEventAdmin(TrailAdmin):
    view_permission = VIEW_AUDIT
    list_display = ["at", "actor", "kind", "subject_type", "rows"]
    list_filter = ["kind", ("subject_type", SubjectFilter)]
    list_select_related = ["actor"]
    ordering = ["-id"]


@admin.register(AuditHead)
class AuditHeadAdmin(TrailAdmin):
    view_permission = VIEW_AUDIT
    list_display = ["stream", "seq"]


@admin.register(NumberSequence)
class NumberSequenceAdmin(ReadOnlyAdmin):
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

    view_permission = VIEW_SYSTEM
    list_display = ["template", "state", "tries", "due_at", "problem"]
    list_filter = ["state"]
    ordering = ["-due_at", "-id"]
    fields = ["template", "state", "tries", "due_at", "sent_at", "problem"]


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin):
    """Who sent what lately with an idempotency key, never what it said or was answered."""

    view_permission = VIEW_SYSTEM
    list_display = ["operation", "account", "status", "made_at"]
    list_select_related = ["account"]
    ordering = ["-made_at", "pk"]
    fields = ["operation", "account", "status", "made_at"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    view_permission = VIEW_SYSTEM
    list_display = ["name", "succeeded_at", "failing_since", "problem"]


class OwnRowsAdmin(GatedAdmin):
    """What people keep for themselves; each sees their own."""

    view_permission = SIGNED_IN
    list_display = ["list_name"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return self.model._default_manager.filter(owner=request.user).order_by("pk")


admin.site.register(SavedFilter, OwnRowsAdmin)
admin.site.register(ListColumns, OwnRowsAdmin)


class WordSearch:
    """Before a GatedAdmin: searches a changelist by words, as the portal's lists do."""

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("search_text",)

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> Any:
        text = search_term.replace("\0", "").strip()
        return (search(queryset, text) if text else queryset), False
