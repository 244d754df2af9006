"""Passkeys. What a browser sends is untrusted from the first byte: whatever cannot be read is a wrong passkey."""

import json
import struct
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User

LONGEST = 40_000
WRONG = _("This passkey did not work. Try again, or use another way.")
# What the parsers of COSE, CBOR and base64 raise for what is none of them.
FAULTS = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValidationError,
    ValueError,
    struct.error,
)


def creation_options(user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey: one that names its owner and asks for a finger, a face or a PIN."""
    return auth.begin_registration(user, True)


def request_options(user: User | None) -> dict[str, Any]:
    """What the browser needs to prove a passkey: one of `user`, or of whoever it belongs to."""
    return auth.begin_authentication(user)


def parsed(text: str) -> dict[str, Any]:
    try:
        credential = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise ValidationError(WRONG, code="passkey") from error
    if not isinstance(credential, dict):
        raise ValidationError(WRONG, code="passkey")
    return credential


def verify_new(text: str) -> dict[str, Any]:
    """The credential to keep. Raises ValidationError unless it answers the challenge of this session."""
    credential = parsed(text)
    try:
        auth.parse_registration_response(credential)
        made = auth.complete_registration(credential)
        verified = made.is_user_verified()
    except FAULTS as error:
        raise ValidationError(WRONG, code="passkey") from error
    if not verified:
        raise ValidationError(WRONG, code="passkey")
    return credential


def verify(text: str, user: User | None) -> Authenticator:
    """The authenticator that answered the challenge of this session: one of `user`, or of the person it names.

    Raises ValidationError, also for somebody who is switched off.
    """
    credential = parsed(text)
    try:
        auth.parse_authentication_response(credential)
        owner = user or auth.extract_user_from_response(credential)
        authenticator = auth.complete_authentication(owner, credential)
    except FAULTS as error:
        raise ValidationError(WRONG, code="passkey") from error
    if not authenticator.user.is_active:
        raise ValidationError(WRONG, code="passkey")
    return authenticator
