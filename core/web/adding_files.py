"""A page on which people send files of one record, at once or, by the portal's script, one by one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.errors import DomainError
from core.files.attaching import Added
from core.web.required import say_it_plainly
from core.web.upload import MOST_AT_ONCE
from core.web.views import FormPage

# What the portal's script sends along with each file; it gets a sentence in place of a page.
BY_SCRIPT = "X-Upload"
FILES = (NON_FIELD_ERRORS, "photo", "uploads")


class AddFilesPage(FormPage):
    """What is good among the files is kept, and the rest is named with what to do."""

    template_name = "ui/upload_page.html"
    submit_label = gettext_lazy("Send documents")

    def add(self, files: Sequence[Any], form: Any) -> Added:
        """Call the service."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.headers.get(BY_SCRIPT):
            return self.one_by_script(request)
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        added = self.add(form.sent(), form)
        refused = [f"{name}: {error.sentence}" for name, error in added.refused]
        if not added.kept:
            raise ValidationError({"uploads": refused})
        for sentence in refused:
            messages.warning(self.request, sentence)
        kept = len(added.kept)
        sentence = ngettext("%(n)s document added.", "%(n)s documents added.", kept) % {"n": kept}
        messages.success(self.request, sentence)
        return self.cancel_url()

    def one_by_script(self, request: HttpRequest) -> JsonResponse:
        form = self.get_form(request.POST, request.FILES)
        say_it_plainly(form)
        if not form.is_valid():
            field = next(iter(form.errors))
            said = {"detail": " ".join(form.errors[field])}
            return JsonResponse(said if field in FILES else {**said, "field": field}, status=422)
        try:
            for _name, error in self.add(form.sent(), form).refused:
                raise error
        except DomainError as error:
            return JsonResponse({"detail": error.sentence}, status=409)
        return JsonResponse({"detail": _("Added.")}, status=201)

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(most=MOST_AT_ONCE, **extra)


def replaced_by(service: Callable[..., Any], row: Any, form: Any, *, actor: Any) -> None:
    """Call a service that puts one file in the place of another; what it refuses stands at the file."""
    try:
        service(row, form.cleaned_data["uploads"][0], actor=actor)
    except DomainError as error:
        raise ValidationError({"uploads": error.sentence}) from error
