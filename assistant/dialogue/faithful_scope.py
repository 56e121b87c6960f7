"""Whom and what a sentence speaks of: 每 and 共, 或 and 和, 部分 and 全部, the words that narrow, the conditions in front.

In: a sentence and its evidence. Out: the first word that makes it say more or other than the clause says. A sentence that leaves out
民办 or the condition it rests on would be true of too many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.dialogue.faithful_fault import Fault
from assistant.dialogue.faithful_ground import Evidence, Ground
from assistant.dialogue.faithful_read import FIGURE, Piece, Reading, pairs_of

_ALL = re.compile(r"全部|所有|一律|任何|凡是?|一概|全都|各类各项")
_BOTH = re.compile(r"[都均]")
_SOME = re.compile(r"(?<![这该])部分|有的|有些|一些|少数|个别|至少一|任一|任选|之一")
_ONLY = re.compile(r"只|仅|唯一|才(?![能智干])|方可|方能|独家|优先")
_EXCEPT = re.compile(r"除外|除了|除(?=[^外]{1,12}外)|以外|例外|不含|不包括|不在此限|不受此限|豁免")
_TOGETHER = re.compile(r"同时|既|一并|兼")
_SUM = re.compile(r"合计|一共|总共|总计|累计|共(?=计|\ue000|有)")
_EACH = re.compile(r"每[^，,\ue000]|(?<![老青少成学历])年(?!底|初|末|度|级|检|内|后|前|龄)")
_PER = re.compile(r"每[年月周日天班课学人]|(?<![老青少成学历])年(?!底|初|末|度|级|检|内|后|前|龄)")
_OR = re.compile(r"或者?|或是")
_AND = re.compile(r"和|与|及|且|并|同时")
_ORDER = re.compile(r"高于|低于|优于|多于|少于|大于|小于|先于|早于|晚于|视为|等于")
_SCOPES = (_ALL, _BOTH, _SOME, _ONLY, _EXCEPT, _TOGETHER, _SUM, _OR)
_AGENT = re.compile(r"(?<![自理])由")
_REACH = 14
_FEW = 2
_SHORT = 6


def find_scope_words(text: str) -> Iterator[tuple[int, int]]:
    """Where words of scope stand: 全部, 部分, 只, 除外, 或."""
    for pattern in _SCOPES:
        for match in pattern.finditer(text):
            yield match.span()


def find_unaligned_scope(piece: Piece) -> Fault | None:
    """A word of scope in a piece that shares nothing with the clauses."""
    for pattern in (_ALL, _SOME, _ONLY, _EXCEPT, _SUM, _EACH):
        if found := pattern.search(piece.text):
            return Fault("logic", found[0])
    return None


def find_scope_fault(piece: Piece, own: Piece, reading: Reading) -> Fault | None:
    """The first word of a piece that takes in more or less than the clause's piece `own`."""
    pieces = reading.sentence(own.sentence)
    return (
        _check_extent(piece, own, pieces)
        or _check_choice(piece, pieces)
        or _check_order(piece, own)
        or _check_agent(piece, pieces)
    )


def _check_extent(piece: Piece, own: Piece, pieces: Sequence[Piece]) -> Fault | None:
    whole = "，".join(p.text for p in pieces)
    for pattern in (_ALL, _SOME, _ONLY, _EXCEPT, _TOGETHER, _SUM):
        found = pattern.search(piece.text)
        if found and not pattern.search(whole):
            return Fault("logic", found[0])
    if (found := _SOME.search(own.text)) and not _SOME.search(piece.text):
        return Fault("logic", found[0])
    if (found := _BOTH.search(piece.text)) and (_SOME.search(own.text) or _OR.search(whole)):
        return Fault("logic", found[0])
    for found in _EACH.finditer(piece.text):
        if found[0] not in whole:
            return Fault("logic", found[0])
    return None


def _check_choice(piece: Piece, pieces: Sequence[Piece]) -> Fault | None:
    """和 where the clause has 或, and the other way round."""
    whole = "，".join(p.text for p in pieces)
    return _find_swap(piece.text, whole) or _find_swap(whole, piece.text)


def _find_swap(text: str, other: str) -> Fault | None:
    """Two things joined by 或 in one text and by 和 in the other."""
    for match in _OR.finditer(text):
        left, right = text[max(0, match.start() - 2) : match.start()], text[match.end() : match.end() + 2]
        if len(left) < _FEW or len(right) < _FEW:
            continue
        for start in (m.start() for m in re.finditer(re.escape(left), other)):
            end = other.find(right, start + 2, start + 2 + _REACH)
            between = other[start + 2 : end] if end >= 0 else ""
            if _AND.search(between) and not _OR.search(between):
                return Fault("logic", left + between + right)
    return None


