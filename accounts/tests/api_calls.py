"""Call the API as a program does."""

from django.test import Client

from accounts.factories import PASSWORD
from accounts.models import User
from core.models import AuditEvent

NEW = "seven quiet herons asleep"
WRONG = "not the password at all"
ADDRESS = "ann@people.example"
AUTH = "/api/v1/auth/"
DEAD = (401, 401)


def post(path: str, body: object = None, token: str = "", **headers: str):
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return Client().post(f"{AUTH}{path}/", body or {}, content_type="application/json", headers=headers)


def get(path: str, token: str, client: Client | None = None):
    return (client or Client()).get(path, headers={"Authorization": f"Bearer {token}"})


def login(email: str = ADDRESS, password: str = PASSWORD, **more: str):
    return post("login", {"email": email, "password": password, **more})


def refused(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def works(pair: dict) -> tuple[int, int]:
    """Tell whether the access token opens something and the refresh token renews, which uses it up."""
    return get(f"{AUTH}me/", pair["access"]).status_code, post("refresh", {"refresh": pair["refresh"]}).status_code


def trail(user: User) -> list[str]:
    return list(AuditEvent.objects.filter(subject_id=str(user.pk)).order_by("id").values_list("action", flat=True))
