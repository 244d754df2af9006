"""What trustees audit of a fiscal year: every payment with what led to it, and a sample that anybody can draw again."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benevolence.enums import Decision, PaymentMethod, Relationship
from benevolence.models import (
    ApplicationDocument,
    BenevolenceReview,
    DeclaredRelationship,
    Payment,
    kind_label,
)
from benevolence.services.periods import FiscalYear
from core.enums import choice_label
from core.permissions import Actor
from core.web.formats import day_text, money_text

REGISTER_HEADS_AT_RIGHT = (5,)
MOST_MISSING, FINGERPRINT = 20, 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One payment of the register with the decisions before it and the relations that were declared.

    These are empty where the application is not open any more: the register then tells the payment alone.
    """

    payment: Any
    decisions: list[str]
    relations: list[str]
    proofs: list[str] = field(default_factory=list)

    @property
    def application(self) -> Any:
        return self.payment.line.application

    @property
    def number(self) -> str:
        """Of the check or the transfer; a direct deposit may have none."""
        return self.payment.reference or "—"


@dataclass(frozen=True, slots=True)
class Packet:
    """`left_out`: payments to whoever reads, or to somebody related to them; another trustee audits those."""

    year: FiscalYear
    entries: list[Entry]
    left_out: int
    missing: list[int] = field(default_factory=list)

    @property
    def standing(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.payment.voided_at is None]

    @property
    def total(self) -> Decimal:
        return sum((entry.payment.amount for entry in self.standing), Decimal("0.00"))


def packet_of(year: FiscalYear, user: Actor) -> Packet:
    """In five statements, however many payments there are."""
    every = Payment.objects.filter(paid_on__range=(year.first_day, year.last_day))
    seen = every.in_register(user).with_case(user)
    reviews = standing_reviews()
    documents = ApplicationDocument.objects.in_order()
    rows = list(
        seen.select_related("line__application__member", "paid_by", "second_signer", "voided_by").prefetch_related(
            Prefetch("line__application__reviews", queryset=reviews, to_attr="standing_reviews"),
            Prefetch("line__application__documents", queryset=documents, to_attr="all_documents"),
        )
    )
    related = relations_of({row.line.application.member for row in rows})
    entries = [_entry(row, related) for row in rows]
    entries.sort(key=_place)
    return Packet(year, entries, every.count() - len(rows), missing_numbers(row.reference for row in rows))


def _entry(payment: Any, relations: Sequence[Any]) -> Entry:
    if not payment.tells_case:
        return Entry(payment, [], [])
    return Entry(payment, decisions_of(payment.line.application), _related(payment, relations), proofs_of(payment))


def payment_alone() -> str:
    """What stands in place of the decisions where the reader does not see the application."""
    return _("not told: the application is not approved any more")


def _place(entry: Entry) -> tuple[Any, ...]:
    """Checks by their number, then what has another kind of reference, then what has none, by day."""
    payment = entry.payment
    if payment.reference.isdecimal():
        return (0, int(payment.reference), payment.reference, payment.voucher_number)
    return (1 if payment.reference else 2, 0, payment.reference, f"{payment.paid_on}{payment.voucher_number}")


def missing_numbers(references: Iterable[str]) -> list[int]:
    """The check numbers between those of the register that are not in it: of these a trustee asks where they are."""
    found = sorted({int(reference) for reference in references if reference.isdecimal()})
    missing: list[int] = []
    for before, after in pairwise(found):
        missing += range(before + 1, min(after, before + 2 + MOST_MISSING))
    return missing[: MOST_MISSING + 1]


def standing_reviews() -> Any:
    """What led to a payment, with the vote and its minutes where a meeting decided."""
    return BenevolenceReview.objects.filter(voided_at=None).select_related("vote").order_by("created_at", "pk")


def vote_of(review: Any) -> str:
    vote = getattr(review, "vote", None)
    if vote is None:
        return ""
    words = _("%(who)s: %(ayes)s for, %(noes)s against, %(present)s present, minutes %(number)s")
    return words % {
        "who": vote.get_voters_display(),
        "ayes": vote.votes_for,
        "noes": vote.votes_against,
        "present": vote.present,
        "number": vote.minute_number,
    }


