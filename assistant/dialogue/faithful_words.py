"""Whether the words of a sentence are those of what it cites, and its verdicts those of the calculator.

One decision: the words that need no ground are a closed list. A word that neither the clauses nor the list has is taken for an invention,
however harmless it looks.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from assistant.dialogue.faithful_fault import Fault
from assistant.dialogue.faithful_force import align, find_words_of_force
from assistant.dialogue.faithful_ground import Evidence, Ground
from assistant.dialogue.faithful_read import (
    FIGURE,
    Piece,
    Reading,
    pairs_of,
    plain_form,
)
from assistant.dialogue.faithful_scope import find_lost_scope, find_scope_words
from assistant.dialogue.faithful_swap import find_swapped
from assistant.models import Outcome

_CONDITION = re.compile(r"的$|时$|后$|^如|^若|^凡|^对|前提|情况下$")
_SAYS = re.compile(
    r"^(.{1,40}?)(?:规定|提出|明确|(?<!有关)(?<!的)要求|指出|印发|发布|写明|表示)$|^(.{1,24}?)(?:规定|提出|明确规定|要求|指出)(?!的)"
)
_SEAM, _LIST = 10, 30
_LINKS = "用于"
_SHORT = 2
_UNIT_ALONE = re.compile(r"\((?:人次?|课时|学时|万?元|%|天|日|年|个)\)")
_SHARE_OF_LABEL = 0.5
_TIE = 0.6


def find_word_fault(sentence: Reading, evidence: Evidence, ground: Ground) -> Fault | None:
    """The first words of a sentence that stand nowhere in what it cites."""
    placed: list[tuple[Piece, set[int]]] = []
    for piece in sentence.pieces:
        if not piece.text:
            continue
        scores = _score_sentences(piece, evidence)
        top = max(scores.values(), default=0.0)
        best = {key for key, score in scores.items() if score and score >= _TIE * top}
        placed.append((piece, best))
    aligned = [
        (piece, *found) for piece in sentence.pieces if piece.pairs and (found := align(piece, evidence))
    ]
    if fault := find_lost_scope(sentence, aligned, evidence, ground):
        return fault
    if swapped := next(find_swapped(sentence, evidence, ground), ""):
        return Fault("subject", swapped)
    for index, (piece, best) in enumerate(placed):
        # 县（市、区）: what has no pair of its own stands where its neighbours do.
        reach = 1 if piece.pairs else 3
        near = set().union(*(keys for _, keys in placed[max(0, index - reach) : index + reach + 1]))
        if loose := _find_loose(piece, best | near, evidence, ground):
            return Fault("off_clause", loose)
    for (piece, best), (other, its) in pairwise(placed):
        is_condition = _CONDITION.search(piece.text) and piece.end in ("，", ",")
        if is_condition and best and its and not best & its:
            return Fault("off_clause", other.text.replace(FIGURE, "…"))
    return _find_attribution(sentence, evidence, ground)


def _score_sentences(piece: Piece, evidence: Evidence) -> dict[int, float]:
    """How much of a piece stands in each sentence of the evidence, by its index."""
    return {key: len(piece.pairs & pairs) for key, pairs in enumerate(evidence.sentences)}


def _find_loose(piece: Piece, keys: set[int], evidence: Evidence, ground: Ground) -> str:
    """The first run of characters that nothing grounds; empty where there is none."""
    known = set().union(*(evidence.sentences[key] for key in keys))
    known |= set().union(*(reading.head for reading in evidence.readings))
    known |= pairs_of(evidence.about)
    if ground.outcome is not None and FIGURE in piece.text:
        known |= set().union(*(p.pairs for p in evidence.said.pieces))
    if ground.outcome is not None:
        known |= set().union(*(r.pairs for r in evidence.readings[evidence.n_clauses :]))
    text = piece.text
    worded = [False] * len(text)
    for i in range(len(text) - 1):
        if text[i : i + 2] in known:
            worded[i] = worded[i + 1] = True
    free = [not char.isalnum() for char in text]
    for start, end in _find_free(text, evidence, ground):
        free[start:end] = [True] * (end - start)
    chars = {char for key in keys for char in evidence.texts[key]}
    loose = "".join("." if one or other else "x" for one, other in zip(worded, free, strict=True))
    for match in re.finditer("x+", loose):
        start, end = match.span()
        if end - start > 1 or text[start] not in chars:
            return text[start:end]
    own = [
        one and (not other or text[i] in _LINKS)
        for i, (one, other) in enumerate(zip(worded, free, strict=True))
    ]
    names = tuple(name for name in evidence.about.split("\n") if name)
    return _find_seam(text, own, (known, names), evidence.literal + evidence.unbracketed)


def _find_seam(
    text: str, worded: Sequence[bool], grounds: tuple[Container[str], tuple[str, ...]], literal: str
) -> str:
    """Two words of the clause put side by side that do not follow each other in one piece of it.

    Args:
        grounds: the pairs that are grounded, and names of place and issuer, which may stand in front of anything.
    """
    known, names = grounds
    for i in range(len(text) - 1):
        if not (worded[i] and worded[i + 1]) or text[i : i + 2] in known:
            continue
        left, right = text[max(0, i - 1) : i + 1], text[i + 1 : i + 3]
        if text[: i + 1].endswith(names) or _is_seam_of(left, right, literal):
            continue
        return left + right
    return ""


def _is_seam_of(left: str, right: str, literal: str) -> bool:
    """Whether two words may stand side by side: words between them left out, the next of a list, or what a label is of."""
    one, two = re.escape(left), re.escape(right)
    return any(
        re.search(pattern, literal)
        for pattern in (
            rf"{one}[^，,。;:!?\n]{{0,{_SEAM}}}{two}",
            rf"{one}[^，,。;:!?\n]{{0,{_LIST}}}[、等]{two}",
            rf"{one}[，,]{two}",
            rf"{two}[^，,。;:!?\n]{{0,4}}:[^，,。;!?\n]{{0,{_SEAM}}}{one}",
            # 统一于4月进行线下考核 → 线下考核统一于4月进行
            rf"{two}[^，,。;:!?\n]{{0,{_LIST}}}{one}(?:[，,。;:!?\n()]|$)",
        )
    )


def _find_free(text: str, evidence: Evidence, ground: Ground) -> Iterator[tuple[int, int]]:
    """Spans that need no ground, or are compared elsewhere: neutral words, words of force, verdicts, lay wording of the clauses."""
    lexicon = ground.lexicon
    for match in lexicon.neutral.finditer(text):
        yield match.span()
    yield from find_words_of_force(text)
    yield from find_scope_words(text)
    if ground.outcome is not None:
        for match in lexicon.verdict.finditer(text):
            yield match.span()
    if ground.thesaurus is not None:
        for lay in ground.thesaurus.expand(text):
            if any(plain_form(word, lexicon) in evidence.literal for word in lay.means):
                yield lay.start, lay.end


def find_literal_fault(sentence: Reading, evidence: Evidence, ground: Ground) -> Fault | None:
    """Words of time and cost, made of characters that stand everywhere, must stand so in what is cited."""
    for match in ground.lexicon.literal.finditer(sentence.plain):
        if match[0] not in evidence.literal:
            return Fault("off_clause", match[0])
    for match in _UNIT_ALONE.finditer(sentence.plain):
        if match[0] not in evidence.literal:
            return Fault("unit", match[0])
    return None


def _find_attribution(sentence: Reading, evidence: Evidence, ground: Ground) -> Fault | None:
    """X规定, X提出: X must be the document, its place or its issuer."""
    known = pairs_of(evidence.about)
    for piece in sentence.pieces:
        found = _SAYS.match(piece.text)
        subject = (found[1] or found[2]) if found else ""
        if not subject:
            continue
        free = set()
        for match in ground.lexicon.neutral.finditer(subject):
            free |= set(range(*match.span()))
        for i in range(len(subject) - 1):
            if subject[i : i + 2] in known:
                free |= {i, i + 1}
        loose = "".join(char for i, char in enumerate(subject) if char.isalnum() and i not in free)
        if len(loose) > 1 and _is_office(loose) and found and found[0] not in evidence.literal:
            return Fault("document", subject)
    return None


def _is_office(text: str) -> bool:
    return bool(re.search(r"[部厅局委办省市县院府会组]", text))


# -- verdicts ------------------------------------------------------------------------------------------


def find_verdict_fault(sentence: Reading, evidence: Evidence, ground: Ground) -> Fault | None:
    """A verdict that the calculator did not come to."""
    text = "，".join(piece.text for piece in sentence.pieces)
    found = [m for m in ground.lexicon.verdict.finditer(text) if not _is_asked(m, text, evidence)]
    ends = [0, *(m.end() for m in found)]
    starts = [*(m.start() for m in found), len(text)]
    for index, match in enumerate(found):
        before = _Told(sentence, text, ends[index], match.start())
        after = _Told(sentence, text, match.end(), starts[index + 1])
        if not _agrees(match[0], (before, after), evidence.cites, ground):
            return Fault("verdict", match[0])
    return None


class _Told(NamedTuple):
    """A stretch of a sentence in which a verdict says what it is of."""

    sentence: Reading
    text: str
    start: int
    end: int

    @property
    def pairs(self) -> frozenset[str]:
        return pairs_of(self.text[self.start : self.end])

    @property
    def values(self) -> set[object]:
        """Values of the figures in it."""
        first = self.text[: self.start].count(FIGURE)
        n_figures = self.text[self.start : self.end].count(FIGURE)
        return {figure.value for figure in self.sentence.figures[first : first + n_figures]}


def _is_asked(match: re.Match[str], text: str, evidence: Evidence) -> bool:
    """是否符合要求, 符合条件的 and 合格证书 of a cited clause are no verdicts."""
    before, behind = text[max(0, match.start() - 1) : match.end()], text[match.start() : match.end() + 1]
    is_short = len(match[0]) == _SHORT
    words = [behind, *([before] if is_short else [])]
    clauses = evidence.readings[: evidence.n_clauses]
    return text[max(0, match.start() - 2) : match.start()] == "是否" or any(
        word.isalnum() and len(word) > len(match[0]) and word in reading.plain
        for word in words
        for reading in clauses
    )


def _agrees(word: str, told_of: Sequence[_Told], cites: Sequence[int], ground: Ground) -> bool:
    """Whether a verdict is that of the conditions it is told of, else of the whole."""
    lexicon = ground.lexicon
    told = lexicon.outcomes[word]
    if ground.outcome is None:
        return False
    if word in lexicon.whole:
        return told == ground.outcome
    cited = [check for check in ground.checks if not set(cites).isdisjoint(check.cites)]
    for stretch in told_of:
        outcomes = _find_labelled(stretch.pairs, ground) or {
            check.outcome for check in cited if not stretch.values.isdisjoint(check.figures)
        }
        if outcomes:
            return outcomes == {told}
    return told == ground.outcome


def _find_labelled(pairs: frozenset[str], ground: Ground) -> set[Outcome]:
    """Outcomes of what a stretch of words names best: conditions, or what was decided as a whole."""
    shares: list[tuple[float, Outcome]] = []
    named: list[tuple[str, Outcome | None]] = [(ground.label, ground.outcome)]
    named += [(check.label, check.outcome) for check in ground.checks]
    for label, outcome in named:
        wanted = pairs_of(plain_form(label, ground.lexicon))
        share = len(wanted & pairs) / len(wanted) if wanted else 0.0
        if share >= _SHARE_OF_LABEL and outcome is not None:
            shares.append((share, outcome))
    best = max((share for share, _ in shares), default=0.0)
    if shares and shares[0] == (best, ground.outcome):
        return {shares[0][1]}
    return {outcome for _, outcome in shares}
