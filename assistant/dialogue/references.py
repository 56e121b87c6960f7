"""What a question points at by name: 105号文, 附件1, 第（七）条, 任务清单第22项.

In: a normalised question and the corpus. Out: `References`, the documents and clauses named and the words
that named them. Names come from the documents' own numbers, titles and aliases, so a new document is
recognised without any change here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from assistant.documents.catalog import COUNTRY, Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import CN, chinese_to_int
from assistant.documents.regions import Region, RegionTree
from assistant.models import Clause, Document, Span

_NUMBER = re.compile(r"(?P<prefix>\D*)[〔\[(【](?P<year>\d{4})[〕\])】](?P<n>\d+)号")
_NUMERAL = rf"(?P<n>\d{{1,4}}|{CN})"
_ANNEX = re.compile(rf"附件\s*{_NUMERAL}?")
_PART = re.compile(rf"第{_NUMERAL}(?:大?部分|大点|大条|章)")
_ITEM = re.compile(rf"第\s*[（(]?{_NUMERAL}[）)]?\s*(?:条|款|项|点|行|小?点|栏|类(?!人))")
_BARE_ITEM = re.compile(r"(?<![\d.第])(?P<n>\d{1,2})(?:条|项)(?=的|规定|讲|说|要求|里|中|是)")
# 附件1第8行, 清单里的第6项
_TABLE_BEFORE = re.compile(
    r"(?P<name>附件|清单|目录|名单|表)[\d一二三四五六七八九十]{0,3}(?:里|中|上)?的?[,，]?$"
)
# 方案第2条, 正文里第12条; the blanks stand for a document's name that was found before
_BODY_BEFORE = re.compile(r"(?:正文|方案|意见|办法|细则|通知|文件|条例|  )(?:里|中|上|里面|的)*$")
_KIND = re.compile(r"(?:方案|意见|办法|细则|计划|规划|措施|条例|通知)(?=(?:[（(].{2,12}[)）])?$)")
"""The last word of a title, which says what sort of text it is; behind it （试行）."""
_TITLE_ASIDE = re.compile(r"[（(][^（()）]{2,12}[)）]$")
_TITLE_LEAD = re.compile(r"^(?:关于)?(?:印发|转发|做好|开展)?《?")
_POINTING = ("那份", "这份", "那个", "这个", "那", "这")
_SPEAKS_OF_TABLE = re.compile(r"表|清单|目录|附件|名单")
_LEAST_NAME = 2
"""Characters of a place's name below which it is not shortened."""
_TITLE_TAIL = 3
"""Fewest last characters of an annex's title that name it: 分解表, 申请表."""
_TITLE_MIDDLE = 5
_SHORTEST_TITLE = 8
_LABEL_OF_SEVERAL = re.compile(r"[、条].*[)）.]")
"""A label made of several numbers, told apart from a lone one such as （一） or 第三条."""


@dataclass(frozen=True, slots=True)
class References:
    """What the question names.

    Attributes:
        documents: ids, empty where none is named; several where a name is shared.
        parts: (document id, part id) of the instruments whose own number or title was used.
        scopes: clause-id prefixes of named annexes or top-level parts.
        clauses: clauses named by number, in reading order; several where the number is ambiguous.
        spans: the words that did the naming, which say where to look and not what for.
    """

    documents: frozenset[str] = frozenset()
    parts: frozenset[tuple[str, str]] = frozenset()
    scopes: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    spans: tuple[Span, ...] = ()


