"""Who is to be paid: what the applicant wrote, settled at submission, and what the levels leave of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from benevolence.enums import Payee
from benevolence.models import BenevolenceApplication, PaymentLine
from core.records import records
from core.web.formats import money_text

PAYEE_FIELDS = ("payee_kind", "payee_name", "address", "asked", "purpose", "account_number")


def total_asked(application: Any) -> Decimal:
    return sum((line.asked for line in application.lines.named()), Decimal(0))


def not_the_sum(application: BenevolenceApplication) -> str:
    """Why an application with payees is not ready: they get more or less than is asked for."""
    lines = application.lines.named()
    total = total_asked(application)
    if not lines or total == application.amount_requested:
        return ""
    sentence = _("The payees get %(total)s together, and %(asked)s are asked for. Make the two the same.")
    return sentence % {"total": money_text(total), "asked": money_text(application.amount_requested)}


def named(application: Any) -> list[dict[str, Any]]:
    """Who is to be paid, as `write` takes it."""
    return [{name: getattr(line, name) for name in PAYEE_FIELDS} for line in application.lines.named()]


def write(application: BenevolenceApplication, payees: Sequence[Mapping[str, Any]]) -> bool:
    """Let these be the payees, in this order; returns whether that is anything new."""
    wanted = [filled(payee, application) for payee in payees]
    if named(application) == wanted:
        return False
    application.lines.filter(payments=None).delete()
    # A void payment keeps its payee.
    former = {"position": None, "amount": 0, "updated_at": timezone.now(), "version": F("version") + 1}
    application.lines.named().update(**former)
    _keep(application, wanted)
    return True


def repeat(application: BenevolenceApplication, *, of: BenevolenceApplication) -> None:
    """Let a new application name the payees of another one."""
    _keep(application, [filled(payee, application) for payee in named(of)])


def _keep(application: BenevolenceApplication, wanted: Sequence[Mapping[str, Any]]) -> None:
    for position, payee in enumerate(wanted, 1):
        records.save(PaymentLine(application=application, position=position, amount=payee["asked"], **payee))


def name_one(application: BenevolenceApplication, payee: Mapping[str, Any] | None) -> bool:
    """Let this one get all that is asked for; {} names nobody. None lets who is named alone get the amount of now.

    Returns whether anything else is named.
    """
    if payee is not None:
        return write(application, [{**payee, "asked": application.amount_requested}] if payee else [])
    lines: list[Any] = list(application.lines.named()[:2])
    if len(lines) == 1 and lines[0].asked != application.amount_requested:
        lines[0].asked = application.amount_requested
        change(lines[0], lines[0].asked)
    return False


def filled(payee: Mapping[str, Any], application: BenevolenceApplication) -> dict[str, Any]:
    """With the member's own name and address where the member is paid."""
    found = {name: payee.get(name, "") for name in PAYEE_FIELDS}
    found["payee_kind"] = found["payee_kind"] or Payee.MEMBER
    if found["payee_kind"] == Payee.MEMBER:
        member = application.member.merged_into or application.member
        parts = (member.address, member.city, " ".join(filter(None, (member.state, member.zip_code))))
        found["payee_name"], found["address"] = member.full_name, ", ".join(filter(None, parts))
    return found


def follow_member(application: BenevolenceApplication) -> None:
    """The member's records became one: what is not paid yet names them as the record that stayed does."""
    own = filled({"payee_kind": Payee.MEMBER}, application)
    lines = application.lines.filter(payee_kind=Payee.MEMBER, payments=None)
    lines.update(payee_name=own["payee_name"], address=own["address"])


def settle(application: BenevolenceApplication) -> None:
    """Before the first decision somebody is to be paid: the member, where no payee is named."""
    if not application.lines.named().exists():
        write(application, [{"asked": application.amount_requested}])


def start_again(application: Any) -> None:
    """What the levels took is asked for again. The one payee gets what is asked for now."""
    if application.amount_requested <= 0:
        return  # that is told at its own field
    lines: list[Any] = list(application.lines.named())
    if len(lines) == 1:
        lines[0].asked = application.amount_requested
    for line in lines:
        change(line, line.asked)
    if refused := not_the_sum(application):
        raise ValidationError({"amount_requested": refused})


def change(line: Any, amount: Decimal) -> None:
    line.amount = amount
    line.version += 1
    records.save(line)


def restate(application: Any, total: Decimal, amounts: Mapping[int, Decimal]) -> None:
    """Let the payees get `total` together: `amounts` by position, for those that change; all of it where one is left.

    Raises ValidationError for `amount` where that is not what they get.
    """
    lines: list[Any] = list(application.lines.named())
    left = {line.position: amounts.get(line.position, line.amount) for line in lines}
    to_pay = [line for line in lines if line.amount > 0]
    if len(to_pay) == 1:
        left[to_pay[0].position] = total
    if sum(left.values()) != total:
        sentence = _("The payees get %(sum)s together. Say what each of them gets of the %(total)s.")
        told = {"sum": money_text(sum(left.values(), Decimal(0))), "total": money_text(total)}
        raise ValidationError({"amount": sentence % told})
    for line in lines:
        if left[line.position] > line.amount or left[line.position] < 0:
            raise ValidationError({"amount": _("A level may lower what a payee gets, never raise it.")})
        if left[line.position] != line.amount:
            change(line, left[line.position])
