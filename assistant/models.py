"""The words everything else uses: frozen values that pass from one stage of the pipeline to the next.

All spans are half-open and count Unicode code points of `Document.source`; `source[start:end]` is what
a citation quotes. Nothing here reads a file, a clock or a setting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple


class Span(NamedTuple):
    """A half-open range of code points in a source text."""

    start: int
    end: int


ClauseKind = Literal["title", "meta", "heading", "clause", "paragraph", "row"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table row: its column header (empty in a form) and its span in the source."""

    header: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One instrument inside a document: a forwarding notice, the plan it carries.

    Attributes:
        id: prefix of the part's clause paths; empty for the main part.
        issued: day of issue, None where the text does not carry one.
    """

    id: str
    title: str
    number: str
    issuer: str
    issued: date | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """The smallest citable unit. Its span is its own text, without that of its children.

    Attributes:
        clause_id: `<document-id>#<path>`, such as `huangchuan-2021-1#2.4.21.1`.
        path: dotted numbers as printed, such as `2.4.21.1`; `a1.r10` for a row of an annex.
        label: what a reader is shown, such as `二、（四）21.（1）` or `附件1 第10行`.
        kind: `meta` is a date, number, contact or distribution line.
        heading: the clause's own run-in heading, such as `严格师资管理`; empty where it has none.
        headings: headings of the ancestors, outermost first (the annex title and the merged group cells
            for a row).
        parent: clause id of the parent, None at the top.
        part: id of the part it stands in.
        cells: the cells of a table row, in order; empty otherwise.
        questions: how people ask for what it says; for the index, never for an answer.
    """

    clause_id: str
    document: str
    path: str
    label: str
    kind: ClauseKind
    start: int
    end: int
    text: str
    heading: str = ""
    headings: tuple[str, ...] = ()
    parent: str | None = None
    part: str = ""
    cells: tuple[Cell, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One promulgated text with its clauses in reading order.

    Attributes:
        region: six-digit GB/T 2260 code, `000000` for the whole country.
        year: the one year the document was made for, None where it has no such limit.
        effective: first day in force, None where unknown (then the document counts as in force).
        expires: last day in force, None where none is stated.
        replaced_by: id of the document that took its place; empty for none.
        aliases: other names people use for it, such as `105号文`.
        only_for: words one of which a question must contain for this document to be searched; empty
            for a document that is always searched.
        furniture: spans that carry no clause: letterhead, signatures, page numbers, repeated headers.
    """

    id: str
    title: str
    number: str
    issuer: str
    region: str
    source: str
    clauses: tuple[Clause, ...]
    parts: tuple[Part, ...] = ()
    issued: date | None = None
    year: int | None = None
    effective: date | None = None
    expires: date | None = None
    replaced_by: str = ""
    aliases: tuple[str, ...] = ()
    only_for: tuple[str, ...] = ()
    furniture: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is indexed: a clause, or a piece of a long one, with its heading path.

    Attributes:
        chunk_id: the clause id, with `~2`, `~3` … for the further pieces of a long clause and `~q1` … for
            its sample questions.
        text: heading path and text, as the legs see it.
        digest: SHA-256 of `text`, in hexadecimal: the same digest needs no new vector.
    """

    chunk_id: str
    clause_id: str
    document: str
    start: int
    end: int
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause returned for a query.

    Attributes:
        score: orders the passages of one query; comparable within one query only. Of the retriever it is in [0, 1].
        rank: 1-based.
        legs: what the score is made of, by name: `bm25`, `dense` (cosine), `rerank`; of a search also `fused`, `coverage`,
            `sentence`, `named`, `rule`.
    """

    clause: Clause
    score: float
    rank: int
    legs: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What one asker wants to know, on which day, from where.

    Attributes:
        region: a name or six-digit code as the asker gave it; None where unknown.
        as_of: the day the law is read at.
        facts: what the asker has stated about the case, by fact id.
        earlier: what the asker said before, oldest first, where the asker keeps the conversation; None where it
            is kept here, under `session_id`.
    """

    text: str
    as_of: date
    region: str | None = None
    session_id: str | None = None
    facts: dict[str, str] = field(default_factory=dict)
    earlier: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause and an exact quote from it; `number` and `title` are those of the clause's part."""

    n: int
    document: str
    number: str
    title: str
    issuer: str
    region: str
    clause: str
    clause_id: str
    quote: str
    start: int
    end: int
    clause_start: int
    clause_end: int


Outcome = Literal["pass", "fail", "unknown", "not_applicable", "conflict", "no_basis"]
"""What is decided about a rule; a figure that could be computed is a `pass`."""


@dataclass(frozen=True, slots=True)
class DecisionValue:
    """A computed figure as text, exact; `low` and `high` where it is a range, `amount` is None then.

    Attributes:
        bound: what the figure is: `>=` a floor, `<=` a ceiling, `==` exact, `~` about.
    """

    amount: str | None
    unit: str
    bound: str = "=="
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionParameter:
    """A figure of the law that was read; `cite` is the number of its citation, None where it has none.

    Attributes:
        since: first day of this value, None where it is not known.
    """

    id: str
    value: str
    unit: str
    cite: int | None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class DecisionCheck:
    """One executed condition or term.

    Attributes:
        shown: the expression with its values, as it turned out.
        when: why it applies or does not; empty where it always applies.
        margin: by how much a comparison holds, negative where it fails; None where that has no meaning.
        facts: the stated facts it read.
        force: `must`, `encouraged`, `approximate` (左右) or `target`.
        reminder: a process rule, which blocks only where it is broken.
    """

    id: str
    label: str
    outcome: Outcome
    shown: str
    when: str
    margin: str | None
    facts: dict[str, str]
    parameters: tuple[DecisionParameter, ...]
    cites: tuple[int, ...]
    force: str = "must"
    reminder: bool = False


@dataclass(frozen=True, slots=True)
class DecisionAsk:
    """A fact still worth asking.

    Attributes:
        type: integer, decimal, share, boolean, choice, date, name or names: how it may be put in.
        choices: what a choice may be; empty for other types.
    """

    fact: str
    label: str
    question: str
    unit: str
    type: str
    choices: tuple[str, ...]
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DecisionRepair:
    """A change after which nothing fails; `certified` where that was decided again."""

    changes: dict[str, str]
    note: str
    certified: bool
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the calculator found, with the numbers of the citations it rests on.

    Attributes:
        rule: `<document>/<id>`.
        value: the computed figure; None for a verdict. `values` holds all of them where texts disagree.
        stable_until: last day on which the same comes out, None where no change is known.
    """

    rule: str
    label: str
    outcome: Outcome
    value: DecisionValue | None = None
    values: tuple[DecisionValue, ...] = ()
    checks: tuple[DecisionCheck, ...] = ()
    ask: tuple[DecisionAsk, ...] = ()
    repairs: tuple[DecisionRepair, ...] = ()
    stable_until: date | None = None


AnswerStatus = Literal["answered", "needs_info", "refused"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What every surface renders.

    Attributes:
        text: claims with `[n]` marks; each mark resolves, each citation is used.
        generated: True where a language model worded it.
        notices: what the asker must know beside the answer, such as that a plan was made for one year.
        made_with: where a model worded it, its name and the versions of the prompts; kept with the answer, not shown.
    """

    id: str
    session_id: str
    status: AnswerStatus
    text: str
    as_of: date
    citations: tuple[Citation, ...]
    decision: Decision | None
    notices: tuple[str, ...]
    corpus_version: str
    generated: bool = False
    made_with: str = ""
