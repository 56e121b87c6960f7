"""Source text → lines, each told apart by what it is on its own: number, date, contact, row, text.

In: the source text. Out: `Line`s with spans; no line is changed. What a line is to its neighbours (a
title, a signature, the rest of a broken sentence) is decided in `blocks`; only a row needs other rows
beside it, because a tab in a paragraph makes no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from assistant.documents.normalize import is_blank, squeeze
from assistant.documents.numbering import read_label

LineKind = Literal["text", "row", "number", "date", "contact", "note", "serial", "annex", "annex_list"]

_CN_YEAR = "[二一〇○零][〇○零一二三四五六七八九]{3}"
DATE = rf"(?:\d{{4}}|{_CN_YEAR})年[\d一二三四五六七八九十]{{1,3}}月[\d一二三四五六七八九十]{{1,3}}日"
NUMBER = (
    r"(?:[\u4e00-\u9fff]{1,14}[〔\[(【]\d{4}[〕\])】]第?\d+号"
    r"|[\u4e00-\u9fff]{2,20}令第?[\d〇零一二三四五六七八九十百]+号)"
)
_ANNEX = r"附[件表录](?:\d{1,2}|[一二三四五六七八九十]{1,3})?"
_FIELDS = "索引号|主题分类|发文机关|发文字号|文号|成文日期|发布日期|发布机构|信息名称|来源|生效日期|有效性|公开方式|签发人|密级|紧急程度"
_PATTERNS: list[tuple[LineKind, re.Pattern[str]]] = [
    # 潢技领办〔2021〕1号   near miss: 根据豫政〔2021〕2号
    ("number", re.compile(rf"{NUMBER}(?:签发人[:：].{{1,20}})?")),
    # 2021年6月30日印发, 省政府办公厅2021年1月7日印发, 县人民政府2021年4月7日   near miss: …日起施行
    (
        "date",
        re.compile(
            rf"\(?{DATE}\)?|[^，。；：]{{0,24}}{DATE}印发"
            rf"|[\u4e00-\u9fff]{{2,30}}(?:政府|室|厅|局|部|委|会|小组|院|公司|中心|处|办){DATE}"
        ),
    ),
    # 省教育厅职成教处联系人：…   near miss: 建立联系人制度
    (
        "contact",
        re.compile(
            r"[^，。；：:]{0,30}(?:联系人|联系单位|联系电话|(?:举报|投诉|监督)电话|联系方式|咨询电话|联系地址|电子邮箱|传真)[:：].*"
        ),
    ),
    # 抄送：… 督办：… (主动公开) 索引号：…
    (
        "note",
        re.compile(
            r"[^，。；：:]{0,4}(?:主办|督办|抄送|抄报|分送|发送)[:：].*"
            r"|[（(](?:主动公开|依申请公开|不予公开|此件.{0,8}公开.{0,4})[）)]"
            rf"|(?:{_FIELDS})[:：].*"
        ),
    ),
    # 000130, — 3 —, 第 3 页
    ("serial", re.compile(r"[-—–―·]*\d{1,6}[-—–―·]*|第\d+页(?:[,，]?共\d+页)?")),
    # 附件1   near miss: 附件1所列
    ("annex", re.compile(rf"{_ANNEX}[:：]?")),
    # 附件：1. … , 附件 2：…
    ("annex_list", re.compile(rf"[-—]?{_ANNEX}[:：].+")),
]
_PHONE = r"(?:0\d{2,3}[-—－]?\d{7,8}|1[3-9]\d{9}|400[-—－]?\d{3}[-—－]?\d{4}|(?:\d{3,4}[-—－])?12\d{3})"
_CONTACT = re.compile(
    # 省农业农村厅科技教育处 鲍振国 024-23448801, 技术支持：0797-8990352   near miss: 可以拨打0797-8990352举报。
    rf"(?!\d|[（(])[^，。；]{{2,50}}?(?<!\d)(?:{_PHONE}[、,，/]?)+(?:[（(][^（()）]{{1,40}}[）)])?"
    # 办公地址：双龙街道, 工作时间：8:30   near miss: 培训地址：
    r"|(?:办公|联系|通讯|通信|单位|邮寄)?(?:地址|地点)[:：].{2,60}|(?:工作|办公|上班|咨询|服务)时间[:：].{2,80}"
    r"|(?:邮编|邮政编码|网址|微信公众号)[:：].{2,60}"
)
# 区就业服务中心培训股：0851-27223419（联系人：罗昌敏）   near miss: 拨打0851-27223419
_OFFICE_LINE = re.compile(
    rf"(?!\d|[（(]|第)[^，。；:：]{{2,20}}(?<!电话)[:：][^，。；]{{0,30}}?(?<!\d)(?:{_PHONE}[、,，/]?)+(?:[（(][^（()）]{{1,40}}[）)])?"
)
# A line longer than this is text: no form of the list above is so long.
_LONGEST_FORM = 600
_BREAKS = "\n\r\f\v\x1c-\x1e\x85\u2028\u2029"
_LINE = re.compile(rf"([^{_BREAKS}]*)(\r\n|[{_BREAKS}]|$)")
_BLANKS = " \r\n\u3000\ufeff\xa0\u200b\u200c\u200d\u2060"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its outer blanks; `is_after_gap` where a blank line stands before it."""

    start: int
    end: int
    text: str
    kind: LineKind
    is_after_gap: bool


