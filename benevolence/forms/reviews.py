"""What people type at the levels."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.forms.applications import ParagraphsField
from benevolence.models import ABOVE_ZERO
from benevolence.services.reviews import most_to_approve
from core.money import CENT, MoneyFormField
from core.validators import validate_sensible_date
from core.web.formats import money_text
from core.web.moves import MoveForm


class ApproveForm(MoveForm):
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
        for line in self.lines:
            hint = _("At most %(most)s.") % {"most": money_text(line.amount)}
            field = MoneyFormField(label=line.payee_name, required=False, help_text=hint)
            self.fields[f"payee_{line.position}"] = field
            field.initial = line.amount

    def values(self) -> dict[str, Any]:
        """What each payee gets, where several are to be paid; a field left empty leaves it as it is."""
        found = super().values()
        given = {line.position: found.pop(f"payee_{line.position}", None) for line in self.lines}
        return {**found, "amounts": {position: amount for position, amount in given.items() if amount is not None}}


class DenyForm(MoveForm):
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
