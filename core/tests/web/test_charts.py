"""Bars in proportion, also where there is nothing or next to nothing to draw."""

from decimal import Decimal

from core.web.charts import Bar, bar_chart


def drawn(*bars):
    return bar_chart(bars, name="it", title="It", text="").bars


def test_the_largest_bar_fills_the_room_and_the_others_follow():
    bars = drawn(Bar("a", Decimal(200), Decimal(100), "$200"), Bar("b", 50, None, "$50"), Bar("c", 0, 0, "$0"))
    assert [(bar.width, bar.part_width) for bar in bars] == [(176, 88), (44, 0), (0, 0)]
    assert [bar.text_x for bar in bars] == [330, 198, 154]
    assert [bar.middle for bar in bars] == [13, 39, 65]


def test_what_is_more_than_nothing_is_seen():
    assert [bar.width for bar in drawn(Bar("a", 1_000_000, None, ""), Bar("b", 1, None, ""))] == [176, 1]


def test_an_unknown_value_has_no_bar():
    [bar] = drawn(Bar("a", None, None, "too few to tell"))
    assert (bar.width, bar.is_known, bar.text) == (0, False, "too few to tell")


def test_a_long_label_is_cut_to_its_room():
    assert drawn(Bar("Benevolence administrator", 1, None, ""))[0].label == "Benevolence admini…"
