"""Two records of one person or place become one: find the second, compare, choose, merge."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit import trail
from core.classification import is_personal
from core.enums import ReadKind
from core.errors import EditConflict
from core.permissions import may
from core.records import records
from core.search import search
from core.web.keyset import first_found
from core.web.views import FormPage, RowMixin
from members.forms.members import OFFICE_FIELDS, MergeForm
from members.services.search import forgive

CANDIDATES = 10


class MergePage(RowMixin, FormPage):
    """Two records of one person or place become one. Without `other` in the URL it looks for the second record."""

    form_class = MergeForm
    template_name = "members/merging/merge.html"
    page_title = gettext_lazy("Merge two records")
    crumb = gettext_lazy("Merge")
    submit_label = gettext_lazy("Merge records")
    danger = True
    lead = gettext_lazy(
        "The kept record takes over everything that belongs to the other. Both histories stay readable."
    )
    merge_fields: tuple[str, ...] = ()
    merge_route = ""
    change_permission = ""
    verb: Callable[..., Any]
    model: type[models.Model]
    done = gettext_lazy("The two records are one now.")

    def cancel_url(self) -> str:
        return self.get_object().get_absolute_url()

    def living(self) -> models.QuerySet:
        return records.visible(self.model, self.request.user).alive().exclude(pk=self.get_object().pk)

    def other(self) -> Any:
        if "other" not in self.kwargs:
            return None
        found = self.living().filter(pk=self.kwargs["other"]).first()
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.other() is None:
            return self.render_candidates()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.other() is None:
            return HttpResponseRedirect(request.path)
        form = self.get_form(request.POST)
        return self.render_again(form) if form.is_stale else super().post(request, *args, **kwargs)

    def render_conflict(self, form: Any, conflict: EditConflict) -> HttpResponse:
        del self._object
        return self.render_again(self.get_form(self.request.POST))

    def render_again(self, form: MergeForm) -> HttpResponse:
        sentence = _("Somebody else saved one of the two records meanwhile. Compare them again before you merge.")
        return self.render_form(form.compared_again(sentence), status=409)

    def render_candidates(self) -> HttpResponse:
        found, asked = self.candidates(), self.question()
        if is_personal(self.model):
            trail.read(self.model, ReadKind.LISTED, actor=self.request.user, rows=len(found), filters={"q": asked})
        return self.render("members/merging/find.html", candidates=found, q=asked)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        if is_personal(self.model):
            for record in (form.kept, form.duplicate):
                trail.read(record, ReadKind.OPENED, actor=self.request.user)
        return super().render_form(form, status=status, **extra)

    def question(self) -> str:
        return self.request.GET.get("q", "")[:200].replace("\0", "")

    def candidates(self) -> list[Any]:
        text = self.question() or str(self.get_object())
        found = first_found(search(self.living(), text), "sort_name", CANDIDATES)
        found = found or first_found(forgive(self.living(), text)[0], "sort_name", CANDIDATES)
        return [(row, reverse(self.merge_route, args=[self.get_object().pk, row.pk])) for row in found]

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {
            "data": data,
            "kept": self.get_object(),
            "duplicate": self.other(),
            "fields": self.merge_fields,
            "unread": () if may(self.request.user, self.change_permission) else OFFICE_FIELDS,
        }

    def perform(self, form: Any) -> str:
        self.merged = self.verb(
            self.get_object(),
            self.other(),
            form.values(),
            actor=self.request.user,
            reason=form.cleaned_data["reason"],
            versions=form.versions,
        )
        return self.merged.get_absolute_url()
