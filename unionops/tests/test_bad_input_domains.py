"""Rubbish in every field of every form of the three domains; by the same kinds of rubbish as in test_bad_input."""

import html
import random
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.factories import UserFactory
from benevolence.factories import ApplicationFactory, DocumentFactory, RelationshipFactory, donated
from benevolence.models import CaseSubstitute, Payment, Seat
from benevolence.services import policies
from benevolence.tests.conftest import fill_seats
from grievances.arbitration_factories import ArbitrationFactory
from grievances.factories import (
    AgreementFactory,
    AgreementFileFactory,
    CaseDocumentFactory,
    EmployerAnswerFactory,
    GrievanceFactory,
    IntakeDocumentFactory,
    IntakeFactory,
    StepRecordFactory,
    TaskFactory,
    one_of_each,
)
from grievances.flag_factories import AbeyanceFactory
from members.factories import MemberFactory, OrganizationFactory
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignMemberFactory, OpeningFactory
from unionops.testing.cast import People
from unionops.tests.domain_forms import FORMS
from unionops.tests.rubbish import (
    ALL,
    SHARED_CLASSES,
    WHOLE,
    classes_of,
    deal,
    drawn,
    faults_of_sending,
    faults_of_versions,
    is_about_a_version,
    is_ours,
    kept,
    rubbish_for,
)

pytestmark = pytest.mark.django_db

# A select, a box or a hidden field cannot show what it does not offer.
NOT_SHOWN_AGAIN = {
    "decider_vp",
    "employer_met",
    "former",
    "stand_in",
    "cases",
    "deadlines",
    "outcome_GR-2026-4001",
    "version",
    "kept",
    "grievance_type",
    "told_how_0",
    "with_prejudice",
    "person",
    "people",
    "outcome",
    "entry_step_individual",
    "entry_step_group",
    "entry_step_policy",
    "reason",
    "kind",
    "payment_method",
    "lead",
    "stage",
    "salting_score",
    "user",
    "duty",
    "epoch",
    "handler",
    "campaign_member",
    "activity_type",
    "which",
    "how",
}
VISITS = {
    "staff": [
        "/grievances/",
        "/grievances/drafts/",
        "/grievances/export/csv/",
        "/benevolence/applications/",
        "/",
        "/api/v1/grievances/",
        "/api/v1/benevolence-applications/",
        "/admin/grievances/grievance/",
    ],
    "officer": ["/grievances/?status=unresolved", "/admin/grievances/grievanceintake/", "/benevolence/reports/"],
    "benevolence-vp": ["/benevolence/queue/", "/admin/benevolence/benevolenceapplication/"],
    "organizer": ["/organizing/", "/organizing/activities/", "/api/v1/salting-activities/", "/api/v1/campaigns/"],
    "organizing-director": ["/organizing/oversight/"],
}


@pytest.fixture(scope="module")
def people(everybody) -> People:
    return everybody


@pytest.fixture(scope="module")
def world(people, django_db_blocker) -> dict[str, Any]:
    with django_db_blocker.unblock():
        return rows_for(people)


