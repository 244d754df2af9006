import uuid

import pytest
from django.utils import timezone

from core import request_id
from core.site import change_settings

pytestmark = pytest.mark.urls("core.tests.middleware_urls")


def test_every_answer_has_an_id_and_its_headers(client_of):
    client = client_of("staff")
    first, second = client.get("/page/"), client.get("/page/")
    assert uuid.UUID(first["X-Request-ID"]) != uuid.UUID(second["X-Request-ID"])
    assert request_id.current.get() == ""
    names = ["Cache-Control", "Cross-Origin-Resource-Policy", "X-Frame-Options", "X-Content-Type-Options"]
    assert [first[name] for name in names] == ["no-store", "same-origin", "DENY", "nosniff"]
    assert first["Referrer-Policy"] == first["Cross-Origin-Opener-Policy"].replace("-allow-popups", "") == "same-origin"
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in first["Vary"].split(",")}
    assert first["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(), payment=()"
    assert first["Content-Security-Policy"].count("'none'") == 4
    assert "unsafe" not in first["Content-Security-Policy"]


def test_times_are_shown_in_the_zone_of_the_local(client_of):
    change_settings({"name": "Local 46", "time_zone": "America/Los_Angeles"}, actor=None)
    assert client_of("staff").get("/page/").text == "America/Los_Angeles Local 46"
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_next_page_asks_for_no_settings(client_of, django_assert_num_queries):
    client = client_of("staff")
    client.get("/page/")
    with django_assert_num_queries(1):  # the session and its user; the settings are kept
        client.get("/page/")


@pytest.mark.django_db
def test_every_page_needs_a_sign_in_unless_it_says_otherwise(client_of):
    client = client_of("anon")
    page = client.get("/page/?q=1")
    assert (page.status_code, page["Location"]) == (302, "/sign-in/?next=/page/%3Fq%3D1")
    part = client.get("/page/", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert part.text == "Your session has ended. Sign in again."
    assert part["X-Signin-Url"] == "/sign-in/dialog/"
    api = client.get("/api/page/")
    assert (api.status_code, api.json()) == (401, {"detail": "Sign in first.", "code": "not_signed_in"})
    assert client.get("/open/").text.endswith("Our local")
    assert all(answer["Cache-Control"] == "no-store" for answer in (page, part, api))


def test_a_suspended_account_is_out_at_once(client_of, people):
    client = client_of("staff")
    assert client.get("/page/").status_code == 200
    people["staff"].is_active = False
    people["staff"].save()
    assert client.get("/page/").status_code == 302
