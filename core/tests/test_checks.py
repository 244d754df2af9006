"""The system checks find what they are for: an open door, a field without a class, a model without a gate."""

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db import connection
from django.urls import path
from django.views.generic import View

from core import checks
from core.db import triggers
from core.models import AuditEvent
from core.tests.sample import classification
from core.tests.sample.models import Ticket
from core.web.views import PortalView


class Open(View):
    pass


class Gated(PortalView):
    permission = "core.view_audit"


urlpatterns = [path("open/", Open.as_view()), path("gated/", Gated.as_view()), path("livez", Open.as_view())]


def ids(found) -> list[tuple[str, str]]:
    return sorted((item.id, str(item.msg)) for item in found)


def test_the_portal_passes(db):
    assert ids(checks.check_permissions(None)) == []
    assert ids(checks.check_admin(None)) == []
    assert ids(checks.check_classification(None)) == []
    assert ids(checks.check_triggers(None, databases=["default"])) == []


@pytest.mark.urls("core.tests.test_checks")
def test_a_view_without_a_permission_is_found(monkeypatch):
    monkeypatch.setattr(checks, "exempt_routes", lambda: {"livez": "a probe", "open/": "", "gone/": "was here once"})
    assert ids(checks.check_permissions(None)) == [
        ("core.E002", "“gone/” in unionops/public_routes.txt is not a route."),
        ("core.E003", "“open/” in unionops/public_routes.txt has no reason."),
    ]
    monkeypatch.setattr(checks, "exempt_routes", lambda: {"livez": "a probe"})
    assert ids(checks.check_permissions(None)) == [("core.E001", "The view at “open/” declares no permission.")]


def test_every_exempt_route_has_its_reason():
    assert {route for route, reason in checks.exempt_routes().items() if len(reason.split()) < 3} == set()


def test_a_field_without_a_class_is_found(monkeypatch):
    kept = {name: found for name, found in classification.FIELDS["Ticket"].items() if name != "title"}
    monkeypatch.setitem(classification.FIELDS, "Ticket", kept)
    assert ids(checks.check_classification(None)) == [("core.E006", "sample.Ticket.title has no class.")]


def test_a_model_outside_the_admin_or_with_an_open_one_is_found(monkeypatch):
    # The dictionary itself: `admin.site` is lazy, and what is set on it is not put back.
    monkeypatch.delitem(admin.site._registry, AuditEvent)
    monkeypatch.setitem(admin.site._registry, Ticket, ModelAdmin(Ticket, admin.site))
    assert ids(checks.check_admin(None)) == [
        ("core.E004", "core.AuditEvent is not in the admin."),
        ("core.E005", "The admin of sample.Ticket is not gated."),
    ]


def test_a_missing_trigger_is_found(transactional_db):
    triggers.remove(connection)
    try:
        found = checks.check_triggers(None, databases=["default"])
    finally:
        triggers.install(connection)
    assert {item.id for item in found} == {"core.W007"}
    assert len(found) >= 2
    assert ids(checks.check_triggers(None, databases=["default"])) == []
    assert checks.check_triggers(None) == []
