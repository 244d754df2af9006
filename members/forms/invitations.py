"""What is typed to invite members, and by members who ask for their account."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.validators import validate_single_line


class InviteAllForm(forms.Form):
    """`seen`: how many the page said it would invite."""

    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class ClaimForm(forms.Form):
    number = forms.CharField(
        label=_("Member number"),
        error_messages={"required": _("Enter your member number.")},
        max_length=13,
        validators=[validate_single_line],
        help_text=_("It is on your card and on letters of the local."),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        error_messages={"required": _("Enter your e-mail address.")},
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one that the local has on file for you."),
    )


class PaperCodeForm(forms.Form):
    """What a member with a code on paper types."""

    number = ClaimForm.base_fields["number"]
    code = forms.CharField(
        label=_("Code"),
        error_messages={"required": _("Enter the code.")},
        max_length=30,
        validators=[validate_single_line],
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
        help_text=_("Twelve letters and digits on the page that the office gave you."),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        error_messages={"required": _("Enter your e-mail address.")},
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("One that only you read. You sign in with it, and a link to choose a password goes there."),
    )
