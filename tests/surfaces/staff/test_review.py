"""Unanswered and down-voted questions as staff sees them: filtered, paged, inert, taken away without formulas."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from fastapi.testclient import TestClient

from assistant.store.conversations import Turn
from assistant.store.feedback import Feedback
from assistant.surfaces.api import create_app
from assistant.surfaces.staff.sign_in import COOKIE, sign_cookie

AT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://evil") <img src=x onerror=alert(1)>{{ 7*7 }}\'; DROP TABLE answers; --'


@pytest.fixture
def app(keeping, access):
    return create_app(lambda: keeping, access=access)


@pytest.fixture
def desk(app, access):
    cookies = {COOKIE: sign_cookie(access.secret, "培训科")}
    with TestClient(app, headers={"accept": "text/html"}, cookies=cookies) as opened:
        yield opened


@pytest.fixture
def keep(store, answer_builder):
    """Keep one question with its answer, asked some minutes after `AT`; maybe with a vote against it."""

    def keep_one(i, question="火星上能开班吗？", status="refused", comment=None, **fields):
        answer = answer_builder(id=f"a-{i}", status=status, **fields)
        at = AT + timedelta(minutes=i)
        store.conversations.append(f"s-{i}", Turn(question, answer.id, status, "{}", at), answer)
        if comment is not None:
            store.feedback.keep(Feedback(f"s-{i}", answer.id, "down", "答非所问", comment, at))

    return keep_one


def test_a_question_comes_with_answer_words_and_clauses(desk, keep):
    keep(1, question="电话13800138000，火星上能开班吗？", comment="我问的是火星")
    page = desk.get("/staff/review").text
    for shown in (
        "电话138********，火星上能开班吗？",
        "每班人数不得超过80人",
        "答非所问",
        "我问的是火星",
        "09:31",
    ):
        assert shown in page
    assert 'href="/documents/huangchuan-2021-1?mark=' in page
    assert "#c-2.4.1" in page
    assert "没有答上" in page


def test_the_link_of_a_clause_opens_its_quote(desk, keep, citation_builder):
    cited = citation_builder()
    keep(1)
    assert (
        f"/documents/{cited.document}?mark={cited.start}-{cited.end}#c-2.4.1"
        in desk.get("/staff/review").text
    )


def test_counts_stand_on_top(desk, keep):
    keep(1)
    keep(2, status="needs_info")
    keep(3, status="answered", comment="")
    keep(4, status="answered")
    page = desk.get("/staff/review").text
    shown = [line.split("<dd>")[1].split("<")[0] for line in page.splitlines() if "<dd>" in line]
    assert shown == ["4", "1", "1", "1"]
    assert "共 3 条" in page


@pytest.mark.parametrize(
    ("query", "questions"),
    [
        ("", ["三", "二", "一"]),
        ("kind=refused", ["一"]),
        ("kind=needs_info", ["二"]),
        ("kind=down", ["三"]),
        ("kind=&since=&until=", ["三", "二", "一"]),
        ("since=2026-11-21&until=2026-11-21", ["三", "二", "一"]),
        ("since=2026-11-22", []),
        ("until=2026-11-20", []),
        ("kind=down&page=99999", ["三"]),
    ],
)
def test_kinds_and_days(desk, keep, query, questions):
    keep(1, question="问题一")
    keep(2, question="问题二", status="needs_info")
    keep(3, question="问题三", status="answered", comment="")
    page = desk.get(f"/staff/review?{query}").text
    found = [part[2:3] for part in page.split('class="question">')[1:]]
    assert found == questions
    assert ("没有需要处理的问题" in page) == (not questions)


@pytest.mark.parametrize(
    "query",
    [
        "kind=all",
        "kind=%27%20OR%201=1",
        "since=2026-13-01",
        "until=today",
        "page=0",
        "page=x",
        "since=20261121",
    ],
)
def test_a_filter_that_is_none(desk, query):
    reply = desk.get(f"/staff/review?{query}")
    assert reply.status_code == 422
    assert "请求有误" in reply.text


def test_pages_lead_on_and_keep_the_filter(desk, keep):
    for i in range(45):
        keep(i, question=f"问题{i}")
    first, last = (
        desk.get("/staff/review?kind=refused").text,
        desk.get("/staff/review?kind=refused&page=3").text,
    )
    assert first.count('class="question"') == 20
    assert 'href="/staff/review?kind=refused&amp;page=2"' in first
    assert 'rel="prev"' not in first
    assert last.count('class="question"') == 5
    assert 'rel="next"' not in last


def test_hostile_words_are_inert(desk, keep):
    keep(1, question=HOSTILE, text=HOSTILE, comment=HOSTILE)
    page = desk.get("/staff/review").text
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in page


def test_an_export_holds_all_and_no_formula(desk, keep, store):
    for i in range(25):
        keep(i, question=f"问题{i}")
    keep(30, question=HOSTILE, text="+cmd", comment="@SUM(A1)")
    book = desk.get("/staff/review.xlsx?kind=refused")
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
    assert len(rows) == 27
    assert rows[0][:3] == ("时间", "类别", "问题")
    assert rows[1][1] == "没有答上、评为没用"
    assert rows[1][2] == f"'{HOSTILE}"
    assert (rows[1][3], rows[1][5]) == ("'+cmd", "'@SUM(A1)")
    assert "二、（四）（1）" in rows[1][6]
    table = desk.get("/staff/review.csv?kind=refused")
    assert table.content.startswith(b"\xef\xbb\xbf")
    assert table.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6")
    read = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row[2] for row in read] == [row[2] for row in rows]
    assert [(d.who, d.action) for d in store.registry.deeds()] == [("培训科", "export")] * 2
    assert "/staff/review.csv 未答与差评.csv" in store.registry.deeds()[0].detail


@pytest.mark.parametrize("form", ["pdf", "xls", "xlsx%2F.."])
def test_another_format_is_not_found(desk, form):
    assert desk.get(f"/staff/review.{form}").status_code == 404


@pytest.mark.parametrize("address", ["/staff/review", "/staff/review.csv", "/staff/review.xlsx"])
def test_only_staff_may_look(app, address):
    with TestClient(app, follow_redirects=False) as visitor:
        assert visitor.get(address).status_code == 401


@pytest.mark.browser
def test_the_page_reads_well_in_a_browser(app, access, keep, serve, browser, axe):
    for i in range(21):
        keep(i, question=HOSTILE if i == 20 else f"问题{i}", comment="说明" if i % 2 else None)
    with serve(app) as address:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        cookie = {"name": COOKIE, "value": sign_cookie(access.secret, "x"), "url": f"{address}/staff"}
        page.context.add_cookies([cookie])
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{address}/staff/review")
            page.get_by_text("当时的回答").first.click()
            assert axe(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_label("类别").select_option("down")
        page.get_by_role("button", name="筛选").click()
        page.wait_for_url("**kind=down**")
        assert page.get_by_role("article").count() == 10
        assert problems == []
        page.close()


def test_what_a_model_worded_is_labelled_on_the_page_and_in_the_files(desk, keep):
    keep(1, comment="不好", status="answered", generated=True)
    assert "AI 辅助生成" in desk.get("/staff/review").text
    assert "AI 辅助生成" in desk.get("/staff/review.csv").content.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/staff/review.xlsx").content))
    assert "AI 辅助生成" in book.worksheets[0]["D2"].value
    assert book.properties.keywords == "AI 辅助生成"
    assert json.loads(book.custom_doc_props["AIGC"].value)["Label"] == "1"


def test_nothing_else_is_labelled(desk, keep):
    keep(1, comment="不好")
    assert "AI 辅助生成" not in desk.get("/staff/review").text
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/staff/review.xlsx").content))
    assert book.properties.keywords is None
    assert book.custom_doc_props.names == []
