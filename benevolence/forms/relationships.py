"""What people type about whom they know."""

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import Relationship


class RelationshipForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("How you know the applicant"), choices=Relationship.choices, widget=forms.RadioSelect
    )
