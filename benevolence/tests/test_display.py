import pytest

from benevolence.display import level_steps, next_words, plain_steps, status_badge
from benevolence.enums import Status
from benevolence.factories import ApplicationFactory, ReviewFactory

pytestmark = pytest.mark.django_db


def test_the_badge_says_we_have_a_question():
    application = ApplicationFactory(status="under_review", is_awaiting_applicant=True)
    assert status_badge(application) == ("We have a question", "amber", "message-question")
    assert {len(next_words(ApplicationFactory.build(status=status))) > 10 for status in Status} == {True}


@pytest.mark.parametrize(
    ("status", "states"),
    [
        ("draft", ["current", "todo", "todo", "todo"]),
        ("submitted", ["done", "current", "todo", "todo"]),
        ("under_review", ["done", "current", "todo", "todo"]),
        ("approved", ["done", "done", "done", "current"]),
        ("paid", ["done", "done", "done", "done"]),
        ("denied", ["done", "done", "refused"]),
        ("withdrawn", []),
    ],
)
def test_steps_without_names(status, states):
    assert [state for _label, state, _note in plain_steps(ApplicationFactory(status=status))] == states


def test_steps_by_level():
    application = ApplicationFactory(status="under_review", level_due="admin", amount_requested="900.00")
    review = ReviewFactory(application=application, amount="800.00")
    assert level_steps(application, [review], 3) == [
        ("Vice president", "done", "$800.00"),
        ("Benevolence administrator", "current", ""),
        ("Business manager", "todo", ""),
        ("Payment", "todo", ""),
    ]
    denied = ApplicationFactory(status="denied")
    review = ReviewFactory(application=denied, decision="denied")
    assert level_steps(denied, [review], 0) == [("Vice president", "refused", "denied")]
