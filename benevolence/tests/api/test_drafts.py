"""An application begun, changed and sent by program: the page's form, the same services, the same sentences."""

from decimal import Decimal

import pytest

from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from benevolence.services import applications, reviews
from benevolence.tests.programs import APPLICATIONS, change, post, told
from core.models import ReadEvent
from core.site import local_today
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
TYPED = {"reason": "hardship", "description": "Laid off", "amount_requested": "$450.00", "needed_by": None}
STALE = "Somebody else changed this record while you were editing. Look at the current version first."


@pytest.fixture
def program(client_of):
    return client_of("member", raise_request_exception=False)


@pytest.fixture
def draft(people):
    return ApplicationFactory(member=people["member"].member, entered_by=people["member"])


def path(application, tail=""):
    return f"{APPLICATIONS}{application.pk}/{tail}"


def test_a_draft_is_begun_for_oneself(program, people):
    answer = post(program, APPLICATIONS, TYPED)
    made = BenevolenceApplication.objects.get()
    assert answer.status_code == 201, answer.content
    assert {name: answer[name] for name in ("ETag", "Location")} == {
        "ETag": '"1"',
        "Location": f"http://testserver{path(made)}",
    }
    body = answer.json()
    assert {name: body[name] for name in ("id", "status", "side", "amount_requested", "description", "notes")} == {
        "id": str(made.pk),
        "status": "draft",
        "side": "applicant",
        "amount_requested": "450.00",
        "description": "Laid off",
        "notes": None,
    }
    assert (made.member, made.entered_by) == (people["member"].member, people["member"])
    assert list(ReadEvent.objects.values_list("kind", "subject_id")) == [("opened", str(made.pk))]


def test_the_office_names_the_member_by_their_id(client_of):
    office, member = client_of("staff", raise_request_exception=False), MemberFactory()
    asked = {"member": ["Name the member for whom this is, by their id."]}
    found = [told(post(office, APPLICATIONS, {**TYPED, **given})) for given in ({}, {"member": 0}, {"member": "Ann"})]
    assert found == [(422, asked)] * 3
    body = post(office, APPLICATIONS, {**TYPED, "member": member.pk, "notes": "At the counter"}).json()
    assert (body["member"]["id"], body["notes"], body["side"]) == (member.pk, "At the counter", "intake")


WRONG = [
    ({"amount_requested": "0"}, {"amount_requested": ["Enter an amount above zero."]}),
    ({"reason": ""}, {"reason": ["Choose the reason."]}),
    ({"notes": "x"}, {"notes": ["There is no such field here. Leave it out."]}),
    ({"member": 1}, {"member": ["There is no such field here. Leave it out."]}),
    ({"is_related_to_office": "yes"}, {"is_related_to_office": ["Send true or false."]}),
    ({"description": ["x"]}, {"description": ["Send a single value here."]}),
]


@pytest.mark.parametrize(("given", "faults"), WRONG)
def test_what_is_wrong_is_said_at_its_field(program, given, faults):
    assert told(post(program, APPLICATIONS, {**TYPED, **given})) == (422, faults)
    assert not BenevolenceApplication.objects.exists()


def test_a_draft_is_changed_by_the_version_that_was_read(program, client_of, draft):
    answer = change(program, path(draft), {"description": "Worse"}, version=1)
    draft.refresh_from_db()
    assert (answer.status_code, answer["ETag"], draft.description) == (200, '"2"', "Worse")
    assert change(program, path(draft), {"description": "Late"}, version=1).status_code == 412
    assert change(program, path(draft), {"description": "Blind"}, version=None).status_code == 428
    assert told(change(program, path(draft), {"status": "paid"}, version=2))[0] == 422
    assert change(client_of("staff"), path(draft), {"description": "x"}, version=2).status_code == 404


def test_an_applicant_who_belongs_to_the_office_sends_no_note(client_of, people, person_with):
    own = MemberFactory()
    clerk, program = person_with("member", "staff", member=own), client_of("anon", raise_request_exception=False)
    program.force_login(clerk)
    draft = ApplicationFactory(member=own, entered_by=people["staff"], notes="By phone")
    refused = change(program, path(draft), {"notes": "Mine"}, version=1)
    office = change(client_of("staff"), path(draft), {"notes": "At the counter"}, version=1)
    told_own = change(program, path(draft), {"description": "Laid off"}, version=2)
    assert (told(refused)[0], list(told(refused)[1])) == (422, ["notes"])
    assert [answer.status_code for answer in (office, told_own)] == [200, 200]
    draft.refresh_from_db()
    assert (draft.notes, draft.description, told_own.json()["notes"]) == ("At the counter", "Laid off", None)


def test_what_is_submitted_is_no_draft_any_more(program, people, draft):
    application = applications.submit(draft, actor=people["member"])
    sentence = "This application is submitted. Use “Change the application” instead."
    answer = change(program, path(application), {"description": "x"}, version=application.version)
    assert told(answer) == (409, sentence)


@pytest.mark.usefixtures("money")
def test_payees_are_named_before_it_is_sent_and_restated_by_a_decision(program, client_of, draft):
    rows = [
        {"payee_kind": "utility", "payee_name": "Lakeside", "asked": "100", "account_number": "88-1"},
        {"payee_kind": "member", "asked": 300},
    ]
    answer = change(program, path(draft, "payees/"), {"payees": rows}, version=1, method="PUT")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert [(line["position"], line["payee_name"], line["asked"]) for line in body["payees"]] == [
        (1, "Lakeside", "100.00"),
        (2, draft.member.full_name, "300.00"),
    ]
    assert (body["amount_requested"], body["version"], "88-1" in answer.text) == ("400.00", 2, False)
    sent = post(program, path(draft, "moves/submit/"), version=2)
    assert sent.json() == {"status": "submitted", "version": 3}
    vp, approve = client_of("benevolence-vp"), path(draft, "moves/approve/")
    refused = post(vp, approve, {"amount": "250", "payee_1": "50"}, version=3)
    sentence = "The payees get $350.00 together. Say what each of them gets of the $250.00."
    assert told(refused) == (422, {"amount": [sentence]})
    assert post(vp, approve, {"amount": "250", "payee_1": "50", "payee_2": "200"}, version=3).status_code == 200
    assert [line.amount for line in draft.lines.all()] == [Decimal("50.00"), Decimal("200.00")]