class ReferenceFinder:
    """Finds names of documents and clauses in questions about one corpus."""

    def __init__(self, corpus: Corpus, regions: RegionTree) -> None:
        self._corpus = corpus
        self._regions = regions
        self._own = {d.region for d in corpus.documents}
        self._general: dict[str, str] = {}
        owners: dict[str, set[str]] = defaultdict(set)
        self._parts: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for document in corpus.documents:
            place = regions.get(document.region) if document.region != COUNTRY else None
            names = [*_names(document), *((n, None) for n in _names_by_place(document, place))]
            self._general |= {squeeze(a).lower(): document.region for a in _list_general(document, place)}
            for name, part in names:
                owners[squeeze(name).lower()].add(document.id)
                if part is not None:
                    self._parts[squeeze(name).lower()].add((document.id, part))
        clauses = [c for d in corpus.documents for c in d.clauses]
        self._annexes = [c for c in clauses if re.fullmatch(r"a\d+", c.path)]
        labels = ((squeeze(c.label), c) for c in clauses if c.kind == "clause")
        self._labels = [(label, c) for label, c in labels if _LABEL_OF_SEVERAL.search(label)]
        self._owners = {name: frozenset(ids) for name, ids in owners.items()}
        alternatives = sorted(self._owners, key=lambda name: (-len(name), name))
        # Behind a year's bracket a number is another document's: 〔2022〕105号 is not 105号.
        self._names = re.compile(
            "|".join(rf"(?<![\d〕\])】]){re.escape(name)}" for name in alternatives) or r"(?!)"
        )

    def find_documents(self, text: str, home: Region | None = None) -> References:
        """Documents named in `text` (NFKC form), and where.

        A name that several documents share is resolved by the other names in the question where it can. One that says
        no place (县方案) means no document of another place of the asker's level, where theirs has some.
        """
        matches = [m for m in self._names.finditer(text.lower()) if not self._is_of_another(m[0], home)]
        found = [(self._owners[m[0]], Span(*m.span())) for m in matches]
        certain = frozenset(i for ids, _ in found if len(ids) == 1 for i in ids)
        shared = [ids for ids, _ in found if len(ids) > 1]
        documents = certain.union(*(ids for ids in shared if not ids & certain))
        parts = {p for m in matches for p in self._parts.get(m[0], ())}
        spans = tuple(span for _, span in found)
        return References(documents, frozenset(p for p in parts if p[0] in documents), spans=spans)

    def _is_of_another(self, name: str, home: Region | None) -> bool:
        """Whether a general name is that of another place's document, and the asker's place has its own."""
        owner = self._regions.get(self._general.get(name, ""))
        return (
            owner is not None
            and home is not None
            and home.code in self._own
            and (owner.level == home.level and owner.code != home.code)
        )

    def find_clauses(self, text: str, named: References) -> References:
        """Add to `named` the clauses and annexes of its documents that `text` names by number or title."""
        documents = named.documents
        scopes: list[str] = []
        spans: list[Span] = []
        annexes = [c for c in self._annexes if not documents or c.document in documents]
        for match in _ANNEX.finditer(text):
            number = match["n"]
            if number and (hits := [c for c in annexes if c.path == f"a{chinese_to_int(number)}"]):
                # The words stay in the question: clauses of the body say 见附件3 too.
                scopes += [f"{c.clause_id}." for c in hits]
        if not scopes:
            hits, where = _titled(annexes, text)
            scopes += [f"{c.clause_id}." for c in hits]
            spans += where
        clauses, where = self._find_labelled(text, documents)
        spans += where
        upper: list[Clause] = []
        end = -1
        for match in [] if clauses else _numbered(text):
            # 第21条第（1）项 is one clause: the second number counts inside what the first one names.
            is_inner = bool(upper) and match.start() == end
            hits = (
                list(_inside(upper, match, self._in(documents)))
                if is_inner
                else self._find_numbered(match, documents, [] if _is_of_body(match, scopes) else scopes)
            )
            hits = _within_part(hits, text[: match.start()])
            if is_inner and hits:
                clauses = [c for c in clauses if c not in upper]
            clauses += hits
            if hits or is_inner or match.re is _PART:
                spans.append(Span(*match.span()))
            upper, end = hits or (upper if is_inner else []), match.end()
        order = {c.clause_id: c for c in clauses}
        return replace(
            named, scopes=tuple(scopes), clauses=tuple(order.values()), spans=(*named.spans, *spans)
        )

    def _find_labelled(self, text: str, documents: frozenset[str]) -> tuple[list[Clause], list[Span]]:
        """The clauses whose whole label stands in the question, as in 二、（四）21.（1）; the longest one counts."""
        allowed = [(label, c) for label, c in self._labels if not documents or c.document in documents]
        found = [(label, c) for label, c in allowed if label in text]
        longest = max((len(label) for label, _ in found), default=0)
        named = [(label, c) for label, c in found if len(label) == longest]
        starts = {text.index(label) for label, _ in named}
        return [c for _, c in named], [Span(start, start + longest) for start in sorted(starts)]

    def _find_numbered(
        self, match: re.Match[str], documents: frozenset[str], scopes: list[str]
    ) -> list[Clause]:
        """The clauses that one number on its own may mean: a top-level part, a row, an article or item."""
        number = chinese_to_int(match["n"])
        clauses = [c for d in self._in(documents) for c in d.clauses]
        if match.re is _PART:
            return [c for c in clauses if c.path == str(number) and not c.part]
        table = _TABLE_BEFORE.search(match.string[: match.start()])
        if not scopes and table and table["name"] != "附件":
            name = table["name"]
            annexes = [c for c in clauses if re.fullmatch(r"a\d+", c.path) and c.heading.endswith(name)]
            alike = [_n_common_pairs(c.heading, match.string) for c in annexes]
            annexes = [c for c, n in zip(annexes, alike, strict=True) if n == max(alike)]
            scopes = [f"{c.clause_id}." for c in annexes]
        if scopes or table or match[0][-1] in "行栏":
            return [
                c
                for c in clauses
                if re.fullmatch(rf"a\d+\.r{number}", c.path)
                and (c.clause_id.startswith(tuple(scopes)) or not (scopes or table))
            ]
        return list(self._items(number, "（" in match[0] or "(" in match[0], documents))

    def _items(self, number: int, in_brackets: bool, documents: frozenset[str]) -> Iterator[Clause]:
        """The articles, or bracketed or plain items, that a number may mean."""
        for document in self._in(documents):
            same = [
                c
                for c in document.clauses
                if c.kind == "clause" and not c.part and c.path.rpartition(".")[2] == str(number)
            ]
            articles = [c for c in same if c.label.endswith("条")]
            bracketed = [c for c in same if re.search(rf"（{CN}）$", c.label)]
            plain = [c for c in same if re.search(r"\d\.$", c.label)]
            yield from (
                articles
                or (bracketed if in_brackets or not _runs_on(plain, document) else plain)
                or plain
                or bracketed
            )

    def _in(self, documents: frozenset[str]) -> Iterable[Document]:
        return [d for d in self._corpus.documents if not documents or d.id in documents]


