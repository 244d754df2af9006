"""What people say of the documents of a case."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import VersionedModelForm
from core.web.upload import FilesForm
from grievances.enums import STEPS, DocumentCategory, Series
from grievances.models import CaseDocument, Grievance
from grievances.services.documents import SAID

STEP_CHOICES = [("", _("The whole case")), *((str(number), step.label) for number, step in enumerate(STEPS, 1))]
SHARED = _("The grievant sees it on the page of their case.")


def category_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("What is it?"),
        choices=[("", _("Choose what it is")), *DocumentCategory.choices],
        error_messages={"required": _("Choose what it is.")},
    )


def step_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("At which step?"), choices=STEP_CHOICES, coerce=int, empty_value=None, required=False
    )


def shared_field() -> forms.BooleanField:
    return forms.BooleanField(label=_("Share it with the grievant"), required=False, help_text=SHARED)


class CaseFilesForm(FilesForm):
    category = category_field()
    step_number = step_field()
    is_shared = shared_field()

    def __init__(self, *args: Any, grievance: Grievance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step_number"].initial = grievance.step_number


class DescribeForm(VersionedModelForm):
    """What a document is, beside its content. Whether an exhibit has its number is checked once it was given one."""

    category = category_field()
    step_number = step_field()
    exhibit_series = forms.ChoiceField(
        label=_("Exhibit of"), choices=[("", _("No exhibit")), *Series.choices], required=False
    )
    exhibit_number = forms.IntegerField(
        label=_("Exhibit number"),
        min_value=1,
        max_value=999,
        required=False,
        help_text=_("Leave it empty for the next number of the series."),
    )
    is_shared = shared_field()

    class Meta:
        model = CaseDocument
        fields = list(SAID)

    def validate_constraints(self) -> None:
        return
