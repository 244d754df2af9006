"""What the moves of a case ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.money import MoneyFormField
from core.site import local_today
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from core.web.forms import ReasonForm
from core.web.moves import MoveForm
from grievances.enums import Answer, AnswerHow, Step, Told
from grievances.models import LONGEST_NOTE, Grievant
from grievances.services.arbitration import ending_of
from grievances.services.step_records import MEETING_FIELDS, current_record


def day_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, validators=[validate_sensible_date], **options)


def attendees_field(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, required=False, validators=[validate_single_line])


class TextMoveForm(MoveForm):
    def values(self) -> dict[str, Any]:
        """With plain line ends, as everything is stored."""
        found = super().values()
        return {name: value.replace("\r\n", "\n") if isinstance(value, str) else value for name, value in found.items()}


class MeetingForm(TextMoveForm):
    meeting_date = day_field(_("Day of the meeting"), error_messages={"required": _("Enter the day on which you met.")})
    union_attendees = attendees_field(_("For the union"))
    employer_attendees = attendees_field(_("For the employer"))
    notes = forms.CharField(
        label=_("What was said"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[validate_paragraphs],
        help_text=_("Everybody who works the case reads this. What only our side may know belongs in the notes."),
    )
    fields_template = "grievances/moves/_meeting_fields.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting_date"].initial = local_today()


class AdvanceForm(MeetingForm):
    """Asks about a meeting only where nothing is recorded of the step that the case leaves."""

    meeting_date = day_field(_("Day of the meeting"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting_date"].initial = None
        if current_record(self.record) is not None:
            for name in MEETING_FIELDS:
                del self.fields[name]

    @property
    def asks_about_meeting(self) -> bool:
        return "meeting_date" in self.fields

    fields_template = "grievances/moves/_advance_fields.html"


class AnswerForm(TextMoveForm):
    """The employer's answer; the day on which it came need not be that of a meeting."""

    answer = forms.ChoiceField(
        label=_("The answer"),
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the employer answered.")},
    )
    received_on = day_field(
        _("Received on"),
        error_messages={"required": _("Enter the day on which we got the answer.")},
        help_text=_("The day on which it reached us, not the day of the meeting or the date on the letter."),
    )
    how = forms.ChoiceField(
        label=_("How it came"),
        choices=[("", _("Choose how")), *AnswerHow.choices],
        error_messages={"required": _("Choose how the answer came.")},
    )
    given_by = forms.CharField(label=_("Given by"), max_length=200, required=False, validators=[validate_single_line])
    words = forms.CharField(
        label=_("What it says"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[validate_paragraphs],
    )
    fields_template = "grievances/moves/_answer_fields.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = local_today()


class ReopenForm(MoveForm):
    reason = ReasonForm.base_fields["reason"]


class ResolveForm(TextMoveForm):
    """Why, who decided, when, and of each grievant when and how they were told (`told_on_0`, `told_how_0`, …)."""

    reason = forms.CharField(
        label=_("Reason"),
        error_messages={"required": _("Say why the case ends.")},
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[validate_paragraphs],
    )
    decided_by = forms.CharField(
        label=_("Decided by"),
        error_messages={"required": _("Say who decided it.")},
        max_length=200,
        validators=[validate_single_line],
        help_text=_("Who agreed to end the case, for example the grievance committee."),
    )
    day = day_field(_("Decided on"), error_messages={"required": _("Enter the day on which it was decided.")})
    fields_template = "grievances/moves/_resolve_fields.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = local_today()
        for name, value in (ending_of(self.record) if self.record.current_step == Step.ARBITRATION else {}).items():
            if name in self.fields:
                self.fields[name].initial = value
        self.grievants: list[Grievant] = list(self.record.grievants.select_related("member"))
        for number, grievant in enumerate(self.grievants):
            name = grievant.member.full_name
            self.fields[f"told_on_{number}"] = day_field(
                _("%(name)s was told on") % {"name": name},
                error_messages={"required": _("Enter the day on which they were told.")},
            )
            self.fields[f"told_how_{number}"] = forms.ChoiceField(
                label=_("How"),
                choices=[("", _("Choose how")), *Told.choices],
                error_messages={"required": _("Choose how they were told.")},
            )

    @property
    def told_fields(self) -> list[tuple[Any, Any]]:
        """The two fields of each grievant, for the page."""
        return [(self[f"told_on_{number}"], self[f"told_how_{number}"]) for number in range(len(self.grievants))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for number in range(len(self.grievants)):
            told_on = cleaned.get(f"told_on_{number}")
            if told_on and told_on > local_today():
                self.add_error(f"told_on_{number}", _("This day is still to come. Tell them first."))
            elif told_on and told_on < self.record.filed_date:
                self.add_error(f"told_on_{number}", _("This is before the case was filed. Check the date."))
        return cleaned

    def values(self) -> dict[str, Any]:
        found = super().values()
        told = [
            (grievant, found.pop(f"told_on_{number}"), found.pop(f"told_how_{number}"))
            for number, grievant in enumerate(self.grievants)
        ]
        return {**found, "told": told}


class SettleForm(ResolveForm):
    amount = MoneyFormField(
        label=_("Amount"), required=False, help_text=_("What the employer pays in all; empty when no money is paid.")
    )

    paid_by = day_field(
        _("To be paid by"), required=False, help_text=_("It waits among what has to be done until it is checked off.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day, paid_by = cleaned.get("day"), cleaned.get("paid_by")
        if day and paid_by and paid_by < day:
            self.add_error("paid_by", _("This is before it was decided. Check the days."))
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Terms of the settlement")
        self.fields["reason"].error_messages["required"] = _("Say what was agreed.")


class NotPursuedForm(ResolveForm):
    """Somebody decides not to go on: what was compared, and until when the grievant may appeal within the union."""

    comparable_cases = forms.CharField(
        label=_("Comparable cases looked at"),
        error_messages={"required": _("Say which comparable cases you looked at, or that there are none.")},
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_paragraphs],
        help_text=_("Their numbers, and why this one is decided as they were or otherwise. We keep it to ourselves."),
    )
    appeal_until = day_field(
        _("The grievant may appeal until"),
        required=False,
        help_text=_("The last day on which they may appeal within the union. They read it on the page of their case."),
    )


class WithdrawForm(NotPursuedForm):
    with_prejudice = forms.TypedChoiceField(
        label=_("With or without prejudice"),
        error_messages={"required": _("Choose whether it is with or without prejudice.")},
        choices=[
            ("False", _("Without prejudice: the same matter may be grieved again")),
            ("True", _("With prejudice: this matter is over for good")),
        ],
        coerce=lambda value: value == "True",
        empty_value=None,
        widget=forms.RadioSelect,
    )
