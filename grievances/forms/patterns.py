from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.choosing import PersonField
from accounts.models import User
from core.permissions import Actor
from core.validators import validate_sensible_date, validate_single_line
from core.web.formats import day_text
from grievances.enums import GrievanceStatus, Step
from grievances.models import Grievance
from grievances.models.facts import LONGEST_DEPARTMENT
from members.models import Organization


class EmployerField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return ", ".join(filter(None, (obj.name, obj.city)))


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        validators=[validate_sensible_date],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class PatternForm(forms.Form):
    """What the patterns are narrowed to; offered are the employers and the people of cases that the person sees."""

    first = _day(gettext_lazy("Filed from"))
    last = _day(gettext_lazy("to"))
    employer = EmployerField(
        label=gettext_lazy("Employer"), queryset=None, required=False, empty_label=gettext_lazy("All")
    )
    article = forms.CharField(
        label=gettext_lazy("Article"), required=False, max_length=100, validators=[validate_single_line]
    )
    department = forms.CharField(
        label=gettext_lazy("Supervisor’s department"),
        required=False,
        max_length=LONGEST_DEPARTMENT,
        validators=[validate_single_line],
    )
    rep = PersonField(label=gettext_lazy("Representative"), required=False, empty_label=gettext_lazy("Everybody"))
    step = forms.ChoiceField(
        label=gettext_lazy("Stands at"), required=False, choices=[("", gettext_lazy("Any")), *Step.choices]
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        required=False,
        choices=[
            ("", gettext_lazy("Any")),
            ("unresolved", gettext_lazy("Unresolved")),
            *GrievanceStatus.choices,
        ],
    )

    def __init__(self, data: Any, *, user: Actor) -> None:
        super().__init__(data)
        seen = Grievance.objects.whole_to(user).order_by()
        employer: Any = self.fields["employer"]
        rep: Any = self.fields["rep"]
        at = Organization.objects.filter(Exists(seen.filter(employer=OuterRef("pk"))))
        employer.queryset = at.order_by("name", "city", "pk")
        theirs = User.objects.filter(Exists(seen.filter(assigned_rep=OuterRef("pk"))))
        rep.queryset = theirs.order_by("last_name", "first_name", "pk")

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        first, last = asked.get("first"), asked.get("last")
        if first and last and last < first:
            raise ValidationError({"last": _("It ends before it begins. Check the two days.")})
        return asked

    @property
    def words(self) -> dict[str, str]:
        """What is asked, as the trail keeps it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def said(self) -> list[tuple[str, str]]:
        """What is asked, for people: each field that narrows, by its label, with what was chosen in it."""
        return [(str(bound.label), self._chosen(bound)) for bound in self if self.cleaned_data[bound.name]]

    def _chosen(self, bound: forms.BoundField) -> str:
        field, value = bound.field, self.cleaned_data[bound.name]
        if isinstance(field, forms.ModelChoiceField):
            return field.label_from_instance(value)
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str(dict(choices)[value])
        return day_text(value) if isinstance(value, date) else str(value)
