"""The list page: search, filters, saved filters, sort, keyset pages, column choice, export."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db import connection, models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.audit import trail
from core.classification import is_personal
from core.enums import ReadKind
from core.models import ListColumns, SavedFilter, SoftDelete
from core.permissions import SIGNED_IN, Actor, may
from core.records import records
from core.web import columns, exports
from core.web.columns import Column, Draw, address_of
from core.web.filters import ListFilterSet
from core.web.first_page import FirstPage, asked_by
from core.web.keyset import CURSOR, Page, Sort, beyond, in_order, paginate
from core.web.views import PortalView, wants_fragment


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person keeps about one list: the columns that they chose, if any, and their named filters."""

    columns: list[str] | None
    filters: list[tuple[int, str, str]]


def preferences_of(user: Actor, list_name: str) -> Preferences:
    """In one statement."""
    chosen, filters = None, []
    with connection.cursor() as cursor:
        cursor.execute(_preferences_sql(), [user.pk, list_name] * 2)
        for pk, name, text in cursor.fetchall():
            if pk is None:
                chosen = json.loads(text)
            else:
                filters.append((pk, name, text))
    return Preferences(chosen, filters)


@cache
def _preferences_sql() -> str:
    filters, choice = SavedFilter._meta.db_table, ListColumns._meta.db_table
    return (
        f"SELECT id, name, query FROM {filters} WHERE owner_id = %s AND list_name = %s"  # noqa: S608
        f" UNION ALL SELECT NULL, '', CAST(columns AS text) FROM {choice} WHERE owner_id = %s AND list_name = %s"
        " ORDER BY 2, 1"
    )


# The fields of a list's filter in which nothing is chosen, by list, language and names of the fields.
_EMPTY_FILTERS: dict[tuple[Any, ...], SafeString] = {}


FEW_COLUMNS = 5  # nobody chooses among so few


