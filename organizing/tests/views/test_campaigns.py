"""The pages of campaigns as the people inside them meet them."""

import datetime
import re

import pytest
from django.utils.html import escape

from accounts.enums import IdentityKind
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import User
from accounts.services import identity
from core.models import AuditEvent, ReadEvent
from core.site import local_today
from core.tests.pages import errors, said, values_in
from members.factories import MemberFactory, OrganizationFactory
from members.forms.members import label_of
from organizing.enums import Duty
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory, organizer
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity
from organizing.services import activities, campaigns

pytestmark = pytest.mark.django_db
RUBBISH = ("nul \0 inside", "x" * 100_000, "bidi \u202e", "😀" * 5_000)


def events(record) -> list[str]:
    rows = AuditEvent.objects.filter(stream=f"{record._meta.label_lower}:{record.pk}").order_by("id")
    return list(rows.values_list("action", flat=True))


def looks() -> list[tuple]:
    return list(ReadEvent.objects.order_by("id").values_list("kind", "subject_type", "subject_id"))


def campaign_url(campaign, rest="") -> str:
    return f"/organizing/campaigns/{campaign.pk}/{rest}"


# --- the whole path -----------------------------------------------------------------------------------


def test_from_the_director_to_the_first_activity_and_nobody_else_sees(client_of, people, browser_of):
    lead, helper, stranger = people["officer"], organizer(), people["organizer"]
    opened = client_of("organizing-director").post(
        "/organizing/oversight/open/", {"code_name": "Ibis", "lead": lead.pk}
    )
    assert (opened.status_code, opened.url) == (302, "/organizing/oversight/")
    campaign, leading = Campaign.objects.get(code_name="Ibis"), browser_of(lead)
    target, member = OrganizationFactory(name="Granite Mills"), MemberFactory()
    values = {"organization": label_of(target), "stage": "card_drive", "unit_size": "40", "salting_score": "2"}
    values |= {"salting_notes": "Runs two yards.", "version": campaign.version}
    assert leading.post(campaign_url(campaign, "edit/"), values).status_code == 302
    appointed = leading.post(campaign_url(campaign, "team/add/"), {"user": helper.pk, "duty": "organizer"})
    added = leading.post(campaign_url(campaign, "salts/add/"), {"member": member.label, "since": local_today()})
    assert (appointed.status_code, added.status_code) == (302, 302)
    salt = campaign.members.get()
    typed = {"activity_date": local_today(), "activity_type": "one_on_one", "outcome": "positive"}
    typed |= {"campaign_member": salt.pk, "workers_contacted": "3", "cards_signed": "1", "description": "At the gate"}
    logged = browser_of(helper).post(campaign_url(campaign, "activities/add/"), typed)
    activity = SaltingActivity.objects.get(campaign=campaign)
    assert (logged.status_code, logged.url) == (302, activity.get_absolute_url())
    campaign.refresh_from_db()
    assert campaign.target == target
    assert campaign.stage == "card_drive"
    assert campaign.salting_score == "2"
    assert salt.pseudonym == "S-001"
    assert activity.entered_by == helper
    assert activity.description == "At the gate"
    for url in (campaign_url(campaign), activity.get_absolute_url()):
        assert browser_of(helper).get(url).status_code == 200
        assert [browser_of(person).get(url).status_code for person in (stranger, people["staff"])] == [404, 403]
    assert browser_of(stranger).get("/organizing/").context["rows"] == []


# --- lists --------------------------------------------------------------------------------------------


def test_the_list_shows_the_campaigns_of_live_assignments(vault, browser_of):
    other = CampaignFactory(code_name="Sandpiper")
    answer = browser_of(vault["organizer"]).get("/organizing/")
    assert answer.context["rows"] == [vault.campaign]
    assert "Heron" in answer.text
    assert "Quarrystone Foods" in answer.text
    assert other.code_name not in answer.text
    assert looks() == [("listed", "organizing.campaign", "")]