def split_lines(source: str) -> list[Line]:
    """The non-blank lines of `source`, in order; any convention of line ends."""
    lines: list[Line] = []
    is_after_gap = False
    for match in _LINE.finditer(source):
        raw = match[1]
        if is_blank(raw):
            is_after_gap = is_after_gap or bool(match[2])
            continue
        text = raw.strip(_BLANKS)
        start = match.start() + len(raw) - len(raw.lstrip(_BLANKS))
        lines.append(Line(start, start + len(text), text, "text", is_after_gap))
        is_after_gap = False
    return _classify(lines)


def classify_line(text: str) -> LineKind:
    """What a line is by its own words."""
    if len(text) > _LONGEST_FORM:
        return "text"
    compact = squeeze(text)
    for kind, pattern in _PATTERNS:
        if pattern.fullmatch(compact):
            return kind
    return "contact" if _OFFICE_LINE.fullmatch(compact) else "text"


def is_contact(text: str) -> bool:
    """Whether a line that stands among contacts is one too, though it says neither 联系人 nor 联系电话."""
    return len(text) <= _LONGEST_FORM and _CONTACT.fullmatch(squeeze(text)) is not None


def _classify(lines: Sequence[Line]) -> list[Line]:
    """Tell the kind of each line; neighbouring lines with tabs are looked at together."""
    classified: list[Line] = []
    for has_tab, group in groupby(lines, key=lambda line: "\t" in line.text):
        for run in _split_run(group) if has_tab else [list(group)]:
            first, last = _find_table(run) if has_tab else (0, 0)
            for i, line in enumerate(run):
                if first <= i < last:
                    classified.append(replace(line, kind="row"))
                else:
                    kept = _trim(line) if has_tab else line
                    classified.append(replace(kept, kind=classify_line(kept.text)))
    return classified


def _split_run(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Part lines with tabs where a blank line stands and they are no rows of one table."""
    run: list[Line] = []
    for line in lines:
        if run and line.is_after_gap and not _is_same_table(run[-1].text, line.text):
            yield run
            run = []
        run.append(line)
    yield run


def _is_same_table(upper: str, lower: str) -> bool:
    n_tabs = upper.count("\t")
    if n_tabs != lower.count("\t"):
        return False
    return n_tabs > 1 or classify_line(upper) == classify_line(lower) == "text"


def _find_table(run: Sequence[Line]) -> tuple[int, int]:
    """Which lines of a run with tabs are rows, half-open; prose may stand at either end of a table."""
    texts = [line.text for line in run]
    first, last = 0, len(run)
    while first < last and not _opens_table(texts[first : first + 2]):
        first += 1
    while first < last and not _ends_table(texts[last - 1]):
        last -= 1
    if last - first > 1 or (last - first == 1 and _is_row_alone(texts[first])):
        return first, last
    return 0, 0


def _opens_table(texts: Sequence[str]) -> bool:
    """True where the first of two lines is a row: 1.⇥… and a sentence with a stray tab are none."""
    text = texts[0]
    is_even = len(texts) > 1 and texts[1].count("\t") == text.count("\t")
    return _has_columns(text) and (is_even or "。" not in text.split("\t")[0])


def _ends_table(text: str) -> bool:
    """True for what may be the last row: cells, an empty last cell, or a merged first one."""
    return _has_columns(text) or text.endswith("\t") or (text.startswith("\t") and "。" not in text)


def _has_columns(text: str) -> bool:
    """True where a tab parts two cells; an indent and a tab behind a label (1.⇥…) part none."""
    bare = text.strip("\t")
    label = read_label(bare)
    return "\t" in (bare[label.length :] if label else bare)


def _is_row_alone(text: str) -> bool:
    n_cells = text.strip("\t").count("\t") + 1
    return n_cells > 2 and "。" not in text and classify_line(text) == "text"


def _trim(line: Line) -> Line:
    """A line of prose without the tabs around it."""
    text = line.text.strip("\t" + _BLANKS)
    start = line.start + line.text.index(text)
    return replace(line, start=start, end=start + len(text), text=text)
