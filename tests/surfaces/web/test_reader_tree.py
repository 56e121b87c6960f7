"""Documents laid out for reading: parts, tables with merged cells, anchors, contents; nothing of the source is lost."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.models import Cell, Clause, Document, Part, Span
from assistant.surfaces.web.reader_table import build_table
from assistant.surfaces.web.reader_tree import lay_out


def all_pieces(reading):
    for section in reading.sections:
        for block in section.blocks:
            yield from block.pieces
            if block.table:
                for row in (*block.table.head, *block.table.body):
                    for cell in row.cells:
                        yield from cell.pieces


def marked_text(reading) -> str:
    return "".join(piece.text for piece in all_pieces(reading) if piece.is_marked)


def list_anchors(reading) -> list[str]:
    anchors = [piece.anchor for piece in all_pieces(reading) if piece.anchor]
    for section in reading.sections:
        for block in section.blocks:
            rows = (*block.table.head, *block.table.body) if block.table else ()
            anchors += [owner.anchor for owner in (block, *rows) if owner.anchor]
    return anchors


def build_form(rows: list[tuple[str, str, tuple[str, ...]]], heads: tuple[str, ...] = ()) -> Document:
    """A document of rows: path, cells parted by tabs, the cells that hang over it."""
    source, clauses = "", []
    for path, line, groups in rows:
        cells = []
        for i, text in enumerate(line.split("\t")):
            start = len(source) + len("\t".join(line.split("\t")[:i])) + (i > 0)
            if text:
                cells.append(Cell(heads[i] if heads else "", text, start, start + len(text)))
        kind = "heading" if path.endswith("r0") else "row"
        span = (len(source), len(source) + len(line))
        clauses.append(
            Clause(
                f"d#{path}", "d", path, path, kind, *span, line,
                headings=("表", *groups), parent="d#a1", cells=tuple(cells),
            )
        )  # fmt: skip
        source += line + "\n"
    return Document("d", "题", "", "", "000000", source, tuple(clauses))


def grid_of(table) -> list[list[tuple[str, int, int]]]:
    return [
        [("".join(p.text for p in cell.pieces), cell.rowspan, cell.colspan) for cell in row.cells]
        for row in (*table.head, *table.body)
    ]


# ---- tables ------------------------------------------------------------------------------------------


def test_a_form_has_its_merged_cells():
    document = build_form(
        [
            ("a1.r1", "名称\t盖章\t电话", ()),
            ("a1.r2", "申请\t批次\t工种", ()),
            ("a1.r3", "\t其中\t人数", ("申请",)),
            ("a1.r4", "\t\t时长\t课时", ("申请", "其中")),
            ("a1.r5", "备注", ()),
        ]
    )
    assert grid_of(build_table(document, document.clauses)) == [
        [("名称", 1, 1), ("盖章", 1, 1), ("电话", 1, 2)],
        [("申请", 3, 1), ("批次", 1, 1), ("工种", 1, 2)],
        [("其中", 2, 1), ("人数", 1, 2)],
        [("时长", 1, 1), ("课时", 1, 1)],
        [("备注", 1, 4)],
    ]


def test_cells_stand_under_their_headers():
    document = build_form(
        [
            ("a1.r0", "序号\t任务\t人次", ()),
            ("a1.r1", "1\t甲\t80", ()),
            ("a1.r2", "2\t\t90", ()),
            ("a1.r3", "\t乙\t", ("2",)),
        ],
        heads=("序号", "任务", "人次"),
    )
    table = build_table(document, document.clauses)
    assert [row.clause.path for row in table.head] == ["a1.r0"]
    assert grid_of(table) == [
        [("序号", 1, 1), ("任务", 1, 1), ("人次", 1, 1)],
        [("1", 1, 1), ("甲", 1, 1), ("80", 1, 1)],
        [("2", 2, 1), ("", 1, 1), ("90", 1, 1)],
        [("乙", 1, 1), ("", 1, 1)],
    ]


def test_a_header_twice_over_leaves_cells_in_their_order():
    document = build_form([("a1.r1", "甲\t乙", ())], heads=("人数", "人数"))
    assert grid_of(build_table(document, document.clauses)) == [[("甲", 1, 1), ("乙", 1, 1)]]


def test_a_row_whose_group_is_worded_otherwise_keeps_its_columns():
    document = build_form([("a1.r1", "甲\t乙", ()), ("a1.r2", "\t丙", ("甲（续）",))])
    assert grid_of(build_table(document, document.clauses)) == [
        [("甲", 1, 1), ("乙", 1, 1)],
        [("", 1, 1), ("丙", 1, 1)],
    ]


# ---- documents ---------------------------------------------------------------------------------------


def test_all_of_every_document_is_shown(real_assistant):
    for document in real_assistant.corpus.documents:
        shown = "".join("".join(piece.text.split()) for piece in all_pieces(lay_out(document)))
        for clause in document.clauses:
            for start, end in [(c.start, c.end) for c in clause.cells] or [(clause.start, clause.end)]:
                assert "".join(document.source[start:end].split()) in shown, clause.clause_id


def test_anchors_are_unique_and_every_clause_has_one(real_assistant):
    for document in real_assistant.corpus.documents:
        for mark in (None, Span(0, len(document.source))):
            anchors = list_anchors(lay_out(document, mark))
            assert len(anchors) == len(set(anchors))
            assert {f"c-{clause.path}" for clause in document.clauses} <= set(anchors)


@pytest.mark.parametrize("reach", [1, 40, 700, 4000])
def test_a_mark_is_shown_wherever_it_lies(real_assistant, reach):
    for document in real_assistant.corpus.documents:
        for start in range(0, len(document.source) - reach, 997):
            mark = Span(start, start + reach)
            shown = "".join(marked_text(lay_out(document, mark)).split())
            wanted = "".join(document.source[mark.start : mark.end].split())
            # What is not shown is page numbers and the headers that a scan repeats inside a table.
            rest = iter(wanted)
            assert all(char in rest for char in shown)
            inside = [c for c in document.clauses if mark.start <= c.start and c.end <= mark.end]
            for clause in inside:
                for cell in clause.cells or (clause,):
                    assert "".join(document.source[cell.start : cell.end].split()) in shown


def test_parts_have_their_own_title_number_and_date(real_assistant):
    reading = lay_out(real_assistant.corpus.document_by_id["hebei-2021-20"])
    parts = [section.part for section in reading.sections]
    assert [part.number for part in parts] == [
        "冀教职成〔2021〕20号",
        "冀办字〔2021〕21号",
        "冀办字〔2021〕21号",
    ]
    assert [part.issued for part in parts] == [date(2021, 6, 30), date(2021, 5, 25), date(2021, 5, 25)]
    first = [block for block in reading.sections[0].blocks if not block.clause]
    assert ["".join(p.text for p in block.pieces) for block in first] == [
        "河北省教育厅文件",
        "河北省教育厅办公室",
    ]
    assert [entry.text for entry in reading.contents] == [part.title for part in parts]


def test_headers_repeated_inside_a_table_are_not_shown_again(real_assistant):
    reading = lay_out(real_assistant.corpus.document_by_id["henan-moe-2021-2"])
    tables = [block.table for section in reading.sections for block in section.blocks if block.table]
    assert [len(table.body) for table in tables] == [6, 35]
    shown = "".join(piece.text for piece in all_pieces(reading))
    assert shown.count("按职责分工负责)") == 1
    assert "000130" not in shown


def test_contents_name_headings_below_each_other(real_assistant):
    reading = lay_out(real_assistant.corpus.document_by_id["huangchuan-2021-1"])
    plan = reading.contents[1].children
    assert [(entry.label, entry.text) for entry in plan[:2]] == [
        ("一、", "指导思想和目标任务"),
        ("二、", "重点工作及责任分工"),
    ]
    assert [entry.label for entry in plan[1].children] == ["（一）", "（二）", "（三）", "（四）"]
    quality = plan[1].children[3].children[1]
    assert (quality.label, quality.anchor) == ("21.", "c-2.4.21")
    assert [entry.label for entry in quality.children] == ["（1）", "（2）", "（3）"]


def test_articles_without_headings_are_the_contents(real_assistant):
    reading = lay_out(real_assistant.corpus.document_by_id["civil-code-counting"])
    assert [entry.label for entry in reading.contents][:2] == ["第二百条", "第二百零一条"]


def test_headings_go_down_one_level_at_a_time(real_assistant):
    for document in real_assistant.corpus.documents:
        before = 2 if len(document.parts) > 1 else 1
        for section in lay_out(document).sections:
            for level in [block.level for block in section.blocks if block.level]:
                assert level <= before + 1
                before = level
            before = 2 if section.part else before


def test_a_document_of_one_part_needs_no_introduction():
    source = "一、总则\n甲。"
    clauses = (
        Clause("d#1", "d", "1", "一、", "heading", 0, 4, "一、总则", "总则"),
        Clause("d#1.p1", "d", "1.p1", "一、第1段", "paragraph", 5, 7, "甲。", parent="d#1"),
    )
    part = Part("", "题", "", "", None, 0, len(source))
    reading = lay_out(Document("d", "题", "", "", "000000", source, clauses, (part,)), Span(5, 6))
    (section,) = reading.sections
    assert section.part is None
    heading, paragraph = section.blocks
    assert (heading.level, heading.anchor, heading.is_cited) == (2, "c-1", False)
    assert (paragraph.anchor, paragraph.is_cited) == ("", True)
    assert [piece.anchor for piece in paragraph.pieces] == ["c-1.p1", ""]
