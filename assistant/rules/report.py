"""What state the rules of a corpus are in: pins, figures that no rule carries, examples that do not come out.

In: a `Book` as it was built from the folder. Out: a `RuleReport`, a row a document. A finding is listed with its
rule and clause, so that whoever maintains the corpus knows which line to read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from assistant.documents.normalize import collapse_display
from assistant.models import Clause, Document, Span
from assistant.rules.bind import Bundle
from assistant.rules.book import Book
from assistant.rules.coverage import find_uncovered
from assistant.rules.decide import Calculator
from assistant.rules.explain import show_computed
from assistant.rules.finding import Amount, Finding
from assistant.rules.interval import Interval
from assistant.rules.law import Cite, Example
from assistant.rules.pins import Drift

GROUPS = (
    "parameters",
    "checks",
    "verdicts",
    "quantities",
    "deadlines",
    "timelines",
    "tables",
    "conflicts",
)
"""The kinds of rules, as the files and the bundles name them."""


@dataclass(frozen=True, slots=True)
class DriftedPin:
    """A cite whose clause has changed since it was confirmed.

    Attributes:
        quote: the words it rests on; of a stale one, whose words are gone, how its clause begins now.
    """

    rule: str
    clause: str
    clause_id: str
    drift: Drift
    quote: str


@dataclass(frozen=True, slots=True)
class UncoveredFigure:
    """A normative figure that is neither encoded nor waived; `start` and `end` count in the source."""

    clause: str
    clause_id: str
    start: int
    end: int
    shown: str


@dataclass(frozen=True, slots=True)
class FailedExample:
    """An example that does not come out as its file expects."""

    rule: str
    name: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The rules of one document.

    Attributes:
        n_rules: how many there are of each kind of `GROUPS`.
        n_figures: normative figures of the text; `n_encoded` of them stand in a quote of a rule, `n_waived` not.
        n_fresh: cites that stand as they were confirmed; `unpinned` names the keys of those never confirmed.
    """

    document: str
    title: str
    n_rules: dict[str, int]
    n_figures: int
    n_encoded: int
    n_waived: int
    n_fresh: int
    n_examples: int
    drifted: tuple[DriftedPin, ...]
    unpinned: tuple[str, ...]
    uncovered: tuple[UncoveredFigure, ...]
    failed: tuple[FailedExample, ...]

    @property
    def is_clean(self) -> bool:
        """True where every pin is fresh, every figure accounted for and every example comes out."""
        return not (self.drifted or self.unpinned or self.uncovered or self.failed)


@dataclass(frozen=True, slots=True)
class RuleReport:
    """The rules of all documents, in the order of the corpus; documents without rules are listed too."""

    documents: tuple[RuleRow, ...]

    @property
    def is_clean(self) -> bool:
        """True where every document's rules are."""
        return all(row.is_clean for row in self.documents)


def report_rules(book: Book) -> RuleReport:
    """Look through all rules; every example is run."""
    owned = {id_: list(_own_cites(bundle)) for id_, bundle in book.bundles.items()}
    quoted = [cite for cites in owned.values() for _, cite in cites]
    calculator = Calculator(book)
    return RuleReport(
        tuple(
            _report_document(calculator, document, owned.get(document.id, []), quoted)
            for document in book.documents.values()
        )
    )


class OwnCite(NamedTuple):
    """A cite and the key of the rule it belongs to, as the file has it: `parameters.max_class_size`."""

    key: str
    cite: Cite


def _report_document(
    calculator: Calculator, document: Document, owned: list[OwnCite], quoted: list[Cite]
) -> RuleRow:
    bundle = calculator.book.bundles.get(document.id) or Bundle(document)
    clauses = [(c.path, c.start, c.end) for c in document.clauses]
    by_path = {c.path: c for c in document.clauses}
    spans = [Span(c.start, c.end) for c in quoted if c.document == document.id and c.drift != "stale"]
    waived = [Span(c.start, c.end) for c in bundle.waived if c.drift != "stale"]
    n_figures = len(find_uncovered(clauses, document.source, ()))
    n_not_encoded = len(find_uncovered(clauses, document.source, spans))
    uncovered = find_uncovered(clauses, document.source, [*spans, *waived])
    drifts = Counter(own.cite.drift for own in owned)
    return RuleRow(
        document=document.id,
        title=document.title,
        n_rules={group: len(getattr(bundle, group)) for group in GROUPS},
        n_figures=n_figures,
        n_encoded=n_figures - n_not_encoded,
        n_waived=n_not_encoded - len(uncovered),
        n_fresh=drifts["fresh"],
        n_examples=len(bundle.examples),
        drifted=tuple(_find_drifted(calculator.book, document, bundle, owned)),
        unpinned=tuple(dict.fromkeys(bundle.unpinned)),
        uncovered=tuple(
            UncoveredFigure(by_path[path].label, by_path[path].clause_id, span.start, span.end, shown)
            for path, span, shown in uncovered
        ),
        failed=tuple(_run_examples(calculator, bundle.examples)),
    )


