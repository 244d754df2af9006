"""Who hears of accounts, members' records and imports."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.services import confirming
from core.models import AuditEvent
from members import permissions as members
from members.enums import MergeState
from members.models import MergeRequest
from unionops import merging
from unionops.hearers.lines import People, Turn


def confirmers(turn: Turn) -> People:
    """Officers who can confirm the person, or what waits for them."""
    waits = turn.subject.assignments.waiting(timezone.now()).exists() or turn.subject.rests
    return confirming.who_confirms(turn.subject) if waits and not turn.subject.invited_at else []


def merge_of(kept: Any, event: AuditEvent) -> MergeRequest | None:
    """The latest that was asked for these two until then, told of the record that stays; the other one, which stayed
    in an earlier request perhaps, has an event too.
    """
    data = event.body.get("data", {})
    second = data.get("second") or data.get("merged")
    pair = Q(kept=kept, duplicate=second) | Q(kept=second, duplicate=kept)
    latest = MergeRequest.objects.filter(pair, created_at__lte=event.at).order_by("-created_at").first()
    return latest if latest and latest.kept_id == kept.pk else None


def mergers(turn: Turn) -> People:
    holders = User.objects.holding(members.MERGE_MEMBERS)
    return [user for user in holders if not merging.why_not(turn.about, user)]


def asker(turn: Turn) -> People:
    return [] if turn.about.state == MergeState.ASKED else [turn.about.asked_by]


def importers(turn: Turn) -> People:
    return [turn.about.uploaded_by, turn.about.applied_by]
