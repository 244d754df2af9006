"""The pages as people meet them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication, DeclaredRelationship
from benevolence.services import applications, reviews
from core.models import ListColumns, ReadEvent
from core.site import local_today
from core.tests.pages import errors, values_in
from core.tests.regulars import cast_with
from members.factories import MemberFactory
from members.models import Member
from unionops.testing.cast import shown_values

pytestmark = pytest.mark.django_db
LIST, QUEUE = "/benevolence/applications/", "/benevolence/queue/"
TYPED = {
    "reason": "hardship",
    "description": "Laid off.\r\nThe power is shut off.",
    "amount_requested": "1,250.00",
    "needed_by": "2099-12-24",
}
SECRETS = {"reviewer": "Benevolence-Vp", "comment": "Spoke with the landlord", "story": "Laid off", "notes": "By phone"}

regulars, people = cast_with("member", "staff", "benevolence-vp")


def state_of(application) -> BenevolenceApplication:
    return BenevolenceApplication.objects.get(pk=application.pk)


def reads() -> list[tuple[str, str]]:
    return list(ReadEvent.objects.order_by("id").values_list("kind", "subject_type"))


@pytest.fixture
def case(people):
    """Make a case that staff entered for the member, the first level approved and the second asked about."""
    draft = ApplicationFactory(
        member=people["member"].member,
        entered_by=people["staff"],
        reason="hardship",
        description=SECRETS["story"],
        notes=SECRETS["notes"],
        amount_requested=Decimal("1250.00"),
    )
    application = applications.submit(draft, actor=people["staff"])
    application = reviews.approve(
        application, actor=people["benevolence-vp"], amount=Decimal("1200.00"), comments=SECRETS["comment"]
    )
    return reviews.ask(application, actor=people["benevolence-admin"], question="Which bill?")


# --- applying -------------------------------------------------------------------------------------------


def test_a_member_applies_on_one_page(client_of, people):
    browser = client_of("member")
    assert browser.get(f"{LIST}new/").status_code == 200
    response = browser.post(f"{LIST}new/", TYPED)
    application = BenevolenceApplication.objects.get()
    assert (response.status_code, response.url) == (302, application.get_absolute_url())
    assert application.member == people["member"].member
    assert application.entered_by == people["member"]
    assert application.amount_requested == Decimal("1250.00")
    assert application.description == "Laid off.\nThe power is shut off."
    assert application.status == "draft"
    page = browser.get(response.url)
    assert "Nothing is sent yet" in page.text
    response = browser.post(f"{response.url}moves/submit/", {"version": "1"})
    application.refresh_from_db()
    assert (response.status_code, application.status) == (302, "submitted")


def test_an_application_begins_with_the_member_it_was_opened_for(client_of, people):
    """For the office; a member's own form asks for nobody, whoever is named in its address."""
    ann = MemberFactory(first_name="Ann", last_name="Aalto", member_number="204233")
    page = client_of("staff").get(f"{LIST}new/?member={ann.pk}")
    assert values_in(page)["member"] == "Ann Aalto — 204233"
    assert reads() == [("opened", "members.member")]
    assert "Aalto" not in client_of("member").get(f"{LIST}new/?member={ann.pk}").text
    assert reads() == [("opened", "members.member")]


def test_the_office_applies_for_a_member(client_of, people):
    ann = MemberFactory(first_name="Ann", last_name="Aalto", member_number="204233")
    browser = client_of("staff")
    response = browser.post(f"{LIST}new/", TYPED | {"member": "204233", "notes": "By phone"})
    application = BenevolenceApplication.objects.get()
    assert response.status_code == 302
    assert application.member == ann
    assert application.notes == "By phone"
    response = browser.post(f"{LIST}new/", TYPED | {"member": "Nobody Known", "notes": ""})
    assert (response.status_code, list(errors(response))) == (422, ["member"])
    assert BenevolenceApplication.objects.count() == 1