def _is_of_body(match: re.Match[str], scopes: list[str]) -> bool:
    """Whether a number counts clauses of the body though the question names an annex too.

    方案第2条和附件1第12行 name one of each: a number is of what is named right before it, else an article of the body
    where the annex is named only behind it. Near misses: 附件1第3条, 附件1里农民培训是第几条.
    """
    before = match.string[: match.start()]
    if not scopes or match.re is _PART or match[0][-1] in "行栏":
        return False
    if _TABLE_BEFORE.search(before):
        return False
    is_behind = match[0][-1] != "项" and not _SPEAKS_OF_TABLE.search(before)
    return is_behind or bool(_BODY_BEFORE.search(before))


def _numbered(text: str) -> list[re.Match[str]]:
    """Every number that may name a clause, in reading order."""
    found = [m for pattern in (_PART, _ITEM, _BARE_ITEM) for m in pattern.finditer(text)]
    return sorted(found, key=lambda m: m.start())


def _inside(upper: list[Clause], match: re.Match[str], documents: Iterable[Document]) -> Iterator[Clause]:
    """The items or paragraphs of that number within the clauses of `upper`."""
    tails = (str(number := chinese_to_int(match["n"])), f"p{number}")
    within = tuple(f"{c.clause_id}." for c in upper)
    for document in documents:
        for clause in document.clauses:
            if clause.clause_id.startswith(within) and clause.path.rpartition(".")[2] in tails:
                yield clause


def _within_part(clauses: list[Clause], before: str) -> list[Clause]:
    """Of the clauses that a number may mean those under a heading said before it: “二、行动措施”的第（三）条."""
    flat = squeeze(before)
    under = [c for c in clauses if c.headings and len(c.headings[0]) > 1 and squeeze(c.headings[0]) in flat]
    return under or clauses


