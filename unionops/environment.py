"""Typed reading of the environment: what production must have, and what a first run may go without."""

import base64
import json
import secrets
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


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


def development_secrets(path: Path) -> dict[str, str]:
    """Secrets of a machine that nobody has configured, made once and kept in `path` (mode 600)."""
    if path.exists():
        return json.loads(path.read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "AUDIT_KEYS": f"dev1:{new_key()}",
        "FIELD_KEYS": f"dev1:{new_key()}",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(made, indent=1))
    return made


def socket_host(url: str) -> str:
    """The socket folder of `postgresql:///db?host=/folder`; django-environ does not read it."""
    return parse_qs(urlsplit(url).query).get("host", [""])[0]
