"""Dates that were carried over from an earlier file: nothing computes them, so what happens ends them here."""

import datetime
import re

from grievances.enums import ClockKind, Side
from grievances.models import Grievance
from grievances.services import clocks

ANSWERS = frozenset({"answer", "response", "reply"})


def words_of(what: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"[’']s\b", "", what.casefold()))


def answered(grievance: Grievance, day: datetime.date) -> None:
    """The employer's answer came: an answer that was carried over as due from them is met, or was late."""
    for row in grievance.deadlines.running().filter(clock=ClockKind.CARRIED, side=Side.EMPLOYER):
        if ANSWERS.isdisjoint(words_of(row.stage_name)):
            continue
        clocks.came(row, day)


def put_right(grievance: Grievance, before: datetime.date, day: datetime.date) -> None:
    """The answer did not come on the day `before`: what it met then it met, or was late for, on its right day."""
    carried = grievance.deadlines.filter(clock=ClockKind.CARRIED, side=Side.EMPLOYER)
    for row in carried.filter(end__in=clocks.DONE, ended_on=before):
        clocks.came(row, day)
