"""Every door of the API is in its description with its errors, and each of those errors is called here for real."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import DoorCount, User
from accounts.services import limits
from accounts.tests.api_calls import ADDRESS, AUTH, NEW, WRONG, login

pytestmark = pytest.mark.django_db

# What a body needs to be read at all.
BODIES = {
    "login": {"email": "nobody@people.example", "password": WRONG},
    "refresh": {"refresh": "nothing"},
    "logout": {"refresh": "nothing"},
    "change-password": {"current_password": WRONG, "new_password": NEW},
    "forgot-password": {"email": "nobody@people.example"},
    "reset-password": {"token": "1-2-3", "password": NEW},
    "verify-email": {"token": "1-2-3"},
    "resend-verification": {"email": "nobody@people.example"},
}
DOORS = {
    "login": limits.SIGN_IN,
    "refresh": limits.REFRESH,
    "logout": limits.REFRESH,
    "change-password": limits.SIGN_IN,
    "forgot-password": limits.RESET,
    "reset-password": limits.RESET,
    "verify-email": limits.VERIFICATION,
    "resend-verification": limits.VERIFICATION,
}


@pytest.fixture
def ann():
    user = UserFactory(email=ADDRESS)
    RoleAssignmentFactory(user=user, role="staff")
    return user


@pytest.fixture
def operations(client_of) -> dict[tuple[str, str], set[str]]:
    """Return (method, name of the door) → the statuses that the description names."""
    paths = client_of("staff").get("/api/v1/schema/").json()["paths"]
    return {
        (method, path.removeprefix(AUTH).strip("/")): set(told["responses"])
        for path, verbs in paths.items()
        if path.startswith(AUTH)
        for method, told in verbs.items()
        if method != "parameters"
    }


class Caller:
    def __init__(self, method: str, door: str, token: str, settings) -> None:
        self.method, self.door, self.token, self.settings = method, door, token, settings
        self.body = BODIES.get(door, {})

    def call(self, body: object = None, *, token: str | None = None, by: Client | None = None, **headers: str):
        token = self.token if token is None else token
        if by is None and self.door not in PUBLIC:
            headers["Authorization"] = f"Bearer {token}"
        path = f"{AUTH}{self.door}/".replace("{id}", str(uuid4()))
        kind = headers.pop("kind", "application/json")
        data = {"data": self.body if body is None else body, "content_type": kind} if self.method != "get" else {}
        return getattr(by or Client(), self.method)(path, headers=headers, **data)

    def invalid(self):
        return self.call({})

    def without_token(self):
        return self.call(token="nonsense")

    def wrong(self):
        return self.call()

    def not_in_order(self):
        """Call as somebody who has to choose a password first."""
        rows, browser = User.objects.filter(email=ADDRESS), Client()
        browser.force_login(rows.get())
        rows.update(must_change_password=True)
        try:
            return self.call(by=browser)
        finally:
            rows.update(must_change_password=False)

    def not_json(self):
        return self.call("<a/>", kind="application/xml")

    def only_html(self):
        return self.call(Accept="text/html")

    def crowded(self):
        """Call too often; where no door counts, with wrong tokens of programs."""
        token = None if self.door in DOORS else "uop_wrong"
        self.settings.RATE_LIMITS = {**self.settings.RATE_LIMITS, DOORS.get(self.door, "refresh"): (1, 15)}
        self.call(token=token)
        return self.call(token=token)


PUBLIC = {"login", "refresh", "logout", "forgot-password", "reset-password", "verify-email", "resend-verification"}
WAYS: dict[str, Callable[[Caller], object]] = {
    "400": Caller.invalid,
    "403": Caller.not_in_order,
    "404": Caller.wrong,
    "406": Caller.only_html,
    "409": Caller.wrong,
    "415": Caller.not_json,
    "429": Caller.crowded,
}


def test_every_door_is_described(operations):
    from accounts.api.urls import urlpatterns

    routes = {str(pattern.pattern).strip("/").replace("<uuid:pk>", "{id}") for pattern in urlpatterns}
    assert {door for _method, door in operations} == routes
    assert {door: DOORS[door] for _method, door in operations if door in BODIES} == DOORS


def test_every_error_that_is_described_is_answered(ann, operations, settings):
    wrong, called = {}, 0
    for (method, door), statuses in operations.items():
        token = login().json()["access"]
        for status in sorted(statuses - {"200", "202", "204"}):
            caller = Caller(method, door, token, settings)
            default = Caller.wrong if door in PUBLIC else Caller.without_token
            before = settings.RATE_LIMITS
            answer = WAYS.get(status, default)(caller)
            settings.RATE_LIMITS = before
            DoorCount.objects.all().delete()
            found = str(answer.status_code)
            if found != status or {"code", "detail"} - set(answer.json()):
                wrong[method, door, status] = found
            if status == "429" and not 0 < int(answer.headers.get("Retry-After", "0")) <= 900:
                wrong[method, door, status] = "without Retry-After"
            called += 1
    assert wrong == {}
    assert called > 45
