"""Question + stated facts → the rules that decide it, or none where the clauses answer by themselves.

In: an understood question, the facts it states, the documents that may answer. Out: `Route`s. Words alone tell rules
apart badly (师生比, 教师数 and 还差教师数 share them all), so the choice rests on what each rule reads of what was stated,
on whether the asker wants a verdict, a figure or a day, and only then on likeness to the rule's sample questions.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np

from assistant.dialogue.calculate import reads
from assistant.dialogue.quantities import lex_quantities
from assistant.dialogue.understand import Understanding
from assistant.models import Outcome
from assistant.retrieval.embed import Embedder
from assistant.rules.book import Book
from assistant.rules.decide import Calculator, Lineage
from assistant.rules.law import Check, Deadline, Quantity, Rule, Table, Timeline, Verdict
from assistant.rules.statements import Stated

Intent = Literal["whether", "figure", "day", ""]

_LIKENESS = 1.0
_RECALL = 1.3
_INTENT = 0.6
_DECIDED = 0.35
_WORDS_SHARE = 0.5
"""Share of character pairs in likeness; the rest is the cosine of the embeddings."""
_LEAST_WITH_FACTS = 0.22
"""Likeness below which stated facts of one rule are about something else."""
_LEAST_WITHOUT_FACTS = 0.62
"""Likeness from which a question that states no fact is about a rule."""
_LEAST_RECALL = 0.5

_WHETHER = re.compile(
    r"[吗么嘛](?=[?？,，。!！]|$)|行不行|能不能|可不可以|是不是|是否|合规|合格|符合|达标|够不够|[能可][不否]?[能可]?开|中不中|可否|能否|算不算|超没超|要不要|有没有问题"
    r"|看看|判断|核对|审(?:一下|核)"
)
_ONE_RULE = re.compile(r"单看|只看|光看|单论|就.{0,6}(?:这一项|来说|而言)|这一项")
_FIGURE = re.compile(
    r"(?:多少|几)(?![年月天]?以内)|还差|差几|还剩|至少要|最少要|最多能|合计|加起来|总共要|算(?:一下|算)|怎么算|折合|折算"
)
_DAY = re.compile(r"哪一?天|几号|什么时候|最[晚迟早](?:到)?(?:哪|几|什么)|何时|截止到?(?:哪|几)|到期|多久能|啥时候")
_OWN = re.compile(r"我|咱|俺|本[校班公单机]|这[个批期]|该班|某|如果|要是|假如|打算|准备|想")


@dataclass(frozen=True, slots=True)
class Route:
    """A rule that a question is about.

    Attributes:
        likeness: to its label or a sample question, in [0, 1].
        n_read: stated facts that it reads.
    """

    rule: Rule
    score: float
    likeness: float
    n_read: int
    outcome: Outcome


class Router:
    """Chooses among the rules of one book."""

    def __init__(self, calculator: Calculator, embedder: Embedder) -> None:
        self._calculator = calculator
        self._book: Book = calculator.book
        self._embedder = embedder
        self._rules = [r for r in self._book.rules.values() if not isinstance(r, Table)]
        self._n_readers = Counter(f for r in self._rules for f in reads(self._book, r))

    def route(
        self,
        asked: Understanding,
        stated: Mapping[str, Stated],
        documents: frozenset[str],
        as_of: date,
        lineage: Lineage,
    ) -> list[Route]:
        """The rules that fit, best first; empty where the question is about none.

        Args:
            documents: ids of those that may answer; of other places' documents none is chosen.
        """
        likeness = self._likenesses(asked.bare)
        intent = read_intent(asked)
        routes = [
            self._score(rule, likeness[rule.key], intent, stated, as_of, lineage, asked)
            for rule in self._rules
            if rule.document in documents
        ]
        fitting = [r for r in routes if self._fits(r, stated, intent, asked)]
        return sorted(fitting, key=lambda r: (-r.score, r.rule.key))

    def _score(
        self,
        rule: Rule,
        likeness: float,
        intent: Intent,
        stated: Mapping[str, Stated],
        as_of: date,
        lineage: Lineage,
        asked: Understanding,
    ) -> Route:
        read = set(stated) & reads(self._book, rule)
        total = sum(self._rarity(f) for f in stated)
        recall = sum(self._rarity(f) for f in read) / total if total else 0.0
        score = _LIKENESS * likeness + _RECALL * recall
        outcome: Outcome = "unknown"
        if read or not stated:
            outcome = self._calculator.find(rule.key, stated, as_of, lineage).outcome
            score += _DECIDED if outcome in ("pass", "fail", "conflict") else 0.0
            score -= _DECIDED if outcome == "not_applicable" else 0.0
        score += _INTENT * _meets(rule, intent, bool(_ONE_RULE.search(asked.text)))
        return Route(rule, round(score, 6), likeness, len(read), outcome)

    def _fits(
        self, route: Route, stated: Mapping[str, Stated], intent: Intent, asked: Understanding
    ) -> bool:
        """Whether a rule is about the question at all."""
        if route.n_read:
            firm = [f for f in stated if self._book.facts[f].type != "choice"]
            if not firm and route.outcome not in ("pass", "fail", "conflict"):
                return route.likeness >= _LEAST_WITHOUT_FACTS
            return route.likeness >= _LEAST_WITH_FACTS and bool(intent or firm)
        if stated:
            return False
        asks_itself = isinstance(route.rule, Verdict | Quantity | Check) and bool(_OWN.search(asked.text))
        is_complete = route.outcome in ("pass", "conflict") and isinstance(route.rule, Quantity)
        return route.likeness >= _LEAST_WITHOUT_FACTS and (asks_itself or is_complete)

    def _rarity(self, fact: str) -> float:
        """A fact that few rules read says much about which one is meant."""
        return 1.0 / math.log2(2 + self._n_readers.get(fact, 0))

    # -- likeness ----------------------------------------------------------------------------------

    @cached_property
    def _samples(self) -> list[tuple[str, str]]:
        return [(r.key, text) for r in self._rules for text in (r.label, *r.questions)]

    @cached_property
    def _pairs(self) -> list[frozenset[str]]:
        return [_pairs(text) for _, text in self._samples]

    @cached_property
    def _vectors(self) -> np.ndarray:
        return self._embedder.embed_documents([text for _, text in self._samples])

    def _likenesses(self, question: str) -> dict[str, float]:
        """Likeness of a question to each rule's most alike wording."""
        if not self._samples:
            return {}
        asked = _pairs(question)
        cosines = self._vectors @ self._embedder.embed_query(question)
        best: dict[str, float] = {}
        for (key, _), pairs, cosine in zip(self._samples, self._pairs, cosines, strict=True):
            common = len(asked & pairs)
            words = common / math.sqrt(len(asked) * len(pairs)) if common else 0.0
            share = _WORDS_SHARE * words + (1 - _WORDS_SHARE) * max(float(cosine), 0.0)
            if share > best.get(key, -1.0):
                best[key] = share
        return best


