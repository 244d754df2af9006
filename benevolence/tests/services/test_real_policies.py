"""Four policies that locals really have, each as data: what passes, and what is refused with which sentence."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.factories import RoleAssignmentFactory
from accounts.models import User
from accounts.services.roles import add_role
from benevolence.enums import LEVELS
from benevolence.models import BenevolencePolicy
from benevolence.services.applications import create_application
from benevolence.services.policy import (
    Asked,
    Facts,
    Help,
    days_for,
    levels_needed,
    most_possible,
    preview,
    refusals,
    unstaffed,
)
from members.factories import MemberFactory

DAY = date(2026, 11, 27)
NINE = "Dues were current for 9 months in a row, or for 18 of the last 24."
OTHERS = "Another fund was asked first."
ONE_LEVEL = {"uses_vp": False, "uses_manager": False, "uses_president": False}

# (a) The default: four levels by amount.
FOUR_LEVELS = BenevolencePolicy()
# (b) At most $1,000 in 12 months; the committee votes and the administrator records it; paused during a strike.
COMMITTEE = BenevolencePolicy(**ONE_LEVEL, vote="board", cap_per_member=Decimal("1000.00"), cap_months=12)
STRIKE = BenevolencePolicy(**ONE_LEVEL, vote="board", paused_because="There is a strike")
# (c) Dues current, at most $1,000, twice in 24 months, while the budget lasts, vendors only; funerals apart.
YEARLY = BenevolencePolicy(
    cap_per_application=Decimal("1000.00"),
    times_per_member=2,
    times_months=24,
    budget_amount=Decimal("20000.00"),
    budget_period="year",
    vendors_only=True,
    conditions=[NINE],
    reasons={"death_in_family": {"most": "1500.00", "outside": True, "documents": ["funeral bill"]}},
)
# (d) The council decides blindly within 10 days, in the order received; its own people are excluded.
COUNCIL = BenevolencePolicy(
    **ONE_LEVEL,
    vote="board",
    admin_days=10,
    excludes_officers=True,
    excludes_staff=True,
    excludes_households=True,
    budget_amount=Decimal("5000.00"),
    budget_period="quarter",
    is_in_order=True,
    is_blind=True,
)


def said(rules, amount="400.00", reason="hardship", *, tells=True, **facts):
    return refusals(rules, Asked(Decimal(amount), reason, Facts(day=DAY, **facts)), tells=tells)


def helped(*days, amount="400.00", reason="hardship"):
    return tuple(Help(date.fromisoformat(day), Decimal(amount), reason) for day in days)


@pytest.mark.parametrize("amount", ["0.01", "500.00", "9000.00"])
def test_a_passes_every_amount_of_a_member_in_good_standing(amount):
    assert said(FOUR_LEVELS, amount) == []


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"status": "suspended"},
            "The fund helps active members. If the record is wrong, ask the office to correct it, then submit.",
        ),
        (
            {"standing": "arrears"},
            "Dues are in arrears. Settle them with the office, then submit; the draft stays here.",
        ),
        (
            {"standing": "unknown"},
            "The office has not confirmed the standing yet. Ask the office to confirm it, then submit.",
        ),
    ],
)
def test_a_refuses(facts, sentence):
    assert said(FOUR_LEVELS, **facts) == [sentence]


def test_a_takes_as_many_levels_as_the_amount():
    found = {amount: len(levels_needed(Decimal(amount), FOUR_LEVELS)) for amount in ("500", "2000", "5000", "5001")}
    assert found == {"500": 1, "2000": 2, "5000": 3, "5001": 4}


def test_b_caps_twelve_rolling_months():
    earlier = {"helped": helped("2025-11-28", amount="600.00")}
    assert said(COMMITTEE, "400.00", **earlier) == []
    assert said(COMMITTEE, "400.01", **earlier) == [
        "The rules allow $1,000.00 for one member in 12 months; $400.00 are left. Ask for less."
    ]
    assert said(COMMITTEE, "400.01", tells=False, **earlier) == [
        "The rules allow $1,000.00 for one member in 12 months, and less is left. Ask for less."
    ]
    assert said(COMMITTEE, "1000.00", helped=helped("2025-11-26", amount="600.00")) == []


def test_b_has_one_level_and_is_paused_during_a_strike():
    assert levels_needed(Decimal("9000.00"), COMMITTEE) == ("admin",)
    assert said(STRIKE) == [
        "The fund is paused: There is a strike. The draft stays here; submit it when the pause is over."
    ]


@pytest.mark.django_db
def test_b_a_representative_applies_for_a_member_by_a_role_that_the_local_made(people):
    rep, member = people["representative"], MemberFactory()
    asked = {"reason": "hardship", "description": "Laid off", "amount_requested": Decimal("400.00")}
    with pytest.raises(PermissionDenied):
        create_application(asked, actor=rep, member=member)
    asks = ["benevolence.apply_for_member", "benevolence.request_benevolence"]
    words = {"name": "asks-for-members", "display_name": "Asks for members", "description": "At the worksite"}
    RoleAssignmentFactory(user=rep, role=add_role(words, asks, actor=people["admin"]))
    rep = User.objects.get(pk=rep.pk)  # the next request
    draft = create_application(asked, actor=rep, member=member)
    assert (draft.member, draft.entered_by, draft.status) == (member, rep, "draft")


CONFIRMED = {"confirmed": frozenset([NINE]), "payees": frozenset(["landlord"])}


def test_c_passes_what_intake_confirmed_and_refuses_what_it_did_not():
    assert said(YEARLY, "1000.00", **CONFIRMED) == []
    assert said(YEARLY, "1000.00", payees=frozenset(["landlord"])) == [f"The office has to confirm first: {NINE}"]
    assert said(YEARLY, "1000.01", **CONFIRMED) == [
        "The rules allow at most $1,000.00 for one application. Ask for less."
    ]


def test_c_helps_twice_in_24_months():
    assert said(YEARLY, **CONFIRMED, helped=helped("2024-11-26", "2025-03-01")) == []
    assert said(YEARLY, **CONFIRMED, helped=helped("2024-11-27", "2025-03-01")) == [
        "The rules help one member 2 times in 24 months, and that is reached."
    ]


def test_c_pays_vendors_while_the_budget_lasts():
    assert said(YEARLY, **CONFIRMED, spent=Decimal("19600.00")) == []
    assert said(YEARLY, **CONFIRMED, spent=Decimal("19700.00")) == [
        "Of the budget of this year $300.00 are left. Lower the amount, or wait for the next one."
    ]
    assert said(YEARLY, **CONFIRMED, spent=Decimal("20000.00")) == [
        "The budget of this year is used. The next one begins with the next year."
    ]
    assert said(YEARLY, confirmed=frozenset([NINE]), payees=frozenset(["member"])) == [
        "The rules pay landlords, utilities and vendors only, not the member. Say who should be paid."
    ]


def test_c_helps_with_funerals_outside_the_count():
    twice, bill = {"helped": helped("2026-01-05", "2026-03-01")}, {"documents": frozenset(["funeral bill"])}
    assert said(YEARLY, "1500.00", "death_in_family", **CONFIRMED, **twice, **bill) == []
    assert said(YEARLY, "1500.01", "death_in_family", **CONFIRMED, **bill) == [
        "The rules allow at most $1,500.00 for one application. Ask for less."
    ]
    assert said(YEARLY, "1500.00", "death_in_family", **CONFIRMED) == ["Add what is missing first: funeral bill."]
    funerals = helped("2026-01-05", "2026-03-01", reason="death_in_family")
    assert said(YEARLY, **CONFIRMED, helped=funerals) == []


def test_d_excludes_its_own_people_and_has_a_budget_a_quarter():
    assert said(COUNCIL) == []
    assert said(COUNCIL, excluded="Excluded.") == ["Excluded."]
    assert said(COUNCIL, spent=Decimal("4700.00")) == [
        "Of the budget of this quarter $300.00 are left. Lower the amount, or wait for the next one."
    ]


@pytest.mark.parametrize(
    ("needed_by", "days"), [(None, 10), (date(2026, 12, 31), 10), (date(2026, 12, 1), 4), (date(2026, 11, 27), 1)]
)
def test_d_decides_within_ten_days_or_sooner(needed_by, days):
    assert days_for("admin", COUNCIL, left=1, today=DAY, needed_by=needed_by) == days


# --- what only one rule more says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "facts", "sentence"),
    [
        (
            {"wait_days": 30},
            {"helped": helped("2026-11-01")},
            "The rules ask to wait 30 days after help. Submit it again from Tue 1 Dec 2026 on.",
        ),
        (
            {"months_a_member": 12},
            {"initiated_on": date(2025, 11, 28)},
            "The fund helps whoever has been a member for 12 months. Until then it cannot.",
        ),
        (
            {"months_a_member": 12},
            {},
            "The record does not say since when they are a member. Ask the office to enter the initiation date.",
        ),
        (
            {"dues_grace_days": 30},
            {"dues_paid_through": date(2026, 10, 27)},
            "Dues are not paid far enough. Settle them with the office, then submit; the draft stays here.",
        ),
        (
            {"dues_grace_days": 30},
            {},
            "The record does not say until when dues are paid. Ask the office to enter it, then submit.",
        ),
    ],
)
def test_one_rule_more(rules, facts, sentence):
    assert said(BenevolencePolicy(**rules), **facts) == [sentence]


@pytest.mark.parametrize(
    ("rules", "facts"),
    [
        ({"wait_days": 30}, {"helped": helped("2026-10-28")}),
        ({"months_a_member": 12}, {"initiated_on": date(2025, 11, 27)}),
        ({"dues_grace_days": 30}, {"dues_paid_through": date(2026, 10, 28)}),
        ({"asks_standing": False}, {"standing": "unknown"}),
        ({"helps_retirees": True}, {"status": "retired"}),
    ],
)
def test_one_rule_more_that_is_kept(rules, facts):
    assert said(BenevolencePolicy(**rules), **facts) == []


def test_the_preview_says_what_it_needs_and_could_get():
    facts = Facts(day=DAY, spent=Decimal("19300.00"))
    assert most_possible(YEARLY, "hardship", facts) == Decimal("700.00")
    assert preview(YEARLY, Decimal("600.00"), "hardship", facts) == [
        "An application of $600.00 (hardship) today would need: Vice president, Benevolence administrator.",
        "It could get at most $700.00.",
        f"The office confirms: {NINE}",
    ]
    assert preview(COMMITTEE, Decimal("600.00"), "medical", Facts(day=DAY))[1] == (
        "The last of them records a vote of the Executive board."
    )


FULL = {level: {number} for number, level in enumerate(LEVELS)}
EMPTY = (
    "Nobody is left for the seat “%s”: nobody decides two levels, and whoever pays decides none. "
    "Give its role to somebody else first, or use fewer levels."
)


@pytest.mark.parametrize(
    ("people", "payers", "seat"),
    [
        (FULL, {9}, ""),
        ({**FULL, "manager": set()}, {9}, "Business manager"),
        ({**FULL, "admin": {0, 1}, "vp": {0, 1}}, {9}, ""),
        ({**FULL, "admin": {0}}, {9}, "Benevolence administrator"),
        (FULL, {0, 1, 2, 3}, "whoever pays"),
        ({**FULL, "president": {3, 4}}, {3}, ""),
    ],
)
def test_everybody_takes_one_seat(people, payers, seat):
    assert unstaffed(FOUR_LEVELS, people, payers) == (EMPTY % seat if seat else "")
