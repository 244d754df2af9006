"""The office records what was decided on paper; an officer compares and confirms it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from core.site import local_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(people):
    member, staff = people["member"].member, people["staff"]
    return ApplicationFactory(member=member, entered_by=staff, amount_requested=Decimal("900.00"), reason="hardship")


def typed(people, **changes):
    day = local_today()
    return {
        "version": "1",
        "applied_on": str(day - timedelta(20)),
        "decider_vp": str(people["benevolence-vp"].pk),
        "decided_on_vp": str(day - timedelta(10)),
        "amount_vp": "$800",
        "reference_vp": "minutes of May",
    } | changes


def test_from_the_paper_to_the_next_level(client_of, people, draft):
    clerk, officer = client_of("staff"), client_of("officer")
    page, paper = draft.get_absolute_url(), reverse("application_paper", args=[draft.pk])
    confirm = reverse("application_move", args=[draft.pk, "carry_over"])
    assert paper in clerk.get(page).text
    assert officer.get(page).status_code == 404

    assert clerk.post(paper, typed(people)).headers["Location"] == page
    assert "minutes of May" in clerk.get(page).text
    assert confirm in officer.get(page).text
    asked = officer.get(confirm).text
    assert "minutes of May" in asked
    assert people["benevolence-vp"].full_name in asked

    version = BenevolenceApplication.objects.get(pk=draft.pk).version
    assert officer.post(confirm, {"version": version}).headers["Location"] == page
    draft.refresh_from_db()
    assert (draft.status, draft.level_due) == ("under_review", "admin")
    assert f"{people['benevolence-vp'].full_name}, on paper" in client_of("benevolence-admin").get(page).text
    assert "minutes of May" not in officer.get(page).text


FAULTS = [
    ({"reference_vp": ""}, "Say this too, or leave the whole level empty."),
    ({"decider_vp": ""}, "Say this too, or leave the whole level empty."),
    ({"amount_vp": "1000"}, "At most $900.00: a level may lower the amount, never raise it."),
    ({"version": "7"}, "Somebody changed this record meanwhile."),
]


@pytest.mark.parametrize(("changes", "sentence"), FAULTS)
def test_nothing_typed_is_lost_where_something_is_missing(client_of, people, draft, changes, sentence):
    answer = client_of("staff").post(reverse("application_paper", args=[draft.pk]), typed(people, **changes))

    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert f'value="{typed(people)["decided_on_vp"]}"' in answer.text


def test_an_application_in_review_is_decided_in_the_portal(client_of, people):
    application = ApplicationFactory(status="submitted", entered_by=people["staff"])
    answer = client_of("staff").get(reverse("application_paper", args=[application.pk]))
    assert answer.status_code == 409
    assert "Its levels decide in the portal." in answer.text
