"""Seeds of second factors live in allauth's JSON; they move to a new key with the encrypted fields."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings
from django.db import transaction

from core.crypto import key_id_of

LABEL = "mfa.Authenticator.data"
SEEDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def rotate() -> int:
    """How many seeds were encrypted again under the newest key."""
    newest, moved = list(settings.FIELD_KEYS)[-1], 0
    for pk in Authenticator.objects.filter(type__in=SEEDS).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            name = SEEDS[Authenticator.Type(row.type)]
            if key_id_of(row.data[name]) != newest:
                row.data[name] = encrypt(decrypt(row.data[name]))
                row.save(update_fields=["data"])
                moved += 1
    return moved
