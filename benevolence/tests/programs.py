"""Call the API of benevolence as a program does: each POST by a key of its own, a change by the version it read."""

import json
from uuid import uuid4

from django.test import Client

APPLICATIONS = "/api/v1/benevolence-applications/"
PAYMENTS = "/api/v1/benevolence-payments/"
FUND = "/api/v1/benevolence-fund/"
JSON = "application/json"


def keyed(key: str = "", version: int | None = None) -> dict[str, str]:
    seen = {} if version is None else {"If-Match": f'"{version}"'}
    return {"Idempotency-Key": key or uuid4().hex, **seen}


def post(browser: Client, path: str, body: object = None, *, key: str = "", version: int | None = None):
    return browser.post(path, {} if body is None else body, content_type=JSON, headers=keyed(key, version))


def change(browser: Client, path: str, body: object, *, version: int | None, method: str = "PATCH"):
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return browser.generic(method, path, json.dumps(body), JSON, headers=headers)


def told(answer) -> tuple[int, object]:
    """Return the status, and of a refusal what it says: by field, or the sentence."""
    body = answer.json()
    return answer.status_code, body.get("fields") or body.get("detail")
