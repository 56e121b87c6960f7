"""What a question names that another thing of its sort could stand for: places, documents, numbered clauses, kinds.

In: a text, the corpus. Out: `Thing`s in reading order. The sorts come from the corpus, never from a list here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.dialogue.days import DATE_PATTERN
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.table_grid import bare_head
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree
from assistant.models import Document

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_DAY = re.compile(DATE_PATTERN)
_REFERENCE = re.compile(
    r"第[（(]?[一二三四五六七八九十百\d]+[）)]?(?P<kind>条|款|项|行|点|大?部分|章)|附件[一二三四五六七八九十\d]+"
)


@dataclass(frozen=True, slots=True)
class Thing:
    """One of them; things of one `sort` stand for each other."""

    sort: str
    start: int
    end: int


class ThingFinder:
    """Finds things of one corpus."""

    def __init__(
        self, corpus: Corpus, regions: RegionTree, finder: ReferenceFinder, extractor: FactExtractor
    ) -> None:
        self._regions = regions
        self._finder = finder
        self._words = _sort_words(corpus, extractor)
        alternatives = sorted(self._words, key=lambda w: (-len(w), w))
        self._named = re.compile("|".join(map(re.escape, alternatives)) or r"(?!)")

    def find(self, text: str) -> list[Thing]:
        """Everything in `text` that another thing of its sort could stand for."""
        found = [Thing("region", m.start, m.end) for m in self._regions.find(text)]
        found += [Thing("document", s.start, s.end) for s in self._finder.find_documents(text).spans]
        found += [Thing(f"reference:{m['kind'] or '附件'}", *m.span()) for m in _REFERENCE.finditer(text)]
        found += [Thing("day", *m.span()) for m in _DAY.finditer(text)]
        for match in self._named.finditer(text):
            found += [Thing(sort, *match.span()) for sort in sorted(self._words[match[0]])]
        return sorted(found, key=lambda t: (t.start, t.sort))


def _sort_words(corpus: Corpus, extractor: FactExtractor) -> dict[str, set[str]]:
    """Words by the sorts they belong to: choices of a fact, cells of a table's column, heads of its figures."""
    words: dict[str, set[str]] = {}

    def add(word: str, sort: str) -> None:
        if len(word) >= 2 and not word.isdecimal():
            words.setdefault(word, set()).add(sort)

    for fact, word in extractor.choice_words():
        add(word, f"choice:{fact}")
    for document in corpus.documents:
        for clause in document.clauses:
            for cell in clause.cells:
                sort = f"cell:{clause.parent}:{squeeze(cell.header)}"
                for word in _cell_words(cell.text):
                    add(word, sort)
        for table, heads in _list_figure_heads(document).items():
            for head in heads if len(heads) > 1 else ():
                add(head, f"head:{table}")
    return words


def _list_figure_heads(document: Document) -> dict[str, set[str]]:
    """By table what its columns of figures are called: 初级工 stands beside 高级工."""
    heads: dict[str, set[str]] = {}
    for clause in document.clauses:
        for cell in clause.cells[1:]:
            if cell.header and _FIGURE.fullmatch(squeeze(cell.text)):
                heads.setdefault(clause.parent or "", set()).add(bare_head(cell.header))
    return heads


def _cell_words(text: str) -> Iterable[str]:
    flat = squeeze(text)
    yield from (piece for piece in re.split(r"[、,;]", flat) if len(piece) <= 20)


def blank_things(text: str, things: list[Thing]) -> str:
    """The text without the things and what joins them."""
    rest = "".join(c for i, c in enumerate(text) if not any(t.start <= i < t.end for t in things))
    return re.sub(r"[,，。的在是呢?？!！]", "", rest)
