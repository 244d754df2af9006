from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import EditConflict
from core.models import AuditEvent, SiteSettings
from core.site import change_settings, local_now, settings_row, site_settings


def test_before_anybody_saved_the_settings_there_are_defaults(db):
    site = site_settings()
    assert site.name == "Our local"
    assert site.time_zone == "America/New_York"
    assert site.working_week == [0, 1, 2, 3, 4]
    assert site.fiscal_year_start == 1
    assert site.is_demo is False
    assert not SiteSettings.objects.exists()


def test_an_admin_changes_them_and_the_trail_says_how(people):
    site = change_settings({"name": "Local 46", "number": "46"}, actor=people["admin"], version=1)
    assert (str(site_settings()), site.version) == ("Local 46 46", 2)
    event = AuditEvent.objects.get(subject_type="core.sitesettings")
    assert event.action == "settings.changed"
    assert event.actor == people["admin"]
    assert event.body == {
        "changes": [
            {"field": "name", "old": "Our local", "new": "Local 46"},
            {"field": "number", "old": "", "new": "46"},
        ]
    }


@pytest.mark.parametrize("name", ["officer", "staff", "member", "nobody", "expired", "suspended"])
def test_nobody_else_does(people, name):
    with pytest.raises(PermissionDenied):
        change_settings({"name": "Mine"}, actor=people[name])
    assert not SiteSettings.objects.exists()


def test_a_newer_version_is_not_overwritten(people):
    change_settings({"name": "Local 46"}, actor=people["admin"], version=1)
    with pytest.raises(EditConflict) as conflict:
        change_settings({"name": "Local 47"}, actor=people["admin"], version=1)
    assert (conflict.value.current.name, site_settings().name) == ("Local 46", "Local 46")
    assert AuditEvent.objects.filter(action="settings.changed").count() == 1


def test_saving_what_is_there_records_nothing(people):
    change_settings({"name": "Our local"}, actor=people["admin"])
    assert not AuditEvent.objects.filter(action="settings.changed").exists()


@pytest.mark.parametrize(
    "values",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"working_week": []},
        {"working_week": [7]},
        {"working_week": [True]},
        {"working_week": "01"},
        {"fiscal_year_start": 0},
        {"fiscal_year_start": 13},
        {"name": ""},
        {"name": "x" * 121},
        {"name": "Local\u202e46"},
    ],
)
def test_impossible_settings_are_refused_at_their_field(people, values):
    with pytest.raises(ValidationError) as refused:
        change_settings(values, actor=people["admin"])
    assert list(refused.value.message_dict) == list(values)
    assert site_settings().version == 1


def test_the_settings_are_kept_for_a_while(db, settings):
    assert settings_row() is settings_row()
    assert site_settings() is settings_row()
    settings_row.forget()
    settings.KEEP_SECONDS = 0
    assert settings_row() is not settings_row()


def test_a_change_shows_at_once_where_it_was_made(db):
    assert site_settings().name == "Our local"
    change_settings({"name": "Local 46"}, actor=None)
    assert site_settings().name == "Local 46"


@time_machine.travel(datetime(2026, 1, 1, 4, 59, 59, tzinfo=UTC), tick=False)
def test_the_day_is_the_day_of_the_local(db):
    assert local_now().isoformat() == "2025-12-31T23:59:59-05:00"
    change_settings({"time_zone": "Europe/Berlin"}, actor=None)
    assert local_now().isoformat() == "2026-01-01T05:59:59+01:00"
