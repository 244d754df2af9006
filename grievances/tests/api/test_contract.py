"""An agreement written by program, from its first field to a draft with its date."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from grievances.factories import (
    AgreementClosureFactory,
    AgreementFactory,
    DeadlineFactory,
    HolidayListFactory,
    IntakeFactory,
)
from grievances.models import Agreement, AgreementFile, AgreementStage, HolidayListVersion, StepRule
from grievances.tests.programs import change, post, refusal
from members.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
TYPED = {"title": "Yard agreement", "effective_from": "2026-01-01", "silence": "advances", "lateness": "withdrawn"}
RULE = {"clock": "file", "days": 10, "unit": "working", "trigger": "incident", "clause": "Article 9"}


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(dt.datetime(2026, 9, 1, 14, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def browser(client_of):
    return client_of("representative")


@pytest.fixture
def agreement():
    return AgreementFactory()


def path(agreement, tail=""):
    return f"agreements/{agreement.pk}/{tail}"


def test_an_agreement_is_written_and_changed(browser, client_of):
    employer = OrganizationFactory()
    body = {**TYPED, "employer": employer.pk, "panel_size": 5}
    assert post(client_of("staff"), "agreements/", body).status_code == 403
    assert refusal(post(browser, "agreements/", {**body, "employer": None, "panel_size": 4}))[1].keys() == {
        "employer",
        "__all__",
    }
    made, _again = (post(browser, "agreements/", body, key="once") for _time in (1, 2))
    agreement = Agreement.objects.get()
    assert (made.status_code, [step["name"] for step in made.json()["steps"]]) == (201, ["Step 1", "Step 2", "Step 3"])
    assert (agreement.panel_size, agreement.first_strike, agreement.entry_step_group) == (5, "coin", 2)
    told = change(browser, path(agreement), {"worksites": "Peoria", "holiday_list": None}, version=1)
    assert (told.json()["worksites"], told.json()["employer"], told["ETag"]) == ("Peoria", employer.pk, '"2"')
    assert change(browser, path(agreement), {"worksites": "All"}, version=1).status_code == 412


def test_steps_and_rules_are_added_and_changed_by_their_own_version(browser, agreement):
    stages = f"{path(agreement)}stages/"
    told = post(browser, stages, {"step": "step_3", "name": "Joint board"})
    board = AgreementStage.objects.get(name="Joint board")
    assert (told.status_code, told.json()["steps"][3]["position"]) == (201, 4)
    assert refusal(post(browser, stages, {"position": 4, "step": "x"}))[1].keys() == {"step", "name"}
    renamed = change(browser, f"{stages}{board.pk}/", {"name": "Board"}, version=1).json()["steps"][3]
    assert (renamed["name"], renamed["version"]) == ("Board", 2)
    rules, body = f"{path(agreement)}rules/", {**RULE, "stage": str(board.pk), "clock": "appeal", "trigger": "answer"}
    assert refusal(post(browser, rules, {**body, "trigger": "incident"}))[1].keys() == {"trigger"}
    assert post(browser, rules, body).status_code == 201
    rule = StepRule.objects.get(stage=board)
    draft = IntakeFactory(organization=agreement.employer, knowledge_date=dt.date(2026, 8, 28))
    filing = StepRule.objects.get(stage__agreement=agreement, clock="file")
    assert change(browser, f"{rules}{filing.pk}/", {"days": 5, "rolls": True}, version=1).status_code == 200
    assert draft.deadlines.running().get().due == dt.date(2026, 9, 4)
    assert change(browser, f"{rules}{rule.pk}/", {"days": 0}, version=1).status_code == 422
    assert change(browser, f"{rules}{rule.pk}/", {"days": 6}, version=2).status_code == 412
    assert change(browser, f"{path(AgreementFactory())}rules/{rule.pk}/", {"days": 6}, version=1).status_code == 404
    DeadlineFactory(rule=filing)
    sentence = "Cases have been at this step, so it stays where it is. Copy the agreement to begin another."
    moved = change(browser, f"{stages}{filing.stage_id}/", {"position": 9}, version=1)
    assert refusal(moved) == (422, {"position": [sentence]})


def test_a_rule_is_tried_and_nothing_is_saved(browser, agreement):
    stage = agreement.stages.get(position=2)
    body = {**RULE, "stage": str(stage.pk), "example_day": "2025-06-13"}
    told = post(browser, f"{path(agreement)}rules/example/", body)
    assert told.status_code == 200
    shown = told.json()
    assert shown["sentence"].startswith("An incident on Fri 13 Jun 2025 must be filed by Mon 30 Jun 2025, because")
    assert (shown["due"], shown["safe_date"]) == ("2025-06-30", None)
    assert shown["days"][6] == {"day": "2025-06-19", "number": 0, "why": "holiday", "name": "juneteenth"}
    assert not StepRule.objects.filter(stage=stage, clock="file").exists()
    filing = StepRule.objects.get(stage__agreement=agreement, clock="file")
    other = {"stage": str(filing.stage_id), "clock": "file", "days": 3, "example_day": "2025-06-13"}
    assert post(browser, f"{path(agreement)}rules/example/", other).json()["due"] == "2025-06-18"
    filing.refresh_from_db()
    assert filing.days == 10
    assert refusal(post(browser, f"{path(agreement)}rules/example/", {"days": 3}))[1].keys() >= {"stage", "clock"}


def test_closures_and_articles_are_put_in(browser, agreement):
    closed = {"name": "Summer", "first_day": "2026-07-06", "last_day": "2026-07-10"}
    assert refusal(post(browser, path(agreement, "closures/"), {**closed, "last_day": "2026-07-01"}))[0] == 422
    (told,) = post(browser, path(agreement, "closures/"), closed).json()["closures"]
    assert {name: told[name] for name in closed} == closed
    articles = path(agreement, "clauses/")
    assert refusal(change(browser, articles, {"text": "Nothing"}, method="PUT"))[1].keys() == {"text"}
    text = "Article 9 Grievances\nSection 9.1 A grievance is filed within ten days."
    assert change(browser, articles, {"text": text}, method="PUT").json() == {"sections": agreement.clauses.count()}
    assert browser.get(f"/api/v1/{articles}").json()[0]["article"] == "Article 9"


def test_parts_are_taken_out_by_their_own_version_while_nothing_hangs_on_them(browser, client_of, agreement):
    filing = StepRule.objects.get(stage__agreement=agreement, clock="file")
    DeadlineFactory(rule=filing)
    kept = "Dates were computed with this rule, so it stays. Copy the agreement to begin another."
    assert refusal(post(browser, path(agreement, f"rules/{filing.pk}/take-out/"), version=1)) == (409, kept)
    closure = AgreementClosureFactory(agreement=agreement)
    parts = {
        "rules": StepRule.objects.get(stage__agreement=agreement, stage__position=3, clock="meet"),
        "stages": agreement.stages.get(position=3),
        "closures": closure,
    }
    for name, row in parts.items():
        out = path(agreement, f"{name}/{row.pk}/take-out/")
        asked = [post(browser, out), post(browser, out, version=2), post(client_of("staff"), out, version=1)]
        assert [answer.status_code for answer in asked] == [428, 412, 403]
        assert post(browser, path(AgreementFactory(), f"{name}/{row.pk}/take-out/"), version=1).status_code == 404
        first, again = (post(browser, out, version=1, key=name) for _time in (1, 2))
        assert (first.status_code, again.content) == (200, first.content)
    told = browser.get(f"/api/v1/{path(agreement)}").json()
    assert ([step["position"] for step in told["steps"]], told["closures"]) == ([1, 2], [])


def test_the_next_agreement_begins_once(browser, agreement):
    assert post(browser, path(agreement, "next/"), {"effective_from": "2027-01-01"}).status_code == 428
    early = post(browser, path(agreement, "next/"), {"effective_from": "2020-01-01"}, version=1)
    assert refusal(early) == (422, {"effective_from": ["The next agreement begins after this one did."]})
    body = {"effective_from": "2027-01-01"}
    first, _again = (post(browser, path(agreement, "next/"), body, version=1, key="once") for _time in (1, 2))
    fresh = Agreement.objects.exclude(pk=agreement.pk).get()
    assert (first.status_code, first.json()["id"], fresh.title) == (201, str(fresh.pk), agreement.title)
    assert Agreement.objects.get(pk=agreement.pk).effective_to == dt.date(2026, 12, 31)


def test_a_signed_contract_is_kept_and_handed_out(browser, client_of, agreement):
    def send(who, **fields):
        file = SimpleUploadedFile("Contract.txt", b"Signed.")
        return who.post("/api/v1/agreements/files/", {"agreement": str(agreement.pk), "file": file, **fields})

    assert send(client_of("staff")).status_code == 403
    assert send(browser, agreement="x").json()["fields"].keys() == {"agreement"}
    told = send(browser)
    kept = AgreementFile.objects.get()
    assert (told.status_code, told.json()["name"], told.json()["id"]) == (201, "Contract.txt", str(kept.pk))
    assert send(browser).status_code == 422
    content = client_of("steward").get(told.json()["content"])
    assert b"".join(content.streaming_content) == b"Signed."
    listed = browser.get(f"/api/v1/agreements/files/?agreement={agreement.pk}").json()["results"]
    assert [row["id"] for row in listed] == [str(kept.pk)]
    back = f"agreements/files/{kept.pk}/moves/take_back/"
    assert post(client_of("staff"), back, {"reason": "Draft"}).status_code == 403
    assert refusal(post(browser, back, {})) == (422, {"reason": ["Say why."]})
    first, again = (post(browser, back, {"reason": "Draft"}, key="back") for _time in (1, 2))
    assert (first.status_code, first.json()) == (200, again.json())
    assert first.json()["superseded_at"] is not None
    assert post(browser, back, {"reason": "Draft"}).status_code == 409


def test_a_list_of_holidays_gets_a_version_with_each_change(browser, client_of, django_assert_num_queries):
    body = {"name": "Yard days", "names": ["labor"], "extra": "2026-12-28 Inventory day"}
    assert refusal(post(browser, "holiday-lists/", {**body, "names": ["x"], "extra": "soon"}))[1].keys() == {"names"}
    told = post(browser, "holiday-lists/", body).json()
    assert {name: told[name] for name in body} == body
    key = f"holiday-lists/{told['id']}/"
    assert change(client_of("staff"), key, {"names": []}, version=1).status_code == 403
    assert change(browser, key, {"names": ["labor", "juneteenth"]}, version=1).json()["version"] == 2
    assert change(browser, key, {"names": []}, version=1).status_code == 412
    assert HolidayListVersion.objects.filter(holiday_list=told["id"]).count() == 2
    for number in (1, 2):
        HolidayListFactory.create_batch(number)
        with django_assert_num_queries(4):
            browser.get("/api/v1/holiday-lists/")
