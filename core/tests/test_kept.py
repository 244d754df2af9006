"""Values of a few seconds: read once, read anew when they are old, forgotten when they change."""

from itertools import count

import pytest
from django.db import transaction

from core.kept import Kept, forget_all


def test_a_value_is_read_again_when_it_is_old(settings):
    numbers = count()
    kept = Kept(lambda: next(numbers))
    young = [kept(), kept()]
    kept.forget()
    settings.KEEP_SECONDS = 0
    assert (young, [kept(), kept()]) == ([0, 0], [1, 2])


def test_what_cannot_be_read_is_not_kept():
    answers = iter([ZeroDivisionError, 7])

    def read():
        answer = next(answers)
        if answer is ZeroDivisionError:
            raise answer
        return answer

    kept = Kept(read)
    with pytest.raises(ZeroDivisionError):
        kept()
    assert kept() == 7


def test_a_change_is_kept_once_it_is_committed(db, django_capture_on_commit_callbacks):
    value = ["old"]
    kept = Kept(lambda: value[0])
    assert kept() == "old"
    found = []
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        for value[0] in ("new", "newer"):
            kept.forget_with_commit()
            found.append(kept())
        value[0] = "undone"
        found.append(kept())
        value[0] = "committed"
    found.append(kept())
    value[0] = "of somebody else"
    assert (found, kept()) == (["new", "newer", "undone", "committed"], "committed")


def test_what_is_rolled_back_was_never_kept(db):
    value = ["old"]
    kept = Kept(lambda: value[0])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        value[0] = "new"
        kept.forget_with_commit()
        assert kept() == "new"
        raise ZeroDivisionError
    value[0] = "old"
    assert kept() == "old"


def test_all_are_forgotten_together():
    numbers = count()
    one, other = Kept(lambda: next(numbers)), Kept(lambda: next(numbers))
    assert [one(), other()] == [0, 1]
    forget_all()
    assert [one(), other()] == [2, 3]
