"""Signing in and out, the own password, and how the pages look."""

from typing import Any, cast

from allauth.account import views as allauth
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from accounts.entry import step_up
from accounts.entry.second_step import pending_second_step
from accounts.forms.people import SignInForm
from accounts.forms.security import SecondStepForm
from accounts.models import User
from accounts.services import mailed_codes, openid, passkeys
from core.permissions import SIGNED_IN
from core.web.context import THEMES
from core.web.lists import safe_next
from core.web.views import PortalView

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

    template_name = "accounts/sessions/sign_out.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class ChangePasswordView(allauth.PasswordChangeView):
    template_name = "accounts/sessions/change_password.html"
    permission = SIGNED_IN

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not cast(User, request.user).has_usable_password():
            messages.error(request, _("Your account has no password. Ask the office for a one-time password."))
            return HttpResponseRedirect(resolve_url("home"))
        return super().dispatch(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ReauthenticateView(PortalView):
    """The proof that a grave act asks for, and then on to where it was asked."""

    permission = SIGNED_IN
    page_title = gettext_lazy("Confirm that it is you")
    template_name = "accounts/sessions/reauthenticate.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(step_up.ProofForm(user=cast(User, request.user)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = step_up.ProofForm(request.POST, user=cast(User, request.user))
        if not form.is_valid():
            return refused_at_the_door(request, self._form(form, status=422))
        step_up.note_proof(request, **form.method)
        return HttpResponseRedirect(safe_next(request))

    def _form(self, form: step_up.ProofForm, *, status: int = 200) -> HttpResponse:
        target = self.request.POST.get("next") or self.request.GET.get("next", "")
        return self.render(form=form, next=target, status=status)


class SignInView(allauth.LoginView):
    template_name = "accounts/sessions/sign_in.html"

    def get_context_data(self, **values: Any) -> dict[str, Any]:
        offers = {"offers_codes": mailed_codes.is_offered(), "offers_openid": openid.is_offered()}
        return {**super().get_context_data(**values), **offers, "openid_name": settings.OIDC_NAME}

    def form_invalid(self, form: Any) -> HttpResponse:
        response = self.render_to_response(self.get_context_data(form=form), status=422)
        return refused_at_the_door(self.request, response)


@method_decorator([login_not_required, never_cache], name="dispatch")
class SecondStepView(View):
    """After the password: a code of the app, a recovery code or a passkey."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.stage = pending_second_step(request)
        if self.stage is None:
            return HttpResponseRedirect(resolve_url("home" if request.user.is_authenticated else "account_login"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(SecondStepForm(user=self.stage.login.user, request=request))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = SecondStepForm(request.POST, user=self.stage.login.user, request=request)
        return finish(request, self.stage, form) or self._page(form, status=422)

    def _page(self, form: SecondStepForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "accounts/sessions/second_step.html", {"form": form}, status=status)


def finish(request: HttpRequest, stage: Any, form: SecondStepForm) -> HttpResponseBase | None:
    """Sign in when the form proves the second factor; otherwise None."""
    if not form.is_valid():
        return None
    post_authentication(request, form.authenticator)
    return stage.exit()


@method_decorator(login_not_required, name="dispatch")
class PasskeySignIn(View):
    """A passkey alone: it is something the person has, opened by something they are or know."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(safe_next(request))
        try:
            authenticator = passkeys.verify(request.POST.get("credential", ""), None)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(resolve_url("account_login"))
        post_authentication(request, authenticator, passwordless=True)
        login = Login(user=authenticator.user, redirect_url=safe_next(request, resolve_url("home")))
        return perform_login(request, login)


@method_decorator([login_not_required, sensitive_post_parameters("password", "code")], name="dispatch")
class SignInDialog(View):
    """The form inside a page whose session has ended; 204 when the person is signed in again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.fragment(SignInForm(request=request))

    def post(self, request: HttpRequest) -> HttpResponse:
        stage = pending_second_step(request)
        if stage is not None and ("code" in request.POST or "credential" in request.POST):
            step = SecondStepForm(request.POST, user=stage.login.user, request=request)
            return self.done() if finish(request, stage, step) else self.second(step, status=422)
        form = SignInForm(request.POST, request=request)
        if not form.is_valid():
            return refused_at_the_door(request, self.fragment(form, status=422))
        form.login(request)
        if request.user.is_authenticated:
            return self.done()
        if stage := pending_second_step(request):
            return self.second(SecondStepForm(user=stage.login.user, request=request))
        form.add_error(None, _("Sign in on the sign-in page instead: this account needs one more step."))
        return self.fragment(form, status=422)

    def done(self) -> HttpResponse:
        # The page compares the account with its own: nobody sends what somebody else typed.
        account = str(self.request.user.pk)
        headers = {"HX-Trigger": "signed-in", "X-CSRFToken": get_token(self.request), "X-Account": account}
        return HttpResponse(status=204, headers=headers)

    def fragment(self, form: SignInForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "accounts/sessions/_sign_in_dialog.html", {"form": form}, status=status)

    def second(self, form: SecondStepForm, *, status: int = 200) -> HttpResponse:
        shown = {"form": form, "in_dialog": True}
        return render(self.request, "accounts/sessions/_second_step.html", shown, status=status)


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
