"""Notices: who is told of what happened, each thing once, in the portal and by mail as they wish.

What happened is read from the trail afterwards, so services know nothing of notices. A transaction may commit later
than another one with later events: events of the last LOOK_BACK are looked for again, and each is looked at once.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Replace
from django.utils import timezone

from core.enums import NoticeWay
from core.mail import heartbeats
from core.mail.notifications import send_many
from core.models import AuditEvent, Heartbeat, Notice, NoticeChoice, NoticedEvent
from core.permissions import Actor
from core.site import local_now

logger = logging.getLogger("unionops.notices")

LOOK_BACK = timedelta(hours=1)
RETRY = timedelta(minutes=10)
KEPT = timedelta(days=180)
BATCH = 200
DIGEST_HOUR = 7
# How a sort key begins, so that in descending order what is unread comes first.
UNREAD, READ = "unread", "read"


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who is told of an event: of which kind it is to them, and which record they open."""

    user: Any
    event: AuditEvent
    kind: str
    about: models.Model
    reference: str


# What a mail says of each kind, without a fact.
Sentences = Mapping[str, Any]
Tell = Callable[[AuditEvent], Iterable[Told]]
Over = Callable[[AuditEvent], Iterable[Notice]]


def nothing(event: AuditEvent) -> Iterable[Notice]:
    return ()


def look(actions: Collection[str], tell: Tell, sentences: Sentences, over: Over = nothing) -> None:
    """Tell whomever `tell` names of each event of these actions that nobody has looked at.

    `over` names earlier notices that an event makes old news; they count as read. An event of which telling fails is
    put aside and looked at again after RETRY, while the others go on.

    One process at a time; any other leaves it alone. What happened before the first look is told nobody.
    """
    Heartbeat.objects.bulk_create([Heartbeat(name=heartbeats.NOTICES)], ignore_conflicts=True)
    more = True
    while more:
        with transaction.atomic():
            mark = _alone()
            more = mark is not None and look_at_some(mark.succeeded_at, actions, tell, sentences, over)


def _alone() -> Heartbeat | None:
    """The mark, locked: until when events were looked for. None while another process has it."""
    return Heartbeat.objects.select_for_update(skip_locked=True).filter(name=heartbeats.NOTICES).first()


def look_at_some(
    until: datetime | None, actions: Collection[str], tell: Tell, sentences: Sentences, over: Over = nothing
) -> bool:
    """Look at the first BATCH of the events, and say whether there may be more."""
    now = timezone.now()
    found = _unseen(until or now, actions)
    events = list(found[:BATCH] if until else found)
    NoticedEvent.objects.bulk_create([NoticedEvent(event=event) for event in events], batch_size=BATCH)
    if until:
        put_aside = NoticedEvent.objects.filter(retry_at__lte=now).order_by("event")
        again = [noticed.event for noticed in put_aside.select_related("event")[:BATCH]]
        write(_told([*again, *events], tell, over, at=now), sentences, at=now)
    if until and len(events) == BATCH:
        return True
    heartbeats.succeeded(heartbeats.NOTICES)
    old = models.Q(event__at__lte=now - LOOK_BACK, retry_at=None) | models.Q(event__at__lte=now - KEPT)
    NoticedEvent.objects.filter(old).delete()
    if not NoticedEvent.objects.exclude(retry_at=None).exists():
        heartbeats.succeeded(heartbeats.TELLING)
    return False


def _told(events: Sequence[AuditEvent], tell: Tell, over: Over, *, at: datetime) -> list[Told]:
    """Who is told of the events, each by itself, for one may fail."""
    found, failed = [], []
    for event in events:
        try:
            with transaction.atomic():
                told, old = list(tell(event)), [notice.pk for notice in over(event)]
                if old:
                    mark_read(Notice.objects.filter(pk__in=old))
            found += told
        except Exception as error:
            logger.exception("telling failed", extra={"event": event.pk, "action": event.action})
            heartbeats.failed(heartbeats.TELLING, type(error).__name__)
            failed.append(event)
    NoticedEvent.objects.filter(event__in=events).exclude(retry_at=None).update(retry_at=None)
    NoticedEvent.objects.filter(event__in=failed).update(retry_at=at + RETRY)
    return found