@pytest.mark.parametrize("size", [1, 3])
def test_lists_ask_a_constant_number_of_queries(size, browser_of, django_assert_num_queries):
    user = organizer()
    for _number in range(size):
        term = AssignmentFactory(user=user)
        CampaignMemberFactory(campaign=term.campaign)
        ActivityFactory(campaign=term.campaign)
        ActivityFactory(campaign=term.campaign)
    browser = browser_of(user)
    with django_assert_num_queries(7):
        browser.get("/organizing/")
    with django_assert_num_queries(7):
        browser.get("/organizing/activities/")


@pytest.mark.parametrize("size", [1, 3])
def test_tabs_ask_a_constant_number_of_queries(size, browser_of, django_assert_num_queries):
    campaign, user = CampaignFactory(), organizer()
    AssignmentFactory(campaign=campaign, user=user, duty=Duty.LEAD)
    for _number in range(size):
        AssignmentFactory(campaign=campaign)
        salt = CampaignMemberFactory(campaign=campaign, handler=organizer())
        ActivityFactory(campaign=campaign, campaign_member=salt)
    browser = browser_of(user)
    for tab, count in (("", 12), ("team/", 7), ("salts/", 9), ("history/", 10)):
        with django_assert_num_queries(count):
            browser.get(campaign_url(campaign, tab))


def test_activities_over_all_campaigns_are_those_of_ones_own(vault, browser_of):
    ActivityFactory()
    rows = browser_of(vault["organizer"]).get("/organizing/activities/").context["rows"]
    assert set(rows) == {vault.activity, vault.own}


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=heron", 2), ("q=quarry", 2), ("q=S-001", 2), ("q=s-002", 0), ("q=ibis", 0), ("since=2999-01-01", 0)],
)
def test_searching_and_filtering_activities(vault, browser_of, query, found):
    ActivityFactory(campaign=CampaignFactory(code_name="Ibis"))
    rows = browser_of(vault["organizer"]).get(f"/organizing/activities/?{query}").context["rows"]
    assert len(rows) == found


def test_code_names_are_suggested_to_whoever_is_inside(vault, client_of, browser_of):
    CampaignFactory(code_name="Heron East")
    user = vault["organizer"]
    for name in ("Ibis", "Heron North"):
        AssignmentFactory(user=user, campaign__code_name=name)
    browser, url = browser_of(user), "/organizing/campaigns/suggest/"
    offered = {
        text: re.findall('value="(.*?)"', browser.get(url, {"campaign": text}).text) for text in ("hero", "x", "")
    }
    assert offered == {"hero": ["Heron", "Heron North"], "x": [], "": ["Heron", "Heron North", "Ibis"]}
    assert looks() == [("listed", "organizing.campaign", "")] * 2
    page = browser.get(f"/organizing/activities/?campaign={vault.campaign.pk}").text
    assert re.findall('<option value="(.*?)"></option>', page) == ["Heron", "Heron North", "Ibis"]
    assert re.search('<input[^>]* name="campaign"[^>]*>', page)[0].count('value="Heron"') == 1
    assert client_of("staff").get(url, {"campaign": "hero"}).status_code == 403


@pytest.mark.parametrize("query", ["since=x", "campaign=zzz", "type=zzz", "q=%00", "q=" + "x" * 300, "until=99999-1-1"])
def test_a_bad_filter_finds_nothing_and_says_why(vault, browser_of, query):
    answer = browser_of(vault["organizer"]).get(f"/organizing/activities/?{query}")
    assert answer.status_code == 200
    assert answer.context["rows"] == []
    assert "field-error" in answer.text


# --- the campaign's own pages -------------------------------------------------------------------------


