"""docs/security.md names tests for its promises: they must be there. The README's transcript answers as it says."""

import json
import re
import shlex

import pytest
from django.conf import settings
from django.test import Client

from accounts.factories import RoleAssignmentFactory, UserFactory
from unionops.management.commands.seed_auth import DOMAIN, PASSWORD

TEXT = (settings.BASE_DIR / "docs" / "security.md").read_text()
PROMISES = [
    line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(("| Promise", "| Event"))
]
NAMED = [(line, name) for line in PROMISES for name in re.findall(r"`([\w/]+\.(?:py|txt))`", line)]


def test_every_promise_names_a_test():
    assert len(PROMISES) > 20
    assert set(PROMISES) == {line for line, name in NAMED if "test_" in name}


@pytest.mark.parametrize(("line", "name"), NAMED)
def test_the_tests_that_are_named_exist(line, name):
    folders = [part.rpartition("/")[0] for _line, part in NAMED if _line == line and "/" in part]
    places = [settings.BASE_DIR / name, *(settings.BASE_DIR / folder / name for folder in folders)]
    assert any(place.exists() for place in places)


def transcript() -> list[tuple[str, str]]:
    """Return (command, what it prints) of the README's session with curl."""
    block = re.search(r"```\n(\$ post\(\).*?)```", (settings.BASE_DIR / "README.md").read_text(), re.DOTALL)[1]
    found = [part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [(command, printed.strip()) for command, _newline, printed in found]


def run(command: str, words: dict[str, str]):
    """Send the command as the shell and curl would."""
    text = re.sub(r"\$(\w+)", lambda found: words[found[1]], command.partition("  #")[0])
    name, *given = shlex.split(text)
    if name == "post":
        path, body = given
        return Client().post(f"/api/v1/auth/{path}/", json.loads(body), content_type="application/json")
    header, address = given[given.index("-H") + 1], given[-1]
    key, _colon, value = header.partition(": ")
    return Client().get(address.removeprefix("http://127.0.0.1:8000"), headers={key: value})


@pytest.mark.django_db
def test_the_transcript_in_the_readme_is_true():
    RoleAssignmentFactory(user=UserFactory(email=f"staff@{DOMAIN}", plain_password=PASSWORD), role="staff")
    words: dict[str, str] = {}
    (shell, nothing), *steps = transcript()
    assert "api/v1/auth/$1/" in shell
    assert nothing == ""
    assert len(steps) == 5
    for command, printed in steps:
        answer = run(command, words)
        if not printed:
            assert (answer.status_code, answer.content) == (204, b"")
        elif "eyJ" in printed:
            pair = answer.json()
            words |= {"ACCESS": pair["access"], "NEWEST": pair["refresh"]}
            words.setdefault("REFRESH", pair["refresh"])
            assert [name for name in re.findall(r'"(\w+)":', printed) if name not in pair] == []
        else:
            assert answer.json() == json.loads(printed)