def _runs_on(plain: list[Clause], document: Document) -> bool:
    """True where plain numbers count through the whole document, so that 第21条 means 21."""
    return len(plain) == 1 and any(
        int(c.path.rpartition(".")[2]) > 9 for c in document.clauses if re.search(r"\d\.$", c.label)
    )


def _names(document: Document) -> Iterator[tuple[str, str | None]]:
    """Every name a document goes by, with the part that bears it as its own title or number."""
    yield from ((alias, None) for alias in document.aliases)
    if len(document.title) >= _SHORTEST_TITLE:
        yield document.title, ""
    for part in document.parts:
        if len(part.title) >= _SHORTEST_TITLE:
            yield part.title, part.id
        if match := _NUMBER.fullmatch(squeeze(part.number)):
            prefix, year, n = match["prefix"], match["year"], match["n"]
            shapes = [
                squeeze(part.number),
                f"{prefix}({year}){n}号",
                f"{prefix}[{year}]{n}号",
                f"{prefix}【{year}】{n}号",
                f"{prefix}{year}{n}号",
            ]
            yield from ((name, part.id) for name in (*shapes, f"{prefix}{n}号", f"{n}号文"))
            if len(n) > 2:
                yield f"{n}号", part.id


def _list_general(document: Document, place: Region | None) -> list[str]:
    """The aliases of a document that say neither its number nor its place."""
    names = {place.name, place.name[:-1]} if place else set()
    return [a for a in document.aliases if not any(c.isdigit() for c in a) and not any(n in a for n in names)]


def _names_by_place(document: Document, place: Region | None) -> Iterator[str]:
    """What people of other places call a document: 潢川县方案, 竹溪2023年的方案, 湖南那份意见."""
    kind = _KIND.search(document.title)
    if place is None or kind is None:
        return
    year = document.year or (document.issued.year if document.issued else 0)
    betweens = ["", "的", *_POINTING, *((f"{year}年", f"{year}年的") if year else ())]
    title = _drop_place(squeeze(document.title), place)
    kinds = [kind[0], *([title] if len(title) >= _SHORTEST_TITLE else [])]
    for name in {place.name, place.name[:-1]} if len(place.name) > _LEAST_NAME else {place.name}:
        yield from (f"{name}{between}{kind}" for between in betweens for kind in kinds)


def _drop_place(title: str, place: Region) -> str:
    """A title without its place and what it says in brackets at its end: 辽宁省技能人才行动计划（2025—2027年）."""
    title = _TITLE_LEAD.sub("", _TITLE_ASIDE.sub("", title)).removesuffix("》")
    return title.removeprefix(place.name)


def _titled(annexes: list[Clause], text: str) -> tuple[list[Clause], list[Span]]:
    """The annexes whose title the text shares the longest stretch of words with; none where it shares few.

    The last words of a title name it alone (分解表); from the middle of a title it takes more of them, and a
    word such as 表 or 清单 in the question.
    """
    speaks_of_table = _SPEAKS_OF_TABLE.search(text) is not None
    best: list[Clause] = []
    spans: list[Span] = []
    length = 0
    for annex in annexes:
        start, n, is_tail = _longest_common(squeeze(annex.heading), text)
        if n < (_TITLE_TAIL if is_tail else _TITLE_MIDDLE) or not speaks_of_table or n < length:
            continue
        best = [*best, annex] if n == length else [annex]
        spans, length = [Span(start, start + n)], n
    return best, spans


def _n_common_pairs(title: str, text: str) -> int:
    """How many of a title's character pairs a text has."""
    pairs = {title[i : i + 2] for i in range(len(title) - 1)}
    return sum(pair in text for pair in pairs)


def _longest_common(title: str, text: str) -> tuple[int, int, bool]:
    """Longest stretch of `title` in `text`: (offset in text, length, True where the title ends with it)."""
    for n in range(min(len(title), len(text)), 1, -1):
        for i in range(len(title) - n, -1, -1):
            if (at := text.find(title[i : i + n])) >= 0:
                return at, n, i + n == len(title)
    return 0, 0, False
