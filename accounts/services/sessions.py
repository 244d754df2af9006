"""In which browsers a person is signed in, how long that lasts, and how one of them is ended.

What a session knows of itself is under MARK: when it began and was last used, and the digest its record goes by. It
is written once a minute at most, so that reading pages costs no write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.models import RefreshToken, Session, SessionRecord, User, digest
from accounts.services import known_browsers
from accounts.services.browser_names import describe
from core.addresses import client_address, network_of
from core.audit import trail

MARK = "portal"
TOUCH_SECONDS = 60


def start(request: HttpRequest, user: User) -> None:
    """Keep who signed in where; forget the browsers of this person whose sessions are over."""
    now = timezone.now()
    _forget_over(user, now)
    key = digest(request.session.session_key)
    SessionRecord.objects.create(
        key=key,
        user=user,
        epoch=user.session_epoch,
        device=describe(request.headers.get("User-Agent", "")),
        address_prefix=network_of(client_address(request)),
    )
    request.session[MARK] = {"since": now.timestamp(), "at": now.timestamp(), "key": key}


def _forget_over(user: User, now: datetime) -> None:
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    over = user.sessions.exclude(epoch=user.session_epoch) | user.sessions.filter(created_at__lte=now - longest)
    keys = list(over.values_list("key", flat=True))
    if keys:
        _end(keys)


def _end(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    SessionRecord.objects.filter(key__in=keys).delete()


def is_over(session: Mapping[str, Any]) -> bool:
    """Whether nobody used this session for too long, or it has lasted too long in all."""
    mark, now = session.get(MARK), timezone.now().timestamp()
    if mark is None:
        return False
    return now - mark["at"] >= settings.SESSION_IDLE_MINUTES * 60 or now - mark["since"] >= settings.SESSION_COOKIE_AGE


def touch(request: HttpRequest) -> None:
    """The session is in use."""
    mark, now = request.session.get(MARK), timezone.now()
    if mark is not None and now.timestamp() - mark["at"] >= TOUCH_SECONDS:
        request.session[MARK] = {**mark, "at": now.timestamp()}
        SessionRecord.objects.filter(key=mark["key"]).update(last_used_at=now)


def follow(request: HttpRequest) -> None:
    """Keep the record with its session, whose key changes with each new proof."""
    mark, current = request.session.get(MARK), request.session.session_key
    if mark is None or current is None or mark["key"] == digest(current):
        return
    key = digest(current)
    SessionRecord.objects.filter(key=mark["key"]).update(key=key, epoch=request.user.session_epoch)
    request.session[MARK] = {**mark, "key": key}
    known_browsers.remember(request, cast(User, request.user))


def forget(request: HttpRequest) -> None:
    """The person signs out here."""
    if mark := request.session.get(MARK):
        SessionRecord.objects.filter(key=mark["key"]).delete()


# --- the list ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A browser or an API device in which a person is signed in. `pk` ends it; of this browser it is None."""

    kind: str
    pk: Any
    device: str
    network: str
    created_at: datetime
    last_used_at: datetime
    is_current: bool = False


def places(user: User, session: Mapping[str, Any]) -> list[Place]:
    """Where `user` is signed in now, this browser first, then by last use."""
    current = (session.get(MARK) or {}).get("key")
    found = [*_browsers(user, current), *_api_devices(user)]
    return sorted(found, key=lambda place: (not place.is_current, -place.last_used_at.timestamp()))


def _browsers(user: User, current: str | None) -> list[Place]:
    rows = SessionRecord.objects.live().filter(user=user).order_by("-last_used_at")
    return [
        Place("browser", row.pk, row.device, row.address_prefix, row.created_at, row.last_used_at, row.key == current)
        for row in rows
    ]


def _api_devices(user: User) -> list[Place]:
    return [
        Place("api", row.pk, row.device_info, network_of(row.ip_address or ""), row.created_at, row.last_used_at)
        for row in RefreshToken.objects.live().filter(user=user)
    ]


def end_browser(user: User, pk: int) -> None:
    """Sign one browser of this person out: its session is deleted, and the next request finds none."""
    with transaction.atomic():
        row = user.sessions.select_for_update().filter(pk=pk).first()
        if row is not None:
            _end([row.key])
            trail.record(user, AccountAction.SESSION_ENDED, actor=user)
