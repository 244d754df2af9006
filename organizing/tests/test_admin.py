"""The vault in the Django admin: read by an assigned officer, closed to everybody else, the administrator included."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.crypto import EncryptedTextField
from organizing.factories import OpeningFactory
from organizing.models import CampaignMember

pytestmark = pytest.mark.django_db
MODELS = ("campaign", "campaignassignment", "campaignmember", "saltingactivity", "emergencyopening")


@pytest.fixture
def rows(vault):
    opening = OpeningFactory(campaign=vault.campaign, asked_at=timezone.now() - timedelta(days=2))
    made = (vault.campaign, vault.terms["organizer"], vault.salt, vault.activity, opening)
    return dict(zip(MODELS, made, strict=True))


def place(model: str, rest: str = "") -> str:
    return f"/admin/organizing/{model}/{rest}"


@pytest.mark.parametrize("model", MODELS)
def test_who_opens_what(vault, rows, client_of, model):
    found = {}
    for name in ("officer", "admin", "staff", "organizer", "organizing-director", "benevolence-vp", "member"):
        browser = client_of(name, raise_request_exception=False)
        paths = (place(model), place(model, f"{rows[model].pk}/change/"), place(model, "add/"))
        found[name] = tuple(browser.get(path).status_code for path in paths)
    assert found == {
        "officer": (200, 200, 403),  # leads the campaign
        **dict.fromkeys(("admin", "staff", "benevolence-vp"), (403, 403, 403)),
        **dict.fromkeys(("organizer", "organizing-director", "member"), (302, 302, 302)),
    }


def test_nothing_is_written_over_here(vault, rows, client_of):
    browser = client_of("officer", raise_request_exception=False)
    for model, row in rows.items():
        assert browser.post(place(model, f"{row.pk}/change/"), {"stage": "ended"}).status_code == 403
        assert browser.post(place(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    vault.campaign.refresh_from_db()
    assert vault.campaign.stage == "building"


def test_an_officer_without_an_assignment_sees_empty_lists(rows, client_of, people, vault):
    type(vault.terms["lead"]).objects.filter(pk=vault.terms["lead"].pk).update(expires_at=None, user=vault["deputy"])
    browser = client_of("officer")
    for model, row in rows.items():
        assert list(browser.get(place(model)).context["cl"].result_list) == []
        assert browser.get(place(model, f"{row.pk}/change/")).status_code == 302


def test_the_name_is_neither_shown_nor_decrypted(vault, client_of, monkeypatch):
    read = []
    original = EncryptedTextField.binding
    monkeypatch.setattr(
        EncryptedTextField, "binding", lambda field, row: read.append(field.name) or original(field, row)
    )
    page = client_of("officer").get(place("campaignmember", f"{vault.salt.pk}/change/"))
    index = CampaignMember.objects.get(pk=vault.salt.pk).member_index
    assert "S-001" in page.text
    assert index not in page.text
    assert "member_ref" not in page.text
    assert read == []


def test_titles_tell_nothing(vault, rows, client_of):
    browser = client_of("officer")
    titles = [
        browser.get(place(model, rest)).text.partition("</title>")[0]
        for model, row in rows.items()
        for rest in ("", f"{row.pk}/change/", f"{row.pk}/history/")
    ]
    assert not [title for title in titles if any(word in title for word in ("Heron", "Quarrystone", "S-001"))]


@pytest.mark.parametrize("size", [1, 3])
def test_lists_ask_a_constant_number_of_queries(size, people, client_of, django_assert_num_queries):
    from organizing.factories import ActivityFactory, AssignmentFactory, CampaignMemberFactory, organizer

    for _number in range(size):
        term = AssignmentFactory(user=people["officer"])
        salt = CampaignMemberFactory(campaign=term.campaign, handler=organizer())
        ActivityFactory(campaign=term.campaign, campaign_member=salt)
        OpeningFactory(campaign=term.campaign)
    browser = client_of("officer")
    for model in MODELS:
        with django_assert_num_queries(4):
            browser.get(place(model))