BAD = [
    ("description", "a\0b"),
    ("description", "x" * 100_001),
    ("description", "a\u202eb"),
    ("description", ""),
    ("amount_requested", "0"),
    ("amount_requested", "-1"),
    ("amount_requested", "9" * 40),
    ("amount_requested", "NaN"),
    ("amount_requested", "1.001"),
    ("amount_requested", "x"),
    ("needed_by", "9999-12-31"),
    ("needed_by", "0001-01-01"),
    ("needed_by", "soon"),
    ("needed_by", "2020-02-29"),
    ("reason", "greed"),
    ("reason", ""),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_wrong_value_is_told_at_its_field_and_nothing_is_lost(client_of, field, value):
    response = client_of("member").post(f"{LIST}new/", TYPED | {field: value})
    assert (response.status_code, list(errors(response))) == (422, [field])
    assert ("The power is shut off." in response.text) == (field != "description")
    assert BenevolenceApplication.objects.count() == 0


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_change_minds_the_same(client_of, applied, field, value):
    application = applied()
    response = client_of("member").post(f"{LIST}{application.pk}/moves/amend/", TYPED | {field: value})
    assert (response.status_code, list(errors(response))) == (422, [field])
    assert BenevolenceApplication.objects.get().version == application.version


def test_a_draft_is_edited_and_a_newer_version_is_not_overwritten(client_of, people):
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"], reason="other")
    browser, url = client_of("member"), f"{LIST}{draft.pk}/edit/"
    assert re.findall(r'name="version" value="(\d+)"', browser.get(url).text) == ["1"]
    applications.update_draft(draft, {"reason": "medical"}, actor=people["member"])
    response = browser.post(url, TYPED | {"version": "1"})
    assert response.status_code == 409
    assert "The power is shut off." in response.text
    assert browser.post(url, TYPED | {"version": "2"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.reason, draft.version) == ("hardship", 3)


def test_an_applicant_who_belongs_to_the_office_meets_no_note_about_them(client_of, people, person_with):
    own = MemberFactory()
    clerk, browser = person_with("member", "staff", member=own), client_of("anon")
    browser.force_login(clerk)
    draft = ApplicationFactory(member=own, entered_by=people["staff"], reason="other", notes=SECRETS["notes"])
    url, found = f"{LIST}{draft.pk}/edit/", {}
    for name, sent_by in (("applicant", browser), ("office", client_of("staff"))):
        page = sent_by.get(url)
        sent = {"version": values_in(page)["version"], "notes": "Mine", "description": name}
        answer, row = sent_by.post(url, TYPED | sent), state_of(draft)
        found[name] = (SECRETS["notes"] in page.text, answer.status_code, row.description, row.notes)
    assert found == {
        "applicant": (False, 302, "applicant", SECRETS["notes"]),
        "office": (True, 302, "office", "Mine"),
    }


def test_only_a_draft_is_edited_and_only_by_its_people(client_of, applied, case):
    application = applied()
    found = {name: client_of(name).get(f"{LIST}{application.pk}/edit/").status_code for name in ("member", "staff")}
    assert found == {"member": 409, "staff": 404}
    assert client_of("benevolence-vp").get(f"{LIST}{application.pk}/edit/").status_code == 403
    assert client_of("member").post(f"{LIST}{application.pk}/edit/", TYPED).status_code == 409


# --- the record, from each side -------------------------------------------------------------------------


def test_each_side_sees_its_part(client_of, case):
    url, found = case.get_absolute_url(), {}
    for name in ("member", "staff", "benevolence-vp", "benevolence-admin"):
        page = client_of(name).get(url)
        said = {word for word, text in SECRETS.items() if text.lower() in page.text.lower()}
        found[name] = (said, "Which bill?" in page.text, "1,250.00" in page.text, "<title>" in page.text)
    everything = set(SECRETS)
    assert found == {
        "member": ({"story"}, True, True, True),
        "staff": (set(), True, False, True),
        "benevolence-vp": (everything, True, True, True),
        "benevolence-admin": (everything, True, True, True),
    }
    hidden = ("officer", "benevolence-manager", "treasurer", "trustee")
    assert {client_of(name).get(url).status_code for name in hidden} == {404}
    assert {client_of(name).get(url).status_code for name in ("nobody", "steward", "admin")} == {403}


def test_the_office_sees_all_of_what_it_enters_until_it_is_submitted(client_of, people):
    draft = ApplicationFactory(entered_by=people["staff"], description=SECRETS["story"], notes=SECRETS["notes"])
    page = client_of("staff").get(draft.get_absolute_url()).text
    assert SECRETS["story"] in page
    assert SECRETS["notes"] in page
    assert "Edit draft" in page


def test_no_title_names_a_person(client_of, people, case):
    for name in ("member", "staff", "benevolence-vp"):
        title = re.search(r"<title>(.*?)</title>", client_of(name).get(case.get_absolute_url()).text, re.DOTALL)[1]
        assert people["member"].member.last_name not in title


def test_a_denial_is_read_by_the_applicant(client_of, people, applied):
    application = reviews.deny(applied(), actor=people["benevolence-vp"], reason="Not for fines")
    page = client_of("member").get(application.get_absolute_url()).text
    assert "Not for fines" in page
    assert "Benevolence-Vp" not in page


def test_earlier_help_is_told_to_those_who_decide(client_of, applied, approved):
    approved("300.00")
    approved("200.00")
    url = applied("100.00").get_absolute_url()
    found = {name: client_of(name).get(url) for name in ("benevolence-vp", "member")}
    assert found["benevolence-vp"].context["earlier"] == {"count": 2, "total": Decimal("500.00")}
    assert "500.00" in found["benevolence-vp"].text
    assert "500.00" not in found["member"].text


def test_moves_are_offered_with_their_refusals(client_of, people, case):
    def offered(name):
        offers = client_of(name).get(case.get_absolute_url()).context["offers"]
        return [(offer.name, bool(offer.refusal)) for offer in offers]

    assert {name: offered(name) for name in ("member", "benevolence-vp", "benevolence-admin")} == {
        "member": [("answer", False), ("amend", False), ("withdraw", False)],
        "benevolence-vp": [],
        "benevolence-admin": [("approve", True), ("ask", True), ("defer", True), ("deny", False)],
    }


# --- moves ----------------------------------------------------------------------------------------------


def test_a_move_that_is_refused_keeps_what_was_typed(client_of, people, applied):
    application = applied("1000.00")
    url = f"{application.get_absolute_url()}moves/approve/"
    browser = client_of("benevolence-vp")
    page = browser.get(url)
    assert 'value="1000.00"' in page.text
    assert "At most $1,000.00" in page.text
    response = browser.post(url, {"amount": "1000.01", "comments": "Fine", "version": application.version})
    assert response.status_code == 422
    assert errors(response) == {"amount": ["At most $1,000.00: a level may lower the amount, never raise it."]}
    assert "Fine" in response.text
    reviews.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    response = browser.post(url, {"amount": "900.00", "comments": "Fine", "version": application.version})
    assert response.status_code == 409
    assert "Fine" in response.text
    assert not application.reviews.filter(decision="approved").exists()


def test_an_approval_says_who_is_next(client_of, people, applied):
    def approve(name):
        url = f"{application.get_absolute_url()}moves/approve/"
        lead, version = client_of(name).get(url).context["view"].lead, state_of(application).version
        page = client_of(name).post(url, {"amount": "700.00", "version": version}, follow=True)
        return lead, [str(message) for message in page.context["messages"]]

    application, payer = applied("700.00"), people["treasurer"].full_name
    assert approve("benevolence-vp") == (
        "Your level agrees. Next decides: Benevolence administrator. The last level grants the help.",
        ["Approved at your level. Next decides: Benevolence administrator."],
    )
    assert approve("benevolence-admin") == (
        "Yours is the last level: with your approval the help is granted and goes on to be paid.",
        [f"Granted: $700.00. Next it is paid, by {payer}."],
    )


def test_who_decides_reads_the_case_beside_the_form(client_of, people, case):
    """As much of it as their side sees; the admin shows the same."""
    url, found = case.get_absolute_url(), {}
    for name, move in (("benevolence-admin", "deny"), ("member", "answer"), ("staff", "withdraw")):
        page = client_of(name).get(f"{url}moves/{move}/").text.lower()
        found[name] = {word for word, text in SECRETS.items() if text.lower() in page}
    assert found == {"benevolence-admin": set(SECRETS), "member": {"story"}, "staff": set()}
    page = client_of("benevolence-admin").get(f"/admin/benevolence/benevolenceapplication/{case.pk}/moves/deny/")
    assert {word for word, text in SECRETS.items() if text.lower() in page.text.lower()} == set(SECRETS)


def test_the_question_stands_beside_its_answer(client_of, case):
    url = f"{case.get_absolute_url()}moves/{{}}/"
    found = {
        (name, move): "Which bill?" in client_of(name).get(url.format(move)).text
        for name, move in (("member", "answer"), ("staff", "answer"), ("benevolence-admin", "deny"))
    }
    assert found == {("member", "answer"): True, ("staff", "answer"): True, ("benevolence-admin", "deny"): True}


def test_an_applicant_need_not_say_why_they_withdraw(client_of, applied, case):
    url, application = "{}moves/withdraw/", applied()
    given = {"version": application.version, "reason": ""}
    assert client_of("member").post(url.format(application.get_absolute_url()), given).status_code == 302
    response = client_of("staff").post(url.format(case.get_absolute_url()), {"version": case.version, "reason": ""})
    assert (response.status_code, errors(response)) == (422, {"reason": ["Say why."]})


def test_an_approval_of_what_was_withdrawn_meanwhile_is_refused_with_what_was_typed(client_of, people, applied):
    application = applied("700.00")
    applications.withdraw(application, actor=people["member"], reason="")
    sent = {"amount": "700.00", "comments": "Fine", "version": application.version}
    admin = f"/admin/benevolence/benevolenceapplication/{application.pk}/"
    answers = [
        client_of("benevolence-vp").post(f"{place}moves/approve/", sent)
        for place in (application.get_absolute_url(), admin)
    ]
    assert [(answer.status_code, "is not possible while the status is" in answer.text) for answer in answers] == [
        (409, True),
        (409, True),
    ]
    assert "Fine" in answers[0].text


def test_whoever_comes_after_a_decision_is_told_so_and_not_that_their_role_is_wrong(client_of, people, applied):
    application = applied("700.00")
    reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("700.00"))
    moves, sentence = f"{application.get_absolute_url()}moves/", "This step is not yours to take here."
    found = {}
    for move in ("approve", "withdraw"):
        page = client_of("benevolence-vp").get(f"{moves}{move}/")
        found[move] = (page.status_code, sentence in page.text, "Your role does not include" in page.text)
    assert found == {"approve": (403, True, False), "withdraw": (403, False, True)}
    told = client_of("benevolence-vp").post(f"/api/v1/benevolence-applications/{application.pk}/moves/approve/").json()
    assert (told["code"], told["detail"].startswith(sentence)) == ("permission_denied", True)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"payment_method": "check"}, ["payment_reference"]),
        ({"payment_method": "wire_transfer", "payment_reference": " "}, ["payment_reference"]),
        ({"payment_method": "barter"}, ["payment_method"]),
        ({"payment_method": "direct_deposit", "payment_date": "9999-01-01"}, ["payment_date"]),
        ({"payment_method": "direct_deposit", "payment_date": "2099-01-01"}, ["payment_date"]),
        ({"payment_method": "check", "payment_reference": "a\0b"}, ["payment_reference"]),
        ({"payment_method": "check", "payment_reference": "x" * 61}, ["payment_reference"]),
        ({"payment_method": "check", "payment_reference": "4711"}, []),
    ],
)
def test_paying(client_of, approved, values, fields):
    application = approved()
    url = f"{application.get_absolute_url()}moves/pay/"
    response = client_of("treasurer").post(
        url, {"payment_date": str(local_today()), "version": application.version, **values}
    )
    assert (response.status_code, list(errors(response)) if fields else []) == (422 if fields else 302, fields)
    assert BenevolenceApplication.objects.get().status == ("approved" if fields else "paid")


