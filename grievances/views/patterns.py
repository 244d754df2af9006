"""What cases have in common: the page, the same as a file, and the profile of an employer as a paper."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from core.audit import trail
from core.enums import ReadKind
from core.permissions import may
from core.web import exports
from core.web.charts import Bar, BarChart, bar_chart
from core.web.papers import paper_response
from core.web.views import PortalView, RowMixin
from grievances import permissions as p
from grievances.forms.patterns import PatternForm
from grievances.models import Grievance
from grievances.services import patterns, profiles
from grievances.services.patterns import Asked, Line, Part, Patterns
from members.models import Organization


def cases_chart(part: Part) -> BarChart:
    """How many cases, and inside it those that were won."""
    bars = [Bar(line.label, line.cases, line.won, f"{line.cases:,}") for line in part.lines]
    text = "; ".join(f"{line.label}: {line.cases:,}" for line in part.lines)
    return bar_chart(bars, name=part.name, title=_("Cases, %(by)s") % {"by": part.title.lower()}, text=text)


def days_chart(days: list[patterns.Days]) -> BarChart:
    """The longest, and inside it the median."""
    bars = [Bar(row.label, row.longest, row.median, _days_words(row)) for row in days]
    text = "; ".join(f"{row.label}: {_days_words(row)}" for row in days)
    return bar_chart(bars, name="days", title=_("Days at each step"), text=text)


def _days_words(row: patterns.Days) -> str:
    if row.median is None:
        return _("none yet")
    return _("%(median)s (%(longest)s)") % {"median": f"{row.median:,}", "longest": f"{row.longest:,}"}


class PatternPage(PortalView):
    """Everybody who works cases sees the patterns of those that they see whole."""

    permission: Any = p.VIEW_GRIEVANCES
    template_name = "grievances/patterns/read.html"
    page_title = gettext_lazy("Patterns of cases")

    @cached_property
    def form(self) -> PatternForm:
        return PatternForm(self.request.GET, user=self.request.user)

    def patterns(self, most: int | None = patterns.MOST_LINES) -> Patterns:
        return patterns.patterns_of(self.request.user, Asked(**self.form.cleaned_data), most=most)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.page()

    def page(self) -> HttpResponse:
        if not self.form.is_valid():
            return self.render(form=self.form, found=None)
        found = self.patterns()
        trail.read(Grievance, ReadKind.LISTED, actor=self.request.user, rows=found.total.cases, filters=self.form.words)
        query = self.request.GET.urlencode()
        return self.render(
            form=self.form,
            narrowed_to=self.form.said(),
            found=found,
            parts=[(part, cases_chart(part)) for part in found.parts],
            days_chart=days_chart(found.days),
            sees_all=may(self.request.user, p.VIEW_ALL_GRIEVANCES),
            exports=[
                (label, f"{reverse('grievance_patterns_export', args=[kind])}?{query}")
                for kind, label in exports.FORMATS.items()
            ]
            if may(self.request.user, p.EXPORT_GRIEVANCES)
            else [],
        )


class PatternExport(StepUpToRead, PatternPage):
    """One row for each line of the page, none summed up."""

    permission = p.EXPORT_GRIEVANCES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in exports.FORMATS:
            raise Http404
        if not self.form.is_valid():
            messages.error(request, _("The export was not made: correct the filter first."))
            return HttpResponseRedirect(f"{reverse('grievance_patterns')}?{request.GET.urlencode()}")
        found = self.patterns(most=None)
        trail.read(Grievance, ReadKind.EXPORTED, actor=request.user, rows=found.total.cases, filters=self.form.words)
        header = [
            _("Part"),
            _("Line"),
            _("Cases"),
            _("Unresolved"),
            _("Won"),
            _("Denied"),
            _("Settlements"),
            _("Settled for"),
            _("Median days"),
            _("Longest days"),
        ]
        return exports.response(kwargs["kind"], file_name="grievance-patterns", header=header, rows=_rows(found))


def _rows(found: Patterns) -> Iterator[list[Any]]:
    yield [_("All cases"), "", *_numbers(found.total), "", ""]
    for part in found.parts:
        yield from ([part.title, line.label, *_numbers(line), "", ""] for line in part.lines)
    title = _("Days at each step")
    yield from ([title, row.label, row.cases, "", "", "", "", "", row.median, row.longest] for row in found.days)


def _numbers(line: Line) -> list[Any]:
    return [line.cases, line.unresolved, line.won, line.denied, line.settlements, line.amount]


class EmployerProfile(RowMixin, PortalView):
    """One page of numbers on an employer, for bargaining."""

    permission = p.VIEW_GRIEVANCES
    model = Organization

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        employer = self.get_object()
        paper = profiles.profile_of(employer, request.user)
        trail.read(Grievance, ReadKind.LISTED, actor=request.user, filters={"employer": str(employer)})
        return paper_response(paper)
