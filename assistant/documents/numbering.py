"""Reads the number at the head of a line: 第三条, 一、, （一）, 1., （1）, ①, 2.1, 一是.

In: the text of one line. Out: a `Label` or None. Half- and full-width forms are the same label. Which
label is a heading and which a cross-reference is decided by the parser, from position and sequence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
CN = "[零〇○一二三四五六七八九十百千两]+"
ARTICLE_FAMILIES = ("编", "章", "节", "条", "款", "项")

# Canonical depth, used only where two families meet for the first time in a document.
RANK = {"编": 0, "章": 1, "节": 2, "条": 3, "款": 4, "项": 5}
RANK |= {
    "cn": 6,
    "cn_paren": 7,
    "num": 8,
    "decimal2": 9,
    "decimal3": 10,
    "num_paren": 11,
    "circled": 12,
    "ordinal": 13,
}

_SPACE = r"[ \t\u3000]*"
_PATTERNS = [
    # 第三条　…   near miss: 第三方机构
    (
        "article",
        re.compile(rf"第{_SPACE}(?P<n>{CN}|\d{{1,4}}){_SPACE}(?P<f>[编章节条款项])(?![目次])"),
    ),
    # 一、…   near miss: 一是, 一体化
    ("cn", re.compile(rf"(?P<n>{CN}){_SPACE}、")),
    # （一）… (十三) …   near miss: （一）字形
    ("cn_paren", re.compile(rf"[（(]{_SPACE}(?P<n>{CN}){_SPACE}[）)]")),
    # 2.1 …   near miss: 2.5万
    (
        "decimal",
        re.compile(
            r"(?P<n>\d{1,2}(?:\.\d{1,2}){1,2})(?=[ \u3000\u4e00-\u9fff])(?!万|亿|倍|元|米|个)"
        ),
    ),
    # 1. 1． 1、   near miss: 1.5
    ("num", re.compile(r"(?P<n>\d{1,3})[ ]?[.．、](?!\d)")),
    # （1） (1) 1）
    (
        "num_paren",
        re.compile(rf"(?:[（(]{_SPACE}(?P<n>\d{{1,3}}){_SPACE}[）)]|(?P<m>\d{{1,3}})[）)])"),
    ),
    # ①
    ("circled", re.compile(r"(?P<n>[①-⑳])")),
]
_ORDINAL = re.compile(rf"(?P<n>{CN})是(?!否|指)")


@dataclass(frozen=True, slots=True)
class Label:
    """A number at the head of a line.

    Attributes:
        family: numbering family; labels of one family in one list are siblings.
        number: the number as an integer.
        shown: the label as printed, brackets and digits in their usual width.
        length: code points of the line that the label takes, with the blanks behind it.
        has_gap: True where a blank follows the label.
    """

    family: str
    number: int
    shown: str
    length: int
    has_gap: bool


def chinese_to_int(numeral: str) -> int:
    """Read a Chinese numeral below ten thousand, such as 二百零一 → 201, 二〇二一 → 2021."""
    if numeral.isdigit():
        return int(numeral)
    if not any(c in UNITS for c in numeral):
        return int("".join(str(DIGITS[c]) for c in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in UNITS:
            total += (digit or 1) * UNITS[char]
            digit = 0
        else:
            digit = DIGITS[char]
    return total + digit


def read_label(line: str) -> Label | None:
    """The label at the head of `line`, or None."""
    for family, pattern in _PATTERNS:
        if match := pattern.match(line):
            return _label(family, match, line)
    return None


def find_ordinals(text: str) -> list[tuple[int, Label]]:
    """The 一是… 二是… members of a run-in list, with their offsets; empty unless it counts 1, 2, ….

    A member must open a sentence, so that 这一是非 and 之一是 are no members.
    """
    found: list[tuple[int, Label]] = []
    for match in _ORDINAL.finditer(text):
        before = text[: match.start()].rstrip()
        number = chinese_to_int(match["n"])
        if number == len(found) + 1 and (not before or before[-1] in "。；：;:，,"):
            shown = f"{match['n']}是"
            found.append((match.start(), Label("ordinal", number, shown, len(shown), False)))
    return found if len(found) > 1 else []


def _label(family: str, match: re.Match[str], line: str) -> Label:
    groups = match.groupdict()
    numeral = groups.get("n") or groups.get("m") or ""
    length = match.end()
    gap = len(line) - length - len(line[length:].lstrip(" \t\u3000"))
    if family == "article":
        family, number = groups["f"] or "", chinese_to_int(numeral)
        shown = f"第{numeral}{family}"
    elif family == "decimal":
        family, number = f"decimal{numeral.count('.') + 1}", int(numeral.rpartition(".")[2])
        shown = numeral
    elif family == "circled":
        number, shown = ord(numeral) - ord("①") + 1, numeral
    else:
        number = chinese_to_int(numeral)
        shown = {"cn": f"{numeral}、", "num": f"{numeral}."}.get(family, f"（{numeral}）")
    return Label(family, number, shown, length + gap, gap > 0)