def test_the_office_changes_without_seeing(client_of, case):
    url = f"{case.get_absolute_url()}moves/amend/"
    page = client_of("staff").get(url)
    assert SECRETS["story"] not in page.text
    assert not re.search(r"1,?250\.00", page.text)
    assert "Leave it as it is" in page.text
    response = client_of("staff").post(url, {"amount_requested": "1300.00", "version": case.version})
    case.refresh_from_db()
    assert response.status_code == 302
    assert case.amount_requested == Decimal("1300.00")
    assert case.reason == "hardship"
    assert case.description == SECRETS["story"]
    assert case.level_due == "vp"
    assert client_of("staff").post(url, {"version": case.version}).status_code == 409


def test_an_unknown_move_is_not_found(client_of, applied):
    assert client_of("member").get(f"{applied().get_absolute_url()}moves/fly/").status_code == 404


def test_stepping_back(client_of, people, applied, approved):
    application = applied()
    url = f"{application.get_absolute_url()}recuse/"
    assert client_of("benevolence-vp").get(url).status_code == 200
    assert client_of("benevolence-vp").post(url, {"kind": "enemy"}).status_code == 422
    response = client_of("benevolence-vp").post(url, {"kind": "family"})
    assert (response.status_code, response.url) == (302, QUEUE)
    assert DeclaredRelationship.objects.get().kind == "family"
    assert client_of("benevolence-vp").get(url).status_code == 404
    assert client_of("member").get(url).status_code == 403


