"""The pages on which letters are worded."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from core.tests.pages import errors
from grievances.services import letters
from grievances.services.letters import LETTERS

pytestmark = pytest.mark.django_db
STEP = LETTERS["step-letter"]


@pytest.fixture
def send(people, client):
    """`send(body="…", preview="1")` as an officer."""
    client.force_login(people["officer"])

    def post(**typed):
        said = {"title": "Meet us", "body": "At {step}.", "version": "0"} | typed
        return client.post(reverse("letter_edit", args=["step-letter"]), said)

    return post


def test_the_preview_is_the_letter_with_made_up_values_and_saves_nothing(send):
    answer = send(preview="1")
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert [words in text for words in ("Meet us", "At Step 2.", "GR-2026-0000", "Example Works")] == [True] * 4
    assert letters.wording(STEP).is_ours


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(send):
    for button in ({"preview": "1"}, {}):
        answer = send(body="At {stage}.", **button)
        assert (answer.status_code, list(errors(answer))) == (422, ["body"])
        assert "At {stage}." in answer.content.decode()


def test_one_click_goes_back_to_the_wording_of_the_portal(send, client):
    assert send().status_code == 302
    page = client.get(reverse("letter_list")).content.decode()
    assert page.count("Your own") == 1
    assert send(body="Half of a {", version="1", ours="1").status_code == 302
    assert letters.wording(STEP).is_ours
    page = client.get(reverse("letter_edit", args=["step-letter"])).content.decode()
    assert [words in page for words in ("{step}", "At {step}.", "Officer Person")] == [True] * 3


def test_there_is_no_other_letter(send, client):
    assert client.get(reverse("letter_edit", args=["love-letter"])).status_code == 404
