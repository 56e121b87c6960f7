"""Reads the number at the head of a line: 第三条, 一、, （一）, 1., （1）, ①, 2.1, 一是.

In: the text of one line. Out: a `Label` or None. Half- and full-width forms are the same label. Which
label is a heading and which a cross-reference is decided by the parser, from position and sequence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
CN = "[零〇○一二三四五六七八九十百千两]+"
ARTICLE_FAMILIES = ("部分", "编", "篇", "章", "节", "条", "款", "项")

# Canonical depth, used only where two families meet for the first time in a document.
RANK = {
    family: rank
    for rank, family in enumerate(
        (
            *ARTICLE_FAMILIES,
            *("cn", "cn_paren", "decimal1", "num", "decimal2", "decimal3", "decimal4"),
            *("num_paren", "num_close", "circled", "ordinal"),
        )
    )
}

_SPACE = r"[ \t\u3000]*"
_UNITS_OF_MEASURE = "万|亿|倍|元|米|个|%|\uff05|人|公里|千米|公顷|亩|小时|学时|课时|分"
_PATTERNS = [
    # 第三条　…   near miss: 第三方机构, 第三项目
    (
        "article",
        rf"第{_SPACE}(?P<n>{CN}|\d{{1,4}}){_SPACE}(?P<f>部分|[编篇章节条款项])(?![目次件课])",
    ),
    # 一、… 一.…   near miss: 一是, 一体化, 二、三等奖, 三.5
    ("cn", rf"(?P<n>{CN}){_SPACE}(?:、(?!{CN}[、级等类档线产])|[.．](?!\d))"),
    # （一）… (十三) …   near miss: （一）项规定
    ("cn_paren", rf"[（(]{_SPACE}(?P<n>{CN}){_SPACE}[）)](?![项款条])"),
    # 2.1 …   near miss: 2.5万, 1.5 倍
    (
        "decimal",
        r"(?P<n>\d{1,2}(?:[.．]\d{1,2}){1,3})[.．]?(?=[ \t\u3000\u4e00-\u9fff])"
        rf"(?!{_SPACE}(?:{_UNITS_OF_MEASURE}))",
    ),
    # 1. 1． 1、 1.2021年…   near miss: 1.5, 1、2、3号楼
    ("num", r"(?P<n>\d{1,3})[ ]?(?:[.．](?=20\d\d年|\D|$)|、(?!\d{1,3}(?:\D|$)))"),
    # （1） (1)
    ("num_paren", rf"[（(]{_SPACE}(?P<n>\d{{1,3}}){_SPACE}[）)](?![项款条])"),
    # 1）
    ("num_close", r"(?P<n>\d{1,3})[）)]"),
    # ①
    ("circled", r"(?P<n>[①-⑳])"),
    # one-character forms of old encodings: ㈠ ⑴ ⒈
    ("cn_paren", r"(?P<n>[㈠-㈩])"),
    ("num_paren", r"(?P<n>[⑴-⒇])"),
    ("num", r"(?P<n>[⒈-⒛])"),
]
_COMPILED = [(family, re.compile(pattern)) for family, pattern in _PATTERNS]
# 1 总则, where 1.1 编制目的 follows   near miss: 13 项子计划
_BARE = re.compile(r"(?P<n>\d{1,2})[ \t\u3000]+(?=[\u4e00-\u9fff])")
_ORDINAL = re.compile(rf"(?P<n>{CN})是(?!否|指)")
_CN_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Label:
    """A number at the head of a line.

    Attributes:
        family: numbering family; labels of one family in one list are siblings.
        number: the number as an integer; of a decimal the last component.
        shown: the label as printed, brackets and digits in their usual width.
        length: code points of the line that the label takes, with the blanks behind it.
        has_gap: True where a blank follows the label.
        prefix: the components of a decimal before the last: (2, 1) of 2.1.3.
    """

    family: str
    number: int
    shown: str
    length: int
    has_gap: bool
    prefix: tuple[int, ...] = ()


def chinese_to_int(numeral: str) -> int:
    """Read a Chinese numeral below ten thousand, such as 二百零一 → 201, 二〇二一 → 2021."""
    if numeral.isdecimal():
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
    for family, pattern in _COMPILED:
        if match := pattern.match(line):
            return _label(family, match, line)
    return None


def read_bare_label(line: str) -> Label | None:
    """The bare integer before a heading (1 总则), which only its neighbours can tell from a figure."""
    match = _BARE.match(line)
    return _label("decimal1", match, line) if match else None


def find_ordinals(text: str) -> list[tuple[int, Label]]:
    """The 一是… 二是… members of a run-in list, with their offsets.

    A member must open a sentence, so that 这一是非 and 之一是 are no members.

    Returns:
        In order; empty unless at least two members count 1, 2, ….
    """
    found: list[tuple[int, Label]] = []
    for match in _ORDINAL.finditer(text):
        start = match.start()
        before = text[max(start - 20, 0) : start].rstrip()
        number = chinese_to_int(match["n"])
        if number == len(found) + 1 and (not before or before[-1] in "。；：;:，,"):
            shown = f"{match['n']}是"
            found.append((start, Label("ordinal", number, shown, len(shown), False)))
    return found if len(found) > 1 else []


def _label(family: str, match: re.Match[str], line: str) -> Label:
    numeral = match["n"]
    length = match.end()
    while length < len(line) and line[length] in " \t\u3000":
        length += 1
    has_gap = length > match.end() or match[0][-1].isspace()
    prefix: tuple[int, ...] = ()
    if family == "circled" or not (numeral[0].isdecimal() or numeral[0] in CN):
        number = int(unicodedata.numeric(numeral))
        shown = numeral if family == "circled" else _show(family, number)
    elif family == "article":
        family, number = match["f"], chinese_to_int(numeral)
        shown = f"第{_usual_width(numeral)}{family}"
    elif family == "decimal":
        shown = _usual_width(numeral)
        *before, number = (int(component) for component in shown.split("."))
        prefix = tuple(before)
        family = f"decimal{len(prefix) + 1}"
    else:
        number = chinese_to_int(numeral)
        shown = _show(family, _usual_width(numeral))
    return Label(family, number, shown, length, has_gap, prefix)


def _show(family: str, numeral: str | int) -> str:
    if isinstance(numeral, int) and family == "cn_paren":
        numeral = "十" if numeral == 10 else _CN_DIGITS[numeral]
    forms = {"cn": "{}、", "num": "{}.", "num_close": "{}）", "decimal1": "{}"}
    return forms.get(family, "（{}）").format(numeral)


def _usual_width(numeral: str) -> str:
    return unicodedata.normalize("NFKC", numeral)
