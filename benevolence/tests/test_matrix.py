"""Role × state × move by the services, each move at each door: only what is listed here changes anything.

BATTERY=1 plays every role, state and move at every door too.
"""

import os
import random
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from accounts.factories import RoleAssignmentFactory
from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from benevolence.services import applications, carrying, payments, policies, reviews, seats
from benevolence.tests import programs
from benevolence.views.moves import MOVES
from core.errors import TransitionRefused
from core.site import local_today
from unionops.testing.cast import CAST

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(everybody):
    return everybody


TOMORROW = "2099-01-01"
VALUES = {
    "submit": {},
    "carry_over": {},
    "answer": {"text": "The power bill"},
    "amend": {"reason": "disaster", "description": "Worse now", "amount_requested": "350.00"},
    "withdraw": {"reason": "Not needed"},
    "approve": {"amount": "100.00"},
    "ask": {"question": "Which bill?"},
    "start": {},
    "defer": {"until": TOMORROW, "comments": "Wait for the bill"},
    "deny": {"reason": "Not a hardship"},
    "pay": {"payment_method": "direct_deposit"},
    "reverse": {"reason": "The check came back"},
    "release": {"reason": "Nobody can be paid"},
}
OWN = {"member", "staff"}  # the applicant, and who entered it for them
VP, SECOND = {"benevolence-vp"}, {"benevolence-admin"}
ALLOWED = {
    "draft": {"submit": OWN, "withdraw": OWN},
    "on paper": {"withdraw": OWN, "carry_over": {"officer"}},
    "submitted": {
        "amend": OWN,
        "withdraw": OWN,
        "start": VP,
        "approve": VP,
        "ask": VP,
        "defer": VP,
        "deny": VP,
    },
    "started": {"amend": OWN, "withdraw": OWN, "approve": VP, "ask": VP, "defer": VP, "deny": VP},
    "asked": {"amend": OWN, "withdraw": OWN, "answer": OWN, "deny": VP},
    "not prepared": {"amend": OWN, "withdraw": OWN, "start": VP, "ask": VP, "defer": VP, "deny": VP},
    "another's turn": {"amend": OWN, "withdraw": OWN},
    "second level": {
        "amend": OWN,
        "withdraw": OWN,
        "approve": SECOND,
        "ask": SECOND,
        "defer": SECOND,
        "deny": SECOND,
    },
    "approved": {"withdraw": OWN, "pay": {"treasurer"}, "release": {"treasurer"}},
    "denied": {},
    "paid": {"reverse": {"treasurer"}},
    "withdrawn": {},
}
# Who has no part in benevolence sees no row in any state; two states stand for all.
OUTSIDERS = (
    set(CAST) - OWN - VP - SECOND - {"officer", "treasurer", "trustee", "benevolence-manager", "benevolence-president"}
)
REFUSED = {302, 403, 404, 409}


def make(state: str, people) -> BenevolenceApplication:
    amount = Decimal("900.00" if state == "second level" else "400.00")
    vp, staff, today = people["benevolence-vp"], people["staff"], local_today()
    application = ApplicationFactory(
        member=people["member"].member, entered_by=staff, amount_requested=amount, reason="hardship"
    )
    if state == "draft":
        return application
    if state == "on paper":
        return carrying.record_paper(application, actor=staff, applied_on=today, decisions=[])
    application = applications.submit(application, actor=staff)
    if state == "not prepared":
        BenevolenceApplication.objects.filter(pk=application.pk).update(needs_intake=True)
    elif state == "another's turn":
        sitting = RoleAssignmentFactory(role="benevolence-vp").user
        seats.appoint({"level": "vp", "user": sitting, "reason": "Elected"}, actor=people["officer"])
        seats.appoint({"level": "vp", "user": vp, "reason": "Stands in"}, actor=people["officer"])
        application.refresh_from_db()
    elif state == "started":
        reviews.start_review(application, actor=vp)
    elif state == "asked":
        reviews.ask(application, actor=vp, question="Which bill?")
    elif state in ("second level", "approved", "paid"):
        application = reviews.approve(application, actor=vp, amount=amount)
    elif state == "denied":
        reviews.deny(application, actor=vp, reason="No")
    elif state == "withdrawn":
        applications.withdraw(application, actor=staff, reason="No")
    if state == "paid":
        payments.pay(application, actor=people["treasurer"], payment_date=today, payment_method="direct_deposit")
    return application


def by_page(browser, key, move, values):
    return browser.post(f"/benevolence/applications/{key}/moves/{move}/", values)


def by_admin(browser, key, move, values):
    return browser.post(f"/admin/benevolence/benevolenceapplication/{key}/moves/{move}/", values)


def by_api(browser, key, move, values):
    url = f"/api/v1/benevolence-applications/{key}/moves/{move}/"
    return programs.post(browser, url, values)


# Members have no way into the admin.
CHANNELS = {"page": (by_page, set()), "admin": (by_admin, {"member"}), "api": (by_api, set())}


WHOLE = bool(os.environ.get("BATTERY"))


def typed(move, version):
    seen = {"version": str(version), **VALUES[move]}
    return {"payment_date": str(local_today()), **seen} if move == "pay" else seen


