import json
import logging
import sys

import pytest
from django.test import Client

from core import request_id
from core.logs import JsonFormatter, NoValuesFilter

SECRET = "Brennan 555-0117"


def formatted(record):
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert "\r" not in text
    return json.loads(text)


def record_of(message, *args, **extra):
    record = logging.LogRecord("unionops.requests", logging.INFO, __file__, 1, message, args, None)
    record.created = 1_773_144_000.25
    vars(record).update(extra)
    return record


def test_a_line_is_one_json_object():
    token = request_id.current.set("request-7")
    found = formatted(record_of("request", method="GET", route="members/<int:pk>/", status=200, password=SECRET))
    request_id.current.reset(token)
    assert found == {
        "at": "2026-03-10T12:00:00.250+00:00",
        "level": "INFO",
        "logger": "unionops.requests",
        "message": "request",
        "request_id": "request-7",
        "method": "GET",
        "route": "members/<int:pk>/",
        "status": 200,
    }


@pytest.mark.parametrize("text", ["a\r\nb", 'x"}\n{"level":"INFO"', "\x1b[2J", "\u2028", "\ud800", "\x00"])
def test_no_message_forges_a_line(text):
    assert formatted(record_of("%s", text))["message"] == text


def test_an_exception_is_named_by_type_and_place_only():
    try:
        raise ValueError(SECRET)
    except ValueError:
        record = record_of("unhandled")
        record.exc_info = sys.exc_info()
    found = formatted(record)
    assert found["exception"] == "ValueError"
    assert found["trace"][-1].endswith("test_an_exception_is_named_by_type_and_place_only")
    assert SECRET not in json.dumps(found)


@pytest.mark.urls("unionops.tests.error_urls")
def test_a_request_is_logged_by_its_route_without_query_or_address(caplog):
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.INFO):
        client.get("/fault/missing/", {"q": SECRET}, headers={"User-Agent": SECRET, "Referer": SECRET})
        client.generic("PROPFIND", f"/nowhere/{SECRET}/")
    lines = [formatted(record) for record in caplog.records if record.name == "unionops.requests"]
    assert [(line["method"], line["route"], line["status"], line["user_id"]) for line in lines] == [
        ("GET", "fault/<name>/", 404, None),
        ("other", "", 404, None),
    ]
    everything = "".join(JsonFormatter().format(record) for record in caplog.records)
    assert SECRET not in everything
    assert "127.0.0.1" not in everything


def test_error_reports_carry_no_values(rf):
    try:
        secret = SECRET
        raise ValueError(secret)
    except ValueError:
        frame = sys.exc_info()[2].tb_frame
    keeper = NoValuesFilter()
    request = rf.post("/", {"name": SECRET})
    assert keeper.is_active(request) is True
    assert SECRET not in str(keeper.get_traceback_frame_variables(request, frame))
    assert keeper.get_post_parameters(request) == {"name": keeper.cleansed_substitute}
