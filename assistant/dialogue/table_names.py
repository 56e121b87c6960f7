"""Rows of a table found by what people call them: by their own names, and by the offices that stand beside these.

In: a `Grid` and some words. Out: the row, or the rows of an office, that the words name as people shorten them (人社局 for
人力资源和社会保障局). No table is known by name here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.dialogue.table_grid import LEAST_SHARE, LEAST_WORD, Grid, list_names, read_cell
from assistant.dialogue.table_wording import OFFICES
from assistant.documents.normalize import squeeze
from assistant.models import Cell, Clause
from assistant.retrieval.thesaurus import Expansion, Thesaurus

_NOISE = re.compile(
    r"[\d一二两三四五]+年|回来|请(?:问|把|帮我?)?|麻烦|帮我|把|算(?:一?下|算)|(?:多少|几)(?:个|名|位)?人(?:次)?|扣[除掉去]|刨[去掉开]|减[去掉]|\d+(?:人次?)?(?![\d行项个条])|附件\d*|分解表|清单|目录|表|里[面头]?|[这那]一?[行项]|中|的|这|那|[两三四五六七八九十\d]+[行项个条块拨类样家](?![\u4e00-\u9fff]{0,2}(?:培训|技能))|加起来|加在一起|加(?:到)?一?[块起]|[俩仨]|合起来|一起|要(?=多少|$)|合计|一共|总共|总和|之和|多少|人次|几|任务|培训|从业人员|是不是|是否|是|各|分别|占了?|全部|那一?块|百分之|[几多]成|比例|牵头|技能|提升|多|少|比|相差|差|呢|哪|谁|一样|相同|相等|数[量目]?(?![控字据码])|[?？,，。]"
)
_GOVERNMENT = re.compile(r"(?![有各省市县相])(\w{2,4}?)[市县区](?:人民)?政府")
_BETWEEN_OFFICES = re.compile(r"[、,，;；]|等")
_OF_OFFICES = re.compile(r"单位|部门")
_GROUP = re.compile(r"^(?:各|有关|相关)|等|部门$")
_LISTED = re.compile(r"[^、,，。;；:：?？]+、[^,，。;；:：?？]*[^、,，。;；:：?？]+")
_COMMON = re.compile(r"补贴性?|职业|技能|提升|培训|工种|任务|项目|计划|人员")
"""Words that rows of training have in common: none of them is a row's name."""
_BETWEEN_NAMES = re.compile(r"[、,，;；:：和与及跟占]|以及|还有|比|(?:是|为|顶)(?=.{2,12}倍)|由(?=、)")


def find_named_rows(grid: Grid, text: str, thesaurus: Thesaurus) -> list[Clause]:
    """The rows whose key the question names, each by a piece of it between 、 and 和, in official words or lay ones."""
    # Of 创业培训由几家单位牵头 the words that ask name no row.
    pieces = _BETWEEN_NAMES.split(OFFICES.sub("、", text))
    return list(dict.fromkeys(row for piece in pieces if (row := _find_meant(grid, piece, thesaurus))))


def names_all(grid: Grid, text: str, thesaurus: Thesaurus) -> bool:
    """Whether each of the things that a question lists is a row: a sum of two rows of three is no answer."""
    for listed in _LISTED.findall(text):
        pieces = (p for p in _BETWEEN_NAMES.split(listed) if p)
        if not all(_find_meant(grid, piece, thesaurus) for piece in pieces):
            return False
    return True


def _find_meant(grid: Grid, piece: str, thesaurus: Thesaurus) -> Clause | None:
    """The row that some words name, as they stand or in the official words for them."""
    for header in (h for h in grid.figures if h != grid.key):
        # Of 焊工的三级补贴 the column is not part of the name.
        for name in list_names(header):
            piece = piece if piece == name else piece.replace(name, "的")
    meant = (word for e in thesaurus.expand(piece) if _is_all(piece, e) for word in e.means)
    return next((row for words in (piece, *meant) if (row := find_row(grid, words))), None)


def _is_all(piece: str, lay: Expansion) -> bool:
    """Whether a lay phrase is all that some words say: 当兵回来的, but not 带当兵的去学开车."""
    return len(_NOISE.sub("", piece[: lay.start] + piece[lay.end :])) < LEAST_WORD


_WHOLE_NAME = 3
"""Characters of a row's name from which it is meant by standing in full before other words."""


def find_row(grid: Grid, words: str) -> Clause | None:
    """The row whose key some words name; None where no row is clear."""
    word = _NOISE.sub("", re.sub(r"[“”\"「」]", "", words))
    if len(_COMMON.sub("", word)) < LEAST_WORD:
        return None
    keys = [(r, squeeze(read_cell(r, grid.key))) for r in grid.rows]
    rest = _COMMON.sub("", word)
    # Of names that have all of a word the shortest is meant: 创业 is 创业培训, not 就业创业技能培训.
    ranked = sorted((-max(_share(w, key) for w in (word, rest)), len(key), r.path, r) for r, key in keys)
    share, length, _, best = ranked[0]
    is_clear = len(ranked) == 1 or ranked[1][:2] != (share, length)
    if -share >= LEAST_SHARE:
        return best if is_clear else None
    # Of 临港区2024年的总任务合起来 the name stands in full before what is asked of it.
    led = [(len(k), r) for r, k in keys if rest == k or (len(k) >= _WHOLE_NAME and word.startswith(k))]
    return max(led, key=lambda found: found[0])[1] if led else None


