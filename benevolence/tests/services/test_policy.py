from datetime import date
from decimal import Decimal

import pytest

from benevolence.enums import LEVELS, Level, position_of
from benevolence.models import BenevolencePolicy
from benevolence.services.policy import is_last, level_after, levels_needed, year_before

RULES = BenevolencePolicy()


@pytest.mark.parametrize(
    ("total", "count"),
    [
        ("0.01", 1),
        ("499.99", 1),
        ("500.00", 1),
        ("500.01", 2),
        ("1999.99", 2),
        ("2000.00", 2),
        ("2000.01", 3),
        ("4999.99", 3),
        ("5000.00", 3),
        ("5000.01", 4),
        ("9999999999.99", 4),
    ],
)
def test_levels_by_amount_to_the_cent(total, count):
    assert levels_needed(Decimal(total), RULES) == LEVELS[:count]
    assert [is_last(level, Decimal(total), RULES) for level in LEVELS] == [
        position >= count for position in (1, 2, 3, 4)
    ]


def test_the_order_of_levels():
    assert [position_of(level) for level in ("vp", "admin", "manager", "president")] == [1, 2, 3, 4]
    assert [level_after(level, RULES) for level in LEVELS[:3]] == [Level.ADMIN, Level.MANAGER, Level.PRESIDENT]
    with pytest.raises(IndexError):
        level_after(Level.PRESIDENT, RULES)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 3, 2), date(2025, 3, 2)),
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2025, 2, 28), date(2024, 2, 28)),
    ],
)
def test_twelve_months_before(day, before):
    assert year_before(day) == before
