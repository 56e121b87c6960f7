"""What a sentence does to its verbs: 不得, 可以, 必须, 鼓励, 全部, 或 must be those of the clause.

In: a sentence and its evidence. Out: the first word that says more, less or the opposite of the clause. Each piece of the sentence is
compared with the piece of the clauses that shares most of its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assistant.dialogue.faithful_fault import Fault
from assistant.dialogue.faithful_ground import Evidence
from assistant.dialogue.faithful_read import FIGURE, Piece, Reading, pairs_of
from assistant.dialogue.faithful_scope import find_scope_fault, find_unaligned_scope

_WORDS = (
    # 不断, 无论, 未来: no negation.
    r"(?P<none>不断|不同|不仅|不懈|不良|不限|不论|不管|不变|无论|未来|非常|非遗|非物质|非学历|非全日制|没收|是否|能否|否则|可见|可持续|可靠"
    r"|可追溯|可查询|可复制|可借鉴|可行|主要|重要|要点|要素|要件|必要|纲要|摘要|首要|需求|急需|必需|所需|应用|应急|对应|供应|响应|适应|相应|应届|效应"
    r"|即可|应缴|应享尽享|应得|能力|技能|职能|功能|智能|性能|才能|潜能|能源|能手|产能|节能|能工|多功能|统一|支持力度|支持鼓励政策|鼓励政策|支持政策|生产力|只能)"
    r"|(?P<needless>无需|无须|不需要?|不必|不用|不要求|可不(?=再)|可以不|免予|免于|用不着)"
    r"|(?P<forbid>不得再?|不能够?|不可以?|不应当?|不宜|不准|不许|不允许|严禁|禁止|不予|不接受|不给予?|不会|不让|不再)"
    r"|(?P<not>没有|没|未|不|无|非)"
    r"|(?P<must>要求(?=[\u4e00-\u9fff])(?!的|如下|是|为)(?<!的要求)(?<!合要求)|必须|务必|应当|应该|应|须|需要|需|要(?!求)|强制|得(?=经|先))"
    r"|(?P<weak>原则上|一般|尽量|视情况?)"
    r"|(?P<able>能够?)"
    r"|(?P<may>可以|允许|准许|有权|可)"
    r"|(?P<urge>鼓励|支持|提倡|倡导|建议|推荐|探索)"
)
_FORCE = re.compile(_WORDS)
_NEGATIVE = frozenset({"forbid", "needless", "not"})
_TOPIC = re.compile(r"的[^的]{1,5}$")
_SCOPE_END = re.compile(r"[的或、]|以及")
_WINDOW = 8
_REACH = 14


class Word(NamedTuple):
    """A word of force: its kind, what follows it in its piece, and itself."""

    kind: str
    after: str
    text: str


def find_force_fault(sentence: Reading, evidence: Evidence) -> Fault | None:
    """The first word of a sentence whose force is not that of the clauses."""
    for index, piece in enumerate(sentence.pieces):
        if not piece.pairs and not find_words(piece.text):
            continue
        if index == 0 and piece.end in ("，", ",", "。") and not _FORCE.sub("", piece.text):
            if fault := _check_reply(piece, sentence.pieces[1:], evidence):
                return fault
            continue
        aligned = align(piece, evidence)
        if aligned is None:
            if fault := _check_unaligned(piece):
                return fault
            continue
        reading, own = aligned
        fault = (
            _check_negation(piece, own, reading)
            or _check_duty(sentence, index, own, reading)
            or find_scope_fault(piece, own, reading)
        )
        if fault:
            return fault
    return None


def align(piece: Piece, evidence: Evidence) -> tuple[Reading, Piece] | None:
    """The piece of the clauses that shares most with a piece of a sentence; None where none shares two pairs."""
    pairs = piece.pairs
    best: tuple[float, Reading, Piece] | None = None
    n_pieces: dict[str, int] = {}
    found = evidence.pieces
    for _, other in found:
        for pair in pairs & other.pairs:
            n_pieces[pair] = n_pieces.get(pair, 0) + 1
    if same := evidence.find_same(piece.text):
        return same
    for reading, other in found:
        common = pairs & other.pairs
        score = sum(1 / n_pieces[pair] for pair in common) + len(common) / 4
        if FIGURE in piece.text and FIGURE in other.text:
            score += 0.5
        if common and (best is None or score > best[0] + 1e-9):
            best = (score, reading, other)
    return (best[1], best[2]) if best else None


def find_words(text: str) -> list[Word]:
    """The words of force of a piece in order."""
    return [
        Word(match.lastgroup or "", text[match.end() :], match[0])
        for match in _FORCE.finditer(text)
        if match.lastgroup != "none"
    ]


def find_words_of_force(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of force stand."""
    for match in _FORCE.finditer(text):
        if match.lastgroup != "none":
            yield match.span()


def _check_unaligned(piece: Piece) -> Fault | None:
    """Words of force or scope in a piece that shares nothing with the clauses."""
    if fault := find_unaligned_scope(piece):
        return fault
    words = find_words(piece.text)
    return Fault("force", words[0].text) if words else None


# -- negation ------------------------------------------------------------------------------------------


