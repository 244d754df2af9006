"""Work beside a request: its progress, its refusals, its death."""

import threading
import uuid

import pytest
import time_machine

from core.errors import DomainError
from core.mail import jobs


@pytest.fixture
def key(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return uuid.uuid4()


def test_progress_can_be_seen_while_the_work_runs_and_goes_when_it_is_done(key):
    seen = []

    def work(progress):
        progress.advance(3, 10)
        seen.append(jobs.state_of(key))

    jobs.run(key, "Counting", work, in_background=False)

    (state,) = seen
    assert state.label == "Counting"
    assert state.done == 3
    assert state.total == 10
    assert state.is_running is True
    assert state.is_dead is False
    assert jobs.state_of(key) is None
    assert [path.name for path in jobs._path(key).parent.iterdir()] == ["lock"]


def test_one_job_of_a_key_runs_at_a_time(key):
    def work(progress):
        with pytest.raises(DomainError, match="This is already being worked on"):
            jobs.run(key, "Again", work, in_background=False)

    jobs.run(key, "Counting", work, in_background=False)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DomainError("The file is away."), "The file is away."),
        (ZeroDivisionError(), "The work stopped because of an unexpected error. Try again; nothing is done twice."),
    ],
)
def test_a_failure_is_kept_for_the_page(key, error, sentence):
    def work(progress):
        raise error

    with pytest.raises(type(error)):
        jobs.run(key, "Counting", work, in_background=False)

    state = jobs.state_of(key)
    assert state.finished is True
    assert state.is_running is False
    assert state.problem == sentence
    jobs.run(key, "Counting", lambda progress: None, in_background=False)
    assert jobs.state_of(key) is None


def test_a_job_without_a_sign_of_life_is_dead_and_can_be_started_again(key):
    with time_machine.travel("2026-11-23 10:00:00+00:00", tick=False) as clock:
        jobs.Progress(key, "Counting").advance(1)
        clock.shift(jobs.DEAD_AFTER_SECONDS)
        assert jobs.state_of(key).is_running
        clock.shift(1)
        assert jobs.state_of(key).is_dead
        jobs.run(key, "Counting", lambda progress: None, in_background=False)

    assert jobs.state_of(key) is None


@pytest.mark.parametrize("successor", ["works", "is done"])
def test_work_that_slept_while_another_began_again_stops(key, successor):
    """It neither goes on nor shows itself as running."""
    reached = []

    def work(progress):
        progress.advance(1, 10)
        jobs.forget(key)
        if successor == "works":
            jobs.Progress(key, "Counting again").advance(5, 10)
        progress._write()  # as the heartbeat does
        reached.append(1)
        progress.advance(2, 10)
        reached.append(2)

    with pytest.raises(DomainError, match="This work stood still and was begun again"):
        jobs.run(key, "Counting", work, in_background=False)

    assert reached == [1]
    state = jobs.state_of(key)
    assert (state.label, state.done) == ("Counting again", 5) if successor == "works" else state is None


def test_a_file_that_is_no_progress_is_nothing(key):
    jobs.Progress(key, "Counting").advance(1)
    jobs._path(key).write_text("{broken")

    assert jobs.state_of(key) is None


@pytest.mark.django_db(transaction=True)
def test_work_in_the_background_does_not_hold_the_caller(key):
    go, done = threading.Event(), threading.Event()

    def work(progress):
        assert go.wait(10)
        done.set()

    jobs.run(key, "Counting", work, in_background=True)
    assert jobs.state_of(key).is_running
    go.set()
    assert done.wait(10)
    for thread in threading.enumerate():
        if thread.name == f"job-{key}":
            thread.join(10)
    assert jobs.state_of(key) is None
