"""Confirming, declining, extending, and who held what."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Role, RoleAssignment
from accounts.services import people as services
from accounts.services import terms
from core.models import ReadEvent
from core.site import change_settings, local_today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WAITING = "/terms/waiting/"


@pytest.fixture
def officer(client_of):
    return client_of("officer")


@pytest.fixture
def ann():
    return UserFactory(email="ann@people.example", first_name="Ann", last_name="Aalto", is_no_member=False)


def give(user, name: str, actor, **more) -> RoleAssignment:
    return terms.assign_role(user, Role.objects.get(name=name), actor=actor, reason="Elected in November", **more)


def live(*given: RoleAssignment) -> list[bool]:
    return [RoleAssignment.objects.get(pk=term.pk).is_live() for term in given]


# --- confirming -------------------------------------------------------------------------------------


def test_several_are_confirmed_at_once(officer, people, ann):
    given = [give(ann, name, people["admin"]) for name in ("treasurer", "trustee", "benevolence-vp")]
    own = give(people["officer"], "treasurer", people["admin"])
    page = officer.get(WAITING)
    for word in ("Treasurer", "Ann Aalto", "Admin Person", "Elected in November", "This role is for you"):
        assert word in page.text
    assert f'value="{own.pk}"' not in page.text
    answer = officer.post(WAITING, {"terms": [given[0].pk, given[1].pk]}, follow=True)
    assert "2 roles are confirmed." in answer.text
    assert live(*given, own) == [True, True, False, False]


def test_a_role_of_somebody_whose_account_others_may_hold_waits_for_the_person(officer, people, ann):
    services.issue_password(ann, actor=people["admin"], reason="Forgotten")
    term = give(ann, "treasurer", people["admin"])
    page, account = officer.get(WAITING).text, officer.get(f"/users/{ann.pk}/").text
    assert ["confirm the person first" in page, f'value="{term.pk}"' in page] == [True, False]
    assert ["Nobody has confirmed this person" in account, f"/users/{ann.pk}/confirm/" in account] == [True, True]
    assert officer.post(WAITING, {"terms": [term.pk]}).status_code == 422
    officer.post(f"/users/{ann.pk}/confirm/", {"epoch": 2})
    officer.post(WAITING, {"terms": [term.pk]})
    assert live(term) == [True]


@pytest.mark.parametrize("typed", [{}, {"terms": "x"}, {"terms": "\0"}, {"terms": "9" * 40}, {"terms": "x" * 100_000}])
def test_a_wrong_choice_confirms_nothing(officer, people, ann, typed):
    term = give(ann, "treasurer", people["admin"])
    answer = officer.post(WAITING, typed)
    assert answer.status_code == 422
    assert "Treasurer" in answer.text
    assert live(term) == [False]


def test_one_that_waits_no_more_stops_all_of_them(officer, people, ann):
    given = [give(ann, name, people["admin"]) for name in ("treasurer", "trustee")]
    own = give(people["officer"], "treasurer", people["admin"])
    terms.decline_role(given[1], actor=None, reason="r")
    for other in (given[1], own):
        answer = officer.post(WAITING, {"terms": [given[0].pk, other.pk]})
        assert answer.status_code == 422
        assert "does not wait for you any more" in answer.text
        # what was chosen stays chosen
        assert f'value="{given[0].pk}" aria-label="Confirm Treasurer for Ann Aalto" checked' in answer.text
    assert live(given[0]) == [False]


def test_looking_asks_nothing_and_confirming_asks_for_a_proof(officer, people, ann, settings):
    settings.STEP_UP_MINUTES = 10
    term = give(ann, "treasurer", people["admin"])
    assert officer.get(WAITING).status_code == 200
    asked = officer.post(WAITING, {"terms": [term.pk]})
    assert asked.status_code == 422
    assert f'name="terms" value="{term.pk}"' in asked.text
    assert live(term) == [False]


def test_looking_is_recorded(officer, people, ann):
    give(ann, "treasurer", people["admin"])
    officer.get(WAITING)
    event = ReadEvent.objects.get(actor=people["officer"], subject_type="accounts.roleassignment")
    assert event.rows == 1


def test_nothing_waits(officer):
    assert "Nothing waits for a confirmation" in officer.get(WAITING).text


def test_declining_says_why_and_goes_back(officer, people, ann):
    term = give(ann, "treasurer", people["admin"])
    assert officer.post(f"/terms/{term.pk}/decline/", {"reason": ""}).status_code == 422
    answer = officer.post(f"/terms/{term.pk}/decline/", {"reason": "Not elected"})
    assert answer.headers["Location"] == WAITING
    assert officer.post(f"/terms/{term.pk}/decline/", {"reason": "r"}).status_code == 409
    assert "Not elected" in officer.get(f"/users/{ann.pk}/").text
    assert "Nothing waits" in officer.get(WAITING).text


def test_the_page_of_the_account_says_that_it_waits(officer, client_of, people, ann):
    given = client_of("admin").post(
        f"/users/{ann.pk}/assign/",
        {"role": "treasurer", "kind": "regular", "reason": "Elected", "first_day": "", "last_day": ""},
        follow=True,
    )
    assert "It counts as soon as an officer confirms it." in given.text
    term = RoleAssignment.objects.get(user=ann)
    page = officer.get(f"/users/{ann.pk}/").text
    assert ["Waits for confirmation" in page, f"{WAITING}?term={term.pk}" in page] == [True, True]
    assert (
        f'value="{term.pk}" aria-label="Confirm Treasurer for Ann Aalto" checked'
        in officer.get(f"{WAITING}?term={term.pk}").text
    )
    assert f"{WAITING}?term=" not in given.text
    terms.confirm_role(term, actor=people["officer"])
    page = officer.get(f"/users/{ann.pk}/").text
    assert ["Waits for confirmation" in page, "Confirmed by Officer Person" in page] == [False, True]


def test_a_term_that_nobody_confirmed_in_its_time_says_so(officer, people, ann):
    with time_machine.travel(timezone.now() - 9 * DAY):
        give(ann, "treasurer", people["admin"], expires_at=timezone.now() + DAY)
    assert "Nobody confirmed it in its time" in officer.get(f"/users/{ann.pk}/").text


# --- assigning ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["acting", "delegated"])
def test_acting_and_delegated_ask_for_a_last_day(client_of, ann, kind):
    typed = {"role": "officer", "kind": kind, "reason": "On leave", "first_day": "", "last_day": ""}
    answer = client_of("admin").post(f"/users/{ann.pk}/assign/", typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["last_day"])
    assert "On leave" in answer.text


def test_a_term_is_extended_by_one_after_it(client_of, people, ann):
    change_settings({"name": "Local 46", "time_zone": "America/Chicago"}, actor=people["admin"])
    midnight = datetime(2030, 12, 1, 6, tzinfo=UTC)
    term = give(ann, "officer", people["admin"], kind="acting", expires_at=midnight)
    form = client_of("admin").get(f"/users/{ann.pk}/assign/?after={term.pk}").context["form"]
    assert {name: form[name].value() for name in ("role", "kind", "first_day")} == {
        "role": "officer",
        "kind": "acting",
        "first_day": midnight.date(),
    }


@pytest.mark.parametrize("after", ["x", "\0", "9" * 30, "-1", "٣", "0", "somebody else's"])
def test_a_wrong_term_to_extend_is_no_term(client_of, ann, after):
    other = RoleAssignmentFactory(expires_at=timezone.now() + DAY)
    typed = str(other.pk) if after == "somebody else's" else after
    form = client_of("admin").get(f"/users/{ann.pk}/assign/", {"after": typed}).context["form"]
    assert form["role"].value() is None


# --- who held what -----------------------------------------------------------------------------------


def held(browser, **query: str) -> list[tuple[str, str]]:
    rows = browser.get("/roles/held/", query).context["rows"]
    return [(row.user.first_name, row.role.name) for row in rows]


def test_who_held_what_on_a_day_of_the_local(officer, people):
    change_settings({"name": "Local 46", "time_zone": "America/Chicago"}, actor=people["admin"])
    ann, bo = (UserFactory(first_name=name) for name in ("Ann", "Bo"))
    # to the midnight after 2 March in Chicago, and from that midnight on
    midnight = datetime(2020, 3, 3, 6, tzinfo=UTC)
    RoleAssignmentFactory(user=ann, role="trustee", starts_at=midnight - 90 * DAY, expires_at=midnight)
    RoleAssignmentFactory(user=bo, role="trustee", starts_at=midnight, ended_at=midnight + DAY / 2)
    RoleAssignmentFactory(user=bo, role="staff", starts_at=midnight, ended_at=midnight)
    found = {day: held(officer, day=day) for day in ("2020-03-02", "2020-03-03", "2020-03-04")}
    assert found == {"2020-03-02": [("Ann", "trustee")], "2020-03-03": [("Bo", "trustee")], "2020-03-04": []}


def test_without_a_day_it_is_today(officer, people, ann):
    RoleAssignmentFactory(user=ann, role="trustee")
    RoleAssignmentFactory(user=ann, role="treasurer", needs_confirmation=True)
    assert held(officer) == [("Officer", "officer"), ("Ann", "trustee")]
    assert held(officer, role="trustee") == [("Ann", "trustee")]
    page = officer.get("/roles/held/")
    assert f'value="{local_today().isoformat()}"' in page.text
    assert [chip for chip, _url in page.context["chips"]] == []
    assert [chip for chip, _url in officer.get("/roles/held/?role=trustee").context["chips"]] == ["Role: Trustee"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("day=1899-12-31", True),
        ("day=2101-01-01", True),
        ("day=9999-12-31", True),
        ("day=%00", True),
        ("day=x", True),
        ("day=" + "1" * 9_000, True),
        ("role=x", True),
        ("day=1900-01-01", False),
        ("day=2100-12-31", False),
        ("sort=password&after=x&before=9999999999999999999999", False),
    ],
)
def test_odd_days(officer, query, told):
    for path in ("/roles/held/", "/roles/ending/"):
        answer = officer.get(f"{path}?{query}")
        assert answer.status_code == 200
    assert ("field-error" in officer.get(f"/roles/held/?{query}").text) is told


def test_terms_that_end_in_thirty_days(officer, client_of, people, ann):
    now = timezone.now()
    days = {"staff": (29, None), "steward": (31, None), "trustee": (300, 3), "organizer": (0, None), "officer": (-1, 0)}
    for role, (expires, ended) in days.items():
        RoleAssignmentFactory(
            user=ann,
            role=role,
            starts_at=now - 60 * DAY,
            expires_at=now + expires * DAY if expires else None,
            ended_at=now + ended * DAY if ended else None,
        )
    RoleAssignmentFactory(user=people["admin"], role="staff", expires_at=now + DAY)
    page = client_of("admin").get("/roles/ending/")
    assert [(row.role.name, row.user.first_name) for row in page.context["rows"]] == [
        ("staff", "Admin"),
        ("trustee", "Ann"),
        ("staff", "Ann"),
    ]
    assert page.text.count("?after=") == 2
    assert "?after=" not in officer.get("/roles/ending/").text


@pytest.mark.parametrize("path", [WAITING, "/roles/held/", "/roles/ending/", "/"])
def test_one_and_three_cost_the_same(officer, people, path, django_assert_num_queries):
    soon = timezone.now() + 3 * DAY
    admin = people["admin"]

    def more() -> None:
        give(UserFactory(), "treasurer", admin, expires_at=soon)
        terms.confirm_role(give(UserFactory(), "trustee", admin, expires_at=soon), actor=people["officer"])

    more()
    officer.get(path)
    with django_assert_num_queries(QUERIES[path]):
        officer.get(path)
    more()
    more()
    with django_assert_num_queries(QUERIES[path]):
        officer.get(path)


QUERIES = {WAITING: 6, "/roles/held/": 7, "/roles/ending/": 7, "/": 20}
