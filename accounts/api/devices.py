"""Devices that use the API: signing in, renewing tokens, and every way in which that ends."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework_simplejwt.exceptions import TokenError

from accounts.enums import AccountAction, DeviceEnd
from accounts.models import RefreshToken, User
from accounts.services import notices, people
from accounts.services.tokens import AccessToken, RenewalToken, digest, named_device, read
from core.addresses import client_address, network_of
from core.audit import trail
from core.errors import DomainError
from core.validators import has_invisible


@dataclass(frozen=True, slots=True)
class Pair:
    """What a device is handed: `access` opens the API, `refresh` gets the next pair, once."""

    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime
    device: RefreshToken
    must_change_password: bool = False


def sign_in(user: User, *, request: HttpRequest, device_info: str = "") -> Pair:
    """A new device of somebody who has proved who they are."""
    now, address = timezone.now(), client_address(request)
    device = RefreshToken(
        id=uuid4(),
        user=user,
        session_epoch=user.session_epoch,
        device_info=_described(device_info or request.headers.get("User-Agent", "")),
        ip_address=address or None,
        network=network_of(address),
        created_at=now,
        last_used_at=now,
        expires_at=_whole(now + timedelta(days=settings.AUTH_REFRESH_TOKEN_EXPIRE_DAYS)),
    )
    pair = _pair(device, now)
    device.token_hash = digest(pair.refresh)
    with transaction.atomic():
        news = user.last_login is not None and not _is_known(device)
        device.save(force_insert=True)
        User.objects.filter(pk=user.pk).update(last_login=now)
        people.record_sign_in(user)
        if news:
            notices.record(user, AccountAction.NEW_DEVICE, request=request, actor=user)
    return replace(pair, must_change_password=user.must_change_password)


def _is_known(device: RefreshToken) -> bool:
    """Whether a device of this name has signed in from the same network since all sessions were last ended; then it is
    no news.
    """
    same = ("user_id", "session_epoch", "network", "device_info")
    return RefreshToken.objects.filter(**{name: getattr(device, name) for name in same}).exists()


def _described(text: str) -> str:
    shown = "".join(" " if has_invisible(char) else char for char in text)
    return " ".join(shown.split())[: RefreshToken._meta.get_field("device_info").max_length]


def _pair(device: RefreshToken, now: datetime) -> Pair:
    until = min(device.expires_at, _whole(now + timedelta(minutes=settings.AUTH_ACCESS_TOKEN_EXPIRE_MINUTES)))
    access, refresh = AccessToken.of(device, until=until), RenewalToken.of(device, until=device.expires_at)
    return Pair(access, until, refresh, device.expires_at, device)


def _whole(moment: datetime) -> datetime:
    """Tokens name their end in whole seconds."""
    return moment.replace(microsecond=0)


def renew(text: str, *, request: HttpRequest) -> Pair:
    """The next pair for the newest refresh token of a device. Raises TokenError for anything else.

    Of parallel uses one statement lets the first pass. Whoever comes with an earlier token of a living device holds a
    stolen one, or was stolen from: the device ends.
    """
    claims, now = read(RenewalToken, text), timezone.now()
    device = named_device(claims)
    pair = _pair(device, now)
    must_change = _rotated(device, digest(text), digest(pair.refresh), now, client_address(request))
    if must_change is not None:
        return replace(pair, must_change_password=must_change)
    found = RefreshToken.objects.select_related("user").filter(pk=device.pk).first()
    if found is None or not found.is_valid:
        raise TokenError("This device has been signed out")
    with transaction.atomic():
        if _end(found.pk, DeviceEnd.REPLAYED):
            notices.record(found.user, AccountAction.TOKEN_REPLAYED, request=request)
    raise TokenError("This token was used before")


def _rotated(device: RefreshToken, old: str, new: str, now: datetime, address: str) -> bool | None:
    """Whether the owner must choose a password; None when `old` is not what opens the device, or nothing does.

    Conditions stand on the row itself: a second use that waited for the first one looks at it again.
    """
    place = {"ip_address": address or None, "network": network_of(address)}
    given = {"token_hash": new, "last_used_at": now, **place, "id": device.pk}
    fields = RefreshToken._meta.get_field
    values = [fields(name).get_db_prep_save(value, connection) for name, value in given.items()]
    with connection.cursor() as cursor:
        cursor.execute(ROTATE, [*values, old, device.user_id, values[1]])
        found = cursor.fetchone()
    return None if found is None else bool(found[0])


DEVICES, USERS = RefreshToken._meta.db_table, User._meta.db_table
ROTATE = f"""
UPDATE {DEVICES} SET token_hash = %s, last_used_at = %s, ip_address = %s, network = %s, rotations = rotations + 1
WHERE id = %s AND token_hash = %s AND user_id = %s AND revoked_at IS NULL AND expires_at > %s AND EXISTS (
    SELECT 1 FROM {USERS} WHERE {USERS}.id = user_id AND is_active AND {USERS}.session_epoch = {DEVICES}.session_epoch
)
RETURNING (SELECT must_change_password FROM {USERS} WHERE {USERS}.id = user_id)
"""  # noqa: S608


def sign_out(text: str, *, request: HttpRequest) -> None:
    """End the device that a refresh token belongs to. A token that belongs to none has nothing to end."""
    try:
        device_id = read(RenewalToken, text).device_id
    except TokenError:
        return
    device = RefreshToken.objects.select_related("user").filter(pk=device_id).first()
    if device is None:
        return
    with transaction.atomic():
        if _end(device.pk, DeviceEnd.SIGNED_OUT):
            trail.record(device.user, AccountAction.SIGNED_OUT, actor=device.user)


def end(device: RefreshToken, *, actor: User) -> None:
    """Sign out one of one's own devices."""
    with transaction.atomic():
        if device.user_id != actor.pk or not _end(device.pk, DeviceEnd.ENDED):
            raise DomainError(_("This device is signed out already. Load the list again."))
        trail.record(actor, AccountAction.DEVICE_ENDED, actor=actor)


def end_everything(user: User) -> None:
    """Sign the person out on every device and in every browser, at their own wish."""
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        locked.session_epoch = uuid4()
        locked.version += 1
        locked.save()
        notices.record(locked, AccountAction.SESSIONS_ENDED, actor=locked)


def forget(*, days: int) -> int:
    """Delete devices that ended or expired so many days ago."""
    return RefreshToken.objects.over(timezone.now() - timedelta(days=days)).delete()[0]


def _end(pk: UUID, why: str) -> bool:
    """True for the one who ended it."""
    return bool(
        RefreshToken.objects.filter(pk=pk, revoked_at=None).update(revoked_at=timezone.now(), revoke_reason=why)
    )
