"""docs/security.md names tests for its promises: they must be there."""

import re

import pytest
from django.conf import settings

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
