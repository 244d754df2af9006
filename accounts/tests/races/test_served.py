"""Passwords, codes, tokens and mailed links over HTTP, used by many at once against several processes.

All of it in one file, for a module is played by one worker, and its servers serve all of these tests.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial

import pytest
from django.conf import settings

from accounts.entry.hashers import Argon2id
from accounts.enums import AccountAction, DeviceEnd
from accounts.factories import PASSWORD, UserFactory
from accounts.models import RefreshToken, SignInThrottle
from accounts.services import factors
from accounts.tests.proving import give_app
from accounts.tests.races import codes, guesses, invitations, tokens
from accounts.tests.serving import ROUNDS, THREADS, USES, Server, at_once, fails, serving
from core.models import AuditEvent

pytestmark = [
    pytest.mark.race,
    pytest.mark.usefixtures("real_hashes"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]

ADDRESS = "ann@people.example"
# A missing lock shows in most of the storms, not in each.
STORMS = max(ROUNDS, 2)
KINDS = {
    # however often a name is tried: the codes are to be tried, all of them
    "patient": {"LOCKOUT_FAILURES": "100000"},
    "naive": {"NAIVE": "1"},
}


@pytest.fixture(scope="module")
def started(django_db_setup: None, tmp_path_factory) -> Iterator[Callable[[str, str], Server]]:
    """Start a server of each kind when it is first asked for; they end with the module."""
    with ExitStack() as stack:

        @cache
        def start(url: str, kind: str) -> Server:
            server = stack.enter_context(serving(url, tmp_path_factory.mktemp(kind), **KINDS[kind]))
            warm(server)
            return server

        yield start


@pytest.fixture
def served(started, database_url) -> Callable[[str], Server]:
    """`served("naive")`: the server of this kind."""
    return partial(started, database_url)


def warm(server: Server) -> None:
    """Ask until every process has loaded what it needs."""
    at_once(lambda _number: server.door(), 16)


@pytest.fixture
def ann(database_url):
    return UserFactory(email=ADDRESS)


# --- guesses ----------------------------------------------------------------------------------------


def test_five_of_many_parallel_guesses_are_looked_at(ann, database_url, tmp_path):
    """On a server of its own, since what the others did would count into the most memory that it ever had."""
    with serving(database_url, tmp_path) as server:
        warm(server)
        before: dict[str, int] = {}
        for _round in range(STORMS):
            evaluations, statuses = guesses.storm(server)
            # at the page 422; at the API 401, and 429 once the name is locked
            assert (evaluations, statuses - {401}) == (settings.LOCKOUT_FAILURES, {422, 429})
            assert (guesses.by_page(server, PASSWORD), guesses.by_api(server, PASSWORD)) == (422, 429)
            assert server.evaluations() == settings.LOCKOUT_FAILURES
            # after one storm they have loaded what guesses need, and given the memory of their hashes back
            before = before or server.memory()
        # C11: each of them computes a hash, as many at once as there are threads
        most = THREADS * Argon2id.memory_cost / 1024 * 1.1
        grown = [peak - before[pid] for pid, peak in server.memory("VmHWM").items()]
        assert [amount for amount in grown if amount > most] == [], grown
        assert max(grown) > Argon2id.memory_cost / 1024
        SignInThrottle.objects.all().delete()
        assert (guesses.by_page(server, PASSWORD), guesses.by_api(server, PASSWORD)) == (302, 200)


def test_control_without_the_reservation_more_are_looked_at(ann, served):
    server = served("naive")
    assert fails(lambda: guesses.storm(server)[0] > settings.LOCKOUT_FAILURES)


# --- codes ------------------------------------------------------------------------------------------


@pytest.fixture
def with_app(ann):
    give_app(ann)
    return ann


def test_one_of_many_parallel_uses_of_a_code_succeeds(with_app, served):
    """C9, and C7 for the pages."""
    server = served("patient")
    assert [codes.app_code_at_once(server, with_app) for _round in range(ROUNDS)] == [1] * ROUNDS
    assert codes.recovery_code_at_once(server, with_app) == 1
    assert [codes.reset_at_once(server, with_app) for _round in range(ROUNDS)] == [1] * ROUNDS
    assert factors.codes_left(with_app) == 9


def test_control_looking_first_lets_several_uses_of_a_code_pass(with_app, served):
    server = served("naive")
    assert fails(lambda: codes.app_code_at_once(server, with_app) > 1)
    assert fails(lambda: codes.reset_at_once(server, with_app) > 1)


# --- tokens -----------------------------------------------------------------------------------------


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def test_one_of_many_parallel_uses_of_a_token_succeeds(ann, served):
    server = served("patient")
    other = server.api("auth/login/", tokens.LOGIN)[1]
    for number in range(1, ROUNDS + 1):
        statuses, pairs = tokens.renew_at_once(server)
        assert statuses == [200] + [401] * (USES - 1)
        # whoever was first is signed out too: one of them was a thief
        assert server.api("auth/refresh/", {"refresh": pairs[0]["refresh"]})[0] == 401
        assert server.api("auth/me/", token=pairs[0]["access"])[0] == 401
        assert events(AccountAction.TOKEN_REPLAYED) == number
    ended = RefreshToken.objects.filter(revoke_reason=DeviceEnd.REPLAYED).count()
    assert (ended, server.api("auth/me/", token=other["access"])[0]) == (ROUNDS, 200)
    for _round in range(ROUNDS):
        assert tokens.reset_at_once(server) == [204] + [409] * (USES - 1)
    assert events(AccountAction.PASSWORD_RESET) == ROUNDS
    assert server.api("auth/me/", token=other["access"])[0] == 401


def test_control_looking_first_lets_several_uses_of_a_token_pass(ann, served):
    server = served("naive")
    tokens.renew_at_once(server)
    assert fails(lambda: len(tokens.renew_at_once(server)[1]) > 1)
    assert fails(lambda: tokens.reset_at_once(server).count(204) > 1)


# --- invitations ------------------------------------------------------------------------------------


@pytest.fixture
def invited(database_url):
    return UserFactory(is_verified=False)


def test_one_of_many_acceptances_of_an_invitation_wins(invited, served):
    server = served("patient")
    for _round in range(ROUNDS):
        assert invitations.accept_at_once(server, invited) == [302] + [410] * (USES - 1)
    assert events(AccountAction.INVITATION_ACCEPTED) == ROUNDS


def test_control_looking_first_lets_several_accept_an_invitation(invited, served):
    server = served("naive")
    assert fails(lambda: invitations.accept_at_once(server, invited).count(302) > 1)
