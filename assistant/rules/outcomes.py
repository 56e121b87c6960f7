"""The examples of all rules run before and after a change: which come out differently now.

In: two books. Out: an `OutcomeChange` an example. The examples stand beside the rules with facts on both sides of each
figure, so that a changed figure shows in what it does to cases.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.rules.book import Book
from assistant.rules.decide import Calculator
from assistant.rules.explain import show_computed
from assistant.rules.finding import Finding
from assistant.rules.law import Example
from assistant.rules.report import run_example


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """An example that comes out differently.

    Attributes:
        rule: `<document>/<id>`; `label` is its name, `example` that of the example.
        before, after: outcome, empty where the rule is not there; with the figures that came out.
        questions: how people ask for the rule.
    """

    rule: str
    label: str
    example: str
    before: str
    before_shown: str
    after: str
    after_shown: str
    questions: tuple[str, ...]


def compare_outcomes(old: Book, new: Book) -> tuple[OutcomeChange, ...]:
    """Run every example of the old rules in both books."""
    before, after = Calculator(old), Calculator(new)
    found = []
    for example in old.examples:
        was, now = _run(before, example), _run(after, example)
        if was != now:
            rule = old.rules.get(example.rule) or old.parameters[example.rule]
            questions = getattr(rule, "questions", ())
            found.append(OutcomeChange(example.rule, rule.label, example.name, *was, *now, questions))
    return tuple(found)


def _run(calculator: Calculator, example: Example) -> tuple[str, str]:
    book = calculator.book
    if example.rule not in book.rules and example.rule not in book.parameters:
        return "", ""
    finding = run_example(calculator, example)
    return ("", finding) if isinstance(finding, str) else (finding.outcome, _show(finding))


def _show(finding: Finding) -> str:
    shown = [
        f"{show_computed(a.value, a.kind)}{a.unit if a.kind == 'number' else ''}" for a in finding.amounts
    ]
    fails = [step.label for step in finding.steps if step.outcome == "fail"]
    return "；".join([*shown, *fails])
