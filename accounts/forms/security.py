"""What people type about their own security."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.entry.adapter import locked_sentence
from accounts.models import User
from accounts.services import factors, known_browsers, limits, passkeys
from core.validators import validate_single_line

CODE_LENGTH = 32
ENTER_CODE, ENTER_ADDRESS = _("Enter the code."), _("Enter your e-mail address.")


def code_field(label: Any, **options: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
    return forms.CharField(
        label=label,
        max_length=CODE_LENGTH,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"required": ENTER_CODE},
        **options,
    )


def answer_field() -> forms.CharField:
    """Filled by passkeys.js with what the browser's passkey dialog gave."""
    widget = forms.HiddenInput(attrs={"data-passkey-answer": ""})
    return forms.CharField(required=False, max_length=passkeys.LONGEST, widget=widget)


class SecondStepForm(forms.Form):
    """A code of the app, a recovery code, or a passkey; `authenticator` is what proved right."""

    conditional = ("code",)

    code = code_field(_("Code"), required=False, help_text=_("Of your authenticator app, or a recovery code."))
    credential = answer_field()

    def __init__(self, data: Any = None, *, user: User, request: HttpRequest) -> None:
        super().__init__(data)
        self.user, self.request = user, request
        types = set(factors.of(user).values_list("type", flat=True))
        self.has_passkey = factors.Type.WEBAUTHN in types
        if factors.Type.TOTP not in types:
            self.fields["code"].label = _("Recovery code")
            self.fields["code"].help_text = _("If your passkey is out of reach.")
            del self.fields["code"].widget.attrs["inputmode"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.authenticator = None
        if cleaned.get("credential"):
            self.authenticator = passkeys.verify(cleaned["credential"], self.user)
        elif cleaned.get("code"):
            self.authenticator = factors.check_code(self.user, cleaned["code"], self.request)
            if self.authenticator is None:
                self.add_error("code", self._refusal())
        elif not self.errors:
            self.add_error("code", ValidationError(ENTER_CODE, code="required"))
        return cleaned

    def _refusal(self) -> Any:
        if minutes := limits.minutes_left(known_browsers.counted_as(self.request, self.user.email)):
            return locked_sentence(minutes)
        return _("This code is not right, or has been used already. Wait for the next one and try again.")


class AppForm(forms.Form):
    """`secret` travels sealed for this person; nothing is stored before the code proves that the app works."""

    secret = forms.CharField(max_length=400, widget=forms.HiddenInput)
    code = code_field(_("Code"), help_text=_("The six digits that the app shows now."))

    def __init__(self, data: Any = None, files: Any = None, *, user: User) -> None:
        super().__init__(data)
        given = factors.opened(user, (data or {}).get("secret", "")) if data is not None else None
        self.is_stale = data is not None and given is None
        if given is None:
            sealed = factors.new_secret(user)
            given = factors.opened(user, sealed) or ""
            if data is None:
                self.fields["secret"].initial = sealed
            else:
                again = data.copy()
                again["secret"] = sealed
                self.data = again
        self.opened = given

    def clean(self) -> dict[str, Any]:
        if self.is_stale:
            raise ValidationError(_("This page was too old. Scan the new QR code and type the code of the app."))
        return super().clean() or {}


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[validate_single_line],
        help_text=_("Tells your passkeys apart, such as “My phone” or “Blue key”."),
    )
    credential = answer_field()

    def clean_credential(self) -> dict[str, Any]:
        if not self.cleaned_data["credential"]:
            raise ValidationError(_("Make the passkey with the button below; your browser asks for the rest."))
        return passkeys.verify_new(self.cleaned_data["credential"])


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We mail a link to it. Until you follow it, you sign in with the present address."),
    )


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": ENTER_ADDRESS},
    )


class NewPasswordForm(forms.Form):
    password1 = forms.CharField(
        label=_("New password"),
        error_messages={"required": _("Choose a password.")},
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Four or more unrelated words are easy to remember and hard to guess. Spaces and accents count."),
    )
    password2 = forms.CharField(
        label=_("New password, once more"),
        error_messages={"required": _("Type the password once more.")},
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("You must type the same password each time."))
        elif first:
            try:
                validate_password(first, self.user)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned


class MailedCodeForm(forms.Form):
    code = code_field(_("Code from the mail"))