def rows_for(people: People) -> dict[str, Any]:
    """A row of each kind that those who type may reach."""
    member = MemberFactory(member_number="104233")
    employer = OrganizationFactory(name="Crane Yard")
    campaign = AssignmentFactory(user=people["organizer"], duty="lead").campaign
    salt = CampaignMemberFactory(campaign=campaign, member=people["member"].member)
    UserFactory()
    fill_seats(people)
    entered = {"entered_by": people["staff"], "member": member}
    paid = ApplicationFactory(status="paid", **entered)
    return {
        "payment": Payment.objects.get(line__application=paid),
        "intake": IntakeFactory(people=[member], organization=employer, drafted_by=people["staff"]),
        "case": GrievanceFactory(people=[member], employer=employer),
        "settled": GrievanceFactory(settled=True),
        "in abeyance": AbeyanceFactory().grievance,
        "demanded": GrievanceFactory(at_arbitration=True),
        "awaiting": ArbitrationFactory(names=[]).grievance,
        "arbitrated": ArbitrationFactory().grievance,
        "step": StepRecordFactory(),
        "task": TaskFactory(kind="information", asked_on=date(2026, 1, 5), due=None),
        "case document": CaseDocumentFactory(),
        "agreement file": AgreementFileFactory(),
        "draft document": IntakeDocumentFactory(),
        "answer": EmployerAnswerFactory(),
        "draft": (draft := ApplicationFactory(**entered)),
        "document": DocumentFactory(application=draft),
        "application": ApplicationFactory(status="submitted", **entered),
        "approved": ApplicationFactory(status="approved", **entered),
        "paid": paid,
        "entry": donated(100),
        **seats_for(people, entered),
        **dates_for(people),
        "agreement of the case": AgreementFactory(employer=employer, rules=False),
        "rules": policies.add_version({}, actor=None, starts_on=date(2098, 1, 1)),
        "campaign": campaign,
        "resting": AssignmentFactory(campaign=campaign, identity_epoch=9),
        "leaderless": AssignmentFactory(duty="lead", identity_epoch=9).campaign,
        "opening": OpeningFactory(campaign=campaign),
        "salt": salt,
        "activity": ActivityFactory(campaign=campaign, campaign_member=salt, entered_by=people["organizer"]),
    }


def dates_for(people: People) -> dict[str, Any]:
    """An agreement with its parts, and a date of a case with an extension."""
    made = one_of_each(people["staff"], number=4001)
    names = {"agreement": "agreement", "stage": "agreementstage", "rule": "steprule", "holidays": "holidaylist"}
    names |= {"deadline": "deadline", "docket": "docket", "away": "away", "extension": "extension"}
    return {name: made[f"grievances.{model}"] for name, model in names.items()}


def seats_for(people: People, entered: dict[str, Any]) -> dict[str, Any]:
    """A seat, and cases: nobody may decide it, it waits for intake, it has a released document, it was denied."""
    related = RelationshipFactory(user=people["benevolence-vp"])
    stuck = ApplicationFactory(status="submitted", member=related.member)
    return {
        "prepared": ApplicationFactory(status="submitted", is_blind=True, needs_intake=True, **entered),
        "released": DocumentFactory(
            application=ApplicationFactory(status="approved", is_blind=True, **entered), is_released=True
        ).application,
        "denied": ApplicationFactory(status="denied", **entered),
        "stuck": stuck,
        "proposed": CaseSubstitute.objects.create(
            application=ApplicationFactory(status="submitted", member=related.member),
            level="vp",
            user=people["benevolence-manager"],
            reason="Related",
            proposed_by=UserFactory(),
        ),
        "seat": Seat.objects.create(
            level="president", user=people["benevolence-president"], position=1, reason="Elected"
        ),
    }


def address(form: str, world: dict[str, Any]) -> str:
    _who, route, places, _values = FORMS[form]
    return reverse(route, args=[place[1:] if place.startswith("=") else world[place].pk for place in places])


def poisoned(client_of: Any, form: str, world: dict[str, Any], seed: int) -> dict[str, int]:
    """The lists, exports and pages of records of the form's own domain that fail after what was taken.

    On a commit a quarter of them, drawn; in the battery those of all three domains.
    """
    draw = random.Random(f"{seed} {form}")
    pages = {name: list(paths) for name, paths in VISITS.items()}
    pages["staff"] += [world[row].get_absolute_url() for row in ("case", "draft", "application")]
    pages["organizer"] += [world[row].get_absolute_url() for row in ("campaign", "activity")]
    place = address(form, world).split("/")[1]
    domain = {"entries": "organizing"}.get(place, place)
    found = {}
    for name, paths in pages.items():
        asked = [path for path in paths if WHOLE or ((path == "/" or domain in path) and draw.random() < 0.25)]
        browser = client_of(name, raise_request_exception=False) if asked else None
        for path in asked:
            response = browser.get(path)
            if response.streaming:
                b"".join(response.streaming_content)
            if response.status_code not in (200, 404):
                found[name, path] = response.status_code
    return found


