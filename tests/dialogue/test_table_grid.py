"""Tables as they come: rows that begin with a name, several columns of figures, a total below."""

from __future__ import annotations

import pytest

from assistant.dialogue.table_grid import choose_column, read_grid, says_columns, says_key
from assistant.models import Cell, Clause

HEADS = ("县（市、区）", "培训总人数（人）", "其中：创业培训（人）", "补贴资金（万元）")
ROWS = (("奎文区", "3200", "800", "480"), ("坊子区", "2600", "600", "390"), ("合计", "5800", "1400", "870"))


def _row(n: int, texts: tuple[str, ...], heads: tuple[str, ...] = HEADS) -> Clause:
    cells = tuple(Cell(head, text, 0, len(text)) for head, text in zip(heads, texts, strict=True))
    text = "\t".join(texts)
    return Clause(
        f"city#a1.r{n}", "city", f"a1.r{n}", f"附件1 第{n}行", "row", 0, len(text), text, cells=cells
    )


TABLE = Clause("city#a1", "city", "a1", "附件1", "annex", 0, 4, "附件1", heading="任务分解表")


@pytest.fixture
def grid():
    return read_grid(TABLE, [_row(n, texts) for n, texts in enumerate(ROWS, start=1)])


def test_rows_without_numbers_are_named_by_their_first_column(grid):
    assert grid.key == "县（市、区）"
    assert [row.cells[0].text for row in grid.rows] == ["奎文区", "坊子区"]
    assert [total.cells[0].text for total in grid.totals] == ["合计"]


@pytest.mark.parametrize(
    ("text", "figure", "unit"),
    [
        ("补贴资金一共多少", "补贴资金（万元）", "万元"),
        ("哪个县市区的培训总人数最多", "培训总人数（人）", "人"),
        ("哪个最多", "", ""),
    ],
)
def test_the_column_that_is_named_counts(grid, text, figure, unit):
    chosen = choose_column(grid, text)
    assert (chosen.figure, chosen.unit) == (figure, unit)


def test_a_question_that_says_rows_and_figures_is_about_the_table(grid):
    assert says_columns(grid, "哪个县市区的培训总人数最多")
    assert not says_columns(grid, "培训总人数怎么上报")


def test_a_column_of_which_others_are_parts_counts_where_none_is_named():
    heads = ("序号", "县（市、区）", "补贴性培训（人次）", "其中企业新型学徒（人）")
    grid = read_grid(TABLE, [_row(n, (str(n), f"{n}区", "26", "3"), heads) for n in (1, 2)])
    assert choose_column(grid, "哪个任务最少").figure == "补贴性培训（人次）"
    assert choose_column(grid, "企业新型学徒哪个最多").figure == "其中企业新型学徒（人）"


def test_rows_are_asked_for_by_what_they_are(grid):
    assert says_key(grid, "哪个县市区最多")
    assert says_key(grid, "几个县市区超过2000人次")
    assert not says_key(grid, "县市区对超过40人的班次检查几次")


def test_a_form_is_no_table():
    heads = ("项目", "内容")
    rows = [_row(n, (name, "填写"), heads) for n, name in enumerate(("姓名", "电话", "住址"), start=1)]
    assert read_grid(TABLE, rows) is None
