"""Rows by marks, gaps and bounds of a table with several columns of figures."""

from __future__ import annotations

from fractions import Fraction

import pytest

from assistant.dialogue.premise import Premise, check_row
from assistant.dialogue.table_compute import compute
from assistant.dialogue.table_filter import Chosen, choose_by_figure, choose_by_rank, has_unread_figure
from assistant.dialogue.table_grid import asks_rows, choose_column, name_table, read_grid, says_columns
from assistant.dialogue.table_marks import choose_by_marks
from assistant.dialogue.table_names import by_cells, find_row, is_of_one_office
from assistant.models import Cell, Clause

HEADS = (
    "序号",
    "职业（工种）",
    "五级（初级工）",
    "三级（高级工）",
    "开班（期）",
    "牵头单位",
    "配合单位",
    "是否紧缺",
)
ROWS = (
    ("1", "电工", "1500", "2600", "5", "县人社局、县总工会", "县财政局", "是"),
    ("2", "瓦工", "1200", "—", "3", "县住建局", "县人社局", "否"),
    ("3", "数控车工", "1700", "2900", "5", "县经信局、县总工会、县教育局", "县人社局", "是"),
    ("4", "茶艺师", "900", "1700", "0", "县人社局", "县妇联", "否"),
)


def _row(n: int, texts: tuple[str, ...]) -> Clause:
    cells = tuple(Cell(head, text, 0, len(text)) for head, text in zip(HEADS, texts, strict=True))
    text = "\t".join(texts)
    return Clause(f"c#a1.r{n}", "c", f"a1.r{n}", f"附件 第{n}行", "row", 0, len(text), text, cells=cells)


TABLE = Clause("c#a1", "c", "a1", "附件", "annex", 0, 2, "附件", heading="补贴标准表 单位：元/人")


@pytest.fixture
def grid():
    return read_grid(TABLE, [_row(n, texts) for n, texts in enumerate(ROWS, start=1)])


def _numbers(rows):
    return [int(row.path.rpartition(".r")[2]) for row in rows]


def test_a_column_with_gaps_is_one_of_figures(grid):
    assert grid.figures == ("五级（初级工）", "三级（高级工）", "开班（期）")
    level = choose_column(grid, "三级那一栏哪个职业最高")
    assert (level.figure, level.unit) == ("三级（高级工）", "元/人")
    found = compute(level, "min", Chosen(list(level.rows)))
    assert (found.value, _numbers(found.rows)) == (Fraction(1700), [4])
    assert name_table(TABLE) == "补贴标准表"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("标明是紧缺的职业有几个", [1, 3]),
        ("不是紧缺的职业有哪些", [2, 4]),
        ("暂时没设三级补贴的职业有哪些", [2]),
        ("高级工那栏空着的是哪个", [2]),
        ("没有开班的职业有哪些", [4]),
        ("不属于紧缺又没有三级标准的", [2]),
        ("两家单位一起牵头的有几项", [1]),
        ("由三家单位一块儿牵头的", [3]),
        ("多个部门共同牵头的", [1, 3]),
        pytest.param("三级不超过2000元的", None, id="a bound, no gap"),
        pytest.param("两家单位的任务一共多少", None, id="offices that share nothing"),
    ],
)
def test_rows_by_marks(grid, text, rows):
    chosen = choose_by_marks(grid, grid.rows, text)
    assert (chosen and _numbers(chosen.rows)) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("三级超过2600元的", [3]),
        ("三级2600元及以上的", [1, 3]),
        ("五级在900元到1200元之间的", [2, 4]),
        ("五级写着1500的", [1]),
        ("五级正好900元的", [4]),
        ("开班5期的", [1, 3]),
        pytest.param("开班5元的", None, id="a figure of another unit"),
    ],
)
def test_rows_by_a_figure_in_the_unit_of_the_column(grid, text, rows):
    chosen = choose_by_figure(choose_column(grid, text), list(grid.rows), text)
    assert (chosen and _numbers(chosen.rows)) == rows


def test_a_column_of_ten_thousands_is_held_against_ones(grid):
    heads = ("序号", "市", "培训（万人次）")
    rows = [
        Clause(
            f"c#a2.r{n}",
            "c",
            f"a2.r{n}",
            "",
            "row",
            0,
            1,
            "",
            cells=tuple(Cell(h, t, 0, 1) for h, t in zip(heads, (str(n), f"{n}市", figure), strict=True)),
        )
        for n, figure in enumerate(("17.0", "9.0"), start=1)
    ]
    chosen = choose_by_figure(read_grid(TABLE, rows), rows, "超过100000人次的")
    assert _numbers(chosen.rows) == [1]


def test_the_most_of_several_are_as_many_as_is_said(grid):
    level = choose_column(grid, "三级最低的两个职业")
    assert _numbers(choose_by_rank(level, list(level.rows), "三级最低的两个职业").rows) == [1, 4]


def test_a_figure_that_chose_nothing_is_seen(grid):
    assert has_unread_figure(grid, "附件1里补贴800的职业")
    assert not has_unread_figure(grid, "附件1第3行，2024年，三级")


def test_an_office_is_sought_in_the_column_that_is_named(grid):
    assert {w: _numbers(rows) for w, rows in by_cells(grid, "由人社局牵头的")} == {"人社局": [1, 4]}
    assert {w: _numbers(rows) for w, rows in by_cells(grid, "人社局配合的")} == {"人社局": [2, 3]}
    assert [is_of_one_office(row, "人社局") for row in (grid.rows[0], grid.rows[3])] == [False, True]


def test_rows_are_asked_for_by_a_piece_of_their_head(grid):
    assert asks_rows(grid, "哪个职业最高")
    assert asks_rows(grid, "紧缺的职业有几个")
    assert says_columns(grid, "三级最高的是哪个职业")
    assert not asks_rows(grid, "职业技能培训三级补多少")


def test_what_rows_have_in_common_names_none(grid):
    assert find_row(grid, "补贴性的培训") is None
    assert find_row(grid, "数控车工的补贴").path == "a1.r3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电工三级补贴是2000元,对吗", [Premise("2000元", "2600", False)]),
        ("电工开班8期,对吗", [Premise("8期", "5期", False)]),
        ("电工开班5期,对吗", [Premise("5期", "5期", True)]),
        pytest.param("电工2024年开班5期,对吗", [Premise("5期", "5期", True)], id="a year is of no column"),
        pytest.param("焊工开班8期,对吗", [], id="another row"),
    ],
)
def test_a_row_corrects_what_is_taken_for_granted(grid, text, expected):
    assert check_row(text, grid.rows[0]) == expected
