"""The queue on the admin's first page, and what the application's page shows beside its fields."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory
from benevolence.services import reviews
from core.models import ReadEvent
from grievances.factories import GrievanceFactory
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/benevolence/benevolenceapplication/"


@pytest.fixture
def submitted(people):
    """`submitted(day, needed_by)`: an application in review since that day."""

    def make(day=date(2026, 3, 2), needed_by=None, **fields):
        return ApplicationFactory(
            member=MemberFactory(),
            entered_by=people["staff"],
            status="submitted",
            application_date=day,
            needed_by=needed_by,
            **fields,
        )

    return make


def test_the_first_page_begins_with_the_queue_by_need_and_age(client_of, submitted):
    late, early = submitted(date(2026, 3, 9)), submitted(date(2026, 3, 2))
    pressing = submitted(date(2026, 3, 10), date(2026, 3, 20))
    page = client_of("benevolence-vp").get("/admin/").text
    assert "Benevolence: waiting for you (3)" in page
    assert re.findall(r'<a href="([^"]*)">Decide', page) == [
        f"{LIST}{row.pk}/change/" for row in (pressing, early, late)
    ]


def test_it_stands_beside_what_else_waits_and_repeats_nothing(client_of, people, person_with, submitted):
    both = person_with("officer", "benevolence-vp")
    case, application = GrievanceFactory(), submitted()
    browser = client_of("anon")
    browser.force_login(both)
    page = browser.get("/admin/").text
    assert page.count(f"Decide {application}") == 1
    assert page.index(f"Decide {application}") < page.index("Also waiting for me") < page.index(f"Assign {case}")
    assert sorted(ReadEvent.objects.values_list("subject_type", "rows")) == [
        ("benevolence.benevolenceapplication", 1),
        ("grievances.grievance", 1),
    ]


def test_who_decides_nothing_has_no_queue_there(client_of, submitted):
    submitted()
    found = {name: "waiting for you" in client_of(name).get("/admin/").text for name in ("staff", "treasurer", "admin")}
    assert found == {"staff": False, "treasurer": False, "admin": False}


def test_each_line_can_be_opened(client_of, people, submitted):
    submitted()
    browser = client_of("benevolence-vp")
    [url] = re.findall(r'<a href="([^"]*)">Decide', browser.get("/admin/").text)
    assert browser.get(url).status_code == 200


def test_one_line_and_three_cost_the_same_queries(client_of, submitted):
    browser, found = client_of("benevolence-vp"), []
    for _number in range(3):
        submitted()
        with CaptureQueriesContext(connection) as queries:
            browser.get("/admin/")
        found.append(len(queries))
    assert found == [found[0]] * 3


def test_reviews_and_answers_stand_on_the_page(client_of, people, submitted):
    application = submitted(amount_requested=Decimal("900.00"))
    reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("850.00"), comments="Rent is due.")
    reviews.ask(application, actor=people["benevolence-admin"], question="Which bill?")
    page = client_of("benevolence-admin").get(f"{LIST}{application.pk}/change/").text
    shown = page.partition("Reviews and answers")[2]
    words = ("$850.00", "Rent is due.", "Which bill?", people["benevolence-vp"].full_name)
    assert [word for word in words if word not in shown] == []
    assert "Reviews and answers" not in client_of("staff").get(f"{LIST}{application.pk}/change/").text


def test_the_move_that_refuses_is_drawn_as_such(client_of, submitted):
    application = submitted()
    page = client_of("benevolence-vp").get(f"{LIST}{application.pk}/change/").text
    assert re.findall(r'class="move-link move-danger">([^<]*)<', page) == ["Deny"]
