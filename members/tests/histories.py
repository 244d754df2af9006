"""Read the history of a record."""

from core.audit.trail import stream_of
from core.models import AuditEvent


def told(subject):
    """Return (act, person, reason, body) of each event, oldest first."""
    events = AuditEvent.objects.filter(stream=stream_of(subject)).order_by("seq")
    return [(event.action, event.actor_name, event.reason, event.body) for event in events]


def events(subject):
    """Return (act, reason) of each event, oldest first."""
    return [(action, reason) for action, _name, reason, _body in told(subject)]
