"""Batch checking over the shipped rules: columns, cells, rows that are wrong, files that are made to harm."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from assistant.errors import RequestInvalid
from assistant.surfaces import workbook
from assistant.surfaces.workbook_columns import RESULT_HEADERS
from assistant.surfaces.workbook_mask import mask_cell
from assistant.surfaces.workbook_read import MOST_MERGES, Flawed, Limit, read_grid
from assistant.surfaces.workbook_write import clean_cell

CLASS = "huangchuan-2021-1/class-qualifies"
WANTED = workbook.BatchRequest(CLASS, "class", "潢川县", date(2021, 6, 1))
HEADERS = ["班级", "班级人数（人）", "教师数", "工位数", "总课时", "实操课时", "每课时分钟数", "证书类型"]
GOOD = ["甲", 80, 4, 4, 60, 39, 40, "职业资格证书"]
BAD = ["乙", 85, 4, 5, 60, 36, 40, "职业资格证书"]


def xlsx(rows, *, merge=(), setup=None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cells in merge:
        sheet.merge_cells(cells)
    if setup:
        setup(book, sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def csv(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)


@pytest.fixture
def check(real_assistant):
    """Checks a table and gives its rows as dicts, its counts and notices."""

    def run(data: bytes, wanted=WANTED, progress=None):
        checked = workbook.check_workbook(real_assistant, data, wanted, progress)
        book = openpyxl.load_workbook(io.BytesIO(checked.data))
        headers, *rows = book["结果"].iter_rows(values_only=True)
        return [dict(zip(headers, row, strict=True)) for row in rows], checked, book

    return run


def changed(column: str, value) -> list:
    return [value if header.startswith(column) else cell for header, cell in zip(HEADERS, GOOD, strict=True)]


def test_rows_are_decided_with_reason_remedy_and_clause(check):
    rows, checked, book = check(xlsx([HEADERS, GOOD, BAD, ["丙", 81]]))
    assert [row["结论"] for row in rows] == ["符合", "不符合", "不符合"]
    assert [row["班级"] for row in rows] == ["甲", "乙", "丙"]
    assert checked.counts == {"pass": 1, "fail": 2}
    failing = rows[1]
    for words in ("85 > 80", "85 ÷ 4 = 21.25 > 20", "36 ÷ 60 = 60% < 65%"):
        assert words in failing["不合要求的项"]
    assert "班级人数改为80人" in failing["改法"]
    assert failing["依据"] == "潢技领办〔2021〕1号 二、（四）21.（1）"
    assert "二、（四）21.（1）" in rows[0]["依据"]
    assert rows[2]["班级人数（人）"] == 81
    quotes = [row[2] for row in book["依据"].iter_rows(min_row=2, values_only=True)]
    assert "每班人数不得超过80人" in quotes
    totals = dict(row[:2] for row in book["汇总"].iter_rows(min_row=2, values_only=True))
    assert (totals["全部"], totals["不符合"], totals["不符合：每班人数"]) == (3, 2, 2)
    assert [book[name].freeze_panes for name in ("结果", "依据", "汇总")] == ["A2"] * 3


def test_outcomes_are_those_of_a_single_decision(check, real_assistant):
    sizes = [None, 1, 79, 80, 81, "<80", "40..90"]
    rows, _, _ = check(xlsx([["class_size", "teachers"], *([size, 4] for size in sizes)]))
    calculator, lineage = real_assistant.calculator, real_assistant.lineage("潢川县")
    for row, size in zip(rows, sizes, strict=True):
        stated, _ = calculator.book.read_facts({"class_size": size or "", "teachers": 4})
        found = calculator.find(CLASS, stated, WANTED.as_of, lineage)
        assert row["结论"] == workbook.OUTCOME_WORDS[found.outcome]
        asked = [calculator.book.facts[ask.fact].label for ask in found.asks]
        assert (row["待补充"] or "").split("、") == (asked or [""])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        pytest.param("班级人数", "八十来个", "班级人数（人）：“八十来个”不是数字", id="text for a number"),
        pytest.param("班级人数", "=1+1", "班级人数（人）：“=1+1”是公式", id="formula"),
        pytest.param("班级人数", -3, "不可能是 -3", id="negative people"),
        pytest.param("班级人数", 80.5, "应为整数", id="half a person"),
        pytest.param("班级人数", "85平方米", "单位不对", id="wrong unit"),
        pytest.param("班级人数", True, "班级人数（人）：", id="truth for a number"),
        pytest.param("班级人数", datetime(2021, 5, 1), "班级人数（人）：", id="day for a number"),
        pytest.param("实操课时", 70, "实操课时不能多于总课时", id="cells contradict each other"),
        pytest.param("证书类型", "毕业证", "没有选项“毕业证”", id="no such choice"),
    ],
)
def test_a_bad_cell_is_told_and_only_its_row_is_left_out(check, column, value, words):
    rows, checked, _ = check(xlsx([HEADERS, changed(column, value), GOOD]))
    assert [row["结论"] for row in rows] == ["有误", "符合"]
    assert words in rows[0]["错误"]
    assert rows[0]["不合要求的项"] is None
    assert checked.counts == {"pass": 1, "invalid": 1}


def test_dates_that_do_not_exist(check):
    rows, _, _ = check(
        xlsx(
            [
                ["提出考核时间的日期", "考核日期", "班级人数"],
                ["2021-02-30", "2021-05-10", 10],
                [datetime(2021, 5, 1), date(2021, 5, 10), 10],
                ["2021-06-10", "2021-05-10", 10],
            ]
        )
    )
    assert "没有 2021-02-30 这一天" in rows[0]["错误"]
    assert rows[1]["错误"] is None
    assert "提出考核时间的日期不能晚于考核日期" in rows[2]["错误"]


def test_merged_cells_are_flawed_in_every_row(check):
    data = xlsx([HEADERS, GOOD, [*GOOD[:1], None, *GOOD[2:]], GOOD], merge=["B2:B3"])
    rows, _, _ = check(data)
    assert [row["结论"] for row in rows] == ["有误", "有误", "符合"]
    assert "班级人数（人）：“80”是合并单元格" in rows[0]["错误"]
    # A merged cell in a column that is not read is nobody's business.
    assert [row["结论"] for row in check(xlsx([HEADERS, GOOD, GOOD], merge=["A2:A3"]))[0]] == ["符合"] * 2


def test_a_merged_title_above_the_header_is_passed_over(check):
    rows, checked, _ = check(xlsx([["2021年开班一览"], HEADERS, GOOD], merge=["A1:H1"]))
    assert [row["结论"] for row in rows] == ["符合"]
    assert "表头上面的 1 行已略过" in checked.notices


def test_missing_and_unknown_columns_are_told_once(check):
    rows, checked, _ = check(xlsx([["班级人数", "食堂"], [20, "有"]]))
    assert rows[0]["食堂"] == "有"
    assert rows[0]["结论"] == "待定"
    (missing,) = [n for n in checked.notices if n.startswith("缺少列：")]
    assert "教师数（人）" in missing
    assert missing.endswith("按未知处理")
    assert "不认识的列，原样保留：食堂" in checked.notices


def test_a_computed_column_spares_what_it_is_computed_from(check):
    _, checked, _ = check(xlsx([["班级人数", "每名教师对应的学员数"], [20, 10]]))
    (missing,) = [n for n in checked.notices if n.startswith("缺少列：")]
    assert "教师数" not in missing


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(xlsx([["甲", "乙"], [1, 2]]), "没有一列是认识的事实", id="no column fits"),
        pytest.param(xlsx([]), "没有一列是认识的事实", id="empty sheet"),
        pytest.param(b"", "没有一列是认识的事实", id="empty file"),
        pytest.param(
            xlsx([["班级人数", "class_size"], [1, 2]]), "列重复：班级人数", id="one fact in two columns"
        ),
        pytest.param(b"PK\x03\x04 nothing", "已损坏", id="broken zip"),
        pytest.param(b"\xd0\xcf\x11\xe0old", "旧版 .xls", id="old format"),
        pytest.param(b"\x00\x01\x02\xff", "不是 xlsx", id="binary"),
        pytest.param(xlsx([["班级人数"]])[:-200], "已损坏", id="cut off"),
        pytest.param(csv('班级人数\n"' + "9" * 200_000), "csv 文件读不下去", id="endless quote"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(real_assistant, data, words):
    with pytest.raises(RequestInvalid, match=words) as refused:
        workbook.check_workbook(real_assistant, data, WANTED)
    assert refused.value.hint


def test_expected_headers_are_named_where_none_fits(real_assistant):
    with pytest.raises(RequestInvalid) as refused:
        workbook.check_workbook(real_assistant, csv("甲,乙\n1,2"), WANTED)
    assert "班级人数（人）" in refused.value.hint


def rezip(data: bytes, **parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, None) or old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return stream.getvalue()


def test_files_made_to_harm_are_refused():
    plain = xlsx([["班级人数"], [1]])
    bomb = rezip(plain, **{"xl/media/x.bin": b"\0" * (64 * 2**20)})
    with pytest.raises(RequestInvalid, match="解开后太大"):
        read_grid(bomb, lambda *_: None)
    macro = rezip(plain, **{"xl/vbaProject.bin": b"x"})
    with pytest.raises(RequestInvalid, match="含有宏"):
        read_grid(macro, lambda *_: None)
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><sst/>'
    with pytest.raises(RequestInvalid, match="不安全"):
        read_grid(rezip(plain, **{"xl/sharedStrings.xml": entity}), lambda *_: None)
    no_book = io.BytesIO()
    with zipfile.ZipFile(no_book, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(RequestInvalid, match="不是 xlsx 表格"):
        read_grid(no_book.getvalue(), lambda *_: None)


def test_limits_of_rows_columns_and_merges(monkeypatch):
    monkeypatch.setattr("assistant.surfaces.workbook_read.MOST_ROWS", 3)
    with pytest.raises(RequestInvalid, match="超过 3 行"):
        read_grid(csv("a\n" * 10), lambda *_: None)
    with pytest.raises(RequestInvalid, match="600 列"):
        read_grid(csv(",".join("a" * 600)), lambda *_: None)
    monkeypatch.setattr("assistant.surfaces.workbook_read.MOST_MERGES", 1)
    with pytest.raises(RequestInvalid, match="合并单元格太多"):
        read_grid(xlsx([[1] * 9] * 3, merge=["A1:A2", "B1:B2", "C1:C2"]), lambda *_: None)
    assert MOST_MERGES > 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(csv("班级人数,教师数\n85,4\n"), id="utf-8"),
        pytest.param(csv("班级人数,教师数\n85,4\n", "utf-8-sig"), id="byte order mark"),
        pytest.param(csv("班级人数,教师数\n85,4\n", "gb18030"), id="gb18030"),
        pytest.param(csv("班级人数\t教师数\r\n85\t4\r\n", "utf-16"), id="what Excel calls Unicode text"),
        pytest.param(csv("班级人数;教师数\n 85 ;4\n\n;;\n"), id="semicolons and blank rows"),
        pytest.param(
            csv(" 班级人数 （人）,教 师 数*\n８５人,4名\n"), id="blanks, stars, full width, own units"
        ),
    ],
)
def test_csv_in_every_usual_form(check, data):
    rows, checked, _ = check(data)
    assert checked.counts == {"fail": 1}
    assert "85 ÷ 4 = 21.25 > 20" in rows[0]["不合要求的项"]


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        pytest.param("实操课时占比", 0.65, "65% ≥ 65%", id="share"),
        pytest.param("实操课时占比（%）", 64, "64% < 65%", id="per cent in the header"),
        pytest.param("实操课时占比（%）", "64.5", "64.5% < 65%", id="per cent as text"),
        pytest.param("实操课时占比（%）", "65%", "65% ≥ 65%", id="twice per cent"),
        pytest.param("实操课时占比（%）", 0.65, "请写成带 % 的数", id="may be either"),
        pytest.param("实操课时占比", 65, "不可能是", id="65 as a share"),
        pytest.param("班级人数（万人）", "0.0085", "85 > 80", id="another unit"),
        pytest.param("班级人数（万人）", "0.0081..0.0085", "> 80", id="range in another unit"),
    ],
)
def test_units_in_headers(check, real_assistant, header, value, expected):
    rows, _, _ = check(xlsx([[header, "教师数"], [value, 4]]))
    told = f"{rows[0]['不合要求的项']} {rows[0]['错误']}"
    if "≥" in expected:
        assert rows[0]["结论"] == "待定"
        assert told == "None None"
    else:
        assert expected in told


def test_a_cell_that_excel_shows_as_per_cent_is_read_as_shown(check):
    def show_percent(_book, sheet):
        sheet["A2"].number_format = "0.0%"

    rows, _, _ = check(xlsx([["实操课时占比（%）"], [0.645]], setup=show_percent))
    assert "64.5% < 65%" in rows[0]["不合要求的项"]


def test_a_unit_that_cannot_be_read_makes_the_column_unknown(check):
    rows, checked, _ = check(xlsx([["班级人数（桌）", "教师数"], [85, 4]]))
    assert rows[0]["结论"] == "待定"
    assert "列“班级人数（桌）”的单位不认识，应为人，按未知处理" in checked.notices


def test_columns_of_an_earlier_check_are_replaced(check):
    first, checked, _ = check(xlsx([HEADERS, BAD]))
    again, rechecked, _ = check(checked.data)
    assert again == first
    assert list(again[0])[-len(RESULT_HEADERS) :] == list(RESULT_HEADERS)
    assert rechecked.counts == checked.counts


def test_a_column_of_the_user_that_is_called_like_a_result_is_kept(real_assistant):
    data = workbook.check_workbook(real_assistant, xlsx([["班级人数", "依据"], [85, "自填"]]), WANTED).data
    rows = list(openpyxl.load_workbook(io.BytesIO(data))["结果"].iter_rows(values_only=True))
    assert (rows[0][:2], rows[1][:2]) == (("班级人数", "依据"), (85, "自填"))


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_nothing_is_written_as_a_formula(text):
    assert clean_cell(text) == f"'{text}"


def test_formulas_of_the_user_come_back_as_text(check):
    rows, _, book = check(xlsx([[*HEADERS, "备注"], [*GOOD, '=HYPERLINK("http://x")']]))
    assert rows[0]["备注"] == '\'=HYPERLINK("http://x")'
    assert not any(cell.data_type == "f" for row in book["结果"].iter_rows() for cell in row)
    assert clean_cell("坏\x0b字符") == "坏字符"
    assert clean_cell(-1) == -1


def test_a_place_without_rules_gives_no_basis(check):
    wanted = workbook.BatchRequest(CLASS, "class", "郑州市", date(2021, 6, 1))
    rows, checked, _ = check(xlsx([HEADERS, GOOD, changed("班级人数", "x")]), wanted)
    assert checked.counts == {"no_basis": 1, "invalid": 1}
    assert "不适用于所选地区" in rows[0]["不合要求的项"]
    early = workbook.BatchRequest(CLASS, "class", None, date(2020, 1, 1))
    assert check(xlsx([HEADERS, GOOD]), early)[1].counts == {"no_basis": 1}


def test_rule_is_chosen_by_subject_or_refused(check, real_assistant):
    by_subject = workbook.BatchRequest("", "class", "潢川县", date(2021, 6, 1))
    _, _, book = check(xlsx([HEADERS, GOOD]), by_subject)
    assert CLASS in [row[1] for row in book["汇总"].iter_rows(values_only=True)]
    for wanted in (
        workbook.BatchRequest("", "moon", None, WANTED.as_of),
        workbook.BatchRequest("huangchuan-2021-1/max_class_size", "class", None, WANTED.as_of),
    ):
        with pytest.raises(RequestInvalid):
            workbook.check_workbook(real_assistant, xlsx([HEADERS, GOOD]), wanted)


def test_template_has_the_headers_and_choices_and_can_be_checked(check, real_assistant):
    data = workbook.template_workbook(real_assistant, WANTED)
    book = openpyxl.load_workbook(io.BytesIO(data))
    headers = [cell.value for cell in book["填写"][1]]
    assert {"班级人数（人）", "教师数（人）", "证书类型"} <= set(headers)
    assert any("有几个实训工位" in str(row[1]) for row in book["说明"].iter_rows(values_only=True))
    assert book["选项"].sheet_state == "hidden"
    ranges = {str(rule.sqref): rule.formula1 for rule in book["填写"].data_validations.dataValidation}
    letter = openpyxl.utils.get_column_letter(headers.index("证书类型") + 1)
    assert ranges[f"{letter}2:{letter}2000"].startswith(f"选项!${letter}$1")
    book["填写"].cell(2, headers.index("班级人数（人）") + 1, 85)
    stream = io.BytesIO()
    book.save(stream)
    rows, checked, _ = check(stream.getvalue())
    assert [row["结论"] for row in rows] == ["不符合"]
    assert checked.notices == ()


def test_thousands_of_rows_with_progress(check):
    stages = {}
    lines = [f"{40 + i % 60},{2 + i % 5}" for i in range(12_000)]
    data = csv("班级人数,教师数\n" + "\n".join(lines))
    _, checked, _ = check(data, progress=lambda stage, done, n_all: stages.setdefault(stage, (done, n_all)))
    assert sum(checked.counts.values()) == 12_000
    assert set(stages) == {"读取表格", "核对数据", "计算", "说明结果", "写出表格"}


def test_the_summary_has_native_charts_of_its_own_cells(check):
    _, _, book = check(xlsx([HEADERS, GOOD, BAD, changed("班级人数", "x")]))
    charts = book["汇总"]._charts
    assert [chart.series[0].val.numRef.f for chart in charts] == ["'汇总'!$B$3:$B$5", "'汇总'!$B$6:$B$8"]
    assert [row[0].value for row in book["汇总"]["A3:A5"]] == ["符合", "不符合", "有误"]
    assert book["汇总"]["A6"].value.startswith("不符合：")


def test_a_table_without_rows_has_no_charts(check):
    assert check(xlsx([HEADERS]))[2]["汇总"]._charts == []


def test_personal_numbers_of_a_roster_do_not_go_out(check):
    headers = [*HEADERS, "身份证号", "电话"]
    rows, checked, _ = check(xlsx([headers, [*GOOD, "11010519491231002X", 13812345678]]))
    assert (rows[0]["身份证号"], rows[0]["电话"]) == ("110105************", "138********")
    assert "2 处身份证号、手机号已遮盖" in checked.notices


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(13812345678, "138********", id="mobile as a number"),
        pytest.param(13812345678.0, "138********", id="mobile as a float"),
        pytest.param(110105194912310000, "110105************", id="identity spoilt by a spreadsheet"),
        pytest.param("11010519491231002X", "110105************", id="identity"),
        pytest.param(Flawed("=13812345678", "是公式"), Flawed("=138********", "是公式"), id="formula"),
        pytest.param(12345678901, 12345678901, id="any number"),
        pytest.param(0.13812345678, 0.13812345678, id="decimal"),
        pytest.param(True, True, id="truth"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_cells_are_masked_by_what_they_hold(value, expected):
    assert mask_cell(value) == expected


def test_rows_keep_the_numbers_that_a_spreadsheet_shows():
    grid = read_grid(csv("开班一览\n\n班级人数\n\n80\n81\n"), lambda *_: None)
    assert grid.numbers == [1, 3, 5, 6]


def test_a_limit_says_what_to_do_with_a_larger_table():
    limit = Limit(rows=2, unpacked=2**20, hint="用命令行")
    assert len(read_grid(csv("a\nb\nc"), lambda *_: None, limit).rows) == 3
    with pytest.raises(RequestInvalid, match="超过 2 行") as refused:
        read_grid(csv("a\nb\nc\nd"), lambda *_: None, limit)
    assert refused.value.hint == "用命令行"
    large = rezip(xlsx([["班级人数"], [1]]), **{"xl/media/x.bin": bytes(range(256)) * 2**13})
    with pytest.raises(RequestInvalid, match="解开后太大"):
        read_grid(large, lambda *_: None, limit)