# What the page of each form answers, and the class of every field; opened by the first test that needs them.
STATUSES: dict[str, int] = {}
CLASSES: dict[Any, Any] = {}


@pytest.fixture
def opened(client_of, world) -> None:
    """Open each form once a process."""
    if not STATUSES:
        browsers = {who: client_of(who) for who in {who for who, *_rest in FORMS.values()}}
        pages = {form: browsers[who].get(address(form, world)) for form, (who, *_rest) in FORMS.items()}
        STATUSES.update({form: page.status_code for form, page in pages.items()})
        CLASSES.update(classes_of((form, page, FORMS[form][3]) for form, page in pages.items()))


@pytest.fixture
def dealt(opened, seed) -> dict[Any, list[str]]:
    return deal(CLASSES, turn=seed, played=SHARED_CLASSES)


@pytest.mark.parametrize("form", FORMS)
def test_rubbish_in_each_field_of_each_form(client_of, world, form, dealt, seed):
    """Taken (2xx, 3xx), told at the field (422), refused in words (409, 403 once the moment is over), or 400, 404."""
    who, _route, _places, values = FORMS[form]
    browser, path = client_of(who, raise_request_exception=False), address(form, world)
    odd, lost, taken = {}, set(), False
    for wrong, kind in rubbish_for(form, values, dealt):
        response = browser.post(path, values | wrong)
        taken = taken or response.status_code in (200, 302)
        if response.status_code not in (200, 302, 400, 403, 404, 409, 422) or not is_ours(response):
            odd[tuple(wrong), kind] = response.status_code
        if response.status_code == 422:
            shown = html.unescape(response.text).replace("\r\n", "\n")
            assert "This field is required." not in shown
            typed = {name: text for name, text in (values | wrong).items() if name not in NOT_SHOWN_AGAIN}
            lost |= {(name, kind) for name, text in typed.items() if not kept(text, shown)}
    assert (odd, lost) == ({}, set())
    if WHOLE or taken:
        assert poisoned(client_of, form, world, seed) == {}


def test_the_world_of_this_test_reaches_its_forms(opened):
    """Otherwise every refusal above would be that of an absent row."""
    assert {form: status for form, status in STATUSES.items() if status != 200} == {}


@pytest.mark.heavy
def test_a_form_that_is_sent_as_it_is_shown_or_filled_in_makes_no_fault(client_of, world, seed):
    """A class of fields says nothing of what a page does with all of them."""
    assert faults_of_sending(client_of, FORMS, lambda form: address(form, world), seed) == {}


MEANWHILE = (
    "Somebody else saved this record while you were editing it.",
    "Somebody else saved this document while you were editing it.",
    "Somebody else changed this meeting while you were typing.",
    "Somebody changed this record meanwhile. Look at it again, then decide.",
    "Somebody changed this draft meanwhile. Read it again, then file it.",
    "Somebody changed these settings meanwhile.",
    "Somebody changed these rules meanwhile.",
    "Somebody changed this wording meanwhile. Copy what you typed, then open the page again and compare.",
)


VERSIONED = [form for form, (_who, route, _rows, values) in FORMS.items() if is_about_a_version(route, values)]


@pytest.mark.heavy
def test_a_version_that_is_missing_or_over_is_refused_and_nothing_typed_is_lost(client_of, people, world, seed):
    valid = {"case restrict": {"people": people["officer"].pk}, "activity edit": {"campaign_member": world["salt"].pk}}
    valid["case agreement"] = {"agreement": world["agreement of the case"].pk}
    valid["docket edit"] = {"cases": world["docket"].cases.get().grievance_id}
    valid["help paper"] = {"decider_vp": people["benevolence-vp"].pk}
    valid["help kept back"] = {"kept": world["released"].documents.get().pk}
    faults = {}
    for form in drawn(VERSIONED, seed):
        who, _route, _rows, values = FORMS[form]
        typed = values | valid.get(form, {})
        faults[form] = faults_of_versions(client_of(who), address(form, world), typed, MEANWHILE)
    assert {form: found for form, found in faults.items() if found} == {}


