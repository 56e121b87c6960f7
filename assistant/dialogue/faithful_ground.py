"""What the sentences of one answer may rest on: its citations, the asker's words, what the calculator decided.

In: the extractive answer. Out: `Ground`, and for the citations of one sentence the `Evidence` it is compared with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import zip_longest
from typing import NamedTuple

from assistant.config import data_dir
from assistant.dialogue.faithful_lexicon import Lexicon, load_lexicon
from assistant.dialogue.faithful_read import (
    Bound,
    Piece,
    Reading,
    blank_words,
    pairs_of,
    plain_form,
    read_text,
)
from assistant.dialogue.verify import MARK
from assistant.documents.regions import RegionTree
from assistant.models import Answer, Citation, Clause, DecisionCheck, Document, Outcome
from assistant.retrieval.thesaurus import Thesaurus

_MARK_RUN = re.compile(r"(?:\[\d+\]\s*)+")


@dataclass(frozen=True, slots=True)
class GroundClause:
    """A citation and the whole clause it is taken from.

    Attributes:
        text: the clause as it stands; a table row with its column headers, their units behind the cells.
        headings: headings from the outermost to the clause's own.
        label: what a reader is shown, such as `二、（四）21.（1）`.
        code: six digits of the place `region` names.
    """

    clause_id: str
    quote: str
    text: str
    headings: str
    label: str
    title: str
    number: str
    issuer: str
    region: str
    code: str


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line of the extractive answer, with the numbers of its citations."""

    text: str
    cites: tuple[int, ...]


