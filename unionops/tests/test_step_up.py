"""Grave moves and opened names ask for a fresh proof, whichever door they are taken through."""

import time
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.test import Client, RequestFactory

from accounts.api import devices
from accounts.entry.api_access import StepUpMoveApi
from accounts.entry.step_up import StepUpMoveAdmin, StepUpMovePage, StepUpToRead
from accounts.factories import PASSWORD
from accounts.tests.proving import give_password
from benevolence.factories import ApplicationFactory
from core.admin.workflow import WorkflowAdmin
from core.api.viewsets import WorkflowViewSet
from core.checks import routes
from core.models import ReadEvent
from core.site import local_today
from core.web.lists import ExportPage
from core.web.moves import MovePage
from organizing.factories import AssignmentFactory, CampaignFactory, CampaignMemberFactory, OpeningFactory

pytestmark = pytest.mark.django_db
CONFIRM = "/accounts/reauthenticate/"
DECISIONS = [
    ("approve", "benevolence-vp", {"amount": "40", "comments": "Seen <b>it</b>", "version": "1"}),
    ("deny", "benevolence-vp", {"reason": "No emergency", "version": "1"}),
    ("pay", "treasurer", {"payment_method": "check", "payment_date": "", "payment_reference": "1001", "version": "1"}),
]


@pytest.fixture(autouse=True)
def strict(settings):
    settings.STEP_UP_MINUTES = 10


def later():
    return time_machine.travel(time.time() + 11 * 60, tick=True)


def signed_in(user) -> Client:
    browser = Client()
    give_password(browser, user)
    return browser


def views() -> list[type]:
    return [found for _route, pattern in routes() if (found := getattr(pattern.callback, "view_class", None))]


def test_no_door_of_a_grave_move_and_no_export_is_without_the_question():
    from unionops.api import router

    doors: list[tuple[Any, type, type]] = [(view, MovePage, StepUpMovePage) for view in views()]
    doors += [(type(found), WorkflowAdmin, StepUpMoveAdmin) for found in admin.site._registry.values()]
    doors += [(viewset, WorkflowViewSet, StepUpMoveApi) for _prefix, viewset, _name in router.registry]
    moving = [(door, asks) for door, kind, asks in doors if issubclass(door, kind)]
    grave = [(door, asks) for door, asks in moving if any(move.grave for move in door.moves.table.values())]
    assert (len(moving), len(grave)) == (8, 5)
    assert [door for door, asks in grave if not issubclass(door, asks)] == []
    exports = [view for view in views() if issubclass(view, ExportPage)]
    assert (len(exports), [view for view in exports if not issubclass(view, StepUpToRead)]) == (5, [])


