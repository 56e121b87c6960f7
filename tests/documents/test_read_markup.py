"""HTML and Markdown: blocks, list numbers, tables."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from assistant.documents.read_markup import read_html, read_markdown
from assistant.documents.read_table import SpanCell, render_rows, spread_spans
from assistant.errors import ParseError

PATH = Path("a.html")
SOURCES = sorted((Path(__file__).parents[2] / "corpus" / "documents").glob("*/source.txt"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<h1>办法</h1><p>第一条</p>", "办法\n\n第一条", id="blocks"),
        pytest.param("<p>第<b>一</b>条 <i>x</i></p>", "第一条 x", id="inline elements do not part"),
        pytest.param("<p>甲<br>乙<br/>丙</p>", "甲\n乙\n丙", id="br"),
        pytest.param("<p>甲\n   乙</p>", "甲\n乙", id="soft line break"),
        pytest.param("<p>&nbsp;&nbsp;第一条　&lt;3&ge;&#19968;</p>", "第一条　<3≥一", id="entities"),
        pytest.param("甲<div>乙</div>丙", "甲\n\n乙\n\n丙", id="loose text"),
        pytest.param("<p>甲\t乙</p>", "甲 乙", id="a tab in text is no cell border"),
        pytest.param(
            "<html><head><title>x</title></head><nav>首页</nav><style>a</style><script>b</script>"
            "<!-- c --><p>正文</p></html>",
            "正文",
            id="furniture dropped",
        ),
        pytest.param("<ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby>", "汉", id="ruby"),
        pytest.param("<ol><li>甲</li><li>乙</li></ol>", "1. 甲\n\n2. 乙", id="ol"),
        pytest.param('<ol start="3"><li>甲<li value="7">乙</li></ol>', "3. 甲\n\n7. 乙", id="start"),
        pytest.param('<ol start="x"><li>甲</li></ol>', "1. 甲", id="start is no number"),
        pytest.param('<ol type="a"><li>甲</li></ol>', "a. 甲", id="letters"),
        pytest.param("<ol><li><p>甲</p><p>乙</p></li></ol>", "1. 甲\n\n乙", id="number at first p"),
        pytest.param(
            "<ol><li>甲<ol><li>乙</li></ol></li><li>丙</li></ol>",
            "1. 甲\n\n1. 乙\n\n2. 丙",
            id="nested ol",
        ),
        pytest.param("<ol><li></li><li>乙</li></ol>", "1.\n\n2. 乙", id="empty item counts"),
        pytest.param("<ul><li>甲</li><li>乙</li></ul>", "甲\n\n乙", id="ul without bullets"),
        pytest.param(
            "<ol><li>甲<ul><li>乙<li>丙</ul><li>丁</ol>",
            "1. 甲\n\n乙\n\n丙\n\n2. 丁",
            id="no end tags",
        ),
    ],
)
def test_html(source: str, expected: str) -> None:
    assert read_html(source, PATH) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "<p>前</p><table><caption>表1</caption><tr><th>序号</th><th>任\n务</th></tr>"
            "<tr><td>1</td><td>甲<br>乙<p>丙</p></td></tr></table><p>后</p>",
            "前\n\n表1\n\n序号\t任 务\n1\t甲 乙 丙\n\n后",
            id="plain",
        ),
        pytest.param(
            "<table><tr><td>总计</td><td colspan=3>8000</td></tr>"
            "<tr><td>a</td><td>b</td><td>c</td><td>d</td></tr></table>",
            "总计\t8000\t\t\na\tb\tc\td",
            id="colspan",
        ),
        pytest.param(
            "<table><tr><td rowspan=2>开班</td><td rowspan=2 colspan=2>x</td><td>1</td></tr>"
            "<tr><td>2</td></tr><tr><td>a</td><td>b</td><td>c</td><td>d</td></tr></table>",
            "开班\tx\t\t1\n\t\t\t2\na\tb\tc\td",
            id="rowspan and colspan",
        ),
        pytest.param(
            "<table><tr><td>1</td><td rowspan=0>x</td></tr><tr><td>2</td></tr></table>",
            "1\tx\n2\t",
            id="rowspan to the end, at the right edge",
        ),
        pytest.param(
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "a\tb\nc\t",
            id="short row",
        ),
        pytest.param("<table><tr><td><p>甲</p><p>乙</p></td></tr></table>", "甲\n\n乙", id="frame"),
        pytest.param(
            "<table><tr><td>左<table><tr><td>a</td><td>b</td></tr></table></td><td>右</td></tr></table>",
            "左\n\na\tb\n\n右",
            id="layout table",
        ),
        pytest.param(
            "<ol><li><table><tr><td>a</td><td>b</td></tr></table></li></ol>",
            "1.\n\na\tb",
            id="in item",
        ),
        pytest.param("<table><tr><td> </td><td></td></tr></table>", "", id="blank table"),
        pytest.param(
            "<table><thead><tr><th>a<th>b<tbody><tr><td>1<td>2<tr><td>3<td>4</table>后",
            "a\tb\n1\t2\n3\t4\n\n后",
            id="end tags left out",
        ),
    ],
)
def test_html_table(source: str, expected: str) -> None:
    assert read_html(source, PATH) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("# 办法\n\n第一条 甲\n乙\n\n**二、**丙", "办法\n\n第一条 甲\n乙\n\n二、丙", id="text"),
        pytest.param("3. 甲\n4. 乙\n   1. 丙\n", "3. 甲\n\n4. 乙\n\n1. 丙", id="lists"),
        pytest.param("1. 甲\n\n   续\n\n2. 乙", "1. 甲\n\n续\n\n2. 乙", id="loose list"),
        pytest.param(
            "| 序号 | 任务 |\n|---|---|\n| 1 | 甲\\|乙 |\n| 2 | |\n",
            "序号\t任务\n1\t甲|乙\n2\t",
            id="table",
        ),
        pytest.param(
            "前\n\n<table><tr><td colspan=2>a</td></tr><tr><td>b</td><td>c</td></tr></table>\n\n后",
            "前\n\na\t\nb\tc\n\n后",
            id="raw html",
        ),
        pytest.param("一、甲\n（一）乙\n1．丙", "一、甲\n（一）乙\n1．丙", id="official numbering stays"),
        pytest.param("**（一）目标。**到2025年", "（一）目标。到2025年", id="bold that CommonMark leaves"),
        pytest.param("电话138****1234", "电话138****1234", id="masked digits stay"),
        pytest.param("```\n甲\n  乙\n```", "甲\n乙", id="fence"),
        pytest.param("人数<80人且>20人", "人数<80人且>20人", id="comparison signs"),
    ],
)
def test_markdown(source: str, expected: str) -> None:
    assert read_markdown(source, PATH) == expected


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name)
def test_supplied_texts_as_html_read_the_same(source: Path) -> None:
    lines = [line for line in source.read_text("utf-8").splitlines() if line.strip()]
    page = "".join(
        "<table><tr>"
        + "".join(f"<td>{html.escape(cell).replace(' ', '<br>')}</td>" for cell in line.split("\t"))
        + "</tr></table>"
        if "\t" in line
        else f"<p>{html.escape(line)}</p>"
        for line in lines
    )
    expected = [line if "\t" in line else " ".join(line.split(" ")).strip() for line in lines]
    assert [line for line in read_html(page, PATH).split("\n") if line.strip()] == expected


@pytest.mark.parametrize(
    "source",
    [pytest.param("<b>" * 5000 + "x", id="too deep"), pytest.param("<![x[", id="bad mark")],
)
def test_rejected_markup(source: str) -> None:
    with pytest.raises(ParseError, match="嵌套过深"):
        read_html(source, PATH)


def test_rows_are_padded_and_cells_flattened() -> None:
    assert render_rows([["a\n b", "c\u3000d"], ["e"]]) == "a b\tc d\ne\t"
    assert render_rows([]) == ""
    assert render_rows([["", " "]]) == ""


def test_spans_that_overlap_still_give_every_text_once() -> None:
    grid = spread_spans([[SpanCell("a", 2, 3), SpanCell("b")], [SpanCell("c", 2, 1)], [SpanCell("d")]])
    assert grid == [["a", "", "b"], ["", "", "c", ""], ["", "", "d"]]
