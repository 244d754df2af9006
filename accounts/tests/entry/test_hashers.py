"""What is promised about stored passwords, for Argon2id and for the bcrypt hashes that another system made."""

import os
import random
import re
import secrets
import time
import unicodedata

import argon2
import bcrypt
import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password, verify_password

from accounts.entry import hashers
from accounts.entry.hashers import Argon2id, Bcrypt2b12
from accounts.factories import UserFactory
from accounts.tests.hashes import imported

pytestmark = [pytest.mark.usefixtures("real_hashes"), pytest.mark.heavy]

PASSWORD = "copper violin marsh lantern"
KINDS = ["argon2", "bcrypt"]
FORMS = {
    "argon2": (
        r"argon2\$argon2id\$v=19\$m=47104,t=1,p=1\$[A-Za-z0-9+/]{30}\$[A-Za-z0-9+/]{43}",
        Argon2id,
        {"memory_cost": 47104, "time_cost": 1, "parallelism": 1},
    ),
    "bcrypt": (r"bcrypt\$\$2b\$12\$[./A-Za-z0-9]{53}", Bcrypt2b12, {"rounds": 12, "usable_bytes": 72}),
}
DECODED = {
    "argon2": {"variety": "argon2id", "version": 19, "memory_cost": 47104, "time_cost": 1, "parallelism": 1},
    "bcrypt": {"algostr": "2b", "work_factor": 12},
}
# What a round costs changes nothing else of bcrypt: on a commit only what is about its cost pays for it.
REAL = 12
ROUNDS = REAL if os.environ.get("BATTERY") else 4
# Bytes of a password that count.
COUNTING = {"argon2": 128, "bcrypt": 72}


def hashed(kind: str, password: str, rounds: int = ROUNDS) -> str:
    return make_password(password) if kind == "argon2" else imported(password, rounds)


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def stored(kind: str) -> str:
    return hashed(kind, PASSWORD)


def test_right_password_is_accepted_every_time(stored):
    assert [check_password(PASSWORD, stored) for _turn in range(3)] == [True, True, True]


WRONG = [
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
]
ODD = ["Grève générale à Québec", "пароль из четырёх слов", "🦊 🍞 🚲 🎻 fox bread", "  spaces  stay  "]


def some_of(passwords: list[str], seed: int) -> list[str]:
    """Draw two on a commit, where each costs a hash of real cost; the battery takes all."""
    return passwords if os.environ.get("BATTERY") else random.Random(seed).sample(passwords, 2)


def test_any_other_password_is_refused(stored, seed):
    accepted = [wrong for wrong in some_of(WRONG, seed) if check_password(wrong, stored)]
    assert accepted == []


def test_two_hashes_of_one_password_differ(kind, stored):
    assert hashed(kind, PASSWORD) != stored


def test_format_and_parameters_are_as_configured(kind):
    form, hasher, parameters = FORMS[kind]
    stored = hashed(kind, PASSWORD, REAL)
    assert re.fullmatch(form, stored)
    found = get_hasher(kind)
    assert (type(found), type(identify_hasher(stored))) == (hasher, hasher)
    assert {name: getattr(found, name) for name in parameters} == parameters
    decoded = found.decode(stored)
    assert {name: decoded[name] for name in DECODED[kind]} == DECODED[kind]


def test_password_is_not_in_its_hash(kind):
    password = secrets.token_hex(12)
    assert password not in hashed(kind, password)


def test_every_character_counts(kind, seed):
    for password in some_of(ODD, seed):
        stored = hashed(kind, password)
        assert check_password(password, stored) is True
        assert check_password(password.strip() + "x", stored) is False


def test_equal_looking_texts_of_different_code_points_differ(kind):
    composed, decomposed = (unicodedata.normalize(form, "café con leche en mayo") for form in ("NFC", "NFD"))
    assert check_password(decomposed, hashed(kind, composed)) is False


def test_length_of_the_hash_tells_nothing_and_every_length_is_verified(kind):
    stored = {length: hashed(kind, "x" * length) for length in (1, 72, 128)}
    assert len({len(text) for text in stored.values()}) == 1
    assert [check_password("x" * length, text) for length, text in stored.items()] == [True] * 3


def test_the_72_byte_boundary(kind):
    """Up to the limit every byte counts, beyond it none; Argon2id has no limit that a password reaches."""
    last = COUNTING[kind]
    stored = hashed(kind, "x" * last)
    assert check_password("x" * (last - 1) + "y", stored) is False
    assert check_password("x" * last + "y", stored) is (kind == "bcrypt")
    accented = "é" * 40  # 80 bytes: bytes are cut, not characters
    assert check_password(accented, hashed(kind, accented)) is True
    assert check_password("é" * 35 + "e", hashed(kind, accented)) is False


def test_hashing_and_verification_take_less_than_a_second_each(kind):
    # Bars of the specification, not measurements. So is the floor: a cheaper bcrypt would have a wrong cost factor.
    started = time.process_time()
    stored = hashed(kind, PASSWORD, REAL)
    made = time.process_time()
    check_password(PASSWORD, stored)
    verified = time.process_time()
    assert made - started < 1
    assert verified - made < 1
    assert min(made - started, verified - made) > {"argon2": 0.005, "bcrypt": 0.05}[kind]


def test_salts_are_long_and_never_alike(kind):
    salts = {
        identify_hasher(stored).decode(stored)["salt"] for stored in (hashed(kind, PASSWORD) for _turn in range(4))
    }
    assert (len(salts), {len(salt) for salt in salts}) == (4, {22})  # 128 bits and more in either alphabet


@pytest.mark.django_db
def test_upgrade_at_sign_in_leaves_the_newest_of_any_kind(kind):
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


def test_argon2id_is_what_new_passwords_get():
    assert settings.PASSWORD_HASHERS == ["accounts.entry.hashers.Argon2id", "accounts.entry.hashers.Bcrypt2b12"]
    assert isinstance(get_hasher("default"), Argon2id)


def test_weaker_parameters_are_outdated():
    weaker = type("Weaker", (Argon2id,), {"memory_cost": 1024})()
    assert verify_password(PASSWORD, weaker.encode(PASSWORD, weaker.salt())) == (True, True)
    assert verify_password(PASSWORD, make_password(PASSWORD)) == (True, False)


# --- bcrypt -----------------------------------------------------------------------------------------


def test_bcrypt_is_recognised_and_always_outdated():
    assert verify_password(PASSWORD, imported(PASSWORD)) == (True, True)


def test_bcrypt_reads_72_bytes_as_the_other_system_did():
    stored = imported("x" * 72 + "tail")
    assert [check_password("x" * 72 + tail, stored) for tail in ("tail", "other", "")] == [True] * 3
