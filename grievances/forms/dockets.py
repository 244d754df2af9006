"""What people type about a meeting with many cases."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.permissions import Actor
from core.site import local_today
from core.validators import validate_paragraphs, validate_single_line
from core.web.filters import ListFilterSet
from core.web.formats import day_text
from core.web.forms import VersionedForm, VersionField
from grievances.enums import AnswerHow, DocketOutcome
from grievances.forms.deadlines import text
from grievances.forms.moves import attendees_field, day_field
from grievances.models import DOCKET_OUTCOMES, LONGEST_NOTE, Deadline, Docket, DocketCase, Grievance
from grievances.services.dockets import MEETING_FIELDS, Heard
from grievances.working import what_is_due

BOX = forms.CheckboxSelectMultiple
ASKED = ("outcome", "promised", "said")


class DocketFilterSet(ListFilterSet):
    class Meta:
        model = Docket
        fields: list[str] = []


class Chosen(forms.MultipleChoiceField):
    """Rows among those that the page offers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=BOX, **options)

    def offer(self, rows: Iterable[Any], words: Any) -> dict[str, Any]:
        by_key = {str(row.pk): row for row in rows}
        self.choices = [(key, words(row)) for key, row in by_key.items()]
        return by_key


def case_words(case: Any) -> str:
    """Number, grievant, article and the next date; `case` comes with `next_due`."""
    due = _("next date %(day)s") % {"day": day_text(case.next_due)} if case.next_due else _("no next date")
    lock = _("restricted") if case.is_restricted else ""
    who = case.member.list_name if case.member else ""
    return " · ".join(str(part) for part in (case, who, case.contract_article, due, lock) if part)