# -- cites ---------------------------------------------------------------------------------------------


def _own_cites(bundle: Bundle) -> Iterator[OwnCite]:
    """Every cite of a document's rules; a row of a table cites its whole clause."""
    for parameter in bundle.parameters.values():
        for dated in parameter.values:
            yield from _keyed(f"parameters.{parameter.id}", dated.cites)
    for group in ("checks", "quantities", "deadlines"):
        for rule in getattr(bundle, group).values():
            yield from _keyed(f"{group}.{rule.id}", rule.cites)
    for table in bundle.tables.values():
        yield from _keyed(f"tables.{table.id}", (row.cite for row in table.rows))
    for conflict in bundle.conflicts.values():
        name = conflict.key.partition("/")[2]
        yield from _keyed(f"conflicts.{name}", (c for side in conflict.sides for c in side.cites))


def _keyed(key: str, cites: Iterable[Cite]) -> Iterator[OwnCite]:
    return (OwnCite(key, cite) for cite in cites)


def _find_drifted(
    book: Book, document: Document, bundle: Bundle, owned: list[OwnCite]
) -> Iterator[DriftedPin]:
    """Cites that have changed; those never confirmed are told as unpinned instead."""
    waived = [OwnCite("waived", cite) for cite in bundle.waived]
    for own in [*owned, *waived]:
        is_unpinned = own.cite.drift == "moved" and own.key in bundle.unpinned
        if own.cite.drift == "fresh" or is_unpinned:
            continue
        clause = _clause_of(book, own.cite)
        quote = book.documents[own.cite.document].source[own.cite.start : own.cite.end]
        yield DriftedPin(
            f"{document.id}/{own.key}",
            clause.label if clause else "",
            own.cite.clause_id,
            own.cite.drift,
            collapse_display(quote),
        )


def _clause_of(book: Book, cite: Cite) -> Clause | None:
    clauses = book.documents[cite.document].clauses
    return next((c for c in clauses if c.clause_id == cite.clause_id), None)


# -- examples ------------------------------------------------------------------------------------------


def _run_examples(calculator: Calculator, examples: Iterable[Example]) -> Iterator[FailedExample]:
    for example in examples:
        if found := find_difference(calculator, example):
            yield FailedExample(example.rule, example.name, describe_expected(example), found)


def find_difference(calculator: Calculator, example: Example) -> str:
    """How an example comes out where that is not what it expects; empty where it is."""
    finding = run_example(calculator, example)
    if isinstance(finding, str):
        return finding
    return "" if _comes_out(example, finding) else describe_finding(finding)


def run_example(calculator: Calculator, example: Example) -> Finding | str:
    """What comes out of an example, or why its facts cannot be used."""
    stated, faults = calculator.book.read_facts(example.facts)
    if faults:
        return "；".join(fault.message for fault in faults)
    rule = calculator.book.rules.get(example.rule) or calculator.book.parameters[example.rule]
    as_of = example.as_of or default_day(calculator.book.documents[rule.document])
    return calculator.find(example.rule, stated, as_of, find_lineage(example.region))


def default_day(document: Document) -> date:
    """The day an example is read at that names none: the last of the year that its document is made for."""
    begins = document.effective or document.issued
    year = document.year or (begins.year if begins else date.max.year)
    return date(year, 12, 31)


def find_lineage(code: str) -> frozenset[str] | None:
    """Codes of a region and of those it lies in; None for none."""
    if not code:
        return None
    return frozenset({"000000", f"{code[:2]}0000", f"{code[:4]}00", code})


def _comes_out(example: Example, finding: Finding) -> bool:
    """Whether everything that an example names is as it says."""
    amounts = finding.amounts
    fails = {step.id for step in finding.steps if step.outcome == "fail"}
    return (
        example.outcome in ("", finding.outcome)
        and (example.value is None or [a.value for a in amounts] == [example.value])
        and (not example.unit or {a.unit for a in amounts} == {example.unit})
        and (example.day is None or [_as_day(a) for a in amounts] == [example.day])
        and (example.fails is None or fails == set(example.fails))
    )


def _as_day(amount: Amount) -> date | None:
    return date.fromordinal(int(amount.value)) if isinstance(amount.value, int) else None


def describe_expected(example: Example) -> str:
    """What an example expects, in one line."""
    pieces = [example.outcome] if example.outcome else []
    if example.value is not None:
        value = example.value
        pieces.append(f"{value if not isinstance(value, Interval) else show_computed(value, 'number')}")
    pieces += [example.day.isoformat()] if example.day else []
    pieces += [f"fails: {'、'.join(example.fails)}"] if example.fails is not None else []
    return " ".join([*pieces, example.unit]).strip()


def describe_finding(finding: Finding) -> str:
    """What came out, in one line."""
    fails = "、".join(step.id for step in finding.steps if step.outcome == "fail")
    shown = [
        f"{show_computed(a.value, a.kind)}{a.unit if a.kind == 'number' else ''}" for a in finding.amounts
    ]
    return " ".join([finding.outcome, *shown, *([f"fails: {fails}"] if fails else [])])
