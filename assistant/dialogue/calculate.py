"""Facts → a rule to decide: which verdict fits, which rule a question is about, what to say where none does.

In: stated facts, a subject or a question, the place. Out: a rule's key, or None. The choice is by the facts a
rule reads and by its sample questions; ties break by key, so that the same input finds the same rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from assistant.documents.normalize import squeeze
from assistant.errors import RequestInvalid
from assistant.rules.book import Book
from assistant.rules.decide import Calculator, Lineage
from assistant.rules.facts import Fault
from assistant.rules.law import Check, Rule, Table, Verdict
from assistant.rules.statements import Stated

_LEAST_LIKENESS = 0.5
"""Share of a sample question's character pairs that a question must have to be about its rule."""
_LEAST_AMONG_ONE = 0.2
"""The same where a stated fact is read by no other rule."""
_MANY_FACTS = 3
"""So many facts of one rule, and a question whether it holds, are about it whatever the words."""
_MEANT = 0.5
"""What it counts that a question asks whether, and a verdict reads many of its facts."""
_ASKS_WHETHER = re.compile(r"吗|么[?？]?$|行不行|能不能|可不可以|是否|合规|合格|符合|够不够|[能可]开")


class FactsInvalid(RequestInvalid):
    """Facts that cannot be used; `faults` holds one entry a fact."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "；".join(f.message for f in self.faults),
            hint="；".join(dict.fromkeys(f.hint for f in self.faults if f.hint)),
        )


def read_stated(calculator: Calculator, given: Mapping[str, object]) -> dict[str, Stated]:
    """The stated facts.

    Raises:
        RequestInvalid: facts are stated, and no rules are in use that could read them.
        FactsInvalid: some cannot be used; all of them are named.
    """
    if given:
        require_rules(calculator)
    stated, faults = calculator.book.read_facts(given)
    if faults:
        raise FactsInvalid(faults)
    return stated


def require_rules(calculator: Calculator) -> None:
    """Tell a corpus whose rules are not in use from a fact or a subject that is unknown.

    Raises:
        RequestInvalid: there are none, because the files lack them or are faulty.
    """
    if not calculator.book.rules:
        raise RequestInvalid(
            "没有启用的规则，不能核对和计算",
            hint="运行 tiaowen corpus check 查看原因，改正后运行 tiaowen index",
        )


def choose_verdict(
    calculator: Calculator, subject: str, stated: Mapping[str, Stated], lineage: Lineage
) -> Verdict | None:
    """The verdict about a subject that reads most of the stated facts; of equals the one with most checks."""
    book = calculator.book
    fitting = [
        v
        for v in book.verdicts.values()
        if v.subject == subject and (lineage is None or book.documents[v.document].region in lineage)
    ]
    # Where nothing is stated, the verdict about most things is the one meant.
    return min(fitting, key=lambda v: (-_n_read(calculator, v, stated), -len(v.checks), v.key), default=None)


def choose_rule(
    calculator: Calculator, question: str, stated: Mapping[str, Stated], documents: frozenset[str]
) -> Rule | None:
    """The rule a question with stated facts is about; None where it is about none.

    Args:
        documents: ids of those that may answer.
    """
    best: tuple[float, str] = (0.0, "")
    asked = _pairs(question)
    book = calculator.book
    rules = [r for r in book.rules.values() if r.document in documents and not isinstance(r, Table)]
    n_readers = Counter(f for r in rules if not isinstance(r, Check) for f in set(stated) & _reads(book, r))
    for rule in rules:
        read = set(stated) & _reads(book, rule)
        likeness = max(_likeness(asked, text) for text in (rule.label, *rule.questions))
        is_whether = isinstance(rule, Verdict) and len(read) >= _MANY_FACTS and _ASKS_WHETHER.search(question)
        is_only_reader = likeness >= _LEAST_AMONG_ONE and any(n_readers[fact] == 1 for fact in read)
        if not read or (likeness < _LEAST_LIKENESS and not is_whether and not is_only_reader):
            continue
        # The words say which rule, the facts which of those that are alike.
        score = 2 * likeness + len(read) / len(stated) + (_MEANT if is_whether else 0.0)
        if score > best[0] or (score == best[0] and rule.key < best[1]):
            best = (score, rule.key)
    return book.rules.get(best[1])


def _reads(book: Book, rule: Rule) -> set[str]:
    """The facts that a rule reads, and those that these are computed into."""
    needs = book.needs(rule.key)
    return {*needs.facts, *needs.computed}


def _n_read(calculator: Calculator, rule: Rule, stated: Mapping[str, Stated]) -> int:
    return len(set(stated) & _reads(calculator.book, rule))


def _pairs(text: str) -> frozenset[str]:
    flat = squeeze(text)
    return frozenset(flat[i : i + 2] for i in range(len(flat) - 1))


def _likeness(asked: frozenset[str], sample: str) -> float:
    """Share of a sample question's character pairs that the question has, in [0, 1]."""
    pairs = _pairs(sample)
    return len(asked & pairs) / len(pairs) if pairs else 0.0