class ListPage(PortalView):
    """A list over `model`, narrowed by `filterset_class`, drawn by `columns`."""

    model: type[models.Model]
    filterset_class: type[ListFilterSet]
    list_name = ""
    record_route = ""  # of the page of a row's record; where it has none, its get_absolute_url is asked
    record_key = "id"
    reads: Sequence[str] = ()  # what the page needs of each row beside its columns
    # Whether the rows, unfiltered, hang on nothing but the permissions and keys of the person; see core.db.prepared.
    is_prepared = False
    # Whether the filter offers everybody who has a field the same choices in it, all the time.
    has_fixed_choices = False
    bulk_url = ""
    columns: Sequence[Column] = ()
    sorts: Sequence[Sort] = ()
    template_name = "ui/list_page.html"
    fragment_name = "ui/_list_results.html"
    page_size = 50
    export_permission = ""
    counted: tuple[Any, Any] | None = None  # what one row and several are called, where the model's names are ours
    search_label: Any = ""
    empty_title: Any = ""
    empty_text: Any = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filterset, sort = self.filterset(), self.sort()
        if self.is_prepared and not request.GET:
            own: Any = type(self)
            page = first_page(own, tuple(column.name for column in self.shown_columns))(request.user)
            columns.fill(page.rows, self.shown_columns)
        else:
            page = self.page_of(filterset.exact, sort, narrowed=bool(filterset.text))
        if filterset.text and not page.count:
            page = self.page_of(filterset.forgiven(), sort, narrowed=True)
        context = self.list_context(filterset, sort, page)
        if is_personal(self.model):
            trail.read(
                self.model, ReadKind.LISTED, actor=request.user, rows=len(page.rows), filters=chosen_words(filterset)
            )
        if not wants_fragment(request):
            return self.render(**context)
        answer = self.render(self.fragment_name, **context)
        # The address that the browser shows then, without the filters in which nothing is chosen.
        answer["HX-Push-Url"] = f"{request.path}?{context['query']}".removesuffix("?")
        return answer

    def page_of(self, rows: models.QuerySet, sort: Sort, *, narrowed: bool) -> Page:
        page = paginate(
            rows,
            params=self.request.GET,
            sort=sort,
            size=self.page_size,
            narrowed=narrowed,
            positions=self.visible,
            prepare=self.for_page,
        )
        columns.fill(page.rows, self.shown_columns)
        return page

    def visible(self) -> Any:
        """A QuerySet of the model, with the methods of its own class."""
        return records.visible(self.model, self.request.user)

    def for_page(self, rows: models.QuerySet) -> models.QuerySet:
        """With what the shown columns need, and no more."""
        always = [self.record_key, *self.reads]
        if issubclass(self.model, SoftDelete):
            always.append("deleted_at")
        return columns.narrowed(rows, self.shown_columns, always)

    def filterset(self) -> ListFilterSet:
        return self.filterset_class(self.request.GET, queryset=self.visible(), request=self.request)

    def sort(self) -> Sort:
        wanted = self.request.GET.get("sort", "")
        found = next((sort for sort in self.sorts if sort.name == wanted.removeprefix("-")), self.sorts[0])
        descending = wanted.startswith("-") if wanted.removeprefix("-") == found.name else found.descending
        return Sort(found.name, found.field, found.label, descending)

    def list_context(self, filterset: ListFilterSet, sort: Sort, page: Page) -> dict[str, Any]:
        shown = {column.name for column in self.shown_columns}
        heads = [(column, self.sort_url(column, sort), self.direction(column, sort)) for column in self.shown_columns]
        return {
            "filterset": filterset,
            "page": page,
            "how_many": self.how_many(page),
            "columns": heads,
            "rows": page.rows,
            "table_head": columns.table_head(heads),
            "table_body": columns.table_body(
                page.rows, self.shown_columns, address=self.record_address(), choosable=bool(self.bulk_url)
            ),
            "chips": self.chips(filterset),
            "list_url": self.request.path,
            "list_name": self.list_name,
            "query": self.query_text(),
            "choices": tuple((column.name, str(column.label), column.name in shown) for column in self.columns),
            "offers_columns": len(self.columns) > FEW_COLUMNS,
            "filter_fields": self.filter_fields(filterset),
            "saved": self.preferences.filters,
            "exports": self.export_urls(),
            "tools": self.tools(),
            "sort_value": self.request.GET.get("sort", ""),
        }

    def how_many(self, page: Page) -> str:
        """“200 members”, “1,000+ drafts”: what the list is of, and not rows."""
        one, several = self.counted or (self.model._meta.verbose_name, self.model._meta.verbose_name_plural)
        return _("%(count)s %(things)s") % {"count": page.count_label, "things": one if page.count == 1 else several}

    def filter_fields(self, filterset: ListFilterSet) -> SafeString:
        form = filterset.form
        if filterset.data or not self.has_fixed_choices:
            return self._drawn(form)
        key = (type(self), get_language(), *form.fields)
        if key not in _EMPTY_FILTERS:
            _EMPTY_FILTERS[key] = self._drawn(form)
        return _EMPTY_FILTERS[key]

    def _drawn(self, form: forms.Form) -> SafeString:
        context = {"form": form, "list_url": self.request.path, "search_label": self.search_label}
        return render_to_string("ui/_filter_fields.html", context)

    def record_address(self) -> Draw | None:
        """Gives the address of a row's record, if it has one."""
        return address_of(self.record_route, self.model, self.record_key) if self.record_route else None

    @cached_property
    def _query(self) -> dict[str, list[str]]:
        """What the address says, without the place in the list and without what is empty."""
        asked = self.request.GET.lists()
        return {name: values for name, values in asked if name not in CURSOR and "".join(values).strip()}

    def query_text(self, **changes: str | None) -> str:
        """The filter and the order as they stand in the address; a change to None leaves a name out."""
        query: dict[str, Any] = {**self._query, **changes}
        return urlencode([(name, values) for name, values in query.items() if values is not None], doseq=True)

    def chips(self, filterset: ListFilterSet) -> list[tuple[str, str]]:
        return [
            (f"{label}: {words}", f"{self.request.path}?{self.query_text(**{name: None})}")
            for name, label, words in filterset.chosen()
        ]

    def sort_url(self, column: Column, current: Sort) -> str:
        if not column.sort:
            return ""
        turned = current.name == column.sort and not current.descending
        return f"{self.request.path}?{self.query_text(sort=f'-{column.sort}' if turned else column.sort)}"

    @staticmethod
    def direction(column: Column, current: Sort) -> str:
        if not column.sort or column.sort != current.name:
            return ""
        return "desc" if current.descending else "asc"

    @cached_property
    def preferences(self) -> Preferences:
        return preferences_of(self.request.user, self.list_name)

    @cached_property
    def shown_columns(self) -> list[Column]:
        every = self.columns
        if self.preferences.columns is None:
            return [column for column in every if column.shown]
        # The first column is the link to the record; a list without it is a dead end.
        return [column for column in every if column.name in self.preferences.columns or column is every[0]]

    def tools(self) -> list[tuple[str, str, str]]:
        """Label, address and icon of what may be done with all rows of this filter."""
        return []

    def export_urls(self) -> list[tuple[str, str]]:
        if not self.export_permission or not may(self.request.user, self.export_permission):
            return []
        query = self.query_text()
        return [
            (label, f"{reverse(f'{self.list_name}_export', args=[kind])}?{query}")
            for kind, label in exports.FORMATS.items()
        ]


