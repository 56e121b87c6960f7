"""The batch page over HTTP: a roster in, a page with the result workbook out, whatever the file holds."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import tempfile
import threading
import time
import zipfile
from html import unescape
from typing import Any

import openpyxl
import pytest
from fastapi import Request

from assistant.surfaces.edge import PAGE_UPLOAD
from assistant.surfaces.staff.page_tree import build_tree
from assistant.surfaces.staff.upload import MOST_ROWS, Job, show_name, stream_job

HEADERS = ["班级", "班级人数（人）", "教师数", "工位数", "总课时", "实操课时", "每课时分钟数", "证书类型"]
GOOD = ["甲", 80, 4, 4, 60, 39, 40, "职业资格证书"]
BAD = ["乙", 85, 4, 5, 60, 36, 40, "职业资格证书"]
FIELDS = {"region": "潢川县", "as_of": "2021-06-01", "rule": "huangchuan-2021-1/class-qualifies"}
IDENTITY, MOBILE = "11010519491231002X", "13812345678"
EVENTS = {"accept": "text/event-stream"}


def xlsx(*rows: list[Any], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rezip(data: bytes, **parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, None) or old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def send(staff_client):
    def post(data: bytes, name: str = "名单.xlsx", headers: dict[str, str] | None = None, **fields: str):
        return staff_client.post(
            "/staff/batch", data=FIELDS | fields, files={"file": (name, data)}, headers=headers
        )

    return post


def result_book(html: str) -> openpyxl.Workbook:
    """The workbook that the page holds."""
    found = re.search(r'href="data:application/[\w.-]+;base64,([^"]+)"', html)
    assert found
    return openpyxl.load_workbook(io.BytesIO(base64.b64decode(found[1])))


def visible(html: str) -> str:
    """The text of a page on one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_the_form_offers_rules_places_and_a_template(staff_client):
    page = staff_client.get("/staff/batch")
    assert page.status_code == 200
    assert 'value="huangchuan-2021-1/class-qualifies" selected' in page.text
    assert "<optgroup" in page.text
    assert '<option value="潢川县">' in page.text


@pytest.mark.parametrize("rule", ["huangchuan-2021-1/class-qualifies", "huangchuan-2021-1/person-eligible"])
def test_the_template_of_a_rule_can_be_sent_back(staff_client, send, rule):
    template = staff_client.get("/staff/batch/template.xlsx", params=FIELDS | {"rule": rule})
    assert template.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(template.content))["填写"][1]]
    reply = send(template.content, rule=rule)
    assert reply.status_code == 200
    assert "表头下面没有数据" in reply.text


def test_a_table_becomes_a_page_with_its_workbook(send):
    reply = send(xlsx(HEADERS, GOOD, BAD, ["丙", "八十来个"]))
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    text = visible(reply.text)
    for words in ("共 3 行", "符合 1", "不符合 1", "有误 1", "85 > 80", "班级人数改为80人", "名单.xlsx"):
        assert words in text
    assert "Sheet 第 4 行 B 列 班级人数（人）：“八十来个”不是数字" in text
    assert re.search(r'href="/documents/huangchuan-2021-1\?mark=\d+-\d+#c-2\.4\.21\.1"', reply.text)
    assert 'role="img"' in reply.text
    assert 'download="名单-检查结果.xlsx"' in reply.text
    rows = list(result_book(reply.text)["结果"].iter_rows(values_only=True))
    assert [row[len(HEADERS)] for row in rows[1:]] == ["符合", "不符合", "有误"]


def test_errors_are_found_in_the_row_that_a_spreadsheet_shows(send):
    """A title above the header and a blank row between do not shift the numbers."""
    text = visible(send(xlsx(["开班一览"], HEADERS, GOOD, [], ["丙", "八十来个"])).text)
    assert "第 5 行 B 列" in text


def test_personal_numbers_are_masked_everywhere(send):
    headers = [*HEADERS, "身份证号", "电话", "备注"]
    row = [*GOOD, IDENTITY, int(MOBILE), f"{MOBILE} 王"]
    faulty = ["丙", MOBILE, *GOOD[2:], 110105194912310000, "", ""]
    reply = send(xlsx(headers, row, faulty))
    rows = list(result_book(reply.text)["结果"].iter_rows(values_only=True))
    shown = reply.text + str(rows)
    assert IDENTITY not in shown
    assert MOBILE not in shown
    assert "19491231" not in shown
    assert rows[1][len(HEADERS) :][:3] == ("110105************", "138********", "138******** 王")
    assert "处身份证号、手机号已遮盖" in visible(reply.text)
    assert rows[1][1] == 80


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+cmd", "-1+1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_cell_goes_out_as_a_formula(send, text):
    csv = ",".join([*HEADERS, "备注"]) + "\n" + ",".join([*map(str, GOOD), f'"{text}"'])
    cells = [cell for row in result_book(send(csv.encode()).text)["结果"].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert not any(str(cell.value).startswith(("=", "+", "@", "\t", "\r")) for cell in cells)


def test_hostile_text_and_names_are_inert(send):
    evil = "<img src=x onerror=alert(1)>"
    reply = send(xlsx([evil, *HEADERS[1:]], [evil, *GOOD[1:]], [evil, evil]), name=f"../../{evil}.xlsx")
    assert "<img" not in reply.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in reply.text
    assert "../" not in visible(reply.text)
    assert show_name("C:\\名单\\a\u202e.xlsx") == "a.xlsx"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "文件是空的", id="empty"),
        pytest.param(b"\xd0\xcf\x11\xe0old", "旧版 .xls", id="old format"),
        pytest.param(rezip(xlsx(HEADERS), **{"xl/vbaProject.bin": b"x"}), "含有宏", id="macros"),
        pytest.param(rezip(xlsx(HEADERS), **{"xl/x.bin": b"\0" * 2**26}), "解开后太大", id="zip bomb"),
        pytest.param(
            rezip(
                xlsx(HEADERS),
                **{"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///">]><sst/>'},
            ),
            "不安全的 XML",
            id="external entity",
        ),
        pytest.param(xlsx(["甲", "乙"], [1, 2]), "没有一列是认识的事实", id="wrong columns"),
        pytest.param(xlsx(HEADERS)[:-100], "已损坏", id="cut off"),
        pytest.param(
            ("班级人数\n" + "1\n" * (MOST_ROWS + 1)).encode(), "tiaowen check-batch", id="too many rows"
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_on_the_page(send, data, words):
    reply = send(data)
    assert reply.status_code == 422
    assert words in visible(reply.text)
    assert 'role="alert"' in reply.text
    assert 'value="潢川县"' in reply.text


def test_as_many_rows_as_promised_are_taken(send):
    assert "共 5000 行" in send(("班级人数\n" + "81\n" * MOST_ROWS).encode()).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(xlsx(HEADERS, ["甲", "=1+1", *GOOD[2:]]), "是公式", id="formula"),
        pytest.param(xlsx(HEADERS, GOOD, ["甲", None, 4], merge="B2:B3"), "是合并单元格", id="merged"),
    ],
)
def test_a_cell_without_a_value_of_its_own_is_an_error_of_its_row(send, data, words):
    assert words in visible(send(data).text)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"region": "火星"}, "不认识的地区", id="region"),
        pytest.param({"as_of": "2021-02-30"}, "日期有误", id="day"),
        pytest.param({"rule": "no/such"}, "no/such", id="rule"),
    ],
)
def test_a_field_that_cannot_be_read_is_told(send, fields, words):
    reply = send(xlsx(HEADERS, GOOD), **fields)
    assert reply.status_code == 422
    assert words in visible(reply.text)