class GroundCheck(NamedTuple):
    """A decided condition: what its label calls it, how it came out, its citations, the values of the facts it read."""

    label: str
    outcome: Outcome
    cites: tuple[int, ...] = ()
    figures: frozenset[Fraction | tuple[int | None, int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Ground:
    """What the sentences of one answer may rest on.

    Attributes:
        citations: by their `n`.
        said: the asker's own words and facts.
        trace: the extractive answer, which holds what the calculator decided.
        outcome: of the decision, None where nothing was decided; `label` is what was decided.
        thesaurus: lay wording that may stand for a clause's; None for none.
        sources: clauses and lines that have been read.
    """

    citations: Mapping[int, GroundClause]
    said: str
    trace: tuple[TraceLine, ...]
    regions: RegionTree
    lexicon: Lexicon
    outcome: Outcome | None = None
    label: str = ""
    checks: tuple[GroundCheck, ...] = ()
    thesaurus: Thesaurus | None = None
    sources: dict[tuple[str, int], _Source] = field(default_factory=dict, repr=False, compare=False)
    _evidence: dict[tuple[int, ...], Evidence] = field(default_factory=dict, repr=False, compare=False)

    def evidence(self, cites: Sequence[int]) -> Evidence:
        """What a sentence with these citations is compared with; read once an answer."""
        key = tuple(sorted(set(cites)))
        if key not in self._evidence:
            self._evidence[key] = _gather(self, key)
        return self._evidence[key]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything one sentence may rest on, as it is compared.

    Attributes:
        cites: numbers of the citations, `clauses` the cited clauses.
        readings: of the cited clauses and of the trace lines with one of the citations, the clauses first.
        n_clauses: how many of the readings are clauses.
        said: what the asker said.
        names: what is taken as a whole: labels, titles, numbers of documents.
        about: region, title, number and issuer of the cited documents.
        literal: all of it in plain form, for what must stand word by word; `unbracketed` without what stands in brackets.
        figures: those of clauses and trace that may be told; `others` are those of a cited clause that another citation quotes.
        pieces: the pieces of clauses and trace, each with what it stands in.
        sentences: character pairs of each sentence of clauses and trace; `texts` their characters.
        pairs: all character pairs.
        places: codes of the regions that are named.
    """

    cites: tuple[int, ...]
    clauses: tuple[GroundClause, ...]
    readings: tuple[Reading, ...]
    n_clauses: int
    said: Reading
    names: tuple[str, ...]
    about: str
    literal: str
    unbracketed: str
    figures: tuple[Bound, ...]
    others: tuple[Bound, ...]
    pieces: tuple[tuple[Reading, Piece], ...]
    sentences: tuple[frozenset[str], ...]
    texts: tuple[str, ...]
    pairs: frozenset[str]
    places: frozenset[str]

    def find_same(self, text: str) -> tuple[Reading, Piece] | None:
        """A piece that reads the same: of the extractive answer, else of a clause."""
        same = [(reading, piece) for reading, piece in self.pieces if piece.text == text]
        return same[-1] if same else None


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
        said: the asker's words, with those of earlier turns and the facts as stated.
        thesaurus: lay wording that may stand for a clause's.

    Raises:
        ConfigError: the word list of the gate is damaged.
    """
    decision = answer.decision
    lexicon = load_lexicon(data_dir("prompts") / "faithful.yaml")
    return Ground(
        citations={c.n: _ground_clause(c, documents[c.document]) for c in answer.citations},
        said=said if isinstance(said, str) else "\n".join(said),
        trace=tuple(line for told in answer.text.splitlines() for line in _read_lines(told)),
        regions=regions,
        lexicon=lexicon,
        outcome=decision.outcome if decision else None,
        label=decision.label if decision else "",
        checks=tuple(_ground_check(c, lexicon) for c in decision.checks) if decision else (),
        thesaurus=thesaurus,
    )


def _read_lines(told: str) -> Iterator[TraceLine]:
    """What a line of the answer says, each part with the marks that stand behind it."""
    at = 0
    for marks in _MARK_RUN.finditer(told):
        yield TraceLine(told[at : marks.start()], tuple(int(n) for n in MARK.findall(marks[0])))
        at = marks.end()
    if told[at:].strip():
        yield TraceLine(told[at:], ())


def _ground_check(check: DecisionCheck, lexicon: Lexicon) -> GroundCheck:
    values = (f.value for fact in check.facts.values() for f in read_text(fact, lexicon).figures)
    return GroundCheck(check.label, check.outcome, check.cites, frozenset(values))


def _ground_clause(citation: Citation, document: Document) -> GroundClause:
    clause = next((c for c in document.clauses if c.clause_id == citation.clause_id), None)
    return GroundClause(
        clause_id=citation.clause_id,
        quote=citation.quote,
        text=_read_out(clause) if clause else citation.quote,
        headings=" ".join((*clause.headings, clause.heading)) if clause else "",
        label=citation.clause,
        title=citation.title,
        number=citation.number,
        issuer=citation.issuer,
        region=citation.region,
        code=document.region,
    )


def _read_out(clause: Clause) -> str:
    """A clause's text; of a row each cell with its header, `职业技能培训：300人次` for 职业技能培训（人次） and 300."""
    if not clause.cells:
        return clause.text
    parts = []
    for cell in clause.cells:
        name, _, unit = cell.header.replace("(", "（").partition("（")
        unit = "".join(unit.rstrip("）)").split())
        is_bare = cell.text.strip().isdigit() and unit
        parts.append(f"{name if is_bare else cell.header}：{cell.text.strip()}{unit if is_bare else ''}")
    return "；".join(parts)


class _Source(NamedTuple):
    """A clause or line of the trace as it is compared."""

    reading: Reading
    literal: str
    sentences: tuple[tuple[Piece, ...], ...]
    places: frozenset[str]


def _read_source(ground: Ground, key: tuple[str, int]) -> _Source:
    """A cited clause or a line of the trace, read once an answer."""
    if key in ground.sources:
        return ground.sources[key]
    lexicon = ground.lexicon
    # Labels, titles and numbers are compared as a whole, not looked into.
    names = _order_names(ground.citations.values())
    if key[0] == "trace":
        texts = [ground.trace[key[1]].text]
        reading = read_text(texts[0], lexicon, names)
        if ground.outcome is not None:
            reading = blank_words(reading, lexicon.verdict)
    else:
        c = ground.citations[key[1]]
        texts = [c.text, c.quote, c.headings, c.label, c.region, c.title, c.number, c.issuer]
        reading = read_text(c.text, lexicon, names, f"{c.region}。{c.title}。{c.headings}")
    literal = "\n".join(plain_form(text, lexicon) for text in texts)
    n_sentences = reading.pieces[-1].sentence + 1
    parts = tuple(tuple(reading.sentence(index)) for index in range(n_sentences))
    places = frozenset(m.region.code for m in ground.regions.find(literal))
    ground.sources[key] = _Source(reading, literal, parts, places)
    return ground.sources[key]


def _order_names(clauses: Iterable[GroundClause]) -> tuple[str, ...]:
    """Labels, numbers and titles, the longest first."""
    names = {name for c in clauses for name in (c.label, c.number, c.title) if len(name) > 1}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def _gather(ground: Ground, cites: tuple[int, ...]) -> Evidence:
    clauses = tuple(ground.citations[n] for n in cites)
    keys = [("clause", n) for n in cites]
    keys += [("trace", i) for i, line in enumerate(ground.trace) if set(line.cites) & set(cites)]
    sources = [_read_source(ground, key) for key in keys]
    readings = tuple(source.reading for source in sources)
    names = (name for c in clauses for name in (c.region, c.title, c.number, c.issuer))
    about = "\n".join(plain_form(name, ground.lexicon) for name in names)
    literal = "\n".join(source.literal for source in sources)
    figures = list(_figures(ground, clauses, readings))
    parts = [part for source in sources for part in source.sentences]
    sentences = tuple(frozenset().union(*(p.pairs for p in part)) for part in parts)
    return Evidence(
        cites=cites,
        clauses=clauses,
        readings=readings,
        n_clauses=len(clauses),
        said=read_text(ground.said, ground.lexicon),
        names=_order_names(clauses),
        about=about,
        literal=literal,
        unbracketed=re.sub(r"\([^()]*\)", "", literal),
        figures=tuple(figures),
        others=tuple(f for reading in readings for f in reading.figures if f not in figures),
        pieces=tuple((reading, piece) for reading in readings for piece in reading.pieces if piece.pairs),
        sentences=sentences,
        texts=tuple("".join(p.text for p in part) for part in parts),
        pairs=pairs_of(about).union(*sentences, *(reading.head for reading in readings)),
        places=frozenset().union(*(source.places for source in sources)),
    )


def _figures(ground: Ground, clauses: Sequence[GroundClause], readings: Sequence[Reading]) -> Iterator[Bound]:
    """The figures that may be told; several citations of one clause are told apart by their quotes."""
    everywhere = list(ground.citations.values())
    for clause, reading in zip_longest(clauses, readings):
        is_shared = clause is not None and sum(c.clause_id == clause.clause_id for c in everywhere) > 1
        quote = plain_form(clause.quote, ground.lexicon) if is_shared else ""
        for figure in reading.figures:
            if not is_shared or figure.shown in quote:
                yield figure
