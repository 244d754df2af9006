"""One code of an authenticator app, one recovery code and one mailed link, used by many at once on the pages."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.test import Client

from accounts.entry.session_store import SessionStore
from accounts.enums import AccountAction
from accounts.factories import PASSWORD, hash_of
from accounts.models import SignInThrottle, SpentCode, User
from accounts.services.mailed_links import PASSWORD_RESET
from accounts.tests.proving import SECOND, code_of, codes_of, give_password, secret_of
from accounts.tests.serving import LOGIN, USES, Server, at_once
from core.models import AuditEvent

CHOOSE = "/accounts/password/new/"
SECRET = "c" * 32


@dataclass
class Browser:
    """Somebody half-way through a door, with a session of their own."""

    server: Server
    session_key: str

    def post(self, path: str, **fields: str) -> str:
        """Return where the answer leads."""
        body = urlencode({**fields, "csrfmiddlewaretoken": SECRET})
        cookie = f"sessionid={self.session_key}; csrftoken={SECRET}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        status, answered, _page = self.server.send("POST", path, body, headers)
        assert status in (302, 410, 422)
        return answered.get("Location") or ""


def half_way(server: Server, through: Client) -> list[Browser]:
    """Make browsers that stand where `through` stands."""
    kept, browsers = dict(through.session.items()), []
    for _number in range(USES):
        session = SessionStore()
        session.update(kept)
        session.save()
        browsers.append(Browser(server, session.session_key))
    return browsers


def signed_in() -> int:
    return AuditEvent.objects.filter(action=AccountAction.SIGNED_IN).count()


def spend_at_once(server: Server, user: User, code: str) -> int:
    """Count how many of them signed in with one code."""
    SignInThrottle.objects.all().delete()
    before, first = signed_in(), Client()
    assert give_password(first, user).headers["Location"] == SECOND
    browsers = half_way(server, first)
    at_once(lambda number: browsers[number].post(SECOND, code=code), USES)
    return signed_in() - before


def app_code_at_once(server: Server, user: User) -> int:
    SpentCode.objects.update(step=0)
    return spend_at_once(server, user, code_of(secret_of(user)))


def recovery_code_at_once(server: Server, user: User) -> int:
    return spend_at_once(server, user, codes_of(user)[0])


def reset_at_once(server: Server, user: User) -> int:
    """Count how many browsers set a password by one mailed link."""
    User.objects.filter(pk=user.pk).update(password=hash_of(PASSWORD))
    first = Client()
    first.get(f"/accounts/password/link/{PASSWORD_RESET.text(User.objects.get(pk=user.pk))}/")
    browsers = half_way(server, first)

    def use(number: int) -> bool:
        password = f"seven quiet herons asleep {number}"
        return browsers[number].post(CHOOSE, password1=password, password2=password) == LOGIN

    return sum(at_once(use, USES))
