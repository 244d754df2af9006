"""What is known of an employer's grievances, on one page for bargaining: numbers, no names of members."""

from typing import Any

from django.utils.translation import gettext as _

from core.papers.typeset import Paper
from core.permissions import Actor, may
from core.site import local_today
from core.web.formats import day_text, money_text
from grievances import permissions as p
from grievances.models import Agreement
from grievances.services import patterns
from grievances.services.patterns import Asked, Days, Line, Patterns
from members.models import Organization

TEMPLATE = "papers/profile.typ"
MOST_LINES = 7  # of a table, so that the whole stays one page
MOST_AGREEMENTS = 3


def in_force(employer: Organization, user: Actor) -> list[Agreement]:
    """The agreements with the employer that hold today."""
    rows = Agreement.objects.visible_to(user).filter(employer=employer.pk).in_force(local_today())
    return list(rows.order_by("effective_to", "effective_from", "pk")[:MOST_AGREEMENTS])


def profile_of(employer: Organization, user: Actor) -> Paper:
    """Counts the cases that `user` sees whole."""
    asked = Asked(employer=employer.pk, parts=("article", "status"))
    found = patterns.patterns_of(user, asked, most=MOST_LINES)
    by_article, by_outcome = found.parts
    place = ", ".join(filter(None, (employer.city, employer.state)))
    data = {
        "lead": _lead(" · ".join(filter(None, (employer.name, place))), user),
        "agreements_title": _("Agreements in force"),
        "agreements": [_agreement(row) for row in in_force(employer, user)],
        "none": _("None is on record."),
        "figures_title": _("Grievances"),
        "figures": _figures(found),
        "heads": [_("Cases"), _("Unresolved"), _("Won"), _("Denied"), _("Settled for")],
        "tables": [[part.title, [_row(line) for line in part.lines]] for part in (by_article, by_outcome)],
        "days_title": _("Days at each step"),
        "days_heads": [_("Step"), _("Cases"), _("Median"), _("Longest")],
        "days": [_days(row) for row in found.days],
        "note": _("Won: settled, or closed after the employer granted it. Denied: ended otherwise after a denial."),
    }
    return Paper(TEMPLATE, f"employer-profile-{employer.pk}", _("Employer profile"), data)


def _lead(name: str, user: Actor) -> str:
    said = {"name": name, "day": day_text(local_today())}
    if may(user, p.VIEW_ALL_GRIEVANCES):
        return _("%(name)s, as it stands on %(day)s.") % said
    return _("%(name)s, as it stands on %(day)s, counted over your own cases.") % said


def _agreement(row: Agreement) -> list[str]:
    if row.effective_to is None:
        return [row.title, _("without an end")]
    said = _("until %(day)s") % {"day": day_text(row.effective_to)}
    if row.reopener_on:
        said += "; " + _("may be reopened from %(day)s") % {"day": day_text(row.reopener_on)}
    return [row.title, said]


def _figures(found: Patterns) -> list[list[str]]:
    total = found.total
    return [
        [_("Cases"), f"{total.cases:,}"],
        [_("Unresolved"), f"{total.unresolved:,}"],
        [_("Won"), _of(total.won, total.won_share)],
        [_("Denied"), _of(total.denied, total.denied_share)],
        [_("Settlements"), f"{total.settlements:,} · {money_text(total.amount)}"],
    ]


def _of(count: int, share: int | None) -> str:
    if share is None:
        return f"{count:,}"
    return _("%(count)s (%(share)s %% of those that ended)") % {"count": f"{count:,}", "share": share}


def _row(line: Line) -> list[str]:
    numbers: list[Any] = [line.cases, line.unresolved, line.won, line.denied]
    return [line.label, *(f"{number:,}" for number in numbers), money_text(line.amount)]


def _days(row: Days) -> list[str]:
    return [row.label, f"{row.cases:,}", *("—" if days is None else f"{days:,}" for days in (row.median, row.longest))]
