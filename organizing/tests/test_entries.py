"""The page on which a salt keeps own entries: theirs alone, in words that tell a bystander nothing."""

import datetime
import html
import re

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from accounts.factories import RoleAssignmentFactory, UserFactory
from core.models import AuditEvent, ListColumns, ReadEvent, SavedFilter
from core.site import local_today
from core.tests.pages import errors, values_in
from core.web.formats import day_text
from members.factories import MemberFactory
from members.models import Member
from organizing import panels
from organizing.enums import ENTRY_KINDS, ENTRY_RESULTS, ActivityType, Outcome, Stage
from organizing.factories import ActivityFactory, CampaignFactory, CampaignMemberFactory
from organizing.models import Campaign, CampaignMember, SaltingActivity

pytestmark = pytest.mark.django_db
URLS = ("/entries/", "/entries/add/")
TYPED = {
    "day": "2026-01-05",
    "kind": "forms",
    "result": "well",
    "people": "4",
    "filled": "2",
    "place": "Gate 3",
    "text": "Two agreed",
}
TELLING = (
    "organiz",
    "salt",
    "campaign",
    "union card",
    "cards",
    "sign",
    "worker",
    "target",
    "quarrystone",
    "heron",
    "employer",
    "confidential",
    "petition",
    "leaflet",
    "activity",
)


def statuses(browser) -> list[int]:
    return [browser.get(url).status_code for url in URLS] + [browser.post("/entries/add/", TYPED).status_code]


def own_part(text: str) -> str:
    """Return the title and what the page itself says, without the frame of every page and without random tokens."""
    title, main = re.search(r"<title>(.*?)</title>", text, re.DOTALL), re.search(r"<main.*?</main>", text, re.DOTALL)
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", f"{title[1]} {main[0]}").lower()


def test_a_salt_adds_an_entry_and_sees_own_entries_only(vault, client_of):
    browser = client_of("member")
    assert browser.post("/entries/add/", TYPED).status_code == 302
    made = SaltingActivity.objects.get(description__isnull=False, activity_date="2026-01-05")
    assert made.campaign == vault.campaign
    assert made.campaign_member == vault.salt
    assert made.entered_by is None
    assert made.activity_type == "card_signing"
    assert made.outcome == "positive"
    assert made.workers_contacted == 4
    assert made.cards_signed == 2
    assert made.location == "Gate 3"
    assert made.description == "Two agreed"
    assert made.notes == ""
    shown = {entry for entry, *_said in browser.get("/entries/").context["entries"]}
    assert shown == {made, vault.own}


@pytest.mark.parametrize("name", ["staff", "admin", "officer", "organizer", "organizing-director", "nobody", "expired"])
def test_for_everybody_else_the_pages_are_absent(vault, client_of, name):
    browser = client_of(name, raise_request_exception=False)
    absent, here = browser.get("/no-such-page/"), browser.get("/entries/")
    assert (statuses(browser), absent.status_code) == ([404] * 3, 404)
    drawn = [re.sub(r'[\w-]{36,}|csrf\w+" value="[^"]+', "", html.unescape(page.text)) for page in (absent, here)]
    assert drawn[0].replace("/no-such-page/", "/entries/") == drawn[1]


def test_a_member_who_is_no_salt_finds_nothing_there(vault, browser_of):
    other = RoleAssignmentFactory(role="member", user=UserFactory(member=MemberFactory())).user
    unlinked = RoleAssignmentFactory(role="member", user=UserFactory()).user
    assert [statuses(browser_of(user)) for user in (other, unlinked)] == [[404] * 3] * 2
    assert [panels.is_salt(user) for user in (other, unlinked, AnonymousUser())] == [False] * 3


def test_it_says_nothing_of_what_it_is_for(vault, client_of):
    browser = client_of("member")
    CampaignMemberFactory(member=Member.objects.get(pk=vault.salt.member_ref))
    SaltingActivity.objects.filter(pk=vault.own.pk).update(activity_type="card_signing")
    pages = [browser.get("/entries/"), browser.get("/entries/add/"), browser.post("/entries/add/", TYPED | {"day": ""})]
    pages.append(browser.post("/entries/add/", TYPED | {"people": "1", "filled": "2"}))
    found = {word for page in pages for word in TELLING if word in own_part(page.text)}
    assert (found, [page.status_code for page in pages]) == (set(), [200, 200, 422, 422])


