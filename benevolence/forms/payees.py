"""Who should be paid, in the applicant's words: a few rows, of which most people fill one."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence.enums import Payee, Side
from benevolence.models import ABOVE_ZERO, MOST_PAYEES, PaymentLine
from benevolence.services.payees import PAYEE_FIELDS
from benevolence.services.sides import side_of
from core.money import CENT, MoneyFormField
from core.validators import validate_single_line
from core.web.forms import VersionedForm

LENGTHS = {name: PaymentLine._meta.get_field(name).max_length for name in PAYEE_FIELDS if name != "asked"}
WORDS = {
    "payee_name": gettext_lazy("Name"),
    "address": gettext_lazy("Address"),
    "purpose": gettext_lazy("What for"),
    "account_number": gettext_lazy("Account number there"),
}
HINTS = {
    "payee_name": gettext_lazy("As it stands on the bill; leave it empty where the member is paid."),
    "account_number": gettext_lazy("The customer number on the bill of a utility. Never a bank account."),
}


def payee_fields() -> dict[str, forms.Field]:
    kinds = [("", gettext_lazy("Choose who is paid")), *Payee.choices]
    found: dict[str, forms.Field] = {
        "payee_kind": forms.ChoiceField(label=gettext_lazy("Who is paid"), choices=kinds, required=False),
    }
    for name, label in WORDS.items():
        found[name] = forms.CharField(
            label=label,
            help_text=HINTS.get(name, ""),
            max_length=LENGTHS[name],
            required=False,
            validators=[validate_single_line],
        )
    found["asked"] = MoneyFormField(
        label=gettext_lazy("Amount"), min_value=CENT, required=False, error_messages={"min_value": ABOVE_ZERO}
    )
    return found


class PayeeInForm(forms.BaseForm):
    """One payee within the form of a draft, who gets all that is asked for. Several are named on their own page."""

    one_statement: tuple[str, ...] = ("payee_kind", *WORDS)
    fields: Any

    def ask_payee(self, lines: Sequence[Any], *, own: bool) -> None:
        """Add the fields, where not several are named, nor were when the page that was sent was drawn.

        `own`: the member is the one who reads the form.
        """
        form: Any = self
        was_asked = not form.is_bound or any(form.add_prefix(name) in form.data for name in self.one_statement)
        if len(lines) > 1 or (lines and not was_asked):
            return
        for name, field in payee_fields().items():
            if name != "asked":
                field.initial = getattr(lines[0], name) if lines else None
                self.fields[name] = field
        if own:
            kinds = [(kind, _("Me") if kind == Payee.MEMBER else label) for kind, label in Payee.choices]
            self.fields["payee_kind"].choices = [("", gettext_lazy("Choose who is paid")), *kinds]

    @property
    def payee_rows(self) -> list[Any]:
        form: Any = self
        return [form[name] for name in payee_fields() if name in self.fields]

    def check_payee(self, cleaned: dict[str, Any]) -> None:
        if (fault := payee_fault(cleaned)) and fault[0] in self.fields:
            self.add_error(*fault)

    def payee(self) -> dict[str, Any] | None:
        """What was typed, {} where that is nothing; None where the fields were not there to be typed into."""
        form: Any = self
        found = {bound.name: form.cleaned_data[bound.name] for bound in self.payee_rows}
        return (found if any(found.values()) else {}) if found else None

    def saved_payee(self, application: Any) -> dict[str, Any]:
        """What the fields show of the payee that is named now."""
        line = application.lines.named().first()
        return {bound.name: getattr(line, bound.name, "") for bound in self.payee_rows}


def payee_fault(typed: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with the words of one payee: the field, and the sentence."""
    if not any(typed.get(name) for name in ("payee_kind", *WORDS)):
        return None
    if not typed.get("payee_kind"):
        return "payee_kind", _("Choose who is paid.")
    if typed["payee_kind"] != Payee.MEMBER and not typed.get("payee_name"):
        return "payee_name", _("Enter the name on the bill.")
    return None


class PayeesForm(VersionedForm):
    """Rows `payee_name_1`, `payee_name_2` …: without JavaScript all of them are there, closed where they are empty."""

    record: Any

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The office no longer sees what it entered; what it types replaces that.
        is_blind = side_of(actor, self.record) == Side.INTAKE and self.record.application_number is not None
        lines = [] if is_blind else list(self.record.lines.named())
        for number in range(1, MOST_PAYEES + 1):
            line = lines[number - 1] if number <= len(lines) else None
            for name, field in payee_fields().items():
                field.initial = getattr(line, name) if line else None
                self.fields[f"{name}_{number}"] = field

    @property
    def rows(self) -> Iterator[tuple[int, bool, list[Any]]]:
        """(number, whether it is open, its fields)."""
        for number in range(1, MOST_PAYEES + 1):
            fields = [self[f"{name}_{number}"] for name in payee_fields()]
            is_filled = any(field.value() for field in fields) or any(field.errors for field in fields)
            yield number, number == 1 or is_filled, fields

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.payees: list[dict[str, Any]] = []
        for number in range(1, MOST_PAYEES + 1):
            found = {name: cleaned.get(f"{name}_{number}") for name in payee_fields()}
            if not any(found.values()):
                continue
            if found["asked"] is None and f"asked_{number}" not in self.errors:
                self.add_error(f"asked_{number}", _("Enter what this payee is to get."))
            if not found["payee_kind"]:
                self.add_error(f"payee_kind_{number}", _("Choose who is paid."))
            elif fault := payee_fault(found):
                self.add_error(f"{fault[0]}_{number}", fault[1])
            self.payees.append({name: value or "" for name, value in found.items()})
        if not self.payees and not self.errors:
            self.add_error("asked_1", _("Enter at least one payee. If you are paid yourself, choose “The member”."))
        return cleaned

    def total(self) -> Decimal:
        return sum((payee["asked"] for payee in self.payees), Decimal(0))
