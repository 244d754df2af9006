"""Dates that were carried over from an earlier file: nothing computes them, so what happens ends them here."""

import datetime

from grievances.enums import ClockKind, DeadlineEnd, Side
from grievances.models import Grievance
from grievances.services import clocks


def answered(grievance: Grievance, day: datetime.date) -> None:
    """The employer's answer came: what was carried over as theirs is met, or was done late."""
    for row in grievance.deadlines.running().filter(clock=ClockKind.CARRIED, side=Side.EMPLOYER):
        clocks.end(row, DeadlineEnd.MET if day <= row.contract_date else DeadlineEnd.LATE, day)
