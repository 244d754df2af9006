"""Role × state × move by the services; each move at each door. The tables are written by hand.

BATTERY=1 plays every role, state and move at every door too.
"""

import json
import os
import random

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from core.errors import TransitionRefused
from grievances.factories import GrievanceFactory, StepRecordFactory
from grievances.models import Grievance
from grievances.tests.case_setup import NOT_PURSUED, typed_ending
from grievances.views.moves import MOVES
from unionops.testing.cast import CAST

pytestmark = pytest.mark.django_db

WHOLE = bool(os.environ.get("BATTERY"))

STATES = {
    "open": {},
    "investigation": {"status": "investigation"},
    "hearing": {"status": "hearing"},
    "last": {"current_step": "step_3"},
    "denied": {"status": "hearing", "current_step": "step_3"},
    "arbitration": {"at_arbitration": True},
    "settled": {"settled": True},
    "withdrawn": {"withdrawn": True},
    "closed": {"closed": True},
}
RECORDS = {"hearing": (1, ""), "denied": (3, "denied")}

# Everything that the moment allows: officers and the grievance chair.
ALL = {
    "open": "investigate hold_meeting record_answer advance settle withdraw close",
    "investigation": "hold_meeting record_answer advance settle withdraw close",
    "hearing": "record_answer advance record_meeting settle withdraw close",
    "last": "investigate hold_meeting record_answer demand_arbitration settle withdraw close",
    "denied": "record_meeting demand_arbitration settle withdraw close",
    "arbitration": "record_meeting settle withdraw close",
    "settled": "reopen",
    "withdrawn": "reopen",
    "closed": "reopen",
}
# The papers, and no end: the office for every case, a steward for those assigned to them.
PAPERS = {
    "open": "investigate hold_meeting record_answer advance",
    "investigation": "hold_meeting record_answer advance",
    "hearing": "record_answer advance record_meeting",
    "last": "investigate hold_meeting record_answer",
    "denied": "record_meeting",
    "arbitration": "record_meeting",
}
# A representative also ends the cases assigned to them, unless the last step is lost.
ASSIGNED = {
    "open": "investigate hold_meeting record_answer advance settle withdraw close",
    "investigation": "hold_meeting record_answer advance settle withdraw close",
    "hearing": "record_answer advance record_meeting settle withdraw close",
    "last": "investigate hold_meeting record_answer settle withdraw close",
    "denied": "record_meeting",
    "arbitration": "record_meeting",
}
NONE: dict[str, str] = {}

# persona (with “*”: the case is assigned to them) → (page and API, admin)
EXPECTED = {
    "officer": (ALL, ALL),
    "grievance-chair": (ALL, NONE),
    "staff": (PAPERS, PAPERS),
    "representative*": (ASSIGNED, NONE),
    "representative": (NONE, NONE),
    "steward*": (PAPERS, NONE),
    "steward": (NONE, NONE),
    "member": (NONE, NONE),
    "admin": (NONE, NONE),
    "organizer": (NONE, NONE),
    "instructor": (NONE, NONE),
    "organizing-director": (NONE, NONE),
    "treasurer": (NONE, NONE),
    "trustee": (NONE, NONE),
    "benevolence-vp": (NONE, NONE),
    "benevolence-admin": (NONE, NONE),
    "benevolence-manager": (NONE, NONE),
    "benevolence-president": (NONE, NONE),
    "nobody": (NONE, NONE),
    "expired": (NONE, NONE),
    "suspended": (NONE, NONE),
    "anon": (NONE, NONE),
}


def typed(case, move):
    seen = {"version": str(case.version)}
    if move in ("hold_meeting", "record_meeting"):
        return seen | {"meeting_date": "2026-08-20"}
    if move in ("settle", "close"):
        return typed_ending(case, **(NOT_PURSUED if move == "close" else {}))
    if move == "record_answer":
        return seen | {"received_on": "2026-08-20", "how": "mail", "answer": "denied"}
    more = {"withdraw": typed_ending(case, with_prejudice="False"), "reopen": {"reason": "Not paid"}}
    return seen | more.get(move, {})


def url_of(channel, case, move):
    return {
        "page": f"/grievances/{case.pk}/moves/{move}/",
        "admin": f"/admin/grievances/grievance/{case.pk}/moves/{move}/",
        "api": f"/api/v1/grievances/{case.pk}/moves/{move}/",
    }[channel]


def is_taken(browser, channel, case, move):
    """Tell whether the move changes the case, whatever is answered; undo it in any case."""
    values = typed(case, move)
    sent = (json.dumps(values), "application/json") if channel == "api" else (values,)
    with transaction.atomic():
        answer = browser.post(url_of(channel, case, move), *sent)
        changed = Grievance.objects.get(pk=case.pk).version != case.version
        transaction.set_rollback(True)
    succeeded = answer.status_code == 200 if channel == "api" else answer.status_code == 302
    assert succeeded or not changed
    return changed


def case_in(state, people, persona):
    case = GrievanceFactory(
        assigned_rep=people[persona.removesuffix("*")] if persona.endswith("*") else None, **STATES[state]
    )
    if state in RECORDS:
        number, outcome = RECORDS[state]
        StepRecordFactory(grievance=case, step_number=number, outcome=outcome)
    return case


def is_done(case, move, person):
    """Tell whether the service takes the move, without a page before it; undo it in any case."""
    form = MOVES.table[move].form_class(typed(case, move), record=case, actor=person)
    assert form.is_valid(), form.errors
    with transaction.atomic():
        try:
            MOVES.take(case, move, form, person)
        except (PermissionDenied, TransitionRefused):
            return False
        finally:
            transaction.set_rollback(True)
    return True


