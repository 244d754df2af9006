"""The pages of the fund: what it holds, what moved, what came in."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpMixin
from benevolence import permissions as p
from benevolence.enums import Account
from benevolence.forms.filters import EntryFilterSet
from benevolence.forms.payments import ContributionForm, FundSettingsForm
from benevolence.models import BenevolenceApplication, FundSettings, FundTransfer
from benevolence.services import fund
from core.enums import choice_label
from core.errors import DomainError
from core.permissions import may
from core.records import one_row
from core.web.columns import Column, of_field
from core.web.formats import money_text
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.one_row import OneRowPage
from core.web.views import ActionPage, FormPage, RecordPage

ABOVE = ((gettext_lazy("Fund"), "fund"),)


def way_of(entry: Any) -> str:
    return f"{choice_label(Account, entry.credit_id)} → {choice_label(Account, entry.debit_id)}"


class FundPage(ListPage):
    permission = p.VIEW_FUND
    has_fixed_choices = True
    model = FundTransfer
    filterset_class = EntryFilterSet
    list_name = "fund"
    record_route = "fund_entry"
    icon = "report-money"
    template_name = "benevolence/fund/list.html"
    actions_template = "benevolence/fund/_actions.html"
    counted = (gettext_lazy("entry"), gettext_lazy("entries"))
    empty_title = gettext_lazy("Nothing is recorded yet")
    empty_text = gettext_lazy("Record the opening balance: what the bank's statement shows on the first day.")
    sorts = (Sort("on", "on", gettext_lazy("Date"), descending=True),)

    def title(self) -> str:
        return _("Fund")

    @property
    def columns(self) -> tuple[Column, ...]:
        return (
            Column("entry", _("Entry"), str, kind="link", reads=("kind",)),
            of_field("on", _("Date"), "on", kind="date", sort="on"),
            of_field("amount", _("Amount"), "amount", kind="money"),
            Column("way", _("From and to"), way_of, reads=("credit", "debit")),
            Column("number", _("Application"), number_of, reads=("application",), fill=self.fill_numbers),
            of_field("note", _("Note"), "note"),
        )

    def fill_numbers(self, rows: Sequence[Any]) -> None:
        """The numbers of those applications that the person sees; of their own or a relation's they read none."""
        seen = BenevolenceApplication.objects.in_full(self.request.user)
        keys = {row.application_id for row in rows if row.application_id}
        numbers = dict(seen.filter(pk__in=keys).values_list("pk", "application_number")) if keys else {}
        for row in rows:
            row.number = numbers.get(row.application_id, "")

    def list_context(self, *args: Any) -> dict[str, Any]:
        return {**super().list_context(*args), "held": fund.figures(), "may_record": self.may_record}

    @property
    def may_record(self) -> bool:
        return may(self.request.user, p.RECORD_FUND)


def number_of(entry: Any) -> str:
    return getattr(entry, "number", "")


class FundEntry(RecordPage):
    permission = p.VIEW_FUND
    model = FundTransfer
    template_name = "benevolence/fund/entry.html"
    under = ABOVE

    def rows(self) -> models.QuerySet:
        return super().rows().select_related("recorded_by", "application", "payment", "reverses", "reversed_by")

    def title(self) -> str:
        return str(self.get_object())

    def extra(self, record: Any) -> dict[str, Any]:
        user = self.request.user
        seen = BenevolenceApplication.objects.in_full(user).filter(pk=record.application_id)
        return {
            "application": seen.first() if record.application_id else None,
            "way": way_of(record),
            "may_reverse": may(user, p.RECORD_FUND) and not fund.not_reversible(record),
            "reversed_by": FundTransfer.objects.filter(reverses=record).first(),
        }


class ContributionPage(FormPage):
    makes_record = True
    permission = p.RECORD_FUND
    form_class = ContributionForm
    under = ABOVE
    page_title = gettext_lazy("Record what came in")
    submit_label = gettext_lazy("Record it")
    lead = gettext_lazy("Money that is in the bank. An entry is never changed; a wrong one is reversed.")
    done = gettext_lazy("Recorded.")

    def cancel_url(self) -> str:
        return reverse("fund")

    def perform(self, form: Any) -> str:
        fund.contribute(form.cleaned_data, actor=self.request.user)
        return reverse("fund")


class FundReversal(StepUpMixin, ActionPage):
    permission = p.RECORD_FUND
    model = FundTransfer
    page_title = gettext_lazy("Reverse the entry")
    submit_label = gettext_lazy("Reverse it")
    danger = True
    done = gettext_lazy("Reversed. Both entries stay in the list.")

    def breadcrumbs(self) -> Any:
        record = self.get_object()
        return [(_("Fund"), reverse("fund")), (str(record), record.get_absolute_url()), (self.title(), None)]

    @property
    def lead(self) -> str:
        record = self.get_object()
        words = {"what": record.get_kind_display(), "amount": money_text(record.amount)}
        return _("%(what)s, %(amount)s: another entry takes it back. Both stay.") % words

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := fund.not_reversible(self.get_object()):
            raise DomainError(refused)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        fund.reverse(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return reverse("fund")


class FundSettingsPage(OneRowPage):
    permission = change_permission = p.RECORD_FUND
    model = FundSettings
    form_class = FundSettingsForm
    under = ABOVE
    page_title = gettext_lazy("Settings of the fund")
    route = "fund"
    submit_label = gettext_lazy("Save the settings")
    lead = gettext_lazy("You and the trustees are told when less is available. Leave it empty for no notice.")
    done = gettext_lazy("Saved.")

    def cancel_url(self) -> str:
        return reverse("fund")

    def facts(self) -> list[tuple[Any, Any]]:
        found = one_row.current(FundSettings)
        return [(_("Told below"), found.notice_below), (_("Reports by quarter from"), found.quarters_from)]

    def save(self, values: dict[str, Any], *, version: int) -> None:
        fund.change_settings(values, actor=self.request.user, version=version)