@lru_cache(256)
def first_page(view_class: Any, names: tuple[str, ...]) -> FirstPage:
    """That of the list with the columns of these names."""

    def view_of(asker: Actor | None) -> Any:
        return view_class(request=asked_by(asker))

    def drawn(asker: Actor | None, rows: models.QuerySet) -> models.QuerySet:
        view = view_of(asker)
        view.shown_columns = [column for column in view.columns if column.name in names]
        return view.for_page(rows)

    return FirstPage(
        lambda asker: view_of(asker).filterset().exact, view_of(None).sort(), size=view_class.page_size, drawn=drawn
    )


def chosen_words(filterset: ListFilterSet) -> dict[str, str]:
    return {name: words for name, _label, words in filterset.chosen()}


class ExportPage(ListPage):
    """The filtered list as a file, all its columns, row by row in the list's order."""

    @cached_property
    def shown_columns(self) -> list[Column]:
        return list(self.columns)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in exports.FORMATS:
            raise Http404
        filterset = self.filterset()
        if not filterset.is_valid():
            messages.error(request, _("The export was not made: correct the filter first."))
            return HttpResponseRedirect(f"{reverse(self.list_name)}?{request.GET.urlencode()}")
        rows = filterset.qs
        trail.read(
            self.model,
            ReadKind.EXPORTED,
            actor=request.user,
            rows=rows.count(),
            filters=chosen_words(filterset),
        )
        return exports.response(
            kwargs["kind"],
            file_name=self.list_name,
            header=[str(column.label) for column in self.shown_columns],
            rows=([column.value(row) for column in self.shown_columns] for row in self.in_order(rows)),
        )

    def in_order(self, rows: models.QuerySet) -> Iterator[Any]:
        """All rows in chunks by key, so that a large export neither fills memory nor holds one long query."""
        sort, last = self.sort(), None
        upwards = not sort.descending
        while True:
            anchor = (getattr(last, sort.field), last.pk) if last is not None else None
            chunk = self.for_page(beyond(rows, sort.field, anchor, upwards=upwards))
            found = list(in_order(chunk, sort.field, upwards)[: exports.CHUNK])
            if not found:
                return
            columns.fill(found, self.shown_columns)
            yield from found
            last = found[-1]


def safe_next(request: HttpRequest, fallback: str = "/") -> str:
    """Where the form says to return to, if that is a page of this portal."""
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed and target.startswith("/") else fallback


class ColumnsForm(forms.Form):
    list_name = forms.SlugField(max_length=60)
    columns = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        # Names that the list does not know are harmless: the list shows those that it has.
        known = [name for name in data.getlist("columns")[:60] if len(name) <= 40 and name.isidentifier()]
        self.fields["columns"].choices = [(name, name) for name in known]  # type: ignore[attr-defined]


class ChooseColumns(PortalView):
    """Keep which columns this person wants to see in one list."""

    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = ColumnsForm(request.POST)
        if form.is_valid():
            ListColumns.objects.update_or_create(
                owner=request.user,
                list_name=form.cleaned_data["list_name"],
                defaults={"columns": form.cleaned_data["columns"]},
            )
        else:
            messages.error(request, _("The columns could not be kept. Choose them again."))
        return HttpResponseRedirect(safe_next(request))


class SavedFilterForm(forms.ModelForm):
    class Meta:
        model = SavedFilter
        fields = ["list_name", "name", "query"]


class SaveFilter(PortalView):
    """Keep the filter in use under a name; the same name again replaces it."""

    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SavedFilterForm(request.POST)
        if form.is_valid():
            with transaction.atomic():
                SavedFilter.objects.update_or_create(
                    owner=request.user,
                    list_name=form.cleaned_data["list_name"],
                    name=form.cleaned_data["name"],
                    defaults={"query": form.cleaned_data["query"]},
                )
            messages.success(request, _("Filter “%(name)s” saved.") % {"name": form.cleaned_data["name"]})
        else:
            messages.error(request, _("Choose a filter first and give it a name of at most 60 letters."))
        return HttpResponseRedirect(safe_next(request))


class ForgetFilter(PortalView):
    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        SavedFilter.objects.filter(owner=request.user, pk=kwargs["pk"]).delete()
        messages.success(request, _("Filter removed."))
        return HttpResponseRedirect(safe_next(request))
