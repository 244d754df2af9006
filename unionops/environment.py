"""Typed reading of the environment: what production must have, and what a first run may go without."""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
LONGEST_NAME = 40


def parse_keys(text: str, name: str) -> dict[str, bytes]:
    """`id:base64,id:base64` (commas or line ends between); the last one is in use, the others still read.

    Raises ImproperlyConfigured for a malformed entry, a repeated id or a key that is not 32 bytes.
    """
    keys: dict[str, bytes] = {}
    for entry in text.replace("\n", ",").split(","):
        if not (entry := entry.strip()) or entry.startswith("#"):
            continue
        key_id, separator, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: key {key_id!r} is not base64.") from error
        if not separator or not key_id.isalnum() or len(key_id) > 16 or key_id in keys:
            raise ImproperlyConfigured(f"{name}: every entry is id:base64 with a different short id.")
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"{name}: key {key_id!r} must be {KEY_BYTES} bytes long.")
        keys[key_id] = key
    if not keys:
        raise ImproperlyConfigured(f"{name} holds no key.")
    return keys


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_secrets(text: str, name: str, *, unlike: Sequence[str]) -> list[str]:
    """Secrets between commas or line ends, oldest first.

    Raises ImproperlyConfigured for one that is too short, named twice or in `unlike`.
    """
    found = [secret for entry in text.split("\n") for part in entry.split(",") if (secret := part.strip())]
    if not found or any(len(secret.encode()) < KEY_BYTES for secret in found):
        raise ImproperlyConfigured(f"{name} needs at least {KEY_BYTES} characters for each key.")
    if len({*found}) < len(found) or {*found} & {*unlike}:
        raise ImproperlyConfigured(f"{name} must be keys of its own, none of them SECRET_KEY and none twice.")
    return found


def parse_rate(text: str, name: str) -> tuple[int, int]:
    """`30/15`: thirty in fifteen minutes."""
    limit, separator, minutes = text.partition("/")
    if not (separator and limit.isdecimal() and minutes.isdecimal() and int(limit) and int(minutes)):
        raise ImproperlyConfigured(f"{name} is a number, a slash and minutes, such as 30/15.")
    return int(limit), int(minutes)


def check_openid(issuer: str, client_id: str, secret: str, name: str, *, only_https: bool) -> None:
    """Raises ImproperlyConfigured unless nothing or everything about the provider is set, and rightly."""
    if not any((issuer, client_id, secret, name)):
        return
    if not all((issuer, client_id, secret, name)):
        raise ImproperlyConfigured("OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_NAME: set all or none.")
    parts = urlsplit(issuer)
    if parts.scheme not in (["https"] if only_https else ["https", "http"]) or not parts.netloc or "?" in issuer:
        raise ImproperlyConfigured("OIDC_ISSUER is the provider's https address, as its documents give it.")
    if len(name) > LONGEST_NAME:
        raise ImproperlyConfigured(f"OIDC_NAME is on a button: at most {LONGEST_NAME} characters.")


def development_secrets(path: Path, *, database: Path | None = None) -> dict[str, str]:
    """Secrets of a machine that nobody has configured, made once and kept in `path` (mode 600).

    Raises ImproperlyConfigured where they are gone and `database`, which was written with them, is there.
    """
    if database is not None and database.exists() and not path.exists() and "FIELD_KEYS" not in os.environ:
        raise ImproperlyConfigured(f"{database.name} is here, but not {path.name}, without which nobody can read it.")
    known = json.loads(path.read_text()) if path.exists() else {}
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "AUDIT_KEYS": f"dev1:{new_key()}",
        "FIELD_KEYS": f"dev1:{new_key()}",
        "AUTH_JWT_SECRET_KEY": secrets.token_urlsafe(50),
        **known,
    }
    if made != known:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(made, indent=1))
    return made


def socket_host(url: str) -> str:
    """The socket folder of `postgresql:///db?host=/folder`; django-environ does not read it."""
    return parse_qs(urlsplit(url).query).get("host", [""])[0]