def test_opening_a_campaign_shows_its_facts_and_is_recorded(vault, browser_of):
    answer = browser_of(vault["handler"]).get(campaign_url(vault.campaign))
    assert "<title>Campaign" in answer.text
    assert "Heron" not in answer.text.split("</title>")[0]
    facts = answer.text.split("page-aside")[1]
    assert all(text in facts for text in ("Quarrystone Foods", "Officer Person", "brother runs the yard"))
    assert looks()[0] == ("opened", "organizing.campaign", str(vault.campaign.pk))


def test_what_each_duty_is_offered(vault, browser_of):
    offered = {}
    for duty in ("lead", "deputy", "organizer", "handler"):
        browser = browser_of(vault[duty])
        text = "".join(browser.get(campaign_url(vault.campaign, tab)).text for tab in ("", "team/", "salts/"))
        links = ("edit/", "close/", "team/add/", "salts/add/", f"salts/{vault.salt.pk}/name/", "activities/add/")
        offered[duty] = [link for link in links if f'{link}"' in text]
    every = ["edit/", "close/", "team/add/", "salts/add/", f"salts/{vault.salt.pk}/name/", "activities/add/"]
    assert offered == {
        "lead": every,
        "deputy": ["edit/", "team/add/", "activities/add/"],
        "organizer": ["activities/add/"],
        "handler": [f"salts/{vault.salt.pk}/name/", "activities/add/"],
    }


def test_two_people_edit_the_campaign(vault, browser_of, people):
    url, browser = campaign_url(vault.campaign, "edit/"), browser_of(vault["deputy"])
    campaigns.change_campaign(vault.campaign, {"unit_size": 55}, actor=vault["lead"])
    values = {"organization": "Quarrystone Foods", "stage": "election", "unit_size": "60", "salting_score": "5"}
    values |= {"salting_notes": vault.campaign.salting_notes, "version": "1"}
    conflict = browser.post(url, values)
    rows = {label: (saved, typed) for label, saved, typed in conflict.context["conflict"]}
    assert (conflict.status_code, rows["Unit size"]) == (409, ("55", "60"))
    again = browser.post(url, values | {"version": "2"})
    vault.campaign.refresh_from_db()
    assert again.status_code == 302
    assert vault.campaign.unit_size == 60
    assert vault.campaign.stage == "election"


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"organization": "Nobody knows"}, ["target"]),
        ({"stage": "ended"}, ["stage"]),
        ({"unit_size": "0"}, ["unit_size"]),
        ({"unit_size": "9" * 40}, ["unit_size"]),
        ({"salting_score": "9"}, ["salting_score"]),
        *(({"salting_notes": text}, ["salting_notes"]) for text in RUBBISH),
    ],
)
def test_a_bad_value_is_told_at_its_field(vault, browser_of, changed, names):
    values = {"organization": "Quarrystone Foods", "stage": "building", "version": "1"} | changed
    answer = browser_of(vault["lead"]).post(campaign_url(vault.campaign, "edit/"), values)
    assert (answer.status_code, list(errors(answer))) == (422, names)


def test_closing_ends_what_can_be_entered_and_leaves_what_can_be_read(vault, browser_of, client_of):
    closed = browser_of(vault["lead"]).post(campaign_url(vault.campaign, "close/"), {"reason": "Lost the vote"})
    assert (closed.status_code, client_of("member").get("/entries/").status_code) == (302, 404)
    browser = browser_of(vault["lead"])
    assert browser.get(campaign_url(vault.campaign)).status_code == 200
    for rest in ("edit/", "close/", "team/add/", "salts/add/", "activities/add/"):
        assert browser.get(campaign_url(vault.campaign, rest)).status_code == 409
    assert browser.get(f"/organizing/activities/{vault.activity.pk}/edit/").status_code == 409