def test_no_row_trail_or_log_joins_the_account_with_the_vault(vault, client_of, people, caplog):
    browser, salt = client_of("member"), people["member"]
    with caplog.at_level("INFO", logger="unionops.requests"):
        browser.get("/me/")
        browser.post("/entries/add/", TYPED)
        browser.get("/entries/")
    users = [(record.route, record.user_id) for record in caplog.records]
    assert users == [("me/", salt.pk), ("entries/add/", None), ("entries/", None)]
    event = AuditEvent.objects.get(subject_type="organizing.saltingactivity")
    assert event.action == "organizing.activity_logged"
    assert event.actor is None
    assert event.actor_name == "S-001"
    assert not ReadEvent.objects.filter(subject_type__startswith="organizing.").exists()
    assert (SavedFilter.objects.count(), ListColumns.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"day": "2999-01-01"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"day": "x"}, "day"),
        ({"kind": "card_signing"}, "kind"),
        ({"people": "-1"}, "people"),
        ({"people": "9" * 40}, "people"),
        ({"people": "1", "filled": "2"}, "filled"),
        ({"place": "a\0b"}, "place"),
        ({"place": "x" * 201}, "place"),
        ({"text": "\u202ebidi"}, "text"),
        ({"text": "x" * 100_000}, "text"),
    ],
)
def test_a_bad_value_is_told_at_its_field_and_nothing_typed_is_lost(vault, client_of, changed, name):
    answer = client_of("member").post("/entries/add/", TYPED | changed)
    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert ("Gate 3" in answer.text or name == "place") is True
    assert ("Two agreed" in answer.text or name == "text") is True
    assert SaltingActivity.objects.count() == 2


@pytest.mark.parametrize(
    ("until", "status"), [(None, 200), (0, 200), (1, 200), (-1, 404)], ids=["open", "today", "tomorrow", "yesterday"]
)
def test_the_last_day_counts(vault, client_of, until, status):
    day = None if until is None else local_today() + datetime.timedelta(days=until)
    CampaignMember.objects.filter(pk=vault.salt.pk).update(until=day)
    assert client_of("member").get("/entries/").status_code == status


def test_the_midnight_that_ends_it_is_the_local_one(vault, client_of):
    year = local_today().year + 1
    CampaignMember.objects.filter(pk=vault.salt.pk).update(until=datetime.date(year, 12, 10))
    midnight = datetime.datetime(year, 12, 11, 5, 0, tzinfo=datetime.UTC)
    found = []
    for moment in (midnight - datetime.timedelta(seconds=1), midnight):
        with time_machine.travel(moment, tick=False):
            found.append(client_of("member").get("/entries/").status_code)
    assert found == [200, 404]


def test_a_campaign_that_ended_closes_the_page(vault, client_of):
    Campaign.objects.filter(pk=vault.campaign.pk).update(stage=Stage.ENDED, closed=local_today())
    assert statuses(client_of("member")) == [404] * 3


def test_two_campaigns_are_kept_apart(vault, client_of, people):
    other = CampaignMemberFactory(campaign=CampaignFactory(), member=people["member"].member)
    browser = client_of("member")
    assert [str(e) for e in browser.post("/entries/add/", TYPED).context["form"].errors["which"]] == ["Choose one."]
    foreign = browser.post("/entries/add/", TYPED | {"which": vault.other_salt.pk})
    assert (foreign.status_code, list(foreign.context["form"].errors)) == (422, ["which"])
    assert browser.post("/entries/add/", TYPED | {"which": other.pk}).status_code == 302
    assert SaltingActivity.objects.get(activity_date="2026-01-05").campaign == other.campaign


def end_campaign(salt):
    Campaign.objects.filter(pk=salt.campaign_id).update(stage=Stage.ENDED, closed=local_today())


def end_pseudonym(salt):
    CampaignMember.objects.filter(pk=salt.pk).update(until=local_today() - datetime.timedelta(days=1))


