"""Settings of which there is one row: a form for whoever may change them, facts for whoever may only see them."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core.audit.timeline import history
from core.models import OneRow
from core.permissions import VIEW_HISTORY, may, require
from core.records import one_row
from core.web.views import FormPage


class OneRowPage(FormPage):
    model: type[OneRow]
    change_permission: str
    read_template: str
    route: str

    def facts(self) -> list[tuple[Any, Any]]:
        """Label and value in words."""
        raise NotImplementedError

    def save(self, values: dict[str, Any], *, version: int) -> None:
        """Call the service."""
        raise NotImplementedError

    def cancel_url(self) -> str:
        return reverse("home")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "instance": one_row.current(self.model)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user, self.change_permission):
            return self.render(self.read_template, facts=self.facts())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, self.change_permission)
        return super().post(request, *args, **kwargs)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        entries = history([one_row.current(self.model)]) if may(self.request.user, VIEW_HISTORY) else []
        return super().render_form(form, status=status, entries=entries, **extra)

    def perform(self, form: Any) -> str:
        self.save(form.values(), version=form.cleaned_data["version"])
        return reverse(self.route)