def is_done(application, move, person):
    """Tell whether the service takes the move, without a page before it; undo it in any case."""
    form = MOVES.table[move].form_class(typed(move, application.version), record=application, actor=person)
    assert form.is_valid(), form.errors
    with transaction.atomic():
        try:
            MOVES.take(application, move, form, person)
        except (PermissionDenied, TransitionRefused):
            return False
        finally:
            transaction.set_rollback(True)
    return True


@pytest.mark.parametrize("channel", CHANNELS)
def test_who_entered_it_is_refused_at_every_door(channel, people, person_with, client):
    clerk = person_with("staff", "benevolence-vp")
    draft = ApplicationFactory(member=people["member"].member, entered_by=clerk, amount_requested=Decimal("400.00"))
    application = applications.submit(draft, actor=clerk)
    client.force_login(clerk)
    for move in ("start", "approve", "ask", "defer", "deny"):
        answer = CHANNELS[channel][0](client, application.pk, move, typed(move, application.version))
        assert answer.status_code == 409
        assert "You entered this application. Leave the decision to somebody else." in answer.text
    application.refresh_from_db()
    assert application.status == "submitted"


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.usefixtures("staffed")
def test_no_door_tells_the_office_what_a_member_was_granted(channel, people, client_of):
    granted = make("approved", people)
    policies.change_policy({"cap_per_member": Decimal("833.33")}, actor=people["admin"])
    draft = ApplicationFactory(
        member=granted.member, entered_by=people["staff"], amount_requested=Decimal("500.00"), description="Rent"
    )
    browser = client_of("staff")
    answer = CHANNELS[channel][0](browser, draft.pk, "submit", typed("submit", draft.version))
    pages = [browser.get(f"/benevolence/applications/{draft.pk}/"), answer]
    assert answer.status_code == 409
    assert ["433.33" in page.text for page in pages] == [False, False]
    assert ["and less is left" in page.text for page in pages] == [True, True]


def tried(state, seed):
    """Return (persona, move) pairs. On a commit: who may, each of their moves, and of those who may not two a persona
    that has a part in benevolence, one of another; on SQLite those of two personas.
    """
    everyone = [name for name in CAST if name != "anon"]
    if WHOLE:
        return [(name, move) for name in everyone for move in VALUES]
    draw = random.Random(f"{seed} {state}")
    involved = [name for name in everyone if name not in OUTSIDERS]
    refused = draw.sample(involved, 2) if connection.vendor == "sqlite" else involved
    pairs = [(name, move) for move, names in ALLOWED[state].items() for name in sorted(names)]
    for name, count in (*((name, 2) for name in refused), (draw.choice(sorted(OUTSIDERS - {"anon"})), 1)):
        shut = [move for move in VALUES if name not in ALLOWED[state].get(move, ())]
        pairs += [(name, move) for move in draw.sample(shut, count)]
    return pairs


@pytest.mark.parametrize("state", ALLOWED)
def test_only_the_listed_moves_succeed(state, people, seed):
    application = make(state, people)
    application.refresh_from_db()
    pairs = tried(state, seed)
    done = {(name, move) for name, move in pairs if is_done(application, move, people[name])}
    assert done == {(name, move) for name, move in pairs if name in ALLOWED[state].get(move, ())}


def plays(channel, move, state, seed):
    """Tell whether who may take the move does so at this door on a commit: at each in one of its states at least."""
    states, doors = [one for one in ALLOWED if move in ALLOWED[one]], sorted(CHANNELS)
    turn = random.Random(f"{seed} {move}").randrange(3) + states.index(state)
    return len(states) < len(doors) or doors[turn % 3] == channel


def tried_at(channel, state, seed):
    """Return (persona, move) pairs: of moves that `plays` one who may; for one move some who may not: one of those
    who see applications, who take turns, and one of the others.
    """
    if WHOLE:
        return [(name, move) for name in CAST for move in VALUES]
    draw, shut_out = random.Random(f"{seed} {channel} {state}"), CHANNELS[channel][1]
    let_in = [
        (draw.choice(sorted(names - shut_out)), move)
        for move, names in ALLOWED[state].items()
        if names - shut_out and plays(channel, move, state, seed)
    ]
    move = draw.choice(sorted(ALLOWED[state]) or sorted(VALUES))
    refused = set(CAST) - (ALLOWED[state].get(move, set()) - shut_out)
    kinds = (sorted(refused - OUTSIDERS), sorted(refused & OUTSIDERS))
    return let_in + [(draw.choice(names), move) for names in kinds if names]


@pytest.mark.heavy
@pytest.mark.parametrize("state", ALLOWED)
def test_only_what_is_listed_changes_anything(state, people, client_of, seed):
    application, browsers = make(state, people), {}
    before = BenevolenceApplication.objects.values().get(pk=application.pk)
    for channel, (take, shut_out) in CHANNELS.items():
        pairs, taken, answers = tried_at(channel, state, seed), set(), set()
        for name, move in pairs:
            if name not in browsers:
                browsers[name] = client_of(name)
            with transaction.atomic():
                answer = take(browsers[name], application.pk, move, typed(move, before["version"]))
                if BenevolenceApplication.objects.values().get(pk=application.pk) != before:
                    taken.add((name, move))
                else:
                    answers.add(401 if name == "anon" and channel == "api" else answer.status_code)
                transaction.set_rollback(True)
        allowed = {(name, move) for move, names in ALLOWED[state].items() for name in names - shut_out}
        assert (channel, taken) == (channel, allowed & {*pairs})
        assert answers - {401} <= REFUSED
