"""Functions that raise ValidationError for what a member's or organization's field may not hold."""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from core.web.formats import home_phone_text, phone_text

validate_member_number = RegexValidator(
    r"\A[A-Z]?[0-9]{1,12}\Z", _("A member number is digits, or one letter and digits, such as 104233 or A5120.")
)
# As nearly everybody writes a number; the library, which knows all of them, takes fifty times as long.
USUAL_PHONE = re.compile(r"(?:\+1)?(?:\(([2-9]\d\d)\)|([2-9]\d\d))[ .-]?(\d{3})[ .-]?(\d{4})", re.ASCII)
validate_zip_code = RegexValidator(r"\A[0-9]{5}(-[0-9]{4})?\Z", _("A ZIP code has five digits, or nine: 60601-1234."))


def normal_phone(text: str) -> str:
    """A phone number as it is stored: +1 and ten digits with an optional extension, or as written abroad (E.164).

    Raises ValidationError for what cannot be a number.
    """
    text = text.strip()
    if not text:
        return ""
    if usual := USUAL_PHONE.fullmatch(text):
        return f"+1{usual[1] or usual[2]}{usual[3]}{usual[4]}"
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_("Enter a phone number with area code, such as 312 555 0123.")) from error
    # "Possible" alone would let a number without its area code pass.
    whole = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not whole or not re.fullmatch(r"[^a-wyzA-WYZ]*", text.replace("ext", "")):
        raise ValidationError(_("Enter a phone number with area code, such as 312 555 0123."))
    base = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{base}x{number.extension}" if number.extension else base


def shown_phone(stored: str) -> str:
    """A stored number as people at home write it; anything else unchanged."""
    if at_home := home_phone_text(stored):
        return at_home
    try:
        number = phonenumbers.parse(stored, "US")
    except phonenumbers.NumberParseException:
        return stored
    if normal_phone_or_empty(stored) != stored:
        return stored
    return phone_text(number)


def normal_phone_or_empty(text: str) -> str:
    try:
        return normal_phone(text)
    except ValidationError:
        return ""


def validate_phone(value: str) -> None:
    if normal_phone(value) != value:
        raise ValidationError(_("Enter a phone number with area code, such as 312 555 0123."))
