"""One refresh token and one mailed token, used by many at once over HTTP against several processes."""

import pytest
from django.conf import settings

from accounts.enums import AccountAction, DeviceEnd
from accounts.factories import PASSWORD, UserFactory, hash_of
from accounts.models import RefreshToken, User
from accounts.services.mailed_links import PASSWORD_RESET
from accounts.tests.serving import ROUNDS, USES, Server, at_once, fails, serving
from core.models import AuditEvent

pytestmark = [
    pytest.mark.usefixtures("real_hashes"),
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]

ADDRESS = "ann@people.example"
LOGIN = {"email": ADDRESS, "password": PASSWORD}


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


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


def test_one_of_many_parallel_uses_succeeds(database_url, tmp_path):
    UserFactory(email=ADDRESS)
    with serving(database_url, tmp_path) as server:
        other = server.api("auth/login/", LOGIN)[1]
        for number in range(1, ROUNDS + 1):
            statuses, pairs = renew_at_once(server)
            assert statuses == [200] + [401] * (USES - 1)
            # whoever was first is signed out too: one of them was a thief
            assert server.api("auth/refresh/", {"refresh": pairs[0]["refresh"]})[0] == 401
            assert server.api("auth/me/", token=pairs[0]["access"])[0] == 401
            assert events(AccountAction.TOKEN_REPLAYED) == number
        ended = RefreshToken.objects.filter(revoke_reason=DeviceEnd.REPLAYED).count()
        assert (ended, server.api("auth/me/", token=other["access"])[0]) == (ROUNDS, 200)
        for _round in range(ROUNDS):
            assert reset_at_once(server) == [204] + [409] * (USES - 1)
        assert events(AccountAction.PASSWORD_RESET) == ROUNDS
        assert server.api("auth/me/", token=other["access"])[0] == 401


def test_control_looking_first_lets_several_pass(database_url, tmp_path):
    UserFactory(email=ADDRESS)
    with serving(database_url, tmp_path, naive=True) as server:
        at_once(lambda _number: server.door(), 16)  # every process has loaded what it needs
        renew_at_once(server)
        assert fails(lambda: len(renew_at_once(server)[1]) > 1)
        assert fails(lambda: reset_at_once(server).count(204) > 1)
