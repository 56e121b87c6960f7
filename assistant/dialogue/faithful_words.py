"""Whether the words of a sentence are those of what it cites, and its verdicts those of the calculator.

One decision: the words that need no ground are a closed list. A word that neither the clauses nor the list has is taken for an invention,
however harmless it looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.dialogue.faithful_fault import Fault
from assistant.dialogue.faithful_force import find_scope_words, find_words_of_force
from assistant.dialogue.faithful_ground import Evidence, Ground
from assistant.dialogue.faithful_read import FIGURE, Piece, Reading, pairs_of, plain_form
from assistant.models import Outcome

_CONDITION = re.compile(r"的$|时$|后$|^如|^若|^凡|前提|情况下$")
_SAYS = re.compile(r"^(.{1,40}?)(?:规定|提出|明确|要求|指出|印发|发布|出台|写明|表示)$|^(.{1,24}?)(?:规定|提出|明确|指出|印发|发布|出台|写明|表示)")
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
    for index, (piece, best) in enumerate(placed):
        near = set().union(*(keys for _, keys in placed[max(0, index - 1) : index + 2]))
        if loose := _find_loose(piece, best | near, evidence, ground):
            return Fault("off_clause", loose)
    for (piece, best), (other, its) in zip(placed, placed[1:], strict=False):
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
    text = piece.text
    grounded = [not char.isalnum() for char in text]
    for i in range(len(text) - 1):
        if text[i : i + 2] in known:
            grounded[i] = grounded[i + 1] = True
    for start, end in _find_free(text, evidence, ground):
        grounded[start:end] = [True] * (end - start)
    chars = {char for pair in known for char in pair}
    for match in re.finditer("x+", "".join("." if ok else "x" for ok in grounded)):
        start, end = match.span()
        if end - start > 1 or text[start] not in chars:
            return text[start:end]
    return ""


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
        if len(loose) > 1 and _is_office(loose):
            return Fault("document", subject)
    return None


def _is_office(text: str) -> bool:
    return bool(re.search(r"[部厅局委办省市县院府会组]", text))


# -- verdicts ------------------------------------------------------------------------------------------


def find_verdict_fault(sentence: Reading, evidence: Evidence, ground: Ground) -> Fault | None:
    """A verdict that the calculator did not come to."""
    since = ""
    for piece in sentence.pieces:
        for match in ground.lexicon.verdict.finditer(piece.text):
            said = piece.text[max(0, match.start() - 1) : match.end() + 2]
            if _is_of_clause(match[0], said, evidence):
                continue
            told = ground.lexicon.outcomes[match[0]]
            about = since + piece.text
            if not _agrees(told, about, ground):
                return Fault("verdict", match[0])
            since = ""
        since += piece.text
    return None


def _is_of_clause(word: str, said: str, evidence: Evidence) -> bool:
    """符合条件的: words of a cited clause, not a verdict."""
    text = "".join(plain.plain for plain in evidence.readings[: evidence.n_clauses])
    around = said.partition(word)
    return len(word) > 1 and bool(around[2]) and word + around[2][:2] in text and len(around[2]) == 2


def _agrees(told: Outcome, about: str, ground: Ground) -> bool:
    if ground.outcome is None:
        return False
    pairs = pairs_of(about)
    named = []
    for check in ground.checks:
        label = pairs_of(plain_form(check.label, ground.lexicon))
        if label and len(label & pairs) / len(label) >= _SHARE_OF_LABEL:
            named.append(check)
    if named and told != "unknown":
        return all(check.outcome == told for check in named)
    return told == ground.outcome
