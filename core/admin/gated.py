"""The base of every model's admin: rows from `visible_to`, permissions from live roles, writes through services."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin import shown
from core.audit import trail
from core.audit.timeline import history
from core.classification import is_personal
from core.enums import ReadKind
from core.errors import DomainError
from core.mail import notices
from core.permissions import VIEW_HISTORY, VIEW_SYSTEM, may
from core.search import search
from core.web import sent_once
from core.web.filters import MAX_QUERY
from core.web.keyset import EXACT_COUNT, bounded_count
from core.web.views import FormPage


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


class NotAdded(Exception):
    """The form comes back with its errors, and its token stays unused."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


class GatedAdmin(admin.ModelAdmin):
    """`view_permission`, `add_permission` and `change_permission` name what a live role must grant.

    Nothing is deleted here, no row is edited in the list, and a filter in the URL may only name a listed field.
    `is_internal` tables, of the machinery, stand in the index of administrators only.
    """

    is_internal = False

    view_permission: str | tuple[str, ...] = ()
    add_permission: str | tuple[str, ...] = ()
    change_permission: str | tuple[str, ...] = ()
    history_permission: str | tuple[str, ...] = VIEW_HISTORY
    add_form_template = "admin/portal_add_form.html"
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
        return self.has_view_permission(request) and (not self.is_internal or may(request.user, VIEW_SYSTEM))

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

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [shown.as_column(self.model, name) for name in super().get_list_display(request)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        groups = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return groups
        return [
            (title, {**group, "fields": shown.as_fields(self, request, obj, group["fields"])})
            for title, group in groups
        ]

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> Any:
        return super().get_search_results(request, queryset, search_term[:MAX_QUERY])

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What a service refuses after the form was found valid: somebody else was faster."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            raise DomainError(" ".join(error.messages)) from error

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """A form that is sent twice makes one record, as on the portal's own pages."""
        token = sent_once.token_of(request)
        context = {**(extra_context or {}), "form_token": token or sent_once.new_token()}
        if not token:
            return super().add_view(request, form_url, context)
        try:
            target, was_sent = sent_once.once(request, lambda: self._added(request, form_url, context))
        except sent_once.SentBefore as error:
            sentence = _("This form was saved before, with other words. Open it anew to add another record.")
            raise DomainError(sentence) from error
        except NotAdded as other_form:
            return other_form.answer
        if was_sent:
            messages.success(request, FormPage.made_already)
        return HttpResponseRedirect(target)

    def _added(self, request: HttpRequest, form_url: str, context: dict[str, Any]) -> str:
        answer = super().add_view(request, form_url, context)
        if not isinstance(answer, HttpResponseRedirect):
            raise NotAdded(answer)
        return answer.url

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        answer = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(answer, TemplateResponse):
            record = answer.context_data["original"]
            self.record_opening(request, record)
            notices.read_about(record, actor=request.user)
            answer.context_data["sees_history"] = self.sees_history(request, record)
        return answer

    def sees_history(self, request: HttpRequest, record: Any) -> bool:
        return may(request.user, self.history_permission)

    def record_opening(self, request: HttpRequest, record: models.Model) -> None:
        """As on the portal's own page."""
        if is_personal(self.model):
            trail.read(record, ReadKind.OPENED, actor=request.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        answer = super().changelist_view(request, {"title": title, **(extra_context or {})})
        if is_personal(self.model) and isinstance(answer, TemplateResponse):
            page_of_rows = answer.context_data["cl"]
            asked = {
                "q": page_of_rows.query,
                **{name: words[-1] for name, words in page_of_rows.get_filters_params().items()},
            }
            given = {name: words for name, words in asked.items() if words}
            trail.read(
                self.model, ReadKind.LISTED, actor=request.user, rows=len(page_of_rows.result_list), filters=given
            )
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
        if not self.sees_history(request, record):
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


class KeyOfAnother:
    """For rows whose key is another row's: SQLite takes none of more than 64 bits, which an address may hold."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        try:
            return super().get_object(request, object_id, from_field)
        except OverflowError:
            return None


class ReadOnlyAdmin(GatedAdmin):
    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Tables of the machinery have no rows of somebody: the permission decides alone."""
        rows = self.machinery()
        rows = rows if self.has_view_permission(request) else rows.none()
        return rows.order_by(*(self.get_ordering(request) or ("pk",)))

    def machinery(self) -> models.QuerySet:
        return self.model._default_manager.all()


class WordSearch:
    """Before a GatedAdmin: searches a changelist by words, as the portal's lists do."""

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("search_text",)

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> Any:
        text = search_term.replace("\0", "").strip()
        return (search(queryset, text) if text else queryset), False
