import base64
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from unionops.environment import development_secrets, new_key, parse_keys, socket_host

A, B = base64.b64encode(b"A" * 32).decode(), base64.b64encode(b"B" * 32).decode()


@pytest.mark.parametrize("text", [f"k1:{A},k2:{B}", f"k1:{A}\nk2:{B}\n", f" k1:{A} , \n# the new one\nk2:{B}"])
def test_keys_come_by_id_and_the_last_is_in_use(text):
    assert parse_keys(text, "AUDIT_KEYS") == {"k1": b"A" * 32, "k2": b"B" * 32}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "AUDIT_KEYS holds no key."),
        (" , \n# nothing", "AUDIT_KEYS holds no key."),
        (A, "AUDIT_KEYS: every entry is id:base64 with a different short id."),
        (f":{A}", "AUDIT_KEYS: every entry is id:base64 with a different short id."),
        (f"a.b:{A}", "AUDIT_KEYS: every entry is id:base64 with a different short id."),
        (f"{'k' * 17}:{A}", "AUDIT_KEYS: every entry is id:base64 with a different short id."),
        (f"k1:{A},k1:{B}", "AUDIT_KEYS: every entry is id:base64 with a different short id."),
        ("k1:!!!", "AUDIT_KEYS: key 'k1' is not base64."),
        ("k1:QQ==", "AUDIT_KEYS: key 'k1' must be 32 bytes long."),
    ],
)
def test_a_malformed_key_is_named(text, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        parse_keys(text, "AUDIT_KEYS")
    assert str(refused.value) == sentence
    assert A not in str(refused.value)


def test_new_keys_are_usable_and_differ():
    assert len(parse_keys(f"a:{new_key()},b:{new_key()}", "KEYS")) == 2
    assert new_key() != new_key()


def test_development_secrets_are_made_once_and_kept_from_others(tmp_path):
    path = tmp_path / "var" / "secrets.json"
    made = development_secrets(path)
    assert sorted(made) == ["AUDIT_KEYS", "AUTH_JWT_SECRET_KEY", "FIELD_KEYS", "SECRET_KEY"]
    assert development_secrets(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_new_secrets_are_made_for_a_database_that_was_written_with_others(tmp_path, monkeypatch):
    """Restored without them it would look as if everything in it had been tampered with."""
    path, database = tmp_path / "development-secrets.json", tmp_path / "unionops.sqlite3"
    made = development_secrets(path, database=database)
    database.touch()
    assert development_secrets(path, database=database) == made
    path.unlink()
    monkeypatch.delenv("FIELD_KEYS")
    with pytest.raises(ImproperlyConfigured) as refused:
        development_secrets(path, database=database)
    sentence = "unionops.sqlite3 is here, but not development-secrets.json, without which nobody can read it."
    assert (str(refused.value), path.exists()) == (sentence, False)


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("postgresql://u@/db?host=/run/postgresql", "/run/postgresql"),
        ("postgresql://u:p@127.0.0.1:5432/db", ""),
        ("postgresql://u@/db?host=%2Frun%2Fpg&sslmode=require", "/run/pg"),
    ],
)
def test_socket_folder(url, folder):
    assert socket_host(url) == folder
