"""The API: the portal's rows, sides and moves as JSON."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory, donated
from benevolence.models import BenevolenceApplication, Payment
from benevolence.services import applications, reviews
from benevolence.tests.programs import post
from benevolence.views.moves import MOVES
from core.models import ReadEvent
from core.site import local_today
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/benevolence-applications/"
HIDDEN = ("reason", "description", "amount_requested", "needed_by", "level_due", "notes", "denial_reason")


@pytest.fixture
def case(people):
    draft = ApplicationFactory(
        member=people["member"].member,
        entered_by=people["staff"],
        reason="disaster",
        description="The flood",
        notes="By phone",
        amount_requested=Decimal("1400.00"),
    )
    application = applications.submit(draft, actor=people["staff"])
    application = reviews.approve(
        application, actor=people["benevolence-vp"], amount=Decimal("1300.00"), comments="Seen the bill"
    )
    return reviews.ask(application, actor=people["benevolence-admin"], question="Which bill?")


def test_options_tell_what_a_move_asks_for(client_of, people, case):
    """Whoever may take it; looking is recorded."""
    url = f"{URL}{case.pk}/moves/"
    browser = client_of("benevolence-admin", raise_request_exception=False)
    answer = browser.options(f"{url}defer/")
    assert answer.status_code == 200
    assert answer.json()["fields"] == {
        "version": {"label": "", "type": "integer", "required": True},
        "until": {"label": "Put off until", "type": "date", "required": True},
        "comments": {"label": "Why", "type": "string", "required": True},
    }
    assert list(ReadEvent.objects.values_list("kind", "subject_id", "actor")) == [
        ("opened", str(case.pk), people["benevolence-admin"].pk)
    ]
    found = {move: browser.options(f"{url}{move}/").status_code for move in (*MOVES.table, "nothing")}
    theirs = ("approve", "ask", "start", "defer", "deny")
    assert found == dict.fromkeys(MOVES.table, 403) | dict.fromkeys(theirs, 200) | {"nothing": 404}
    assert client_of("organizer").options(f"{url}defer/").status_code == 403
    assert client_of("treasurer").options(f"{url}pay/").status_code == 404


def whole_body(case, member) -> dict:
    today = str(local_today())
    return {
        "id": str(case.pk),
        "application_number": case.application_number,
        "member": {
            "id": member.pk,
            "member_number": member.member_number,
            "first_name": member.first_name,
            "last_name": member.last_name,
        },
        "application_date": today,
        "reason": "disaster",
        "description": "The flood",
        "amount_requested": "1400.00",
        "needed_by": None,
        "status": "under_review",
        "level_due": "admin",
        "is_awaiting_applicant": True,
        "deferred_until": None,
        "approved_amount": None,
        "approved_on": None,
        "payment_date": None,
        "payment_method": "",
        "payment_reference": "",
        "notes": "By phone",
        "is_related_to_office": False,
        "prepared_text": None,
        "side": "full",
        "questions": [{"asked_on": today, "question": "Which bill?", "answer": None, "is_void": False}],
        "denial_reason": None,
        "payees": [
            {
                "position": 1,
                "payee_kind": "member",
                "payee_name": member.full_name,
                "address": case.lines.get().address,
                "purpose": "",
                "asked": "1400.00",
                "amount": "1300.00",
                "payments": [],
            }
        ],
        "version": 4,
    }


def test_in_full(client_of, people, case):
    body = client_of("benevolence-vp").get(f"{URL}{case.pk}/").json()
    assert [body.pop(name)[:4] for name in ("created_at", "updated_at")] == [str(local_today().year)] * 2
    reviews = [{name: item[name] for name in item if name != "id"} for item in body.pop("reviews")]
    assert body == whole_body(case, people["member"].member)
    common = {"review_date": str(local_today()), "deferred_until": None, "voided_at": None}
    assert reviews == [
        {
            "review_level": "vp",
            "reviewer_name": people["benevolence-vp"].full_name,
            "decision": "approved",
            "amount": "1300.00",
            "comments": "Seen the bill",
            **common,
        },
        {
            "review_level": "admin",
            "reviewer_name": people["benevolence-admin"].full_name,
            "decision": "needs_info",
            "amount": None,
            "comments": "Which bill?",
            **common,
        },
    ]


def test_payees_and_payments_as_far_as_the_side_may_know(client_of, people, case):
    told = {name: client_of(name).get(f"{URL}{case.pk}/").json()["payees"] for name in ("member", "staff")}
    assert [[line["amount"] for line in payees] for payees in told.values()] == [["1400.00"], []]
    paid = Payment.objects.get(line__application=ApplicationFactory(status="paid", amount_requested=Decimal(90)))
    [line] = client_of("treasurer").get(f"{URL}{paid.line.application_id}/").json()["payees"]
    [payment] = line["payments"]
    assert (payment["voucher_number"], payment["amount"], payment["signed_at"]) == (paid.voucher_number, "90.00", None)


def test_the_fund(client_of, people):
    donated(Decimal("75.50"))
    ApplicationFactory(status="approved", amount_requested=Decimal(40))
    browser = client_of("treasurer")
    assert browser.get("/api/v1/benevolence-fund/figures/").json() == {
        "balance": "115.50",
        "set_aside": "40.00",
        "available": "75.50",
        "paid_out": "0.00",
    }
    entries = browser.get("/api/v1/benevolence-fund/", {"kind": "set_aside"}).json()["results"]
    assert [(row["amount"], row["credit"], row["debit"]) for row in entries] == [("40.00", "available", "set_aside")]
    found = {
        name: client_of(name).get("/api/v1/benevolence-fund/figures/").status_code for name in ("officer", "member")
    }
    assert found == {"officer": 403, "member": 403}


def test_the_other_sides(client_of, case):
    found = {name: client_of(name).get(f"{URL}{case.pk}/").json() for name in ("member", "staff")}
    asked = {name: body["questions"][0]["question"] for name, body in found.items()}
    assert {name: (body["side"], body["reviews"], asked[name]) for name, body in found.items()} == {
        "member": ("applicant", [], "Which bill?"),
        "staff": ("intake", [], "Which bill?"),
    }
    assert {name: [body[field] for field in HIDDEN] for name, body in found.items()} == {
        "member": ["disaster", "The flood", "1400.00", None, None, None, None],
        "staff": [None] * 7,
    }


def test_who_gets_which_rows(client_of, case):
    found = {}
    for name in ("member", "staff", "officer", "benevolence-vp", "benevolence-admin", "benevolence-manager"):
        found[name] = client_of(name).get(URL).json()["count"]
    assert found == {
        "member": 1,
        "staff": 1,
        "officer": 0,
        "benevolence-vp": 1,
        "benevolence-admin": 1,
        "benevolence-manager": 0,
    }
    assert {client_of(name).get(URL).status_code for name in ("admin", "steward", "nobody")} == {403}
    assert client_of("anon").get(URL).status_code == 401
    assert client_of("officer").get(f"{URL}{case.pk}/").status_code == 404


def test_a_move(client_of, case):
    url = f"{URL}{case.pk}/moves/"
    response = post(client_of("benevolence-admin"), f"{url}approve/", {"amount": "1.00"})
    assert response.status_code == 409
    assert response.json() == {
        "detail": "The applicant has not answered the question yet. Wait for the answer, or deny.",
        "code": "transition_refused",
    }
    response = post(client_of("member"), f"{url}answer/", {"text": "The power bill", "version": 4})
    assert (response.status_code, response.json()) == (200, {"status": "under_review", "version": 5})
    response = post(client_of("benevolence-admin"), f"{url}approve/", {"amount": "1300.01", "version": 5})
    assert response.status_code == 422
    assert response.json()["fields"] == {"amount": ["At most $1,300.00: a level may lower the amount, never raise it."]}
    response = post(client_of("benevolence-admin"), f"{url}approve/", {"amount": "1300", "version": 5})
    assert (response.status_code, response.json()) == (200, {"status": "approved", "version": 6})
    for body in ({"amount": {"a": 1}}, {"amount": "\0"}, {"amount": "9" * 99}, []):
        assert post(client_of("benevolence-admin"), f"{url}approve/", body).status_code in (409, 422)


def test_a_denial_is_told_to_the_applicant_only(client_of, people, case):
    reviews.deny(case, actor=people["benevolence-admin"], reason="Not for fines")
    found = {name: client_of(name).get(f"{URL}{case.pk}/").json()["denial_reason"] for name in ("member", "staff")}
    assert found == {"member": "Not for fines", "staff": None}


def test_looking_is_recorded(client_of, case):
    client_of("benevolence-vp").get(f"{URL}?reason=disaster")
    client_of("benevolence-vp").get(f"{URL}{case.pk}/")
    assert list(ReadEvent.objects.order_by("id").values_list("kind", "rows", "filters")) == [
        ("listed", 1, {"reason": "disaster"}),
        ("opened", None, {}),
    ]


def test_one_row_and_three_cost_the_same_queries(client_of, people):
    browser, found = client_of("benevolence-vp"), []
    for _number in range(3):
        draft = ApplicationFactory(entered_by=people["staff"], member=MemberFactory())
        application = applications.submit(draft, actor=people["staff"])
        reviews.ask(application, actor=people["benevolence-vp"], question="Which bill?")
        with CaptureQueriesContext(connection) as queries:
            browser.get(URL)
        found.append(len(queries))
    assert found == [8] * 3
    assert BenevolenceApplication.objects.count() == 3


def test_a_filter_that_is_not_theirs_is_neither_used_nor_recorded(client_of, case):
    """Staff filter by no level; what a stranger to the form types could be what no database takes."""
    staff = client_of("staff", raise_request_exception=False)
    assert staff.get("/api/v1/benevolence-applications/", {"level_due": "\0", "status": "approved"}).status_code == 200
    assert ReadEvent.objects.order_by("-id").first().filters == {"status": "approved"}