def test_no_file_and_no_form(staff_client):
    nothing = staff_client.post("/staff/batch", data=FIELDS, files={"file": ("", b"")})
    assert nothing.status_code == 422
    assert "还没有选文件" in nothing.text
    no_form = staff_client.post("/staff/batch", data=FIELDS)
    assert no_form.status_code == 422
    assert "上传的内容读不出来" in no_form.text
    broken = staff_client.post(
        "/staff/batch", content=b"--x", headers={"content-type": "multipart/form-data; boundary=y"}
    )
    assert broken.status_code == 422


def test_a_file_over_the_limit_is_refused_unread(send):
    reply = send(b"1" * (PAGE_UPLOAD + 1))
    assert reply.status_code == 413
    assert "（5 MB）" in visible(reply.text)
    assert "tiaowen check-batch" in visible(reply.text)


def test_only_the_staff_may_send_and_only_from_our_pages(page_client, send):
    assert page_client.get("/staff/batch", headers={"accept": "application/json"}).status_code == 401
    assert page_client.post("/staff/batch", headers={"accept": "application/json"}).status_code == 401
    assert send(xlsx(HEADERS, GOOD), headers={"origin": "https://evil.example"}).status_code == 403


def test_a_roster_touches_no_disk(send, monkeypatch):
    def refuse(*_args: object) -> None:
        raise AssertionError("written to a disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    lines = "班级人数,备注\n" + f"81,{'长' * 500}\n" * 2000
    assert len(lines.encode()) > 2**21
    assert "共 2000 行" in send(lines.encode()).text


# -- events --------------------------------------------------------------------------------------------


def test_a_script_is_told_of_progress_and_gets_the_result_as_a_tree(send, read_events):
    lines = "班级人数,教师数\n" + "85,4\n" * 1200
    reply = send(lines.encode(), headers=EVENTS)
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = read_events(reply.text)
    progress = [data for name, data in events if name == "progress"]
    assert list(dict.fromkeys(step["stage"] for step in progress)) == [
        "读取表格", "核对数据", "计算", "说明结果", "写出表格",
    ]  # fmt: skip
    assert all(0 <= step["done"] <= step["all"] for step in progress)
    name, data = events[-1]
    assert name == "result"
    assert "检查完成：共 1200 行" in str(data["tree"])
    assert "data:application/" in str(data["tree"])


def test_what_is_wrong_with_a_file_is_an_event(send, read_events):
    ((name, problem),) = read_events(send(xlsx(["甲"], [1]), headers=EVENTS).text)
    assert (name, problem["status"]) == ("error", 422)
    assert problem["hint"]


def test_a_tree_has_what_a_parser_reads():
    html = '<p class="a">x &lt;b&gt;<br>y</p>\n<svg><rect x="1"></rect></svg>'
    assert build_tree(html) == [
        ["p", {"class": "a"}, ["x <b>", ["br", {}, []], "y"]],
        ["svg", {}, [["rect", {"x": "1"}, []]]],
    ]
    for broken in ("<p><b></p>", "<p>"):
        with pytest.raises(ValueError, match="clos"):
            build_tree(broken)


def test_the_work_stops_where_nobody_waits_for_it():
    """A reader that leaves after the first event ends the check within a step."""
    ended = threading.Event()

    def run(report) -> None:
        try:
            while True:
                report("读取表格", 1, 2)
                time.sleep(0.001)
        except Exception as exc:
            raise AssertionError("taken for an error of the file") from exc
        finally:
            ended.set()

    async def leave() -> bytes:
        scope = {"type": "http", "method": "POST", "path": "/staff/batch", "headers": [], "query_string": b""}
        events = stream_job(Request(scope), Job("", "", {}, run))
        first = await anext(events)
        await events.aclose()
        return first

    assert asyncio.run(leave()).startswith(b"event: progress\n")
    assert ended.wait(5)
