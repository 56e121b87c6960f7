"""Each example that stands beside a rule is a test of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.rules.book import Book
from assistant.rules.decide import Calculator
from assistant.rules.law import Example
from assistant.rules.load import load_yaml
from assistant.rules.report import find_difference

_DOCUMENTS = Path(__file__).parents[2] / "corpus" / "documents"
LACKING: set[str] = set()
"""Rules without an example."""


def _names() -> list[tuple[str, int]]:
    """Document and place of every example; read from the files, because tests are made before fixtures."""
    return [
        (path.parent.name, number)
        for path in sorted(_DOCUMENTS.glob("*/rules.yaml"))
        for number in range(len(load_yaml(path.read_text(encoding="utf-8"), path).get("examples") or []))
    ]


@pytest.mark.parametrize(("document", "number"), _names())
def test_example(book: Book, calculator: Calculator, document: str, number: int):
    example = book.bundles[document].examples[number]
    assert find_difference(calculator, example) == "", example.name


def test_every_example_is_collected(book: Book):
    assert len(_names()) == len(book.examples) > 400


def test_an_example_expects_something(book: Book):
    for example in book.examples:
        expected = (example.outcome, example.value, example.day, example.fails)
        assert any(item not in ("", None) for item in expected), example.name


def test_names_of_examples_are_unique_for_a_rule(book: Book):
    names = [(example.rule, example.name) for example in book.examples]
    assert len(names) == len(set(names))


def test_rules_without_an_example(book: Book):
    wanted = {*book.verdicts, *book.checks, *book.quantities, *book.deadlines}
    assert wanted - {example.rule for example in book.examples} == LACKING


@pytest.mark.parametrize("kind", ["checks", "verdicts"])
def test_every_condition_has_an_example_that_does_not_pass(book: Book, kind: str):
    broken = {e.rule for e in book.examples if e.outcome in ("fail", "conflict")}
    assert set(getattr(book, kind)) - broken == set()


def test_an_example_that_is_wrong_is_found(book: Book, calculator: Calculator):
    """What `find_difference` says of examples that cannot come out."""
    key = "huangchuan-2021-1/class-size"

    def make(facts: dict[str, object], outcome: str = "", fails: tuple[str, ...] | None = None) -> Example:
        return Example("试验", key, facts, None, "", outcome, None, "", None, fails)

    assert find_difference(calculator, make({"class_size": 81}, "fail")) == ""
    assert find_difference(calculator, make({"class_size": 81}, "pass")).startswith("fail")
    assert find_difference(calculator, make({"class_size": 80}, fails=("class-size",))) == "pass"
    assert "不可能是 -1" in find_difference(calculator, make({"class_size": -1}, "fail"))
