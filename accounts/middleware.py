"""A one-time password opens nothing but the page that replaces it; a browser that signed in is remembered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

from accounts import devices

Answer = Callable[[HttpRequest], HttpResponseBase]
OPEN_ROUTES = ("account_change_password", "account_logout", "sign_in_dialog", "site_logo", "theme")


class PasswordChangeMiddleware:
    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        if getattr(getattr(view, "view_class", view), "needs_no_database", False) or not request.user.is_authenticated:
            return None
        route = request.resolver_match.url_name if request.resolver_match else None
        if not request.user.must_change_password or route in OPEN_ROUTES:
            return None
        if request.path.startswith("/api/"):
            detail = _("Sign in to the portal and choose your own password first.")
            return JsonResponse({"detail": detail, "code": "password_change_needed"}, status=403)
        target = resolve_url("account_change_password")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=403, headers={"HX-Redirect": target})
        return redirect(target)


class DeviceMiddleware:
    """Whatever door somebody came in by, the answer carries the cookie that makes the browser a known one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        devices.keep(request, response)
        return response
