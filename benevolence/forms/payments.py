"""What people type about payments and about the fund."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.enums import INCOME, REFERENCED, EntryKind, PaymentMethod
from benevolence.models import ABOVE_ZERO, FundSettings, FundTransfer
from benevolence.services.payments import payments_of
from core.money import CENT, MoneyFormField
from core.site import local_today
from core.validators import validate_sensible_date, validate_single_line
from core.web.formats import money_text
from core.web.forms import VersionedModelForm
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
        fields = ["notice_below"]
