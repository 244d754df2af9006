"""Rows as the database has them now."""

from accounts.models import User


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)