BAD_PAYEES = [
    ({}, {"payees": ["Send a list of payees, each an object of plain values."]}),
    ({"payees": ["x"]}, {"payees": ["Send a list of payees, each an object of plain values."]}),
    ({"payees": [{}] * 6}, {"payees": ["Name at most 5 payees."]}),
    ({"payees": [{"bank": "x"}]}, {"bank": ["There is no such field here. Leave it out."]}),
    ({"payees": [{"asked": True}]}, {"asked": ["Send a text here."]}),
    (
        {"payees": [{"payee_kind": "utility", "asked": "0"}]},
        {"payees.1.payee_name": ["Enter the name on the bill."], "payees.1.asked": ["Enter an amount above zero."]},
    ),
]


@pytest.mark.parametrize(("given", "faults"), BAD_PAYEES)
def test_what_is_wrong_with_payees_is_said(program, draft, given, faults):
    answer = change(program, path(draft, "payees/"), given, version=1, method="PUT")
    assert told(answer) == (422, faults)


def test_payees_in_review_start_it_again_and_stay_once_it_is_decided(client_of, people, applied):
    application = applied("900.00")
    reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal(900))
    given = {"payees": [{"payee_kind": "landlord", "payee_name": "Lake Homes", "asked": "400"}]}
    program = client_of("member", raise_request_exception=False)
    read = program.get(path(application)).json()["version"]
    assert change(program, path(application, "payees/"), given, version=read - 1, method="PUT").status_code == 412
    answer = change(program, path(application, "payees/"), given, version=read, method="PUT").json()
    assert (answer["status"], answer["amount_requested"]) == ("submitted", "400.00")
    application.refresh_from_db()
    assert (application.level_due, application.reviews.get().voided_at is None) == ("vp", False)
    reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal(400))
    late = change(program, path(application, "payees/"), given, version=answer["version"] + 1, method="PUT")
    sentence = "“Change the application” is not possible while the status is “Approved”."
    assert told(late) == (409, sentence)


def test_nobody_names_payees_or_appeals_for_somebody_else(client_of, people, applied):
    application = applied()
    officer = client_of("benevolence-vp", raise_request_exception=False)
    given = {"payees": [{"payee_kind": "member", "asked": "1"}]}
    answers = [
        change(officer, path(application, "payees/"), given, version=2, method="PUT"),
        change(officer, path(application), {"description": "x"}, version=2),
        post(officer, path(application, "appeal/")),
        post(officer, APPLICATIONS, TYPED),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


def test_a_denial_is_appealed_once(client_of, program, people, applied):
    application = applied()
    assert told(post(program, path(application, "appeal/"))) == (409, "Only a denied application can be appealed.")
    reviews.deny(application, actor=people["benevolence-vp"], reason="No emergency")
    answer = post(program, path(application, "appeal/"))
    made = BenevolenceApplication.objects.get(appeal_of=application)
    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (201, str(made.pk), "draft")
    sentence = "This denial is appealed already. Look for the appeal among the applications."
    assert told(post(program, path(application, "appeal/"))) == (409, sentence)


def test_the_office_tells_what_its_appeal_asks_for(client_of, people, applied):
    application = applied(entered_by=people["staff"])
    reviews.deny(application, actor=people["benevolence-vp"], reason="No emergency")
    office, address = client_of("staff", raise_request_exception=False), path(application, "appeal/")
    status, fields = told(post(office, address))
    assert (status, sorted(fields)) == (422, ["amount_requested", "description", "reason"])
    typed = {"reason": "other", "description": "Rent", "amount_requested": "5"}
    assert told(post(office, address, {**typed, "notes": "x"}))[0] == 422
    answer = post(office, address, typed)
    told_then = {name: answer.json()[name] for name in typed}
    assert (answer.status_code, told_then) == (201, {**typed, "amount_requested": "5.00"})


@pytest.mark.usefixtures("money")
def test_a_whole_way_by_program(program, client_of):
    """From the draft to the bank, each move by the version that the answer before told."""
    made = post(program, APPLICATIONS, TYPED)
    moves = f"{APPLICATIONS}{made.json()['id']}/moves/"
    steps = [
        ("member", "submit", {}),
        ("benevolence-vp", "start", {}),
        ("benevolence-vp", "ask", {"question": "Which bill?"}),
        ("member", "answer", {"text": "Power"}),
        ("benevolence-vp", "defer", {"until": "2099-01-01", "comments": "Wait"}),
        ("benevolence-vp", "approve", {"amount": "450"}),
        ("treasurer", "pay", {"payment_method": "direct_deposit", "payment_date": str(local_today())}),
        ("treasurer", "reverse", {"reason": "The bank sent it back"}),
        ("treasurer", "release", {"reason": "The landlord takes no money"}),
    ]
    version, found = 1, []
    for name, move, given in steps:
        answer = post(client_of(name, raise_request_exception=False), f"{moves}{move}/", given, version=version)
        assert answer.status_code == 200, (move, answer.content)
        version = answer.json()["version"]
        found.append(answer.json()["status"])
    review = ["under_review"] * 4
    assert found == ["submitted", *review, "approved", "paid", "approved", "withdrawn"]
