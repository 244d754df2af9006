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
        (['="13/04/2019"', "3/4/2020"], "dmy"),
        (["'13/04/2019"], "dmy"),
        (["\u200e13/04/2019 0:00"], "dmy"),
        (["13/04/2019 or so"], None),
        (["01/01/2024"] * 900 + ["13/01/2024"], None),
        (["01/01/2024"] * 19 + ["13/01/2024"], "dmy"),
        (["01/01/2024"] * 20 + ["13/01/2024"], None),
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
