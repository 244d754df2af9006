"""Forms for people who are not signed in, each of which one network may send only so often; see services.limits."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.generic import View

from accounts.entry.adapter import crowded_sentence
from accounts.forms.security import ForgottenForm
from accounts.services import limits


class DoorPage(View):
    template_name: str
    request: HttpRequest

    def page(self, form: Any, *, status: int = 200) -> HttpResponse:
        return render(self.request, self.template_name, {"form": form, **self.facts()}, status=status)

    def facts(self) -> dict[str, Any]:
        """What the page shows beside its form."""
        return {}

    def crowded(self, form: Any, seconds: int) -> HttpResponse:
        """429 with Retry-After; what was typed stays."""
        form.add_error(None, crowded_sentence(seconds))
        response = self.page(form, status=429)
        response.headers["Retry-After"] = str(seconds)
        return response


class AddressPage(DoorPage):
    """Asks for an e-mail address, and answers the same for every one."""

    def ask(self, address: str) -> str:
        """Mail what is wanted, and return the route where to go next."""
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(ForgottenForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = ForgottenForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        if seconds := limits.wait(limits.RESET, request):
            return self.crowded(form, seconds)
        return HttpResponseRedirect(resolve_url(self.ask(form.cleaned_data["email"])))
