import pytest

from core.imports.survey import DateColumn, orders_in


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["3/4/2020", "5/6/2021"], None),
        (["3/4/2020", "12/25/2020"], "mdy"),
        (["3/4/2020", "25-12-20"], "dmy"),
        (["25/12/2020", "12/25/2020"], ""),
        (["12/25/2020"] * 20 + ["25/12/2020"], "mdy"),
        (["31/31/1980", "2020-12-25", "soon"], None),
    ],
)
def test_one_order_a_column(texts, order):
    column = DateColumn()
    for text in texts:
        column.take(text)

    assert column.order == order


def test_columns_that_hold_dates_in_digits():
    found = orders_in({"Born": ["3/4/1980"], "Hired": ["2020-01-02"], "Name": ["Ann"]})

    assert list(found) == ["Born"]
