from __future__ import annotations

from assistant.documents.assemble import build_blocks
from assistant.documents.blocks import Layout
from assistant.documents.lines import split_lines
from assistant.documents.tables import Row, read_table


def rows_of(source: str) -> list[Row]:
    blocks = build_blocks(split_lines(source), Layout())
    return read_table([b for b in blocks if b.kind == "row"], source)


def texts(row: Row) -> list[tuple[str, str]]:
    return [(c.header, c.text) for c in row.cells]


def test_header_numbers_total_and_repeat() -> None:
    rows = rows_of("序号\t任务\t人 数\n1\t甲\t30\n序号\t任务\t人数\n2\t乙\t\n合计\t\t30\n备注\t见附表\t\n")
    assert [r.kind for r in rows] == ["header", "row", "repeat", "row", "row", "row"]
    assert [r.number for r in rows] == [0, 1, 0, 2, 3, 4]
    assert [r.name for r in rows] == ["", "", "", "", "合计", "备注"]
    assert texts(rows[1]) == [("序号", "1"), ("任务", "甲"), ("人数", "30")]
    assert texts(rows[3]) == [("序号", "2"), ("任务", "乙")]
    assert texts(rows[4]) == [("", "合计"), ("人数", "30")]
    # What a merged cell holds belongs to no single column.
    assert texts(rows[5]) == [("", "备注"), ("", "见附表")]


def test_a_head_may_say_what_its_column_is_a_part_of() -> None:
    rows = rows_of("县（市、区）\t总人数（人）\t其中：创业培训（人）\n奎文区\t3200\t800\n合计\t3200\t800\n")
    assert [r.kind for r in rows] == ["header", "row", "row"]
    assert texts(rows[1])[2] == ("其中：创业培训（人）", "800")
    # A form has no header: what stands before a colon is filled in beside it.
    assert [r.kind for r in rows_of("姓名：\t性别：\n甲\t3\n")] == ["row", "row"]


def test_printed_numbers_win_and_are_used_once() -> None:
    rows = rows_of("序号\t任务\n1\t甲\n\t乙\n2\t丙\n2\t丁\n5\t戊\n")
    assert [r.number for r in rows] == [0, 1, 3, 2, 4, 5]


def test_merged_group_cells_hang_over_their_rows() -> None:
    rows = rows_of("基本情况\t姓名\t\t性别\t\n\t电话\t\t地址\t\n\t\t手机\t\t\n培训\t工种\t\t\t\n")
    assert [r.groups for r in rows] == [(), ("基本情况",), ("基本情况", "电话"), ()]
    assert {c.header for r in rows for c in r.cells} == {""}


def test_second_header_row() -> None:
    rows = rows_of("序号\t项目\t资金\t\n\t\t中央\t省级\n1\t甲\t3\t4\n2\t乙\t5\t6\n")
    assert [r.kind for r in rows] == ["header", "header", "row", "row"]
    assert texts(rows[2]) == [("序号", "1"), ("项目", "甲"), ("资金中央", "3"), ("资金省级", "4")]


def test_header_by_words_or_by_figures_below() -> None:
    assert rows_of("工种\t培训方式\n保育员\t线下\n")[0].kind == "header"
    assert rows_of("甲\t乙\n丙\t30\n")[0].kind == "header"
    assert rows_of("甲\t乙\n丙\t丁\n")[0].kind == "row"
    assert rows_of("张三\t30\n李四\t25\n")[0].kind == "row"


def test_years_over_figures_are_a_header() -> None:
    years = "乡镇\t2025年\t其中重点对象\t2025—2026年合计\n"
    rows = rows_of(f"{years}三合镇\t300\t80\t560\n乌江镇\t—\t70\t420\n")
    assert [r.kind for r in rows] == ["header", "row", "row"]
    assert texts(rows[1])[1] == ("2025年", "300")
    assert rows_of("姓名\t2023年\n性别\t男\n")[0].kind == "row"
    assert rows_of("等级\t年度得分\t结业6个月就业率\nA级\t80分以上\t55%以上\n")[0].kind == "header"
    assert rows_of("期限\t2023年\n期限\t2024年\n")[0].kind == "row"


def test_cells_broken_over_lines_keep_their_spans() -> None:
    source = "序号\t任务\t单位\n1\t农村\n劳动力\t扶贫办、\n人社局\n2\t创业\t人社局\n"
    rows = rows_of(source)
    assert len(rows) == 3
    cell = rows[1].cells[1]
    assert source[cell.start : cell.end] == "农村\n劳动力"
    assert cell.text == "农村劳动力"
    assert rows[1].cells[2].text == "扶贫办、人社局"
