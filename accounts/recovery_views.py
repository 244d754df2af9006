"""Links from mails: a forgotten password, a confirmed address, a changed one. A link does nothing before a click on
the page that it opens, since mail programs follow links by themselves.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from accounts import mail_addresses, recovery, throttle
from accounts.adapter import crowded_sentence
from accounts.recovery import LinkDead
from accounts.security_forms import ForgottenForm, NewPasswordForm
from core.errors import DomainError

RESET_LINK = "reset_link"


def crowded(request: HttpRequest, door: str) -> int:
    return throttle.wait(door, request)


@method_decorator(login_not_required, name="dispatch")
class Forgotten(View):
    """The same answer for every address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ForgottenForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = ForgottenForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        if seconds := crowded(request, throttle.RESET):
            form.add_error(None, crowded_sentence(seconds))
            response = self._page(form, status=429)
            response.headers["Retry-After"] = str(seconds)
            return response
        recovery.ask_for_reset(form.cleaned_data["email"])
        return HttpResponseRedirect(resolve_url("account_reset_password_done"))

    def _page(self, form: ForgottenForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "account/password_reset.html", {"form": form}, status=status)


@method_decorator(login_not_required, name="dispatch")
class ForgottenDone(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "account/password_reset_done.html")


@method_decorator(login_not_required, name="dispatch")
class ResetLink(View):
    """Takes the link out of the address at once: it stays in no history and is told to no other page."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            recovery.PASSWORD_RESET.owner(token)
        except LinkDead:
            return link_dead(request)
        request.session[RESET_LINK] = token
        return HttpResponseRedirect(resolve_url("account_reset_password_new"))


@method_decorator([login_not_required, sensitive_post_parameters()], name="dispatch")
class ResetPassword(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.token = request.session.get(RESET_LINK, "")
            self.user = recovery.PASSWORD_RESET.owner(self.token)
        except LinkDead:
            return link_dead(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(NewPasswordForm(user=self.user))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = NewPasswordForm(request.POST, user=self.user)
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            recovery.reset_password(self.token, form.cleaned_data["password1"], request=request)
        except LinkDead:
            return link_dead(request)
        except ValidationError as error:
            form.add_error("password1", error)
            return self._page(form, status=422)
        request.session.pop(RESET_LINK, None)
        messages.success(request, _("The new password is set. Sign in with it."))
        return HttpResponseRedirect(resolve_url("account_login"))

    def _page(self, form: NewPasswordForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "address": self.user.email}
        return render(self.request, "account/password_reset_new.html", context, status=status)


class MailedLink(View):
    """Asks for one click, then does what the link is for."""

    title: Any = ""
    text: Any = ""
    submit: Any = ""

    def check(self, token: str) -> None:
        """Raises LinkDead."""
        raise NotImplementedError

    def follow(self, request: HttpRequest, token: str) -> str:
        """Does it and returns the sentence for the next page. May raise DomainError."""
        raise NotImplementedError

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            self.check(token)
        except LinkDead:
            return link_dead(request)
        return render(request, "account/mailed_link.html", {"view": self})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            message = self.follow(request, token)
        except LinkDead:
            return link_dead(request)
        except DomainError as error:
            return render(request, "account/mailed_link.html", {"view": self, "refusal": error.sentence}, status=409)
        messages.success(request, message)
        return HttpResponseRedirect(resolve_url("security" if request.user.is_authenticated else "account_login"))


@method_decorator(login_not_required, name="dispatch")
class VerifyAddress(MailedLink):
    title = gettext_lazy("Confirm your e-mail address")
    text = gettext_lazy("With this click you confirm that the mail reached you. Then you can sign in.")
    submit = gettext_lazy("Confirm address")

    def check(self, token: str) -> None:
        recovery.EMAIL_VERIFICATION.owner(token)

    def follow(self, request: HttpRequest, token: str) -> str:
        recovery.verify_email(token)
        return _("Your address is confirmed.")


@method_decorator(login_not_required, name="dispatch")
class ChangeAddress(MailedLink):
    title = gettext_lazy("Use this address from now on")
    text = gettext_lazy("With this click your account changes to the address that the mail reached.")
    submit = gettext_lazy("Use this address")

    def check(self, token: str) -> None:
        mail_addresses.EMAIL_CHANGE.owner(token)

    def follow(self, request: HttpRequest, token: str) -> str:
        user = mail_addresses.change(token)
        if request.user.is_authenticated and request.user.pk == user.pk:
            update_session_auth_hash(request, user)
        return _("Your address is changed. Sign in with the new one from now on.")


def link_dead(request: HttpRequest) -> HttpResponse:
    return render(request, "account/link_dead.html", status=410)
