"""Word files, built with python-docx: order, merged cells, automatic numbering, tracked changes."""

from __future__ import annotations

import io
import random
import zipfile
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from assistant.documents import read_docx as reader
from assistant.documents.read import read_source
from assistant.documents.read_docx import read_docx
from assistant.errors import ParseError

PATH = Path("a.docx")
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
CORPUS = Path(__file__).parents[2] / "corpus" / "documents"
SOURCES = sorted(CORPUS.glob("*/source.txt"))
HUANGCHUAN = CORPUS / "huangchuan-2021-1" / "source.txt"


def save(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read(document: Any) -> str:
    return read_docx(save(document), PATH)


def body_of(xml: str) -> Any:
    """A document whose body is the given WordprocessingML."""
    document = Document()
    body = document.element.body
    for element in parse_xml(f"<w:body {nsdecls('w')} {MC}>{xml}</w:body>"):
        body.insert(len(body) - 1, element)
    return document


def add_table(document: Any, rows: list[list[str]]) -> None:
    """Add rows with the merges their empty cells stand for and a line break for each space."""
    n_rows, n_columns = len(rows), max(len(row) for row in rows)
    table = document.add_table(n_rows, n_columns)
    merges = []
    for y, row in enumerate(rows):
        starts = [x for x in range(n_columns) if x < len(row) and row[x]]
        for x, end in zip(starts, [*starts[1:], n_columns], strict=True):
            table.cell(y, x).text = row[x].replace(" ", "\n")
            if end - x > 1:
                merges.append(((y, x), (y, end - 1)))
    for x in range(n_columns):
        for y, row in enumerate(rows):
            height = 1
            while y + height < n_rows and row[x] and not any(rows[y + height][: x + 1]):
                height += 1
            if height > 1:
                merges.append(((y, x), (y + height - 1, x)))
    for first, last in merges:
        table.cell(*first).merge(table.cell(*last))


def add_text(document: Any, text: str) -> None:
    """Add the supplied layout as Word would hold it: a paragraph a line, a table a run of rows."""
    lines = [line for line in text.splitlines() if line.strip()]
    for width, group in groupby(lines, key=lambda line: line.count("\t")):
        if width:
            add_table(document, [line.split("\t") for line in group])
        else:
            for line in group:
                document.add_paragraph(line)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name)
def test_supplied_texts_as_docx_read_the_same(source: Path) -> None:
    text = source.read_text("utf-8")
    document = Document()
    add_text(document, text)
    expected = [line if "\t" in line else line.strip() for line in text.splitlines()]
    assert [line for line in read(document).split("\n") if line] == [x for x in expected if x]


def test_annexes_of_huangchuan_keep_their_merges() -> None:
    rows = [line for line in HUANGCHUAN.read_text("utf-8").splitlines() if "\t" in line]
    document = Document()
    add_text(document, "\n".join(rows))
    tables = document.tables
    # The form really has merged cells both ways, and cells of several lines.
    xml = "".join(table._tbl.xml for table in tables)
    assert xml.count("<w:vMerge") > 20
    assert xml.count("<w:gridSpan") > 20
    assert xml.count("<w:br/>") > 40
    assert [line for line in read(document).split("\n") if line] == rows