@pytest.mark.parametrize("end", [end_campaign, end_pseudonym])
@pytest.mark.parametrize("at_first", [1, 2])
def test_an_entry_for_what_has_closed_meanwhile_lands_nowhere_else(vault, client_of, people, end, at_first):
    """The page was opened while one or both of the two could be chosen."""
    other, browser = CampaignMemberFactory(member=people["member"].member), client_of("member")
    end_pseudonym(other) if at_first == 1 else None
    page = browser.get("/entries/add/")
    chosen = page.context["form"]["which"].value() or vault.salt.pk
    CampaignMember.objects.filter(pk=other.pk).update(until=None)
    end(vault.salt)
    answer = browser.post("/entries/add/", TYPED | {"which": chosen})
    said = ["This is closed now. Choose again; what you typed is still here."]
    assert (answer.status_code, errors(answer)) == (422, {"which": said})
    kept = values_in(answer)
    assert {name: kept[name] for name in TYPED} == TYPED
    assert [key for key, _label in answer.context["form"].fields["which"].choices] == ["", str(other.pk)]
    assert SaltingActivity.objects.count() == 2
    assert browser.post("/entries/add/", TYPED | {"which": other.pk}).status_code == 302
    assert SaltingActivity.objects.get(activity_date="2026-01-05").campaign == other.campaign


def test_what_a_salt_chooses_from_is_told_apart_without_a_name(vault, client_of, people):
    member, since = people["member"].member, vault.salt.since
    CampaignMember.objects.filter(pk=vault.salt.pk).update(created_at=vault.salt.created_at - datetime.timedelta(1))
    later = CampaignMemberFactory(member=member, since=since + datetime.timedelta(days=1))
    alike = CampaignMemberFactory(member=member, since=since)
    twins = [CampaignMemberFactory(member=member, since=since + datetime.timedelta(days=2)) for _turn in range(2)]
    ActivityFactory(campaign=vault.campaign, campaign_member=vault.salt, activity_date=vault.own.activity_date)
    browser = client_of("member")
    labels = dict(browser.get("/entries/add/").context["form"].fields["which"].choices)
    day, after = day_text(since), day_text(since + datetime.timedelta(days=2))
    assert labels == {
        "": "Choose one",
        str(vault.salt.pk): f"S-001, {day}, last entry {day_text(vault.own.activity_date)}",
        str(alike.pk): f"S-001, {day}, no entry yet",
        str(later.pk): f"S-001, {day_text(later.since)}",
        str(twins[0].pk): f"S-001, {after}, no entry yet (1)",
        str(twins[1].pk): f"S-001, {after}, no entry yet (2)",
    }
    assert labels[str(vault.salt.pk)] in browser.get("/entries/").text


def test_for_a_salt_whose_account_is_not_confirmed_the_pages_are_absent_as_for_others(vault, browser_of, people):
    """Nothing tells the two apart: neither the answer nor the frame of other pages."""
    other = RoleAssignmentFactory(role="member", user=UserFactory(member=MemberFactory())).user
    CampaignMember.objects.filter(pk=vault.salt.pk).update(account_index="")
    found = [browser_of(user) for user in (people["member"], other)]
    assert [statuses(browser) for browser in found] == [[404] * 3] * 2
    menus = [re.search(r"<nav.*?</nav>", browser.get("/").text, re.DOTALL)[0] for browser in found]
    assert menus[0] == menus[1]


def test_the_lookup_finds_a_salt_under_an_older_key(vault, client_of, settings):
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "new2": b"N" * 32}
    assert client_of("member").get("/entries/").status_code == 200


@pytest.mark.parametrize("size", [1, 3])
def test_a_constant_number_of_queries(vault, client_of, size, django_assert_num_queries):
    browser = client_of("member")
    for _number in range(size - 1):
        browser.post("/entries/add/", TYPED)
    with django_assert_num_queries(6):
        browser.get("/entries/")


def test_every_kind_and_result_has_neutral_words():
    assert {value for _name, value, _label in ENTRY_KINDS} == set(ActivityType)
    assert {value for _name, value, _label in ENTRY_RESULTS} == set(Outcome)


def test_what_others_enter_about_a_salt_is_not_theirs_to_see(vault, client_of):
    SaltingActivity.objects.filter(pk=vault.own.pk).delete()
    answer = client_of("member").get("/entries/")
    assert answer.context["entries"] == []
    assert vault.activity.description not in answer.text
