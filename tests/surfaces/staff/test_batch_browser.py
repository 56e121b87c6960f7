"""The pages that take a table in Chromium: with and without JavaScript, cancelled, cut off, with hostile text."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest

from assistant.surfaces.staff import sign_in
from tests.surfaces.conftest import SECRET

pytestmark = pytest.mark.browser

HEADERS = ["班级", "班级人数（人）", "教师数", "工位数", "电话"]
EVIL = "<img src=x onerror=alert(1)>"
TABLE = "huangchuan-2021-1/annual-tasks.target"


def xlsx(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


ROSTER = xlsx(HEADERS, [EVIL, 85, 4, 5, "13812345678"], ["乙", 40, 2, 2, ""], ["丙", "八十", 2, 2, ""])
PROGRESS = xlsx(["工作任务", "已完成"], ["创业培训", 425], ["农民培训", 300], ["飞行培训", 1])


@pytest.fixture(scope="module")
def address(serve, real_app):
    with serve(real_app) as started:
        yield started


@pytest.fixture
def open_page(browser, address):
    """Opens a page of the desk, signed in; a message on the console fails the test."""
    said: list[str] = []
    contexts = []

    def run(path: str, **options: Any):
        context = browser.new_context(locale="zh-CN", **options)
        contexts.append(context)
        cookie = {"name": sign_in.COOKIE, "value": sign_in.sign_cookie(SECRET, "test")}
        context.add_cookies([{**cookie, "url": f"{address}/staff"}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(address + path)
        return page

    yield run
    for context in contexts:
        context.close()
    assert said == []


def choose(page, data: bytes, name: str = "名单.xlsx") -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": data})


def save(page, button: str) -> openpyxl.Workbook:
    """The workbook behind a link of the page."""
    with page.expect_download() as waiting:
        page.click(button)
    download = waiting.value
    assert download.suggested_filename.endswith(".xlsx")
    return openpyxl.load_workbook(io.BytesIO(download.path().read_bytes()))


def watch_progress(page) -> None:
    """Note what the progress display shows, as it changes."""
    page.evaluate(
        """() => {
          window.seen = { stages: [], values: [] };
          const bar = document.querySelector("[data-bar]"), stage = document.querySelector("[data-stage]");
          new MutationObserver(() => {
            window.seen.stages.push(stage.textContent);
            window.seen.values.push(bar.getAttribute("value"));
          }).observe(document.querySelector("[data-working]"), { subtree: true, childList: true, attributes: true });
        }"""
    )


def test_a_table_is_checked_with_progress_and_taken_away(open_page, axe):
    page = open_page("/staff/batch")
    assert axe(page) == []
    watch_progress(page)
    page.fill("#region", "潢川县")
    page.fill("#as_of", "2021-06-01")
    choose(page, xlsx(HEADERS, *([f"班{n}", 30 + n % 60, 2 + n % 3, 3, ""] for n in range(2000))))
    page.click("text=开始检查")
    page.wait_for_selector("#result-title")
    assert page.inner_text("#result-title") == "检查完成：共 2000 行"
    assert page.evaluate("document.activeElement.id") == "result-title"
    seen = page.evaluate("window.seen")
    for stage in ("读取表格", "核对数据", "说明结果", "写出表格"):
        assert stage in seen["stages"]
    assert any(value and 0 < float(value) < 2000 for value in seen["values"])
    assert page.is_hidden("[data-working]")
    assert page.inner_text("[data-status]") == "完成，结果在上面。"
    book = save(page, "text=下载结果表")
    assert book["结果"].max_row == 2001
    assert len(book["汇总"]._charts) == 2
    assert axe(page) == []


def test_hostile_text_is_inert_when_a_script_builds_the_result(open_page):
    page = open_page("/staff/batch")
    choose(page, ROSTER, f"{EVIL}.xlsx")
    page.click("text=开始检查")
    page.wait_for_selector("#result-title")
    assert EVIL in page.inner_text("#result")
    assert page.locator("#result img").count() == 0
    assert "13812345678" not in page.content()
    cells = [cell.value for row in save(page, "text=下载结果表")["结果"].iter_rows() for cell in row]
    assert "138********" in cells


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_rows_are_filtered_by_outcome_without_asking_the_server(open_page, has_script):
    page = open_page("/staff/batch", java_script_enabled=has_script)
    choose(page, ROSTER)
    page.click("text=开始检查")
    page.wait_for_selector("#result-title")
    rows = page.locator(".preview tbody tr:visible")
    assert rows.count() == 3
    page.check("#show-fail", force=True)
    assert rows.count() == 1
    assert "85 > 80" in rows.first.inner_text()


def test_a_citation_leads_to_the_marked_clause(open_page):
    page = open_page("/staff/batch")
    choose(page, ROSTER)
    page.click("text=开始检查")
    page.click(".preview .basis a >> nth=0")
    page.wait_for_url("**/documents/huangchuan-2021-1?mark=*")
    assert re.search(r"#c-2\.4\.21", page.url)


def test_without_script_the_result_is_a_page(open_page, axe):
    page = open_page("/staff/batch", java_script_enabled=False)
    choose(page, ROSTER)
    page.click("text=开始检查")
    page.wait_for_selector("#result-title")
    assert page.inner_text("#result-title") == "检查完成：共 3 行"
    book = save(page, "text=下载结果表")
    assert [row[5].value for row in book["结果"].iter_rows(min_row=2)] == ["不符合", "待定", "有误"]
    page.context.close()
    scripted = open_page("/staff/batch", viewport={"width": 390, "height": 800}, color_scheme="dark")
    choose(scripted, ROSTER)
    scripted.click("text=开始检查")
    scripted.wait_for_selector("#result-title")
    assert scripted.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(scripted) == []


def test_the_template_is_saved_with_and_without_script(open_page):
    for has_script in (True, False):
        page = open_page("/staff/batch", java_script_enabled=has_script)
        assert "班级人数（人）" in [cell.value for cell in save(page, "text=下载空白模板")["填写"][1]]


def test_what_is_wrong_with_a_file_is_told(open_page):
    page = open_page("/staff/batch")
    choose(page, xlsx(["甲"], [1]))
    page.click("text=开始检查")
    page.wait_for_selector("[data-problem]:visible")
    assert "没有一列是认识的事实" in page.inner_text("[data-problem]")
    assert page.is_enabled("[data-start]")
    choose(page, b"1" * (5 * 2**20 + 1))
    page.click("text=开始检查")
    page.wait_for_selector("[data-problem]:has-text('tiaowen check-batch')")


def test_a_check_can_be_cancelled_and_begun_again(open_page):
    page = open_page("/staff/batch")
    held: list[Any] = []

    def hold(route) -> None:
        held.append(route)

    page.route("**/staff/batch", hold, times=1)
    choose(page, ROSTER)
    page.click("text=开始检查")
    page.click("text=取消")
    page.wait_for_selector("[data-working]", state="hidden")
    held[0].abort()
    assert page.inner_text("[data-status]") == "已取消，没有保存任何内容。"
    page.click("text=开始检查")
    page.wait_for_selector("#result-title")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            'event: progress\ndata: {"stage": "读取表格", "done": 1, "all": 2}\n\n', id="between events"
        ),
        pytest.param("event: progr", id="inside an event"),
        pytest.param("", id="at once"),
    ],
)
def test_a_lost_connection_is_told(open_page, body):
    page = open_page("/staff/batch")
    headers = {"content-type": "text/event-stream"}
    page.route("**/staff/batch", lambda route: route.fulfill(body=body, headers=headers))
    choose(page, ROSTER)
    page.click("text=开始检查")
    page.wait_for_selector("[data-problem]:visible")
    assert page.inner_text("[data-problem]") == "连接中断，没有得到结果。检查网络后重新上传。"
    assert page.is_hidden("[data-working]")


def test_a_large_result_is_saved_whole(open_page):
    """Browsers shorten addresses beyond a few megabytes where they are no download."""
    page = open_page("/staff/batch")
    page.fill("#region", "潢川县")
    row = ["长备注" + "字" * 300, 85, 4, 5, ""]
    choose(page, xlsx(HEADERS, *([f"{n}{row[0]}{n * 7919}", *row[1:]] for n in range(2000))))
    page.click("text=开始检查")
    page.wait_for_selector("#result-title")
    page.evaluate(
        """() => { const link = document.querySelector("a[download]");
          link.href = link.href.replace(";base64,", ";x=" + "a".repeat(6000000) + ";base64,"); }"""
    )
    assert save(page, "text=下载结果表")["结果"].max_row == 2001


def test_progress_is_measured_with_and_without_script(open_page, axe):
    for has_script in (True, False):
        page = open_page("/staff/progress", java_script_enabled=has_script)
        page.select_option("#rule", TABLE)
        page.fill("#as_of", "2021-09-30")
        choose(page, PROGRESS, "进度.xlsx")
        page.click("text=计算进度")
        page.wait_for_selector("#result-title")
        assert page.inner_text("#result-title").endswith("完成 63.0%")
        assert "文件的表里没有“飞行培训”" in page.inner_text(".errors")
        book = save(page, "text=下载进度表")
        assert [row[0].value for row in book["进度"].iter_rows(min_row=2)] == [
            "创业培训",
            "农民培训",
            "飞行培训",
        ]
        assert len(book["汇总"]._charts) == 1
        if has_script:
            assert axe(page) == []


def test_progress_on_a_phone(open_page, axe):
    page = open_page("/staff/progress", viewport={"width": 390, "height": 800}, color_scheme="dark")
    assert axe(page) == []
    page.select_option("#rule", TABLE)
    choose(page, PROGRESS)
    page.click("text=计算进度")
    page.wait_for_selector("#result-title")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