def decisions_of(application: Any) -> list[str]:
    return [
        " · ".join(
            part
            for part in (
                review.get_review_level_display(),
                choice_label(Decision, review.decision),
                money_text(review.amount) if review.amount is not None else "",
                day_text(review.review_date),
                review.reviewer_name,
                vote_of(review),
            )
            if part
        )
        for review in application.standing_reviews
    ]


def proofs_of(payment: Any) -> list[str]:
    """Each document with the beginning of its SHA-256, by which a trustee knows the file; those replaced as well."""
    return [
        " · ".join(
            part
            for part in (
                str(kind_label(found.category)),
                day_of(found.added_at),
                found.added_by.full_name,
                f"SHA-256 {found.sha256[:FINGERPRINT]}",
                _("replaced or taken back") if found.superseded_at else "",
            )
            if part
        )
        for found in payment.line.application.all_documents
    ]


def relations_of(members: Iterable[Any]) -> list[Any]:
    keys = {key for member in members for key in (member.pk, member.merged_into_id) if key}
    found = DeclaredRelationship.objects.filter(Q(member__in=keys) | Q(member__merged_into__in=keys))
    return list(found.select_related("user", "member").order_by("declared_at", "pk"))


def _related(payment: Any, relations: Sequence[Any]) -> list[str]:
    """What officers declared, and whether the applicant said that they are related to the office."""
    application = payment.line.application
    same = {application.member_id, application.member.merged_into_id} - {None}
    said = [
        f"{relation.user.full_name}: {choice_label(Relationship, relation.kind)}, {day_of(relation.declared_at)}"
        for relation in relations
        if {relation.member_id, relation.member.merged_into_id} & same
    ]
    if getattr(application, "is_related_to_office", False):
        said.append(_("The applicant is related to an officer or an employee."))
    return said


@dataclass(frozen=True, slots=True)
class Sample:
    """`every`: each nth of the register, beginning with `first`; or `count` drawn by `seed`."""

    every: int = 0
    first: int = 1
    count: int = 0
    seed: str = ""

    def drawn(self, entries: Sequence[Entry]) -> list[Entry]:
        if self.every:
            return list(entries[self.first - 1 :: self.every])
        chosen = sorted(entries, key=lambda entry: rank(self.seed, entry.payment.voucher_number))[: self.count]
        return [entry for entry in entries if entry in chosen]

    def __str__(self) -> str:
        if self.every:
            words = _("One payment in %(every)s of the register, beginning with number %(first)s")
            return words % {"every": self.every, "first": self.first}
        words = ngettext(
            "The voucher with the lowest SHA-256 of “%(seed)s:voucher number”, so that anybody can draw the same",
            "The %(count)s vouchers with the lowest SHA-256 of “%(seed)s:voucher number”, "
            "so that anybody can draw the same",
            self.count,
        )
        return words % {"count": self.count, "seed": self.seed}


def day_of(moment: datetime) -> str:
    return day_text(timezone.localtime(moment).date())


def rank(seed: str, voucher: str) -> str:
    return hashlib.sha256(f"{seed}:{voucher}".encode()).hexdigest()


def register_heads() -> list[str]:
    return [
        _("Check or reference"),
        _("Paid on"),
        _("Voucher"),
        _("Application"),
        _("Paid to"),
        _("Amount"),
        _("Paid by"),
        _("Recorded by"),
        _("Second signer"),
        _("State"),
    ]


def register_row(entry: Entry) -> list[str]:
    payment = entry.payment
    return [
        entry.number,
        day_text(payment.paid_on),
        payment.voucher_number,
        str(entry.application),
        payment.line.payee_name,
        money_text(payment.amount),
        choice_label(PaymentMethod, payment.payment_method),
        payment.paid_by.full_name,
        payment.second_signer.full_name if payment.second_signer else _("not signed"),
        state_of(payment),
    ]


def state_of(payment: Any) -> str:
    if payment.voided_at:
        return _("Void: %(why)s") % {"why": payment.void_reason}
    if payment.cleared_on:
        return _("Cleared %(day)s") % {"day": day_text(payment.cleared_on)}
    return _("Not cleared yet")


def register_values(entry: Entry) -> list[Any]:
    """As `register_row`, with numbers and days for a spreadsheet."""
    row: list[Any] = list(register_row(entry))
    row[0], row[1], row[5] = entry.payment.reference, entry.payment.paid_on, entry.payment.amount
    return row
