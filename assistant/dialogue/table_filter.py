"""Which rows of a table a question leaves: by a bound, by their place, by rank, or all but some.

In: a `Grid`, rows and the question's words. Out: the rows that stay, with the words that chose them; and what of the
question is left over, for a count of all rows answers nobody who asked for some.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from assistant.dialogue.table_grid import (
    LEAST_WORD,
    Grid,
    bare_head,
    list_names,
    name_key,
    read_cell,
    read_figure,
    read_total,
)
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Clause
from assistant.rules.numerals import find_figures
from assistant.rules.show import show_number

_N = r"[一二两三四五六七八九十\d]{1,3}"
_D = r"(?<![\d.])\d+(?:\.\d+)?"
_UNITS = r"人次|个人|人|名|元|期|处|家|所|个|项|课时|学时|小时"
_BOUND = re.compile(
    rf"(?P<op>不少于|不低于|至少|超过|大于|多于|高于|不超过|不多于|少于|低于|小于|不到|不足)了?(?P<n>{_D})(?P<u1>{_UNITS})?"
    rf"|(?P<m>{_D})(?P<u2>{_UNITS})?(?P<after>及?以上|及?以下|以内)"
    rf"|(?:是|为|[正刚恰]好|等于|[写填标列]着?(?:的是|的|了)?)(?P<eq>{_D})(?P<u3>{_UNITS})?(?:的|[那这几各]|有)"
)
"""超过300人次, 10个及以上, 写着200的."""
_BETWEEN = re.compile(
    rf"(?P<low>{_D})(?:{_UNITS})?(?:到|至|-|—|~|和)(?P<high>{_D})(?:{_UNITS})?(?:之间|以?内|的)"
)
# 200人次的有几项, 5期的   near miss: 今年做了1200人次，占几成
_EXACT = re.compile(rf"(?<!了)(?P<eq>{_D})(?P<u1>人次|个人|人)(?![以之到至])|(?P<eq2>{_D})(?P<u2>{_UNITS})的")
_COUNTS_PEOPLE = {"人次", "个人", "人", "名", "个"}
_FIRST = re.compile(rf"前(?P<n>{_N})[行项条]")
_ORDINAL = re.compile(rf"第?(?P<n>{_N})(?=[行项条])")
# 倒数第二行, 最后两行, 末行
_FROM_END = re.compile(rf"倒数第?(?P<n>{_N})(?=[行项条])|(?:最后|末尾?)(?P<last>{_N})?(?=[行项条])")
# 排第二的, 第二多, 第三名   near miss: 第二项
_RANK = re.compile(
    rf"(?:排(?:名|位|在|到)?第?|第)(?P<n>{_N})(?:名|位)?(?P<end>[多大高少小低])?(?![\d行项条类张号])"
)
_TOP = re.compile(rf"(?:(?P<end>最[多大高少小低])的?)?前(?P<n>{_N})(?:名|位|大|(?=[是有都,，?？]|$))")
# 最少的三个县   near miss: 最多的一项, which is the largest
MOST = re.compile(r"(?P<end>最[多大高少小低])的(?P<n>[二两三四五六七八九十]|[2-9]|\d{2})[个项行家类种条]")
_LAST = re.compile(r"倒数|从(?:少|小|低)到|最[少小低末]|垫底|末[位尾]")
_LEFT_OUT = r"(?:不(?:归|由|是|让|用|需要?|包括|含|属于|涉及|带)|没(?:有)?(?:让|叫|算|带|包括|把)?|除(?:了|开|去|掉|却)?|撇开)"
_TAKES_NO_PART = (
    r"(?:没(?:有)?(?:[份分沾]|参[与加]|牵头|负责|管)|不(?:牵头|参[与加]|负责|管|用管|沾)|[^,，。]{0,2}以外)"
)
_GENERIC = re.compile(
    r"附件[\d一二三四五六七八九十]*|分解|清单|目录|名单|表格?|一共|总共|合计|总计|总数|总量|到底|究竟|具体|分别|全部|所有|"
    r"里头|里面|里边|上面|后面|后头|最后|末尾|中间|[这那](?:个|张|份|里|边|些|块|一)|加起来|加在一起|加一[块起]|合起来|牵头|参与|参加|配合|负责|承担|涉及|主要|"
    r"单位|部门|责任|工作|任务|项目|事项|事情|培训|补贴性?|职业|技能|工种|人次|人数|数[量目]|内容|政策|规定|安排|"
    r"哪(?:些|几|个|一)?|几|多少|什么|有没有|是不是|在不在|列没列|列举|写着|请问|想问|问一?下|知道|告诉|[看数]一?下|"
    r"分[到得给]|摊[到上给]|下达|领到|年度?|出现|对[得不]上|差多少|相符|一致|倒数|最后|末尾?|从[大小多少高低]到[大小多少高低]|最[多少大小高低轻重长短]|地[方区]|那一?[栏列]|出来|占了?|前|比例|相差|全[县省市]|[县省市](?:里|级)|[咱俺我你他它]们?|"
    r"[一二两三四五六七八九十百千万\d]+"
)
"""Words that a question over all rows is made of."""
_FILLERS = (
    "的了呢吗嘛啊呀吧么里中上下内是有都各分给要该归由被把在和与跟及或为就也还又没共总个份张条项行件类种块名位得着"
    "来去管做干领带担只光那这其啥谁列写说讲排派第家县省市年版成"
)
"""Characters that may stand at either end of what is left."""
_OFFICE = re.compile(r"[\u4e00-\u9fff]{1,8}[局厅委办会部联院校]")
_MOST_OF_NAME = 8
_LEAST_OF_ONES = 1000
"""A figure from which it counts ones beside a column of ten thousands."""
# 附件1, 第3行, 前两行, 2024年, 皖人社〔2024〕18号, 3月: names, no figures of rows
_NAMES = re.compile(
    r"附[件表]\d+|[第前]\d+|\d{4}年?|\[\d+\]|\d+号|\d+月份?底?|\d+日|[五四三二一\d]级|\d+(?=[行项条类])"
)


class Chosen(NamedTuple):
    """Rows that stay.

    Attributes:
        words: those that chose them.
        sides: what was named, rows or offices, each with its figure.
        left_out: sum of the rows that were left out by name.
        rank: the place by size that they have, from the least where `is_from_least`; 0 where none was asked.
    """

    rows: list[Clause]
    words: tuple[str, ...] = ()
    sides: tuple[tuple[str, Fraction], ...] = ()
    rank: int = 0
    is_from_least: bool = False
    left_out: Fraction = Fraction(0)


def write_figures(text: str) -> str:
    """`text` with its counts in digits: 两百人次 is 200人次."""
    for figure in reversed(find_figures(text)):
        if figure.unit in ("", "人次", "人", "个人") and not figure.is_ratio and figure.value >= 10:
            shown = show_number(figure.value)
            text = f"{text[: figure.start]}{shown}{figure.unit}{text[figure.end :]}"
    return text


def has_bound(text: str) -> bool:
    """Whether a question chooses rows by their figure, place or rank."""
    patterns = (_BETWEEN, _BOUND, _EXACT, _RANK, _TOP)
    return any(p.search(text) for p in patterns) or bool(list_ordinals(text))


def choose_by_figure(grid: Grid, rows: list[Clause], text: str) -> Chosen | None:
    """The rows whose figure a bound leaves; None where the question states none."""
    if match := _BETWEEN.search(text):
        low, high = Fraction(match["low"]), Fraction(match["high"])
        figures = ((r, _read_scaled(grid, r, low)) for r in rows)
        return Chosen([r for r, f in figures if f is not None and low <= f <= high], (match[0],))
    match = _BOUND.search(text) or _EXACT.search(text)
    if match is None or _is_total(grid, match) or not _fits(grid, match):
        return None
    bound = Fraction(_stated(match))
    return Chosen([r for r in rows if _meets(match, _read_scaled(grid, r, bound))], (match[0],))


def choose_by_rank(grid: Grid, rows: list[Clause], text: str) -> Chosen | None:
    """The rows of a place by size, equals together; None where the question asks for no rank."""
    match = MOST.search(text) or _TOP.search(text) or _RANK.search(text)
    number = chinese_to_int(match["n"]) if match else 0
    if match is None or not 0 < number <= len(rows):
        return None
    is_from_least = bool(_LAST.search(text)) or (match["end"] or "")[-1:] in ("少", "小", "低")
    rows = [r for r in rows if read_figure(r, grid.figure) is not None]
    figure = {r.clause_id: read_figure(r, grid.figure) or Fraction(0) for r in rows}
    ordered = sorted(figure.values(), reverse=not is_from_least)
    if match.re is not _RANK:
        edge = ordered[number - 1]
        kept = [
            r for r in rows if (figure[r.clause_id] <= edge if is_from_least else figure[r.clause_id] >= edge)
        ]
        return Chosen(kept, (match[0],))
    sizes = list(dict.fromkeys(ordered))
    if number > len(sizes):
        return None
    kept = [r for r in rows if figure[r.clause_id] == sizes[number - 1]]
    return Chosen(kept, (match[0],), rank=number, is_from_least=is_from_least)


def counts_from_end(text: str) -> bool:
    """Whether a question counts rows from the last: 最后一行, 倒数第二行."""
    return bool(_FROM_END.search(text))


def list_ordinals(text: str, n_rows: int = 0) -> list[int]:
    """The rows that a question counts out: 前三行, 第4行和第5行, 最后一行; none where it names one alone from the first."""
    if last := _FROM_END.search(text):
        n = chinese_to_int(last["n"] or last["last"] or "一")
        return [n_rows - n + 1] if last["n"] else list(range(n_rows - n + 1, n_rows + 1))
    if first := _FIRST.search(text):
        return list(range(1, chinese_to_int(first["n"]) + 1))
    found = [chinese_to_int(m["n"]) for m in _ORDINAL.finditer(text) if text[m.start()] == "第"]
    return found if len(found) > 1 else []


def leaves_out(text: str, word: str) -> bool:
    """Whether the rows of an office are those that are not asked for: 不归人社局管的, 妇联没参与的."""
    name = re.escape(word)
    return bool(re.search(rf"{_LEFT_OUT}{name}|{name}{_TAKES_NO_PART}", text))


def find_unread(grid: Grid, text: str, words: Sequence[str]) -> list[str]:
    """What a question has beside the table's name, the words that chose rows and those of asking."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, " ")
    for head in (
        name_key(grid),
        *(n for h in (grid.key, *grid.figures) for n in (bare_head(h), *list_names(h))),
    ):
        text = text.replace(head, " ")
    heading = squeeze(grid.table.heading)
    for size in range(min(len(heading), len(text)), LEAST_WORD - 1, -1):
        for start in range(len(heading) - size + 1):
            text = text.replace(heading[start : start + size], " ")
    pieces = (piece.strip(_FILLERS) for piece in re.findall(r"\w+", _GENERIC.sub(" ", text)))
    return [piece for piece in pieces if len(piece) >= LEAST_WORD]


