"""What the doors of the API ask about a second factor; the pages' own stages are allauth's."""

from django.apps import apps

from accounts.models import User


def is_required(user: User) -> bool:
    """Whether this account has a second factor, so that its password alone opens nothing."""
    if not user.pk or not apps.is_installed("allauth.mfa"):
        return False
    from allauth.mfa.utils import is_mfa_enabled

    return is_mfa_enabled(user)


def check(user: User, code: str) -> bool:
    """Whether `code` is the account's current one-time code or an unused recovery code; a right one is used up."""
    from allauth.mfa.models import Authenticator

    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    for authenticator in Authenticator.objects.filter(user=user, type__in=kinds):
        if authenticator.wrap().validate_code(code):
            authenticator.record_usage()
            return True
    return False
