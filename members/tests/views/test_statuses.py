"""One status for many members."""

import pytest

from core.tests.pages import errors, said
from members.factories import MemberFactory
from members.models import Member
from members.services import members as services
from members.tests.histories import events

pytestmark = pytest.mark.django_db


def test_bulk_status(staff, client_of, people, ann):
    bo, gone, away = MemberFactory(last_name="Berg"), MemberFactory(last_name="Gone"), MemberFactory(last_name="Stays")
    services.delete_member(gone, actor=people["staff"], reason="Left")
    ids = {"id": [ann.pk, bo.pk, gone.pk, 999_999]}
    page = staff.post("/members/status/", ids)
    assert (page.status_code, list(page.context["members"])) == (200, [ann, bo])
    assert page.text.count('type="hidden" name="id"') == 2
    wrong = staff.post("/members/status/", ids | {"status": "famous", "reason": "List"})
    assert wrong.status_code == 422
    assert errors(wrong) == {"status": ["Select a valid choice. famous is not one of the available choices."]}
    assert 'value="List"' in wrong.text
    response = staff.post("/members/status/", ids | {"status": "retired", "reason": "List of October"})
    assert (response.url, said(response)) == ("/members/", ["The status of 2 members changed."])
    assert {m.last_name: m.status for m in Member.objects.all()} == {
        "Aalto": "retired",
        "Berg": "retired",
        "Gone": "active",
        "Stays": "active",
    }
    assert events(bo) == [("changed", "List of October")]
    assert events(away) == []
    assert client_of("admin").post("/members/status/", ids).status_code == 403


@pytest.mark.parametrize("ids", [[], ["999999"], ["9223372036854775807"]])
def test_bulk_status_of_nobody_leads_back(staff, ann, ids):
    for ask in (lambda: staff.post("/members/status/", {"id": ids}), lambda: staff.get("/members/status/")):
        response = ask()
        assert (response.status_code, response.url) == (302, "/members/")
        assert said(response)[-1] == "Choose members in the list first."


@pytest.mark.parametrize("forged", ["x", "-1", "0", "1.5", "9" * 30, "9" * 5_000, "\0", "1 OR 1=1", "", "[]"])
def test_bulk_status_of_forged_ids_is_not_found(staff, ann, forged):
    response = staff.post("/members/status/", {"id": [ann.pk, forged], "status": "retired", "reason": "x"})
    ann.refresh_from_db()
    assert response.status_code == 404
    assert "We could not find that page" in response.text
    assert ann.status == "active"


def test_bulk_status_of_thousands_is_refused_as_a_whole(staff, ann):
    response = staff.post("/members/status/", {"id": [ann.pk] * 5_001, "status": "retired", "reason": "x"})
    ann.refresh_from_db()
    assert (response.status_code, ann.status) == (400, "active")


def test_bulk_status_that_one_of_them_cannot_have(staff, ann):
    other = MemberFactory(status="represented_non_member", member_number=None)
    response = staff.post("/members/status/", {"id": [ann.pk, other.pk], "status": "retired", "reason": "List"})
    ann.refresh_from_db()
    assert response.status_code == 409
    assert errors(response) == {"__all__": ["1 of them has no member number. Enter it first."]}
    assert ann.status == "active"
    assert 'value="List"' in response.text
