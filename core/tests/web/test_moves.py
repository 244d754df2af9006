"""The table of moves over the sample workflow; the pages, the admin and the API of moves are tested by the domains."""

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.exceptions import ValidationError

from core.api.viewsets import plain_values
from core.errors import TransitionRefused
from core.templatetags.ui import moves
from core.tests.sample.flow import FLOW
from core.tests.sample.models import Ticket
from core.web.moves import Move, MoveForm, Moves, Offer

pytestmark = pytest.mark.django_db


class AnswerForm(MoveForm):
    minutes = forms.IntegerField(required=False)


def answer(ticket, *, actor, version=None, minutes=0):
    with FLOW.step(ticket, "answer", actor=actor, version=version, minutes=minutes) as ticket:
        pass
    return ticket


def close(ticket, *, actor, version=None):
    with FLOW.step(ticket, "close", actor=actor, version=version) as ticket:
        pass
    return ticket


MOVES = Moves(FLOW, {"answer": Move(answer, AnswerForm, icon="send"), "close": Move(close, danger=True)})


@pytest.fixture
def ticket(db):
    return Ticket.objects.create(title="Leaking roof")


def offered(ticket, user):
    return [(o.name, o.url, o.refusal, o.danger) for o in MOVES.offers(ticket, user, lambda name: f"/{name}/")]


def test_what_is_offered(ticket, people):
    assert offered(ticket, people["admin"]) == [("answer", "/answer/", "", False), ("close", "/close/", "", True)]
    ticket.title = ""
    assert offered(ticket, people["admin"])[0] == ("answer", "/answer/", "Give it a title first.", False)
    assert offered(ticket, people["staff"]) == []


def test_the_button_of_a_page_is_neither_dangerous_nor_quiet():
    def offer(name, **marks):
        return Offer(name, name, "", "/", **{"refusal": "", "danger": False, "quiet": False} | marks)

    offers = [offer("a", quiet=True), offer("b", danger=True), offer("c", refusal="No."), offer("d"), offer("e")]
    assert moves(offers)["first"] == offers[3]
    assert moves(offers[:3]) == {"first": None, "others": offers[:3]}


def test_moves_refused_for_one_reason_are_one_sentence():
    def offers(*refusals):
        return [Offer(str(at), "Move", "", "/", words, danger=False, quiet=False) for at, words in enumerate(refusals)]

    assert moves(offers("Ask the chair.", "Ask the chair.")) == {"sentence": "Ask the chair."}
    for several in (offers("Ask the chair.", "Wait."), offers("Ask the chair."), offers("", ""), offers()):
        assert moves(several).get("sentence") is None


def test_a_move_of_the_clock_or_of_nobody_is_not_found(ticket, people):
    for name in ("expire", "settle", "fly"):
        with pytest.raises(Http404):
            MOVES.check(ticket, name, people["admin"])
    with pytest.raises(ValueError, match="fly"):
        Moves(FLOW, {"fly": Move(answer)})


def test_checked_as_the_service_would(ticket, people):
    MOVES.check(ticket, "answer", people["admin"])
    with pytest.raises(PermissionDenied):
        MOVES.check(ticket, "answer", people["staff"])
    Ticket.objects.update(status="closed")
    ticket.refresh_from_db()
    with pytest.raises(TransitionRefused):
        MOVES.check(ticket, "answer", people["admin"])


def take(ticket, data, actor):
    form = AnswerForm(data, record=ticket, actor=actor)
    assert form.is_valid(), form.errors
    return MOVES.take(ticket, "answer", form, actor)


def test_nobody_decides_on_what_they_did_not_read(ticket, people):
    seen = {"version": str(ticket.version), "minutes": "5"}
    Ticket.objects.update(version=7)
    with pytest.raises(TransitionRefused, match="Somebody changed this record meanwhile"):
        take(ticket, seen, people["admin"])
    assert Ticket.objects.get().status == "open"
    moved = take(ticket, seen | {"version": "7"}, people["admin"])
    assert moved.status == "answered"
    assert moved.version == 8
    assert Ticket.objects.get().version == 8


@pytest.mark.parametrize("body", [[], "x", None, {"a": {"b": 1}}, {"a": [{}]}, {"a": [[1]]}, 7])
def test_a_body_that_is_no_plain_object_is_refused(body):
    with pytest.raises(ValidationError):
        plain_values(body)


def test_a_plain_body_reads_like_a_form():
    body = {"amount": 12.5, "count": 3, "yes": True, "none": None, "text": "x", "many": [1, "a"]}
    assert plain_values(body) == {
        "amount": "12.5",
        "count": "3",
        "yes": True,
        "none": None,
        "text": "x",
        "many": [1, "a"],
    }
