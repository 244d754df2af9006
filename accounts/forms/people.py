"""What people type about accounts. Times of a term are days: from the morning of the first to the end of the last."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

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
from core.folding import fold
from core.permissions import Actor
from core.search import search
from core.web.forms import ReasonForm, VersionedModelForm
from core.web.picking import SUGGESTED, Several, exactly, names

LATEST_DAY = date(2100, 12, 31)


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            login=(_("E-mail address"), _("Enter your e-mail address.")),
            password=(_("Password"), _("Enter your password.")),
        )
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ChangePasswordForm(AllauthChangePasswordForm):
    """The old password is checked by the backend, so that this door counts wrong ones too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            oldpassword=(_("Present password"), _("Enter your present password.")),
            password1=(_("New password"), _("Choose a new password.")),
            password2=(_("New password, once more"), _("Type the new password once more.")),
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


def _plain(form: forms.Form, **words: tuple[Any, Any]) -> None:
    """Our label and what is said when it is left empty, and neither placeholders nor links of allauth."""
    for name, (label, missing) in words.items():
        form.fields[name].label = label
        form.fields[name].error_messages["required"] = missing
        form.fields[name].help_text = ""
        form.fields[name].widget.attrs.pop("placeholder", None)


class MemberField(forms.CharField):
    """A member's record by the number, which the office knows, or by the name, as far as `actor` sees members.

    The model is the one that User.member points to.
    """

    actor: Actor

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "member-options", "autocomplete": "off"})
        super().__init__(label=_("Member"), required=False, max_length=340, widget=widget, **kwargs)

    @property
    def members(self) -> Any:
        return User._meta.get_field("member").related_model._default_manager.filter(deleted_at=None)

    def prepare_value(self, value: Any) -> Any:
        found = self.members.filter(pk=value).first() if isinstance(value, int) else None
        return found.label if found else value

    def clean(self, value: Any) -> models.Model | None:
        text = super().clean(value)
        name, _dash, number = (part.strip() for part in text.rpartition(" — "))
        if not text:
            return None
        found = self.members.filter(member_number=number.upper()).first()
        if found and (not name or fold(found.full_name) == fold(name)):
            return found
        near = list(search(self.members.visible_to(self.actor), text).order_by("sort_name", "pk")[:SUGGESTED])
        exact = exactly(text, near) or near
        if not exact:
            raise forms.ValidationError(_("No member has this name or number. Look under Members how it is written."))
        if len(exact) == 1 and names(text, exact[0].label):
            return exact[0]
        raise Several(text, [item.label for item in exact])


class UserForm(VersionedModelForm):
    member = MemberField(
        help_text=_(
            "Links the account to the person's own record. Type the name or the number and choose from the list."
        )
    )

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "member", "is_no_member"]
        help_texts = {
            "email": _("Used to sign in. Check it with the person: you vouch for it."),
            "is_no_member": _("Whoever decides or pays for members is linked with their record, or known to be none."),
        }

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(MemberField, self.fields["member"]).actor = actor


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
    keeps_password = forms.BooleanField(
        required=False,
        label=_("They cannot read mail: the password stays"),
        help_text=_("Only if they have just signed in before your eyes with a password of their own."),
    )


class DescriptionForm(VersionedModelForm):
    class Meta:
        model = Role
        fields = ["description"]


def starting(day: date | None) -> datetime | None:
    """The first moment of `day` in the local's time zone; None, which means now, for today."""
    return None if day is None or day == timezone.localdate() else timezone.make_aware(datetime.combine(day, time.min))


def after(day: date | None) -> datetime | None:
    """The first moment after `day`."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) if day else None