def has_unread_figure(grid: Grid, text: str) -> bool:
    """Whether a question states a figure beside numbers that are names and the table's own total."""
    stated = re.findall(_D, _NAMES.sub(" ", write_figures(text)))
    totals = {read_total(t, h) for t in grid.totals for h in ("", *grid.figures)}
    return any(Fraction(n) not in totals for n in stated)


def is_joined(text: str, word: str) -> bool:
    """Whether a word is named together with another: 住建口和商务局."""
    name = re.escape(word)
    return bool(re.search(rf"{name}[和与跟、]|[和与跟、]{name}", text))


def is_name(grid: Grid, word: str, *, is_alone: bool) -> bool:
    """Whether a word may be what a table lists: an office, or all that is left where its cells are lists of names."""
    is_list = is_alone and sum(read_cell(r, grid.key).count("、") for r in grid.rows) >= _MOST_OF_NAME * len(
        grid.rows
    )
    return len(word) <= _MOST_OF_NAME and (is_list or bool(_OFFICE.fullmatch(word)))


def is_absent(grid: Grid, word: str) -> bool:
    """Whether no row says a word, any two characters of it in a row, or a name that it may be a variant of."""
    cells = [squeeze(c.text) for r in grid.rows for c in r.cells[1:]]
    if any(word[i : i + 2] in cell for cell in cells for i in range(len(word) - 1)):
        return False
    names = [n for cell in cells for n in re.split(r"[、,，;；]", cell)]
    return not any(n[:1] == word[0] and n[-1:] == word[-1] for n in names)


