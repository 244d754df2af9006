import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from core.permissions import CHANGE_SETTINGS, SIGNED_IN, VIEW_AUDIT, VIEW_HISTORY, allow, may, require

pytestmark = pytest.mark.django_db

QUESTIONS = {
    "one": CHANGE_SETTINGS,
    "either": (CHANGE_SETTINGS, VIEW_HISTORY),
    "neither": (CHANGE_SETTINGS, VIEW_AUDIT),
    "none": (),
    "signed in": SIGNED_IN,
}


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("admin", ["one", "either", "neither", "signed in"]),
        ("staff", ["either", "signed in"]),
        ("member", ["signed in"]),
    ],
)
def test_one_of_several_is_enough_and_none_grants_nothing(people, name, answers):
    assert [question for question, permission in QUESTIONS.items() if may(people[name], permission)] == answers


def test_nobody_has_no_permission():
    nobody = AnonymousUser()
    assert [question for question, permission in QUESTIONS.items() if may(nobody, permission)] == []


@pytest.mark.parametrize(
    ("permission", "named"),
    [(CHANGE_SETTINGS, CHANGE_SETTINGS), ((CHANGE_SETTINGS, VIEW_AUDIT), CHANGE_SETTINGS), ((), "")],
)
@pytest.mark.parametrize("ask", [require, allow])
def test_a_refusal_names_the_first_permission_that_would_do(people, ask, permission, named):
    with pytest.raises(PermissionDenied) as refused:
        ask(people["staff"], permission)
    assert str(refused.value) == named


def test_allow_trusts_a_command_and_require_nobody(people):
    assert allow(None, CHANGE_SETTINGS) is None
    assert require(people["admin"], CHANGE_SETTINGS) is None
    with pytest.raises(PermissionDenied):
        require(None, CHANGE_SETTINGS)
