"""What people type about accounts. Times of a term are days: from the morning of the first to the end of the last."""

from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import AssignmentKind
from accounts.models import Role, RoleAssignment, User
from core.web.forms import ReasonForm, VersionedModelForm

LATEST_DAY = date(2100, 12, 31)


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, login=_("E-mail address"), password=_("Password"))
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ChangePasswordForm(AllauthChangePasswordForm):
    """The old password is checked by the backend, so that this door counts wrong ones too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self, oldpassword=_("Present password"), password1=_("New password"), password2=_("New password, once more")
        )
        self.fields["password1"].help_text = _(
            "Four or more unrelated words are easy to remember and hard to guess. Spaces and accents count."
        )

    def clean_oldpassword(self) -> str:
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password1") and cleaned.get("password1") == cleaned.get("oldpassword"):
            self.add_error("password1", _("This is the present password. Choose another one."))
        return cleaned


def _plain(form: forms.Form, **labels: Any) -> None:
    """Our labels, and neither placeholders nor links of allauth."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].help_text = ""
        form.fields[name].widget.attrs.pop("placeholder", None)


class MemberNumberField(forms.CharField):
    """A member's record by the number, which the office knows; the model is the one that User.member points to."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Member number"), required=False, max_length=13, **kwargs)

    @property
    def members(self) -> models.QuerySet:
        return User._meta.get_field("member").related_model._default_manager.filter(deleted_at=None)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return self.members.filter(pk=value).values_list("member_number", flat=True).first()
        return value

    def clean(self, value: Any) -> models.Model | None:
        number = super().clean(value).upper()
        if not number:
            return None
        found = self.members.filter(member_number=number).first()
        if found is None:
            raise forms.ValidationError(_("No member has this number. Look it up under Members."))
        return found


class UserForm(VersionedModelForm):
    member = MemberNumberField(help_text=_("Links the account to the person's own record."))

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "member"]
        help_texts = {"email": _("Used to sign in. Check it with the person: you vouch for it.")}


class NewUserForm(UserForm):
    roles = forms.MultipleChoiceField(
        choices=Role.objects.choices,
        label=_("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "They start now, or once an officer confirms them, and have no end. Terms with an end are assigned on the"
            " account's page."
        ),
    )

    def __init__(self, *args: Any, may_assign: bool, by_mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_mail = by_mail
        if by_mail:
            self.fields["email"].help_text = _("Used to sign in. The invitation goes to it.")
        if not may_assign:
            del self.fields["roles"]

    def validate_unique(self) -> None:
        """Not of an invitation: the address of an account that is switched off may be invited anew."""
        if not self.by_mail:
            super().validate_unique()


class DayField(forms.DateField):
    widget = forms.DateInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.validators += [
            MinValueValidator(date(1900, 1, 1), _("Enter a day after 1900.")),
            MaxValueValidator(LATEST_DAY, _("Enter a day before 2101.")),
        ]


def role_choices() -> list[tuple[str, str]]:
    return [("", str(_("Choose a role"))), *Role.objects.choices()]


class AssignRoleForm(ReasonForm):
    role = forms.ChoiceField(choices=role_choices, label=_("Role"))
    kind = forms.ChoiceField(label=_("Kind"), choices=AssignmentKind.choices, initial=AssignmentKind.REGULAR)
    first_day = DayField(label=_("First day"), help_text=_("Empty: it starts now."))
    last_day = DayField(
        label=_("Last day"), help_text=_("Empty: until somebody ends it. Acting and delegated terms need one.")
    )

    field_order = ["role", "kind", "first_day", "last_day", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        passing = cleaned.get("kind") in (AssignmentKind.ACTING, AssignmentKind.DELEGATED)
        if passing and "last_day" not in self.errors and not cleaned.get("last_day"):
            self.add_error("last_day", _("Acting and delegated terms need an end. Give the last day."))
        return cleaned

    def term(self) -> dict[str, Any]:
        """Arguments of terms.assign_role."""
        cleaned = self.cleaned_data
        return {
            "role": Role.objects.get(name=cleaned["role"]),
            "kind": cleaned["kind"],
            "starts_at": starting(cleaned["first_day"]),
            "expires_at": after(cleaned["last_day"]),
            "reason": cleaned["reason"],
        }


class EndRoleForm(ReasonForm):
    last_day = DayField(label=_("Last day"), help_text=_("Empty: it ends now."))

    field_order = ["last_day", "reason"]

    def ends_at(self) -> datetime | None:
        return after(self.cleaned_data["last_day"])


class ConfirmForm(forms.Form):
    """Which of the terms that wait are confirmed."""

    terms = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one role."),
            "invalid_choice": _("One of these does not wait for you any more. Look at the list again."),
        },
    )

    def __init__(self, *args: Any, waiting: list[RoleAssignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = {str(term.pk): term for term in waiting}
        self.fields["terms"].choices = [(key, str(term)) for key, term in self.waiting.items()]  # type: ignore[attr-defined]

    def chosen(self) -> list[RoleAssignment]:
        return [self.waiting[key] for key in self.cleaned_data["terms"]]


class ConfirmPersonForm(forms.Form):
    """`epoch` is the account's identity as it was looked at."""

    epoch = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class DescriptionForm(forms.ModelForm):
    class Meta:
        model = Role
        fields = ["description"]


def starting(day: date | None) -> datetime | None:
    """The first moment of `day` in the local's time zone; None, which means now, for today."""
    return None if day is None or day == timezone.localdate() else timezone.make_aware(datetime.combine(day, time.min))


def after(day: date | None) -> datetime | None:
    """The first moment after `day`."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) if day else None
