"""Who should be paid, as the form of a draft asks it."""

from decimal import Decimal

import pytest

from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from benevolence.services import applications
from core.tests.pages import errors, said, values_in

pytestmark = pytest.mark.django_db
LIST = "/benevolence/applications/"
TYPED = {
    "reason": "hardship",
    "description": "The power is shut off.",
    "amount_requested": "1,250.00",
    "needed_by": "2099-12-24",
}


def shares(application):
    lines = application.lines.values_list("payee_kind", "payee_name", "asked")
    return [(kind, name, str(asked)) for kind, name, asked in lines]


def test_the_form_asks_who_should_be_paid(client_of, people):
    browser = client_of("member")
    payee = {"payee_kind": "utility", "payee_name": "Lakeside Power", "account_number": "77-1"}
    wrong = browser.post(f"{LIST}new/", TYPED | payee | {"payee_name": ""})
    assert (wrong.status_code, errors(wrong)) == (422, {"payee_name": ["Enter the name on the bill."]})
    assert 'value="77-1"' in wrong.text
    answer = browser.post(f"{LIST}new/", TYPED | payee | {"then_documents": "1"})
    draft = BenevolenceApplication.objects.get()
    assert answer.url == f"{LIST}{draft.pk}/documents/"
    assert shares(draft) == [("utility", "Lakeside Power", "1250.00")]
    edit = f"{LIST}{draft.pk}/edit/"
    assert 'value="Lakeside Power"' in browser.get(edit).text
    browser.post(edit, TYPED | {"amount_requested": "900", "version": draft.version})
    assert shares(draft) == [("utility", "Lakeside Power", "900.00")]  # nothing was said of payees
    draft.refresh_from_db()
    browser.post(edit, TYPED | payee | {"payee_kind": "member", "version": draft.version})
    assert shares(draft) == [("member", people["member"].member.full_name, "1250.00")]
    draft.refresh_from_db()
    browser.post(edit, TYPED | {**dict.fromkeys(payee, ""), "version": draft.version})
    assert shares(draft) == []


def test_the_form_leaves_several_payees_to_their_own_page(client_of, people):
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"], amount_requested=900)
    lines = [{"payee_kind": "vendor", "payee_name": name, "asked": Decimal(450)} for name in ("Alpha", "Beta")]
    applications.name_payees(draft, lines, actor=people["member"])
    page = client_of("member").get(f"{LIST}{draft.pk}/edit/")
    assert "payee_name" not in page.context["form"].fields
    assert f'href="{LIST}{draft.pk}/payees/"' in page.text
    applications.name_payees(draft, lines[:1], actor=people["member"])
    answer = client_of("member").post(f"{LIST}{draft.pk}/edit/", values_in(page) | {"description": "Told anew"})
    assert (answer.status_code, shares(draft)) == (302, [("vendor", "Alpha", "450.00")])


LANDLORD = {
    "payee_kind": "landlord",
    "payee_name": "Harbor Homes",
    "address": "9 Quay",
    "purpose": "Rent",
    "account_number": "",
}


@pytest.fixture
def opened(client_of, people):
    """A draft that the office entered with a landlord, and the form of it as the applicant and the office see it."""
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["staff"], reason="other")
    applications.update_draft(draft, {}, actor=people["staff"], payee=LANDLORD)
    url = f"{LIST}{draft.pk}/edit/"
    return draft, url, {name: values_in(client_of(name).get(url)) for name in ("member", "staff")}


def named_in(application):
    return [{name: getattr(line, name) for name in LANDLORD} for line in application.lines.named()]


@pytest.mark.parametrize(
    ("more", "theirs"),
    [
        ({}, "Name, What for"),
        ({"reason": "medical", "amount_requested": "90"}, "Reason, Amount asked for, Name, What for"),
    ],
)
def test_a_payee_whom_only_one_of_two_changed_stands(client_of, opened, more, theirs):
    draft, url, typed = opened
    paid = {"payee_name": "Ridgeway", "purpose": "Deposit"}
    assert client_of("member").post(url, typed["member"] | paid | more).status_code == 302
    answer = client_of("staff").post(url, typed["staff"] | {"description": "Told at the counter"})
    assert (answer.status_code, said(answer)) == (
        302,
        ["Draft saved.", f"Somebody else changed this meanwhile: {theirs}. Both changes stand."],
    )
    draft.refresh_from_db()
    assert (named_in(draft), draft.description) == ([LANDLORD | paid], "Told at the counter")
    assert draft.reason == more.get("reason", "other")


def test_a_payee_whom_both_changed_is_shown_side_by_side(client_of, opened):
    draft, url, typed = opened
    client_of("member").post(url, typed["member"] | {"payee_name": "Ridgeway"})
    answer = client_of("staff").post(url, typed["staff"] | {"address": "1 Elm"})
    assert (answer.status_code, answer.context["conflict"]) == (
        409,
        [("Name", "Ridgeway", "Harbor Homes"), ("Address", "9 Quay", "1 Elm")],
    )
    assert named_in(draft) == [LANDLORD | {"payee_name": "Ridgeway"}]
    assert client_of("staff").post(url, values_in(answer)).status_code == 302
    assert named_in(draft) == [LANDLORD | {"address": "1 Elm"}]
