"""What people type at the levels."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import Side
from benevolence.forms.applications import ParagraphsField
from benevolence.models import ABOVE_ZERO, MOTION_LENGTH
from benevolence.services import votes
from benevolence.services.reviews import most_to_approve
from benevolence.services.sides import side_of
from core.money import CENT, MoneyFormField
from core.validators import validate_sensible_date, validate_single_line
from core.web.formats import money_text
from core.web.moves import MoveForm


class VoteForm(MoveForm):
    """Where the rules ask for a vote, the last level records it with its decision."""

    motion = ParagraphsField(label=_("Motion"), rows=2, required=False, max_length=MOTION_LENGTH)
    present = forms.IntegerField(label=_("Present"), required=False, min_value=1, max_value=100_000)
    votes_for = forms.IntegerField(label=_("Votes for"), required=False, min_value=0, max_value=100_000)
    votes_against = forms.IntegerField(label=_("Votes against"), required=False, min_value=0, max_value=100_000)
    minute_number = forms.CharField(
        label=_("Number of the minutes"), required=False, max_length=40, validators=[validate_single_line]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not votes.is_asked(self.record):
            for name in votes.FIELDS:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        counted = [cleaned.get(name) or 0 for name in ("votes_for", "votes_against")]
        if "present" in self.fields and cleaned.get("present") and sum(counted) > cleaned["present"]:
            self.add_error("present", _("More voted than were present. Correct one of the numbers."))
        return cleaned

    def values(self) -> dict[str, Any]:
        given = super().values()
        vote = {name: given.pop(name) for name in votes.FIELDS if name in given}
        return {**given, "vote": vote} if vote else given


class ApproveForm(VoteForm):
    amount = MoneyFormField(label=_("Amount to approve"), min_value=CENT, error_messages={"min_value": ABOVE_ZERO})
    comments = ParagraphsField(
        label=_("Comments"), required=False, help_text=_("For the other levels. The applicant does not read them.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].initial = most = most_to_approve(self.record)
        self.fields["amount"].help_text = _("At most $%(most)s; you may lower it.") % {"most": f"{most:,}"}
        lines = list(self.record.lines.to_pay())
        self.lines = lines if len(lines) > 1 else []
        is_blind = bool(self.lines) and side_of(self.actor, self.record) == Side.BLIND
        for line in self.lines:
            hint = _("At most %(most)s.") % {"most": money_text(line.amount)}
            name = _("Payee %(n)s") % {"n": line.position} if is_blind else line.payee_name
            field = MoneyFormField(label=name, required=False, help_text=hint)
            self.fields[f"payee_{line.position}"] = field
            field.initial = line.amount

    def values(self) -> dict[str, Any]:
        """What each payee gets, where several are to be paid; a field left empty leaves it as it is."""
        found = super().values()
        given = {line.position: found.pop(f"payee_{line.position}", None) for line in self.lines}
        return {**found, "amounts": {position: amount for position, amount in given.items() if amount is not None}}


class DenyForm(VoteForm):
    reason = ParagraphsField(
        label=_("Reason"),
        help_text=_("The applicant reads this, word for word."),
        error_messages={"required": _("Say why, so that the applicant can understand it.")},
    )


class AskForm(MoveForm):
    question = ParagraphsField(
        label=_("Your question"),
        help_text=_("The applicant reads this, word for word."),
        error_messages={"required": _("Write your question.")},
    )


class DeferForm(MoveForm):
    until = forms.DateField(label=_("Put off until"), validators=[validate_sensible_date])
    comments = ParagraphsField(label=_("Why"), help_text=_("For the other levels. The applicant does not read it."))