# --- lists ----------------------------------------------------------------------------------------------


def test_the_list_has_the_title_and_the_columns_of_the_side(client_of, people, case):
    found = {name: client_of(name).get(LIST) for name in ("member", "staff", "benevolence-vp")}
    labels = {name: [str(column.label) for column, *_ in page.context["columns"]] for name, page in found.items()}
    own = ["Number", "Status", "Reason", "Amount", "Date", "Days waiting"]
    staff = ["Number", "Status", "Member", *own[3:]]
    assert labels == {"member": own, "staff": staff, "benevolence-vp": [*staff[:4], "Level due", *staff[4:]]}
    assert [name for name, page in found.items() if "<h1>My applications</h1>" in page.text] == ["member"]
    for name in ("staff", "benevolence-vp"):
        chosen = ["number", "status", "member", "reason", "amount"]
        ListColumns.objects.create(owner=people[name], list_name="application_list", columns=chosen)
    cells = {name: shown_values(client_of(name).get(LIST))[0][2:] for name in ("staff", "benevolence-vp")}
    name = case.member.list_name
    assert cells["benevolence-vp"] == [name, "Hardship", Decimal("1250.00")]
    assert cells["staff"] == [name, "", ""]


def test_the_queue_has_what_is_needed_first_before_what_is_oldest(client_of, applied):
    days = {"old": (9, None), "new": (1, None), "later": (2, 20), "soon": (0, 3), "late": (0, -2)}
    rows = {}
    for name, (age, need) in days.items():
        rows[name] = applied()
        needed_by = None if need is None else local_today() + timedelta(need)
        BenevolenceApplication.objects.filter(pk=rows[name].pk).update(
            list_date=local_today() - timedelta(age), needed_by=needed_by
        )
    page = client_of("benevolence-vp").get(QUEUE)
    found = {row.pk: name for name, row in rows.items()}
    assert [found[row.pk] for row, _refusal in page.context["queue"]] == ["late", "soon", "later", "old", "new"]
    assert re.findall(r'data-label="Days left">([-\d]+)<', page.text) == ["-2", "3", "20"]


