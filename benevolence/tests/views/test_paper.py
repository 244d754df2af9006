"""The office records what was decided on paper; an officer compares and confirms it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from zeal import zeal_ignore

from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication, PaperDecision, PaperFile
from benevolence.services import fund
from benevolence.tests import programs
from core.site import local_today
from members.factories import MemberFactory

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


def test_an_applicant_who_belongs_to_the_office_does_not_read_who_decided(client_of, people, person_with):
    own = MemberFactory()
    officer, browser = person_with("member", "officer", member=own), client_of("anon")
    browser.force_login(officer)
    draft = ApplicationFactory(member=own, entered_by=people["staff"], amount_requested=Decimal("900.00"))
    page, paper = draft.get_absolute_url(), reverse("application_paper", args=[draft.pk])
    assert client_of("staff").post(paper, typed(people)).status_code == 302

    looked = {name: who.get(page).text for name, who in (("office", client_of("staff")), ("applicant", browser))}
    said = {name: [text in page for text in (paper, "minutes of May")] for name, page in looked.items()}
    assert said == {"office": [True, True], "applicant": [False, False]}
    assert [who.get(paper).status_code for who in (client_of("staff"), browser)] == [200, 403]
    assert browser.post(paper, typed(people, version="2")).status_code == 403
    seen = {
        name: PaperFile.objects.visible_to(user).exists()
        for name, user in (("other", people["officer"]), ("applicant", officer))
    }
    assert seen == {"other": True, "applicant": False}
    admin = "/admin/benevolence/paperdecision/"
    assert [people["benevolence-vp"].full_name in who.get(admin).text for who in (client_of("officer"), browser)] == [
        True,
        False,
    ]


def test_two_levels_decided_on_paper_are_typed_at_once(client_of, people, draft):
    names = ("decider", "decided_on", "amount", "reference")
    second = {f"{name}_admin": typed(people)[f"{name}_vp"] for name in names}
    both = typed(people, **second | {"decider_admin": str(people["benevolence-admin"].pk)})
    with zeal_ignore([{"model": "benevolence.BenevolenceApplication", "field": "get()"}]):  # as each decider sees it
        assert client_of("staff").post(reverse("application_paper", args=[draft.pk]), both).status_code == 302
    deciders = PaperDecision.objects.order_by("level").values_list("level", "decider")
    assert list(deciders) == [("admin", people["benevolence-admin"].pk), ("vp", people["benevolence-vp"].pk)]


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


def test_what_was_asked_for_since_the_fund_opened_here_goes_to_the_levels(client_of, people, draft):
    opened = {"kind": "opening", "amount": Decimal("5000.00"), "note": "Statement of May"}
    fund.contribute(opened | {"on": local_today() - timedelta(21)}, actor=people["treasurer"])
    page = client_of("staff").post(reverse("application_paper", args=[draft.pk]), typed(people))
    assert (page.status_code, "Submit what was asked for later" in page.text) == (422, True)

    PaperFile.objects.create(application=draft, applied_on=local_today(), recorded_by=people["staff"])
    officer = client_of("officer", raise_request_exception=False)
    program = programs.post(officer, f"{programs.APPLICATIONS}{draft.pk}/moves/carry_over/", version=1)
    status, told = programs.told(program)
    assert (status, "Submit what was asked for later" in told) == (409, True)
