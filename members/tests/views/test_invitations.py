"""Inviting from a member's page and from the filtered list, and the page for members who ask by themselves."""

import re

import pytest
from django.test import Client

from accounts.factories import UserFactory
from accounts.models import User
from core.mail import jobs
from core.models import Outbox, ReadEvent
from members.factories import MemberFactory
from members.services import invitations
from members.services.members import update_member

pytestmark = pytest.mark.django_db

PAGE, CLAIM, SENT = "/members/invite/", "/accounts/claim/", "/accounts/claim/sent/"


@pytest.fixture
def staff(client_of):
    return client_of("staff")


@pytest.fixture
def ann():
    return MemberFactory(member_number="A5120", email="ann@people.example", city="Peoria")


def invited():
    return sorted(User.objects.exclude(invited_at=None).values_list("email", flat=True))


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- a member's page --------------------------------------------------------------------------------


def test_the_member_s_page_offers_the_invitation_and_says_why_not(staff, ann, client_of):
    url = f"/members/{ann.pk}/"
    assert "Invite to the portal" in text_of(staff.get(url))
    assert staff.post(f"{url}invite/").headers["Location"] == url
    page = text_of(staff.get(url))
    assert all(words in page for words in ("Invited", "The link works until", "Invite again"))
    User.objects.filter(member=ann).update(invited_at=None)
    assert "This member has an account already." in text_of(staff.get(url))
    assert staff.post(f"{url}invite/").status_code == 409
    nobody = MemberFactory(email="")
    assert "There is no e-mail address on file." in text_of(staff.get(f"/members/{nobody.pk}/"))
    assert "Account in the portal" not in text_of(client_of("officer").get(url))
    assert invited() == []
    assert (Outbox.objects.count(), staff.get(f"{url}invite/").status_code) == (1, 405)


def test_only_admins_are_led_to_the_account(staff, ann, client_of):
    user = UserFactory(member=ann)
    link = f'href="/users/{user.pk}/"'
    found = [link in browser.get(f"/members/{ann.pk}/").content.decode() for browser in (staff, client_of("admin"))]
    assert found == [False, True]


# --- the filtered list ------------------------------------------------------------------------------


def test_the_list_leads_to_the_page_with_its_filter(staff, client_of, ann):
    link = '/members/invite/?status=active"'
    assert link in staff.get("/members/?status=active&standing=").content.decode()
    assert "/members/invite/" not in client_of("officer").get("/members/").content.decode()


def test_everybody_of_the_filter_and_nobody_else_is_invited(staff, ann):
    MemberFactory(email="bea@people.example", status="retired")
    page = staff.get(f"{PAGE}?status=active")
    assert "Invite 1 member" in text_of(page)
    assert page.context["ready"] == 1
    answer = staff.post(f"{PAGE}?status=active", {"seen": 1})
    assert answer.headers["Location"] == "/members/?status=active"
    assert invited() == ["ann@people.example"]
    page = text_of(staff.get(f"{PAGE}?status=active"))
    assert "Nobody is left to invite" in page
    assert "Invited, not yet in" in page


@pytest.mark.parametrize(
    ("seen", "status"), [({}, 422), ({"seen": ""}, 422), ({"seen": "-1"}, 422), ({"seen": 7}, 409)]
)
def test_without_the_number_that_was_seen_nobody_is_invited(staff, ann, seen, status):
    answer = staff.post(PAGE, seen)
    assert (answer.status_code, invited()) == (status, [])


def test_those_who_are_skipped_are_counted_and_listed_and_the_reading_is_recorded(staff, ann):
    for _turn in range(2):
        MemberFactory(email="both@people.example", last_name="Both")
    page = staff.get(PAGE)
    assert [(case.value, count) for case, _label, count, _way in page.context["skipped"]] == [("shared", 2)]
    assert "Both" not in text_of(page)
    assert ReadEvent.objects.count() == 0
    page = staff.get(f"{PAGE}?show=shared")
    assert (text_of(page).count("Both"), ReadEvent.objects.get().rows) == (2, 2)
    assert staff.get(f"{PAGE}?show=odd").context["shown"] is None


def test_a_bad_filter_invites_nobody(staff, ann):
    bad = "?status=odd"
    answers = [staff.get(f"{PAGE}{bad}"), staff.post(f"{PAGE}{bad}", {"seen": 1})]
    assert [answer.headers["Location"] for answer in answers] == [f"/members/{bad}"] * 2
    assert invited() == []


def test_the_search_of_the_list_is_the_filter_too(staff, ann):
    MemberFactory(email="zed@people.example", city="Zion")
    assert staff.get(f"{PAGE}?q=A5120").context["ready"] == 1
    staff.post(f"{PAGE}?q=A5120", {"seen": 1})
    assert invited() == ["ann@people.example"]


