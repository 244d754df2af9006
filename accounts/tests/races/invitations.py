"""One invitation, accepted by many at once over HTTP against several processes."""

import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from django.utils import timezone

from accounts.models import User
from accounts.services.mailed_links import INVITATION
from accounts.tests.serving import USES, Server, at_once

PAGE = "/accounts/invitation/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def opened(server: Server, token: str) -> tuple[str, str]:
    """Follow the link; return the browser's cookies and the token of the page's form."""
    _status, headers, _page = server.send("GET", f"{PAGE}{token}/", "", {})
    cookies = SimpleCookie("; ".join(headers.get_all("Set-Cookie")))
    _status, headers, page = server.send("GET", PAGE, "", {"Cookie": sent(cookies)})
    for cookie in headers.get_all("Set-Cookie") or []:
        cookies.load(cookie)
    return sent(cookies), TOKEN.search(page)[1]


def sent(cookies: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())


def accept_at_once(server: Server, user: User) -> list[int]:
    """Use one invitation often, each time with another password; return the statuses."""
    User.objects.filter(pk=user.pk).update(password="!", is_verified=False, invited_at=timezone.now())
    token = INVITATION.text(User.objects.get(pk=user.pk))
    browsers = [opened(server, token) for _use in range(USES)]

    def use(number: int) -> tuple[int, str]:
        cookies, csrf = browsers[number]
        password = f"seven quiet herons asleep {number}"
        body = urlencode({"password1": password, "password2": password, "csrfmiddlewaretoken": csrf})
        return server.request("POST", PAGE, body, cookies)[0], password

    found = at_once(use, USES)
    winners = [password for status, password in found if status == 302]
    assert len(winners) > 1 or User.objects.get(pk=user.pk).check_password(winners[0])
    return sorted(status for status, _password in found)
