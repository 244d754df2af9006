import pytest
from django.contrib import admin
from django.core.checks import run_checks
from django.db import connection, models
from django.urls import path
from django.views.generic import View

from core import checks, triggers
from core.admin import GatedAdmin
from core.tests.sample.models import Ticket
from core.views import PortalView


class Declared(PortalView):
    permission = "core.view_audit"


class Undeclared(PortalView):
    pass


class Foreign(View):
    pass


class Urls:
    urlpatterns = [
        path("declared/", Declared.as_view()),
        path("undeclared/", Undeclared.as_view()),
        path("foreign/", Foreign.as_view()),
    ]


def found(messages):
    return [(message.id, message.msg) for message in messages]


@pytest.mark.django_db
def test_the_portal_has_nothing_to_complain_of():
    assert found(run_checks(include_deployment_checks=False, databases=["default"])) == []


@pytest.fixture
def public_routes(settings, tmp_path):
    folder = tmp_path / "unionops"
    folder.mkdir()
    settings.BASE_DIR = tmp_path
    settings.ROOT_URLCONF = Urls

    def write(text):
        (folder / "public_routes.txt").write_text(text)
        checks.exempt_routes.cache_clear()
        return found(checks.check_permissions(None))

    yield write
    checks.exempt_routes.cache_clear()


def test_a_view_without_a_permission_is_named(public_routes):
    assert public_routes("# nothing is public\n") == [
        ("core.E001", "The view at “undeclared/” declares no permission."),
        ("core.E001", "The view at “foreign/” declares no permission."),
    ]


def test_an_exemption_needs_a_route_and_a_reason(public_routes):
    assert public_routes("undeclared/  everybody may\nforeign/\ngone/  was here once\n") == [
        ("core.E002", "“gone/” in unionops/public_routes.txt is not a route."),
        ("core.E003", "“foreign/” in unionops/public_routes.txt has no reason."),
    ]


def test_a_field_without_a_class_is_named(monkeypatch):
    from core.tests.sample import classification

    monkeypatch.delitem(classification.FIELDS["Ticket"], "title")
    assert found(checks.check_classification(None)) == [("core.E006", "sample.Ticket.title has no class.")]


def test_a_model_outside_the_admin_is_named(monkeypatch):
    member = next(model for model in admin.site._registry if model.__name__ == "Member")
    monkeypatch.delitem(admin.site._registry, member)
    assert found(checks.check_admin(None)) == [("core.E004", "members.Member is not in the admin.")]


class OpenAdmin(admin.ModelAdmin):
    pass


class NamelessAdmin(GatedAdmin):
    pass


@pytest.mark.parametrize("model_admin", [OpenAdmin, NamelessAdmin])
def test_an_admin_without_a_gate_is_named(monkeypatch, model_admin):
    monkeypatch.setitem(admin.site._registry, Ticket, model_admin(Ticket, admin.site))
    assert found(checks.check_admin(None)) == [("core.E005", "The admin of sample.Ticket is not gated.")]


def test_a_missing_trigger_is_named(db):
    triggers.remove(connection)
    lacking = triggers.missing(connection)
    assert lacking
    assert found(checks.check_triggers(None, databases=["default"])) == [
        ("core.E007", f"The trigger {name} is missing.") for name in lacking
    ]
    assert found(checks.check_triggers(None)) == []


def test_routes_are_whole(settings):
    settings.ROOT_URLCONF = Urls
    assert [route for route, _pattern in checks.routes()] == ["declared/", "undeclared/", "foreign/"]


def test_no_table_is_append_only_by_accident():
    assert triggers.append_only_tables() == ["core_auditevent", "core_readevent"]
    assert issubclass(Ticket, models.Model)
