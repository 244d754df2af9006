"""Months of one's own choice, told by nothing but what the reports of the periods show already.

A report keeps some months of its period back together, and their sum can be read from it: the total less the others.
So a span is told as sums of what is shown, and of such sums. Whoever subtracts one span from another, or from a year,
comes to sums of the same pieces, each of which is none or five applications and more. What the pieces do not give is
left out, with a sentence that says so. Pure but for `report_between`.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from benevolence.services.periods import FiscalYear, Span
from benevolence.services.reports import COLUMNS, Cell, Line, Part, Report, counted, made, report_of
from core.site import local_today


def report_between(span: Span, periods: Sequence[FiscalYear]) -> Report:
    """One statement, however many periods it touches; of exactly one of `periods` its own report."""
    touched = [one for one in periods if one.first_day <= span.last_day and one.last_day >= span.first_day]
    touched.sort(key=lambda one: one.first_day)
    if len(touched) == 1 and span.covers(touched[0], until=local_today()):
        return report_of(touched[0])
    rows = list(counted(touched[0].first_day, touched[-1].last_day))
    reports = [
        made(one, [item for item in rows if one.first_day <= item["list_date"] <= one.last_day]) for one in touched
    ]
    return composed(span, reports, today=local_today())


def composed(span: Span, reports: Sequence[Report], *, today: date) -> Report:
    months = [(report, _months_of(report, today)) for report in reports]
    inside = [line for _report, lines in months for line in lines if line.key in span]
    every = [[_piece(report, lines, span, column) for report, lines in months] for column in COLUMNS]
    asked, approved, paid = (_summed(pieces) for pieces in every)
    parts = [Part("month", _("By month"), inside)]
    is_whole = all(span.covers(report.year, until=today) for report in reports)
    if is_whole and all(report.total for report in reports):
        parts += [_added(reports, name) for name in ("reason", "level")]
    notes = _notes(span, months, is_whole=is_whole)
    if asked is None and not any(line.asked for line in inside):
        return Report(span, None, [], notes)
    return Report(span, Line(_("All applications"), asked, approved, paid), parts, notes)


def _months_of(report: Report, today: date) -> list[Line]:
    """The months of a period as its report shows them; kept back where it shows none."""
    for part in report.parts:
        if part.name == "month":
            return part.lines
    begun = [day for day in report.year.months if day <= today]
    return [Line(date_format(day, "M Y"), None, None, None, day) for day in begun]


def _kept_back(lines: Iterable[Line], column: int) -> list[Line]:
    return [line for line in lines if line.cells[column] is None]


def _piece(report: Report, lines: Sequence[Line], span: Span, column: int) -> Cell | None:
    """What the span has of a period in one column; None where its report does not tell."""
    hidden = _kept_back(lines, column)
    shown = [line.cells[column] or Cell() for line in lines if line.key in span]
    known = sum(shown, Cell())
    here = [line for line in hidden if line.key in span]
    if not here:
        return known
    total = report.total.cells[column] if report.total else None
    if total is None or len(here) < len(hidden):
        return None
    return known + (total - sum((line.cells[column] or Cell() for line in lines), Cell()))


def _summed(pieces: Iterable[Cell | None]) -> Cell | None:
    found = list(pieces)
    return None if None in found else sum((cell for cell in found if cell is not None), Cell())


def _added(reports: Sequence[Report], name: str) -> Part:
    """Line by line, of periods that are all there; what one of them keeps back is kept back."""
    found = [next(part for part in report.parts if part.name == name) for report in reports]
    lines = []
    for same in zip(*(part.lines for part in found), strict=True):
        asked, approved, paid = (_summed(line.cells[column] for line in same) for column in COLUMNS)
        lines.append(Line(same[0].label, asked, approved, paid, same[0].key))
    return Part(name, found[0].title, lines)


def _notes(span: Span, months: Sequence[tuple[Report, list[Line]]], *, is_whole: bool) -> list[str]:
    """What is withheld of these months, and how to see it."""
    notes = []
    for report, lines in months:
        hidden = _kept_back(lines, 0)
        here = [line for line in hidden if line.key in span]
        told = {"year": report.year, "months": ", ".join(line.label for line in hidden)}
        if here and report.total is None:
            sentence = _("Fewer than five applications were made in %(year)s. Leave it out, and the total is told.")
            notes.append(sentence % told)
        elif here and len(here) < len(hidden):
            sentence = _(
                "Of %(year)s these months are kept back together: %(months)s. Choose all of them or none, and the "
                "total is told."
            )
            notes.append(sentence % told)
    if not is_whole:
        notes.append(_("Reasons and levels are told of whole periods only: of single months they tell of too few."))
    return notes
