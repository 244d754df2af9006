"""Call the API of grievances as a program does: each POST by a key of its own, a change by the version it read."""

import json
from typing import Any
from uuid import uuid4

from django.test import Client

JSON = "application/json"


def post(browser: Client, path: str, body: object = None, *, key: str = "", version: int | None = None) -> Any:
    headers = {"Idempotency-Key": key or uuid4().hex, **seen(version)}
    return browser.post(f"/api/v1/{path}", {} if body is None else body, content_type=JSON, headers=headers)


def change(browser: Client, path: str, body: object, *, version: int | None = None, method: str = "PATCH") -> Any:
    return browser.generic(method, f"/api/v1/{path}", json.dumps(body), JSON, headers=seen(version))


def seen(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def refusal(answer: Any) -> tuple[int, object]:
    """Return the status, and of a refusal what it says: by field, or the sentence."""
    body = answer.json()
    return answer.status_code, body.get("fields") or body.get("detail")