@pytest.mark.parametrize("persona", [name for name in EXPECTED if name != "anon"])
def test_only_the_listed_moves_succeed(people, persona, seed):
    """On a commit whoever may make no move in any state tries those of three states; on SQLite everybody does."""
    table, person, found = EXPECTED[persona][0], people[persona.removesuffix("*")], {}
    is_whole = WHOLE or (table and connection.vendor == "postgresql")
    states = list(STATES) if is_whole else random.Random(f"{seed} {persona}").sample(list(STATES), 3)
    for state in states:
        case = case_in(state, people, persona)
        found[state] = {move for move in MOVES.table if is_done(case, move, person)}
    assert found == {state: {*table.get(state, "").split()} for state in states}


SEE_ALL = {"officer", "grievance-chair", "staff", "representative"}


def tried_at(channel, move, seed):
    """(state, persona) pairs: one whom the door lets in; of the refused one who sees the case, one who does not, and
    one without a live role.
    """
    if WHOLE:
        return [(state, persona) for state in STATES for persona in EXPECTED]
    draw = random.Random(f"{seed} {channel} {move}")
    state = draw.choice([state for state, moves in ALL.items() if move in moves.split()])
    allowed = [persona for persona in EXPECTED if is_listed(persona, channel, state, move)]
    refused = [persona for persona in EXPECTED if persona not in allowed]
    outside = {"anon", "nobody", "expired", "suspended"}
    kinds = (SEE_ALL, set(refused) - SEE_ALL - outside, outside)
    return [(state, draw.choice(allowed))] + [
        (state, draw.choice(names)) for kind in kinds if (names := [name for name in refused if name in kind])
    ]


def is_listed(persona, channel, state, move):
    of_page, of_admin = EXPECTED[persona]
    return move in (of_admin if channel == "admin" else of_page).get(state, "").split()


@pytest.mark.parametrize("move", MOVES.table)
@pytest.mark.parametrize("channel", ["page", "api", "admin"])
def test_a_door_takes_a_move_from_the_listed_people_only(client_of, people, channel, move, seed):
    found, wanted = {}, {}
    for state, persona in tried_at(channel, move, seed):
        browser = client_of(persona.removesuffix("*"), raise_request_exception=False)
        found[state, persona] = is_taken(browser, channel, case_in(state, people, persona), move)
        wanted[state, persona] = is_listed(persona, channel, state, move)
    assert found == wanted


def test_the_table_names_every_state_and_every_persona():
    assert {name.removesuffix("*") for name in EXPECTED} == {*CAST}
    assert set(ALL) == set(STATES)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("officer", 302),
        ("grievance-chair", 302),
        ("staff", 404),
        ("representative", 404),
        ("steward", 404),
        ("member", 404),
    ],
)
def test_a_restricted_case_is_worked_by_its_named_people_only(client_of, people, role, status):
    case = GrievanceFactory(people=[people["member"].member], is_restricted=True, assigned_rep=people["steward"])
    case.named_people.set([people["officer"], people["grievance-chair"]])
    found = client_of(role, raise_request_exception=False).post(
        url_of("page", case, "investigate"), typed(case, "investigate")
    )
    assert found.status_code == (403 if role == "member" else status)
    answer = client_of(role, raise_request_exception=False).get(f"/api/v1/grievances/{case.pk}/")
    assert answer.status_code == (200 if status == 302 else 404)


# --- filed text ------------------------------------------------------------------------------------------

FILED_TEXT = {
    "contract_article": "99",
    "incident_date": "2020-01-01",
    "knowledge_date": "2020-01-01",
    "violation_description": "Changed",
    "remedy_sought": "Changed",
    "grievance_number": "GR-1",
    "filed_date": "2020-01-01",
    "member": "1",
    "employer": "1",
    "grievance_type": "policy",
    "former_number": "x",
}


def filed_text(case):
    return Grievance.objects.values(*FILED_TEXT).get(pk=case.pk)


def test_filed_text_is_changed_by_no_page_no_api_and_no_admin(client_of, people):
    browser = client_of("officer", raise_request_exception=False)
    case = GrievanceFactory(status="hearing", notes="x")
    record = StepRecordFactory(grievance=case)
    before = filed_text(case)
    everything = (
        FILED_TEXT
        | typed_ending(case)
        | {
            "with_prejudice": "True",
            "meeting_date": "2026-08-20",
            "notes": "Changed",
            "version": "1",
            "status": "closed",
            "person": str(people["steward"].pk),
            "people": str(people["officer"].pk),
            "outcome": "denied",
        }
    )
    own = f"/grievances/{case.pk}/"
    pages = [f"{own}moves/{move}/" for move in MOVES.table]
    pages += [f"{own}{name}/" for name in ("assign", "restrict", "lift", "notes")]
    pages += [f"/grievances/steps/{record.pk}/replace/", own, f"/admin/grievances/grievance/{case.pk}/change/"]
    pages += [url_of("admin", case, move) for move in MOVES.table]
    answered = set()
    for page in pages:
        with transaction.atomic():
            answered.add(browser.post(page, everything).status_code)
            assert filed_text(case) == before
            transaction.set_rollback(True)
    api = f"/api/v1/grievances/{case.pk}/"
    body = json.dumps(everything)
    for method in (browser.put, browser.patch, browser.post, browser.delete):
        assert method(api, body, "application/json").status_code == 405
    for move in MOVES.table:
        with transaction.atomic():
            answered.add(browser.post(f"{api}moves/{move}/", body, "application/json").status_code)
            assert filed_text(case) == before
            transaction.set_rollback(True)
    assert {200, 302} <= answered