@pytest.mark.parametrize("place", ["packet/", "register/", "register/csv/"])
def test_the_audit_leaves_as_a_file_only_after_a_fresh_proof(people, place):
    browser, url = signed_in(people["trustee"]), f"/benevolence/audit/{place}"
    assert browser.get(url).status_code == 200
    with later():
        answer = browser.get(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith(CONFIRM)


@pytest.fixture
def case(people):
    """Make the application on which each move is possible."""
    submitted, approved = ApplicationFactory(status="submitted"), ApplicationFactory(status="approved")
    return {"ask": submitted, "approve": submitted, "deny": submitted, "pay": approved}


@pytest.mark.parametrize(("move", "name", "given"), DECISIONS)
def test_a_decision_on_the_page(people, case, move, name, given):
    application, browser = case[move], signed_in(people[name])
    url = f"/benevolence/applications/{application.pk}/moves/{move}/"
    assert browser.get(url).status_code == 200
    with later():
        seen = ReadEvent.objects.count()
        assert browser.get(url).headers["Location"].startswith(CONFIRM)
        assert ReadEvent.objects.count() == seen
        if move == "deny":
            assert browser.post(url, given).status_code == 422
            shown = browser.post(url, {**given, "step_up-password": PASSWORD})
            assert (shown.status_code, shown.context["form"].data["reason"]) == (200, given["reason"])
            assert type(application).objects.get(pk=application.pk).status == "submitted"
            assert browser.post(url, given).status_code == 302
            assert type(application).objects.get(pk=application.pk).status == "denied"


def test_other_moves_ask_nothing(people, case):
    application, browser = case["deny"], signed_in(people["benevolence-vp"])
    with later():
        assert browser.get(f"/benevolence/applications/{application.pk}/moves/ask/").status_code == 200


def test_who_may_not_decide_is_not_asked_and_shown_nothing(people, case):
    application, browser = case["pay"], signed_in(people["trustee"])
    url = f"/benevolence/applications/{application.pk}/moves/pay/"
    with later():
        answers = [browser.get(url), browser.post(url), browser.post(url, {"step_up-password": PASSWORD})]
        assert [answer.status_code for answer in answers] == [403] * 3


@pytest.mark.parametrize(("move", "name", "given"), DECISIONS)
def test_a_decision_in_the_admin(people, case, move, name, given):
    application, browser = case[move], signed_in(people[name])
    url = f"/admin/benevolence/benevolenceapplication/{application.pk}/moves/{move}/"
    given = given | ({"payment_date": str(local_today())} if move == "pay" else {})
    assert browser.get(url).status_code == 200
    with later():
        assert browser.get(url).headers["Location"].startswith(CONFIRM)
        asked = browser.post(url, given)
        wrong = browser.post(url, {**given, "step_up-password": "not the password at all"})
        assert [(page.status_code, page.templates[0].name) for page in (asked, wrong)] == [
            (422, "accounts/sessions/step_up.html")
        ] * 2
        for page in (asked, wrong):
            assert dict(page.context["typed"]) == given
        assert "This is not your password" in wrong.text
        if move == "deny":
            assert browser.post(url, {"reason": "", "step_up-password": PASSWORD}).context["form"].errors
            assert browser.post(url, {"reason": ""}).templates[0].name == "admin/application_move.html"
        shown = browser.post(url, {**given, "step_up-password": PASSWORD})
        assert shown.status_code == 200
        assert dict(shown.context["form"].data.items()) | given == {**given, "step_up-password": PASSWORD}
        assert "Look over what you typed" in shown.text
        status = type(application).objects.get(pk=application.pk).status
        assert status == application.status
        done = browser.post(url, given)
        assert done.status_code == 302, done.context["form"].errors
        assert type(application).objects.get(pk=application.pk).status != status


@pytest.mark.parametrize("by", ["session", "token"])
def test_a_decision_in_the_api(people, case, by):
    application, user = case["deny"], people["benevolence-vp"]
    browser, headers = Client(), {}
    if by == "session":
        give_password(browser, user)
    else:
        headers["Authorization"] = f"Bearer {devices.sign_in(user, request=RequestFactory().get('/')).access}"
    path = f"/api/v1/benevolence-applications/{application.pk}/moves/deny/"

    def post(body):
        keyed = headers | {"Idempotency-Key": "one"}
        return browser.post(path, body, content_type="application/json", headers=keyed)

    with later():
        refused = post({"reason": "No emergency", "version": 1})
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")
        assert "sign in" in refused.json()["detail"]
        assert post({}).status_code == 422
    assert post({"reason": "No emergency", "version": 1}).json()["status"] == "denied"


def test_a_name_of_the_vault_is_opened_after_a_fresh_proof(people):
    lead = people["organizer"]
    salt = CampaignMemberFactory(campaign=AssignmentFactory(duty="lead", user=lead).campaign)
    browser, url = signed_in(lead), f"/organizing/salts/{salt.pk}/name/"
    assert browser.post(url).status_code == 200
    with later():
        for asked in (browser.get(url), browser.post(url)):
            assert asked.headers["Location"].startswith(CONFIRM)


@pytest.mark.parametrize("name", ["organizing-director", "officer"])
def test_a_campaign_is_opened_in_an_emergency_after_two_fresh_proofs(people, name):
    """The director proves who they are when they ask, the officer when they open; refusing and closing ask nothing."""
    opening, browser = OpeningFactory(), signed_in(people[name])
    asking = f"/organizing/oversight/{CampaignFactory().pk}/emergency/"
    url = asking if name == "organizing-director" else f"{opening.get_absolute_url()}confirm/"
    typed = {"hours": "3", "reason": "Nobody <b>answers</b>"}
    assert browser.get(url).status_code == 200
    with later():
        assert browser.get(url).headers["Location"].startswith(CONFIRM)
        asked = browser.post(url, typed)
        assert (asked.status_code, asked.templates[0].name) == (422, "accounts/sessions/step_up.html")
        made = (
            type(opening).objects.exclude(pk=opening.pk).exists(),
            type(opening).objects.exclude(ends_at=None).exists(),
        )
        assert made == (False, False)
        shown = browser.post(url, typed | {"step_up-password": PASSWORD})
        assert shown.status_code == 200
        assert browser.post(url, typed).status_code == 302


def test_refusing_and_closing_an_emergency_opening_ask_nothing(people):
    waits, opened = OpeningFactory(), OpeningFactory(opened=True, asked_by=people["organizing-director"])
    officer, director = signed_in(people["officer"]), signed_in(people["organizing-director"])
    with later():
        refused = officer.post(f"{waits.get_absolute_url()}refuse/", {"reason": "Call the deputy"})
        closed = director.post(f"{opened.get_absolute_url()}end/")
    assert [refused.status_code, closed.status_code] == [302, 302]
    assert list(type(opened).objects.live()) == []
