"""The page “Security”: the own factors, address, sessions and devices."""

from typing import Any, cast
from uuid import UUID

from allauth.mfa.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from accounts import qr
from accounts.api import devices
from accounts.entry.second_step import pending_second_step
from accounts.entry.step_up import StepUpMixin
from accounts.forms import security
from accounts.models import RefreshToken, User
from accounts.services import addresses, factors, openid_links, passkeys, sessions
from accounts.services.factors import Type
from core.permissions import SIGNED_IN, may
from core.web.views import FormPage, PortalView

OWN_READS = "members.view_own_record"


def renew_session(request: HttpRequest) -> None:
    """The account has a new epoch; this browser, which brought it about, goes on under a new session key."""
    user = cast(User, request.user)
    user.refresh_from_db(fields=["session_epoch", "password"])
    update_session_auth_hash(request, user)


class SecurityPage(PortalView):
    permission = SIGNED_IN
    page_title = gettext_lazy("Security")
    template_name = "accounts/security/page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        found = list(factors.of(user))
        return self.render(
            app=next((row for row in found if row.type == Type.TOTP), None),
            passkeys=[(row, row.wrap().name) for row in found if row.type == Type.WEBAUTHN],
            has_codes=any(row.type == Type.RECOVERY_CODES for row in found),
            codes_left=factors.codes_left(user),
            is_missing=factors.is_missing(user),
            links=openid_links.of(user),
            openid_name=settings.OIDC_NAME,
            places=len(sessions.places(user, request.session)),
            sees_reads=bool(user.own_member_id) and may(user, OWN_READS),
        )


class SecurityForm(StepUpMixin, FormPage):
    """A form about the own factors, after a fresh proof."""

    permission = SIGNED_IN
    under = ((gettext_lazy("Security"), "security"),)

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def cancel_url(self) -> str:
        return reverse("security")


class CodesPage(SecurityForm):
    """Recovery codes leave in the answer to the POST and cannot be shown again."""

    codes: list[str] = []

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().post(request, *args, **kwargs)
        return self.render("accounts/security/codes.html", codes=self.codes) if self.codes else response


class AppAdd(CodesPage):
    page_title = gettext_lazy("Set up an authenticator app")
    submit_label = gettext_lazy("Switch on")
    template_name = "accounts/security/app.html"
    done = gettext_lazy("The authenticator app is switched on.")

    def get_form(self, data: Any = None, files: Any = None) -> security.AppForm:
        return security.AppForm(data, user=self.person)

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponseBase:
        url = get_adapter().build_totp_url(self.person, form.opened)
        picture = qr.svg(url, label=_("QR code for the authenticator app"))
        key = " ".join(form.opened[at : at + 4] for at in range(0, len(form.opened), 4))
        return super().render_form(form, status=status, picture=picture, key=key, **extra)

    def perform(self, form: Any) -> str:
        self.codes = factors.add_app(self.person, form.opened, form.cleaned_data["code"])
        renew_session(self.request)
        return reverse("security")


class PasskeyAdd(CodesPage):
    page_title = gettext_lazy("Add a passkey")
    submit_label = gettext_lazy("Add passkey")
    template_name = "accounts/security/passkey.html"
    form_class = security.PasskeyForm
    done = gettext_lazy("The passkey is added.")

    def perform(self, form: Any) -> str:
        values = form.cleaned_data
        self.codes = factors.add_passkey(self.person, values["name"], values["credential"])
        renew_session(self.request)
        return reverse("security")


class NewCodes(CodesPage):
    page_title = gettext_lazy("New recovery codes")
    submit_label = gettext_lazy("Make new codes")
    lead = gettext_lazy("The present codes stop working. You are signed out everywhere else.")
    form_class = forms.Form

    def perform(self, form: Any) -> str:
        self.codes = factors.new_codes(self.person)
        renew_session(self.request)
        return reverse("security")


class FactorRemove(SecurityForm):
    page_title = gettext_lazy("Remove second factor")
    submit_label = gettext_lazy("Remove")
    danger = True
    form_class = forms.Form
    done = gettext_lazy("It is removed.")

    def factor(self) -> Any:
        found = factors.of(self.person).exclude(type=Type.RECOVERY_CODES).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def title(self) -> str:
        return _("Remove authenticator app") if self.factor().type == Type.TOTP else _("Remove passkey")

    @property
    def lead(self) -> str:
        if self.factor().type == Type.TOTP:
            return _("Codes of the app stop working. You are signed out everywhere else.")
        words = _("The passkey “%(name)s” stops working. You are signed out everywhere else.")
        return words % {"name": self.factor().wrap().name}

    def perform(self, form: Any) -> str:
        factors.remove(self.person, self.factor())
        renew_session(self.request)
        return reverse("security")


class AddressChange(SecurityForm):
    page_title = gettext_lazy("Change e-mail address")
    submit_label = gettext_lazy("Mail me the link")
    form_class = security.AddressForm
    done = gettext_lazy("We have mailed a link to the new address. Follow it within an hour.")

    def perform(self, form: Any) -> str:
        addresses.ask(self.person, form.cleaned_data["email"])
        return reverse("security")


class Places(PortalView):
    """Browsers and API devices in one list."""

    permission = SIGNED_IN
    page_title = gettext_lazy("My sessions and devices")
    under = ((gettext_lazy("Security"), "security"),)
    template_name = "accounts/security/places.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(places=sessions.places(cast(User, request.user), request.session))


class PlaceEnd(PortalView):
    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        sessions.end_browser(cast(User, request.user), pk)
        messages.success(request, _("That browser is signed out."))
        return HttpResponseRedirect(reverse("security_places"))


class DeviceEnd(PortalView):
    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        device = RefreshToken.objects.filter(user_id=request.user.pk, pk=pk).first()
        if device is None:
            raise Http404
        devices.end(device, actor=cast(User, request.user))
        messages.success(request, _("That device is signed out."))
        return HttpResponseRedirect(reverse("security_places"))


class PlacesEnd(PortalView):
    """Everywhere but here."""

    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        devices.end_everything(cast(User, request.user))
        renew_session(request)
        messages.success(request, _("You are signed out everywhere else."))
        return HttpResponseRedirect(reverse("security_places"))


@method_decorator(login_not_required, name="dispatch")
class PasskeyOptions(View):
    """What the browser's passkey dialog needs: for a new one, or to prove one. The challenge stays in the session."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        if request.POST.get("for") == "new":
            if not user.is_authenticated:
                return JsonResponse({"detail": _("Sign in first."), "code": "not_signed_in"}, status=401)
            return JsonResponse(passkeys.creation_options(user))
        if not user.is_authenticated:
            stage = pending_second_step(request)
            user = stage.login.user if stage is not None else None
        return JsonResponse(passkeys.request_options(user))
