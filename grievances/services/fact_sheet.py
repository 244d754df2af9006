"""The blank fact sheet of an agreement: what a steward asks, with the contract's own time to file printed on it."""

from typing import Any

from django.utils.translation import gettext as _

from core.papers.typeset import Paper
from core.web.formats import day_text
from grievances import working
from grievances.enums import ClockKind
from grievances.models import Agreement, StepRule

TEMPLATE = "papers/fact_sheet.typ"


def fact_sheet(agreement: Agreement) -> Paper:
    title = _("Fact sheet for a grievance")
    data = {"facts": _about(agreement), "lead": _("Time to file"), "times": _times(agreement), "boxes": _boxes()}
    return Paper(TEMPLATE, "fact-sheet", title, data)


def _about(agreement: Agreement) -> list[tuple[str, str]]:
    from_day = day_text(agreement.effective_from)
    until = day_text(agreement.effective_to) if agreement.effective_to else _("the next")
    return [
        (_("Employer"), agreement.employer.name),
        (_("Agreement"), agreement.title),
        (_("In force"), _("%(first)s to %(last)s") % {"first": from_day, "last": until}),
    ]


def _times(agreement: Agreement) -> list[str]:
    """The rule of each step from which a grievance is filed, in the contract's own words for it."""
    rules = StepRule.objects.filter(stage__agreement=agreement, clock=ClockKind.FILE).select_related("stage")
    found = []
    for rule in rules.order_by("stage__position"):
        sentence = _("%(step)s: file within %(rule)s, from %(start)s.") % {
            "step": rule.stage.name,
            "rule": working.rule_words(working.kept_of(rule)),
            "start": rule.get_trigger_display(),
        }
        found.append(f"{sentence} {rule.clause}".strip())
    if agreement.tolling:
        found.append(_("The contract also says: %(words)s") % {"words": agreement.tolling})
    return found or [_("Nobody has entered it yet. Look it up in the contract at once.")]


def _boxes() -> list[dict[str, Any]]:
    asked = (
        (_("Who"), _("Name, member number, telephone, job and shift of each grievant. The supervisor’s name."), 3),
        (_("Supervisor’s department"), "", 1),
        (_("What happened"), _("In order, without opinions. What was said, word for word."), 9),
        (_("When"), _("Day, time and shift. Since when, if it goes on. The day you learned of it."), 2),
        (_("Where"), "", 1),
        (
            _("Why it is a grievance"),
            _("What the employer said. Which words of the contract or law it breaks."),
            3,
        ),
        (_("Witnesses"), _("Who saw or heard it, and how to reach them."), 4),
        (_("Contract article"), "", 1),
        (_("Past practice"), _("How it was done before, for how long, and who can tell."), 4),
        (_("What would make it right"), "", 4),
    )
    return [{"title": title, "hint": hint, "lines": lines} for title, hint, lines in asked] + [
        {"title": _("Filled in by, and day"), "hint": "", "lines": 1}
    ]
