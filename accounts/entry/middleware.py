"""What a signed-in person meets before any page: a session that is over, an address that nobody has confirmed, a
one-time password, a missing factor.

A browser that signed in is remembered."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.entry import identity
from accounts.models import User
from accounts.services import known_browsers, sessions
from core.web.middleware import needs_no_database

Answer = Callable[[HttpRequest], HttpResponseBase]

ADDRESS_ROUTES = frozenset(
    {"account_email_verification_sent", "email_verify", "account_logout", "sign_in_dialog", "site_logo", "theme"}
)
OPEN_ROUTES = ADDRESS_ROUTES | {"account_change_password"}
ENROLMENT_ROUTES = OPEN_ROUTES | {
    "account_reauthenticate",
    "passkey_options",
    "security",
    "security_app",
    "security_passkey_new",
}


def needs_no_account(request: HttpRequest, view: object) -> bool:
    return needs_no_database(view) or not request.user.is_authenticated


def sent_away(request: HttpRequest, route: str, *, detail: str, code: str) -> HttpResponseBase:
    """To the one page that is open now, in the way that the caller understands."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": detail, "code": code}, status=403)
    target = resolve_url(route)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=403, headers={"HX-Redirect": target})
    return redirect(target)


class IdentityMiddleware(AuthenticationMiddleware):
    """As Django's; who asks, and what they hold, comes in the statement that reads the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = cast(User, SimpleLazyObject(lambda: identity.person_of(request)))


class SessionRecordMiddleware:
    """Ends a session that is over, and keeps its record."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.session.accessed and request.session.get(sessions.MARK):
            sessions.follow(request)
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if needs_no_account(request, view):
            return
        if sessions.is_over(request.session):
            sessions.forget(request)
            auth.logout(request)
        else:
            sessions.touch(request)


class VerifiedAddressMiddleware:
    """An address that nobody has confirmed opens nothing but the page that says how to."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        if needs_no_account(request, view):
            return None
        route = request.resolver_match.url_name if request.resolver_match else None
        if request.user.is_verified or route in ADDRESS_ROUTES:
            return None
        detail = _("Confirm your e-mail address first.")
        return sent_away(request, "account_email_verification_sent", detail=detail, code="email_not_verified")


class PasswordChangeMiddleware:
    """A one-time password opens nothing but the page that replaces it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        if needs_no_account(request, view):
            return None
        route = request.resolver_match.url_name if request.resolver_match else None
        if not request.user.must_change_password or route in OPEN_ROUTES:
            return None
        detail = _("Sign in to the portal and choose your own password first.")
        return sent_away(request, "account_change_password", detail=detail, code="password_change_needed")


class SecondFactorMiddleware:
    """Whose role needs a second factor sets one up before anything else opens."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        if needs_no_account(request, view) or not settings.SECOND_FACTOR_ROLES:
            return None
        route = request.resolver_match.url_name if request.resolver_match else None
        if route in ENROLMENT_ROUTES or not identity.lacks_factor(cast(User, request.user)):
            return None
        detail = _("Sign in to the portal and set up a second factor first.")
        return sent_away(request, "security", detail=detail, code="second_factor_needed")


class DeviceMiddleware:
    """Whatever door somebody came in by, the answer carries the cookie that makes the browser a known one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        known_browsers.keep(request, response)
        return response