def test_another_salt_cannot_be_put_in_place_of_the_one_who_wrote_the_entry(vault, browser_of):
    lead, found = browser_of(vault["lead"]), []
    values = {"activity_date": "2026-01-05", "activity_type": "meeting", "campaign_member": vault.other_salt.pk}
    for entry in (vault.own, vault.activity):
        url = f"{entry.get_absolute_url()}edit/"
        page = lead.get(url)
        offered = [str(label) for _key, label in page.context["form"].fields["campaign_member"].choices]
        sent = values | {"version": "1", "seen_values": page.context["seen_values"], "description": "Kept"}
        answer = lead.post(url, sent)
        refused = errors(answer) if answer.status_code == 422 else {}
        found.append((offered, answer.status_code, refused, "Kept" in answer.text))
    assert found == [
        (["S-001"], 422, {"campaign_member": [str(activities.STAYS_THEIRS)]}, True),
        (["Choose a pseudonym", "S-001", "S-002"], 302, {}, False),
    ]


def sent_to_a_campaign_that_closed(vault, people) -> dict[str, dict]:
    """Return what somebody has typed into each form by its address, beside what the page itself carries."""
    typed, salt = "A long report. " * 200, f"/organizing/salts/{vault.other_salt.pk}/"
    entry = {"activity_date": "2026-01-05", "activity_type": "meeting", "campaign_member": vault.salt.pk}
    return {
        campaign_url(vault.campaign, "activities/add/"): entry | {"description": typed},
        f"{vault.activity.get_absolute_url()}edit/": entry | {"description": typed, "version": "1"},
        campaign_url(vault.campaign, "edit/"): {"stage": "building", "salting_notes": typed, "version": "1"},
        campaign_url(vault.campaign, "close/"): {"reason": "Lost the vote"},
        campaign_url(vault.campaign, "team/add/"): {"user": people["organizer"].pk, "duty": "organizer"},
        campaign_url(vault.campaign, "salts/add/"): {"member": MemberFactory().label, "since": "2026-01-05"},
        f"{salt}handler/": {"handler": vault["handler"].pk, "version": "1"},
    }


@pytest.mark.parametrize("token", ["", "c" * 32], ids=["without a token", "with the page's token"])
def test_what_was_typed_for_a_campaign_that_closed_meanwhile_is_not_lost(vault, browser_of, people, token):
    lead, forms = browser_of(vault["lead"]), sent_to_a_campaign_that_closed(vault, people)
    opened = {url: lead.get(url).status_code for url in forms}
    campaigns.close_campaign(vault.campaign, actor=vault["lead"], reason="Lost")
    vault.campaign.refresh_from_db()
    found = {url: lead.post(url, {**values, "form_token": token}) for url, values in forms.items()}
    assert opened == dict.fromkeys(forms, 200)
    sentence = ["This campaign has ended. Ask the organizing director to open a new one."]
    assert {url: (answer.status_code, errors(answer)) for url, answer in found.items()} == dict.fromkeys(
        forms, (409, {"__all__": sentence})
    )
    for url, values in forms.items():
        kept = values_in(found[url])
        assert {name: kept[name].strip() for name in values} == {
            name: str(text).strip() for name, text in values.items()
        }
    assert [SaltingActivity.objects.count(), CampaignMember.objects.count()] == [2, 2]


# --- the team -----------------------------------------------------------------------------------------


def test_appointing_and_ending(vault, browser_of, people):
    person, browser = people["organizer"], browser_of(vault["deputy"])
    day = local_today() + datetime.timedelta(days=3)
    values = {"user": person.pk, "duty": "organizer", "last_day": day.isoformat()}
    appointed = browser.post(campaign_url(vault.campaign, "team/add/"), values)
    term = CampaignAssignment.objects.get(user=person)
    assert said(appointed) == ["Appointed."]
    assert term.last_moment.astimezone().date() >= day
    assert browser_of(person).get(campaign_url(vault.campaign)).status_code == 200
    ended = browser.post(f"/organizing/assignments/{term.pk}/end/", {"reason": "Left"})
    assert (ended.status_code, browser_of(person).get(campaign_url(vault.campaign)).status_code) == (302, 404)
    assert events(term) == ["organizing.appointed", "organizing.assignment_ended"]


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"user": "x"}, "user"),
        ({"user": "9" * 40}, "user"),
        ({"duty": "lead"}, "duty"),
        ({"last_day": "2001-01-01"}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
    ],
)
def test_a_bad_appointment_is_told_at_its_field(vault, browser_of, people, changed, name):
    values = {"user": people["organizer"].pk, "duty": "organizer"} | changed
    answer = browser_of(vault["lead"]).post(campaign_url(vault.campaign, "team/add/"), values)
    assert (answer.status_code, list(errors(answer))) == (422, [name])


