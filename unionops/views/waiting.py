"""All that waits for one person: several kinds of rows in one list, which no list of one model can be."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.permissions import SIGNED_IN
from core.web.keyset import EXACT_COUNT, PAGE_SIZE, Page
from core.web.views import PortalView, wants_fragment
from core.web.waiting import DUE, total_of
from unionops import dashboard

LAST_PAGE = EXACT_COUNT // PAGE_SIZE
DUE_CHOICES = [("", gettext_lazy("Any")), *DUE.items()]


class WaitingFilter(forms.Form):
    """`kinds` are those of which something waits: others are not even named."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    due = forms.ChoiceField(label=gettext_lazy("Due"), required=False, choices=DUE_CHOICES)
    page = forms.IntegerField(required=False, min_value=1, max_value=LAST_PAGE, widget=forms.HiddenInput)

    def __init__(self, data: Any, kinds: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]
        for name in ("kind", "due"):
            self.fields[name].widget.attrs["class"] = "form-select"


class WaitingPage(PortalView):
    """The first 1,000, by page: who has more waiting narrows them."""

    permission = SIGNED_IN
    template_name = "unionops/waiting/page.html"
    fragment_name = "unionops/waiting/_results.html"
    page_title = gettext_lazy("Waiting for me")
    under = ((gettext_lazy("Home"), "home"),)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        counts, works = dashboard.counted(request), dashboard.EVERY.works
        kinds = [(name, str(works[name].label)) for name in counts]
        form = WaitingFilter(request.GET, kinds)
        chosen = form.cleaned_data if form.is_valid() else {}
        kind, due, number = chosen.get("kind", ""), chosen.get("due", ""), chosen.get("page") or 1
        rows = self.rows(kind, due, number) if form.is_valid() else []
        shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        dashboard.record_reading(request.user, shown)
        count = len(rows) if due else counts.get(kind, 0) if kind else total_of(counts)
        template = self.fragment_name if wants_fragment(request) else ""
        return self.render(template, form=form, rows=shown, page=self.page(shown, len(rows), count, number, kind, due))

    def rows(self, kind: str, due: str, number: int) -> list[Any]:
        """Up to one beyond the page; by the day all that are counted, for no count tells of days."""
        most = EXACT_COUNT + 1 if due else min(number * PAGE_SIZE + 1, EXACT_COUNT)
        return dashboard.waiting_rows(self.request.user, most=most, only=kind, due=due)

    @staticmethod
    def page(shown: list[Any], read: int, count: int, number: int, kind: str, due: str) -> Page:
        def address(to: int) -> str:
            asked = {"kind": kind, "due": due, "page": to}
            return f"?{urlencode({name: value for name, value in asked.items() if value})}"

        before = address(number - 1) if number > 1 else ""
        after = address(number + 1) if read > number * PAGE_SIZE else ""
        return Page(shown, count, (number - 1) * PAGE_SIZE + 1, before, after)
