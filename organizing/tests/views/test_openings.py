"""The pages of an emergency opening, as the director, the officer and the people inside the campaign meet them."""

import pytest
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory
from accounts.models import RoleAssignment, User
from core.models import ReadEvent
from core.tests.pages import errors, said
from organizing import panels
from organizing.enums import OpeningState
from organizing.factories import AssignmentFactory, CampaignFactory, OpeningFactory, director, officer
from organizing.models import EmergencyOpening
from organizing.services import openings

pytestmark = pytest.mark.django_db
OVERSIGHT = "/organizing/oversight/"
WHY = "The lead does not answer and the vote is tomorrow."
TABS = ("", "team/", "salts/", "history/")


def ask_url(campaign) -> str:
    return f"{OVERSIGHT}{campaign.pk}/emergency/"


@pytest.fixture
def asker(people):
    return people["organizing-director"]


@pytest.fixture
def opening(vault, asker):
    return OpeningFactory(campaign=vault.campaign, asked_by=asker, reason=WHY)


@pytest.fixture
def opened(vault, asker):
    return OpeningFactory(campaign=vault.campaign, asked_by=asker, reason=WHY, opened=True)


def test_from_the_question_of_the_director_to_the_end_by_the_lead(vault, asker, browser_of):
    directing, second = browser_of(asker), officer()
    assert ask_url(vault.campaign) in directing.get(OVERSIGHT).text
    form = directing.get(ask_url(vault.campaign))
    assert "name nobody and no employer" in form.text
    assert form.context["form"]["hours"].value() == 24
    asked = directing.post(ask_url(vault.campaign), {"hours": "3", "reason": WHY})
    opening = EmergencyOpening.objects.get()
    page = opening.get_absolute_url()
    assert (asked.status_code, asked.url) == (302, page)
    deciding = browser_of(second)
    shown = deciding.get(page).text
    assert [word for word in ("Heron", WHY, asker.full_name) if word not in shown] == []
    assert [word for word in ("Quarrystone", "S-001", "Building the committee") if word in shown] == []
    confirmed = deciding.post(f"{page}confirm/")
    assert (confirmed.status_code, confirmed.url) == (302, page)
    inside = directing.get(vault.campaign.get_absolute_url())
    assert (inside.status_code, "Quarrystone Foods" in inside.text) == (200, True)
    leading = browser_of(vault["lead"])
    told = leading.get(vault.campaign.get_absolute_url()).text
    assert [word for word in (asker.full_name, WHY, f'action="{page}end/"') if word not in told] == []
    closed = leading.post(f"{page}end/")
    assert (closed.status_code, said(leading.get(closed.url))) == (302, ["Closed."])
    assert directing.get(vault.campaign.get_absolute_url()).status_code == 404


def test_what_the_director_reads_and_what_stays_shut(vault, opened, asker, browser_of):
    browser, campaign = browser_of(asker), vault.campaign.get_absolute_url()
    reading = [*(f"{campaign}{tab}" for tab in TABS), vault.activity.get_absolute_url()]
    pages = {path: browser.get(path) for path in reading}
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(reading, 200)
    assert "S-001" in pages[f"{campaign}salts/"].text
    doors = ("edit/", "close/", "team/add/", "salts/add/", "activities/add/", "/name/", "/handler/")
    assert [(path, door) for path, page in pages.items() for door in doors if f'{door}"' in page.text] == []
    shut = [f"{campaign}{rest}" for rest in ("edit/", "close/", "team/add/", "salts/add/", "activities/add/")]
    shut += [f"/organizing/salts/{vault.salt.pk}/{rest}/" for rest in ("name", "handler", "end")]
    shut += [f"/organizing/assignments/{vault.terms['organizer'].pk}/{rest}/" for rest in ("end", "confirm")]
    shut += [f"{vault.activity.get_absolute_url()}edit/"]
    answers = {(path, way): getattr(browser, way)(path).status_code for path in shut for way in ("get", "post")}
    assert answers == dict.fromkeys(answers, 403)
    lists = ("/organizing/", "/organizing/activities/", "/organizing/campaigns/suggest/", "/api/v1/campaigns/")
    assert [browser.get(path).status_code for path in lists] == [403] * 4


