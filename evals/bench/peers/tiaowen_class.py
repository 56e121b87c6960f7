"""The class check in our own calculator: ten checks of one verdict, through the path of an answer.

The rules are those of `class.yaml`, a document of its own with the figures of `peers.LIMITS`. Reading the facts, with
their domains and contradictions, is part of every verdict: the peers are given theirs as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from assistant.config import data_dir
from assistant.documents.catalog import load_corpus
from assistant.documents.metadata import DocumentMeta
from assistant.documents.parse import parse_document
from assistant.documents.regions import load_regions
from assistant.models import Document
from assistant.rules.batch import check_many
from assistant.rules.book import Book
from assistant.rules.build import build_book
from assistant.rules.columns import FactColumn, number_column
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding
from assistant.rules.load import RuleSource, dump_source, load_yaml, parse_source, read_source
from assistant.rules.numbers import Options, Truths
from evals.bench.peers import CERTIFICATES, NUMBERS, PASS, TRUTHS, Columns, Contestant, Facts, Verdicts

KEY = "class/class-qualifies"
AS_OF = date(2021, 6, 1)
_FILE = Path(__file__).with_name("class.yaml")


def build_class_book() -> Book:
    """The rules of the benchmark's own document, linted like any."""
    data: dict[str, Any] = load_yaml(_FILE.read_text(encoding="utf-8"), _FILE)
    document = parse_document("class", data["text"], DocumentMeta(title="班级条件", region="000000"))
    return build_book(RuleSource({"facts": data["facts"]}, {}, {"class": data["rules"]}), [document])


class TiaowenClass(Contestant):
    """The ten conditions, three-valued.

    Args:
        trace: True → `decide` builds the full cited trace each time (executed expressions, parameters with dates,
            clauses and quotes), as the answer needs it, and keeps it in `last_trace`; False → the outcome alone.
    """

    def __init__(self, *, trace: bool = False) -> None:
        self.name = "条问"
        self.last_trace: Finding | None = None
        self._trace = trace
        self._calculator = Calculator(build_class_book())
        self._book = self._calculator.book
        self._verdict = self._book.verdicts[KEY]

    def decide(self, facts: Facts) -> bool:
        """Whether the verdict's outcome is `pass`."""
        stated, faults = self._book.read_facts(facts)
        if faults:
            raise ValueError(faults)
        if not self._trace:
            return (
                self._calculator.find_outcome(self._verdict, self._calculator.open_case(stated, AS_OF))
                == "pass"
            )
        self.last_trace = self._calculator.find(KEY, stated, AS_OF)
        return self.last_trace.outcome == "pass"

    def prepare_many(self, columns: Columns) -> Callable[[], Verdicts]:
        """Columns in the engine's form; the returned call gives `PASS`, `FAIL` or `UNKNOWN` a row."""
        n_rows = len(columns.values["class_size"])
        everywhere = np.ones(n_rows, np.bool_)
        known = {name: columns.known.get(name, everywhere) for name in columns.values}
        facts, held = self._book.facts, {}
        for name in NUMBERS:
            numbers = np.where(known[name], columns.values[name], np.nan).astype(np.float64)
            held[name] = number_column(facts[name], numbers)
        nobody = [None] * n_rows
        for name in TRUTHS:
            value = columns.values[name]
            held[name] = FactColumn(facts[name], nobody, Truths(value & known[name], known[name]))
        bits = np.where(known["certificate"], 1 << columns.values["certificate"], 15).astype(np.uint8)
        held["certificate"] = FactColumn(facts["certificate"], nobody, Options(bits, CERTIFICATES))
        # Outcome codes 0, 1, 2 (pass, fail, unknown) are the benchmark's 1, 0, -1.
        return lambda: np.int8(PASS) - check_many(self._calculator, KEY, held, AS_OF, keep_checks=False).codes

    @staticmethod
    def load_rules() -> int:
        """Load every rule of the corpus as the program does when it starts: from the data sealed in its index."""
        sealed, documents = _seal_rules()
        book = build_book(parse_source(sealed), documents, lint=False)
        return len(book.rules) + len(book.parameters)


@cache
def _seal_rules() -> tuple[bytes, tuple[Document, ...]]:
    """What the index holds: the rules as JSON, and the parsed documents."""
    folder = data_dir("corpus")
    corpus = load_corpus(folder, load_regions(folder / "regions.yaml"))
    return dump_source(read_source(folder, lambda id_: id_ in corpus.document_by_id)), corpus.documents