def _unseen(until: datetime, actions: Collection[str]) -> models.QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(at__gt=until - LOOK_BACK, action__in=actions)
    return events.exclude(Exists(NoticedEvent.objects.filter(event=OuterRef("pk")))).order_by("at", "pk")


def write(told: Sequence[Told], sentences: Sentences, *, at: datetime) -> None:
    """Notices, and for those who want it one mail a record, in the caller's transaction."""
    ways = _ways({item.user.pk for item in told})
    rows = [_notice(item, ways.get((item.user.pk, item.kind), NoticeWay.AT_ONCE), at) for item in told]
    Notice.objects.bulk_create(rows, batch_size=BATCH)
    mails = {}
    for item, row in zip(told, rows, strict=True):
        if ways.get((item.user.pk, item.kind), NoticeWay.AT_ONCE) == NoticeWay.AT_ONCE:
            context = {"sentence": sentences[item.kind], "url": row.get_absolute_url()}
            mails[row.user_id, row.subject_type, row.subject_id] = item.user.email, context
    send_many("notice", mails.values())


def _notice(told: Told, way: str, at: datetime) -> Notice:
    return Notice(
        user=told.user,
        event=told.event,
        kind=told.kind,
        subject_type=told.about._meta.label_lower,
        subject_id=str(told.about.pk),
        reference=told.reference,
        at=at,
        awaits_digest=way == NoticeWay.DIGEST,
        sort_key=f"{UNREAD} {told.event.pk:019}",
    )


def send_digests(sentences: Sentences) -> None:
    """One mail to each whose notices wait since before the last DIGEST_HOUR of today, whoever runs it how often.

    What the person has opened meanwhile is left out.
    """
    now = local_now()
    turn = now.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    waiting = Notice.objects.filter(awaits_digest=True, at__lt=turn)
    if now < turn or not waiting.exists():
        return
    with transaction.atomic():
        if _alone() is None:
            return
        unread = waiting.unread().filter(user__is_active=True).select_related("user").order_by("user", "kind", "pk")
        people = groupby(unread, key=lambda notice: notice.user_id)
        send_many("digest", [_digest(list(rows), sentences) for _user, rows in people])
        waiting.update(awaits_digest=False)


def _digest(rows: Sequence[Notice], sentences: Sentences) -> tuple[str, dict[str, Any]]:
    lines = {str(sentences[row.kind]): None for row in rows if row.kind in sentences}
    return rows[0].user.email, {"lines": list(lines), "count": len(rows)}


def mark_read(rows: models.QuerySet[Notice]) -> int:
    """Returns how many were not."""
    moved = Replace(F("sort_key"), Value(UNREAD), Value(READ))
    return rows.filter(read_at=None).update(read_at=timezone.now(), sort_key=moved)


def read_about(record: models.Model, *, actor: Any) -> None:
    """Whoever opens a record has read what was told them of it. Costs nothing where nothing is new to them."""
    if actor.unread_notices:
        actor.unread_notices -= mark_read(Notice.objects.visible_to(actor).about(record))


def ways_of(user: Actor) -> dict[str, str]:
    """Kind → how the person wants to hear of it, where they chose something."""
    return {kind: way for (_user, kind), way in _ways({user.pk}).items()}


def _ways(users: Collection[Any]) -> dict[tuple[Any, str], str]:
    rows = NoticeChoice.objects.filter(user__in=users).values_list("user", "kind", "way") if users else ()
    return {(user, kind): way for user, kind, way in rows}


def choose(user: Actor, ways: Mapping[str, str]) -> None:
    rows = [NoticeChoice(user_id=user.pk, kind=kind, way=way) for kind, way in ways.items()]
    NoticeChoice.objects.bulk_create(rows, update_conflicts=True, unique_fields=["user", "kind"], update_fields=["way"])


def forget_old() -> None:
    Notice.objects.filter(at__lt=timezone.now() - KEPT).delete()
