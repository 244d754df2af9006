"""What people type about payments and about the fund."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import INCOME, REFERENCED, EntryKind, PaymentMethod
from benevolence.models import ABOVE_ZERO, FundSettings, FundTransfer, PaymentLine
from benevolence.services.payments import numbered, payments_of
from core.money import CENT, MoneyFormField
from core.site import local_today
from core.validators import validate_sensible_date, validate_single_line
from core.web.formats import money_text
from core.web.forms import VersionedForm, VersionedModelForm
from core.web.moves import MoveForm, WhyForm


class PayForm(MoveForm):
    conditional = ("payment_reference",)

    payment_date = forms.DateField(label=_("Paid on"), validators=[validate_sensible_date])
    payment_method = forms.ChoiceField(label=_("Paid by"), choices=PaymentMethod.choices, widget=forms.RadioSelect)
    payment_reference = forms.CharField(
        label=_("Check or bank reference"),
        max_length=60,
        required=False,
        validators=[validate_single_line],
        help_text=_("Needed for a check and for a wire transfer."),
    )
    payee = forms.TypedChoiceField(label=_("Who is paid"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment_date"].initial = local_today()
        left = list(self.record.lines.unpaid())
        payee: Any = self.fields["payee"]
        payee.choices = [(line.position, f"{line.payee_name}: {money_text(line.amount)}") for line in left]
        if len(left) == 1:
            payee.initial = left[0].position
        elif len(left) > 1:
            payee.choices = [("", _("Choose who is paid")), *payee.choices]
            payee.required = True
            payee.error_messages["required"] = _("Choose who is paid.")
        self.order_fields(["version", "payee"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("payment_method") in REFERENCED and cleaned.get("payment_reference") == "":
            self.add_error("payment_reference", _("Enter the number of the check or of the transfer."))
        return cleaned


class ReverseForm(WhyForm):
    """Which payment is void, and why."""

    voucher = forms.ChoiceField(label=_("Payment"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = list(payments_of(self.record).live())
        voucher: Any = self.fields["voucher"]
        voucher.choices = [
            (made.voucher_number, f"{made.voucher_number}: {made.line.payee_name}, {money_text(made.amount)}")
            for made in live
        ]
        if len(live) > 1:
            voucher.choices = [("", _("Choose the payment")), *voucher.choices]
            voucher.required = True
            voucher.error_messages["required"] = _("Choose the payment.")
        self.order_fields(["version", "voucher"])


class ContributionForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Where it comes from"),
        choices=[("", _("Choose where it comes from")), *((kind.value, kind.label) for kind in INCOME)],
        error_messages={"required": _("Choose where the money comes from.")},
    )
    amount = MoneyFormField(label=_("Amount"), min_value=CENT, error_messages={"min_value": ABOVE_ZERO})
    on = forms.DateField(label=_("Date"), validators=[validate_sensible_date])
    note = forms.CharField(
        label=_("Note"),
        max_length=FundTransfer._meta.get_field("note").max_length,
        required=False,
        validators=[validate_single_line],
        help_text=_("For the opening balance the statement that shows it, such as “Bank statement of October 31”."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = local_today()
        if not FundTransfer.objects.exists():
            self.fields["kind"].initial = EntryKind.OPENING


class FundSettingsForm(VersionedModelForm):
    class Meta:
        model = FundSettings
        fields = ["notice_below", "quarters_from"]
        help_texts = {
            "quarters_from": _(
                "A year is shown whole or by its quarters, never both: nobody may learn of a few by subtracting."
            )
        }


class SignForm(VersionedForm):
    """Nothing to type: the page shows what is signed."""


class ClearedForm(VersionedForm):
    record: Any
    cleared_on = forms.DateField(label=_("Paid by the bank on"), validators=[validate_sensible_date])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cleared_on"].initial = self.record.cleared_on or local_today()


class RunForm(forms.Form):
    """First who is paid and how; then, with everything on one page, once more."""

    lines = forms.MultipleChoiceField(
        label=_("Payees"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one payee.")},
    )
    payment_date = forms.DateField(label=_("Paid on"), validators=[validate_sensible_date])
    payment_method = forms.ChoiceField(
        label=_("Paid by"),
        choices=[(method.value, method.label) for method in (PaymentMethod.CHECK, PaymentMethod.DIRECT_DEPOSIT)],
        widget=forms.RadioSelect,
    )
    first_reference = forms.CharField(
        label=_("Number of the first check"),
        max_length=20,
        required=False,
        validators=[validate_single_line],
        help_text=_("The others follow it. Not needed for direct deposits."),
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[PaymentLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(line.pk): line for line in lines}
        chosen: Any = self.fields["lines"]
        chosen.choices = [
            (key, f"{line.application}: {line.payee_name}, {money_text(line.amount)}")
            for key, line in self.by_key.items()
        ]
        self.fields["payment_date"].initial = local_today()
        self.fields["payment_method"].initial = PaymentMethod.CHECK

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.chosen = [self.by_key[key] for key in cleaned.get("lines", ())]
        try:
            method, first = cleaned.get("payment_method", ""), cleaned.get("first_reference", "")
            self.references = numbered(first, method, len(self.chosen))
        except forms.ValidationError as error:
            self.add_error(None, error)
        return cleaned
