"""What is promised about stored passwords, for Argon2id and for the bcrypt hashes that another system made."""

import secrets
import time
import unicodedata

import argon2
import bcrypt
import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password, verify_password

from accounts import hashers
from accounts.factories import UserFactory
from accounts.hashers import Argon2id, Bcrypt2b12

PASSWORD = "copper violin marsh lantern"
KINDS = ["argon2", "bcrypt"]


def imported(password: str) -> str:
    """A hash as Django's bcrypt hasher stored it elsewhere: 72 bytes of the password count."""
    return "bcrypt$" + bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(12, prefix=b"2b")).decode()


def hashed(kind: str, password: str) -> str:
    return make_password(password) if kind == "argon2" else imported(password)


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def stored(kind: str) -> str:
    return hashed(kind, PASSWORD)


def test_right_password_is_accepted_every_time(stored):
    assert [check_password(PASSWORD, stored) for _turn in range(3)] == [True, True, True]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " ",
        PASSWORD.upper(),
        PASSWORD.title(),
        f" {PASSWORD}",
        f"{PASSWORD} ",
        PASSWORD.replace(" ", "  "),
        PASSWORD[:-1],
        PASSWORD + "x",
        f"{PASSWORD}\0",
        "\0",
    ],
)
def test_any_other_password_is_refused(stored, wrong):
    assert check_password(wrong, stored) is False


def test_two_hashes_of_one_password_differ(kind, stored):
    assert hashed(kind, PASSWORD) != stored


def test_password_is_not_in_its_hash(kind):
    password = secrets.token_hex(12)
    assert password not in hashed(kind, password)


@pytest.mark.parametrize(
    "password", ["Grève générale à Québec", "пароль из четырёх слов", "🦊 🍞 🚲 🎻 fox bread", "  spaces  stay  "]
)
def test_every_character_counts(kind, password):
    stored = hashed(kind, password)
    assert check_password(password, stored) is True
    assert check_password(password.strip() + "x", stored) is False


def test_equal_looking_texts_of_different_code_points_differ(kind):
    composed, decomposed = (unicodedata.normalize(form, "café con leche en mayo") for form in ("NFC", "NFD"))
    assert check_password(decomposed, hashed(kind, composed)) is False


def test_length_of_the_hash_tells_nothing(kind):
    assert len({len(hashed(kind, "x" * length)) for length in (1, 20, 128)}) == 1


def test_hashing_and_verification_take_less_than_a_second_each(kind):
    # bars of the specification, not measurements
    started = time.process_time()
    stored = hashed(kind, PASSWORD)
    made = time.process_time()
    check_password(PASSWORD, stored)
    assert (made - started < 1, time.process_time() - made < 1) == (True, True)


def test_salts_are_long_and_never_alike(kind):
    salts = {
        identify_hasher(stored).decode(stored)["salt"] for stored in (hashed(kind, PASSWORD) for _turn in range(4))
    }
    assert (len(salts), {len(salt) for salt in salts}) == (4, {22})  # 128 bits and more in either alphabet


@pytest.mark.django_db
def test_sign_in_with_any_kind_leaves_the_newest(kind):
    user = UserFactory(password=hashed(kind, PASSWORD))
    assert authenticate(None, email=user.email, password="wrong " + PASSWORD) is None
    assert authenticate(None, email=user.email, password=PASSWORD) == user
    user.refresh_from_db()
    assert user.password.split("$")[:4] == ["argon2", "argon2id", "v=19", "m=47104,t=1,p=1"]
    assert authenticate(None, email=user.email, password=PASSWORD) == user


@pytest.mark.django_db
def test_an_unknown_user_costs_as_many_hashes_as_a_known_one(kind, monkeypatch):
    user, calls = UserFactory(password=hashed(kind, PASSWORD)), []
    for owner, name in ((argon2.PasswordHasher, "verify"), (argon2.low_level, "hash_secret"), (bcrypt, "hashpw")):
        original = getattr(owner, name)
        counted = lambda *given, original=original, **named: calls.append(1) or original(*given, **named)  # noqa: E731
        monkeypatch.setattr(owner, name, counted)
    found = []
    for email in (user.email, "nobody@people.example"):
        calls.clear()
        authenticate(None, email=email, password="wrong " + PASSWORD)
        found.append(len(calls))
    assert found == [1, 1]


def test_comparison_is_constant_time(monkeypatch, kind, stored):
    """Both kinds leave the comparison to a function made for it, never to ==."""
    seen = []
    owner, name = (argon2.PasswordHasher, "verify") if kind == "argon2" else (hashers, "constant_time_compare")
    original = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *arguments: seen.append(name) or original(*arguments))
    assert check_password(PASSWORD, stored) is True
    assert seen


def test_something_else_in_the_column_is_never_a_password():
    for stored in ("", "!", "plain text", "bcrypt$", "bcrypt$nonsense", "md5$salt$abc"):
        assert check_password(PASSWORD, stored) is False


# --- Argon2id ---------------------------------------------------------------------------------------


def test_argon2id_has_the_configured_parameters():
    parts = make_password(PASSWORD).split("$")
    assert parts[:4] == ["argon2", "argon2id", "v=19", "m=47104,t=1,p=1"]
    assert (Argon2id.memory_cost, Argon2id.time_cost, Argon2id.parallelism) == (47104, 1, 1)


def test_argon2id_is_what_new_passwords_get():
    assert settings.PASSWORD_HASHERS == ["accounts.hashers.Argon2id", "accounts.hashers.Bcrypt2b12"]
    assert isinstance(get_hasher("default"), Argon2id)


def test_argon2id_counts_every_character_of_a_long_password():
    long = "x" * 127
    assert check_password(long + "a", make_password(long + "b")) is False


def test_weaker_parameters_are_outdated():
    weaker = type("Weaker", (Argon2id,), {"memory_cost": 1024})()
    assert verify_password(PASSWORD, weaker.encode(PASSWORD, weaker.salt())) == (True, True)
    assert verify_password(PASSWORD, make_password(PASSWORD)) == (True, False)


# --- bcrypt -----------------------------------------------------------------------------------------


def test_bcrypt_is_recognised_and_always_outdated():
    stored = imported(PASSWORD)
    assert stored.startswith("bcrypt$$2b$12$")
    assert len(stored) == 67
    assert isinstance(identify_hasher(stored), Bcrypt2b12)
    assert verify_password(PASSWORD, stored) == (True, True)


def test_bcrypt_has_the_configured_parameters():
    hasher, decoded = get_hasher("bcrypt"), get_hasher("bcrypt").decode(imported(PASSWORD))
    assert (hasher.rounds, hasher.usable_bytes, decoded["algostr"], decoded["work_factor"]) == (12, 72, "2b", 12)


def test_bcrypt_costs_at_least_50_ms():
    # the floor is a promise of the specification: a cheaper hash would be a wrong cost factor
    started = time.process_time()
    check_password(PASSWORD, imported(PASSWORD))
    assert time.process_time() - started > 0.05


def test_bcrypt_reads_72_bytes_as_the_other_system_did():
    stored = imported("x" * 72 + "tail")
    assert check_password("x" * 72 + "tail", stored) is True
    assert check_password("x" * 72 + "other", stored) is True
    assert check_password("x" * 71 + "y", stored) is False


def test_bcrypt_cuts_bytes_not_characters():
    password = "é" * 40  # 80 bytes
    assert check_password(password, imported(password)) is True
