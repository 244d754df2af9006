"""The report that the membership meeting gets: numbers only, on one page."""

from typing import Any

from django.utils.translation import gettext as _

from benevolence.services.reports import Cell, Held, Line, Report
from core.papers.typeset import Paper
from core.site import local_today
from core.web.formats import day_text, money_text

TEMPLATE = "papers/meeting.typ"


def meeting_report(report: Report, held: Held) -> Paper:
    first, last = day_text(report.year.first_day), day_text(report.year.last_day)
    lead = _("Applications made from %(first)s to %(last)s, as they stand on %(day)s.")
    reasons = next((part.lines for part in report.parts if part.name == "reason"), [])
    every = [*reasons, report.total] if report.total else []
    data = {
        "lead": lead % {"first": first, "last": last, "day": day_text(local_today())},
        "heads": [_("Reason"), _("Applications"), _("Asked"), _("Approved"), _("Paid")],
        "rows": [_row(line) for line in every],
        "too_few": "" if every else _("Fewer than five applications were made; their numbers are not shown."),
        "fund_title": _("The fund today"),
        "fund": _fund(held),
        "note": " ".join([*report.notes, _("Numbers that would tell of fewer than five applications are kept back.")]),
    }
    return Paper(TEMPLATE, f"meeting-report-{report.year.key}", _("Benevolence: report to the meeting"), data)


def _row(line: Line) -> list[str]:
    count = _("kept back") if line.asked is None else str(line.asked.count)
    return [line.label, count, *map(_amount, line.cells)]


def _amount(cell: Cell | None) -> str:
    return _("kept back") if cell is None else money_text(cell.amount)


def _fund(held: Held) -> list[tuple[str, Any]]:
    def told(amount: Any) -> str:
        return _("kept back") if amount is None else money_text(amount)

    return [
        (_("Balance"), told(held.balance)),
        (_("Set aside for approved applications"), told(held.set_aside)),
        (_("Available"), told(held.available)),
    ]