LISTS = {
    "/grievances/": ("staff", ("q", "status", "step", "grievance_type", "assigned", "sort", "after", "before", "from")),
    "/grievances/drafts/": ("staff", ("q", "sort", "after", "before")),
    "/grievances/export/csv/": ("staff", ("q", "status")),
    "/grievances/lists/": ("officer", ("status", "sort", "after", "before")),
    "/grievances/patterns/": ("staff", ("first", "last", "employer", "article", "department", "rep", "step", "status")),
    "/grievances/patterns/export/csv/": ("staff", ("article", "first")),
    "/benevolence/past-help/": ("treasurer", ("reason", "member", "sort", "after", "before")),
    "/benevolence/past-help/lists/": ("treasurer", ("status", "sort", "after", "before")),
    "/benevolence/applications/": ("staff", ("q", "status", "reason", "level_due", "sort", "after", "before")),
    "/organizing/": ("organizer", ("q", "stage", "sort", "after", "before")),
    "/organizing/activities/": ("organizer", ("q", "type", "outcome", "campaign", "since", "until", "after", "before")),
    "/organizing/oversight/": ("organizing-director", ("after", "before")),
    "/api/v1/grievances/": ("staff", ("q", "status", "step", "after", "before", "format")),
    "/api/v1/benevolence-applications/": ("benevolence-vp", ("q", "status", "level_due", "after", "before")),
    "/api/v1/salting-activities/": ("organizer", ("q", "type", "campaign", "since", "until", "after")),
    "/members/suggest/": ("staff", ("member", "members")),
}


# Lists are read by one machinery: words, choices and positions alike.
CLASS_OF = {"q": "word", "after": "cursor", "before": "cursor", "from": "cursor", "since": "day", "until": "day"}
CLASS_OF |= {"member": "word", "members": "word", "article": "word", "first": "day", "last": "day"}
PARAMETERS = {(path, name): CLASS_OF.get(name, "choice") for path, (_who, names) in LISTS.items() for name in names}
PARAMETERS |= {(path, ALL): ALL for path in LISTS}


@pytest.mark.parametrize("path", LISTS)
def test_rubbish_in_each_parameter(client_of, world, path, seed):
    who, parameters = LISTS[path]
    browser: Client = client_of(who, raise_request_exception=False)
    odd = {}
    for query, kind in rubbish_for(path, dict.fromkeys(parameters), deal(PARAMETERS, turn=seed)):
        response = browser.get(path, query)
        if response.status_code not in (200, 302, 400, 404, 406) or not is_ours(response):
            odd[tuple(query), kind] = response.status_code
    assert odd == {}


BODIES = [
    b"{",
    b"[]",
    b'{"amount": {"a": 1}}',
    b'{"amount": [[1]]}',
    b'{"amount": 1e400}',
    b'{"amount": NaN}',
    b"[" * 50_000,
    b'{"comments": "\\u0000"}',
    b'{"comments": "\\ud800"}',
]
KINDS = ("application/json", "text/plain", "application/xml")


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_rubbish_as_a_move_of_the_api(client_of, world, body):
    path = f"/api/v1/benevolence-applications/{world['application'].pk}/moves/approve/"
    browser = client_of("benevolence-vp", raise_request_exception=False)
    found = [browser.generic("POST", path, body, kind) for kind in KINDS]
    assert found[0].status_code in (400, 422)
    assert [answer.status_code for answer in found[1:]] == [415, 415]
    assert {answer["Content-Type"] for answer in found} == {"application/json"}
    world["application"].refresh_from_db()
    assert (world["application"].status, world["application"].version) == ("submitted", 1)
