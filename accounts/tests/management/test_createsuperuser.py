import getpass

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.enums import AccountAction
from accounts.factories import PASSWORD
from accounts.models import User
from accounts.permissions import ENTER_ADMIN
from core.models import AuditEvent

pytestmark = pytest.mark.django_db
FIRST = {"email": "first@people.example", "first_name": "Fay", "last_name": "First"}
TOO_EASY = (
    "This password is easy to guess. Use four or more unrelated words, without names or the local's name or number."
)


@pytest.fixture
def typed(monkeypatch):
    """The lines that somebody types, in the order in which they are asked for."""
    lines: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: lines.pop(0))
    monkeypatch.setattr(getpass, "getpass", lambda question="": lines.pop(0))
    return lines


def test_the_account_is_a_verified_admin(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", **FIRST, verbosity=0)
    user = User.objects.get(email="first@people.example")
    assert user.role_names == {"admin"}
    assert user.is_verified is True
    assert user.is_superuser is False
    assert user.has_perm(ENTER_ADMIN)
    assert authenticate(email=user.email, password=PASSWORD) == user
    events = AuditEvent.objects.filter(subject_id=user.pk, subject_type="accounts.user").order_by("seq")
    assert list(events.values_list("actor_name", "action", "reason")) == [
        ("", AccountAction.USER_CREATED, ""),
        ("", AccountAction.ROLE_ASSIGNED, "First set-up"),
    ]


def test_it_asks_for_what_is_not_given(typed):
    typed += ["First@People.example", "First", PASSWORD, PASSWORD]
    call_command("createsuperuser", first_name="Fay", verbosity=0)
    user = User.objects.get(email="first@people.example")
    assert user.full_name == "Fay First"
    assert user.check_password(PASSWORD)
    assert typed == []


@pytest.mark.parametrize(
    ("given", "lines", "sentence"),
    [
        ({"email": "no address"}, [], "Enter a valid email address."),
        ({}, [PASSWORD, f"{PASSWORD}?"], "The passwords are not the same."),
        ({}, [f"{FIRST['email']}!"] * 2, TOO_EASY),
    ],
)
def test_what_is_typed_wrong_makes_no_account(typed, given, lines, sentence):
    typed += lines
    with pytest.raises(CommandError) as refused:
        call_command("createsuperuser", **FIRST | given, verbosity=0)
    assert str(refused.value) == sentence
    assert not User.objects.exists()


def test_without_questions_every_field_must_be_given():
    with pytest.raises(CommandError, match=r"^You must use --last_name with --noinput\.$"):
        call_command("createsuperuser", "--noinput", email=FIRST["email"], first_name="Fay", verbosity=0)
    assert not User.objects.exists()
