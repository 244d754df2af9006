"""Grave acts ask for the password or a passkey again when the last proof is older than STEP_UP_MINUTES.

A page with a form: `class Approve(StepUpMixin, FormPage)`. It asks before the form is opened; when the proof grows old
while somebody types, it asks on sending, and then shows the form again as it was typed. `needs_step_up` may look at
the move. A page that only reads, such as an export: `class MembersAsFile(StepUpToRead, ExportPage)`. A function:
`@step_up_required`. Where a page is only a part of the act: `if not is_fresh(request): return ask_first(request)`.
The grave moves of a workflow: StepUpMovePage, StepUpMoveAdmin and api_access.StepUpMoveApi beside its doors.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services import factors, passkeys
from core.web.moves import Move

PREFIX, ASKING = "step_up", "accounts/sessions/step_up.html"
PROOFS = ("password", "mfa")


class ProofForm(forms.Form):
    """The password, or a passkey that the browser put into `credential`."""

    conditional = ("password",)

    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    credential = forms.CharField(
        required=False, max_length=passkeys.LONGEST, widget=forms.HiddenInput(attrs={"data-passkey-answer": ""})
    )

    def __init__(self, data: Any = None, *, user: User, prefix: str | None = None) -> None:
        super().__init__(data, prefix=prefix)
        self.user = user
        self.method: dict[str, Any] = {}
        self.has_passkey = factors.of(user).filter(type=factors.Type.WEBAUTHN).exists()

    def clean_credential(self) -> str:
        text = self.cleaned_data["credential"]
        if text:
            authenticator = passkeys.verify(text, self.user)
            self.method = {"method": "mfa", "id": authenticator.pk, "type": authenticator.type}
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.method or self.errors:
            return cleaned
        if not cleaned.get("password"):
            self.add_error("password", ValidationError(_("Enter your password."), code="required"))
            return cleaned
        try:
            if not get_adapter().reauthenticate(self.user, cleaned["password"]):
                raise get_adapter().validation_error("incorrect_password")
        except ValidationError as error:
            self.add_error("password", error)
        else:
            self.method = {"method": "password"}
        return cleaned


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has proved lately who they are."""
    records = get_authentication_records(request, request.user)
    return is_recent(max((record["at"] for record in records if record.get("method") in PROOFS), default=0.0))


def is_recent(proved_at: float) -> bool:
    """Whether a proof of that moment still counts; 0 minutes ask nobody."""
    minutes = settings.STEP_UP_MINUTES
    return not minutes or 0 <= time.time() - proved_at < minutes * 60


def note_proof(request: HttpRequest, **method: Any) -> None:
    """The person has just proved who they are: a new session key, and the time of the proof."""
    record_authentication(request, request.user, reauthenticated=True, **method)
    # what was proved earlier opens nothing more
    records = get_authentication_records(request, request.user)
    del records[:-5]
    request.session.cycle_key()


def ask_first(request: HttpRequest) -> HttpResponse:
    """To the page that asks for a proof and comes back here."""
    target = f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def step_up_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For a view that reads; one that writes keeps what was typed by StepUpMixin."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_fresh(request) else ask_first(request)

    return asked


class StepUpToRead:
    """Before a page that reads: what it shows leaves only after a fresh proof."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_fresh(request):
            return ask_first(request)
        return super().get(request, *args, **kwargs)


def brings_proof(request: HttpRequest) -> bool:
    return f"{PREFIX}-password" in request.POST


def thank(request: HttpRequest, proof: ProofForm) -> None:
    """The proof is right: what was typed is shown again, and sent once more by the person, not by us."""
    note_proof(request, **proof.method)
    messages.info(request, _("Thank you. Look over what you typed and send it now."))


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What the page that asks carries along."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if not name.startswith((f"{PREFIX}-", "csrfmiddlewaretoken"))
        for value in values
    ]


class StepUpMixin:
    """Before a FormPage: its act is done only after a fresh proof, and nothing typed is lost or done twice."""

    request: HttpRequest
    # of the FormPage beside it
    get_form: Callable[..., Any]
    render: Callable[..., HttpResponse]

    def needs_step_up(self) -> bool:
        return True

    def _must_ask(self) -> bool:
        return self.needs_step_up() and not is_fresh(self.request)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        if self.request.method in ("GET", "HEAD") and self._must_ask():
            return ask_first(self.request)
        return super().render_form(form, status=status, **extra)

    def before_perform(self, form: Any) -> HttpResponseBase | None:
        if self._must_ask():
            return self._ask(ProofForm(user=cast(User, self.request.user), prefix=PREFIX))
        return super().before_perform(form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if brings_proof(request):
            return self._answer(request)
        return super().post(request, *args, **kwargs)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """The proof came."""
        proof = ProofForm(request.POST, user=cast(User, request.user), prefix=PREFIX)
        if not proof.is_valid():
            return self._ask(proof)
        thank(request, proof)
        return self.render_form(self.get_form(request.POST, request.FILES))

    def _ask(self, proof: ProofForm) -> HttpResponse:
        return self.render(ASKING, status=422, form=proof, typed=typed(self.request))


class StepUpMovePage(StepUpMixin):
    """Before a MovePage: its grave moves ask."""

    move: Move

    def needs_step_up(self) -> bool:
        return self.move.grave


class StepUpMoveAdmin:
    """Before a WorkflowAdmin: its grave moves ask, and nothing typed is lost."""

    opts: Any

    def before_move(self, request: HttpRequest, move: Move) -> HttpResponse | None:
        if not move.grave or (is_fresh(request) and not brings_proof(request)):
            return None
        if request.method != "POST":
            return ask_first(request)
        proof = ProofForm(request.POST if brings_proof(request) else None, user=cast(User, request.user), prefix=PREFIX)
        if not proof.is_valid():
            context = {"form": proof, "typed": typed(request), "page_title": self.opts.verbose_name.capitalize()}
            return render(request, ASKING, context, status=422)
        thank(request, proof)
        return None

    def is_only_shown(self, request: HttpRequest) -> bool:
        return brings_proof(request)
