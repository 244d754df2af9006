"""What the rules of the fund say: amounts, days and facts in, levels and sentences out. Asks no database."""

import calendar
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benevolence.enums import LEVELS, DocumentCategory, Level, Period, Reason
from core.enums import choice_label
from core.web.formats import day_text
from members.enums import MemberStatus, Standing

NOTHING = Decimal(0)


class Levels(Protocol):
    @property
    def levels(self) -> tuple[Level, ...]: ...

    def ceiling(self, level: str) -> Decimal | None: ...

    def days_of(self, level: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Help:
    """What an earlier application was approved for."""

    day: date
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an applicant on a day; of `excluded` the sentence that says why, if there is one."""

    day: date
    status: str = MemberStatus.ACTIVE
    standing: str = Standing.GOOD
    initiated_on: date | None = None
    dues_paid_through: date | None = None
    helped: tuple[Help, ...] = ()
    spent: Decimal = NOTHING
    excluded: str = ""
    confirmed: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    payees: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    amount: Decimal
    reason: str
    facts: Facts = field(repr=False)


# --- levels ---------------------------------------------------------------------------------------------


def levels_needed(total: Decimal, rules: Levels) -> tuple[Level, ...]:
    """The first levels of the order, as many as `total` asks for; above the last limit all of them."""
    used = rules.levels
    above = sum(total > limit for level in used[:-1] if (limit := rules.ceiling(level)) is not None)
    return used[: 1 + above]


def is_last(level: str, total: Decimal, rules: Levels) -> bool:
    """Whether an approval at `level` decides; a level that is no longer needed decides too."""
    needed = levels_needed(total, rules)
    return LEVELS.index(Level(level)) >= LEVELS.index(needed[-1])


def level_after(level: str, rules: Levels) -> Level:
    """The level above; raises IndexError above the last one."""
    above = [one for one in rules.levels if LEVELS.index(one) > LEVELS.index(Level(level))]
    return above.pop(0)


def days_for(level: str, rules: Levels, *, left: int, today: date, needed_by: date | None) -> int:
    """How many days the level has: those of the rules, or its share of the days until help is needed; at least one.

    `left`: how many levels are to decide yet, this one included.
    """
    days = rules.days_of(level)
    if needed_by is None:
        return days
    return max(1, min(days, (needed_by - today).days // max(left, 1)))


def unstaffed(rules: Levels, people: Mapping[Level, Collection[int]], payers: Collection[int]) -> str:
    """The seat that stays empty when everybody takes one seat at most; nothing where all are filled.

    `people`: who may decide at each level, by key. Whoever pays decides nothing, so the payer is a seat too.
    """
    seats: list[tuple[str, set[int]]] = [(str(level.label), set(people.get(level, ()))) for level in rules.levels]
    seats.append((_("whoever pays"), set(payers)))
    taken: dict[int, int] = {}
    for number, (name, _holders) in enumerate(seats):
        if not _seated(number, seats, taken, set()):
            sentence = _(
                "Nobody is left for the seat “%(seat)s”: nobody decides two levels, and whoever pays decides none. "
                "Give its role to somebody else first, or use fewer levels."
            )
            return sentence % {"seat": name}
    return ""


def _seated(number: int, seats: list[tuple[str, set[int]]], taken: dict[int, int], tried: set[int]) -> bool:
    """Find somebody for the seat, moving others to another seat of theirs where that makes room."""
    for person in sorted(seats[number][1] - tried):
        tried.add(person)
        if person not in taken or _seated(taken[person], seats, taken, tried):
            taken[person] = number
            return True
    return False


# --- days -----------------------------------------------------------------------------------------------


def months_before(day: date, count: int) -> date:
    """The same day so many months ago, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def year_before(day: date) -> date:
    return months_before(day, 12)


def period_of(day: date, period: str) -> date:
    """The first day of the period in which `day` lies."""
    return date(day.year, 1 if period == Period.YEAR else (day.month - 1) // 3 * 3 + 1, 1)


# --- what a reason changes ------------------------------------------------------------------------------


def own_rules(rules: Any, reason: str) -> Mapping[str, Any]:
    return rules.reasons.get(reason, {})


def most_for_one(rules: Any, reason: str) -> Decimal | None:
    """The cap of one application for this reason; None where there is none."""
    own = own_rules(rules, reason).get("most")
    return Decimal(own) if own else rules.cap_per_application


def is_counted(rules: Any, reason: str) -> bool:
    """Whether help for this reason counts towards what and how often a member is helped."""
    return not own_rules(rules, reason).get("outside")


def documents_needed(rules: Any, reason: str) -> tuple[str, ...]:
    """The kinds of documents, as plain keys, without which an application for this reason is not submitted."""
    return tuple(own_rules(rules, reason).get("documents", ()))


def days_text(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}


def months_text(count: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", count) % {"n": count}


def times_text(count: int) -> str:
    return ngettext("%(n)s time", "%(n)s times", count) % {"n": count}


# --- sentences ------------------------------------------------------------------------------------------


def paused(rules: Any) -> str:
    if not rules.paused_because:
        return ""
    return _("The fund is paused: %(why)s The draft stays here; submit it when the pause is over.") % {
        "why": _sentence(rules.paused_because)
    }


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def not_a_member_to_help(rules: Any, facts: Facts) -> str:
    """Why the fund cannot help this member today; the applicant reads it."""
    helped = {MemberStatus.ACTIVE} | ({MemberStatus.RETIRED} if rules.helps_retirees else set())
    if facts.status not in helped:
        if rules.helps_retirees:
            return _("The fund helps active and retired members. If the record is wrong, ask the office to correct it.")
        return _("The fund helps active members. If the record is wrong, ask the office to correct it, then submit.")
    if rules.asks_standing and facts.standing == Standing.ARREARS:
        return _("Dues are in arrears. Settle them with the office, then submit; the draft stays here.")
    if rules.asks_standing and facts.standing == Standing.UNKNOWN:
        return _("The office has not confirmed the standing yet. Ask the office to confirm it, then submit.")
    return facts.excluded or _too_short_a_member(rules, facts) or _dues_behind(rules, facts)


def _too_short_a_member(rules: Any, facts: Facts) -> str:
    if rules.months_a_member is None:
        return ""
    if facts.initiated_on is None:
        return _("The record does not say since when they are a member. Ask the office to enter the initiation date.")
    if facts.initiated_on > months_before(facts.day, rules.months_a_member):
        sentence = ngettext(
            "The fund helps whoever has been a member for %(n)s month. Until then it cannot.",
            "The fund helps whoever has been a member for %(n)s months. Until then it cannot.",
            rules.months_a_member,
        )
        return sentence % {"n": rules.months_a_member}
    return ""


def _dues_behind(rules: Any, facts: Facts) -> str:
    if rules.dues_grace_days is None:
        return ""
    if facts.dues_paid_through is None:
        return _("The record does not say until when dues are paid. Ask the office to enter it, then submit.")
    if facts.dues_paid_through < facts.day - timedelta(rules.dues_grace_days):
        return _("Dues are not paid far enough. Settle them with the office, then submit; the draft stays here.")
    return ""


def above_a_cap(rules: Any, asked: Asked, *, tells: bool = True) -> str:
    """Why the rules cap what is asked for. `tells`: the reader may know what this person was granted before."""
    cap = most_for_one(rules, asked.reason)
    if cap is not None and asked.amount > cap:
        return _("The rules allow at most $%(cap)s for one application. Ask for less.") % {"cap": f"{cap:,}"}
    less = above_what_is_left(rules, asked, tells=tells)
    return f"{less} {_('Ask for less.')}" if less else ""


def above_what_is_left(rules: Any, asked: Asked, *, tells: bool = True) -> str:
    """That `asked` is more than what is left of the most for one member; `tells` as `above_a_cap`."""
    left = left_for_member(rules, asked.facts)
    if left is None or asked.amount <= left or not is_counted(rules, asked.reason):
        return ""
    told = {"most": f"{rules.cap_per_member:,}", "months": months_text(rules.cap_months), "left": f"{left:,}"}
    if not tells:
        return _("The rules allow $%(most)s for one member in %(months)s, and less is left.") % told
    return _("The rules allow $%(most)s for one member in %(months)s; $%(left)s are left.") % told


def left_for_member(rules: Any, facts: Facts) -> Decimal | None:
    """What is left of the most for one member; None where there is no such cap."""
    if rules.cap_per_member is None:
        return None
    since = months_before(facts.day, rules.cap_months)
    given = sum((help.amount for help in _counted(rules, facts) if help.day >= since), NOTHING)
    return max(rules.cap_per_member - given, NOTHING)


def _counted(rules: Any, facts: Facts) -> list[Help]:
    return [help for help in facts.helped if is_counted(rules, help.reason)]


def too_often(rules: Any, asked: Asked, *, tells: bool = True) -> str:
    if not is_counted(rules, asked.reason):
        return ""
    helped, day = _counted(rules, asked.facts), asked.facts.day
    if rules.times_per_member is not None:
        since = months_before(day, rules.times_months)
        if sum(help.day >= since for help in helped) >= rules.times_per_member:
            sentence = _("The rules help one member %(times)s in %(months)s, and that is reached.")
            return sentence % {
                "times": times_text(rules.times_per_member),
                "months": months_text(rules.times_months),
            }
    if rules.wait_days is None or not helped:
        return ""
    again = max(help.day for help in helped) + timedelta(rules.wait_days)
    if day >= again:
        return ""
    if not tells:
        return _("The rules ask to wait %(days)s after help, which is not over.") % {"days": days_text(rules.wait_days)}
    return _("The rules ask to wait %(days)s after help. Submit it again from %(day)s on.") % {
        "days": days_text(rules.wait_days),
        "day": day_text(again),
    }


def over_budget(rules: Any, amount: Decimal, facts: Facts, *, tells: bool = True) -> str:
    """That `amount` is more than what the budget has left. `tells`: the reader may know how much that is.

    What is missing of the budget tells what those who were helped got, when they are few.
    """
    left = budget_left(rules, facts)
    if left is None or amount <= left:
        return ""
    period = _("year") if rules.budget_period == Period.YEAR else _("quarter")
    if left == 0:
        return _("The budget of this %(period)s is used. The next one begins with the next %(period)s.") % {
            "period": period
        }
    if not tells:
        sentence = _("The budget of this %(period)s has less left. Ask for less, or wait for the next one.")
        return sentence % {"period": period}
    sentence = _("Of the budget of this %(period)s $%(left)s are left. Lower the amount, or wait for the next one.")
    return sentence % {"period": period, "left": f"{left:,}"}


def budget_left(rules: Any, facts: Facts) -> Decimal | None:
    """None where there is no budget."""
    return None if rules.budget_amount is None else max(rules.budget_amount - facts.spent, NOTHING)


def not_confirmed(rules: Any, facts: Facts) -> str:
    """What intake has to confirm yet, the first of it."""
    for words in rules.conditions:
        if words not in facts.confirmed:
            return _("The office has to confirm first: %(words)s") % {"words": _sentence(words)}
    return ""


def kinds_text(kinds: Iterable[str]) -> str:
    """Kinds of documents in words; a kind of the rules' own reads as it is written there."""
    return ", ".join(choice_label(DocumentCategory, kind) for kind in kinds)


def documents_missing(rules: Any, asked: Asked) -> list[str]:
    return [key for key in documents_needed(rules, asked.reason) if key not in asked.facts.documents]


def payees_refused(rules: Any, payees: Collection[str]) -> str:
    if rules.vendors_only and "member" in payees:
        return _("The rules pay landlords, utilities and vendors only, not the member. Say who should be paid.")
    return ""


def refusals(rules: Any, asked: Asked, *, tells: bool = True, tells_budget: bool = True) -> list[str]:
    """Why an application cannot be submitted under these rules, everything at once, in the order of their weight."""
    missing = documents_missing(rules, asked)
    documents = _("Add what is missing first: %(what)s.") % {"what": kinds_text(missing)} if missing else ""
    found = (
        paused(rules),
        not_a_member_to_help(rules, asked.facts),
        above_a_cap(rules, asked, tells=tells),
        too_often(rules, asked, tells=tells),
        over_budget(rules, asked.amount, asked.facts, tells=tells_budget),
        not_confirmed(rules, asked.facts),
        documents,
        payees_refused(rules, asked.facts.payees),
    )
    return [sentence for sentence in found if sentence]


# --- preview --------------------------------------------------------------------------------------------


def most_possible(rules: Any, reason: str, facts: Facts) -> Decimal | None:
    """The most that an application for this reason could get; None where nothing caps it."""
    limits = [most_for_one(rules, reason), budget_left(rules, facts)]
    if is_counted(rules, reason):
        limits.append(left_for_member(rules, facts))
    return min((limit for limit in limits if limit is not None), default=None)


def preview(rules: Any, amount: Decimal, reason: str, facts: Facts) -> list[str]:
    """What an application for this amount and reason would need, and could get, of somebody never helped before."""
    needed = [str(level.label) for level in levels_needed(amount, rules)]
    told = {"amount": f"{amount:,}", "reason": choice_label(Reason, reason).lower(), "levels": ", ".join(needed)}
    lines = [_("An application of $%(amount)s (%(reason)s) today would need: %(levels)s.") % told]
    if rules.vote:
        lines.append(_("The last of them records a vote of the %(voters)s.") % {"voters": rules.get_vote_display()})
    most = most_possible(rules, reason, facts)
    lines.append(
        _("It could get any amount; no rule caps it.")
        if most is None
        else _("It could get at most $%(most)s.") % {"most": f"{most:,}"}
    )
    if rules.budget_amount is not None and not facts.spent:
        lines.append(_("Nothing of the budget is used in this example."))
    lines += [_("The office confirms: %(words)s") % {"words": _sentence(words)} for words in rules.conditions]
    if documents := documents_needed(rules, reason):
        lines.append(_("Documents: %(what)s.") % {"what": kinds_text(documents)})
    with_all = Facts(
        **{
            **{name: getattr(facts, name) for name in Facts.__slots__},
            "confirmed": frozenset(rules.conditions),
            "documents": frozenset(documents_needed(rules, reason)),
        }
    )
    lines += refusals(rules, Asked(amount, reason, with_all))
    return lines
