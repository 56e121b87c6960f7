"""Messages that point at what was told last: 往后数两条, 26项的呢, 这事谁负责, 国家那份里这一段.

In: a message, what the turn before left, the clauses of the corpus. Out: the clauses it points at, or the message with the
table named that its number is of; nothing where it points at none. No clause or table is known by name here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.dialogue import wording
from assistant.dialogue.exchange import asks, find_topic, pairs
from assistant.dialogue.memory import Memory
from assistant.dialogue.references import ReferenceFinder
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.documents.regions import RegionTree
from assistant.models import Clause

_N = r"[一二两三四五六七八九十\d]{1,2}"
_KIND = r"(?:条|款|项|(?<=[一二两三四五六七八九十\d个])行|点|部分|段|栏)"
_STEP = re.compile(
    r"(?P<way>下|上|前|后)(?:面|边|头)?的?(?:那|这)?一?(?:个)?(?:条|款|项|(?<=[一个])行|点|部分|段)(?!件|目)"
)
"""下一条, 前面那条. Near miss: 条件."""
_TWICE = re.compile(rf"(?P<way>下下|上上)(?:面)?一?个?{_KIND}")
_COUNTED = re.compile(
    rf"(?:再|接着|继续)?[往朝向](?P<way>[下后上前])(?:面|边|头)?(?:再|接着|继续)?(?:数|推|走|翻|看|挪|念|读|跳|退|找)?第?(?P<n>{_N})?(?:个)?{_KIND}"
    r"|(?:再|接着|继续)[往朝向](?P<bare>[下后上前])(?:面|边|头)?(?:再|接着|继续)?(?:数|走|翻|看|念|读)?(?:一个)?(?=呢|是|讲|说|写|[,，?？]|$)"
)
"""往后数两条, 再往下一项, 再往下呢. Near miss: 往后两年."""
_SKIPPED = re.compile(rf"(?:隔|跳过|空开?|越过)(?:过|开)?(?P<n>{_N})个?{_KIND}")
"""隔一条: the one behind it."""
_BACK = re.compile(rf"(?:倒|退|往回)(?:回|着|退|数)?(?:去|来)?(?P<n>{_N})个?{_KIND}")
_NEXT = re.compile(rf"(?:紧?接着|紧?挨着|紧跟着?)(?:后面|下面|它)?的?(?:那|下)?一?个?{_KIND}")
_SEVERAL = re.compile(
    rf"(?:接下来|下面?|后面|后头|往后|往下|接着)的?(?:那)?(?P<n>[两三]|2|3)个?{_KIND}(?!也|都没|比)"
)
"""后面两条都讲啥: all of them, where nothing counts to one."""
_MOST_STEPS = 20

_ROW = re.compile(r"a\d+\.r\d+")
_NUMBER = re.compile(
    r"(?<![\d.])第(?P<n>\d{1,3}|[一二三四五六七八九十百]{1,4})(?P<kind>项|行|类|栏|号)(?!文|人)"
)
_BARE = re.compile(
    r"^(?:那么?|还有|再看|再说)?[,，]?(?P<n>\d{1,3})(?P<kind>项|行|类|栏|号)的?(?=[^\d加合总]{0,8}(?:呢|[?？]|$))"
)
"""26项的呢. Near miss: 3项加起来多少, 5号公示的."""

_OF_LAST = re.compile(
    r"^(?:那么?|请问)?[,，]?(?:这|那|上面|上述|它)(?:个|一|上一|件|项)?(?:条|项|款|规定|任务|事儿?|活儿?|差事|工作|块儿?|摊子?|要求)?(?!件|目)"
)
_NAMES_OFFICE = re.compile(r"(?:责任|牵头|负责|主管|配合|实施)(?:单位|部门)|(?:牵头|负责)[)）:：]")
_ALSO_WHO = re.compile(
    r"责任单位|牵头单位|归口|(?:谁|哪[家个些]|什么).{0,6}(?:负责|牵头|管|抓|干|办|落实)|(?:归|由|让|找)谁"
)
_WHO_FILLER = re.compile(
    r"[是由归让找该应该负责牵头责任主管配合实施单位部门落实来去抓干办做管的谁哪些家个几什么到底具体又都有呢啊呀吗,，?？。]"
)
_LEAST_REPEATED = 8
"""Characters of a sentence from which its standing in a row as well is no chance."""
_MOST_CLAUSES = 5

_CONTENT = re.compile(
    r"(?:具体|到底|都|又|主要)*(?:讲|说|写|规定|要求)(?:的|了)*(?:是)?(?:些)?(?:什么|啥|哪些)(?:内容|东西)?(?:呢|啊|呀)?[?？]?"
    r"|的?(?:原文|全文|具体内容|内容)(?:是(?:什么|啥))?(?:呢)?[?？]?"
)
"""What asks for all that a clause says. Near miss: 这条讲师资吗."""
_HAS = re.compile(r"(?:有没有|有无|有|是否有).{0,8}(?:吗|么|没有?|没)?[?？]?$|(?:一样|相同)(?:吗|么)")
_POINTS = re.compile(
    r"(?:这|那|上面|上述|刚才|刚刚)(?:一)?(?:个)?(?:段话?|条|款|项|部分|句话?|块儿?|内容)|同样的?(?:话|内容|一[段条])|对应的?(?:那)?一?(?:段|条|款|部分|内容|规定)"
)
_LEAST_ALIKE = 0.35
"""Share of a clause's pairs that the like one in another text has at least."""
_LEAST_PIECE = 2


