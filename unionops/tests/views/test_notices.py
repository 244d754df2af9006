"""The pages of what is new: one's own list, the way to the record, and how one hears of what."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory
from core.audit import trail
from core.mail import notices
from core.mail.notices import Told
from core.models import Notice, NoticeChoice, Outbox
from grievances.enums import GrievanceAction
from grievances.factories import GrievanceFactory
from grievances.models import Grievance
from grievances.services import cases
from organizing.enums import OrganizingAction
from organizing.factories import AssignmentFactory
from unionops import due, telling
from unionops.telling import SENTENCES, Kind
from unionops.testing.cast import shown_values

pytestmark = pytest.mark.django_db


def tell(case, user, kind=Kind.CASE_MOVES, action=GrievanceAction.ADVANCE) -> Notice:
    with transaction.atomic():
        event = trail.record(case, action, actor=None)
        notices.write([Told(user, event, kind, case, str(case))], SENTENCES, at=timezone.now())
    return Notice.objects.get(event=event)


@pytest.fixture
def case(people):
    return GrievanceFactory(assigned_rep=people["representative"], people=[people["member"].member])


def test_the_list_has_ones_own_with_a_number_and_no_name(people, client_of, case):
    other = GrievanceFactory(assigned_rep=people["representative"])
    tell(other, people["representative"], Kind.CASE_GIVEN, GrievanceAction.ASSIGNED)
    first = tell(case, people["representative"])
    tell(case, people["member"], Kind.OWN_CASE)
    browser = client_of("representative")
    browser.get(first.get_absolute_url())
    answer = browser.get("/notices/")
    shown = [(what, about, state) for what, about, _when, state in shown_values(answer)]
    assert shown == [
        ("A case was assigned to you", other.grievance_number, "New"),
        ("A case goes on", case.grievance_number, ""),
    ]
    page = answer.content.decode()
    assert case.employer.name not in page
    assert case.member.last_name not in page
    assert len(shown_values(browser.get("/notices/?state=unread"))) == 1
    assert len(shown_values(browser.get("/notices/?state=read"))) == 1
    assert [row[0] for row in shown_values(client_of("member").get("/notices/"))] == ["Your case goes on"]


def test_opening_a_notice_marks_it_read_and_leads_to_the_record(people, client_of, case):
    notice, later = tell(case, people["representative"]), tell(case, people["representative"])
    elsewhere = [tell(GrievanceFactory(), people["representative"]), tell(case, people["officer"])]
    browser = client_of("representative")
    assert browser.get(notice.get_absolute_url())["Location"] == case.get_absolute_url()
    assert set(Notice.objects.unread()) == set(elsewhere)
    read_at = Notice.objects.get(pk=later.pk).read_at
    assert browser.get(notice.get_absolute_url())["Location"] == case.get_absolute_url()
    assert Notice.objects.get(pk=later.pk).read_at == read_at
    assert client_of("officer").get(notice.get_absolute_url()).status_code == 404


def test_a_notice_of_what_was_closed_to_the_person_meanwhile_says_so(people, client_of, case):
    notice = tell(case, people["representative"])
    Grievance.objects.update(is_restricted=True)
    answer = client_of("representative").get(notice.get_absolute_url(), follow=True)
    assert answer.redirect_chain == [("/notices/", 302)]
    assert "no longer open to you" in answer.content.decode()


def test_opening_the_record_or_its_page_of_the_admin_reads_what_was_told_of_it(people, client_of, case):
    other, browser = GrievanceFactory(), client_of("officer")
    for url in (case.get_absolute_url(), f"/admin/grievances/grievance/{case.pk}/change/"):
        mine, elsewhere = tell(case, people["officer"]), [tell(other, people["officer"]), tell(case, people["member"])]
        page = browser.get(url).text
        assert Notice.objects.get(pk=mine.pk).read_at is not None
        assert set(Notice.objects.unread()) == set(elsewhere)
        assert ('1<span class="visually-hidden"> unread</span>' in page) == url.startswith("/grievances")
        Notice.objects.all().delete()


@pytest.mark.parametrize("tab", ["", "team/", "salts/", "history/"])
def test_opening_a_campaign_reads_what_was_told_of_it(people, client_of, tab):
    lead, others = people["organizer"], RoleAssignmentFactory(role="organizer").user
    terms = [AssignmentFactory(user=lead), AssignmentFactory(user=lead), AssignmentFactory(user=others)]
    mine, *elsewhere = (tell(term.campaign, term.user, Kind.CAMPAIGN, OrganizingAction.APPOINTED) for term in terms)
    page = client_of("organizer").get(f"{terms[0].campaign.get_absolute_url()}{tab}").text
    assert Notice.objects.get(pk=mine.pk).read_at is not None
    assert set(Notice.objects.unread()) == set(elsewhere)
    assert '1<span class="visually-hidden"> unread</span>' in page


def test_all_of_ones_own_are_marked_as_read_at_once(people, client_of, case):
    for name in ("representative", "representative", "officer"):
        tell(case, people[name])
    browser = client_of("representative")
    assert "Mark all as read" in browser.get("/notices/").content.decode()
    page = browser.post("/notices/read/", follow=True).content.decode()
    assert "2 notices are marked as read." in page
    assert "Mark all as read" not in page
    assert list(Notice.objects.unread().values_list("user", flat=True)) == [people["officer"].pk]


def test_every_page_says_how_many_are_unread_and_asks_no_more_for_it(people, client_of, case):
    browser = client_of("representative")

    def asked() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            page = browser.get("/accounts/security/sessions/").content.decode()
        return len(queries), page

    browser.get("/accounts/security/sessions/")
    none, page = asked()
    assert '<span class="visually-hidden"> unread</span>' not in page
    for _number in range(3):
        tell(case, people["representative"])
    three, page = asked()
    assert none == three
    assert '3<span class="visually-hidden"> unread</span>' in page


def test_the_list_asks_as_much_for_three_as_for_one(people, client_of, case):
    browser, found = client_of("representative"), []
    for number in range(3):
        tell(case, people["representative"])
        with CaptureQueriesContext(connection) as queries:
            browser.get("/notices/")
        found.append(len(queries)) if number != 1 else None
    assert found[0] == found[1]


def test_everybody_chooses_among_the_kinds_that_can_reach_them(people, client_of):
    browser = client_of("treasurer")
    page = browser.get("/notices/choices/")
    assert list(page.context["form"].fields) == ["payment", "fund", "import"]
    assert browser.post("/notices/choices/", {"payment": "never"}).status_code == 422
    ways = {"payment": "digest", "fund": "at_once", "import": "digest", "review": "none"}
    answer = browser.post("/notices/choices/", ways)
    assert answer["Location"] == reverse("notice_list")
    assert set(NoticeChoice.objects.values_list("user", "kind", "way")) == {
        (people["treasurer"].pk, "payment", "digest"),
        (people["treasurer"].pk, "fund", "at_once"),
        (people["treasurer"].pk, "import", "digest"),
    }
    assert browser.get("/notices/choices/").context["form"]["payment"].initial == "digest"


def test_from_the_act_to_the_person(people, client_of, case):
    telling.tell()
    officer = people["officer"]
    case = cases.assign_representative(case, people["grievance-chair"], actor=officer)
    list(due.run([due.tell_of_events]))
    list(due.run([due.tell_of_events]))
    assert set(Notice.objects.values_list("user__email", "kind")) == {(people["grievance-chair"].email, "case_given")}
    assert [mail.address for mail in Outbox.objects.all()] == [people["grievance-chair"].email]


def test_who_lost_sight_of_the_record_between_act_and_look_is_not_told(people, case):
    telling.tell()
    officer = people["officer"]
    cases.assign_representative(case, people["grievance-chair"], actor=officer)
    Grievance.objects.update(is_restricted=True)
    telling.tell()
    assert Notice.objects.count() == Outbox.objects.count() == 0


def test_whom_nothing_can_reach_is_told_that_there_is_nothing_to_choose(client_of):
    page = client_of("instructor").get("/notices/choices/").text
    assert "There is nothing to choose" in page
    assert "Save choices" not in page
