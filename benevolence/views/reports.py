"""What the fund gave, in numbers: the page of a fiscal year, and the same as a file."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence import permissions as p
from benevolence.forms.reports import MonthsForm, YearForm
from benevolence.services import periods, reports, spans
from benevolence.services.meeting import meeting_report
from benevolence.services.periods import FiscalYear
from benevolence.services.reports import Cell, Line, Part, Report
from core.web import exports
from core.web.charts import Bar, BarChart, bar_chart
from core.web.formats import money_text
from core.web.papers import paper_response
from core.web.views import PortalView


def amounts_chart(part: Part) -> BarChart:
    """What was asked for and, inside it, what was approved."""
    bars = [_bar(line) for line in part.lines]
    text = "; ".join(f"{line.label}: {bar.text}" for line, bar in zip(part.lines, bars, strict=True))
    return bar_chart(
        bars, name=part.name, title=_("Asked and approved, %(by)s") % {"by": part.title.lower()}, text=text
    )


def _bar(line: Line) -> Bar:
    if line.asked is None:
        return Bar(line.label, None, None, too_few())
    approved = None if line.approved is None else line.approved.amount
    return Bar(line.label, line.asked.amount, approved, whole_dollars(line.asked.amount))


def whole_dollars(amount: Decimal) -> str:
    return money_text(amount.quantize(Decimal(1))).removesuffix(".00")


def withheld(report: Report) -> list[str]:
    """The sentences that say what is kept back, and why."""
    if not report.keeps_back:
        return list(report.notes)
    rule = _("Fewer than five applications are never shown, nor what would tell of them by subtraction.")
    return [*report.notes, rule]


def too_few() -> str:
    return _("too few to tell")


class ReportPage(PortalView):
    permission = p.VIEW_TOTALS
    template_name = "benevolence/reports/read.html"
    page_title = gettext_lazy("Benevolence in numbers")

    @cached_property
    def periods(self) -> list[FiscalYear]:
        return periods.periods()

    @cached_property
    def form(self) -> YearForm:
        return YearForm(self.request.GET if "year" in self.request.GET else None, years=self.periods)

    @cached_property
    def months_form(self) -> MonthsForm:
        given = self.request.GET if {"first", "last"} & self.request.GET.keys() else None
        return MonthsForm(given, months=periods.months_to_choose(self.periods))

    @cached_property
    def report(self) -> Report:
        if span := self.months_form.chosen:
            return spans.report_between(span, self.periods)
        return reports.report_of(self.form.chosen)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.page()

    def page(self) -> HttpResponse:
        year = self.report.year
        form = self.form
        if not form.is_bound:
            form.initial["year"] = year.key
        return self.render(
            form=form,
            months_form=self.months_form,
            report=self.report,
            held=reports.held(),
            meeting_url=f"{reverse('benevolence_meeting_report')}?{year.query}",
            parts=[(part, amounts_chart(part)) for part in self.report.parts],
            exports=[
                (label, f"{reverse('benevolence_report_export', args=[kind])}?{year.query}")
                for kind, label in exports.FORMATS.items()
            ],
        )


class MeetingReport(ReportPage):
    """For the membership meeting, as PDF."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return paper_response(meeting_report(self.report, reports.held()))


class ReportExport(ReportPage):
    """One row for each line of the page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        header = [
            _("Part"),
            _("Line"),
            _("Applications"),
            _("Asked"),
            _("Approved applications"),
            _("Approved"),
            _("Paid applications"),
            _("Paid"),
            _("Days to decision"),
            _("Days to payment"),
        ]
        name = f"benevolence-{self.report.year.key}"
        return exports.response(kwargs["kind"], file_name=name, header=header, rows=self.rows())

    def rows(self) -> Iterator[list[Any]]:
        if self.report.total is not None:
            yield [self.report.year.whole, *_values(self.report.total)]
        for part in self.report.parts:
            yield from ([part.title, *_values(line)] for line in part.lines)
        yield from ([_("Note"), sentence] for sentence in withheld(self.report))


def _values(line: Line) -> list[Any]:
    def of(cell: Cell | None, name: str) -> Any:
        return too_few() if cell is None else getattr(cell, name)

    return [
        line.label,
        *(of(cell, name) for cell in line.cells for name in ("count", "amount")),
        of(line.approved, "mean_days"),
        of(line.paid, "mean_days"),
    ]