def paragraph(text: str, num: int | None = None, level: int = 0, style: str = "") -> str:
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if num is not None:
        properties += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def level(number: int, fmt: str, text: str, extra: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{fmt}"/>{extra}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbered(levels: str, xml: str, nums: str = "", styles: str = "") -> str:
    """Read paragraphs with list 90 (num 90, and what `nums` adds) defined by `levels`."""
    document = body_of(xml)
    root = document.part.numbering_part.element
    definitions = (
        f'<w:abstractNum w:abstractNumId="90">{levels}</w:abstractNum>'
        f'<w:num w:numId="90"><w:abstractNumId w:val="90"/></w:num>{nums}'
    )
    for element in parse_xml(f"<w:numbering {nsdecls('w')}>{definitions}</w:numbering>"):
        root.append(element)
    for element in parse_xml(f"<w:styles {nsdecls('w')}>{styles}</w:styles>"):
        document.styles.element.append(element)
    return read(document).replace("\n\n", "|")


LAW = (
    level(0, "chineseCountingThousand", "第%1章", '<w:suff w:val="space"/>')
    + level(1, "chineseCountingThousand", "第%2条", '<w:lvlRestart w:val="0"/>')
    + level(2, "chineseCounting", "（%3）")
    + level(3, "decimal", "%4.")
    + level(4, "decimalEnclosedCircle", "%5")
)
PLAN = (
    level(0, "japaneseCounting", "%1、", '<w:suff w:val="nothing"/>')
    + level(1, "decimal", "%1.%2", "<w:isLgl/>")
    + level(2, "lowerRoman", "%3)")
    + level(3, "upperLetter", "%4．")
)


@pytest.mark.parametrize(
    ("levels", "counted", "expected"),
    [
        pytest.param(
            LAW,
            [0, 1, 2, 2, 3, 4, 4, 1, 2, 0, 1],
            "第一章 x|第一条 x|（一）x|（二）x|1. x|①x|②x|第二条 x|（一）x|第二章 x|第三条 x",
            id="law: articles run on across chapters, items restart",
        ),
        pytest.param(
            PLAN,
            [0, 1, 1, 2, 3, 3, 0, 1],
            "一、x|1.1 x|1.2 x|i) x|A．x|B．x|二、x|2.1 x",
            id="plan: isLgl, roman, letters",
        ),
        pytest.param(PLAN, [1, 1, 0], "1.1 x|1.2 x|一、x", id="parent level not used yet"),
        pytest.param(level(0, "bullet", "\uf0b7"), [0, 0], "x|x", id="bullets print nothing"),
        pytest.param(level(0, "none", ""), [0], "x", id="format none"),
        pytest.param(level(0, "decimal", "（%1）", start=5), [0, 0], "（5）x|（6）x", id="start"),
        pytest.param(LAW, [7], "x", id="level not defined"),
    ],
)
def test_numbering(levels: str, counted: list[int], expected: str) -> None:
    assert numbered(levels, "".join(paragraph("x", 90, at) for at in counted)) == expected


def num(num_id: int, extra: str = "") -> str:
    return f'<w:num w:numId="{num_id}"><w:abstractNumId w:val="90"/>{extra}</w:num>'


def test_lists_of_one_definition_run_on_until_told_to_restart() -> None:
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    other = f'<w:lvlOverride w:ilvl="0">{level(0, "upperRoman", "%1.")}</w:lvlOverride>'
    xml = "".join(paragraph("x", at) for at in (90, 90, 91, 92, 92, 90, 93))
    text = numbered(PLAN, xml, num(91) + num(92, restart) + num(93, other))
    assert text == "一、x|二、x|三、x|一、x|二、x|三、x|IV. x"


def style(style_id: str, numbering: str, based_on: str = "", kind: str = "paragraph") -> str:
    parent = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return (
        f'<w:style w:type="{kind}" w:styleId="{style_id}">{parent}'
        f"<w:pPr><w:numPr>{numbering}</w:numPr></w:pPr></w:style>"
    )


def test_numbering_by_style_inherited_bound_and_switched_off() -> None:
    styles = (
        style("Chapter", '<w:numId w:val="90"/>')
        + style("Article", '<w:ilvl w:val="1"/>', "Chapter")
        + style("Item", '<w:numId w:val="90"/>')
        + style("Loop", "", "Loop")
    )
    levels = LAW.replace('<w:lvlText w:val="（%3）"/>', '<w:pStyle w:val="Item"/><w:lvlText w:val="（%3）"/>')
    xml = "".join(
        [
            paragraph("x", style="Chapter"),
            paragraph("x", style="Article"),
            paragraph("x", style="Item"),
            paragraph("x", 0, style="Article"),
            paragraph("x", style="Loop"),
            paragraph("x", style="Article"),
        ]
    )
    text = numbered(levels, xml, styles=styles)
    assert text == "第一章 x|第一条 x|（一）x|x|x|第二条 x"


def test_levels_borrowed_from_a_numbering_style() -> None:
    styles = style("Law", '<w:numId w:val="90"/>', kind="numbering")
    nums = (
        '<w:abstractNum w:abstractNumId="91"><w:numStyleLink w:val="Law"/></w:abstractNum>'
        '<w:num w:numId="91"><w:abstractNumId w:val="91"/></w:num>'
    )
    assert numbered(LAW, paragraph("x", 91), nums, styles) == "第一章 x"


def test_numbered_cells_and_empty_numbered_paragraphs_show_their_number() -> None:
    cells = "".join(
        f"<w:tr><w:tc>{paragraph('', 90)}</w:tc><w:tc>{paragraph('甲')}</w:tc></w:tr>" for _ in range(2)
    )
    xml = f"<w:tbl>{cells}</w:tbl>{paragraph('', 90)}"
    assert numbered(level(0, "decimal", "%1"), xml) == "1\t甲\n2\t甲|3"


AUTHOR = "w:id='1' w:author='a'"
HIDDEN_OFF = '<w:vanish w:val="0"/>'
SPAN_3 = '<w:gridSpan w:val="3"/>'
MARK_DELETED = f"<w:pPr><w:rPr><w:del {AUTHOR}/></w:rPr></w:pPr>"


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        pytest.param(
            f"<w:p><w:ins {AUTHOR}>{run('新')}</w:ins><w:del {AUTHOR}><w:r>"
            f"<w:delText>旧</w:delText></w:r></w:del>{run('文')}</w:p>",
            "新文",
            id="insertion in, deletion out",
        ),
        pytest.param(
            f"<w:p><w:moveFrom {AUTHOR}>{run('甲')}</w:moveFrom>{run('乙')}</w:p>"
            f"<w:p><w:moveTo {AUTHOR}>{run('甲')}</w:moveTo></w:p>",
            "乙\n\n甲",
            id="moved once",
        ),
        pytest.param(
            f"<w:p>{MARK_DELETED}{run('甲')}</w:p><w:p>{run('乙')}</w:p>",
            "甲乙",
            id="deleted paragraph mark joins",
        ),
        pytest.param(
            f"<w:sdt><w:sdtContent><w:p><w:sdt><w:sdtContent>{run('控件')}</w:sdtContent></w:sdt>"
            f"<w:hyperlink>{run('链接')}</w:hyperlink><w:smartTag>{run('标记')}</w:smartTag>"
            "</w:p></w:sdtContent></w:sdt>",
            "控件链接标记",
            id="content controls, links, smart tags",
        ),
        pytest.param(
            "<w:p><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t><w:noBreakHyphen/></w:r></w:p>",
            "甲 乙\n丙-",
            id="tab and break",
        ),
        pytest.param(
            f"<w:p>{run('隐', '<w:vanish/>')}{run('显', HIDDEN_OFF)}</w:p>",
            "显",
            id="hidden text",
        ),
        pytest.param(
            "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DATE</w:instrText>"
            f"</w:r><w:r><w:fldChar w:fldCharType='separate'/></w:r>{run('2021年')}</w:p>",
            "2021年",
            id="field result",
        ),
        pytest.param(
            f"<w:p><w:r><mc:AlternateContent><mc:Fallback>{run('框')}</mc:Fallback>"
            f"</mc:AlternateContent></w:r>{run('正文')}</w:p>",
            "正文",
            id="text box ignored",
        ),
        pytest.param(
            "<w:p/><w:p><w:r><w:t xml:space='preserve'>　　甲 </w:t></w:r></w:p><w:p/><w:p/>",
            "甲",
            id="blank paragraphs and indents",
        ),
        pytest.param(
            f"<w:tbl><w:tr><w:tc><w:p>{run('甲')}</w:p><w:p>{run('乙')}</w:p></w:tc></w:tr></w:tbl>",
            "甲\n\n乙",
            id="frame of one cell",
        ),
        pytest.param(
            "<w:tbl><w:tr><w:trPr><w:gridBefore w:val='1'/><w:gridAfter w:val='1'/></w:trPr>"
            f"{cell('甲')}</w:tr><w:tr>{cell('乙', SPAN_3)}</w:tr></w:tbl>",
            "\t甲\t\n乙\t\t",
            id="grid before and after",
        ),
        pytest.param(
            f"<w:tbl><w:tr>{cell('甲')}{cell('乙')}</w:tr><w:tr><w:trPr><w:del {AUTHOR}/></w:trPr>"
            f"{cell('丙')}{cell('丁')}</w:tr></w:tbl>",
            "甲\t乙",
            id="deleted row",
        ),
        pytest.param(
            f"<w:tbl><w:tr><w:tc><w:p>{run('甲')}</w:p><w:tbl><w:tr>{cell('a')}{cell('b')}</w:tr></w:tbl>"
            f"<w:p/></w:tc>{cell('')}</w:tr></w:tbl>",
            "甲 a b\t",
            id="table in a cell",
        ),
    ],
)
def test_content(xml: str, expected: str) -> None:
    assert read(body_of(xml)) == expected


