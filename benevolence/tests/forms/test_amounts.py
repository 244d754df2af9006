"""Amounts of the fund and of payees (battery E9): exact, or refused with a sentence."""

from decimal import Decimal

import pytest

from benevolence.factories import ApplicationFactory
from benevolence.forms.payees import PayeesForm
from benevolence.forms.payments import ContributionForm

pytestmark = pytest.mark.django_db
TAKEN = {"$1,800": "1800.00", "1,800.00": "1800.00", " 0.01 ": "0.01", "9999999999.99": "9999999999.99"}
REFUSED = (
    *("NaN", "sNaN", "Infinity", "-Infinity", "1e999999", "1e-999999", "-0", "0", "-5"),
    *("1.005", "10000000000000", "٤٠", "1800,50", "12oo"),
)


def contribution(text):
    form = ContributionForm({"kind": "dues", "amount": text, "on": "2026-01-05", "note": ""})
    return form.cleaned_data["amount"] if form.is_valid() else None


@pytest.fixture
def payee(people):
    draft = ApplicationFactory(entered_by=people["staff"])

    def amount(text):
        typed = {"payee_kind_1": "member", "asked_1": text, "version": "1"}
        form = PayeesForm(typed, record=draft, actor=people["staff"])
        return form.payees[0]["asked"] if form.is_valid() else None

    return amount


def test_what_is_typed_is_exact_or_refused(payee):
    for read in (contribution, payee):
        assert {text: read(text) for text in TAKEN} == {text: Decimal(amount) for text, amount in TAKEN.items()}
        assert {text: read(text) for text in REFUSED} == dict.fromkeys(REFUSED)
