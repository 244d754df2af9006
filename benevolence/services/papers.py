"""What the papers of an application say: the letter that tells the decision, the receipt for what was paid."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benevolence.enums import DECIDED, Decision, PaymentMethod, Side, Status
from benevolence.models import BenevolenceApplication, Payment
from benevolence.services.sides import shown_fields
from core.enums import choice_label
from core.errors import DomainError
from core.papers.typeset import Paper
from core.web.formats import day_text, money_text

TEMPLATE = "papers/letter.typ"


@dataclass(frozen=True, slots=True)
class Kind:
    """A paper there is from one of `statuses` on; before that `early` says so."""

    name: str
    label: Any
    statuses: tuple[str, ...]
    early: Any
    data: Callable[[Any], dict[str, Any]]


def may_have(application: Any) -> bool:
    """Whether the person, by the side from which they look, sees all that a paper of the application says."""
    return application.side in (Side.FULL, Side.APPLICANT) and "member" in shown_fields(
        application.side, application.status
    )


def offered(application: Any) -> list[Kind]:
    """The papers that there are now for this person."""
    kinds = KINDS.values() if may_have(application) else ()
    return [kind for kind in kinds if application.status in kind.statuses]


def paper_of(application: Any, kind: Kind) -> Paper:
    """Raises DomainError where it is too early for it. `application`: as `for_person` reads it, with its member."""
    if application.status not in kind.statuses:
        raise DomainError(str(kind.early))
    return Paper(TEMPLATE, kind.name, str(kind.label), kind.data(application))


def _letter(application: Any) -> dict[str, Any]:
    denial = _denial(application) if application.status == Status.DENIED else None
    day = denial.review_date if denial else application.approved_on
    return {
        "address": address_lines(application.member),
        "day": day_text(day),
        "greeting": _greeting(application),
        "paragraphs": _denied(application, denial) if denial else _approved(application),
        "facts": [],
        "signatures": [_("For the benevolence committee")],
    }


def _approved(application: Any) -> list[str]:
    words = _asked(application)
    approved = _("It is approved for %(amount)s.") % {"amount": money_text(application.approved_amount)}
    if application.status == Status.PAID:
        return [words, approved, _("The help was paid on %(day)s.") % {"day": day_text(application.payment_date)}]
    return [words, approved, _("The payment is made next. There is nothing that you need to do.")]


def _denied(application: Any, denial: Any) -> list[str]:
    return [
        _asked(application),
        _("We are sorry: it was not approved."),
        *[line for line in denial.comments.splitlines() if line.strip()],
        _("You may ask for another decision: other people decide an appeal. Your steward or the office helps with it."),
    ]


def _receipt(application: Any) -> dict[str, Any]:
    shows_reference = "payment_reference" in shown_fields(application.side, application.status)
    facts = [(_("Application"), str(application))]
    for payment in (
        Payment.objects.live().filter(line__application=application).select_related("line").order_by("line__position")
    ):
        facts += [
            (_("Paid to"), payment.line.payee_name),
            (_("Amount"), money_text(payment.amount)),
            (_("Paid on"), day_text(payment.paid_on)),
            (_("Paid by"), choice_label(PaymentMethod, payment.payment_method)),
        ]
        if payment.reference and shows_reference:
            facts.append((_("Check or bank reference"), payment.reference))
    return {
        "address": address_lines(application.member),
        "day": day_text(application.payment_date),
        "greeting": "",
        "paragraphs": [_("The benevolence fund paid this help:")],
        "facts": facts,
        "signatures": [_("Received by, and day")],
    }


def _asked(application: Any) -> str:
    words = _("On %(day)s you asked the benevolence fund for %(amount)s; your application has the number %(number)s.")
    day, amount = day_text(application.application_date), money_text(application.amount_requested)
    return words % {"day": day, "amount": amount, "number": application}


def _greeting(application: Any) -> str:
    return _("Dear %(name)s,") % {"name": application.member.full_name}


def _denial(application: BenevolenceApplication) -> Any:
    return application.reviews.filter(decision=Decision.DENIED, voided_at=None).order_by("-created_at", "-pk").first()


def address_lines(member: Any) -> list[str]:
    """Name and address as they stand on an envelope."""
    place = " ".join(part for part in (", ".join(filter(None, (member.city, member.state))), member.zip_code) if part)
    return [line for line in (member.full_name, *member.address.splitlines(), place) if line]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "decision-letter",
            gettext_lazy("Decision letter"),
            DECIDED,
            gettext_lazy("The letter tells the decision. It can be printed once the application is decided."),
            _letter,
        ),
        Kind(
            "receipt",
            gettext_lazy("Receipt"),
            (Status.PAID,),
            gettext_lazy("The receipt tells what was paid. It can be printed once the payment is recorded."),
            _receipt,
        ),
    )
}
