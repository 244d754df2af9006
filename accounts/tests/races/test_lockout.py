"""Many wrong passwords at once over HTTP, against several processes: five are looked at, then the door is shut.

They come to the sign-in page and to the API by turns, since both doors share one count.
"""

import pytest
from django.conf import settings

from accounts.entry.hashers import Argon2id
from accounts.factories import PASSWORD, UserFactory
from accounts.models import SignInThrottle
from accounts.tests.serving import BATTERY, ROUNDS, THREADS, Server, at_once, fails, serving

pytestmark = [
    pytest.mark.race,
    pytest.mark.usefixtures("real_hashes"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]

GUESSES = 100 if BATTERY else 40
# A missing lock shows in most of the storms, not in each.
STORMS = max(ROUNDS, 2)
ADDRESS = "ann@people.example"


def by_api(server: Server, password: str) -> int:
    return server.api("auth/login/", {"email": ADDRESS, "password": password})[0]


def by_page(server: Server, password: str) -> int:
    return server.sign_in(ADDRESS, password, *server.door())


def storm(server: Server) -> tuple[int, set[int]]:
    """Guess at once from as many clients; return (evaluations, statuses)."""
    SignInThrottle.objects.all().delete()
    server.counter.write_bytes(b"")
    door = server.door()

    def guess(number: int) -> int:
        text = f"wrong guess number {number}"
        return by_api(server, text) if number % 2 else server.sign_in(ADDRESS, text, *door)

    statuses = {*at_once(guess, GUESSES)}
    return server.evaluations(), statuses


def test_five_of_many_parallel_guesses_are_looked_at(database_url, tmp_path):
    UserFactory(email=ADDRESS)
    with serving(database_url, tmp_path) as server:
        at_once(lambda _number: server.door(), 16)  # every process has loaded what it needs
        before: dict[str, int] = {}
        for _round in range(STORMS):
            evaluations, statuses = storm(server)
            # at the page 422; at the API 401, and 429 once the name is locked
            assert (evaluations, statuses - {401}) == (settings.LOCKOUT_FAILURES, {422, 429})
            assert (by_page(server, PASSWORD), by_api(server, PASSWORD)) == (422, 429)
            assert server.evaluations() == settings.LOCKOUT_FAILURES
            # after one storm they have loaded what guesses need, and given the memory of their hashes back
            before = before or server.memory()
        # C11: each of them computes a hash, as many at once as there are threads
        most = THREADS * Argon2id.memory_cost / 1024 * 1.1
        grown = [peak - before[pid] for pid, peak in server.memory("VmHWM").items()]
        assert [amount for amount in grown if amount > most] == [], grown
        assert max(grown) > Argon2id.memory_cost / 1024
        SignInThrottle.objects.all().delete()
        assert (by_page(server, PASSWORD), by_api(server, PASSWORD)) == (302, 200)


def test_control_without_the_reservation_more_are_looked_at(database_url, tmp_path):
    UserFactory(email=ADDRESS)
    naive = "accounts.tests.counting.LooksThenHashesThenCounts"
    with serving(database_url, tmp_path, backend=naive) as server:
        assert fails(lambda: storm(server)[0] > settings.LOCKOUT_FAILURES)
