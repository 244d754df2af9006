"""Grievances in the Django admin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.factories import RoleAssignmentFactory
from core.models import ReadEvent
from grievances.factories import GrievanceFactory, IntakeFactory, ResolutionFactory, StepRecordFactory
from grievances.models import Grievance, GrievancePolicy, Grievant, GrievantTold
from grievances.tests.case_setup import typed_ending
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
BASE = "/admin/grievances/"


@pytest.fixture
def officer(client_of):
    return client_of("officer", raise_request_exception=False)


def shown(response):
    return list(response.context["cl"].result_list)


def test_every_model_is_read_and_none_is_typed(officer):
    resolution = ResolutionFactory(grievance__notes="Hold out.")
    case = resolution.grievance
    rows = {
        "grievance": case,
        "grievanceintake": IntakeFactory(),
        "grievant": Grievant.objects.get(),
        "resolution": resolution,
        "grievancesteprecord": StepRecordFactory(grievance=case),
        "grievanttold": GrievantTold.objects.get(),
    }
    for name, row in rows.items():
        change = f"{BASE}{name}/{row.pk}/change/"
        page = officer.get(change)
        assert (officer.get(f"{BASE}{name}/").status_code, page.status_code) == (200, 200), name
        assert 'name="_save"' not in page.text
        refused = [
            officer.post(change, {}),
            officer.get(f"{BASE}{name}/add/"),
            officer.post(f"{BASE}{name}/{row.pk}/delete/"),
        ]
        assert [answer.status_code for answer in refused] == [403] * 3, name
    GrievancePolicy.objects.create(pk=1)
    assert officer.get(f"{BASE}grievancepolicy/1/change/").status_code == 200


def test_notes_are_not_for_the_office(officer, client_of):
    case, draft = GrievanceFactory(notes="Hold out."), IntakeFactory(notes="Hold out.")
    pages = [f"{BASE}grievance/{case.pk}/change/", f"{BASE}grievanceintake/{draft.pk}/change/"]
    found = {role: ["Hold out." in client_of(role).get(page).text for page in pages] for role in ("officer", "staff")}
    assert found == {"officer": [True, True], "staff": [False, False]}


def test_who_sees_only_the_state_sees_nothing_here(client_of, people):
    """A level role opens the admin; with steward and member it would otherwise lead to the whole of an own case."""
    person = people["benevolence-vp"]
    person.member, person.is_no_member = MemberFactory(), False
    person.save()
    for role in ("steward", "member"):
        RoleAssignmentFactory(user=person, role=role)
    own, assigned = GrievanceFactory(people=[person.member]), GrievanceFactory(assigned_rep=person)
    browser = client_of("benevolence-vp", raise_request_exception=False)
    assert shown(browser.get(f"{BASE}grievance/")) == [assigned]
    assert browser.get(f"{BASE}grievance/{own.pk}/change/").status_code == 302
    assert {row.grievance for row in shown(browser.get(f"{BASE}grievant/"))} == {assigned}


@pytest.mark.parametrize("role", ["admin", "treasurer", "benevolence-vp"])
def test_others_who_enter_the_admin_see_no_cases(client_of, role):
    case = GrievanceFactory()
    browser = client_of(role)
    pages = ("grievance/", f"grievance/{case.pk}/change/", "grievant/", "grievanceintake/", "resolution/")
    assert {browser.get(BASE + page).status_code for page in pages} == {403}


def test_moves_are_buttons_and_refusals_sentences(officer):
    case = GrievanceFactory()
    page = officer.get(f"{BASE}grievance/{case.pk}/change/")
    assert f"{BASE}grievance/{case.pk}/moves/settle/" in page.text
    assert "Arbitration is demanded after the last step." in page.text
    form = officer.get(f"{BASE}grievance/{case.pk}/moves/settle/")
    assert "was told on" in form.text
    wrong = officer.post(f"{BASE}grievance/{case.pk}/moves/settle/", {})
    assert wrong.status_code == 422
    assert "Say what was agreed." in wrong.text
    done = officer.post(f"{BASE}grievance/{case.pk}/moves/settle/", typed_ending(case))
    assert (done["Location"], Grievance.objects.get().status) == (f"{BASE}grievance/{case.pk}/change/", "settled")


def test_restricted_cases_are_hidden_here_too(officer, client_of, people):
    case = GrievanceFactory(is_restricted=True)
    case.named_people.set([people["officer"]])
    assert (shown(officer.get(f"{BASE}grievance/")), shown(client_of("staff").get(f"{BASE}grievance/"))) == ([case], [])
    assert client_of("staff").get(f"{BASE}grievance/{case.pk}/change/").status_code == 302


@pytest.mark.parametrize(("q", "hits"), [("aalto", 1), ("crane yard", 1), ("zzz", 0), ("\0", 1), ("%", 0)])
def test_search(officer, q, hits):
    GrievanceFactory(people=[MemberFactory(last_name="Aalto")], employer__name="Crane Yard")
    assert officer.get(f"{BASE}grievance/", {"q": q}).context["cl"].result_count == hits


def test_looking_is_recorded(officer):
    case = GrievanceFactory()
    officer.get(f"{BASE}grievance/{case.pk}/change/")
    officer.get(f"{BASE}grievance/{case.pk}/history/")
    officer.get(f"{BASE}grievance/{case.pk}/moves/settle/")
    officer.get(f"{BASE}grievance/?status__exact=open")
    found = list(ReadEvent.objects.order_by("id").values_list("kind", "subject_id", "rows"))
    assert found == [("opened", str(case.pk), None)] * 3 + [("listed", "", 1)]


@pytest.mark.parametrize(
    "name", ["grievance", "grievanceintake", "grievant", "grievancesteprecord", "resolution", "grievanttold"]
)
def test_one_row_and_three_cost_the_same_queries(officer, name):
    counts = []
    for _number in range(3):
        StepRecordFactory(grievance=ResolutionFactory().grievance)
        IntakeFactory()
        with CaptureQueriesContext(connection) as found:
            officer.get(f"{BASE}{name}/")
        counts.append(len(found))
    assert counts == [4] * 3