def test_the_queue_says_what_one_cannot_decide(client_of, people, applied, case, person_with):
    first = applied("100.00")
    BenevolenceApplication.objects.filter(pk=first.pk).update(list_date=local_today() - timedelta(9))
    second = applied("200.00")
    page = client_of("benevolence-vp").get(QUEUE)
    assert page.context["queue"] == [(first, ""), (second, "")]
    [(row, refusal)] = client_of("benevolence-admin").get(QUEUE).context["queue"]
    assert (row, refusal) == (case, "The applicant has not answered the question yet. Wait for the answer, or deny.")
    reviews.defer(first, actor=people["benevolence-vp"], until=local_today() + timedelta(1), comments="The bill")
    page = client_of("benevolence-vp").get(QUEUE)
    assert page.context["queue"] == [(second, ""), (first, "")]
    assert [str(title) for title, _body in page.context["parts"]] == ["Waiting for you", "Not now"]
    assert client_of("treasurer").get(QUEUE).context["queue"] == []
    assert client_of("member").get(QUEUE).status_code == 403


QUERIES = {
    ("member", LIST): 7,
    ("staff", LIST): 6,
    ("benevolence-vp", LIST): 6,
    ("benevolence-vp", QUEUE): 8,
}


@pytest.mark.parametrize(("name", "url"), QUERIES)
def test_one_row_and_three_cost_the_same_queries(client_of, people, name, url):
    browser, found = client_of(name), []
    browser.get(url)
    for _number in range(3):
        draft = ApplicationFactory(
            member=people["member"].member if name == "member" else MemberFactory(), entered_by=people["staff"]
        )
        applications.submit(draft, actor=people["staff"])
        with CaptureQueriesContext(connection) as queries:
            browser.get(url)
        found.append(len(queries))
    assert found == [QUERIES[name, url]] * 3


def test_looking_is_recorded(client_of, case):
    url = case.get_absolute_url()
    for browser in (client_of("benevolence-admin"),):
        browser.get(LIST)
        browser.get(QUEUE)
        browser.get(url)
        browser.get(f"{url}moves/deny/")
        browser.get("/benevolence/reports/")
    kind = "benevolence.benevolenceapplication"
    assert reads() == [("listed", kind), ("listed", kind), ("opened", kind), ("opened", kind)]


def test_a_member_in_arrears_is_told_on_the_page(client_of, people):
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"])
    Member.objects.update(standing="arrears")
    page = client_of("member").get(draft.get_absolute_url())
    assert "Dues are in arrears. Settle them with the office, then submit; the draft stays here." in page.text
    response = client_of("member").post(f"{draft.get_absolute_url()}moves/submit/")
    assert (response.status_code, BenevolenceApplication.objects.get().status) == (409, "draft")
