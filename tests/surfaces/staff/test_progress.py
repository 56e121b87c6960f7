"""Progress over HTTP: targets of the text against what is done, whatever the table says."""

from __future__ import annotations

import base64
import io
import re
from datetime import date
from fractions import Fraction
from html import unescape
from typing import Any

import openpyxl
import pytest

from assistant.surfaces.staff.progress_figures import (
    Elapsed,
    cut_share,
    measure,
    measure_year,
    show_amount,
    show_share,
    sum_up,
)
from assistant.surfaces.staff.progress_read import Entry, Goal
from assistant.surfaces.staff.targets import list_targets
from assistant.surfaces.staff.upload import MOST_ROWS

TABLE = "huangchuan-2021-1/annual-tasks.target"
QUANTITY = "henan-jiaoyuting-2021-105/annual-training-target"
SCHOOLS = [
    "名称", "院校类别", "承担现代学徒制试点", "承担1+X证书制度试点", "入选河南省高水平学校或专业建设工程",
    "学籍系统登记的在校生数（人）", "已完成（人次）",
]  # fmt: skip
COLLEGE = ["甲学院", "高等职业院校", "是", "否", "是", 3000]
TASKS = ["工作任务", "职业技能培训（人次）", "已完成（人次）"]


def xlsx(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def send(staff_client):
    def post(data: bytes, rule: str = TABLE, as_of: str = "2021-09-30", name: str = "进度.xlsx"):
        fields = {"rule": rule, "as_of": as_of}
        return staff_client.post("/staff/progress", data=fields, files={"file": (name, data)})

    return post


def result_rows(html: str, sheet: str = "进度") -> list[dict[str, Any]]:
    found = re.search(r'href="data:application/[\w.-]+;base64,([^"]+)"', html)
    assert found
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(found[1])))
    headers, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(headers, row, strict=True)) for row in rows]


