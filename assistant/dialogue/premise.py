"""What an asker takes for granted (“公示是5个工作日，对吧？”) against the words that answer.

In: an understood question and the sentences that were chosen. Out: `Premise`s: a figure as said and as it stands in the
text. Only figures of the same unit are compared, and only where the text has exactly one that could be meant: which of
several the asker had in mind is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.dialogue.table_grid import (
    LEAST_SHARE,
    read_cell,
    read_figure,
    read_unit,
    share_of_cell,
    share_said,
)
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_fragments
from assistant.models import Clause, Document, Span
from assistant.rules.numerals import Figure, find_figures

TAG = re.compile(
    r"对吧|对吗|对不对|对不(?=[?？]|$)|不是[^,，。?？]{1,14}(?:嘛|吗|么)|是吧|是吗|没错吧|没错吗|是不是|听(?:别?人)(?:说|讲)|据说|都说|是这样(?:吧|吗)|[吧](?=[?？]|$)|听说|没记错(?:的话)?|没(?:记|说|弄|搞|看)[反错岔](?:了)?(?:吧|吗)|(?<=\d)(?:吗|嘛)(?=[?？]|$)"
)
"""What turns a statement into a question that waits for a yes."""
_CASE_OPENS = re.compile(
    r"[,，。;；](?:那(?!么)|那么|所以|这样|照这|按这|(?:我|咱|俺)(?!们?(?:县|市|省|区|国|这(?![批个期班次])|记得|听|看|印象)))"
)
"""Where the asker goes on from a rule to a case: 听说师生比是1:30，那60个人…"""
_OF_RULE = re.compile(
    r"封顶|上限|下限|最[多少高低]|至少|起码|不(?:得|能|可)?(?:超过|少于|低于)|(?:低于|超过|不到|少于|占|满)[^,，。]{1,12}就|规定|要求|标准"
    r"|听(?:别?人)?(?:说|讲)|据说|都说|才(?:算|行|合格)|\d[^,，。\d]{0,3}(?:起|以上|以下|以内)(?=[,，]|步|$)|不是[^,，。?？]{1,14}(?:嘛|吗|么)"
)
"""Speaks of a rule, not of a case.   near miss: 一个班60人"""
_MEANS = re.compile(r"[^,，。;；?？]*(?:的意思|意思就?是|含义是|指的是)[^,，。;；?？]*\d[^,，。;；?？]*")
_BROKEN = re.compile(
    r"(?:违反|超过?了?|超出|符合|达到|满足)[^,，。;；?？\d]{0,8}\d[\d.:%]*[^,，。;；?？\d]{0,4}?的?(?:上限|规定|要求|标准|限制|红线|杠杠)"
)
"""A rule that a case is held against: 算不算违反每班80人的上限."""
_SAID_BARE = re.compile(rf"(?=[,，。?？]|$|{TAG.pattern})")
_COUNTS_ONE = re.compile(r"[一1]个(?!工作日|学时|课时|小时|月)|[\d一二三四五六七八九十两]+个(?=[班期批])")
"""一个班, 两个班: what is counted is not what the rule bounds."""
_THING = re.compile(r"(?![对吧吗是就以左上封才够起的])[\u4e00-\u9fff]{2}")
_SUM = re.compile(r"加起来|加一块|合计|总共|一共|合起来")
"""Asks of a sum, which no single figure is."""
_LEAST_BARE = 100
_YEARS = range(1900, 2100)
_ALIKE = (
    ("学时", "课时", "节"),
    ("人", "名", "位", "个"),
    ("人次", "次"),
    ("所", "家", "个"),
    ("周岁", "岁"),
    ("天", "日"),
    ("元", "万元"),
)


class Premise(NamedTuple):
    """A figure as the asker gave it and as the text has it, both as written; `found` is empty where it has several others."""

    said: str
    found: str
    is_right: bool


def has_premise(text: str) -> bool:
    """Whether a question states something and asks for a yes."""
    return bool(TAG.search(text)) and bool(_claimed(text))


def find_claims(text: str) -> list[Span]:
    """Where the figures stand that a question takes for granted, without their units."""
    return [
        Span(f.start, f.end if f.is_ratio or f.unit == "%" else f.end - len(f.unit)) for f in _figures(text)
    ]


def has_case(text: str) -> bool:
    """Whether a question goes on from a rule to a case with figures of its own."""
    opens = _CASE_OPENS.search(text)
    if opens is None or not _OF_RULE.search(text[: opens.start()]):
        return False
    return any(figure.start > opens.start() for figure in find_figures(text))


def find_rules_said(text: str) -> list[Span]:
    """The pieces of a question that say a rule, or what one means: their figures are not the case's.

    A rule is said before the question goes on to a case; 1:20的意思是20个老师带1个人 may stand anywhere.
    """
    meanings = [Span(*m.span()) for pattern in (_MEANS, _BROKEN) for m in pattern.finditer(text)]
    opens = _CASE_OPENS.search(text)
    if opens is None or not has_case(text):
        return meanings
    pieces = re.finditer(r"[^,，。;；]+", text[: opens.start()])
    return [*meanings, *(Span(*piece.span()) for piece in pieces if _OF_RULE.search(piece[0]))]


def check_rule_said(text: str, document: Document, spans: Sequence[Span]) -> list[Premise]:
    """Compare the figures of a rule that a question puts before its case with those of the words that decide it."""
    if not has_case(text):
        return []
    pieces = [document.source[start:end] for start, end in spans]
    said = find_rules_said(text)
    # 不用查规定，我班32人 says no figure of a rule: only those said as one are put right.
    claims = (c for c in _claimed(text) if any(s.start <= c.start < s.end for s in said))
    return [p for claim in claims if (p := _compare(text, claim, pieces, least=0)) and p.found]


def check_premises(text: str, document: Document, spans: Sequence[Span]) -> list[Premise]:
    """Compare the figures of a question with those of the sentences that answer it.

    Of several figures of one unit the one counts whose piece of a sentence has most of the question's words.
    """
    pieces = [
        document.source[start:end] for span in spans for start, end in split_fragments(document.source, *span)
    ]
    compared = (_compare(text, claim, pieces, least=1) for claim in _claimed(text))
    return [premise for premise in compared if premise]


def check_row(text: str, row: Clause) -> list[Premise]:
    """Compare the figures that a question says of a row with the cell whose column it names, or the only one of the unit."""
    # A cell that is a figure names no row: 2000元 of one row stands in another one's cells.
    if not any(
        share_of_cell(c, text) >= LEAST_SHARE for c in row.cells if read_figure(row, c.header) is None
    ):
        return []
    compared = (_compare_cells(text, claim, row) for claim in _claimed(text))
    return [premise for premise in compared if premise]


def _compare_cells(text: str, claim: Figure, row: Clause) -> Premise | None:
    heads = {c.header: share_said(c.header, text) for c in row.cells}
    cells = [
        (heads[c.header], figure, f"{squeeze(c.text)}{unit}")
        for c in row.cells
        if (figure := read_figure(row, c.header)) is not None
        and claim.unit in ("", (unit := read_unit(c.header)), unit.partition("/")[0])
    ]
    if not cells:
        # 补贴标准表 单位：元/人: the unit stands above the table, and the column is meant by its head.
        cells = [
            (share, figure, squeeze(read_cell(row, head)))
            for head, share in heads.items()
            if share >= LEAST_SHARE and (figure := read_figure(row, head)) is not None and not read_unit(head)
        ]
    most = max((share for share, _, _ in cells), default=0)
    meant = [(figure, words) for share, figure, words in cells if share == most]
    said = text[claim.start : claim.end]
    if any(figure == claim.value for figure, _ in meant):
        return Premise(said, said, True)
    return Premise(said, meant[0][1], False) if len(meant) == 1 else None


def _compare(text: str, claim: Figure, pieces: Sequence[str], *, least: int) -> Premise | None:
    """One figure of a question against those of its unit in the pieces that are most like the question.

    Args:
        least: likeness from which a piece can be what was meant.
    """
    stated = [
        (_likeness(text, piece), figure, piece[figure.start : figure.end])
        for piece in pieces
        for figure in find_figures(piece)
        if _are_of_one_unit(claim, figure) and _may_be_of(text, claim, piece)
    ]
    if not stated:
        return None
    # 50所 is not the 50个 beside 30所.
    stated = [found for found in stated if found[1].unit == claim.unit] or stated
    said = text[claim.start : claim.end]
    most = max(likeness for likeness, _, _ in stated)
    meant = [(figure, words) for likeness, figure, words in stated if likeness == most]
    if right := [words for figure, words in meant if _equal(claim, figure)]:
        return Premise(said, right[0], True)
    if most < least or _SUM.search(text):
        return None
    if len({(figure.value, figure.unit) for figure, _ in meant}) == 1:
        return Premise(said, meant[0][1], False)
    is_elsewhere = any(_equal(claim, figure) for _, figure, _ in stated)
    return None if is_elsewhere else Premise(said, "", False)


def _claimed(text: str) -> list[Figure]:
    """The figures that a question takes for granted: those of the rule it speaks of, where it goes on to a case."""
    figures = _figures(text)
    said = find_rules_said(text)
    return [f for f in figures if any(start <= f.start < end for start, end in said)] or figures


def _figures(text: str) -> list[Figure]:
    """The figures of a question with a unit, or bare and large; 附件3 and 第2项 are names, 2021 a year."""
    return [
        f
        for f in find_figures(text)
        if (f.unit and not _COUNTS_ONE.match(text, f.start))
        or (f.value >= _LEAST_BARE and f.value not in _YEARS and _SAID_BARE.match(text, f.end))
    ]


def _may_be_of(text: str, claim: Figure, piece: str) -> bool:
    """Whether a piece speaks of the things that a figure counts: 3个老师 is not of 每班人数不得超过80人."""
    thing = _THING.match(text, claim.end) if claim.unit in ("个", "名", "位") else None
    return thing is None or thing[0] in squeeze(piece)


def _likeness(question: str, piece: str) -> int:
    """Character pairs without digits that a piece of a sentence shares with the question."""
    flat = squeeze(piece)
    return sum(
        pair in question and not any(c.isdigit() for c in pair)
        for pair in {flat[i : i + 2] for i in range(len(flat) - 1)}
    )


def _are_of_one_unit(a: Figure, b: Figure) -> bool:
    if a.is_ratio or b.is_ratio:
        return a.is_ratio and b.is_ratio
    if not a.unit:
        return b.unit not in ("%", "倍", "年", "")
    return a.unit == b.unit or any(a.unit in units and b.unit in units for units in _ALIKE)


def _equal(a: Figure, b: Figure) -> bool:
    scale_a, scale_b = (10_000 if f.unit == "万元" else 1 for f in (a, b))
    return a.value * scale_a == b.value * scale_b
