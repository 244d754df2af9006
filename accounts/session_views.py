"""Signing in and out, the own password, and how the pages look."""

from typing import Any, cast

from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from accounts.forms import SignInForm
from accounts.models import User
from core.context import THEMES
from core.lists import safe_next
from core.views import SIGNED_IN

THEME_SECONDS = 365 * 24 * 3600


def refused_at_the_door(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """429 with Retry-After when the adapter has found too many attempts from this network."""
    if seconds := getattr(request, "retry_after", 0):
        response.status_code = 429
        response.headers["Retry-After"] = str(seconds)
    return response


@method_decorator(login_not_required, name="dispatch")
class SignOutView(allauth.LogoutView):
    """GET asks, POST signs out."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class ChangePasswordView(allauth.PasswordChangeView):
    permission = SIGNED_IN

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cast(User, request.user).has_usable_password():
            messages.error(request, _("Your account has no password. Ask the office for a one-time password."))
            return HttpResponseRedirect(resolve_url("home"))
        return super().dispatch(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ReauthenticateView(allauth.ReauthenticateView):
    permission = SIGNED_IN

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignInView(allauth.LoginView):
    def form_invalid(self, form: Any) -> HttpResponse:
        response = self.render_to_response(self.get_context_data(form=form), status=422)
        return refused_at_the_door(self.request, response)


@method_decorator([login_not_required, sensitive_post_parameters("password")], name="dispatch")
class SignInDialog(View):
    """The form inside a page whose session has ended; 204 when the person is signed in again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.fragment(SignInForm(request=request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST, request=request)
        if not form.is_valid():
            return refused_at_the_door(request, self.fragment(form, status=422))
        form.login(request)
        if not request.user.is_authenticated:
            form.add_error(None, _("Sign in on the sign-in page instead: this account needs one more step."))
            return self.fragment(form, status=422)
        headers = {"HX-Trigger": "signed-in", "X-CSRFToken": get_token(request)}
        return HttpResponse(status=204, headers=headers)

    def fragment(self, form: SignInForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "accounts/_sign_in_dialog.html", {"form": form}, status=status)


@method_decorator(login_not_required, name="dispatch")
class ThemeView(View):
    """Light, dark or as the device; kept in a cookie, so that it also holds before signing in."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponseRedirect(safe_next(request))
        if (theme := request.POST.get("theme")) in THEMES:
            response.set_cookie(
                "theme", theme, max_age=THEME_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
            )
        return response
