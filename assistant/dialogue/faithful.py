"""The gate every sentence worded by a language model passes before anyone sees it.

In: one sentence and what it may rest on. Out: what is wrong with it, or nothing. Pure and deterministic.

One decision: an unsure sentence fails. What replaces it is the extractive sentence, which is always right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from assistant.dialogue.verify import MARK
from assistant.documents.regions import RegionTree
from assistant.models import Answer, Document, Outcome
from assistant.retrieval.thesaurus import Thesaurus

_MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class GroundClause:
    """A citation and the whole clause it is taken from.

    Attributes:
        text: the clause as it stands; a table row with its column headers and their units.
        headings: headings from the outermost to the clause's own.
        label: what a reader is shown, such as `二、（四）21.（1）`.
        region: name of the place; `code` is its six digits.
    """

    quote: str
    text: str
    headings: str
    label: str
    title: str
    number: str
    issuer: str
    region: str
    code: str
    issued: date | None
    year: int | None


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One sentence of the extractive answer, with the numbers of its citations."""

    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroundCheck:
    """A decided condition: what its label calls it and how it came out."""

    label: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ground:
    """What the sentences of one answer may rest on.

    Attributes:
        citations: by their `n`.
        said: the asker's own words and facts.
        trace: the extractive answer, which holds what the calculator decided.
        outcome: of the decision, None where nothing was decided.
        thesaurus: lay wording that may stand for a clause's; None for none.
    """

    citations: Mapping[int, GroundClause]
    said: str
    trace: tuple[TraceLine, ...]
    regions: RegionTree
    as_of: date
    outcome: Outcome | None = None
    checks: tuple[GroundCheck, ...] = ()
    thesaurus: Thesaurus | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a sentence.

    Attributes:
        kind: `uncited`, `unknown_citation`, `quote`, `number`, `unit`, `subject`, `comparator`, `negation`, `force`,
            `logic`, `region`, `year`, `document`, `verdict`, `off_clause`, `instruction`, `script`, `length`.
        words: the offending words, for the request to repair it.
    """

    kind: str
    words: str


_SENTENCE_END = re.compile(r"[。！？!?；;]+[”’」』）)]*\s*(?:\[\d+\]\s*)*|(?:\[\d+\]\s*)*\n+")


def split_sentences(text: str) -> list[str]:
    """Cut a worded answer into sentences; the [n] marks stay with the sentence before them."""
    sentences, left = [], 0
    for match in _SENTENCE_END.finditer(text):
        sentences.append(text[left : match.end()].strip())
        left = match.end()
    sentences.append(text[left:].strip())
    return [sentence for sentence in sentences if sentence]


def find_fault(sentence: str, ground: Ground) -> Fault | None:
    """What is wrong with a sentence; None where all of it stands in what it cites."""
    if len(sentence) > _MAX_LENGTH:
        return Fault("length", sentence[:20])
    marks = [int(n) for n in MARK.findall(sentence)]
    if missing := [n for n in marks if n not in ground.citations]:
        return Fault("unknown_citation", f"[{missing[0]}]")
    return None


def build_ground(
    answer: Answer,
    documents: Mapping[str, Document],
    regions: RegionTree,
    said: str | Sequence[str],
    thesaurus: Thesaurus | None = None,
) -> Ground:
    """What the sentences of a reworded answer may rest on.

    Args:
        answer: the extractive answer.
        said: the asker's words, with those of earlier turns.
    """
    words = said if isinstance(said, str) else " ".join(said)
    citations = {}
    for c in answer.citations:
        document = documents[c.document]
        clause = next((k for k in document.clauses if k.clause_id == c.clause_id), None)
        citations[c.n] = GroundClause(
            quote=c.quote,
            text=clause.text if clause else c.quote,
            headings=" ".join((*clause.headings, clause.heading)) if clause else "",
            label=c.clause,
            title=c.title,
            number=c.number,
            issuer=c.issuer,
            region=c.region,
            code=document.region,
            issued=document.issued,
            year=document.year,
        )
    trace = tuple(
        TraceLine(MARK.sub("", line), tuple(int(n) for n in MARK.findall(line)))
        for line in answer.text.splitlines()
        if line.strip()
    )
    decision = answer.decision
    checks = tuple(GroundCheck(check.label, check.outcome) for check in decision.checks) if decision else ()
    return Ground(
        citations,
        words,
        trace,
        regions,
        answer.as_of,
        decision.outcome if decision else None,
        checks,
        thesaurus,
    )