def rebuild(content: bytes, change: Any) -> bytes:
    """Copy a package, each member through `change(name, data)`; None leaves it out."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def sample() -> bytes:
    document = Document()
    document.add_paragraph("第一条", style="List Number")
    add_table(document, [["a", "b"], ["c", ""]])
    return save(document)


def test_document_without_numbering_and_styles(sample: bytes) -> None:
    dropped = ("word/numbering.xml", "word/styles.xml")

    def change(name: str, data: bytes) -> bytes | None:
        if name.endswith("document.xml.rels"):
            return b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
        return None if name in dropped else data

    assert read_docx(rebuild(sample, change), PATH) == "第一条\n\na\tb\nc\t"


@pytest.mark.parametrize("member", ["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
@pytest.mark.parametrize("data", [None, b"", b"<a", b"<a/>", b"\x00\xff"], ids=str)
def test_missing_or_broken_part(sample: bytes, member: str, data: bytes | None) -> None:
    content = rebuild(sample, lambda name, old: data if name == member else old)
    with pytest.raises(ParseError, match="已损坏"):
        read_docx(content, PATH)


def test_refused_when_unpacked_size_is_too_large(sample: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_UNPACKED_BYTES", 10_000)
    with pytest.raises(ParseError, match="解开后超过"):
        read_docx(sample, PATH)


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(201):
            member.write(bytes(1_000_000))
    assert len(buffer.getvalue()) < 1_000_000
    with pytest.raises(ParseError, match="解开后超过 200 MB"):
        read_docx(buffer.getvalue(), PATH)


def test_entities_are_not_expanded(sample: bytes) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != "word/document.xml":
            return data
        text = data.decode().replace("第一条", "甲&x;")
        head, tail = text.split("?>", 1)
        return f'{head}?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{tail}'.encode()

    assert "root" not in read_docx(rebuild(sample, change), PATH)


def test_damaged_files_only_ever_raise_parse_errors(sample: bytes, tmp_path: Path) -> None:
    rng = random.Random(7)
    path = tmp_path / "a.docx"
    n_refused = 0
    for n in range(120):
        damaged = bytearray(sample)
        if n % 3 == 0:
            damaged = damaged[: rng.randrange(len(damaged))]
        elif n % 3 == 1:
            for _ in range(rng.randrange(1, 40)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        else:
            at = rng.randrange(len(damaged))
            damaged[at : at + 200] = rng.randbytes(200)
        path.write_bytes(bytes(damaged))
        try:
            read_source(path)
        except ParseError:
            n_refused += 1
    assert n_refused > 60
