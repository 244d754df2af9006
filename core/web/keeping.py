"""Keeps on the server what is typed in a form until it is sent: a call or the end of a session costs nothing.

With JavaScript a moment after each pause, without it by a button. Only the person who typed it gets it back, in the
same form; it is deleted when the form is sent, by “Start afresh”, and after thirty days.
"""

import json
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import KeptForm
from core.records.kept_answers import digest
from core.web.formats import moment_text
from core.web.views import FormPage, wants_fragment

KEPT = timedelta(days=30)
KEEP, FORGET = "keep", "forget"
UNKEPT = ("csrfmiddlewaretoken", "form_token", KEEP, FORGET)
# Far more than the longest of our forms takes; the rest of a larger one is not kept.
MOST = 100_000


def kept_of(request: HttpRequest) -> QuerySet[KeptForm]:
    """The row, if there is one, of whoever asks, at this address with what stands behind its question mark."""
    return KeptForm.objects.filter(account_id=request.user.pk, page=digest("kept form", request.get_full_path()))


def keep(request: HttpRequest) -> KeptForm | None:
    """Keep the fields that were sent, in place of what was kept before; nothing when it is too much."""
    typed = json.dumps({name: values for name, values in request.POST.lists() if name not in UNKEPT})
    if len(typed) > MOST:
        return None
    kept, _made = KeptForm.objects.update_or_create(
        account_id=request.user.pk,
        page=digest("kept form", request.get_full_path()),
        defaults={"typed": typed, "kept_at": timezone.now()},
    )
    return kept


def typed_in(kept: KeptForm) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in json.loads(kept.typed).items():
        data.setlist(name, values)
    return data


def forget_old() -> int:
    """Delete what is kept no longer."""
    return KeptForm.objects.filter(kept_at__lt=timezone.now() - KEPT).delete()[0]


class KeepsTyped(FormPage):
    """A form page that keeps what is typed. `ui/form_page.html` draws when it did."""

    keeps_typed = True
    kept: KeptForm | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kept = kept_of(request).first()
        if self.kept is None:
            return super().get(request, *args, **kwargs)
        form = self.get_form(typed_in(self.kept))
        form._errors = ErrorDict()  # half of a form is no fault yet
        return self.render_form(form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if FORGET in request.POST:
            kept_of(request).delete()
            return HttpResponseRedirect(request.get_full_path())
        if KEEP in request.POST:
            return self.keep(request)
        return super().post(request, *args, **kwargs)

    def keep(self, request: HttpRequest) -> HttpResponseBase:
        kept = keep(request)
        said = _("Too long to be kept. Send the form, or shorten it.")
        if kept:
            said = _("Kept: %(moment)s. You can go on later.") % {"moment": moment_text(kept.kept_at)}
        if wants_fragment(request):
            return HttpResponse(said, content_type="text/plain")
        messages.info(request, said)
        return HttpResponseRedirect(self.cancel_url() if kept else request.get_full_path())

    def go_on(self, target: str) -> HttpResponse:
        kept_of(self.request).delete()
        return super().go_on(target)
