"""Forms for people who are not signed in, each of which one network may send only so often; see throttle."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from accounts.entry.adapter import crowded_sentence


class DoorPage(View):
    template_name: str
    request: HttpRequest

    def page(self, form: Any, *, status: int = 200) -> HttpResponse:
        return render(self.request, self.template_name, {"form": form}, status=status)

    def crowded(self, form: Any, seconds: int) -> HttpResponse:
        """429 with Retry-After; what was typed stays."""
        form.add_error(None, crowded_sentence(seconds))
        response = self.page(form, status=429)
        response.headers["Retry-After"] = str(seconds)
        return response
