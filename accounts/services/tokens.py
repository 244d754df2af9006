"""The API's tokens as text: what is in them, and the keys that sign them. What they open is decided by api_devices."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken, TokenError
from rest_framework_simplejwt.tokens import Token
from rest_framework_simplejwt.utils import datetime_to_epoch

from accounts.models import RefreshToken

ALGORITHM, ISSUER, AUDIENCE = "HS256", "unionops", "unionops-api"
# Ours have fewer than 500 characters; nothing longer is even read.
LONGEST = 1_000


class KeyList(TokenBackend):
    """Signs with the newest of settings.AUTH_JWT_SECRET_KEY and verifies with each; no header chooses a key."""

    def __init__(self) -> None:
        super().__init__(ALGORITHM, audience=AUDIENCE, issuer=ISSUER)

    def encode(self, payload: dict[str, Any]) -> str:
        return _backend(settings.AUTH_JWT_SECRET_KEY[-1]).encode(payload)

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        if len(token) > LONGEST:
            raise TokenBackendError("too long")
        refused = TokenBackendError("no key")
        for key in reversed(settings.AUTH_JWT_SECRET_KEY):
            try:
                return _backend(key).decode(token, verify=True)
            except TokenBackendExpiredToken:
                raise
            except TokenBackendError as error:
                refused = error
        raise refused


def _backend(key: str) -> TokenBackend:
    return TokenBackend(ALGORITHM, key, audience=AUDIENCE, issuer=ISSUER)


class DeviceToken(Token):
    """Names the account and the device, and nothing that they may do."""

    _token_backend = KeyList()

    @property
    def device_id(self) -> UUID:
        """Raises TokenError for a token that names no device."""
        try:
            return UUID(self.payload["sid"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise TokenError("Token names no device") from error

    @classmethod
    def of(cls, device: RefreshToken, *, until: datetime) -> str:
        token = cls()
        token["sub"], token["sid"] = str(device.user_id), str(device.pk)
        token["exp"] = datetime_to_epoch(until)
        return str(token)


class AccessToken(DeviceToken):
    token_type = "access"  # noqa: S105
    lifetime = timedelta(minutes=settings.AUTH_ACCESS_TOKEN_EXPIRE_MINUTES)


class RenewalToken(DeviceToken):
    """A refresh token: good for one renewal."""

    token_type = "refresh"  # noqa: S105
    lifetime = timedelta(days=settings.AUTH_REFRESH_TOKEN_EXPIRE_DAYS)


def read(kind: type[DeviceToken], text: str) -> DeviceToken:
    """The token in `text`. Raises TokenError unless it is one of ours, of this kind, and in date."""
    try:
        return kind(text)  # type: ignore[arg-type]
    except (ValueError, OverflowError, OSError) as error:  # claims that are no numbers, or too large to be times
        raise TokenError("Token is invalid") from error


def named_device(token: DeviceToken) -> RefreshToken:
    """The device as its token tells of it, not asked of the database: key, owner and end. Raises TokenError."""
    try:
        told = (token.device_id, int(token["sub"]), datetime.fromtimestamp(token["exp"], tz=UTC))
    except (KeyError, ValueError, TypeError) as error:
        raise TokenError("Token names no account") from error
    return RefreshToken.from_db("default", ("id", "user_id", "expires_at"), told)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
