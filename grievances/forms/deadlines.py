"""What people type about dates: a delivery, an extension and its document."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from core.web.formats import day_text
from core.web.forms import VersionedForm
from grievances.enums import DeliveryWay
from grievances.models import LONGEST_NOTE, CaseDocument, Deadline, Extension, Grievance
from grievances.working import due_in_its_case


def text(label: Any, limit: int = 200, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, validators=[validate_single_line], **options)


class DeadlineChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{capfirst(due_in_its_case(obj))}, {day_text(obj.due)}"


class DocumentChoice(forms.ModelChoiceField):
    """One of the documents that count in a case."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=CaseDocument.objects.none(), required=False, **options)

    def of(self, case: Any) -> None:
        self.queryset = CaseDocument.objects.filter(grievance=case).current().in_order()

    def label_from_instance(self, obj: Any) -> str:
        return " · ".join(filter(None, (obj.exhibit, obj.category_label, obj.name)))


class DeliveryForm(forms.Form):
    """How something reached the employer; only this meets a deadline of ours."""

    deadline = DeadlineChoice(label=_("It meets"), queryset=None, required=False, empty_label=_("No deadline"))
    what = text(_("What was delivered"), help_text=_("For example the grievance form, or the appeal to step 2."))
    how = forms.ChoiceField(label=_("How"), choices=[("", _("Choose how")), *DeliveryWay.choices])
    to_whom = text(_("To whom"))
    day = forms.DateField(label=_("On"), validators=[validate_sensible_date])
    time = forms.TimeField(label=_("At"), help_text=_("The time on the receipt, as near as you know it."))
    proof = text(
        _("Proof"), 300, required=False, help_text=_("The number of the receipt, who signed for it, or who saw it.")
    )
    proof_file = DocumentChoice(
        label=_("Proof among the documents"),
        empty_label=_("None of them"),
        help_text=_("A receipt that is with the case already. One of the two is needed."),
    )
    conditional = ("proof", "proof_file")

    def __init__(self, *args: Any, record: Grievance, deadline: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours: Any = self.fields["deadline"]
        ours.queryset = Deadline.objects.filter(grievance=record, side="union").running().in_order()
        ours.initial = next((row.pk for row in ours.queryset if str(row.pk) == deadline), None)
        self.fields["proof_file"].of(record)  # type: ignore[attr-defined]
        now = timezone.localtime()
        self.fields["day"].initial = now.date()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "proof" in cleaned and not cleaned["proof"] and not cleaned.get("proof_file"):
            self.add_error("proof", _("Say what proves it, or choose the document that does."))
        return cleaned

    def values(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        moment = timezone.datetime.combine(found.pop("day"), found.pop("time"))  # type: ignore[attr-defined]
        return {**found, "delivered_at": timezone.make_aware(moment)}


class ExtensionForm(VersionedForm):
    new_date = forms.DateField(label=_("The new date"), validators=[validate_sensible_date])
    for_union = text(_("Agreed for the union"))
    for_employer = text(_("Agreed for the employer"))
    agreed_on = forms.DateField(label=_("Agreed on"), validators=[validate_sensible_date])
    document = text(
        _("The document that confirms it"),
        required=False,
        help_text=_("A signed letter or a mail. Without it the extension is unconfirmed and moves nothing."),
    )
    document_file = DocumentChoice(label=_("The document among those of the case"), empty_label=_("None of them"))
    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_paragraphs],
    )

    def __init__(self, *args: Any, record: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.fields["document_file"].of(record.grievance_id)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        found = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {**found, "note": found["note"].replace("\r\n", "\n")}


class ConfirmForm(VersionedForm):
    """One of the two is needed."""

    document = text(
        _("The document that confirms it"), required=False, help_text=_("For example: letter of 2 September.")
    )
    document_file = DocumentChoice(label=_("The document among those of the case"), empty_label=_("None of them"))
    conditional = ("document", "document_file")

    def __init__(self, *args: Any, record: Extension, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.fields["document_file"].of(record.grievance_id)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "document" in cleaned and not cleaned["document"] and not cleaned.get("document_file"):
            self.add_error("document", _("Name the document that both sides signed, or choose it."))
        return cleaned
