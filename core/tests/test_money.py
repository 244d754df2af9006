from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Sum, Value

from core.money import LARGEST, MoneyField, MoneyFormField, exact_cents
from core.tests.sample.models import Ticket

# battery.md E9: a stored value is exact, or it is refused.
REFUSED = [
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "inf",
    "1e999999",
    "1e-999999",
    "0.001",
    "12.345",
    "1000000000000",
    "10000000000.00",
    "1e10",
    "0.1e-5",
    "abc",
    "12.5.0",
    "--1",
    "0x10",
    "1_0.5.1",
    "\x00",
    "1\x002",
]
REFUSED_FORM_ONLY = [
    "١٢",
    "१२.५०",
    "１２",
    "12,50",
    "1,25",
    "1.234,50",
    "1.2,5",
    "1,2.50",
    "1,2345",
    "−5",
    "$",
    "$-5",
    "$$5",
    "5 USD",
    "-1",
]
EXACT = {
    "0": 0,
    "0.00": 0,
    "0.01": 1,
    "0.1": 10,
    "12.5": 1250,
    "12.50": 1250,
    "1e2": 10000,
    "9999999999.99": 999999999999,
}


class AmountForm(forms.Form):
    amount = MoneyFormField()


@pytest.mark.parametrize(("text", "cents"), EXACT.items())
def test_what_is_stored_is_exact(db, text, cents):
    assert exact_cents(text) == exact_cents(Decimal(text)) == cents
    form = AmountForm({"amount": text})
    assert (form.errors, form.cleaned_data["amount"]) == ({}, Decimal(text))
    ticket = Ticket.objects.create(title="Amount", amount=text)
    ticket.refresh_from_db()
    assert (ticket.amount, str(ticket.amount)) == (Decimal(cents) / 100, f"{cents // 100}.{cents % 100:02d}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT amount FROM sample_ticket")
        assert cursor.fetchone()[0] == cents


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_an_amount_is_refused_everywhere(db, text):
    with pytest.raises(ValidationError):
        exact_cents(text)
    assert not AmountForm({"amount": text}).is_valid()
    with pytest.raises(ValidationError):
        Ticket(title="Amount", amount=text).full_clean()
    with pytest.raises(ValidationError), transaction.atomic():
        Ticket.objects.create(title="Amount", amount=text)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("text", REFUSED_FORM_ONLY)
def test_what_an_office_would_misread_is_refused_in_forms(text):
    form = AmountForm({"amount": text})
    assert not form.is_valid()
    assert list(form.errors) == ["amount"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,250.00", "1250.00"),
        ("1,250", "1250"),
        ("9,999,999,999.99", "9999999999.99"),
        (" 12.50 ", "12.50"),
        ("$5", "5"),
        ("$ 1,250.50", "1250.50"),
    ],
)
def test_thousands_may_be_grouped_as_on_paper(text, amount):
    form = AmountForm({"amount": text})
    assert (form.errors, form.cleaned_data["amount"]) == ({}, Decimal(amount))


@pytest.mark.parametrize(
    "value", [0.1 + 0.2, float("nan"), float("inf"), True and 1e20, Decimal("sNaN"), object(), [], ()]
)
def test_no_float_noise_and_no_objects(value):
    with pytest.raises(ValidationError):
        exact_cents(value)


def test_minus_zero_is_zero_and_negative_amounts_are_for_the_model_to_allow():
    assert exact_cents("-0") == 0
    assert exact_cents(Decimal("-0.00")) == 0
    assert exact_cents("-12.34") == -1234
    assert exact_cents(-LARGEST) == -999999999999


def test_arithmetic_in_the_database_is_exact(db):
    for _row in range(10):
        Ticket.objects.create(title="Dime", amount="0.10")
    assert Ticket.objects.aggregate(total=Sum("amount"))["total"] == Decimal("1.00")
    Ticket.objects.update(amount=F("amount") + Value(Decimal("0.20"), output_field=MoneyField()))
    assert Ticket.objects.filter(amount=Decimal("0.30")).count() == 10
    assert Ticket.objects.filter(amount__gt="0.29", amount__lte=Decimal("0.30")).count() == 10


def test_no_amount_is_none(db):
    ticket = Ticket.objects.create(title="None", amount=None)
    ticket.refresh_from_db()
    ticket.full_clean()
    assert ticket.amount is None
    assert MoneyFormField(required=False).clean("") is None
