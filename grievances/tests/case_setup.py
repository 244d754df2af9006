"""What the tests of this app share."""

import datetime

from core.audit.trail import stream_of
from core.models import AuditEvent
from core.site import local_today
from grievances.enums import Told
from grievances.factories import FILED
from grievances.models import Grievance

TODAY = datetime.date(2026, 11, 25)
ENDING = {"reason": "Six hours are paid.", "decided_by": "Grievance committee", "day": FILED + datetime.timedelta(20)}

NOT_PURSUED = {"comparable_cases": "None like it."}


def told_of(grievance):
    """Return fields that say: every grievant was told on the day of the decision."""
    return [(grievant, ENDING["day"], Told.PHONE) for grievant in grievance.grievants.all()]


def typed_ending(grievance, **more):
    """Return what a person types to end the case, as the form's fields."""
    found = {name: str(value) for name, value in ENDING.items()}
    found["version"] = str(Grievance.objects.get(pk=grievance.pk).version)
    for number in range(grievance.grievants.count()):
        found |= {f"told_on_{number}": str(ENDING["day"]), f"told_how_{number}": "phone"}
    return found | (NOT_PURSUED if "with_prejudice" in more else {}) | more


def story(subject):
    """Return the acts in the history of a record, oldest first."""
    return list(AuditEvent.objects.filter(stream=stream_of(subject)).order_by("seq").values_list("action", flat=True))


def yesterday():
    return local_today() - datetime.timedelta(1)
