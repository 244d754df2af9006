"""Middleware round every request: id and log line, the local's settings and clock, sign-in for all by default."""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from csp.constants import HEADER
from csp.utils import build_policy
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from core import contention, request_id
from core.audit import trail
from core.errors import DomainError
from core.permissions import is_unlogged
from core.site import site_settings
from core.web.errors import error_response

logger = logging.getLogger("unionops.requests")
Answer = Callable[[HttpRequest], HttpResponseBase]


class RequestMiddleware:
    """Gives the request its id, answers it, and writes one log line that names the route, never the URL."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = request_id.current.set(str(uuid.uuid4()))
        started = time.monotonic()
        try:
            with trail.keeping_what_refusals_tell():
                response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id.current.get()
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
            match, user = request.resolver_match, request.__dict__.get("_cached_user")
            logger.info(
                "request",
                extra={
                    "method": request.method if request.method in METHODS else "other",
                    "route": match.route if match else "",
                    "status": response.status_code,
                    "milliseconds": round((time.monotonic() - started) * 1000, 1),
                    "user_id": user.pk if user is not None and not _is_nameless(match) else None,
                },
            )
            return response
        finally:
            request_id.current.reset(token)


def _is_nameless(match: Any) -> bool:
    """Whether a log line that joins this route with a person would give a secret away."""
    func = getattr(match, "func", None)
    view = getattr(func, "view_class", None) or getattr(func, "cls", None)
    if (model_admin := getattr(func, "model_admin", None)) is not None:
        return is_unlogged(getattr(model_admin, "view_permission", ()))
    return getattr(view, "nameless_in_log", False) or is_unlogged(getattr(view, "permission", ()))


def needs_no_database(view: object) -> bool:
    """Whether the view says so: then nothing before it asks who comes either."""
    return getattr(getattr(view, "view_class", view), "needs_no_database", False)


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class LocalMiddleware:
    """Shows times in the local's zone and keeps signed-in answers out of every cache."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(ZoneInfo("UTC")):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ("HX-Request", "Cookie"))
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if not needs_no_database(view):
            timezone.activate(ZoneInfo(site_settings().time_zone))


class ContentPolicyMiddleware:
    """Sends the one content security policy, put into words once; no page has another."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, self.policy)
        return response


class ErrorMiddleware:
    """A rule's refusal, or somebody else's lock, that no view has shown in its own page: 409 with the sentence."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, DomainError):
            return error_response(request, 409, message=error.sentence, code=error.code)
        if contention.is_contention(error):
            return error_response(request, 409, message=str(contention.SENTENCE), code=contention.BUSY)
        return None


class SignInMiddleware(LoginRequiredMiddleware):
    """Every view needs a signed-in person unless it says otherwise.

    An htmx request is told with 401 where the sign-in dialog is; an API request gets JSON.
    """

    def process_view(self, request: HttpRequest, view_func: Any, *args: Any) -> HttpResponseBase | None:
        return None if needs_no_database(view_func) else super().process_view(request, view_func, *args)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": _("Sign in first."), "code": "not_signed_in"}, status=401)
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(
                _("Your session has ended. Sign in again."),
                status=401,
                headers={"X-Signin-Url": resolve_url("sign_in_dialog")},
            )
        return super().handle_no_permission(request, view_func)
