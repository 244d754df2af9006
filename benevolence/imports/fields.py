"""What a column of a list of past help can mean, and the names it goes by."""

from django.utils.translation import gettext_lazy as _

from benevolence.enums import Reason
from core.imports.declaration import Target
from members.imports.fields import DATE, LETTERS, MONEY, NUMBER

PAST_HELP_TARGETS = (
    Target(
        "member_number",
        _("Member number"),
        ("member number", "member no", "member id", "member", "card number", "card no", "book number", "no", "id"),
        NUMBER,
    ),
    Target(
        "full_name",
        _("Full name"),
        ("name", "full name", "member name", "applicant", "recipient", "paid to", "payee", "whom"),
        LETTERS,
        in_place_of=("first_name", "last_name"),
    ),
    Target("first_name", _("First name"), ("first name", "first", "given name", "fname"), LETTERS),
    Target("last_name", _("Last name"), ("last name", "last", "surname", "family name", "lname"), LETTERS),
    Target(
        "date_of_birth",
        _("Date of birth"),
        ("date of birth", "birth date", "birthdate", "birthday", "dob", "born"),
        DATE,
        is_date=True,
    ),
    Target(
        "paid_on",
        _("Paid on"),
        ("paid on", "date paid", "paid", "payment date", "check date", "date of payment", "date", "issued", "day"),
        DATE,
        is_date=True,
    ),
    Target(
        "amount",
        _("Amount"),
        ("amount", "amount paid", "paid amount", "check amount", "payment", "sum", "help", "total", "amt", "dollars"),
        MONEY,
    ),
    Target("reason", _("Reason"), ("reason", "purpose", "category", "type", "kind of help", "for", "memo")),
    Target(
        "reference",
        _("Check or bank reference"),
        ("reference", "check number", "check no", "check", "ck", "ck no", "transfer", "bank reference", "ref"),
    ),
)
# Without these nobody knows who was given what and when, so the row is refused.
VITAL = ("member_number", "full_name", "first_name", "last_name", "paid_on", "amount")
COUNTED = ("payments?", "checks?", "members?")
# Words about somebody else than who was helped.
OTHERS = frozenset({"treasurer", "officer", "signer", "approved", "landlord", "vendor", "spouse"})
REASON_WORDS: dict[str, str] = {
    **dict.fromkeys(
        ("medical bills", "hospital", "surgery", "illness", "sick", "sickness", "injury", "health"), Reason.MEDICAL
    ),
    **dict.fromkeys(("death", "funeral", "burial", "bereavement", "death in the family"), Reason.DEATH_IN_FAMILY),
    **dict.fromkeys(("fire", "flood", "storm", "tornado", "hurricane", "house fire"), Reason.DISASTER),
    **dict.fromkeys(
        ("rent", "utilities", "utility", "eviction", "layoff", "laid off", "food", "mortgage", "shut off", "strike"),
        Reason.HARDSHIP,
    ),
    "misc": Reason.OTHER,
    "miscellaneous": Reason.OTHER,
}