class Pointer:
    """Finds what messages point at among the clauses of one corpus."""

    def __init__(self, corpus: Corpus, regions: RegionTree, finder: ReferenceFinder) -> None:
        self._corpus = corpus
        self._regions = regions
        self._finder = finder
        self._order = [c for d in corpus.documents for c in d.clauses]

    def cited(self, clauses: Sequence[str], most: int) -> tuple[Clause, ...]:
        """The first of the clauses told before, in the corpus's order."""
        return tuple(c for c in self._order if c.clause_id in clauses[:most])

    def step(self, text: str, clauses: Sequence[str]) -> tuple[Clause, ...]:
        """The clauses so many before or behind the last ones, on their level; none where it steps off the end."""
        steps = _read_steps(text) if clauses else ()
        last = self._corpus.clause_by_id.get(clauses[0]) if steps else None
        if last is None:
            return ()
        level = last.path.count(".")
        beside = [
            c
            for c in self._corpus.document_by_id[last.document].clauses
            if c.kind == last.kind and c.path.count(".") == level
        ]
        at = next((i for i, c in enumerate(beside) if c.clause_id == last.clause_id), None)
        if at is None:
            return ()
        return tuple(beside[at + n] for n in steps if 0 <= at + n < len(beside))

    def name_table(self, text: str, clauses: Sequence[str]) -> str:
        """A message whose number is of a row, with the table that was told of last: 第14项 behind row 13 of annex 2."""
        last = self._corpus.clause_by_id.get(clauses[0]) if clauses else None
        if last is None or last.kind != "row" or not _ROW.fullmatch(last.path):
            return text
        match = _BARE.search(text) or _NUMBER.search(text)
        if match is None or "附件" in text or self._finder.find_documents(text).documents:
            return text
        annex, _, _ = last.clause_id.rpartition(".")
        if f"{annex}.r{chinese_to_int(match['n'])}" not in self._corpus.clause_by_id:
            return text
        table = self._corpus.clause_by_id[annex].label
        number = self._corpus.document_by_id[last.document].number
        return f"{text[: match.start()]}{number}{table}第{match['n']}{match['kind']}{text[match.end() :].lstrip('的')}"

    def asks_office(self, text: str) -> bool:
        """Whether a message asks only who is responsible for what was told: 这事谁负责."""
        match = _OF_LAST.match(text)
        if not match or not (wording.ASKS_WHO.search(text) or _ALSO_WHO.search(text)):
            return False
        return not _WHO_FILLER.sub("", text[match.end() :])

    def drop_pointing(self, text: str) -> str:
        """The message without the words that point."""
        return _OF_LAST.sub("", text)

    def find_office(self, memory: Memory) -> tuple[Clause, ...]:
        """The clause told last that names who is responsible, or the row of a table that repeats what it says."""
        told = [
            c for i in memory.clauses[:_MOST_CLAUSES] if (c := self._corpus.clause_by_id.get(i)) is not None
        ]
        topic = set(pairs(find_topic(memory.question)))
        if not told:
            return ()
        if _names_office(told[0]):
            return (told[0],)
        rows = [(n, c) for c in self._repeating(told[0]) if (n := _share_topic(c, told[0], topic))]
        best = max((n for n, _ in rows), default=0)
        found = [c for n, c in rows if n == best]
        if len(found) == 1:
            return (found[0],)
        beside = [c for c in told[1:] if _names_office(c) and topic & set(pairs(squeeze(c.text)))]
        return tuple(beside[:1])

    def _repeating(self, clause: Clause) -> Iterable[Clause]:
        """The rows of a clause's document that name offices."""
        document = self._corpus.document_by_id[clause.document]
        return (c for c in document.clauses if c.kind == "row" and _names_office(c))

    def find_like(self, text: str, memory: Memory) -> tuple[Clause, ...]:
        """The clause of another text that says what was told last: 国家那份在这一段后头多了几句."""
        last = self._corpus.clause_by_id.get(memory.clauses[0]) if memory.clauses else None
        if last is None or not _POINTS.search(text):
            return ()
        named = set(self._finder.find_documents(text).documents)
        if not named:
            codes = {m.region.code for m in self._regions.find(text)}
            named = {d.id for d in self._corpus.documents if d.region in codes}
        asked = set(pairs(squeeze(last.text)))
        others = [
            c
            for d in self._corpus.documents
            if d.id in named - {last.document}
            for c in d.clauses
            if c.kind == "clause"
        ]
        shared = [
            (len(asked & own) / max(_LEAST_PIECE, min(len(asked), len(own))), len(own), c)
            for c in others
            if len(own := set(pairs(squeeze(c.text)))) > len(asked) / _LEAST_PIECE
        ]
        best = max(shared, key=lambda one: (one[0], one[1]), default=None)
        return (best[2],) if best and best[0] >= _LEAST_ALIKE else ()

    def find_content(self, text: str, memory: Memory) -> tuple[Clause, ...]:
        """The clause told last, where a message asks only what it says: 这一条讲什么."""
        match = _OF_LAST.match(text)
        last = self._corpus.clause_by_id.get(memory.clauses[0]) if memory.clauses else None
        return (last,) if last and match and _CONTENT.fullmatch(text[match.end() :]) else ()

    def ask_elsewhere(self, text: str, memory: Memory) -> str:
        """The question before about the other place that a message names; empty where it asks of none: 河北有这条吗."""
        places = self._regions.find(text)
        last = self._corpus.clause_by_id.get(memory.clauses[0]) if memory.clauses else None
        if last is None or len(places) != 1 or not (_POINTS.search(text) and _HAS.search(text)):
            return ""
        if self._corpus.document_by_id[last.document].region == places[0].region.code:
            return ""
        before = memory.question
        named = [(s.start, s.end) for s in self._finder.find_documents(before).spans]
        named += [(m.start, m.end) for m in self._regions.find(before)]
        bare = "".join(c for i, c in enumerate(before) if not any(start <= i < end for start, end in named))
        return f"{text[places[0].start : places[0].end]}{bare.lstrip('的里中,，')}"

    def beside(self, core: str, memory: Memory, least: int, most: int) -> tuple[Clause, ...]:
        """The clauses cited before that say of something else what was asked, in the same breath: 那实操呢."""
        asked = set(pairs(find_topic(memory.question))) - set(pairs(core))
        if not least <= len(core) <= most or asks(core):
            return ()
        pieces = (
            (c, piece)
            for c in self.cited(memory.clauses, 3)
            for piece in re.split(r"[。；;]", squeeze(c.text))
        )
        return tuple(dict.fromkeys(c for c, piece in pieces if core in piece and asked & set(pairs(piece))))


