"""Which account an OpenID Connect identity signs in to. Accounts are never made here, and a link never moves."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.models import User
from accounts.services import notices, openid
from core.permissions import Actor


def of(user: Actor) -> Any:
    """The account's link with the provider that is offered now."""
    found = SocialAccount.objects.filter(user_id=user.pk, provider=openid.provider_id())
    return found if openid.is_offered() else found.none()


def owner(request: HttpRequest, identity: openid.Identity) -> User | None:
    """The account to sign in to, linked now if this is the first time; None whatever the reason."""
    known = SocialAccount.objects.filter(provider=openid.provider_id(), uid=identity.subject)
    link = known.select_related("user").first() or _link(request, identity)
    if link is None or not _may_sign_in(link.user):
        return None
    known.update(last_login=timezone.now())
    return link.user


def _link(request: HttpRequest, identity: openid.Identity) -> SocialAccount | None:
    """One account has one link: a second identity with its address, such as a successor's, is refused."""
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",)).filter(email=identity.address).first()
        if user is None or not _may_sign_in(user) or of(user).exclude(uid=identity.subject).exists():
            return None
        link, made = SocialAccount.objects.get_or_create(
            provider=openid.provider_id(), uid=identity.subject, defaults={"user": user}
        )
        if made:
            notices.record(user, AccountAction.PROVIDER_LINKED, request=request, actor=user, words=_words())
        return link if link.user_id == user.pk else None


def _may_sign_in(user: User) -> bool:
    verified = EmailAddress.objects.filter(user_id=user.pk, email=user.email, verified=True)
    return user.is_active and user.is_verified and verified.exists()


def remove(user: User, pk: int) -> None:
    with transaction.atomic():
        _end(of(user).filter(pk=pk), user, actor=user)


def end_added_since(user: User, moment: datetime, *, actor: Actor | None) -> None:
    """End what was linked since then, with whichever provider, in the caller's transaction."""
    _end(SocialAccount.objects.filter(user=user, date_joined__gte=moment), user, actor=actor)


def _end(links: Any, user: User, *, actor: Actor | None) -> None:
    if links.delete()[0]:
        notices.record(user, AccountAction.PROVIDER_UNLINKED, actor=actor, words=_words())


def _words() -> dict[str, str]:
    return {"name": settings.OIDC_NAME}
