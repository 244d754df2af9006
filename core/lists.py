"""The list page: search, filters, saved filters, sort, keyset pages, column choice, export."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core import audit, exports
from core.classification import is_personal
from core.enums import ReadKind
from core.filters import ListFilterSet
from core.keyset import Page, Sort, beyond, in_order, paginate
from core.models import ListColumns, SavedFilter
from core.views import SIGNED_IN, PortalView, may, wants_fragment


@dataclass(frozen=True, slots=True)
class Column:
    """`value` gives what the export writes; `kind` says how the page draws it (see ui/_list_results.html).

    link and text take a text, date a date, badge (text, tone, icon), phone and email a text, number and money a number,
    move (text, url, what it is for).
    """

    name: str
    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"
    sort: str = ""
    shown: bool = True
    phone_card: bool = True
    badge: Callable[[Any], tuple[str, str, str]] | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values stand at the right, digit under digit."""
        return self.kind in ("number", "money")


@dataclass(frozen=True, slots=True)
class Cell:
    column: Column
    value: Any


class ListPage(PortalView):
    """A list over `model`, narrowed by `filterset_class`, drawn by `columns`."""

    model: type[models.Model]
    filterset_class: type[ListFilterSet]
    list_name = ""
    columns: Sequence[Column] = ()
    sorts: Sequence[Sort] = ()
    template_name = "ui/list_page.html"
    fragment_name = "ui/_list_results.html"
    page_size = 50
    export_permission = ""
    search_label: Any = ""
    empty_title: Any = ""
    empty_text: Any = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filterset, sort = self.filterset(), self.sort()
        page = self.page_of(filterset.exact, sort, narrowed=bool(filterset.text))
        if filterset.text and not page.count:
            page = self.page_of(filterset.forgiven(), sort, narrowed=True)
        context = self.list_context(filterset, sort, page)
        if is_personal(self.model):
            audit.read(
                self.model, ReadKind.LISTED, actor=request.user, rows=len(page.rows), filters=chosen_words(filterset)
            )
        if wants_fragment(request):
            return self.render(self.fragment_name, **context)
        return self.render(**context)

    def page_of(self, rows: models.QuerySet, sort: Sort, *, narrowed: bool) -> Page:
        return paginate(
            self.for_page(rows),
            params=self.request.GET,
            sort=sort,
            size=self.page_size,
            narrowed=narrowed,
            positions=self.for_page(self.visible()),
        )

    def visible(self) -> models.QuerySet:
        return self.model._default_manager.visible_to(self.request.user)

    def for_page(self, rows: models.QuerySet) -> models.QuerySet:
        """With what the cells need, in a constant number of queries."""
        return rows

    def filterset(self) -> ListFilterSet:
        return self.filterset_class(self.request.GET, queryset=self.visible(), request=self.request)

    def sort(self) -> Sort:
        wanted = self.request.GET.get("sort", "")
        found = next((sort for sort in self.sorts if sort.name == wanted.removeprefix("-")), self.sorts[0])
        descending = wanted.startswith("-") if wanted.removeprefix("-") == found.name else found.descending
        return Sort(found.name, found.field, found.label, descending)

    def list_context(self, filterset: ListFilterSet, sort: Sort, page: Page) -> dict[str, Any]:
        shown = self.shown_columns()
        return {
            "filterset": filterset,
            "page": page,
            "columns": [(column, self.sort_url(column, sort), self.direction(column, sort)) for column in shown],
            "rows": [(row, [Cell(column, column.value(row)) for column in shown]) for row in page.rows],
            "chips": self.chips(filterset),
            "list_url": self.request.path,
            "list_name": self.list_name,
            "query": self.filter_query().urlencode(),
            "choices": [(column, column in shown) for column in self.columns],
            "saved": self.saved_filters(),
            "exports": self.export_urls(),
            "sort_value": self.request.GET.get("sort", ""),
        }

    def filter_query(self) -> QueryDict:
        query = self.request.GET.copy()
        for name in ("after", "before", "from"):
            query.pop(name, None)
        for name in [name for name in query if not "".join(query.getlist(name)).strip()]:
            del query[name]
        return query

    def chips(self, filterset: ListFilterSet) -> list[tuple[str, str]]:
        found = []
        for name, label, words in filterset.chosen():
            query = self.filter_query()
            query.pop(name, None)
            found.append((f"{label}: {words}", f"{self.request.path}?{query.urlencode()}"))
        return found

    def sort_url(self, column: Column, current: Sort) -> str:
        if not column.sort:
            return ""
        query = self.filter_query()
        query["sort"] = f"-{column.sort}" if current.name == column.sort and not current.descending else column.sort
        return f"{self.request.path}?{query.urlencode()}"

    @staticmethod
    def direction(column: Column, current: Sort) -> str:
        if not column.sort or column.sort != current.name:
            return ""
        return "desc" if current.descending else "asc"

    def shown_columns(self) -> list[Column]:
        choice = ListColumns.objects.filter(owner=self.request.user, list_name=self.list_name).first()
        if choice is None:
            return [column for column in self.columns if column.shown]
        # The first column is the link to the record; a list without it is a dead end.
        return [column for column in self.columns if column.name in choice.columns or column is self.columns[0]]

    def saved_filters(self) -> models.QuerySet:
        return SavedFilter.objects.filter(owner=self.request.user, list_name=self.list_name).order_by("name")

    def export_urls(self) -> list[tuple[str, str]]:
        if not self.export_permission or not may(self.request.user, self.export_permission):
            return []
        query = self.filter_query().urlencode()
        return [
            (label, f"{reverse(f'{self.list_name}_export', args=[kind])}?{query}")
            for kind, label in exports.FORMATS.items()
        ]


def chosen_words(filterset: ListFilterSet) -> dict[str, str]:
    return {name: words for name, _label, words in filterset.chosen()}


class ExportPage(ListPage):
    """The filtered list as a file, all its columns, row by row in the list's order."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in exports.FORMATS:
            raise Http404
        filterset = self.filterset()
        if not filterset.is_valid():
            messages.error(request, _("The export was not made: correct the filter first."))
            return HttpResponseRedirect(f"{reverse(self.list_name)}?{request.GET.urlencode()}")
        rows = filterset.qs
        audit.read(
            self.model,
            ReadKind.EXPORTED,
            actor=request.user,
            rows=rows.count(),
            filters=chosen_words(filterset),
        )
        return exports.response(
            kwargs["kind"],
            file_name=self.list_name,
            header=[str(column.label) for column in self.columns],
            rows=([column.value(row) for column in self.columns] for row in self.in_order(rows)),
        )

    def in_order(self, rows: models.QuerySet) -> Iterator[Any]:
        """All rows in chunks by key, so that a large export neither fills memory nor holds one long query."""
        sort, last = self.sort(), None
        upwards = not sort.descending
        while True:
            anchor = (getattr(last, sort.field), last.pk) if last is not None else None
            chunk = beyond(self.for_page(rows), sort.field, anchor, upwards=upwards)
            found = list(in_order(chunk, sort.field, upwards)[: exports.CHUNK])
            if not found:
                return
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
        self.fields["columns"].choices = [(name, name) for name in known]


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
