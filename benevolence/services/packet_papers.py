"""The audit packet and the check register as papers."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benevolence.services.packets import (
    REGISTER_HEADS_AT_RIGHT,
    Entry,
    Packet,
    Sample,
    day_of,
    payment_alone,
    register_heads,
    register_row,
)
from benevolence.services.statements import Month, YearOfFund
from core.papers.typeset import Paper
from core.site import local_today
from core.web.formats import day_text, money_text

TEMPLATE = "papers/packet.typ"


def audit_packet(packet: Packet, *, months: list[Month], money: YearOfFund, sample: Sample | None) -> Paper:
    sections = [
        _summary(packet, money),
        _section(_("Bank statements and books"), heads=_month_heads(), rows=list(map(_month_row, months)), right=MONEY),
        _register(packet),
        _section(_("Payments one by one"), blocks=[_told(entry) for entry in packet.entries]),
    ]
    if sample is not None:
        drawn = sample.drawn(packet.entries)
        rows = [[str(packet.entries.index(entry) + 1), *register_row(entry)[:6]] for entry in drawn]
        heads, right = [_("Number"), *register_heads()[:6]], [6]
        sections.append(_section(_("Sample"), paragraphs=[f"{sample}."], heads=heads, rows=rows, right=right))
    return Paper(TEMPLATE, f"audit-packet-{packet.year.year}", _("Audit packet"), _framed(packet, sections))


def check_register(packet: Packet) -> Paper:
    data = _framed(packet, [_register(packet)])
    return Paper(TEMPLATE, f"check-register-{packet.year.year}", _("Check register"), data)


MONEY = [1, 2, 3, 4, 5]


def _framed(packet: Packet, sections: list[dict[str, Any]]) -> dict[str, Any]:
    first, last = day_text(packet.year.first_day), day_text(packet.year.last_day)
    lead = _("Payments from %(first)s to %(last)s. Printed on %(day)s.")
    return {"lead": lead % {"first": first, "last": last, "day": day_text(local_today())}, "sections": sections}


def _section(title: str, **parts: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {"paragraphs": [], "facts": [], "heads": [], "rows": [], "right": [], "blocks": []}
    return {**nothing, "title": title, **parts}


def _summary(packet: Packet, money: YearOfFund) -> dict[str, Any]:
    void = len(packet.entries) - len(packet.standing)
    facts = [
        (_("Held when the year began"), money_text(money.opening)),
        (_("Came in"), money_text(money.came_in)),
        (_("Paid out by the books"), money_text(money.paid)),
        (_("Held at its end, or now"), money_text(money.closing)),
        (_("Payments in this packet"), str(len(packet.standing))),
        (_("Their sum"), money_text(packet.total)),
        (_("Void payments in this packet"), str(void)),
    ]
    return _section(_("The year"), facts=facts, paragraphs=remarks(packet))


def remarks(packet: Packet) -> list[str]:
    found = []
    if packet.left_out:
        words = ngettext(
            "%(count)s payment is left out: it is the reader's own or that of somebody related. "
            "Another trustee audits it.",
            "%(count)s payments are left out: they are the reader's own or those of somebody related. "
            "Another trustee audits them.",
            packet.left_out,
        )
        found.append(words % {"count": packet.left_out})
    if packet.missing:
        numbers = ", ".join(map(str, packet.missing))
        found.append(_("Check numbers between these that are not in the register: %(numbers)s.") % {"numbers": numbers})
    return found


def _register(packet: Packet) -> dict[str, Any]:
    rows = [register_row(entry) for entry in packet.entries]
    right = list(REGISTER_HEADS_AT_RIGHT)
    return _section(_("Register by check number"), heads=register_heads(), rows=rows, right=right)


def _told(entry: Entry) -> dict[str, Any]:
    payment = entry.payment
    facts = [
        (_("Application"), str(entry.application)),
        (_("Paid to"), ", ".join(filter(None, (payment.line.payee_name, *payment.line.address.splitlines())))),
        (_("What for"), payment.line.purpose or "—"),
        (_("Amount"), money_text(payment.amount)),
        *_what_led_to_it(entry),
    ]
    return {"title": f"{payment.voucher_number} · {entry.number}", "facts": facts}


def _what_led_to_it(entry: Entry) -> list[tuple[str, str]]:
    if not entry.payment.tells_case:
        return [(_("Decisions"), payment_alone())]
    return [
        (_("Decisions"), "\n".join(entry.decisions) or "—"),
        (_("Proof"), "\n".join(entry.proofs) or _("none in the portal")),
        (_("Relations declared"), "\n".join(entry.relations) or _("none")),
    ]


def _month_heads() -> list[str]:
    return [_("Month"), _("Books"), _("Not cleared yet"), _("Expected"), _("Statement"), _("Difference"), _("Entered")]


def _month_row(row: Month) -> list[str]:
    typed = row.statement
    figures = [money_text(amount) for amount in (row.books, row.outstanding, row.expected)]
    if typed is None:
        return [date_format(row.month, "F Y"), *figures, "—", "—", _("no statement yet")]
    who = f"{typed.entered_by.full_name}, {day_of(typed.entered_at)}"
    return [date_format(row.month, "F Y"), *figures, money_text(typed.balance), row.difference_text, who]