def _read_steps(text: str) -> tuple[int, ...]:
    """How many clauses on, forward or back; empty where a message steps nowhere."""
    if match := _SEVERAL.search(text):
        n = chinese_to_int(match["n"].replace("两", "二"))
        if not _COUNTED.search(text) or re.search(r"都|分别|各", text):
            return tuple(range(1, n + 1))
    if match := _COUNTED.search(text):
        way, n = match["way"] or match["bare"], _read_count(match["n"])
    elif match := _SKIPPED.search(text):
        way, n = "后", _read_count(match["n"]) + 1
    elif match := _BACK.search(text):
        way, n = "前", _read_count(match["n"])
    elif match := _TWICE.search(text):
        way, n = match["way"][0], 2
    elif _NEXT.search(text):
        way, n = "后", 1
    elif match := _STEP.search(text):
        way, n = match["way"], 1
    else:
        return ()
    if not 0 < n <= _MOST_STEPS:
        return ()
    return (n if way in "下后" else -n,)


def _read_count(words: str | None) -> int:
    """A small count; one where none is said."""
    return chinese_to_int(words.replace("两", "二")) if words else 1


def _names_office(clause: Clause) -> bool:
    """Whether a clause, or the head of a row's cell, says who is responsible."""
    heads = "".join(squeeze(cell.header) for cell in clause.cells)
    return bool(_NAMES_OFFICE.search(heads or squeeze(clause.text)))


def _share_topic(row: Clause, clause: Clause, topic: set[str]) -> int:
    """How many pairs of what is asked stand in the sentences that a row and a clause have in common."""
    whole = squeeze(clause.text)
    pieces = (p for cell in row.cells for p in re.split(r"[。;,]", squeeze(cell.text)))
    same = (p for p in pieces if len(p) >= _LEAST_REPEATED and p in whole)
    return len(topic & {pair for piece in same for pair in pairs(piece)})
