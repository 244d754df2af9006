"""Money: integer cents in the database, Decimal with two places in Python."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

CENT = Decimal("0.01")
GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
DOLLARS = re.compile(r"\A\$ ?(?=[\d.])")
LARGEST = Decimal("9999999999.99")


def exact_cents(value: Any) -> int:
    """Cents of `value`, exactly. Raises ValidationError for NaN, infinity, a third decimal or too much money."""
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
        if not amount.is_finite() or abs(amount) > LARGEST:
            raise ValidationError(_("Enter an amount between 0.00 and 9,999,999,999.99."), code="invalid")
        if amount != amount.quantize(CENT):
            raise ValidationError(_("Enter an amount with at most two decimals."), code="invalid")
    except InvalidOperation as error:
        raise ValidationError(_("Enter an amount in dollars and cents, such as 1250.00."), code="invalid") from error
    return int(amount * 100)


class MoneyInput(forms.TextInput):
    """Drawn by the field component with the currency in front; a text, so that “1,250.00” can be typed."""


class MoneyFormField(forms.DecimalField):
    widget = MoneyInput
    default_error_messages = {
        "invalid": _("Enter an amount in dollars and cents, such as 1250.00."),
        "min_value": _("An amount cannot be below zero."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2, "min_value": 0, **kwargs})

    def to_python(self, value: Any) -> Any:
        text = str(value).strip() if value is not None else ""
        if text and not text.isascii():  # Decimal() reads other scripts' digits; a payroll does not
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        text = DOLLARS.sub("", text)
        return super().to_python(text.replace(",", "") if GROUPED.fullmatch(text) else text)


class MoneyField(models.BigIntegerField):
    """US dollars. `F()` and `Sum()` work on cents and come back as Decimal."""

    description = _("Amount of money")

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else (Decimal(exact_cents(value)) / 100).quantize(CENT)

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else (Decimal(value) / 100).quantize(CENT)

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None or hasattr(value, "resolve_expression") else exact_cents(value)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": MoneyFormField, **kwargs})

    @property
    def validators(self) -> list[Any]:
        return list(self._validators)  # type: ignore[attr-defined]