def _check_order(piece: Piece, own: Piece) -> Fault | None:
    """A高于B where the clause has B高于A."""
    mine, its = _ORDER.search(piece.text), _ORDER.search(own.text)
    if not mine or not its:
        return None
    left, right = pairs_of(piece.text[: mine.start()]), pairs_of(piece.text[mine.end() :])
    its_left, its_right = pairs_of(own.text[: its.start()]), pairs_of(own.text[its.end() :])
    kept = len(left & its_left) + len(right & its_right)
    crossed = len(left & its_right) + len(right & its_left)
    return Fault("logic", mine[0]) if crossed > kept else None


def _check_agent(piece: Piece, pieces: Sequence[Piece]) -> Fault | None:
    """由X: where the clause names with 由 who acts, it must be X."""
    whole = "，".join(p.text for p in pieces)
    named = [whole[m.end() : m.end() + _REACH] for m in _AGENT.finditer(whole)]
    for match in _AGENT.finditer(piece.text):
        who = pairs_of(piece.text[match.end() : match.end() + 4])
        if named and who and not any(who & pairs_of(other) for other in named):
            return Fault("subject", match[0] + piece.text[match.end() : match.end() + 4])
    return None


# -- what may not be left out --------------------------------------------------------------------------


def find_lost_scope(
    sentence: Reading, aligned: Sequence[tuple[Piece, Reading, Piece]], evidence: Evidence, ground: Ground
) -> Fault | None:
    """The first word that narrows what the clause says and that the sentence leaves out.

    Args:
        aligned: each piece of the sentence with the piece of the clauses that it words, and what that stands in.
    """
    told = frozenset().union(*(p.pairs for p in sentence.pieces))
    known = told | frozenset().union(*(p.pairs for p in evidence.said.pieces))
    words = sentence.plain + "，" + evidence.said.plain
    for piece, reading, own in aligned:
        for part in _find_parts(piece, own):
            for narrow in ground.lexicon.narrowing.finditer(part):
                before = part[max(0, narrow.start() - 2) : narrow.start()]
                following = part[narrow.end() : narrow.end() + 2]
                is_lost = narrow[0] + following not in words and len(following) == _FEW
                if is_lost and _is_joined(before, following, piece.text):
                    return Fault("scope", narrow[0] + following)
            each = _PER.search(part) if FIGURE in piece.text and FIGURE in part else None
            if each and each[0] not in words:
                return Fault("scope", each[0])
        if fault := _find_lost_condition(own, reading, known):
            return fault
    return _find_reversed(aligned)


def _is_joined(before: str, following: str, text: str) -> bool:
    """Whether what stood around a narrowing word stands together without it."""
    if before.isalnum():
        return before + following in text
    return text.startswith(following) or re.search(f"[的，]{re.escape(following)}", text) is not None


def _find_parts(piece: Piece, own: Piece) -> list[str]:
    """Of a list joined by 、 and 或 the items that a piece of the sentence words."""
    parts = re.split(r"[、或]", own.text)
    return [part for part in parts if len(pairs_of(part) & piece.pairs) >= _FEW]


def _find_lost_condition(own: Piece, reading: Reading, known: frozenset[str]) -> Fault | None:
    """…的，: the condition right in front of what is told; it must be told, or have been asked about."""
    pieces = reading.sentence(own.sentence)
    at = next(i for i, piece in enumerate(pieces) if piece is own)
    for before in reversed(pieces[:at]):
        if not before.pairs:
            continue
        is_condition = before.text.endswith("的") and before.end in ("，", ",")
        pairs = pairs_of(before.text.removeprefix("对").removesuffix("的")) - own.pairs
        if is_condition and pairs and len(pairs & known) < (1 if len(pairs) <= _SHORT else _FEW):
            return Fault("scope", before.text.replace(FIGURE, "…"))
        return None
    return None


def _find_reversed(aligned: Sequence[tuple[Piece, Reading, Piece]]) -> Fault | None:
    """What follows from a condition, told as the condition itself."""
    for (piece, reading, own), (_, other, following) in pairwise(aligned):
        is_condition = piece.text.endswith("的") and piece.end in ("，", ",")
        if not is_condition or reading is not other or own.sentence != following.sentence or own is following:
            continue
        pieces = reading.sentence(own.sentence)
        places = [next(i for i, p in enumerate(pieces) if p is part) for part in (own, following)]
        if places[0] > places[1] and not own.text.endswith("的"):
            return Fault("logic", piece.text.replace(FIGURE, "…"))
    return None