def _is_total(grid: Grid, match: re.Match[str]) -> bool:
    """Whether a figure is the table's own total, of which a question speaks beside its rows."""
    stated = _equals(match)
    return bool(stated) and any(read_total(t, grid.figure) == Fraction(stated) for t in grid.totals)


def _equals(match: re.Match[str]) -> str:
    """The figure that is to be met exactly; empty where it is a bound."""
    return match["eq"] or match.groupdict().get("eq2") or ""


def _stated(match: re.Match[str]) -> str:
    return _equals(match) or match["n"] or match["m"]


def _fits(grid: Grid, match: re.Match[str]) -> bool:
    """Whether a figure is in the unit of the column: 5期 is not of a column of 人次."""
    unit = next((u for name, u in match.groupdict().items() if name[0] == "u" and u), "")
    is_people = unit in _COUNTS_PEOPLE and grid.unit in ("人", "人次", "万人", "万人次")
    return not unit or not grid.unit or unit in grid.unit or is_people


def _read_scaled(grid: Grid, row: Clause, beside: Fraction) -> Fraction | None:
    """A row's figure in the unit of a figure that it is held against: 17.0 of a column of 万人次 is 170000."""
    figure = read_figure(row, grid.figure)
    is_of_ones = grid.unit.startswith("万") and beside >= _LEAST_OF_ONES
    return figure * 10_000 if figure is not None and is_of_ones else figure


def _meets(match: re.Match[str], figure: Fraction | None) -> bool:
    if figure is None:
        return False
    if stated := _equals(match):
        return figure == Fraction(stated)
    n = Fraction(_stated(match))
    word = match["op"] or match["after"]
    if word in ("超过", "大于", "多于", "高于"):
        return figure > n
    if word in ("少于", "低于", "小于", "不到", "不足"):
        return figure < n
    return figure >= n if word in ("不少于", "不低于", "至少", "以上", "及以上") else figure <= n
