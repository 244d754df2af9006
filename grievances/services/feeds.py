"""A person's deadlines and hearings as a calendar: RFC 5545, whole days, of each only its case number and step."""

import datetime
import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.permissions import Actor, allow
from grievances import permissions as p
from grievances.models import Deadline, DeadlineFeed, HearingDay
from grievances.models.away import theirs
from grievances.working import deadline_label, hearing_label

MOST, BEFORE = 500, datetime.timedelta(60)
LINE = 75


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def feed_of(user: Actor) -> DeadlineFeed | None:
    return DeadlineFeed.objects.filter(user=user.pk).first()


def make(user: Any) -> str:
    """A new secret, shown once; the one before works no longer."""
    allow(user, p.WORK_GRIEVANCES)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        DeadlineFeed.objects.update_or_create(user_id=user.pk, defaults={"token_sha256": digest_of(token)})
    return token


def revoke(user: Actor) -> None:
    DeadlineFeed.objects.filter(user=user.pk).delete()


def user_of(token: str) -> User | None:
    """Whose calendar it is, as long as their account is open."""
    feed = DeadlineFeed.objects.filter(token_sha256=digest_of(token)).select_related("user").first()
    return feed.user if feed and feed.user.is_active and feed.user.is_verified else None


def calendar_of(user: User) -> str:
    today = timezone.localdate()
    rows = Deadline.objects.visible_to(user).running().of_open_cases().not_held().filter(due__gte=today - BEFORE)
    rows = rows.filter(theirs("grievance__assigned_rep", user)).select_related("grievance").in_order()[:MOST]
    hearings = HearingDay.objects.visible_to(user).to_come(today).in_order()
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//UnionOps//Deadlines//EN", "METHOD:PUBLISH"]
    for row in rows:
        lines += _event(row, row.due, deadline_label(row))
    for hearing in hearings.filter(theirs("arbitration__grievance__assigned_rep", user))[:MOST]:
        lines += _event(hearing, hearing.day, hearing_label(hearing))
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in folded(line))


def _event(row: Deadline | HearingDay, day: datetime.date, label: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{row.pk}@unionops",
        f"DTSTAMP:{row.updated_at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + datetime.timedelta(1):%Y%m%d}",
        f"SUMMARY:{escaped(label)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def folded(line: str) -> Iterator[str]:
    """At most 75 octets a line; a line that goes on begins with a space, and no character is cut."""
    part, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > LINE:
            yield part
            part, size = " ", 1
        part, size = part + char, size + width
    yield part