def visible(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


# -- what can be measured ------------------------------------------------------------------------------


def test_targets_are_those_of_the_documents(real_assistant, staff_client):
    targets = {t.key: t for t in list_targets(real_assistant.calculator.book)}
    assert targets[TABLE].is_demanded
    assert targets[QUANTITY].is_demanded
    assert targets[QUANTITY].unit == "人次"
    # What is still missing of a target is none itself.
    assert "henan-jiaoyuting-2021-105/remaining-training" not in targets
    page = staff_client.get("/staff/progress")
    assert page.status_code == 200
    assert f'<option value="{TABLE}" selected>' in page.text


def test_the_table_to_fill_in_has_the_rows_of_the_annex(staff_client, real_assistant):
    reply = staff_client.get("/staff/progress/template.xlsx", params={"rule": TABLE})
    rows = list(openpyxl.load_workbook(io.BytesIO(reply.content))["填写"].iter_rows(values_only=True))
    assert rows[0] == ("工作任务", "牵头单位", "职业技能培训（人次）", "已完成（人次）")
    table = real_assistant.calculator.book.tables["huangchuan-2021-1/annual-tasks"]
    assert len(rows) == 1 + len(table.rows)
    assert rows[1][::2] == ("农村劳动力技能培训", 4800)
    assert rows[1][1].startswith("扶贫办")


def test_the_table_of_a_quantity_asks_for_its_facts(staff_client):
    reply = staff_client.get("/staff/progress/template.xlsx", params={"rule": QUANTITY})
    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    assert [cell.value for cell in book["填写"][1]] == SCHOOLS


# -- figures -------------------------------------------------------------------------------------------


def test_rows_of_an_annex(send):
    reply = send(xlsx(TASKS, ["创业培训", 850, 425], ["农民培训", 300, 300], ["企业新型学徒制培训", 75, 74]))
    assert reply.status_code == 200
    rows = result_rows(reply.text)
    assert [row["名称"] for row in rows] == ["创业培训", "企业新型学徒制培训", "农民培训"]
    assert [row["完成率（%）"] for row in rows] == [50, 98.6, 100]
    assert [row["还差（人次）"] for row in rows] == [425, 1, 0]
    assert [row["状态"] for row in rows] == ["落后于按天折算", "不落后", "已完成"]
    assert rows[0]["依据"] == "潢技领办〔2021〕1号 附件1 第2行"
    assert rows[0]["按天折算（人次）"] == 635.7
    text = visible(reply.text)
    for words in (
        "完成 65.2%", "1 / 3 行", "第 273 天，共 365 天", "只是算术", "文件写的合计是 8000人次",
        "文件的表里有、上传的表里没有：农村劳动力技能培训",
    ):  # fmt: skip
        assert words in text
    assert re.search(r'href="/documents/huangchuan-2021-1\?mark=\d+-\d+#c-a1\.r2"', reply.text)


def test_targets_of_institutions_are_computed(send):
    rows = [
        [*COLLEGE, 5200],
        ["乙中专", "中等职业学校", "否", "否", "否", 800, 1000],
        ["丙学院", "高等职业院校", "否", "否", None, 5000, 4000],
        ["丁技校", "技工学校", "否", "否", "否", 500, 100],
        ["戊中专", "中等职业学校", "否", "否", "否", 800, None],
    ]
    reply = send(xlsx(SCHOOLS, *rows), QUANTITY)
    found = {row["名称"]: row for row in result_rows(reply.text)}
    assert found["甲学院"]["任务（人次）"] == 6500
    assert found["甲学院"]["完成率（%）"] == 80
    assert "基数 6000" in found["甲学院"]["任务怎么算的"]
    assert found["乙中专"]["状态"] == "已完成"
    assert found["丙学院"]["任务（人次）"] is None
    assert found["丙学院"]["状态"] == "任务待定"
    assert "入选河南省高水平学校或专业建设工程" in found["丙学院"]["说明"]
    assert found["丁技校"]["状态"] == "不适用"
    assert found["戊中专"]["状态"] == "没有填"
    assert "有 3 行没有填、有误、不适用或任务待定" in visible(reply.text)


def test_a_missing_column_of_facts_leaves_the_target_open(send):
    reply = send(xlsx(["名称", "院校类别", "已完成"], ["甲", "高等职业院校", 10]), QUANTITY)
    assert "缺少列：承担现代学徒制试点" in visible(reply.text)
    assert result_rows(reply.text)[0]["状态"] == "任务待定"


def test_another_year_is_told_and_not_measured_by_days(send):
    later = send(xlsx(TASKS, ["创业培训", 850, 425]), as_of="2026-11-21").text
    assert "2026-11-21 已不在该年度" in visible(later)
    assert result_rows(later)[0]["按天折算（人次）"] is None
    assert result_rows(later)[0]["状态"] == "未完成"


def test_rules_that_are_not_in_force_give_no_target(send):
    row = result_rows(send(xlsx(SCHOOLS, [*COLLEGE, 1]), QUANTITY, "2019-01-01").text)[0]
    assert row["任务（人次）"] is None
    assert "没有施行" in row["说明"]


# -- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param(["创业培训", 850, -3], "不可能是 -3", id="negative"),
        pytest.param(["创业培训", 850, "八百"], "“八百”不是数字", id="text"),
        pytest.param(["创业培训", 850, "<80"], "要写一个确切的数", id="range"),
        pytest.param(["创业培训", 850, 1.5], "应为整数", id="half a person"),
        pytest.param(["创业培训", 850, "=1+1"], "是公式", id="formula"),
        pytest.param(["农民的培训", 1, 1], "文件的表里没有“农民的培训”；是不是：农民培训", id="unknown row"),
        pytest.param(["", 1, 1], "名称是空的", id="no name"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_by_cell(send, row, words):
    reply = send(xlsx(TASKS, ["农民培训", 300, 1], row))
    text = visible(reply.text)
    assert words in text
    assert re.search(r"Sheet 第 3 行 [AC] 列", text)
    assert [r["状态"] for r in result_rows(reply.text)] == ["落后于按天折算", "有误"]


def test_a_row_that_stands_twice_is_not_counted(send):
    reply = send(xlsx(TASKS, ["农民培训", 300, 1], ["农 民 培 训", 300, 2]))
    assert "“农民培训”重复，第 3 行也是" in visible(reply.text)
    assert [row["状态"] for row in result_rows(reply.text)] == ["有误", "有误"]


def test_the_figure_of_the_text_goes_before_an_edited_one(send):
    reply = send(xlsx(TASKS, ["农民培训", 10, 10]))
    row = result_rows(reply.text)[0]
    assert (row["任务（人次）"], row["状态"]) == (300, "落后于按天折算")
    assert "表里的任务写的是 10，文件是 300人次，按文件计算" in row["说明"]


@pytest.mark.parametrize(
    ("data", "rule", "words"),
    [
        pytest.param(xlsx(["工作任务", "已做"], ["农民培训", 1]), TABLE, "缺少列：已完成（人次）", id="done"),
        pytest.param(xlsx(["项目", "已完成"], ["农民培训", 1]), TABLE, "缺少列：工作任务", id="name"),
        pytest.param(xlsx(["甲"], [1]), TABLE, "没有一列是认识的事实", id="nothing fits"),
        pytest.param(b"", TABLE, "文件是空的", id="empty"),
        pytest.param(
            ("工作任务,已完成\n" + "农民培训,1\n" * (MOST_ROWS + 1)).encode(),
            TABLE,
            "超过 5000 行",
            id="rows",
        ),
        pytest.param(xlsx(TASKS), "no/such", "没有这项任务：no/such", id="no such target"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_on_the_page(send, data, rule, words):
    reply = send(data, rule)
    assert reply.status_code == 422
    assert words in visible(reply.text)


def test_hostile_names_are_inert_and_personal_numbers_masked(send):
    evil, mobile = "<img src=x onerror=alert(1)>", "13812345678"
    rows = [
        [evil, *COLLEGE[1:], 1],
        [f"=HYPERLINK({mobile})", *COLLEGE[1:], 1],
        [f"王 {mobile}", *COLLEGE[1:], 1],
    ]
    reply = send(xlsx(SCHOOLS, *rows), QUANTITY, name=f"{evil}.xlsx")
    assert "<img" not in reply.text
    shown = reply.text + str(result_rows(reply.text))
    assert mobile not in shown
    assert "王 138********" in shown
    assert not any(str(row["名称"]).startswith("=") for row in result_rows(reply.text))


def test_only_the_staff_may_see_it(page_client):
    assert page_client.get("/staff/progress", headers={"accept": "application/json"}).status_code == 401
    assert page_client.post("/staff/progress", headers={"accept": "application/json"}).status_code == 401


# -- arithmetic ----------------------------------------------------------------------------------------


def entry(name: str, goal: int | None, done: int | None) -> Entry:
    amount = None if goal is None else Fraction(goal)
    return Entry(2, name, Goal(amount), None if done is None else Fraction(done))


def test_a_share_never_rounds_up():
    assert show_share(Fraction(7999, 8000)) == "99.9%"
    assert show_share(Fraction(1, 3)) == "33.3%"
    assert show_share(None) == ""
    assert cut_share(Fraction(29, 100)) == Fraction(29, 100)
    assert show_amount(Fraction(2, 3)) == "0.6"
    assert show_amount(Fraction(12345)) == "12,345"


def test_the_worst_come_first_and_those_without_a_share_last():
    entries = [
        entry("a", 100, 90),
        entry("b", None, 5),
        entry("c", 100, 10),
        entry("d", 0, 0),
        entry("e", 10, None),
    ]
    measured = measure(entries, None)
    assert [m.entry.name for m in measured] == ["c", "a", "d", "b", "e"]
    assert [m.state for m in measured] == ["open", "open", "done", "unknown", "unfilled"]
    totals = sum_up(measured)
    assert (totals.goal, totals.done, totals.n_reached, totals.n_left_out) == (200, 100, 1, 2)
    assert totals.share == Fraction(1, 2)
    assert sum_up([]).share is None


@pytest.mark.parametrize(
    ("year", "day", "expected"),
    [
        pytest.param(2021, date(2021, 1, 1), Elapsed(2021, 1, 365), id="first day"),
        pytest.param(2021, date(2021, 12, 31), Elapsed(2021, 365, 365), id="last day"),
        pytest.param(2024, date(2024, 12, 31), Elapsed(2024, 366, 366), id="leap year"),
        pytest.param(2021, date(2022, 1, 1), None, id="after"),
        pytest.param(None, date(2022, 1, 1), None, id="no year"),
    ],
)
def test_how_far_a_year_has_gone(year, day, expected):
    assert measure_year(year, day) == expected


def test_just_on_the_day_is_not_behind():
    (at,) = measure([entry("a", 365, 100)], Elapsed(2021, 100, 365))
    (below,) = measure([entry("a", 365, 99)], Elapsed(2021, 100, 365))
    assert (at.expected, at.state, below.state) == (100, "on_track", "behind")
