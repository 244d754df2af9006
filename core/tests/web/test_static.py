"""Pages without collected files stay readable, and who installs the portal is told."""

import json

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from core import checks
from core.web import errors, static

OWN = [
    "css/admin.css",
    "css/app.css",
    "icons.svg",
    "js/api-docs.js",
    "js/app.js",
    "js/passkeys.js",
    "js/uploads.js",
    "vendor/README.md",
    "vendor/tabler/tabler.min.css",
]


@pytest.fixture
def collected(settings, tmp_path):
    """Make production's storage with a manifest that names these files."""

    def make(*names: str) -> None:
        paths = {name: f"hashed/{name}" for name in names}
        (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": paths, "version": "1.1", "hash": ""}))
        settings.PRODUCTION = True
        settings.STATIC_ROOT = tmp_path
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "core.web.static.PortalStaticFiles"},
        }

    return make


def test_a_file_is_named_by_its_content_or_plainly_where_it_was_not_collected(collected):
    collected("css/app.css")
    assert [staticfiles_storage.url(name) for name in ("css/app.css", "icons.svg#gavel")] == [
        "/static/hashed/css/app.css",
        "/static/icons.svg#gavel",
    ]


def test_what_was_not_collected_is_told_at_a_deployment_and_refused_at_the_start(collected):
    collected(*OWN)
    static.refuse_uncollected()
    assert checks.check_static_files(None) == []

    collected(*OWN[2:])
    sentence = "Static files are not collected (css/admin.css, css/app.css): run `manage.py collectstatic`."
    assert [(item.id, item.msg) for item in checks.check_static_files(None)] == [("core.E008", sentence)]
    with pytest.raises(ImproperlyConfigured) as refused:
        static.refuse_uncollected()
    assert str(refused.value) == sentence


def test_what_is_never_collected_is_not_missed(collected, settings, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in (".DS_Store", "app.css~", "app.css"):
        (folder / name).touch()
    settings.STATICFILES_DIRS = [folder]
    collected("app.css")
    assert static.uncollected() == ""


def test_development_needs_no_collected_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "nowhere"
    assert static.uncollected() == ""


@pytest.mark.urls("unionops.tests.error_urls")
def test_the_page_for_errors_needs_no_manifest(collected):
    collected()
    errors.usual_page.cache_clear()
    client = Client(raise_request_exception=False)
    page = client.get("/fault/fault/")
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert 'href="/static/css/app.css"' in page.text
    assert "/static/icons.svg" in client.get("/fault/fault/", headers={"HX-Request": "true"}).text
