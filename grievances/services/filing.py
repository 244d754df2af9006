"""What a draft needs before it can be filed. Pure computing: today is an argument."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.validators import EARLIEST
from grievances.enums import GrievanceType

# Without each of these no draft is filed.
NEEDED = ("grievance_type", "organization", "contract_article", "violation_description", "remedy_sought")
# One of these is enough.
DAYS = ("incident_date", "knowledge_date")


def problems(
    values: Mapping[str, Any], people: int, *, filed_date: datetime.date, today: datetime.date
) -> dict[str, str]:
    """Field of the draft → what is missing or wrong there; `people` counts the grievants. Empty: it can be filed."""
    found = _missing(values)
    if wrong := _wrong_number_of_people(values["grievance_type"], people):
        found["members"] = wrong
    found |= _wrong_days(values, filed_date, today)
    return found


def _missing(values: Mapping[str, Any]) -> dict[str, str]:
    asked = {
        "grievance_type": _("Choose the type."),
        "organization": _("Name the employer."),
        "contract_article": _("Name the article of the contract."),
        "violation_description": _("Say what happened."),
        "remedy_sought": _("Say what we ask for."),
    }
    return {name: asked[name] for name in NEEDED if not values[name]}


def _wrong_number_of_people(grievance_type: str, people: int) -> str:
    if grievance_type == GrievanceType.POLICY and people:
        return _("A policy grievance has no grievants. Take the names out, or choose another type.")
    if grievance_type == GrievanceType.INDIVIDUAL and people != 1:
        return _("An individual grievance has exactly one grievant.")
    if grievance_type == GrievanceType.GROUP and people < 2:
        return _("A group grievance has two or more grievants.")
    return ""


def _wrong_days(values: Mapping[str, Any], filed_date: datetime.date, today: datetime.date) -> dict[str, str]:
    found = {}
    named = {name: values[name] for name in DAYS}
    if not any(named.values()):
        found["incident_date"] = _("Give the date of the incident, or the day we learned of it.")
    found |= days_to_come(named, today)
    if all(named.values()) and not found and named["knowledge_date"] < named["incident_date"]:
        found["knowledge_date"] = _("We cannot have learned of it before it happened. Check both days.")
    if filed_date > today:
        found["filed_date"] = _("A grievance cannot be filed on a day to come.")
    elif filed_date < max([EARLIEST, *filter(None, named.values())]) and not found:
        found["filed_date"] = _("It was filed before it happened. Check the dates.")
    return found


def days_to_come(values: Mapping[str, Any], today: datetime.date) -> dict[str, str]:
    """A mistyped year would give a draft a deadline that is far away, while the true one passes."""
    sentence = _("This day is still to come. Check the year.")
    return {name: sentence for name in DAYS if values.get(name) and values[name] > today}
