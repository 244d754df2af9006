"""Bar charts, drawn by the server: where each bar and each word of them stands. The page's style sheet colours them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, LINE, BAR = 400, 26, 16
LABELS_END, BARS_START, BARS_END = 140, 148, 324
MOST_LETTERS = 19


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` of a whole and the part of it that `part` is, in the same unit; None where there is nothing to draw."""

    label: str
    value: Decimal | int | None
    part: Decimal | int | None
    text: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    label: str
    text: str
    y: int
    middle: int
    width: int
    part_width: int
    text_x: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """`name` is unique on its page; `title` and `text` are what somebody hears who does not see the bars."""

    name: str
    title: str
    text: str
    bars: list[DrawnBar]

    @property
    def height(self) -> int:
        return LINE * len(self.bars)


def bar_chart(bars: Sequence[Bar], *, name: str, title: str, text: str) -> BarChart:
    largest = max((bar.value for bar in bars if bar.value is not None), default=0)
    return BarChart(name, title, text, [_drawn(at, bar, largest) for at, bar in enumerate(bars)])


def _drawn(at: int, bar: Bar, largest: Decimal | int) -> DrawnBar:
    width = _width(bar.value, largest)
    label = bar.label if len(bar.label) <= MOST_LETTERS else f"{bar.label[: MOST_LETTERS - 1]}…"
    return DrawnBar(
        label,
        bar.text,
        at * LINE + (LINE - BAR) // 2,
        at * LINE + LINE // 2,
        width,
        min(width, _width(bar.part, largest)),
        BARS_START + width + 6,
        bar.value is not None,
    )


def _width(value: Decimal | int | None, largest: Decimal | int) -> int:
    """Never none for what is more than nothing."""
    if not value or not largest:
        return 0
    return max(1, round(Decimal(value) / Decimal(largest) * (BARS_END - BARS_START)))
