"""The only credential backend: every door that takes a password and every question for a permission ends here."""

from typing import Any, TypeGuard

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password, verify_password
from django.http import HttpRequest

from accounts.models import User
from accounts.services import factors, known_browsers, limits


class PortalBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """The person, or None; whatever the reason, one hash is computed and nothing tells the reasons apart.

        A name that is locked has its password hashed against nothing: no guess is looked at while the lock lasts.
        """
        name = User.objects.normalize_email(email or username)
        if not name or password is None:
            return None
        counted = known_browsers.counted_as(request, name)
        place = limits.reserve(counted)
        text = password.encode(errors="replace").decode()
        user = _person(name) if place else None
        # half a character, which only JSON can send, is part of no password
        usable = user if user is not None and user.is_active and text == password else None
        if _is_password_of(usable, text):
            if factors.has_second_factor(usable):
                limits.return_place(counted)
            else:
                limits.clear(counted)
            return usable
        if place:
            limits.confirm_failure(counted, place, user)
        return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()

    def get_all_permissions(self, user: Any, obj: object = None) -> set[str]:
        """Django asks here for somebody who has not signed in; for all others see User.live_permissions."""
        return set() if user.is_anonymous else user.get_all_permissions()

    def has_perm(self, user: Any, permission: str, obj: object = None) -> bool:
        return permission in self.get_all_permissions(user)

    def has_module_perms(self, user: Any, app_label: str) -> bool:
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions(user))


def _person(name: str) -> User | None:
    return None if "\0" in name else User.objects.filter(email=name).first()


def _is_password_of(user: User | None, password: str) -> TypeGuard[User]:
    """Computes one hash, also without a user; a hash of an older kind is replaced once the password proved right."""
    if user is None:
        make_password(password)
        return False
    right, outdated = verify_password(password, user.password)
    if right and outdated:
        fresh = make_password(password)
        # a change of password in the same moment wins
        if User.objects.filter(pk=user.pk, password=user.password).update(password=fresh):
            user.password = fresh
    return right