def test_that_the_director_read_is_kept_in_the_vaults_own_streams(vault, opened, asker, browser_of):
    browser_of(asker).get(vault.campaign.get_absolute_url())
    reads = ReadEvent.objects.filter(subject_type="organizing.campaign", subject_id=str(vault.campaign.pk))
    assert list(reads.values_list("actor", "kind")) == [(asker.pk, "opened")]
    assert reads.outside_vault().count() == 0


def test_only_lead_deputy_and_director_read_of_it_on_the_campaigns_page(vault, opened, asker, browser_of):
    browsers = {duty: browser_of(vault[duty]) for duty in ("lead", "deputy", "organizer", "handler")}
    browsers["director"] = browser_of(asker)
    campaign = vault.campaign.get_absolute_url()
    found = {name: {tab for tab in TABS if WHY in page.get(f"{campaign}{tab}").text} for name, page in browsers.items()}
    everywhere: set[str] = set(TABS)
    told = dict.fromkeys(("lead", "deputy", "director"), everywhere)
    assert found == told | {"organizer": set(), "handler": set()}


def test_the_history_tells_lead_and_deputy_of_it(vault, asker, browser_of):
    openings.ask(vault.campaign.pk, actor=asker, reason=WHY, hours=2)
    words = "Emergency opening asked for"
    history = f"{vault.campaign.get_absolute_url()}history/"
    found = {duty: words in browser_of(vault[duty]).get(history).text for duty in ("lead", "deputy", "organizer")}
    assert found == {"lead": True, "deputy": True, "organizer": False}


def test_who_opens_the_page_of_a_request(opening, client_of):
    names = ("organizing-director", "officer", "organizer", "admin", "staff", "member", "trustee", "nobody")
    pages = {name: client_of(name).get(opening.get_absolute_url()).status_code for name in names}
    assert pages == {
        **dict.fromkeys(("organizing-director", "officer"), 200),
        "organizer": 404,
        **dict.fromkeys(("admin", "staff", "member", "trustee", "nobody"), 403),
    }


def test_another_director_finds_nothing_of_it(opening, vault, browser_of):
    browser = browser_of(director())
    assert browser.get(opening.get_absolute_url()).status_code == 404
    assert browser.post(f"{opening.get_absolute_url()}end/").status_code == 404
    assert opening.get_absolute_url() not in browser.get(OVERSIGHT).text


def test_it_waits_for_every_officer_and_is_named_without_the_campaign(opening, vault, people, asker):
    second = officer()
    items = panels.WAITS.rows(second, most=9, only="openings")
    assert [(item.what, item.about, item.url) for item in items] == [
        ("Decide on the emergency opening of a campaign", asker.full_name, opening.get_absolute_url())
    ]
    assert panels.WAITS.counts(second) == {"openings": 1}
    assert [panels.WAITS.counts(people[name]) for name in ("organizing-director", "admin", "organizer")] == [{}] * 3
    openings.refuse(opening, actor=second, reason="Call the deputy")
    assert panels.WAITS.counts(second) == {}


def test_refusing_needs_a_reason_which_the_director_reads(opening, asker, browser_of):
    second, page = browser_of(officer()), opening.get_absolute_url()
    without = second.post(f"{page}refuse/", {"reason": ""})
    assert (without.status_code, errors(without)) == (422, {"reason": ["Say why."]})
    assert second.post(f"{page}refuse/", {"reason": "Call the deputy"}).status_code == 302
    shown = browser_of(asker).get(page).text
    assert [word for word in ("Refused", "Call the deputy") if word not in shown] == []


