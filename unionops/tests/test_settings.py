"""Production refuses to guess; development works with nothing set."""

import base64
import json
import os
import runpy
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.template import Engine
from whitenoise.middleware import WhiteNoiseMiddleware

KEY = base64.b64encode(b"K" * 32).decode()
PRODUCTION = {
    "UNIONOPS_ENV": "production",
    "UNIONOPS_TESTING": "0",
    "SECRET_KEY": "s" * 64 + "abcdefghij0123456789",
    "AUTH_JWT_SECRET_KEY": "j" * 32,
    "AUDIT_KEYS": f"a1:{KEY}",
    "FIELD_KEYS": "f1:" + base64.b64encode(b"F" * 32).decode(),
    "ALLOWED_HOSTS": "portal.example.org",
    "DATABASE_URL": "postgresql://unionops:secret@127.0.0.1:5432/unionops",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.example.org:587",
    "DEBUG": "0",
    "STEP_UP_MINUTES": "10",
}
NUMBERS = ("LOCKOUT_MINUTES", "LOCKOUT_FAILURES", "PASSWORD_MINIMUM_LENGTH")
LENGTHS = "PASSWORD_MINIMUM_LENGTH must be at least 8, and PASSWORD_MINIMUM_LENGTH_ALONE not below it."
SHORT_KEY = "AUTH_JWT_SECRET_KEY needs at least 32 characters for each key."
JWT_KEYS = "AUTH_JWT_SECRET_KEY must be keys of its own, none of them SECRET_KEY and none twice."

OIDC = {
    "OIDC_ISSUER": "https://id.example.org/",
    "OIDC_CLIENT_ID": "portal",
    "OIDC_CLIENT_SECRET": "secret",
    "OIDC_NAME": "Example ID",
}
OIDC_ALL = "OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_NAME: set all or none."
NO_MAIL = "EMAIL_URL is not set to a mail server. Production needs it; see .env.example."
OIDC_ADDRESS = "OIDC_ISSUER is the provider's https address, as its documents give it."


