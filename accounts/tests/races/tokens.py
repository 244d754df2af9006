"""One refresh token and one mailed token, used by many at once over HTTP against several processes."""

from accounts.factories import PASSWORD, hash_of
from accounts.models import User
from accounts.services.mailed_links import PASSWORD_RESET
from accounts.tests.serving import USES, Server, at_once

ADDRESS = "ann@people.example"
LOGIN = {"email": ADDRESS, "password": PASSWORD}


def renew_at_once(server: Server) -> tuple[list[int], list[dict]]:
    """Use one refresh token often; return (statuses, pairs)."""
    first = server.api("auth/login/", LOGIN)[1]
    found = at_once(lambda _number: server.api("auth/refresh/", {"refresh": first["refresh"]}), USES)
    return sorted(status for status, _body in found), [body for status, body in found if status == 200]


def reset_at_once(server: Server) -> list[int]:
    """Use one mailed token often, each time with another password; return the statuses."""
    User.objects.filter(email=ADDRESS).update(password=hash_of(PASSWORD))
    token = PASSWORD_RESET.text(User.objects.get(email=ADDRESS))

    def use(number: int) -> tuple[int, str]:
        password = f"seven quiet herons asleep {number}"
        return server.api("auth/reset-password/", {"token": token, "password": password})[0], password

    found = at_once(use, USES)
    winners = [password for status, password in found if status == 204]
    assert len(winners) > 1 or User.objects.get(email=ADDRESS).check_password(winners[0])
    return sorted(status for status, _password in found)
