"""What the doors of the API ask about a second factor."""

from accounts.models import User
from accounts.services import factors


def is_required(user: User) -> bool:
    """Whether this account has a second factor, so that its password alone opens nothing."""
    return bool(user.pk) and factors.has_second_factor(user)


def check(user: User, code: str) -> bool:
    """Whether `code` is the account's current one-time code or an unused recovery code; a right one is used up."""
    authenticator = factors.spend_code(user, code)
    if authenticator is not None:
        authenticator.record_usage()
    return authenticator is not None
