"""Many wrong passwords at once over HTTP, against several processes: five are looked at, then the door is shut.

They come to the sign-in page and to the API by turns, since both doors share one count.
"""

from accounts.models import SignInThrottle
from accounts.tests.serving import BATTERY, Server, at_once

GUESSES = 100 if BATTERY else 40
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