def _share(word: str, name: str) -> float:
    """Share of a word's character pairs that a name has."""
    flat = re.sub(r"[、等“”\"]", "", name)
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(pair in flat for pair in pairs) / len(pairs)


def list_columns(grid: Grid, text: str) -> list[str]:
    """The columns beside key and figures in which a question may name something: 牵头单位 alone where it says 牵头."""
    first = grid.rows[0].cells[0].header
    columns = [c.header for c in grid.rows[0].cells if c.header not in (grid.key, *grid.figures, first)]
    offices = [h for h in columns if _OF_OFFICES.search(h)]
    said = [h for h in offices if squeeze(h)[:LEAST_WORD] in text]
    return [h for h in columns if h not in offices or h in said] if len(said) == 1 else columns


def by_cells(grid: Grid, text: str) -> Iterable[tuple[str, list[Clause]]]:
    """The rows that have, in another column than the key, a name that the question says, if shortened."""
    names: dict[str, list[Clause]] = {}
    columns = list_columns(grid, text)
    for row in grid.rows:
        for cell in row.cells:
            if cell.header not in columns:
                continue
            for name in (n for n in _names_in(cell) if not _says_span(text, n)):
                names.setdefault(name, []).append(row)
    said: dict[str, list[Clause]] = {}
    for name, rows in names.items():
        if word := find_shortened(name, text):
            said.setdefault(word, []).extend(rows)
    for word, rows in said.items():
        if not any(word != other and word in other for other in said):
            yield word, [r for r in grid.rows if r in rows]


def _says_span(text: str, name: str) -> bool:
    """Whether a question asks for what is before or after a day of a table: 10月底之前 is 9月底 too."""
    return name in text and bool(re.search(rf"{re.escape(name)}(?:[之以]?[前后]|内)", text))


def is_of_one_office(row: Clause, word: str) -> bool:
    """Whether an office stands alone in a cell of a row."""
    alone = (_names_in(cell) for cell in row.cells if not _BETWEEN_OFFICES.search(squeeze(cell.text)))
    return any(find_shortened(name, word) == word for names in alone for name in names)


def is_of_only(row: Clause, words: Sequence[str]) -> bool:
    """Whether a row names no office but those said, and more than one where more were said."""
    for cell in row.cells[1:]:
        names = _names_in(cell)
        said = [next((w for w in words if find_shortened(name, w) == w), "") for name in names]
        if all(said) and len(set(said)) == len(words):
            return True
    return False


def is_named_first(row: Clause, word: str) -> bool:
    """Whether an office is the first that a cell of a row names."""
    return any(find_shortened(_names_in(cell)[0], word) == word for cell in row.cells if _names_in(cell))


def list_offices(grid: Grid, rows: Sequence[Clause], text: str = "") -> list[str]:
    """The offices that rows name, in the column a question names if any, a short form with its full one; none for a group."""
    found: list[str] = []
    for row in rows:
        columns = list_columns(grid, text)
        columns = [h for h in columns if _OF_OFFICES.search(h)] or columns
        cells = (c for c in row.cells if c.header in columns)
        for name in (n for c in cells for n in re.split(r"[、,，;；]", squeeze(c.text)) if n):
            if _GROUP.search(name):
                return []
            if not any(_is_short_form(*sorted((n, name), key=len)) for n in found):
                found.append(name)
    return found


def _is_short_form(short: str, name: str) -> bool:
    return find_shortened(name, short) == short


def _names_in(cell: Cell) -> list[str]:
    # 省委编办等省直有关部门 names one office and a group.
    pieces = (re.sub(r"(?<=.{2})等.*", "", n) for n in re.split(r"[、,，;；]", squeeze(cell.text)))
    names = [n for n in pieces if 2 <= len(n) <= 16]
    # 驻马店 for 驻马店市政府.
    places = [m[1] for n in names if (m := _GOVERNMENT.fullmatch(n))]
    return [re.sub(r"^(?:省|市|县)级?", "", n) for n in names] + places


def find_shortened(name: str, text: str) -> str:
    """The words of `text` that are a name or a short form of it: its first and last character and some between."""
    if name in text:
        return name
    if len(name) < 4 or name[-1] not in "局厅委办部会联院校社":
        return ""
    for start in (i for i, c in enumerate(text) if c == name[0]):
        at, end = 1, start + 1
        while end < len(text) and (found := name.find(text[end], at)) >= 0:
            at, end = found + 1, end + 1
            if at == len(name) and end - start >= 3:
                return text[start:end]
    return ""