def test_whoever_cannot_see_campaigns_is_not_offered(vault, browser_of, people):
    page = browser_of(vault["lead"]).get(campaign_url(vault.campaign, "team/add/"))
    offered = set(page.context["form"].fields["user"].queryset)
    assert offered == {vault[duty] for duty in ("lead", "deputy", "organizer", "handler")}
    assert people["staff"] not in offered


# --- salts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("duty", "status"), [("lead", 200), ("handler", 200), ("deputy", 403), ("organizer", 403)])
def test_the_name_opens_to_the_lead_and_the_handler(vault, browser_of, people, duty, status):
    url, name = f"/organizing/salts/{vault.salt.pk}/name/", escape(people["member"].member.full_name)
    browser = browser_of(vault[duty])
    before = browser.get(url)
    assert before.status_code == status
    assert name not in before.text
    assert looks() == []
    after = browser.post(url)
    opened = [("opened", "organizing.campaignmember", str(vault.salt.pk))] if status == 200 else []
    assert after.status_code == status
    assert (name in after.text) == (status == 200)
    assert looks() == opened
    assert "no-store" in after["Cache-Control"]


def test_the_name_comes_with_the_account_and_one_button_confirms_it(vault, browser_of, people):
    User.objects.filter(pk=people["member"].pk).update(identity_epoch=2)
    lead, salts = browser_of(vault["lead"]), campaign_url(vault.campaign, "salts/")
    assert ["Account changed" in browser_of(vault[duty]).get(salts).text for duty in ("lead", "deputy")] == [
        True,
        False,
    ]
    path = f"/organizing/salts/{vault.salt.pk}/name/"
    shown = lead.post(path)
    assert people["member"].email in shown.text
    assert "Account changed" in shown.text
    seen = shown.context["seen"]
    assert [browser_of(vault[duty]).post(path, {"account": seen}).status_code for duty in ("deputy", "organizer")] == [
        403,
        403,
    ]
    assert lead.post(path, {"account": "x"}).status_code == 409
    assert lead.post(path, {"account": seen})["Location"] == salts
    assert "Account changed" not in lead.get(salts).text
    assert browser_of(people["member"]).get("/entries/").status_code == 200
    assert lead.post(path).context["seen"] == ""


def test_the_lead_confirms_somebody_of_the_team(vault, browser_of):
    term, lead = vault.terms["organizer"], browser_of(vault["lead"])
    User.objects.filter(pk=term.user_id).update(identity_epoch=2)
    path, team = f"/organizing/assignments/{term.pk}/confirm/", campaign_url(vault.campaign, "team/")
    assert path in lead.get(team).text
    assert path not in browser_of(vault["deputy"]).get(team).text
    page = lead.get(path)
    assert term.user.full_name in page.text
    stale = lead.post(path, {"epoch": "1"})
    assert (stale.status_code, "changed once more" in stale.text) == (409, True)
    assert lead.post(path, {"epoch": page.context["form"]["epoch"].value()})["Location"] == team
    assert browser_of(term.user).get(team).status_code == 200