class EmployerForm(forms.Form):
    """With whom the meeting is; then its cases are offered."""

    employer_met: Any = forms.ModelChoiceField(
        label=_("Employer"), queryset=None, empty_label=_("Choose the employer you meet")
    )

    def __init__(self, *args: Any, employers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employer_met"].queryset = employers  # type: ignore[attr-defined]


class DocketForm(forms.Form):
    meeting_date = day_field(_("Day of the meeting"))
    place = text(_("Place"), required=False)
    union_attendees = attendees_field(_("For the union"))
    employer_attendees = attendees_field(_("For the employer"))
    cases = Chosen(
        label=_("Cases to talk about"),
        error_messages={"required": _("Tick the cases that are talked about.")},
        help_text=_("Open cases at this employer that you work, the next due first."),
    )
    version = VersionField()

    def __init__(self, *args: Any, cases: Sequence[Grievance], stays: bool = False, **kwargs: Any) -> None:
        """`stays`: another case stays on the docket, so that none of these has to."""
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["cases"]
        chosen.required = not stays
        self.by_key = chosen.offer(cases, case_words)

    def values(self) -> dict[str, Any]:
        names = ("meeting_date", "place", "union_attendees", "employer_attendees")
        return {name: self.cleaned_data[name] for name in names}

    def chosen(self) -> list[Grievance]:
        return [self.by_key[key] for key in self.cleaned_data["cases"]]


class RecordDocketForm(VersionedForm):
    """The meeting once, then of each case what was said and what came of it (`said_GR-2026-0012`, …).

    Fields bear the number of their case, for others may change meanwhile which cases are on the docket.
    """

    meeting_date = day_field(_("Day of the meeting"), error_messages={"required": _("Enter the day on which you met.")})
    union_attendees = attendees_field(_("For the union"))
    employer_attendees = attendees_field(_("For the employer"))
    how = forms.ChoiceField(
        label=_("How the employer gave answers"),
        choices=AnswerHow.choices,
        help_text=_("For the cases below that the employer answered at the meeting."),
    )

    def __init__(self, *args: Any, cases: Sequence[DocketCase], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MEETING_FIELDS:
            self.fields[name].initial = getattr(self.record, name)
        # What was planned for a later day and is recorded now was held by today.
        self.fields["meeting_date"].initial = min(self.fields["meeting_date"].initial, local_today())
        self.fields["how"].initial = AnswerHow.SPOKEN
        self.cases = [row for row in cases if not row.is_recorded or self._is_typed_about(row)]
        self.recorded: list[Any] = []
        self.taken_off = sorted(self._typed_about() - {str(row.grievance) for row in cases})
        for row in self.cases:
            self._ask_about(row)

    def _typed_about(self) -> set[str]:
        """The numbers of the cases about which something was typed."""
        parts = [name.partition("_") for name, value in self.data.items() if value]
        return {number for name, _gap, number in parts if name in ASKED}

    def _is_typed_about(self, row: DocketCase) -> bool:
        return str(row.grievance) in self._typed_about()

    def _ask_about(self, row: DocketCase) -> None:
        number = str(row.grievance)
        self.fields[f"outcome_{number}"] = forms.ChoiceField(
            label=_("What came of it"),
            choices=[("", _("Not talked about: nothing is recorded")), *DOCKET_OUTCOMES],
            required=False,
            initial=row.outcome,
        )
        self.fields[f"promised_{number}"] = day_field(_("Answer promised by"), required=False, initial=row.promised_on)
        self.fields[f"said_{number}"] = forms.CharField(
            label=_("What was said"),
            max_length=LONGEST_NOTE,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            validators=[validate_paragraphs],
            initial=row.said,
        )

    @property
    def asked(self) -> list[tuple[DocketCase, Any, Any, Any]]:
        """Each case with its three fields, for the page."""
        there = {row.pk for row in self.recorded}
        return [
            (row, *(self[f"{name}_{row.grievance}"] for name in ASKED)) for row in self.cases if row.pk not in there
        ]

    @property
    def set_apart(self) -> list[tuple[DocketCase, str]]:
        """Each case that was recorded meanwhile, and what was typed about it."""
        return [(row, self._typed(str(row.grievance))) for row in self.recorded]

    @property
    def left_out(self) -> list[tuple[str, str]]:
        """The number of each case that is not on the docket any more, and what was typed about it."""
        return [(number, self._typed(number)) for number in self.taken_off]

    def _typed(self, number: str) -> str:
        """A line each: what came of the case, by when an answer is promised, and what was said."""
        outcome, promised, said = (self.data.get(f"{name}_{number}", "") for name in ASKED)
        return "\n".join(str(part) for part in (dict(DOCKET_OUTCOMES).get(outcome, ""), promised, said) if part)

    def keep_apart(self, keys: Collection[Any]) -> None:
        """Ask no more about the cases with these keys, which are recorded by now."""
        self.recorded = [row for row in self.cases if row.pk in keys]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        met = cleaned.get("meeting_date")
        if met and met > local_today():
            self.add_error("meeting_date", _("This day is still to come. Record a meeting after it was held."))
        for row in self.cases:
            self._check_case(str(row.grievance), cleaned, met)
        if self.taken_off:
            sentence = _(
                "Not on this docket any more: %(cases)s. What you typed about it is not saved: copy what is missing "
                "into its record. Then send the rest."
            )
            self.add_error(None, sentence % {"cases": ", ".join(self.taken_off)})
        if self.cases and not self.errors and not self.heard():
            self.add_error(None, _("Choose for at least one case what came of it."))
        return cleaned

    def _check_case(self, number: str, cleaned: dict[str, Any], met: date | None) -> None:
        outcome, promised, said = (cleaned.get(f"{name}_{number}") for name in ASKED)
        if outcome == DocketOutcome.PROMISED and not promised and f"promised_{number}" not in self.errors:
            self.add_error(f"promised_{number}", _("Enter the day by which the answer is promised."))
        elif outcome == DocketOutcome.PROMISED and promised and met and promised < met:
            self.add_error(f"promised_{number}", _("This is before the meeting. Check the days."))
        if said and outcome == "":
            self.add_error(f"outcome_{number}", _("You wrote what was said. Choose what came of it."))

    def meeting(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in MEETING_FIELDS}

    def differing(self, saved: Docket) -> list[str]:
        """The fields of the meeting that hold something else than what is saved."""
        return [name for name, value in self.meeting().items() if value != getattr(saved, name)]

    def heard(self) -> dict[Any, Heard]:
        """By the key of the docket's row, what was typed about the cases that were talked about."""
        found = {}
        for row in self.cases:
            outcome, promised, said = (self.cleaned_data[f"{name}_{row.grievance}"] for name in ASKED)
            if outcome:
                day = promised if outcome == DocketOutcome.PROMISED else None
                found[row.pk] = Heard(outcome, said.replace("\r\n", "\n"), day)
        return found


class ExtendDocketForm(forms.Form):
    """One agreement on another date for several dates of several cases."""

    deadlines = Chosen(
        label=_("Dates that are put off"),
        error_messages={"required": _("Tick the dates that both sides put off.")},
    )
    new_date = day_field(_("The new date"))
    for_union = text(_("Agreed for the union"))
    for_employer = text(_("Agreed for the employer"))
    agreed_on = day_field(_("Agreed on"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False, validators=[validate_single_line])

    def __init__(self, *args: Any, deadlines: Sequence[Deadline], actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["deadlines"]
        self.by_key = chosen.offer(deadlines, deadline_words)
        self.fields["for_union"].initial = actor.get_full_name()  # type: ignore[attr-defined]
        self.fields["agreed_on"].initial = local_today()

    def chosen(self) -> list[Deadline]:
        return [self.by_key[key] for key in self.cleaned_data["deadlines"]]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "deadlines"}


def deadline_words(row: Deadline) -> str:
    who = row.grievance.member.list_name if row.grievance and row.grievance.member else ""
    parts = (row.grievance, who, what_is_due(row), day_text(row.due))
    return " · ".join(str(part) for part in parts if part)