OWN_FILES = [path for path in (settings.BASE_DIR / "static").rglob("*") if path.is_file()]


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Return the settings that a process with just this environment would see."""

    def run(**environment):
        for name in {
            *PRODUCTION,
            *OIDC,
            "DATABASE_POOL",
            "BEHIND_PROXY",
            "CACHE_URL",
            "LOCKOUT_MINUTES",
            "LOCKOUT_FAILURES",
            "PASSWORD_MINIMUM_LENGTH",
            "PASSWORD_MINIMUM_LENGTH_ALONE",
            "RATE_SIGN_IN",
            "SECOND_FACTOR_ROLES",
            "SECRET_KEY_FALLBACKS",
            "AUTH_ACCESS_TOKEN_EXPIRE_MINUTES",
        } - {*environment}:
            monkeypatch.delenv(name, raising=False)
        for name, value in {"VAR_DIR": str(tmp_path), **environment}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(settings.BASE_DIR / "unionops" / "settings.py"))

    return run


def test_production_as_it_should_be(read):
    found = read(**PRODUCTION)
    names = ["DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
    assert [found[name] for name in names] == [False, ["portal.example.org"], True, True, True]
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("__Host-session", "__Host-csrf")
    database = found["DATABASES"]["default"]
    assert database["OPTIONS"]["pool"]["max_size"] == 8
    assert "statement_timeout=15000" in database["OPTIONS"]["options"]
    assert database.get("CONN_MAX_AGE", 0) == 0
    assert database.get("ATOMIC_REQUESTS", False) is False
    assert "core.tests.sample" not in found["INSTALLED_APPS"]
    assert "SECURE_PROXY_SSL_HEADER" not in found
    assert "SECURE_PROXY_SSL_HEADER" in read(**PRODUCTION, BEHIND_PROXY="1")


def test_links_in_mails_lead_to_the_port_in_use(read, monkeypatch):
    """In development, where a name is asked for too: no browser makes a passkey for 127.0.0.1."""
    for name in ("PORT", "PORTAL_URL"):
        monkeypatch.delenv(name, raising=False)
    assert read()["PORTAL_URL"] == "http://localhost:8000"
    assert read(PORT="9000")["PORTAL_URL"] == "http://localhost:9000"
    assert read(**PRODUCTION)["PORTAL_URL"] == "https://portal.example.org"


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "AUTH_JWT_SECRET_KEY", "AUDIT_KEYS", "FIELD_KEYS", "ALLOWED_HOSTS", "DATABASE_URL", "EMAIL_URL"],
)
@pytest.mark.parametrize("missing", [True, False])
def test_production_refuses_what_is_missing_or_empty(read, name, missing, tmp_path):
    environment = dict(PRODUCTION)
    if missing:
        del environment[name]
    else:
        environment[name] = ""
    with pytest.raises(ImproperlyConfigured, match=name):
        read(**environment)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DEBUG": "1"}, "DEBUG shows secrets to visitors; production refuses it."),
        ({"EMAIL_URL": "consolemail://"}, NO_MAIL),
        ({"EMAIL_URL": "dummymail://"}, NO_MAIL),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the portal's host, without wildcards."),
        ({"ALLOWED_HOSTS": "portal.example.org, *"}, "ALLOWED_HOSTS must name the portal's host, without wildcards."),
        ({"ALLOWED_HOSTS": ".example.org"}, "ALLOWED_HOSTS must name the portal's host, without wildcards."),
        ({"FIELD_KEYS": "f1:short"}, "FIELD_KEYS: key 'f1' is not base64."),
        ({"AUDIT_KEYS": "f1:QQ=="}, "AUDIT_KEYS: key 'f1' must be 32 bytes long."),
        ({"UNIONOPS_TESTING": "1"}, "UNIONOPS_TESTING is for the test suite; production refuses it."),
        ({"SECRET_KEY": "short"}, "SECRET_KEY needs at least 50 characters; see .env.example."),
        ({"FIELD_KEYS": f"f1:{KEY}"}, "AUDIT_KEYS and FIELD_KEYS must be different keys."),
        ({"LOCKOUT_MINUTES": "0"}, "LOCKOUT_FAILURES and LOCKOUT_MINUTES must be at least 1."),
        ({"LOCKOUT_FAILURES": "0"}, "LOCKOUT_FAILURES and LOCKOUT_MINUTES must be at least 1."),
        ({"PASSWORD_MINIMUM_LENGTH": "7"}, LENGTHS),
        ({"PASSWORD_MINIMUM_LENGTH": "20"}, LENGTHS),
        ({"AUTH_JWT_SECRET_KEY": "short"}, "AUTH_JWT_SECRET_KEY needs at least 32 characters for each key."),
        (
            {"AUTH_JWT_SECRET_KEY": f"{'j' * 32},short"},
            "AUTH_JWT_SECRET_KEY needs at least 32 characters for each key.",
        ),
        ({"AUTH_JWT_SECRET_KEY": PRODUCTION["SECRET_KEY"]}, JWT_KEYS),
        ({"AUTH_JWT_SECRET_KEY": f"{PRODUCTION['SECRET_KEY']},{'j' * 32}"}, JWT_KEYS),
        ({"AUTH_JWT_SECRET_KEY": f"{'j' * 32},{'j' * 32}"}, JWT_KEYS),
        ({"SECRET_KEY_FALLBACKS": "j" * 32}, JWT_KEYS),
        (
            {"AUTH_ACCESS_TOKEN_EXPIRE_MINUTES": "0"},
            "AUTH_ACCESS_TOKEN_EXPIRE_MINUTES and AUTH_REFRESH_TOKEN_EXPIRE_DAYS must be at least 1.",
        ),
        ({"STEP_UP_MINUTES": "0"}, "STEP_UP_MINUTES must be at least 1."),
        ({"RATE_SIGN_IN": "30"}, "RATE_SIGN_IN is a number, a slash and minutes, such as 30/15."),
        ({"RATE_SIGN_IN": "0/15"}, "RATE_SIGN_IN is a number, a slash and minutes, such as 30/15."),
        ({"OIDC_ISSUER": "https://id.example.org"}, OIDC_ALL),
        ({**OIDC, "OIDC_NAME": " "}, OIDC_ALL),
        ({**OIDC, "OIDC_CLIENT_SECRET": ""}, OIDC_ALL),
        ({**OIDC, "OIDC_ISSUER": "http://id.example.org"}, OIDC_ADDRESS),
        ({**OIDC, "OIDC_ISSUER": "id.example.org"}, OIDC_ADDRESS),
        ({**OIDC, "OIDC_ISSUER": "https://id.example.org/?tenant=1"}, OIDC_ADDRESS),
        ({**OIDC, "OIDC_NAME": "x" * 41}, "OIDC_NAME is on a button: at most 40 characters."),
        ({"UNIONOPS_ENV": "prod"}, "UNIONOPS_ENV is either development or production."),
    ],
)
def test_production_refuses_what_is_dangerous(read, change, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**{**PRODUCTION, **change})
    assert str(refused.value) == sentence


def test_secrets_may_come_from_files(read, tmp_path):
    path = tmp_path / "key"
    path.write_text("from a file, and long enough to be a real one, at last\n")
    environment = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    assert read(**environment, SECRET_KEY_FILE=str(path))["SECRET_KEY"] == path.read_text().strip()


def test_a_provider_is_offered_when_everything_about_it_is_set(read, tmp_path):
    assert read(**PRODUCTION)["OIDC_ISSUER"] == ""
    path = tmp_path / "secret"
    path.write_text("kept apart\n")
    found = read(**PRODUCTION, **OIDC, OIDC_CLIENT_SECRET_FILE=str(path))
    assert (found["OIDC_ISSUER"], found["OIDC_CLIENT_SECRET"]) == ("https://id.example.org", "kept apart")
    assert read(**{**OIDC, "OIDC_ISSUER": "http://localhost:8080/realms/local"})["OIDC_NAME"] == "Example ID"


def test_development_makes_its_own_secrets_once(read, tmp_path):
    first, second = read(), read()
    assert (tmp_path / "development-secrets.json").exists()
    for name in ("SECRET_KEY", "AUTH_JWT_SECRET_KEY", "AUDIT_KEYS", "FIELD_KEYS"):
        assert first[name] == second[name] != settings.SECRET_KEY
    assert first["DEBUG"] is False
    assert first["PRODUCTION"] is False
    assert first["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    options = first["DATABASES"]["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        assert f"PRAGMA {pragma};" in options["init_command"]


def test_a_machine_configured_before_there_were_tokens_gets_their_key(read, tmp_path):
    path = tmp_path / "development-secrets.json"
    path.write_text(json.dumps({"SECRET_KEY": "kept", "AUDIT_KEYS": f"a1:{KEY}", "FIELD_KEYS": f"f1:{KEY}"}))
    found = read()
    assert found["SECRET_KEY"] == "kept"
    assert json.loads(path.read_text())["AUTH_JWT_SECRET_KEY"] == found["AUTH_JWT_SECRET_KEY"][0]


def test_several_signing_keys_are_read_in_their_order(read):
    environment = {**PRODUCTION, "AUTH_JWT_SECRET_KEY": f"{'a' * 32}, {'b' * 40}\n{'c' * 32}"}
    assert read(**environment)["AUTH_JWT_SECRET_KEY"] == ["a" * 32, "b" * 40, "c" * 32]


def manage(*arguments, **environment):
    return run("manage.py", *arguments, **environment)


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **PRODUCTION, **environment, "DJANGO_ALLOW_ASYNC_UNSAFE": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def collect(folder):
    """Leave the manifest that `collectstatic` writes; it would compress for a minute."""
    names = [path.relative_to(settings.BASE_DIR / "static").as_posix() for path in OWN_FILES]
    (folder / "staticfiles.json").write_text(json.dumps({"paths": {name: name for name in names}, "version": "1.1"}))


def test_check_deploy_finds_nothing_with_production_settings(tmp_path):
    collect(tmp_path)
    done = manage("check", "--deploy", "--fail-level", "WARNING", STATIC_ROOT=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (1 silenced).\n"), done.stderr


def test_without_collected_files_check_deploy_tells_it_and_the_portal_does_not_start(tmp_path):
    told = manage("check", "--deploy", STATIC_ROOT=str(tmp_path))
    start = "import unionops.wsgi"
    refused = run("-c", start, STATIC_ROOT=str(tmp_path))
    names = ", ".join(sorted(path.relative_to(settings.BASE_DIR / "static").as_posix() for path in OWN_FILES))
    sentence = f"Static files are not collected ({names}): run `manage.py collectstatic`."
    assert told.returncode == 1
    assert f"(core.E008) {sentence}" in told.stderr
    assert refused.stderr.splitlines()[-1] == f"django.core.exceptions.ImproperlyConfigured: {sentence}"
    collect(tmp_path)
    assert run("-c", start, STATIC_ROOT=str(tmp_path)).returncode == 0


def test_a_process_with_bad_settings_stops_with_the_sentence():
    done = manage("check", SECRET_KEY="")
    assert done.returncode == 1
    assert "SECRET_KEY is not set. Production needs it; see .env.example." in done.stderr


def test_the_example_names_every_setting():
    text = (settings.BASE_DIR / ".env.example").read_text()
    source = (settings.BASE_DIR / "unionops" / "settings.py").read_text()
    read_names = {
        piece.split('"')[1]
        for kind in ("str", "int", "bool", "list", "email_url")
        for piece in source.split(f"env.{kind}(")[1:]
        if piece.startswith('"')
    }
    named = {line.lstrip("#").split("=")[0] for line in text.splitlines() if "=" in line}
    assert read_names - named == {"UNIONOPS_TESTING", "DEBUG"}


@pytest.mark.parametrize(
    "environment", [{}, {"DEBUG": "1"}, PRODUCTION], ids=["development", "debugging", "production"]
)
def test_templates_are_read_once_in_every_mode(read, environment):
    (chosen,) = read(**environment)["TEMPLATES"]
    engine = Engine(dirs=chosen["DIRS"], app_dirs=chosen["APP_DIRS"], **chosen["OPTIONS"])
    loaders = [f"django.template.loaders.{name}.Loader" for name in ("filesystem", "app_directories")]
    assert engine.loaders == [("django.template.loaders.cached.Loader", loaders)]


def test_only_what_production_serves_is_read_at_start(read, tmp_path):
    served = tmp_path / "served"
    served.mkdir()
    (served / "portal.css").write_text("a {}")
    found = {
        name: sorted(WhiteNoiseMiddleware(settings=SimpleNamespace(FORCE_SCRIPT_NAME=None, **values)).files)
        for name, values in (
            ("development", read(STATIC_ROOT=str(served))),
            ("production", read(**PRODUCTION, STATIC_ROOT=str(served))),
        )
    }
    assert found == {"development": [], "production": ["/static/portal.css"]}