def _check_negation(piece: Piece, own: Piece, reading: Reading) -> Fault | None:
    """A negated verb must be negated in the clause, and a verb the clause negates must be negated here."""
    told = [w for w in find_words(piece.text) if w.kind in _NEGATIVE]
    there = [w for p in reading.sentence(own.sentence) for w in find_words(p.text) if w.kind in _NEGATIVE]
    for word in told:
        if not any(_is_same_negation(word, other) for other in there):
            return Fault("negation", word.text + word.after[:4])
    for word in (w for w in find_words(own.text) if w.kind in _NEGATIVE):
        scope = _scope_of(word)
        # 未考核或考核后: what the clause also says without the negation may be said so.
        denied = pairs_of(scope) - pairs_of(own.text.replace(word.text + scope, FIGURE, 1))
        is_said = denied & piece.pairs or (len(scope) == 1 and scope in piece.text)
        is_said = is_said or _n_affirmed(scope, piece.text) > _n_affirmed(scope, own.text)
        if is_said and not any(_is_same_negation(w, word) for w in told):
            return Fault("negation", word.text + word.after[:4])
    return None


def _is_same_negation(word: Word, other: Word) -> bool:
    if (word.kind == "needless") != (other.kind == "needless"):
        return False
    here, there = word.after[:_WINDOW], other.after[:_REACH]
    return bool(pairs_of(here) & pairs_of(there)) or (here[:1] == there[:1] and bool(here))


def _n_affirmed(scope: str, text: str) -> int:
    """How often the first two characters of a scope stand in a text without being denied."""
    verb = scope[:2]
    if len(verb) < 2:
        return 0
    words = (w for w in find_words(text) if w.kind in _NEGATIVE)
    return text.count(verb) - sum(w.after.startswith(verb) for w in words)


def _scope_of(word: Word) -> str:
    """What a negation denies: up to the next 的, 或 or 、."""
    return _SCOPE_END.split(word.after, maxsplit=1)[0][:_WINDOW]


# -- duty ----------------------------------------------------------------------------------------------


def _kinds(text: str) -> set[str]:
    return {word.kind for word in find_words(text)} - _NEGATIVE | (
        {"must"} if any(w.kind == "forbid" for w in find_words(text)) else set()
    )


def _inherited(pieces: Sequence[Piece], own: Piece) -> set[str]:
    """Words of force of the pieces before, such as 鼓励, which may govern this one."""
    kinds: set[str] = set()
    for piece in pieces:
        if piece is own:
            return kinds
        kinds |= _kinds(piece.text)
    return kinds


def _check_duty(sentence: Reading, index: int, own: Piece, reading: Reading) -> Fault | None:
    piece = sentence.pieces[index]
    words = [w for w in find_words(piece.text) if w.kind not in _NEGATIVE]
    kinds = {w.kind for w in words}
    theirs = _kinds(own.text)
    governing = theirs | _inherited(reading.sentence(own.sentence), own)
    soft = theirs & {"may", "urge", "weak"}
    is_capped = FIGURE in own.text and any(f.piece == index and f.bounds[0] == "<=" for f in sentence.figures)
    for word in words:
        if _is_other(word, theirs, governing, is_capped=is_capped):
            return Fault("force", word.text + word.after[:4])
    mine = kinds | _inherited(sentence.pieces, piece)
    lost = set() if _is_topic(piece) else soft - mine - ({"may"} if "able" in mine else set())
    if lost and not (lost == {"may"} and ("must" in theirs or is_capped)):
        return Fault("force", next(w.text for w in find_words(own.text) if w.kind in lost))
    return None


def _is_other(word: Word, theirs: set[str], governing: set[str], *, is_capped: bool) -> bool:
    """Whether a word of force says something else than those of the clause's piece and of what governs it."""
    if word.kind == "must":
        is_soft = theirs & {"may", "urge", "weak"} or (governing & {"urge", "weak"} and not theirs)
        return bool(is_soft) and "must" not in theirs
    if word.kind == "may":
        # 最多可以有80人 allows no more than 不得超过80人.
        return "may" not in theirs and ("must" in theirs or ("may" not in governing and not is_capped))
    if word.kind == "able":
        return governing.isdisjoint({"able", "may"}) and not is_capped
    return word.kind not in governing


def _is_topic(piece: Piece) -> bool:
    """聘请兼职教师的经费，: names what the next piece tells of."""
    return piece.end in ("，", ",") and FIGURE not in piece.text and _TOPIC.search(piece.text) is not None


def _check_reply(piece: Piece, following: Sequence[Piece], evidence: Evidence) -> Fault | None:
    """可以，…: a reply in a word must be what the clause says of the next piece."""
    wanted = {word.kind for word in find_words(piece.text)}
    for other in following:
        if aligned := align(other, evidence):
            reading, own = aligned
            kinds = {word.kind for p in reading.sentence(own.sentence) for word in find_words(p.text)}
            own_kinds = {word.kind for word in find_words(own.text)}
            is_denied = bool(own_kinds & _NEGATIVE)
            if wanted == {"may"} and "即可" in own.text:
                return None
            if (wanted == {"may"} and kinds & {"may", "urge"} and not is_denied) or (wanted & own_kinds):
                return None
    return Fault("force", piece.text)