@pytest.mark.parametrize("act", ["confirm", "refuse"])
def test_the_officer_who_comes_too_late_reads_a_sentence(opening, browser_of, act):
    openings.confirm(opening, actor=officer())
    late = browser_of(officer())
    answer = late.post(f"{opening.get_absolute_url()}{act}/", {"reason": "No"})
    assert answer.status_code == 409
    assert errors(answer)["__all__"] == ["This waits for nobody any more: it was decided or withdrawn, or is too old."]
    shown = late.get(opening.get_absolute_url()).text
    assert f'{opening.get_absolute_url()}{act}/"' not in shown


def test_a_director_who_is_an_officer_too_has_no_button(opening, asker, client_of):
    RoleAssignmentFactory(user=asker, role="officer")
    browser, page = client_of("organizing-director"), opening.get_absolute_url()
    assert f'{page}confirm/"' not in browser.get(page).text
    answer = browser.post(f"{page}confirm/")
    assert (answer.status_code, errors(answer)["__all__"]) == (
        409,
        ["You asked for this yourself, so an officer decides."],
    )


def test_the_list_says_where_each_stands(vault, asker, browser_of):
    other, third = CampaignFactory(code_name="Ibis"), CampaignFactory(code_name="Jay")
    OpeningFactory(campaign=other, asked_by=asker)
    open_one = OpeningFactory(campaign=vault.campaign, asked_by=asker, opened=True)
    OpeningFactory(campaign=third, opened=True)
    shown = browser_of(asker).get(OVERSIGHT)
    states = {row.code_name: opening and opening[0].state for row, _stage, opening in shown.context["rows"]}
    assert states == {"Heron": OpeningState.OPEN, "Ibis": OpeningState.WAITING, "Jay": None}
    assert [ask_url(row) in shown.text for row in (vault.campaign, other, third)] == [False, False, True]
    RoleAssignment.objects.filter(user=open_one.decided_by).update(ended_at=timezone.now())
    rests = browser_of(asker).get(OVERSIGHT).text
    assert [ask_url(vault.campaign) in rests, "Rests: an account or a role changed" in rests] == [True, True]


@pytest.mark.parametrize("size", [1, 3])
def test_the_list_asks_a_constant_number_of_queries(size, asker, browser_of, django_assert_num_queries):
    for _number in range(size):
        OpeningFactory(asked_by=asker, campaign=AssignmentFactory(duty="lead").campaign)
    browser = browser_of(asker)
    with django_assert_num_queries(6):
        browser.get(OVERSIGHT)


def test_where_nobody_can_decide_or_nothing_is_shut_the_form_says_so(vault, asker, client_of, people):
    RoleAssignment.objects.filter(role__name="officer").update(ended_at=timezone.now())
    shown = client_of("organizing-director").get(ask_url(vault.campaign))
    assert "There is no officer to decide it" in shown.text
    OpeningFactory(campaign=vault.campaign, asked_by=asker, opened=True)
    shown = client_of("organizing-director").get(ask_url(vault.campaign))
    assert "This campaign is open to you already" in shown.text
    refused = client_of("organizing-director").post(ask_url(vault.campaign), {"hours": "3", "reason": WHY})
    assert (refused.status_code, EmergencyOpening.objects.count()) == (409, 1)


def test_whoever_works_in_campaigns_besides_finds_it_beside_their_own_while_it_is_open(
    vault, opened, asker, browser_of
):
    RoleAssignmentFactory(user=asker, role="organizer")
    AssignmentFactory(user=asker, campaign__code_name="Ibis")
    user = User.objects.get(pk=asker.pk)
    browser = browser_of(user)

    def found():
        listed = {row.code_name for row in browser.get("/organizing/").context["rows"]}
        sent = {row["code_name"] for row in browser.get("/api/v1/campaigns/").json()["results"]}
        [running] = [figure.value for figure in panels.figures(user) if figure.label == "Running campaigns"]
        return listed, sent, running, len(panels.search(user, "heron").hits)

    assert found() == ({"Ibis", "Heron"}, {"Ibis", "Heron"}, "2", 3)
    openings.end(opened, actor=vault["lead"])
    assert found() == ({"Ibis"}, {"Ibis"}, "1", 0)