def test_progress_of_long_work(staff, ann, people, monkeypatch):
    key = invitations.job_key(people["staff"])
    jobs.Progress(key, "Inviting the members").advance(500, 2000)
    try:
        assert "Inviting the members" in text_of(staff.get(PAGE))
        assert staff.post(PAGE, {"seen": 1}).status_code == 409
        fragment = staff.get(f"{PAGE}progress/?status=active", headers={"HX-Request": "true"})
        assert "500" in text_of(fragment)
        assert fragment.status_code == 200
    finally:
        jobs.forget(key)
    fragment = staff.get(f"{PAGE}progress/?status=active", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == f"{PAGE}?status=active"
    assert staff.get(f"{PAGE}progress/?status=active").headers["Location"] == f"{PAGE}?status=active"


PAGE_QUERIES = 3


def test_the_page_costs_the_same_for_one_and_for_many(staff, ann, django_assert_num_queries):
    staff.get(PAGE)
    for _turn in range(2):
        with django_assert_num_queries(PAGE_QUERIES):
            staff.get(PAGE)
        for _more in range(3):
            MemberFactory()


# --- asking oneself ---------------------------------------------------------------------------------


def ask(number, email):
    return Client().post(CLAIM, {"number": number, "email": email})


def test_the_same_answer_for_match_and_miss(ann):
    UserFactory(email="known@people.example", member=MemberFactory(member_number="77", email="known@people.example"))
    asked = [("A5120", ann.email), ("a5120", ann.email), ("77", "known@people.example"), ("1", "no@people.example")]
    answers = [ask(*pair) for pair in asked]
    assert {(answer.status_code, answer.headers["Location"], answer.content) for answer in answers} == {
        (302, SENT, b"")
    }
    assert [mail.template for mail in Outbox.objects.order_by("created_at")] == [
        "invitation",
        "invitation",
        "claim_known",
    ]
    assert "a mail is on its way" in text_of(Client().get(SENT))
    assert "/accounts/claim/" in Client().get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    ("number", "email", "field"),
    [
        ("", "a@b.example", "number"),
        ("1" * 14, "a@b.example", "number"),
        ("1\0", "a@b.example", "number"),
        ("\u202e1", "a@b.example", "number"),
        ("1", "", "email"),
        ("1", "a", "email"),
        ("1", "a@b\0.example", "email"),
    ],
)
def test_what_cannot_be_right_is_refused_at_the_field(number, email, field):
    answer = ask(number, email)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_twenty_askings_an_hour_for_one_network(ann):
    statuses = [ask(str(number), f"{number}@people.example").status_code for number in range(20)]
    answer = ask("A5120", ann.email)
    assert set(statuses) == {302}
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert Outbox.objects.count() == 0
    assert 'value="A5120"' in answer.content.decode()


# --- an address that is too new ---------------------------------------------------------------------


@pytest.fixture
def rewritten(ann, people):
    """Let the office write another address into Ann's record."""
    return update_member(ann, {"email": "new@people.example"}, actor=people["staff"])


def test_the_page_says_who_wrote_a_new_address_and_what_to_do(staff, rewritten, people, client_of):
    url = f"/members/{rewritten.pk}/"
    page = text_of(staff.get(url))
    assert f"by {people['staff'].full_name} (The office)" in page
    assert "The address on file is too new to be invited." in page
    assert "I saw the member" not in page
    assert staff.post(f"{url}invite/").status_code == 409
    officer = client_of("officer")
    assert "I saw the member" in text_of(officer.get(url))
    assert officer.post(f"{url}address-seen/", {"reason": "At the meeting"}).headers["Location"] == url
    assert "too new" not in text_of(staff.get(url))
    assert "Account in the portal" not in text_of(officer.get(url))


def test_whoever_wrote_it_is_refused_on_the_page(staff, rewritten):
    answer = staff.post(f"/members/{rewritten.pk}/address-seen/", {"reason": "Trust me"})
    assert answer.status_code == 409
    assert "You wrote this address" in text_of(answer)


def test_the_bulk_page_counts_new_addresses_and_says_what_to_do(staff, rewritten):
    page = staff.get(f"{PAGE}?show=recent")
    assert [(case.value, count) for case, _label, count, _way in page.context["skipped"]] == [("recent", 1)]
    assert "somebody else of the office has seen the member" in text_of(page)
    assert page.context["shown"]["members"] == [rewritten]


def test_the_mailed_link_asks_for_a_click_and_works_once(client, rewritten):
    link = re.search(r"/accounts/address/\S+/", Outbox.objects.get(template="member_address").body)[0]
    assert "Is the new address yours?" in text_of(client.get(link))
    assert rewritten.email not in text_of(client.get(link))
    assert client.post(link).headers["Location"] == "/accounts/login/"
    rewritten.refresh_from_db()
    assert rewritten.has_settled_email is True
    assert [client.get(link).status_code, client.post(link).status_code] == [410, 410]


def test_a_new_address_and_a_shared_one_get_the_same_answer_as_any(client, rewritten):
    MemberFactory(member_number="77", email="two@people.example")
    MemberFactory(email="two@people.example")
    for number, email in (("A5120", rewritten.email), ("77", "two@people.example"), ("1", "nobody@people.example")):
        assert client.post(CLAIM, {"number": number, "email": email}).headers["Location"] == SENT
    assert invited() == []


# --- a code on paper --------------------------------------------------------------------------------


def test_a_code_is_printed_once_and_sets_the_account_up(staff, ann, client):
    url = f"/members/{ann.pk}/paper-code/"
    assert "Invite in person" in text_of(staff.get(f"/members/{ann.pk}/"))
    assert staff.post(url, {"reason": ""}).status_code == 422
    page = staff.post(url, {"reason": "Came to the hall"})
    code = re.search(r'id="paper-code">([A-Z2-9-]+)<', page.content.decode())[1]
    assert "A5120" not in text_of(page)
    assert code not in text_of(staff.get(url))
    typed = {"number": "A5120", "code": code, "email": "own@people.example"}
    wrong = client.post("/accounts/claim/code/", typed | {"number": "77"})
    assert wrong.status_code == 409
    assert "Number and code do not fit" in text_of(wrong)
    assert client.post("/accounts/claim/code/", typed).headers["Location"] == SENT
    assert invited() == ["own@people.example"]
    assert client.post("/accounts/claim/code/", typed).status_code == 409


def test_codes_are_guessed_no_oftener_than_numbers(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "invitation": (1, 60)}
    typed = {"number": "A5120", "code": "ABCD", "email": "own@people.example"}
    assert [client.post("/accounts/claim/code/", typed).status_code for _turn in range(2)] == [409, 429]
