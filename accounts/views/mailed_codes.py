"""The two pages of signing in with a mailed code."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from accounts.entry.adapter import locked_sentence
from accounts.forms.security import MailedCodeForm
from accounts.services import known_browsers, limits, mailed_codes
from accounts.views.doors import AddressPage, DoorPage

WAITING = "mailed_code_for"


class Offered(DoorPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not mailed_codes.is_offered():
            raise Http404
        if request.user.is_authenticated:
            return HttpResponseRedirect(resolve_url("home"))
        return super().dispatch(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class AskForCode(Offered, AddressPage):
    template_name = "accounts/mailed_codes/ask.html"

    def ask(self, address: str) -> str:
        mailed_codes.send(address)
        self.request.session[WAITING] = address
        return "mailed_code_enter"


@method_decorator(login_not_required, name="dispatch")
class EnterCode(Offered):
    template_name = "accounts/mailed_codes/enter.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if mailed_codes.is_offered() and WAITING not in request.session:
            return HttpResponseRedirect(resolve_url("mailed_code"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(MailedCodeForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form, address = MailedCodeForm(request.POST), request.session[WAITING]
        if not form.is_valid():
            return self.page(form, status=422)
        if seconds := limits.wait(limits.SIGN_IN, request):
            return self.crowded(form, seconds)
        user = mailed_codes.spend(address, form.cleaned_data["code"], request)
        if user is None:
            minutes = limits.minutes_left(known_browsers.counted_as(request, address))
            sentence = _("This code is not right, too old, or has been used. Ask for a new one.")
            form.add_error("code", locked_sentence(minutes) if minutes else sentence)
            return self.page(form, status=422)
        limits.refund(limits.SIGN_IN, request)
        del request.session[WAITING]
        record_authentication(request, user, method="code")
        return perform_login(request, Login(user=user, email=user.email))