def test_the_director_confirms_a_lead_after_an_officer_did(vault, client_of, people):
    User.objects.filter(pk=vault["lead"].pk).update(identity_epoch=2)
    director, path = client_of("organizing-director"), f"/organizing/oversight/{vault.campaign.pk}/confirm/"
    assert path in director.get("/organizing/oversight/").text
    early = director.post(path, {"epoch": "2"})
    assert (early.status_code, "An officer confirms this person first" in early.text) == (409, True)
    other = RoleAssignmentFactory(role="officer", user=UserFactory()).user
    identity.record_change(User.objects.get(pk=vault["lead"].pk), IdentityKind.CONFIRMED, actor=other)
    assert director.post(path, {"epoch": "2"})["Location"] == "/organizing/oversight/"
    assert path not in director.get("/organizing/oversight/").text


def test_a_handler_opens_the_names_of_their_own_salts_only(vault, browser_of):
    assert browser_of(vault["handler"]).post(f"/organizing/salts/{vault.other_salt.pk}/name/").status_code == 403


def test_where_there_is_nobody_to_choose_the_page_leads_to_where_that_is_mended(vault, browser_of, client_of):
    lone = AssignmentFactory(user=vault["lead"], duty=Duty.LEAD).campaign
    AssignmentFactory(campaign=lone, user=vault["deputy"], duty=Duty.DEPUTY)
    worker = AssignmentFactory(campaign=lone)
    salts, entry = campaign_url(lone, "salts/add/"), campaign_url(lone, "activities/add/")

    def shown(user, path):
        page = browser_of(user).get(path)
        main = page.text.split("<main")[1]
        return (
            page.context["view"].instead is not None,
            "form-page" in main,
            re.findall(r'btn-primary" href="([^"]+)"', main),
        )

    assert shown(vault["lead"], entry) == (True, False, [salts])
    assert [shown(user, entry) for user in (vault["deputy"], worker.user)] == [(True, False, [])] * 2
    salt = CampaignMemberFactory(campaign=lone)
    handler, appoint = f"/organizing/salts/{salt.pk}/handler/", campaign_url(lone, "team/add/?duty=handler")
    assert shown(vault["deputy"], handler) == (True, False, [appoint])
    assert browser_of(vault["deputy"]).get(appoint).context["form"]["duty"].value() == "handler"
    AssignmentFactory(campaign=lone, duty=Duty.HANDLER)
    assert [shown(vault["deputy"], path)[:2] for path in (entry, handler)] == [(False, True)] * 2
    assert client_of("organizing-director").get("/organizing/oversight/open/").context["view"].instead is None


def test_handler_and_end_of_a_pseudonym(vault, browser_of):
    browser, url = browser_of(vault["deputy"]), f"/organizing/salts/{vault.other_salt.pk}/"
    assert browser.post(f"{url}handler/", {"handler": vault["handler"].pk, "version": "1"}).status_code == 302
    assert browser.post(f"{url}end/", {"until": local_today(), "reason": "Quit the job"}).status_code == 302
    vault.other_salt.refresh_from_db()
    assert (vault.other_salt.handler, vault.other_salt.until) == (vault["handler"], local_today())
    assert events(vault.other_salt) == ["organizing.salt_handled", "organizing.salt_ended"]


@pytest.mark.parametrize("member", ["Nobody", "x" * 400, "a\0b", "", "9" * 50])
def test_a_member_who_is_not_found_is_told_at_the_field(vault, browser_of, member):
    values = {"member": member, "since": local_today()}
    answer = browser_of(vault["lead"]).post(campaign_url(vault.campaign, "salts/add/"), values)
    assert (answer.status_code, list(errors(answer))) == (422, ["member"])


@pytest.mark.parametrize("token", ["", "a" * 32], ids=["without a token", "with the page's token"])
def test_a_second_pseudonym_for_one_member_is_refused_and_counts_as_opening_the_name(vault, browser_of, people, token):
    values = {"member": people["member"].member.label, "since": local_today(), "form_token": token}
    answer = browser_of(vault["lead"]).post(campaign_url(vault.campaign, "salts/add/"), values)
    assert (answer.status_code, list(errors(answer))) == (422, ["member"])
    assert looks().count(("opened", "organizing.campaignmember", str(vault.salt.pk))) == 1


