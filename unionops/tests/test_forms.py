import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import SiteSettings
from unionops.forms import LOGO_BYTES, SiteSettingsForm, zone_choices
from unionops.tests.settings_form import JPEG, PNG, TYPED


def form(logo=None, **values) -> SiteSettingsForm:
    return SiteSettingsForm(TYPED | values, {"logo": logo} if logo else {}, instance=SiteSettings(pk=1))


def test_what_the_service_is_to_save(db):
    filled = form()
    assert filled.is_valid(), filled.errors
    assert filled.values() == {
        "name": "Local 46",
        "number": "46",
        "address": "1 Main St\nPeoria",
        "logo": "",
        "time_zone": "America/Chicago",
        "clock": "24",
        "working_week": [0, 1],
        "fiscal_year_start": 7,
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"number": "4\u200b6"}, "number"),
        ({"address": "1 Main\u202eSt"}, "address"),
        ({"address": "x" * 501}, "address"),
        ({"address": "bell\x07"}, "address"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"working_week": []}, "working_week"),
        ({"working_week": ["7"]}, "working_week"),
        ({"working_week": ["x"]}, "working_week"),
        ({"fiscal_year_start": "13"}, "fiscal_year_start"),
        ({"fiscal_year_start": "9" * 5_000}, "fiscal_year_start"),
        ({"version": "x"}, "version"),
    ],
)
def test_wrong_values_are_told_at_their_field(db, values, field):
    assert list(form(**values).errors) == [field]


@pytest.mark.parametrize(("content", "name"), [(PNG, "logo.png"), (JPEG, "logo.jpg")])
@pytest.mark.parametrize("called", ["a.png", "evil.html", "../../x.svg", "x" * 90 + ".png"])
def test_a_logo_is_known_by_its_bytes_and_named_by_us(db, content, name, called):
    filled = form(SimpleUploadedFile(called, content))
    assert filled.is_valid(), filled.errors
    assert (filled.cleaned_data["logo"].name, filled.cleaned_data["logo"].read()) == (name, content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg onload=alert(1)>", "This is not a PNG or JPEG picture. Save it as one of these and try again."),
        (b"GIF89a" + b"0" * 20, "This is not a PNG or JPEG picture. Save it as one of these and try again."),
        (b"%PDF-1.7", "This is not a PNG or JPEG picture. Save it as one of these and try again."),
        (b"", "The submitted file is empty."),
        (PNG + b"0" * LOGO_BYTES, "This file is larger than 512 kB. Make the picture smaller."),
    ],
)
def test_other_files_are_refused(db, content, sentence):
    assert dict(form(SimpleUploadedFile("logo.png", content)).errors) == {"logo": [sentence]}


def test_zones_begin_with_the_usual_ones():
    names = [name for name, _label in zone_choices()]
    assert names[:2] == ["America/New_York", "America/Chicago"]
    assert len(names) == len(set(names)) > 300
    assert "Europe/Berlin" in names
    assert "Etc/GMT" not in names


def test_the_settings_in_words(db):
    site = SiteSettings(name="Local 46", number="46", address="1 Main St", working_week=[0, 4], fiscal_year_start=7)
    assert [(str(label), str(value)) for label, value in form().facts(site)] == [
        ("Name", "Local 46"),
        ("Number", "46"),
        ("Address", "1 Main St"),
        ("Time zone", "America/New York"),
        ("Times", "5:41 a.m."),
        ("Working days", "Monday, Friday"),
        ("Fiscal year starts in", "July"),
    ]
