"""What people type about applications."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import DocumentCategory, Reason, Side
from benevolence.forms.payees import PayeeInForm
from benevolence.models import ABOVE_ZERO, TEXT_LENGTH, BenevolenceApplication, kind_label
from benevolence.services.applications import (
    DRAFT_FIELDS,
    INTAKE_FIELDS,
    REQUEST_FIELDS,
    editable_by,
    knows_request,
)
from benevolence.services.facts import documents_missing
from benevolence.services.sides import side_of
from benevolence.services.workflow import is_applicants
from core.money import CENT, MoneyFormField
from core.permissions import Actor
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date
from core.web.forms import PlainlyAsked, VersionedModelForm
from core.web.moves import MoveForm, WhyForm
from core.web.upload import TAKEN, CameraInput, FilesField
from members.forms.members import MemberField

NEVER_TYPED = _("Never a social security number, a bank account or a diagnosis.")


REASONS = [("", _("Choose the reason")), *Reason.choices]


class ParagraphsField(forms.CharField):
    """Text of several lines, with the line ends that are kept."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**{"max_length": TEXT_LENGTH, "widget": widget, **kwargs})
        self.validators.append(validate_paragraphs)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")


def still_to_come(form: Any, before: Any) -> Any:
    """The day by which help is needed, as it was typed: to come, unless it is what is on file."""
    day = form.cleaned_data["needed_by"]
    if day and day < local_today() and day != before:
        raise forms.ValidationError(_("This day is over. Enter a day that is still to come, or leave it empty."))
    return day


class ApplicationForm(PayeeInForm, VersionedModelForm):
    """A draft as the applicant writes it, with the payee where there is one."""

    is_own = True

    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, error_messages={"required": _("Choose the reason.")})
    description = ParagraphsField(
        label=_("What happened"),
        rows=6,
        help_text=NEVER_TYPED,
        error_messages={"required": _("Say what happened.")},
    )

    class Meta:
        model = BenevolenceApplication
        fields = list(DRAFT_FIELDS)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_requested"].label = _("Amount you ask for")
        self.fields["amount_requested"].help_text = _("In dollars, as on the bill.")
        self.fields["is_related_to_office"].label = _("I am related to an officer or employee of the local")
        self.fields["needed_by"].help_text = _("The day of the shut-off, the rent or the funeral.")
        lines = () if self.instance._state.adding else self.instance.lines.named()[:2]
        self.ask_payee(list(lines), own=self.is_own)

    def saved_values(self, row: Any) -> dict[str, Any]:
        return {**super().saved_values(row), **self.saved_payee(row)}

    def clean_needed_by(self) -> Any:
        return still_to_come(self, self.initial.get("needed_by"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_payee(cleaned)
        return cleaned


class OfficeApplicationForm(ApplicationForm):
    """A draft as the office enters it: also whose it is, and what the office notes."""

    notes = ParagraphsField(
        label=_("Notes of the office"), required=False, help_text=_("The applicant does not see them.")
    )

    is_own = False

    class Meta(ApplicationForm.Meta):
        fields = list(INTAKE_FIELDS)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["amount_requested"].label = _("Amount asked for")
        self.fields["is_related_to_office"].label = _("The member is related to an officer or employee of the local")
        if self.instance._state.adding:
            self.fields["member"] = MemberField(label=_("Member"), actor=actor)


def application_form(actor: Actor, application: BenevolenceApplication | None = None) -> type[ApplicationForm]:
    """The form with the fields that services.editable_by gives to `actor`."""
    return OfficeApplicationForm if editable_by(actor, application) == INTAKE_FIELDS else ApplicationForm


class RequestForm(PlainlyAsked, forms.Form):
    """What is asked for."""

    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, error_messages={"required": _("Choose the reason.")})
    description = ParagraphsField(
        label=_("What happened"),
        rows=6,
        help_text=NEVER_TYPED,
        error_messages={"required": _("Say what happened.")},
    )
    amount_requested = MoneyFormField(
        label=_("Amount you ask for"), min_value=CENT, error_messages={"min_value": ABOVE_ZERO}
    )
    needed_by = forms.DateField(label=_("Needed by"), required=False, validators=[validate_sensible_date])


class AppealForm(RequestForm):
    """The request anew, from the office alone, which no longer sees what it entered."""

    def __init__(self, *args: Any, record: BenevolenceApplication, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if knows_request(record, actor):
            self.fields.clear()

    def clean_needed_by(self) -> Any:
        return still_to_come(self, None)


class AmendForm(RequestForm, MoveForm):
    """The request anew. The office no longer sees what it entered, so it types only what is different."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_blind = side_of(self.actor, self.record) == Side.INTAKE
        for name in REQUEST_FIELDS:
            if self.is_blind:
                self.fields[name].required = False
            else:
                self.fields[name].initial = getattr(self.record, name)
        if self.is_blind:
            choices = [("", _("Leave it as it is")), *Reason.choices]
            self.fields["reason"] = forms.ChoiceField(label=_("Reason"), choices=choices, required=False)

    def clean_needed_by(self) -> Any:
        return still_to_come(self, self.record.needed_by)

    def values(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in REQUEST_FIELDS}
        if self.is_blind:
            given = {name: value for name, value in given.items() if value not in (None, "")}
        return {"version": self.cleaned_data["version"], "values": given}


class AnswerForm(MoveForm):
    """In words, with a photo or other files, or both."""

    conditional = ("text", "photo", "uploads")

    text = ParagraphsField(label=_("Your answer"), required=False, help_text=NEVER_TYPED)
    photo = FilesField(label=_("Take a photo"), widget=CameraInput, required=False)
    uploads = FilesField(label=_("Choose files"), required=False, help_text=TAKEN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if missing := documents_missing(self.record):
            kinds = [DocumentCategory.ANSWER.value, *missing]
            self.fields["category"] = forms.ChoiceField(
                label=_("What are the files?"),
                choices=[(kind, kind_label(kind)) for kind in kinds],
                initial=kinds[0],
                required=False,
                widget=forms.RadioSelect,
                help_text=_("The rules ask for what stands here and is still missing."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("text") or cleaned.get("photo") or cleaned.get("uploads")):
            self.add_error("text", _("Write your answer, or attach a photo."))
        return cleaned

    def values(self) -> dict[str, Any]:
        given = super().values()
        files = [*given.pop("photo", ()), *given.pop("uploads", ())]
        category = given.pop("category", "") or DocumentCategory.ANSWER.value
        return {**given, "files": files, "category": category}


class WithdrawForm(WhyForm):
    """Applicants need not say why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = not is_applicants(self.record, self.actor)
        self.fields["reason"].help_text = _("Whoever reviews the application reads this.")
