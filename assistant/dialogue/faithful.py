"""The gate every sentence worded by a language model passes before anyone sees it.

In: one sentence and what it may rest on. Out: what is wrong with it, or nothing. Pure and deterministic.

One decision: an unsure sentence fails. What replaces it is the extractive sentence, which is always right.
"""

from __future__ import annotations

import re

from assistant.dialogue.faithful_fault import Fault
from assistant.dialogue.faithful_force import find_force_fault, find_words
from assistant.dialogue.faithful_ground import (
    Evidence,
    Ground,
    GroundCheck,
    GroundClause,
    TraceLine,
    build_ground,
)
from assistant.dialogue.faithful_numbers import find_number_fault
from assistant.dialogue.faithful_places import (
    find_document_fault,
    find_form_fault,
    find_place_fault,
    find_places,
    find_quote_fault,
)
from assistant.dialogue.faithful_read import Reading, blank_words, plain_form, read_text
from assistant.dialogue.faithful_words import (
    find_literal_fault,
    find_verdict_fault,
    find_word_fault,
)
from assistant.dialogue.verify import MARK

__all__ = [
    "Fault",
    "Ground",
    "GroundCheck",
    "GroundClause",
    "TraceLine",
    "build_ground",
    "find_fault",
    "split_sentences",
]

_LONGEST = 400
_LONGEST_REMARK = 60
_TRAIL = r"[”’」』）)\"]*\s*(?:\[\d+\]\s*)*"
_SENTENCE_END = re.compile(rf"[。！？!?；;]+{_TRAIL}|(?:\[\d+\]\s*)*\n+")
_OPENING, _CLOSING = "（(“‘《「『", "）)”’》」』"


def split_sentences(text: str) -> list[str]:
    """Cut a worded answer into sentences; the [n] marks stay with the sentence before them.

    No cut is made inside brackets or quotation marks of one line.
    """
    sentences, left = [], 0
    for match in _SENTENCE_END.finditer(text):
        is_line = "\n" in match[0]
        if not is_line and _is_open(text[left : match.start()]):
            continue
        sentences.append(text[left : match.end()].strip())
        left = match.end()
    sentences.append(text[left:].strip())
    return [sentence for sentence in sentences if sentence]


def _is_open(text: str) -> bool:
    return sum(text.count(c) for c in _OPENING) > sum(text.count(c) for c in _CLOSING)


def find_fault(sentence: str, ground: Ground) -> Fault | None:
    """What is wrong with a sentence; None where all of it stands in what it cites.

    Args:
        sentence: one sentence, its [n] marks in it.
    """
    if len(sentence) > _LONGEST:
        return Fault("length", sentence[:20])
    marks = [int(n) for n in MARK.findall(sentence)]
    if missing := [n for n in marks if n not in ground.citations]:
        return Fault("unknown_citation", f"[{missing[0]}]")
    bare = MARK.sub("", sentence).strip()
    if not any(char.isalnum() for char in bare):
        return Fault("off_clause", sentence[:20])
    evidence = ground.evidence(marks)
    literal = evidence.literal or "\n".join(line.text for line in ground.trace if not line.cites)
    if fault := find_form_fault(bare, literal):
        return fault
    if not marks:
        return _find_uncited(bare, ground)
    return _find_fault(bare, evidence, ground) or _find_misplaced(bare, marks, evidence, ground)


def _find_misplaced(bare: str, marks: list[int], evidence: Evidence, ground: Ground) -> Fault | None:
    """Of clauses from several places, a sentence that names one place must rest on the clauses of that place."""
    homes = {ground.citations[n].code for n in marks}
    named = find_places(bare, evidence, ground) & homes
    if len(homes) == 1 or len(named) != 1:
        return None
    own = [n for n in marks if ground.citations[n].code in named]
    fault = _find_fault(bare, ground.evidence(own), ground)
    return Fault("region", fault.words) if fault else None


def _find_fault(bare: str, evidence: Evidence, ground: Ground) -> Fault | None:
    sentence = read_text(bare, ground.lexicon, evidence.names)
    fault = (
        find_quote_fault(bare, evidence)
        or find_document_fault(bare, evidence, ground)
        or find_place_fault(bare, evidence, ground)
        or find_number_fault(sentence, evidence, ground)
        or find_literal_fault(sentence, evidence, ground)
        or find_verdict_fault(sentence, evidence, ground)
    )
    if fault:
        return fault
    # Verdicts have been compared with the calculator's.
    told = sentence if ground.outcome is None else blank_words(sentence, ground.lexicon.verdict)
    return find_force_fault(told, evidence) or find_word_fault(told, evidence, ground)


def _find_uncited(bare: str, ground: Ground) -> Fault | None:
    """A sentence without citations may only connect: a line of the extractive answer, or words that say nothing."""
    plain = plain_form(bare, ground.lexicon)
    told = (part for line in ground.trace if not line.cites for part in split_sentences(line.text))
    if any(plain == plain_form(part, ground.lexicon) for part in told):
        return None
    reading = read_text(bare, ground.lexicon)
    if len(bare) > _LONGEST_REMARK or reading.figures or _says_something(reading, ground):
        return Fault("uncited", bare[:40])
    return None


def _says_something(reading: Reading, ground: Ground) -> bool:
    for piece in reading.pieces:
        if find_words(piece.text) or ground.lexicon.verdict.search(piece.text):
            return True
        rest = ground.lexicon.neutral.sub("", piece.text)
        if any(char.isalnum() for char in rest):
            return True
    return False
