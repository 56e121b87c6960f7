"""The rules of the shipped corpus, loaded once, and how facts are drawn for property tests."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from assistant.documents.catalog import load_corpus
from assistant.documents.regions import load_regions
from assistant.models import Document
from assistant.rules import interval
from assistant.rules.book import Book
from assistant.rules.build import build_book
from assistant.rules.decide import Calculator
from assistant.rules.facts import Fact
from assistant.rules.load import RuleSource, read_source
from assistant.rules.statements import Stated

CORPUS = Path(__file__).parents[2] / "corpus"
Load = Callable[[Path], tuple[RuleSource, list[Document]]]
Draw = Callable[[Fact, random.Random], Stated]


@pytest.fixture(scope="session")
def corpus_dir() -> Path:
    return CORPUS


@pytest.fixture(scope="session")
def load_folder() -> Load:
    """Rule files and documents of a corpus folder."""

    def load(folder: Path) -> tuple[RuleSource, list[Document]]:
        corpus = load_corpus(folder, load_regions(folder / "regions.yaml"))
        return read_source(folder, lambda id_: id_ in corpus.document_by_id), list(corpus.documents)

    return load


@pytest.fixture(scope="session")
def loaded(load_folder: Load) -> tuple[RuleSource, list[Document]]:
    return load_folder(CORPUS)


@pytest.fixture(scope="session")
def source(loaded: tuple[RuleSource, list[Document]]) -> RuleSource:
    return loaded[0]


@pytest.fixture(scope="session")
def documents(loaded: tuple[RuleSource, list[Document]]) -> list[Document]:
    return loaded[1]


@pytest.fixture(scope="session")
def book(source: RuleSource, documents: list[Document]) -> Book:
    return build_book(source, documents)


@pytest.fixture(scope="session")
def calculator(book: Book) -> Calculator:
    return Calculator(book)


class Bench:
    """What property tests are given: a failing one prints its arguments, and a book is two megabytes of text."""

    def __init__(self, calculator: Calculator, draw_point: Draw, draw_stated: Draw) -> None:
        self.calculator, self.book = calculator, calculator.book
        self.draw_point, self.draw_stated = draw_point, draw_stated

    def __repr__(self) -> str:
        return "<the shipped rules>"


@pytest.fixture(scope="session")
def bench(calculator: Calculator, draw_point: Draw, draw_stated: Draw) -> Bench:
    return Bench(calculator, draw_point, draw_stated)


@pytest.fixture(scope="session")
def draw_point() -> Draw:
    """One exact value of a fact: small numbers, round ones, and every figure that some rule has as a limit."""
    return _draw_point


@pytest.fixture(scope="session")
def draw_stated() -> Draw:
    """A point, or for figures, days and choices sometimes a range of them."""

    def draw(fact: Fact, rng: random.Random) -> Stated:
        first, second = _draw_point(fact, rng), _draw_point(fact, rng)
        if rng.random() < 0.6 or fact.type in ("boolean", "name", "names"):
            return first
        if fact.type == "choice":
            return Stated(first.value | second.value, "两者之一")
        low, high = sorted((first.value, second.value))
        kind = rng.randrange(6)
        low_open, high_open = fact.type in ("decimal", "share") and kind == 0, kind == 1
        if low == high or (fact.type == "integer" and high_open):
            low_open = high_open = False
        value = interval.make_interval(low, high, low_open, high_open)
        if kind == 2 and fact.type != "date":
            value = interval.make_interval(low, interval.as_interval(fact.unknown).high)
        return Stated(value, "一段")

    return draw


_WHOLE = [*range(6), 12, 15, 16, 19, 20, 21, 38, 39, 40, 41, 44, 45, 46, 59, 60, 61, 79, 80, 81, 100]
_LARGE = [199, 200, 201, 500, 999, 1000, 2000, 2001, 3000, 6000, 6500, 12_000, 299_999, 300_000, 360_000]
_SHARES = [0, 10, 15, 20, 29, 30, 31, 49, 50, 51, 59, 60, 61, 64, 65, 66, 84, 85, 86, 100]
_FIRST_DAY = date(2021, 3, 25).toordinal()


def _draw_point(fact: Fact, rng: random.Random) -> Stated:
    value: Any
    match fact.type:
        case "boolean":
            value = rng.random() < 0.5
        case "choice":
            value = frozenset([rng.choice(fact.data.choices)])
        case "name":
            value = rng.choice(sorted(fact.names or ["电子商务师", "营销员", "社会工作者", "焊工"]))
        case "names":
            value = frozenset(rng.sample(sorted(fact.names or ["甲", "乙"]), 2))
        case "date":
            value = _FIRST_DAY + rng.randrange(300)
        case "share":
            value = interval.simplify(Fraction(rng.choice(_SHARES), 100))
        case _:
            value = rng.choice(_WHOLE if rng.random() < 0.7 else _LARGE)
            if fact.type == "decimal" and rng.random() < 0.2:
                value = interval.simplify(value + Fraction(rng.randrange(10), 10))
    known = interval.intersect(value, fact.unknown) if fact.type in ("integer", "decimal") else value
    if known is None:
        value = interval.as_interval(fact.unknown).high
    return Stated(value, fact.show(value))
