"""Write by the API as a program does."""

from typing import Any

from django.test import Client

MEMBERS, ORGANIZATIONS = "/api/v1/members/", "/api/v1/organizations/"
CONTACTS, EMPLOYMENTS = "/api/v1/contacts/", "/api/v1/employments/"
JSON = "application/json"


def post(browser: Client, path: str, body: object, **headers: str) -> Any:
    return browser.post(path, body, content_type=JSON, headers=headers)


def patch(browser: Client, path: str, body: object, version: int | None = 1) -> Any:
    return browser.patch(path, body, content_type=JSON, headers=seen(version))


def move(browser: Client, path: str, name: str, body: object, version: int | None = 1) -> Any:
    return browser.post(f"{path}moves/{name}/", body, content_type=JSON, headers=seen(version))


def seen(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def refusal(answer: Any) -> tuple[int, object]:
    """The status, and the fields or the sentence."""
    body = answer.json()
    return answer.status_code, body.get("fields", body["detail"])
