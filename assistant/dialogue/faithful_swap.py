"""Words that stand where the clause has others: 实操培训须全程录像 for 理论教学须全程录像, 线上 for 线下.

In: a piece of a sentence and the piece of the clauses that it words. Out: the words that were put in the place of the clause's.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from assistant.dialogue.faithful_force import align, find_words_of_force
from assistant.dialogue.faithful_ground import Evidence, Ground
from assistant.dialogue.faithful_numbers import find_match
from assistant.dialogue.faithful_read import Reading, pairs_of
from assistant.dialogue.faithful_scope import find_scope_words

_ALIKE = 3
_FRAME = 2
"""Characters that must be the same on either side."""


def find_swapped(sentence: Reading, evidence: Evidence, ground: Ground) -> Iterator[str]:
    """Words of a sentence that stand where the clauses have others."""
    for index, piece in enumerate(sentence.pieces):
        for text in _find_counterparts(index, sentence, evidence):
            if opposite := _find_opposite(piece.text, text, ground):
                yield opposite
            if swapped := _find_swap(piece.text, text, evidence, ground):
                yield swapped


def _find_counterparts(index: int, sentence: Reading, evidence: Evidence) -> list[str]:
    """What a piece of the sentence words: the pieces of its figures, else the piece that shares most with it."""
    if same := evidence.find_same(sentence.pieces[index].text):
        return [same[1].text]
    matches = (find_match(f, evidence) for f in sentence.figures if f.piece == index)
    if texts := [match.text for match in matches if match]:
        return texts
    aligned = align(sentence.pieces[index], evidence)
    return [aligned[1].text] if aligned else []


def _find_opposite(text: str, other: str, ground: Ground) -> str:
    """A word where the clause's piece, or the item of its list, has the opposite: 线上 for 线下."""
    for mine, its in ((text, other), *_pair_items(text, other)):
        for group in ground.lexicon.opposites:
            lost = any(mine.count(word) < its.count(word) for word in group)
            added = [word for word in group if mine.count(word) > its.count(word)]
            if lost and added:
                return added[0]
    return ""


def _pair_items(text: str, other: str) -> Iterator[tuple[str, str]]:
    """The items of a list with those of the clause's that share most with them."""
    items = [item for item in other.split("、") if pairs_of(item)]
    for part in text.split("、"):
        best = max(items, key=lambda item: len(pairs_of(item) & pairs_of(part)), default="")
        if len(pairs_of(best) & pairs_of(part)) >= _ALIKE:
            yield part, best


def _find_swap(text: str, other: str, evidence: Evidence, ground: Ground) -> str:
    """Words that stand where the clause has other words: 实操培训须全程录像 for 理论教学须全程录像."""
    here, there = (_blank_force(part) for part in (text, other))
    blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
    at = there_at = size = 0
    for block in blocks:
        mine, its = here[at : block.a], there[there_at : block.b]
        n_same = sum(char.isalnum() for char in here[block.a : block.a + block.size])
        is_framed = n_same >= _FRAME and (size >= _FRAME or at == 0 or (size and n_same >= 2 * _FRAME))
        if is_framed and mine and its:
            is_word = (
                here[max(at - 1, 0) : at + 1] in evidence.pairs and here[at : block.a + 1] in evidence.pairs
            )
            is_letter = len(mine) == len(its) == 1 and is_word
            is_other = (
                _has_words(mine, ground) and _has_words(its, ground) and not _is_moved(mine, here, there)
            )
            if is_other or (is_letter and mine.isalnum() and its.isalnum()):
                return text[at : block.a]
        at, there_at, size = block.a + block.size, block.b + block.size, n_same
    return ""


def _has_words(text: str, ground: Ground) -> bool:
    return any(char.isalnum() for char in ground.lexicon.neutral.sub("", text))


def _is_moved(words: str, here: str, there: str) -> bool:
    """Whether words stand in the clause's piece too, as often, only elsewhere."""
    pairs = pairs_of(words)
    bare = words.strip()
    return bool(pairs) and pairs <= pairs_of(there) and here.count(bare) <= max(there.count(bare), 1)


def _blank_force(text: str) -> str:
    """A piece with its words of force as blanks; they are compared by themselves."""
    chars = list(text)
    for start, end in (*find_words_of_force(text), *find_scope_words(text)):
        chars[start:end] = " " * (end - start)
    return "".join(chars)
