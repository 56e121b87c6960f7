from __future__ import annotations

from decimal import Decimal

import pytest

from evals.metrics.numerals import find_arabic, find_chinese, find_chinese_figures, read_chinese


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("每班80人", [80]),
        ("８０人", [80]),
        ("1:20 以内", [1, 20]),
        ("2,000人次", [2000]),
        ("1,2,3", [1, 2, 3]),
        ("0.75", [Decimal("0.75")]),
        ("50万元", [500000]),
        ("1.2 亿", [120000000]),
        ("2021-04-07", [2021, 4, 7]),
        ("0371-65900927", [371, 65900927]),
        ("六千人次", []),
    ],
    ids=str,
)
def test_find_arabic(text: str, values: list[int | Decimal]) -> None:
    assert [n.value for n in find_arabic(text)] == values


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("八", 8),
        ("十", 10),
        ("十五", 15),
        ("二十八", 28),
        ("一百零五", 105),
        ("六千", 6000),
        ("两万", 20000),
        ("一百二十万", 1200000),
        ("一万二千", 12000),
        ("一亿三千万", 130000000),
        ("一万亿", 1000000000000),
        ("二〇二一", 2021),
        ("", None),
        ("百", None),  # a word: 百姓
        ("万", None),
    ],
)
def test_read_chinese(numeral: str, value: int | None) -> None:
    assert read_chinese(numeral) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("八十人", ["八十"]),
        ("六千人次", ["六千"]),
        ("十五日", ["十五"]),
        ("百分之六十五", ["六十五"]),
        ("一个班，两级", []),  # words
        ("百姓", []),
        ("十分重要", []),
    ],
    ids=str,
)
def test_chinese_figures_are_those_of_ten_and_more(text: str, shown: list[str]) -> None:
    assert [n.shown for n in find_chinese_figures(text)] == shown


def test_find_chinese_takes_small_ones_too() -> None:
    assert [n.value for n in find_chinese("两个项目，十四部门")] == [2, 14]
