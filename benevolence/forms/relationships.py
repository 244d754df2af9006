"""What people type about whom they know."""

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import Relationship
from core.validators import validate_single_line


class RelationshipForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("How you know the applicant"), choices=Relationship.choices, widget=forms.RadioSelect
    )


class DeclareForm(RelationshipForm):
    member_number = forms.CharField(label=_("Member number"), max_length=20, validators=[validate_single_line])
    last_name = forms.CharField(label=_("Last name"), max_length=100, validators=[validate_single_line])

    field_order = ("member_number", "last_name", "kind")
