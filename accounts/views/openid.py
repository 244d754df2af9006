"""Signing in with an OpenID Connect provider: away to it, back from it, and the own link with it."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.entry.adapter import crowded_sentence
from accounts.services import limits, openid, openid_links
from accounts.views.security import SecurityForm
from core.web.lists import safe_next

# The same for an address that nobody has, that is not verified there or here, and for an account that is switched off.
NOT_OPENED = gettext_lazy(
    "%(name)s opens no account here. Sign in with your password, or ask the office whether your account is in order"
    " and has the address that %(name)s knows."
)
FAILED = gettext_lazy(
    "Signing in with %(name)s did not work, or it was broken off. Try again, or sign in with your password."
)
AWAY = gettext_lazy("%(name)s does not answer now. Try again in a few minutes, or sign in with your password.")


class Offered(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not openid.is_offered():
            raise Http404
        if request.user.is_authenticated:
            return HttpResponseRedirect(resolve_url("home"))
        return super().dispatch(request, *args, **kwargs)

    def refuse(self, sentence: Any, status: int, *, target: str, seconds: int = 0) -> HttpResponse:
        name = settings.OIDC_NAME
        login_url = f"{resolve_url('account_login')}?{urlencode({'next': target})}"
        values = {"sentence": str(sentence) % {"name": name}, "name": name, "login_url": login_url}
        response = render(self.request, "accounts/openid/refused.html", values, status=status)
        if seconds:
            response.headers["Retry-After"] = str(seconds)
        return response


@method_decorator([login_not_required, never_cache], name="dispatch")
class Leave(Offered):
    """Answers with a page that takes the browser away by itself.

    It takes a POST of our own form, so that no other site can begin a sign-in for somebody. The CSP lets no form end
    at another host, not by a redirect either; from a page one may go anywhere.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        target = safe_next(request)
        if seconds := limits.wait(limits.SIGN_IN, request):
            return self.refuse(crowded_sentence(seconds), 429, target=target, seconds=seconds)
        try:
            url = openid.begin(request, target)
        except openid.ProviderAway:
            return self.refuse(AWAY, 503, target=target)
        except openid.NotBelieved:
            return self.refuse(FAILED, 503, target=target)
        return render(request, "accounts/openid/leave.html", {"url": url, "name": settings.OIDC_NAME})


@method_decorator([login_not_required, never_cache], name="dispatch")
class Return(Offered):
    """The provider's answer to the one question that this session has asked."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        state = openid.expected(request)
        if state is None:
            return self.refuse(FAILED, 403, target="/")
        try:
            identity = openid.identity(request, state)
        except openid.ProviderAway:
            return self.refuse(AWAY, 503, target=state["next"])
        except openid.NotBelieved:
            return self.refuse(FAILED, 403, target=state["next"])
        user = openid_links.owner(request, identity)
        if user is None:
            return self.refuse(NOT_OPENED, 403, target=state["next"])
        limits.refund(limits.SIGN_IN, request)
        record_authentication(request, user, method="openid_connect")
        return perform_login(request, Login(user=user, email=user.email, redirect_url=state["next"]))


class LinkRemove(SecurityForm):
    submit_label = gettext_lazy("Remove")
    danger = True
    form_class = forms.Form
    done = gettext_lazy("The link is removed.")

    def link(self) -> Any:
        found = openid_links.of(self.person).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def title(self) -> str:
        self.link()
        return _("Remove the link with %(name)s") % {"name": settings.OIDC_NAME}

    @property
    def lead(self) -> str:
        words = _("The next sign-in with %(name)s under your address makes a new link, and you get a mail about it.")
        return words % {"name": settings.OIDC_NAME}

    def perform(self, form: Any) -> str:
        openid_links.remove(self.person, self.link().pk)
        return reverse("security")
