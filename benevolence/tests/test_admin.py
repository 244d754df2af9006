"""Applications in the Django admin, from each side."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory, RelationshipFactory, ReviewFactory
from benevolence.models import BenevolenceApplication
from benevolence.services import applications, reviews
from core.models import AuditEvent, ReadEvent
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
ADMIN = "/admin/benevolence/"
LIST = f"{ADMIN}benevolenceapplication/"


@pytest.fixture
def application(people):
    draft = ApplicationFactory(
        entered_by=people["staff"],
        reason="disaster",
        description="The flood",
        notes="By phone",
        amount_requested=Decimal("400.00"),
    )
    return applications.submit(draft, actor=people["staff"])


def test_who_has_it(client_of, application):
    url = f"{LIST}{application.pk}/change/"
    found = {
        name: (client_of(name).get(LIST).status_code, client_of(name).get(url).status_code)
        for name in ("benevolence-vp", "staff", "benevolence-admin", "treasurer", "officer", "admin", "member")
    }
    assert found == {
        "benevolence-vp": (200, 200),
        "staff": (200, 200),
        "benevolence-admin": (200, 302),
        "treasurer": (200, 302),
        "officer": (200, 302),
        "admin": (403, 403),
        "member": (302, 302),
    }


def test_the_fields_are_those_of_the_side(client_of, application):
    url = f"{LIST}{application.pk}/change/"
    words = ("Disaster", "The flood", "By phone", "400.00", application.application_number)
    found = {name: [word in client_of(name).get(url).text for word in words] for name in ("benevolence-vp", "staff")}
    assert found == {"benevolence-vp": [True] * 5, "staff": [False, False, False, False, True]}


def test_the_words_are_those_of_the_portal(client_of, people, application):
    reviews.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    browser = client_of("benevolence-vp")
    for url in (LIST, f"{LIST}{application.pk}/change/"):
        content = browser.get(url).text.partition('id="content-main"')[2].partition('id="changelist-filter"')[0]
        assert "We have a question" in content
        assert "Under review" not in content
        assert "icon-no" not in content
        assert not re.search(r">\s*-\s*<", content)
    assert "not said" in content


def test_ones_own_application_is_not_in_it(client_of, people, person_with, application):
    both = person_with("member", "benevolence-vp", member=MemberFactory())
    own = applications.submit(ApplicationFactory(member=both.member, entered_by=both), actor=both)
    client = client_of("anon")
    client.force_login(both)
    assert client.get(f"{LIST}{application.pk}/change/").status_code == 200
    assert client.get(f"{LIST}{own.pk}/change/").status_code == 302


def test_what_the_office_does_not_see_it_cannot_filter_by(client_of, application):
    def rows(name, query):
        response = client_of(name).get(f"{LIST}?{query}")
        return response.context["cl"].result_count if response.status_code == 200 else response.status_code

    assert rows("staff", "status__exact=submitted") == 1
    assert [rows("benevolence-vp", f"reason__exact={reason}") for reason in ("disaster", "medical")] == [1, 0]
    refused = ("reason__exact=disaster", "level_due__exact=vp", "member__last_name=x", "description=x")
    assert [rows("staff", query) for query in refused] == [400] * 4


def test_a_decision_by_the_same_service(client_of, people, application):
    url = f"{LIST}{application.pk}/moves/approve/"
    browser = client_of("benevolence-vp")
    assert "At most $400.00" in browser.get(url).text
    response = browser.post(url, {"amount": "500.00", "version": application.version})
    assert response.status_code == 422
    assert "At most $400.00" in response.text
    response = browser.post(url, {"amount": "300.00", "version": application.version})
    application.refresh_from_db()
    assert response.status_code == 302
    assert application.status == "approved"
    assert application.approved_amount == Decimal("300.00")
    assert AuditEvent.objects.filter(action="benevolence.approve").count() == 1


def test_the_history_is_for_those_who_see_the_case(client_of, application):
    url = f"{LIST}{application.pk}/history/"
    found = {name: client_of(name).get(url).status_code for name in ("benevolence-vp", "staff")}
    assert found == {"benevolence-vp": 200, "staff": 302}


def test_parts_follow_the_case(client_of, people, application):
    review = ReviewFactory(application=application, comments="Spoke with the landlord")
    RelationshipFactory()
    urls = (f"{ADMIN}benevolencereview/", f"{ADMIN}applicantanswer/", f"{ADMIN}declaredrelationship/")
    found = {name: [client_of(name).get(url).status_code for url in urls] for name in ("benevolence-vp", "staff")}
    assert found == {"benevolence-vp": [200, 200, 200], "staff": [403, 403, 403]}
    page = client_of("benevolence-vp").get(f"{urls[0]}{review.pk}/change/")
    assert page.status_code == 200
    assert "Spoke with the landlord" in page.text
    assert client_of("benevolence-vp").get(urls[2]).context["cl"].result_count == 0
    assert client_of("benevolence-admin").get(f"{urls[0]}{review.pk}/change/").status_code == 302


def test_search_and_looking_is_recorded(client_of, application):
    browser = client_of("benevolence-vp")
    counts = [
        browser.get(LIST, {"q": q}).context["cl"].result_count
        for q in (application.application_number, application.member.last_name, "zzz", "\0", "!!")
    ]
    assert counts == [1, 1, 0, 1, 0]
    browser.get(f"{LIST}{application.pk}/change/")
    assert [event.kind for event in ReadEvent.objects.order_by("id")] == ["listed"] * 5 + ["opened"]


def test_one_row_and_three_cost_the_same_queries(client_of, people):
    browser, found = client_of("benevolence-vp"), []
    for _number in range(3):
        applications.submit(ApplicationFactory(entered_by=people["staff"]), actor=people["staff"])
        with CaptureQueriesContext(connection) as queries:
            browser.get(LIST)
        found.append(len(queries))
    assert found == [4] * 3
    assert BenevolenceApplication.objects.count() == 3
