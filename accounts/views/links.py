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

from accounts.forms.security import NewPasswordForm
from accounts.services import addresses, mailed_links
from accounts.services.mailed_links import LinkDead, MailedToken
from accounts.views.doors import AddressPage
from core.errors import DomainError

RESET_LINK = "reset_link"


@method_decorator(login_not_required, name="dispatch")
class Forgotten(AddressPage):
    template_name = "accounts/links/forgotten.html"

    def ask(self, address: str) -> str:
        mailed_links.ask_for_reset(address)
        return "account_reset_password_done"


@method_decorator(login_not_required, name="dispatch")
class ForgottenDone(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "accounts/links/forgotten_done.html")


@method_decorator(login_not_required, name="dispatch")
class LinkToPassword(View):
    """Takes the link out of the address at once: it stays in no history and is told to no other page."""

    token: MailedToken
    kept_as: str
    goes_to: str
    dead_template = "accounts/links/dead.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            self.token.owner(token)
        except LinkDead:
            return link_dead(request, self.dead_template)
        request.session[self.kept_as] = token
        return HttpResponseRedirect(resolve_url(self.goes_to))


@method_decorator([login_not_required, sensitive_post_parameters()], name="dispatch")
class ChoosePassword(View):
    """The page that such a link leads to."""

    token: MailedToken
    kept_as: str
    template_name: str
    dead_template = "accounts/links/dead.html"

    def choose(self, text: str, password: str) -> None:
        """May raise LinkDead or ValidationError."""
        raise NotImplementedError

    def done(self) -> str:
        """What the person is told on the page that signs them in."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        return {"address": self.user.email}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.text = request.session.get(self.kept_as, "")
            self.user = self.token.owner(self.text)
        except LinkDead:
            return link_dead(request, self.dead_template)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(NewPasswordForm(user=self.user))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = NewPasswordForm(request.POST, user=self.user)
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            self.choose(self.text, form.cleaned_data["password1"])
        except LinkDead:
            return link_dead(request, self.dead_template)
        except ValidationError as error:
            form.add_error("password1", error)
            return self._page(form, status=422)
        request.session.pop(self.kept_as, None)
        message = self.done()
        messages.success(request, message)
        return HttpResponseRedirect(resolve_url("account_login"))

    def _page(self, form: NewPasswordForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, self.template_name, {"form": form, **self.facts()}, status=status)


class ResetLink(LinkToPassword):
    token, kept_as, goes_to = mailed_links.PASSWORD_RESET, RESET_LINK, "account_reset_password_new"


class ResetPassword(ChoosePassword):
    token, kept_as = mailed_links.PASSWORD_RESET, RESET_LINK
    template_name = "accounts/links/new_password.html"

    def choose(self, text: str, password: str) -> None:
        mailed_links.reset_password(text, password, request=self.request)

    def done(self) -> str:
        return _("The new password is set. Sign in with it.")


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
        return render(request, "accounts/links/follow.html", {"view": self})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            message = self.follow(request, token)
        except LinkDead:
            return link_dead(request)
        except DomainError as error:
            return render(request, "accounts/links/follow.html", {"view": self, "refusal": error.sentence}, status=409)
        messages.success(request, message)
        return HttpResponseRedirect(resolve_url("security" if request.user.is_authenticated else "account_login"))


@method_decorator(login_not_required, name="dispatch")
class VerifyAddress(MailedLink):
    title = gettext_lazy("Confirm your e-mail address")
    text = gettext_lazy("With this click you confirm that the mail reached you. Then you can sign in.")
    submit = gettext_lazy("Confirm address")

    def check(self, token: str) -> None:
        mailed_links.EMAIL_VERIFICATION.owner(token)

    def follow(self, request: HttpRequest, token: str) -> str:
        mailed_links.verify_email(token)
        return _("Your address is confirmed.")


@method_decorator(login_not_required, name="dispatch")
class ChangeAddress(MailedLink):
    title = gettext_lazy("Use this address from now on")
    text = gettext_lazy("With this click your account changes to the address that the mail reached.")
    submit = gettext_lazy("Use this address")

    def check(self, token: str) -> None:
        addresses.EMAIL_CHANGE.owner(token)

    def follow(self, request: HttpRequest, token: str) -> str:
        user = addresses.change(token)
        if request.user.is_authenticated and request.user.pk == user.pk:
            update_session_auth_hash(request, user)
        return _("Your address is changed. Sign in with the new one from now on.")


def link_dead(request: HttpRequest, template: str = "accounts/links/dead.html") -> HttpResponse:
    return render(request, template, status=410)
