"""A state has its words, its tone and its icon in one place."""

from django.utils.translation import override

from core.enums import Badge, StateChoices, badge_of
from core.web import formats


class Light(StateChoices):
    STOP = "stop", "red", "ban", "Stop"
    GO = "go", "green", "", "Go"


def test_a_state_is_stored_as_its_value_and_read_by_its_label():
    assert Light("go") == Light.GO
    assert Light.GO == "go"
    assert Light.choices == [("stop", "Stop"), ("go", "Go")]
    assert Light.values == ["stop", "go"]
    assert str(Light.STOP) == "stop"
    assert Light.STOP.tone == "red"
    assert Light.STOP.icon == "ban"


def test_its_badge_is_drawn_in_its_tone_with_its_icon_or_that_of_the_tone():
    stop, go = badge_of(Light, "stop"), badge_of(Light, Light.GO)
    assert (stop, go) == (Badge("Stop", "red", "ban"), Badge("Go", "green", ""))
    assert [formats.state(badge) for badge in (stop, go)] == [
        formats.badge("Stop", tone="red", icon="ban"),
        formats.badge("Go", tone="green"),
    ]
    with override("de"):
        assert badge_of(Light, "stop") == stop
