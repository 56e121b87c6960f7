"""Figures that no wording names → the fact that a rule still lacks.

In: a rule, what was told, the day and the place. Out: a fact with its value, or none. People say 今年做了2900 or
训了612人次 of what the question is about and leave the name to it; such a figure is taken for the one number that a
rule still asks for, where just one figure can be it: which of several was meant is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from assistant.dialogue.calculate import reads
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.extract_matches import ALIKE
from assistant.dialogue.intent import read_intent
from assistant.dialogue.route import FIGURE_TYPES, Router
from assistant.dialogue.told import Told
from assistant.dialogue.understand import Understanding
from assistant.models import Question
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding
from assistant.rules.law import Parameter, Rule, Verdict
from assistant.rules.statements import Stated

_N_ALIKE = 6
_LEAST_ALIKE, _LEAST_SCORE = 0.38, 0.6
"""Likeness, and likeness and name together, from which a rule may be meant by a figure that it has to be told the name of."""
_UNREAD_NAME = 0.3
"""What a rule loses that does not read what the figure is said of: 创业培训, 商务局."""
_COUNTS = re.compile(r"\d|^[一二两三四五六七八九]?[十百千万](?!分)")
"""Figures of a case; 三个百分比 counts what is asked for."""
_COMPARED = re.compile(r"[=<>]|等于|小于|大于")
_OF_A_THING = re.compile(r"\d(?:个)?[师工徒科系组代]")
"""Counts a thing by its short name: 3师3工位."""
_DECIDED = ("pass", "fail", "conflict")


class _Figure(NamedTuple):
    """A figure of a message; `fact` is what it was named as and `unit` the unit of that, empty for one without a name."""

    text: str
    unit: str = ""
    fact: str = ""


class FigureAssigner:
    """Assigns figures to the facts of one calculator's rules."""

    def __init__(self, calculator: Calculator, extractor: FactExtractor) -> None:
        self._calculator = calculator
        self._extractor = extractor

    def assign(self, finding: Finding, told: Told, question: Question) -> dict[str, str]:
        """The fact that an open finding lacks, with a figure of the message as its value; empty where it is unclear.

        Args:
            finding: what was found on the facts that were stated.
        """
        facts = self._calculator.book.facts
        wanted = [a.fact for a in finding.asks if facts[a.fact].type in FIGURE_TYPES]
        if finding.outcome != "unknown" or not wanted:
            return {}
        own = {used.dated.value for step in finding.steps for used in step.used}
        taking = [
            (fact, figure.text)
            for figure in self._figures(finding, told)
            for fact in wanted
            if _counts_alike(figure.unit, facts[fact].unit)
            and not self._are_told_apart(figure.fact, fact)
            and self._takes(figure.text, question, fact, own)
        ]
        if len(taking) != 1:
            return {}
        fact, text = taking[0]
        reply = self._extractor.read_reply(text, question.as_of, [fact])
        return {} if self._calculator.book.read_facts(reply)[1] else reply

    def _are_told_apart(self, fact: str, wanted: str) -> bool:
        """Whether both are figures of one thing: 5个老师 of a class are not 5 trainees of it."""
        facts = self._calculator.book.facts
        return bool(fact) and facts[fact].data.each == facts[wanted].data.each != ""

    def complete(
        self, told: Told, finding: Finding, question: Question
    ) -> tuple[dict[str, str], dict[str, Stated]]:
        """What `assign` gives, and all that is stated with it."""
        matched = self.assign(finding, told, question)
        return matched, {**told.stated, **self._calculator.book.read_facts(matched)[0]}

    def _takes(self, text: str, question: Question, fact: str, own: Collection[object]) -> bool:
        """Whether a figure can be a fact's; one that the rule itself has (任务100万) is told of the rule."""
        reply = self._extractor.read_reply(text, question.as_of, [fact]) if _COUNTS.search(text) else {}
        stated, faults = self._calculator.book.read_facts(reply)
        return bool(stated) and not faults and stated[fact].value not in own

    def _figures(self, finding: Finding, told: Told) -> Iterator[_Figure]:
        """The figures of a message that the rule does not read: without a name, or under another fact's name."""
        book = self._calculator.book
        # 85小于80 is said of figures, not of a case.
        yield from (_Figure(t) for t in told.loose if not (_COMPARED.search(t) or _OF_A_THING.search(t)))
        read = set() if isinstance(finding.rule, Parameter) else reads(book, finding.rule)
        places: set[object] = set()
        for fact in sorted(told.said - read):
            stated = told.stated.get(fact)
            # One quantity that may be several facts is one figure.
            place = told.said_at.get(fact, fact)
            if stated is None or book.facts[fact].type not in FIGURE_TYPES or place in places:
                continue
            if any(told.said_at.get(f) == place for f in told.said & read):
                continue
            places.add(place)
            # What is shown counts in the fact's own unit, whatever unit it was said in.
            unit = book.facts[fact].unit
            yield _Figure(f"{stated.shown}{unit}", unit, fact)


def _counts_alike(unit: str, wanted: str) -> bool:
    """Whether a figure that was named as another fact can be the one wanted: 3个工位 are no 3课时."""
    return not unit or unit == wanted or wanted in ALIKE.get(unit, ()) or unit in ALIKE.get(wanted, ())


class AssigningRouter:
    """Finds the rule that a figure without a name completes."""

    def __init__(self, calculator: Calculator, router: Router, assigner: FigureAssigner) -> None:
        self._calculator = calculator
        self._router = router
        self._assigner = assigner

    def find(
        self,
        asked: Understanding,
        documents: frozenset[str],
        told: Told,
        question: Question,
        least: float,
    ) -> str:
        """Key of the rule most alike that is decided once a figure of the message is given its name; empty for none.

        Args:
            least: what likeness and name together must exceed: those of the rule chosen otherwise.
        """
        if not read_intent(asked) or not (told.said or told.loose):
            return ""
        alikes = self._router.rank_alike(asked, documents)[:_N_ALIKE]
        scored = [(a.score - _UNREAD_NAME * self._n_unread_names(a.rule, told), a) for a in alikes]
        for score, alike in sorted(scored, key=lambda pair: (-pair[0], pair[1].rule.key)):
            if (
                alike.likeness < _LEAST_ALIKE
                or score <= max(least, _LEAST_SCORE)
                or isinstance(alike.rule, Verdict)
            ):
                continue
            finding = self._calculator.find(alike.rule.key, told.stated, question.as_of)
            matched, stated = self._assigner.complete(told, finding, question)
            if not matched:
                continue
            if self._calculator.find(alike.rule.key, stated, question.as_of).outcome in _DECIDED:
                return alike.rule.key
        return ""

    def _n_unread_names(self, rule: Rule, told: Told) -> int:
        """How many of the rows and units that the message names a rule does not read."""
        book = self._calculator.book
        named = {f for f in told.said if book.facts[f].type in ("name", "names")}
        return len(named - reads(book, rule))
