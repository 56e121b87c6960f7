"""Source text → lines, each told apart by what it is on its own: number, date, contact, annex, row, text.

In: the source text. Out: `Line`s with spans; no line is changed. What a line is to its neighbours (a
title, a signature, the rest of a broken sentence) is decided in `blocks`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.documents.normalize import squeeze

LineKind = Literal[
    "text", "row", "number", "date", "contact", "note", "serial", "annex", "annex_list"
]

_DATE = r"(?:\d{4}|[二一〇○零][〇○零一二三四五六七八九]{3})年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日"
_PATTERNS: list[tuple[LineKind, re.Pattern[str]]] = [
    # 潢技领办〔2021〕1号   near miss: 根据豫政〔2021〕2号
    ("number", re.compile(r"[\u4e00-\u9fff]{1,14}[〔\[(【]\d{4}[〕\])】]第?\d+号")),
    # 2021年6月30日印发, 省政府办公厅2021年1月7日印发   near miss: 2021年4月7日起施行
    ("date", re.compile(rf"(?:{_DATE}|[^，。；：]{{0,24}}{_DATE}印发)")),
    # 省教育厅职成教处联系人：…   near miss: 建立联系人制度
    (
        "contact",
        re.compile(
            r"[^，。；：:]{0,30}(?:联系人|联系电话|联系方式|咨询电话|联系地址|电子邮箱|传真)[:：].*"
        ),
    ),
    # 抄送：… 督办：… (主动公开)
    (
        "note",
        re.compile(
            r"(?:[^，。；：:]{0,4}(?:主办|督办|抄送|抄报|分送|发送)[:：].*|[（(](?:主动公开|依申请公开|不予公开|此件.{0,8}公开)[）)])"
        ),
    ),
    # 000130, — 3 —, 第 3 页
    ("serial", re.compile(r"(?:[-—–]*\d{1,6}[-—–]*|第\d+页(?:共\d+页)?)")),
    # 附件1   near miss: 附件1所列
    ("annex", re.compile(r"附件(?:\d{1,2}|[一二三四五六七八九十]{1,3})?[:：]?")),
    # 附件：1. … , 附件 2：…
    ("annex_list", re.compile(r"[-—]?附件(?:\d{1,2}|[一二三四五六七八九十]{1,3})?[:：].+")),
]
_BULLET = re.compile(r"-[ \t]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its outer blanks; `is_after_gap` where at least one blank line stands before it."""

    start: int
    end: int
    text: str
    kind: LineKind
    is_after_gap: bool


def split_lines(source: str) -> list[Line]:
    """The non-blank lines of `source`, in order."""
    lines: list[Line] = []
    offset, is_after_gap = 0, False
    for raw in source.split("\n"):
        text = raw.strip(" \r\n\u3000\ufeff\xa0") if "\t" in raw else raw.strip()
        if text.strip():
            start = offset + raw.index(text)
            lines.append(Line(start, start + len(text), text, classify_line(text), is_after_gap))
            is_after_gap = False
        else:
            is_after_gap = True
        offset += len(raw) + 1
    return lines


def classify_line(text: str) -> LineKind:
    """What a line is by its own words."""
    if "\t" in text:
        return "row"
    compact = squeeze(text)
    for kind, pattern in _PATTERNS:
        if pattern.fullmatch(compact):
            return kind
    return "text"


def is_closed(text: str) -> bool:
    """True where a sentence ends at the end of `text`, so that the next line does not continue it.

    A bracket that stands behind a closed sentence is closed itself: …200 人次。（责任单位：县司法局）
    """
    text = text.rstrip().rstrip("*”’」』》")
    if text.endswith(("）", ")", "〕", "】")):
        opening = max(text.rfind(c) for c in "（(〔【")
        before = text[: max(opening, 0)].rstrip()
        return opening == 0 or is_closed(before) or before == ""
    return text.endswith(tuple("。！？；：!?;:…"))
