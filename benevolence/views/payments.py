"""The pages of payments: the register, one payment, the second signature, the bank, and payments made together."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMixin, StepUpToRead
from benevolence import permissions as p
from benevolence.enums import PaymentMethod
from benevolence.forms.filters import PaymentFilterSet
from benevolence.forms.payments import ClearedForm, RunForm, SignForm
from benevolence.models import FULL_PERMISSIONS, BenevolenceApplication, Payment, PaymentRun
from benevolence.services import payments, vouchers
from core.audit import trail
from core.enums import Badge, ReadKind, choice_label
from core.errors import DomainError
from core.permissions import may
from core.web import exports
from core.web.columns import Column, of_field
from core.web.keyset import Sort
from core.web.lists import ExportPage, ListPage
from core.web.moves import goes_on
from core.web.views import Crumbs, FormPage, RecordFormPage, RecordPage, RowMixin

ABOVE = ((gettext_lazy("Payments"), "payment_list"),)
LISTS: tuple[str, ...] = (p.PAY, p.VIEW_DECIDED, p.COUNTERSIGN)
STATE = ("voided_at", "second_signer", "cleared_on")


def payment_badge(payment: Any) -> Badge:
    if payment.voided_at is not None:
        return Badge(_("Void"), "grey", "circle-minus")
    if payment.second_signer_id is None:
        return Badge(_("Not signed yet"), "amber", "signature")
    if payment.cleared_on is None:
        return Badge(_("Signed"), "blue", "signature")
    return Badge(_("Paid by the bank"), "green", "cash")


class PaymentListBase(ListPage):
    permission = LISTS
    has_fixed_choices = True
    model = Payment
    filterset_class = PaymentFilterSet
    list_name = "payment_list"
    record_route = "payment"
    icon = "cash"
    export_permission = (p.PAY, p.VIEW_DECIDED)  # type: ignore[assignment]
    actions_template = "benevolence/payments/_list_actions.html"
    empty_title = gettext_lazy("No payments yet")
    sorts = (
        Sort("paid", "paid_on", gettext_lazy("Paid on"), descending=True),
        Sort("voucher", "voucher_number", gettext_lazy("Voucher")),
    )

    def title(self) -> str:
        return _("Payments")

    @property
    def may_run(self) -> bool:
        return may(self.request.user, p.PAY)

    @property
    def empty_text(self) -> str:
        return _("What is paid, or waits for your signature, appears here.")

    @property
    def columns(self) -> tuple[Column, ...]:
        number = ("line__application__application_number",)
        return (
            Column("voucher", _("Voucher"), str, kind="link", sort="voucher", reads=("voucher_number",)),
            Column(
                "state", _("State"), lambda row: payment_badge(row).text, kind="badge", badge=payment_badge, reads=STATE
            ),
            of_field("paid", _("Paid on"), "paid_on", kind="date", sort="paid"),
            Column("payee", _("Payee"), lambda row: row.line.payee_name, reads=("line__payee_name",)),
            of_field("amount", _("Amount"), "amount", kind="money"),
            Column("method", _("Paid by"), method_words, reads=("payment_method",)),
            of_field("reference", _("Check or bank reference"), "reference"),
            Column("number", _("Application"), lambda row: row.line.application.application_number, reads=number),
            of_field("cleared", _("Paid by the bank on"), "cleared_on", kind="date"),
            of_field("void", _("Why void"), "void_reason", shown=False),
        )


def method_words(payment: Any) -> str:
    return choice_label(PaymentMethod, payment.payment_method)


class PaymentList(PaymentListBase):
    """The check register; for officers what waits for their signature."""


class PaymentExport(StepUpToRead, PaymentListBase, ExportPage):
    permission: tuple[str, ...] = (p.PAY, p.VIEW_DECIDED)


class PaymentPart(RowMixin):
    """What the pages below one payment share."""

    model = Payment

    def rows(self) -> Any:
        related = ("line__application__member", "paid_by", "second_signer", "voided_by", "run")
        return super().rows().select_related(*related)

    def breadcrumbs(self) -> Crumbs:
        record = self.get_object()
        return [
            (_("Payments"), reverse("payment_list")),
            (str(record), record.get_absolute_url()),
            (self.title(), None),
        ]


class PaymentPage(PaymentPart, RecordPage):
    permission = (*FULL_PERMISSIONS, p.COUNTERSIGN)
    template_name = "benevolence/payments/detail.html"

    def title(self) -> str:
        return str(self.get_object())

    def breadcrumbs(self) -> Crumbs:
        above: Crumbs = [(_("Payments"), reverse("payment_list"))] if may(self.request.user, LISTS) else []
        return [*above, (self.title(), None)]

    def extra(self, record: Any) -> dict[str, Any]:
        user = self.request.user
        seen = BenevolenceApplication.objects.in_full(user).filter(pk=record.line.application_id)
        signs = may(user, p.COUNTERSIGN) and record.second_signer_id is None and record.voided_at is None
        return {
            "badge": payment_badge(record),
            "application": seen.first(),
            "signs": signs,
            "refusal": payments.may_sign(record, user) if signs else "",
            "clears": may(user, p.PAY) and record.voided_at is None,
            "prints": may(user, vouchers.SEES) and Payment.objects.in_register(user).filter(pk=record.pk).exists(),
        }


class PaymentSign(StepUpMixin, PaymentPart, RecordFormPage):
    permission = p.COUNTERSIGN
    form_class = SignForm
    page_title = gettext_lazy("Sign the payment")
    submit_label = gettext_lazy("Sign")
    done = gettext_lazy("Signed.")

    @property
    def lead(self) -> str:
        return payments.in_words(self.get_object())

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "record": self.get_object()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := payments.may_sign(self.get_object(), request.user):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        with goes_on(self, form):
            payments.sign(self.get_object(), actor=self.request.user, version=form.cleaned_data["version"])
        return self.cancel_url()


class PaymentCleared(PaymentPart, RecordFormPage):
    permission = p.PAY
    form_class = ClearedForm
    page_title = gettext_lazy("Paid by the bank")
    submit_label = gettext_lazy("Record the day")
    lead = gettext_lazy("The day on which the bank's statement shows it.")
    done = gettext_lazy("Saved.")

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "record": self.get_object()}

    def perform(self, form: Any) -> str:
        values = form.cleaned_data
        with goes_on(self, form):
            payments.clear(
                self.get_object(), actor=self.request.user, cleared_on=values["cleared_on"], version=values["version"]
            )
        return self.cancel_url()


class RunNew(StepUpMixin, FormPage):
    """Choose payees; then one page says what will be paid, and the same form is sent once more."""

    makes_record = True
    permission = p.PAY
    template_name = "benevolence/payments/run_new.html"
    under = ABOVE
    page_title = gettext_lazy("Payment run")
    submit_label = gettext_lazy("Go on")
    lead = gettext_lazy("Choose who is paid. You see everything once more before anything is recorded.")
    done = gettext_lazy("Recorded. Print the register, and let an officer sign.")

    def get_form(self, data: Any = None, files: Any = None) -> RunForm:
        return RunForm(data, lines=payments.to_run(self.request.user))

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        trail.read(BenevolenceApplication, ReadKind.LISTED, actor=self.request.user, rows=len(form.by_key))
        return super().render_form(form, status=status, **extra)

    def cancel_url(self) -> str:
        return reverse("payment_list")

    def before_perform(self, form: Any) -> HttpResponseBase | None:
        if asked := super().before_perform(form):
            return asked
        if form.cleaned_data["confirmed"]:
            return None
        pairs = list(zip(form.chosen, form.references, strict=True))
        total = sum(line.amount for line in form.chosen)
        return self.render_form(form, to_pay=pairs, total=total)

    def perform(self, form: Any) -> str:
        values = form.cleaned_data
        run = payments.make_run(
            form.chosen,
            actor=self.request.user,
            payment_date=values["payment_date"],
            payment_method=values["payment_method"],
            first_reference=values["first_reference"],
        )
        return run.get_absolute_url()


class RunPage(RecordPage):
    """The register of one run, to be printed."""

    permission = (p.PAY, p.VIEW_DECIDED)
    model = PaymentRun
    template_name = "benevolence/payments/run.html"
    under = ABOVE

    def extra(self, record: Any) -> dict[str, Any]:
        made = payments.of_run(record, self.request.user)
        return {"made": made, "total": sum(row.amount for row in made if row.voided_at is None)}


class PositivePay(StepUpToRead, RowMixin):
    """What the bank compares presented checks with: number, day, amount, payee, and whether it is void."""

    permission = (p.PAY, p.VIEW_DECIDED)
    model = PaymentRun

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = self.get_object()
        made = payments.of_run(run, request.user)
        trail.read(Payment, ReadKind.EXPORTED, actor=request.user, rows=len(made))
        checks = [row for row in made if row.payment_method == PaymentMethod.CHECK]
        header = [_("Check number"), _("Date"), _("Amount"), _("Payee"), _("State")]
        rows = [
            (row.reference, row.paid_on, row.amount, row.line.payee_name, "V" if row.voided_at else "I")
            for row in checks
        ]
        return exports.response("csv", file_name="positive-pay", header=header, rows=rows)