def read_intent(asked: Understanding) -> Intent:
    """What kind of result the asker wants; empty where nothing is asked."""
    if _DAY.search(asked.text):
        return "day"
    if _FIGURE.search(asked.text):
        return "figure"
    return "whether" if _WHETHER.search(asked.text) else ""


def _meets(rule: Rule, intent: Intent, only_one: bool) -> float:
    """How well a rule gives the kind of result that is wanted, in [-1, 1]."""
    match rule:
        case Verdict():
            return {"whether": 1.0 if not only_one else 0.2, "figure": -0.3, "day": -0.3, "": 0.6}[intent]
        case Check():
            return {"whether": 0.7 if not only_one else 1.0, "figure": -0.3, "day": -0.2, "": 0.0}[intent]
        case Quantity():
            return {"whether": -0.4, "figure": 1.0, "day": -0.5, "": 0.0}[intent]
        case Deadline() | Timeline():
            return {"whether": -0.2, "figure": -0.2, "day": 1.0, "": 0.0}[intent]
    return 0.0


def _pairs(text: str) -> frozenset[str]:
    """Character pairs with every quantity made alike: figures are facts, not wording."""
    lexed = lex_quantities(text, date.min.replace(year=2000))
    flat = "".join("#" if c in lexed.quantities else c for c in lexed.text)
    return frozenset(flat[i : i + 2] for i in range(len(flat) - 1))


def list_names(book: Book) -> list[str]:
    """Every name that a parameter lists, such as the occupations of an annex."""
    values: Iterable[object] = (d.value for p in book.parameters.values() for d in p.values)
    return sorted({str(name) for value in values if isinstance(value, frozenset) for name in value})


def group_routes(routes: Sequence[Route]) -> list[Route]:
    """The first of each rule, in order."""
    return list({r.rule.key: r for r in routes}.values())
