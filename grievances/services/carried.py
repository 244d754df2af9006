"""Dates that were carried over from an earlier file: nothing computes them, so what happens ends them here."""

import datetime
import re

from grievances.enums import ClockKind, DeadlineEnd, Side
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
        clocks.end(row, DeadlineEnd.MET if day <= row.contract_date else DeadlineEnd.LATE, day)
