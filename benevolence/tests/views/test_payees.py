"""Who should be paid, as the form of a draft asks it."""

from decimal import Decimal

import pytest

from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from benevolence.services import applications
from core.tests.pages import errors

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
