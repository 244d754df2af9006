"""Encryption at rest for single fields: AES-256-GCM, bound to model, field and row.

Stored as `v1.<key id>.<base64 of nonce and ciphertext>`. Moving a ciphertext to another row or column, a
wrong key or a changed byte raises DecryptionError: there is no fallback to the stored text.
"""

import base64
import hmac
import os
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import checks
from django.db import models

VERSION = "v1"
NONCE_BYTES = 12


class DecryptionError(Exception):
    """The stored value is not what this portal encrypted for this row, or its key is missing."""


def encrypt(text: str, *, binding: str) -> str:
    key_id, key = list(settings.FIELD_KEYS.items())[-1]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), f"{VERSION}.{key_id}.{binding}".encode())
    return f"{VERSION}.{key_id}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, binding: str) -> str:
    try:
        version, key_id, encoded = stored.split(".", 2)
        sealed = base64.b64decode(encoded, validate=True)
        key = settings.FIELD_KEYS[key_id]
        if version != VERSION:
            raise DecryptionError("unknown format")
        bound = f"{version}.{key_id}.{binding}".encode()
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound).decode()
    except (ValueError, KeyError, InvalidTag) as error:
        raise DecryptionError(f"{binding} cannot be decrypted") from error


def key_id_of(stored: str) -> str:
    return stored.split(".", 2)[1]


def blind_index(text: str, *, purpose: str, key_id: str = "") -> str:
    """What an encrypted value can be looked up by: an HMAC under the newest field key, or under the one named.

    `purpose` keeps the indexes of two columns apart. Only equality can be asked; see blind_indexes.
    """
    key_id = key_id or list(settings.FIELD_KEYS)[-1]
    derived = hmac.new(settings.FIELD_KEYS[key_id], f"blind index {purpose}".encode(), sha256).digest()
    return f"{key_id}.{hmac.new(derived, text.encode(), sha256).hexdigest()}"


def blind_indexes(texts: Iterable[str], *, purpose: str) -> list[str]:
    """The index of each text under every key that is still in use, for a lookup while keys are being rotated."""
    return [blind_index(text, purpose=purpose, key_id=key_id) for text in texts for key_id in settings.FIELD_KEYS]


class Sealed(str):
    """A ciphertext on its way between the database and the moment somebody reads it."""

    __slots__ = ()


class EncryptedDescriptor:
    """Decrypts at the first read of the attribute; lists that never read it never decrypt."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Sealed):
            value = decrypt(value, binding=self.field.binding(instance))
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text encrypted for its row; the model's key must be known before the insert (a UUID default).

    Cannot be filtered, ordered or indexed. An empty text stays empty, so that forms need no special case.
    """

    description = "Encrypted text"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, EncryptedDescriptor(self))

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if not self.model._meta.pk.has_default():
            found.append(checks.Error("An encrypted field needs a key known before insert.", obj=self, id="core.E010"))
        return found

    def binding(self, instance: models.Model) -> str:
        return f"{self.model._meta.label}.{self.name}:{instance.pk}"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return Sealed(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if not value or isinstance(value, Sealed):
            return value
        return Sealed(encrypt(value, binding=self.binding(model_instance)))

    def get_prep_value(self, value: Any) -> Any:
        if not value or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return str(value) if isinstance(value, Sealed) else value
        raise TypeError(f"{self.name} is encrypted: it is written by save() and cannot be filtered by value.")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted and cannot be searched.")
        return super().get_lookup(lookup_name)


class BlindIndexField(models.CharField):
    """What the encrypted field `source` of the same row can be looked up by; written by save() when that changes.

    Filter with `blind_indexes(texts, purpose=field.purpose)`. `rotate_field_keys` computes it anew under a new key.
    """

    description = "Blind index of an encrypted field"

    def __init__(self, *args: Any, source: str, purpose: str, **kwargs: Any) -> None:
        self.source, self.purpose = source, purpose
        super().__init__(*args, **{"max_length": 100, "blank": True, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source, "purpose": self.purpose}

    def of(self, text: str) -> str:
        """The index of `text` under the newest key; an empty text has none."""
        return blind_index(text, purpose=self.purpose) if text else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        text = model_instance.__dict__.get(self.source)
        if text is not None and not isinstance(text, Sealed):
            setattr(model_instance, self.attname, self.of(text))
        return super().pre_save(model_instance, add)