@pytest.mark.parametrize("duty", ["deputy", "handler", "organizer"])
def test_whoever_opens_no_name_is_answered_alike_whether_the_member_acts_or_not(vault, browser_of, people, duty):
    browser, found = browser_of(vault[duty]), []
    for member in (people["member"].member, MemberFactory()):
        values = {"member": member.label, "since": local_today(), "form_token": "b" * 32}
        answer = browser.post(campaign_url(vault.campaign, "salts/add/"), values)
        found.append((answer.status_code, member.last_name in answer.text))
    assert found == [(403, False)] * 2
    assert (vault.campaign.members.count(), looks()) == (2, [])


# --- oversight ----------------------------------------------------------------------------------------


def test_the_director_sees_code_name_stage_and_lead_only(vault, client_of):
    director = client_of("organizing-director")
    page = director.get("/organizing/oversight/")
    assert all(text in page.text for text in ("Heron", "Building the committee", "Officer Person"))
    assert "Quarrystone" not in page.text
    assert director.get(campaign_url(vault.campaign)).status_code == 404
    assert director.get("/organizing/").status_code == 403
    assert [client_of(name).get("/organizing/oversight/").status_code for name in ("officer", "admin")] == [403, 403]


def test_replacing_the_lead_takes_the_door_from_one_and_gives_it_to_the_next(vault, client_of, browser_of, people):
    director, url = client_of("organizing-director"), f"/organizing/oversight/{vault.campaign.pk}/lead/"
    seen = director.get(url).context["form"]["replaces"].value()
    values = {"lead": people["organizer"].pk, "reason": "New job", "replaces": seen}
    answer = director.post(url, values)
    assert (answer.status_code, answer.context and errors(answer)) == (302, None)
    reach = [
        browser_of(user).get(campaign_url(vault.campaign)).status_code for user in (vault["lead"], people["organizer"])
    ]
    assert reach == [404, 200]
    late = director.post(url, values | {"lead": vault["organizer"].pk})
    assert late.status_code == 409
    assert errors(late)["__all__"] == ["Somebody replaced the lead meanwhile. Look at the list again, then decide."]


def test_the_lead_of_a_campaign_that_has_ended_is_replaced_too_and_opens_no_name_any_more(
    vault, client_of, browser_of, people
):
    campaigns.close_campaign(vault.campaign, actor=vault["lead"], reason="Lost the vote")
    name, director = f"/organizing/salts/{vault.salt.pk}/name/", client_of("organizing-director")
    assert browser_of(vault["lead"]).post(name).status_code == 200
    url = f"/organizing/oversight/{vault.campaign.pk}/lead/"
    assert f'href="{url}"' in director.get("/organizing/oversight/").text
    answer = director.post(url, {"lead": people["organizer"].pk, "reason": "Left the local"})
    assert (answer.status_code, said(answer)) == (302, ["Lead replaced."])
    assert [browser_of(user).post(name).status_code for user in (vault["lead"], people["organizer"])] == [404, 200]


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"code_name": "Heron"}, "code_name"),
        ({"code_name": ""}, "code_name"),
        ({"lead": ""}, "lead"),
        *(({"code_name": text}, "code_name") for text in RUBBISH),
    ],
)
def test_a_campaign_that_cannot_be_opened(vault, client_of, people, changed, name):
    values = {"code_name": "Ibis", "lead": people["officer"].pk} | changed
    answer = client_of("organizing-director").post("/organizing/oversight/open/", values)
    assert answer.status_code == 422
    assert list(errors(answer)) == [name]
    assert Campaign.objects.count() == 1
