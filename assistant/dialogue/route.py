"""Question + stated facts → the rules that decide it, or none where the clauses answer by themselves.

In: an understood question, the facts it states, the documents that may answer. Out: `Route`s. Words alone tell rules
apart badly (师生比, 教师数 and 还差教师数 share them all), so the choice rests on what each rule reads of what was stated,
on whether the asker wants a verdict, a figure or a day, and only then on likeness to the rule's sample questions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from assistant.dialogue import wording
from assistant.dialogue.calculate import reads
from assistant.dialogue.fit import (
    LEAST_WITHOUT_ANY,
    Route,
    Situation,
    contradicts,
    evaluates,
    fits,
    names_check,
)
from assistant.dialogue.intent import agree_in_name, drop_unknown, meet_intent, read_intent
from assistant.dialogue.likeness import Likeness, find_pairs
from assistant.dialogue.understand import Understanding
from assistant.models import Outcome
from assistant.retrieval.embed import Embedder
from assistant.retrieval.thesaurus import Thesaurus
from assistant.rules.book import Book
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding
from assistant.rules.law import Check, Deadline, Quantity, Rule, Table, Verdict
from assistant.rules.statements import Stated

FIGURE_TYPES = ("integer", "decimal", "share", "date")
"""Types of facts that describe a case: what somebody is may be no more than the topic of a question."""
_TOPIC_TYPES = ("choice", "name", "names")
"""Types of facts that may be no more than what a question speaks of."""
_LIKENESS = 1.0
_MEANT = 1.0
_RECALL = 1.3
_INTENT = 0.6
_CONTINUITY = 0.5
_SHARE_OF_TOPIC = 0.5
_SORT = 0.25
_SEVERAL = 2
_DECIDED = 0.5
_NAMED = 1.5
"""What speaks for a check that is asked about alone, and by its name."""
_ALL_READ, _HALF_READ = 0.95, 0.55
_LEAST_OF_FIGURE = 0.4
"""Likeness from which a figure is told to somebody who asks whether."""
_PLAIN, _FAR_FROM_PLAIN = 0.8, 0.35
"""Likeness from which a question plainly means one rule, and the share of it below which another rule is not meant."""
_FAR_FROM_LETTER = 0.75
"""The same share where the question is a sample wording, letter by letter."""
_OTHER, _FAR_FROM_OTHER = 0.5, 0.4
"""The same for what a follow-up says by itself: it leaves the rule of the turn before."""
_VERBATIM, _LETTER_BY_LETTER = 0.72, 0.9
"""Likeness from which a question is a rule's sample wording, so that its facts are asked for before it is refused, and
from which nothing in its words speaks against that."""
_LEAD_OF_DECIDED = 0.1
_LEAD_OF_MEANT = 0.15
"""From which one rule is meant so much more than another that what it speaks of need not be said."""
_N_KEPT = 32
"""Questions whose likeness to the rules is kept."""
_AS_ALIKE = 0.9
"""Share of a rule's likeness from which another is as alike."""
_LEAST_OF_PERIOD = 0.22
"""Likeness from which a day that was given is the first of the period that a question asks the end of."""


class Alike(NamedTuple):
    """A rule with its likeness to a question, and with what its name adds to that."""

    rule: Rule
    likeness: float
    score: float


class Router:
    """Chooses among the rules of one book."""

    def __init__(self, calculator: Calculator, embedder: Embedder, thesaurus: Thesaurus) -> None:
        self._thesaurus = thesaurus
        # One question is compared for its rule, for the rule a figure completes and for its sample wording.
        self._compare = lru_cache(maxsize=_N_KEPT)(self._compare_text)
        self._calculator = calculator
        self._book: Book = calculator.book
        self._rules = [r for r in self._book.rules.values() if not isinstance(r, Table)]
        self._homes = sorted({r.document for r in self._rules})
        samples = {r.key: (r.label, *r.questions) for r in self._rules}
        self._likeness = Likeness(samples, embedder, {r.key: r.document for r in self._rules})
        self._tell_apart = lru_cache(maxsize=_N_KEPT)(self._likeness.tell_apart)
        self._reads = {r.key: frozenset(reads(self._book, r)) for r in self._rules}
        self._own_figures = {r.key: _list_figures(self._book, r) for r in self._rules}
        self._n_readers = Counter(f for read in self._reads.values() for f in read)

    def route(self, situation: Situation, documents: frozenset[str]) -> list[Route]:
        """The rules that fit, best first; empty where the question is about none.

        Args:
            documents: ids of those that may answer; of other places' documents none is chosen.
        """
        likeness = self._compare(situation.asked.bare)
        meant = self._tell_apart(situation.asked.bare)
        best = {d: max(meant[r.key] for r in self._rules if r.document == d) for d in self._homes}
        routes = [
            self._score(
                rule, likeness[rule.key], meant[rule.key], meant[rule.key] - best[rule.document], situation
            )
            for rule in self._rules
            if rule.document in documents
        ]
        fitting = _drop_outdone(_drop_far([r for r in routes if fits(r, situation)], routes), routes)
        fitting = self._drop_narrower(fitting, routes, situation.asked.bare)
        if read_intent(situation.asked) in ("", "whether"):
            # Who asks for no figure is told one only where nothing else can be decided of what they ask.
            judging = [r for r in fitting if isinstance(r.rule, Check | Verdict)]
            alike = [r for r in fitting if r.likeness >= _LEAST_OF_FIGURE]
            fitting = judging or (alike if read_intent(situation.asked) else [])
            if not read_intent(situation.asked) and wording.ASKS.search(drop_unknown(situation.asked.text)):
                # 开班人数认哪个 asks for something else than a verdict.
                fitting = [r for r in fitting if r.likeness >= _LEAST_OF_FIGURE]
            if not read_intent(situation.asked) and not wording.ONE_RULE.search(situation.asked.text):
                # What somebody tells of a case without a question is about the case as a whole.
                fitting = [r for r in fitting if isinstance(r.rule, Verdict)] or fitting
        return sorted(fitting, key=lambda r: (-r.score, r.rule.key))

    def _drop_narrower(self, fitting: list[Route], routes: list[Route], text: str) -> list[Route]:
        """Without rules of something that is not said, where one as alike needs no more than is: 补贴性培训 of all 培训."""
        said = find_pairs(text) | find_pairs(self._thesaurus.put_officially(text))
        unsaid = {r.rule.key: self._likeness.find_marks(r.rule.key) - said for r in routes}

        def is_narrower(route: Route) -> bool:
            return bool(unsaid[route.rule.key]) and any(
                not unsaid[r.rule.key]
                and type(r.rule) is type(route.rule)
                and r.rule.document == route.rule.document
                and r.recall >= route.recall
                and r.likeness >= _AS_ALIKE * route.likeness
                and r.meant > route.meant - _LEAD_OF_MEANT
                for r in routes
            )

        return [r for r in fitting if not is_narrower(r)]

    def rank_alike(self, asked: Understanding, documents: frozenset[str]) -> list[Alike]:
        """The rules of some documents by likeness and name, best first; none that the question contradicts."""
        likeness = self._compare(asked.bare)
        found = [
            Alike(rule, likeness[rule.key], likeness[rule.key] + _SORT * agree_in_name(rule, asked.text))
            for rule in self._rules
            if rule.document in documents and not contradicts(rule, asked)
        ]
        return sorted(found, key=lambda a: (-a.score, a.rule.key))

    def rate(self, rule: Rule, asked: Understanding, outcome: Outcome) -> float:
        """Likeness and name of one rule together, and a lead for one that what was stated decides as it is."""
        likeness = self._compare(asked.bare)[rule.key]
        lead = _LEAD_OF_DECIDED if outcome in ("pass", "fail", "conflict") else 0.0
        return likeness + _SORT * agree_in_name(rule, asked.text) + lead

    def _compare_text(self, text: str) -> dict[str, float]:
        """Likeness by key of a question as it is put, or in official words for its lay ones, whichever is more."""
        likeness = self._likeness.compare(text)
        official = self._thesaurus.put_officially(text)
        if official == text:
            return likeness
        other = self._likeness.compare(official)
        return {key: max(value, other[key]) for key, value in likeness.items()}

    def find_plain(self, asked: Understanding, documents: frozenset[str]) -> str:
        """Key of the rule whose sample wording the question all but is; empty where there is none."""
        likeness = self._compare(asked.bare)
        found = [
            (likeness[rule.key], rule.key)
            for rule in self._rules
            if rule.document in documents
            and (likeness[rule.key] >= _LETTER_BY_LETTER or not contradicts(rule, asked))
        ]
        best, key = max(found, default=(0.0, ""))
        return key if best >= _VERBATIM else ""

    def means_another(self, key: str, text: str) -> bool:
        """Whether words by themselves are about another rule, and hardly about this one."""
        likeness = self._compare(text)
        best = max(likeness.values(), default=0.0)
        return best >= _OTHER and likeness.get(key, best) < _FAR_FROM_OTHER * best

    def find_first_day(
        self, asked: Understanding, documents: frozenset[str], known: Mapping[str, Stated]
    ) -> str:
        """The fact that a period which the question asks the end of begins with; empty where none is alike."""
        likeness = self._compare(asked.bare)
        found = [
            (likeness[rule.key], fact)
            for rule in self._rules
            if isinstance(rule, Deadline) and rule.document in documents
            for fact in self._book.refs_of(rule.key)
            if fact in self._book.facts and self._book.facts[fact].type == "date" and fact not in known
        ]
        best, fact = max(found, default=(0.0, ""))
        return fact if best >= _LEAST_OF_PERIOD else ""

    def _score(self, rule: Rule, likeness: float, meant: float, behind: float, situation: Situation) -> Route:
        """Weigh one rule.

        Args:
            behind: by how much another rule of the document is meant more, below zero; a document of few rules tells
                them apart easily, so that one says nothing against the rules of another.
        """
        stated, asked = situation.facts, situation.asked
        read = set(stated) & self._reads[rule.key]
        if not self._reads[rule.key]:
            # 75万人次照每年的最低数要几年: a figure of the rule itself is told of the rule.
            own = self._own_figures[rule.key]
            read = {f for f, s in stated.items() if isinstance(s.value, int | Fraction) and s.value in own}
        recall = self._recall(read, situation)
        score = _LIKENESS * likeness + _MEANT * behind + _RECALL * recall + self._continue(rule, situation)
        outcome: Outcome = "unknown"
        is_blank = lacks_figure = False
        is_of_one = bool(wording.ONE_RULE.search(asked.text))
        # 高职任务是中职的几倍: who is spoken of is the topic of a figure that no fact changes.
        is_topic = not self._reads[rule.key] and all(self._book.facts[f].type in _TOPIC_TYPES for f in stated)
        if read or ((is_topic or not stated) and likeness >= LEAST_WITHOUT_ANY):
            finding = self._calculator.find(rule.key, situation.facts, situation.as_of, situation.lineage)
            outcome, is_blank = _read_outcome(finding)
            lacks_figure = any(self._book.facts[a.fact].type in FIGURE_TYPES for a in finding.asks)
            # A case may pass one rule and still be open as a whole, if that is asked; a figure does not say whether.
            is_open = outcome == "pass" and isinstance(rule, Check | Verdict) and not is_of_one
            is_open |= read_intent(asked) == "whether" and not isinstance(rule, Check | Verdict)
            # What was spoken of before and this rule does not read is not decided by it.
            share = self._share_before(rule, situation)
            score += _DECIDED * share if outcome in ("pass", "fail", "conflict") and not is_open else 0.0
            score -= _DECIDED if outcome == "not_applicable" else 0.0
        if isinstance(rule, Quantity) and outcome == "unknown" and not lacks_figure:
            # 在校生3200、年均1450人次, 按多少学生算: what reads all figures and hangs on a condition alone tells its figure.
            score += _DECIDED if self._reads_all_figures(read, situation) else 0.0
        score += _INTENT * meet_intent(rule, read_intent(asked), _is_of_one(asked))
        agreement = agree_in_name(rule, asked.text)
        score += _SORT * agreement
        score += _NAMED if names_check(rule, asked) else 0.0
        has_firm = any(self._is_firm(f, asked) for f in read) or self._is_told(read, situation)
        has_figure = any(self._book.facts[f].type in FIGURE_TYPES for f in read)
        return Route(
            rule,
            round(score, 6),
            likeness,
            meant,
            recall,
            has_firm,
            has_figure,
            len(read),
            agreement,
            lacks_figure,
            is_blank,
            outcome,
            is_topic,
        )

    def _continue(self, rule: Rule, situation: Situation) -> float:
        """What speaks for a rule because it goes on with what was spoken of before."""
        before = situation.before - set(situation.facts)
        return _CONTINUITY * self._share_before(rule, situation) if before else 0.0

    def _share_before(self, rule: Rule, situation: Situation) -> float:
        """Share of the facts of earlier turns that a rule reads, weighed by their rarity; 1 where there are none."""
        before = situation.before - set(situation.facts)
        if not before:
            return 1.0
        read = before & self._reads[rule.key]
        return math.fsum(map(self._rarity, read)) / math.fsum(map(self._rarity, before))

    def _recall(self, read: set[str], situation: Situation) -> float:
        """Share of what was stated that a rule reads; one quantity that may be several facts counts once."""
        weight: dict[object, float] = {}
        met: set[object] = set()
        for fact in situation.facts:
            said = situation.said_at.get(fact, fact)
            # Beside a figure or a day, what something is may be no more than its name.
            share = 1.0 if self._book.facts[fact].type in FIGURE_TYPES else _SHARE_OF_TOPIC
            weight[said] = max(weight.get(said, 0.0), share * self._rarity(fact))
            if fact in read:
                met.add(said)
        total = math.fsum(weight.values())
        return math.fsum(weight[said] for said in met) / total if total else 0.0

    def _reads_all_figures(self, read: set[str], situation: Situation) -> bool:
        """Whether a rule reads every figure of a case that is told in several."""
        figures = {f for f in situation.facts if self._book.facts[f].type in FIGURE_TYPES}
        return len(figures) >= _SEVERAL and figures <= read

    def _is_told(self, read: set[str], situation: Situation) -> bool:
        """Whether truths describe a case: one that is denied (没写假条), or several."""
        truths = [situation.facts[f].value for f in read if self._book.facts[f].type == "boolean"]
        return False in truths or len(truths) >= _SEVERAL

    def _is_firm(self, fact: str, asked: Understanding) -> bool:
        """Whether a fact describes a case; what somebody is, or has, may be the topic alone."""
        kind = self._book.facts[fact].type
        if kind in ("choice", "name", "names"):
            return bool(wording.OWN_SELF.search(asked.text)) and read_intent(asked) == "whether"
        return kind != "boolean" or bool(wording.OWN_CASE.search(asked.text)) or evaluates(asked)

    def _rarity(self, fact: str) -> float:
        """A fact that few rules read says much about which one is meant."""
        return 1.0 / math.log2(2 + self._n_readers.get(fact, 0))


def _list_figures(book: Book, rule: Rule) -> frozenset[Fraction]:
    """The values of the parameters that a rule rests on."""
    values = (d.value for ref in book.refs_of(rule.key) if (p := book.parameters.get(ref)) for d in p.values)
    return frozenset(Fraction(v) for v in values if isinstance(v, int | Fraction) and not isinstance(v, bool))


def _is_of_one(asked: Understanding) -> bool:
    """Whether one rule is asked about: by its words, or because no class or school is to be judged as a whole."""
    return bool(wording.ONE_RULE.search(asked.text)) or not wording.WHOLE.search(asked.text)


def _drop_far(fitting: list[Route], routes: list[Route]) -> list[Route]:
    """Without those that only read what was stated, where the question plainly means another: facts of a form lie beside it."""
    plain = max((r.likeness for r in routes), default=0.0)
    share = _FAR_FROM_LETTER if plain >= _LETTER_BY_LETTER else _FAR_FROM_PLAIN
    return [
        r for r in fitting if plain < _PLAIN or r.likeness >= (_FAR_FROM_PLAIN if r.recall else share) * plain
    ]


def _drop_outdone(fitting: list[Route], routes: list[Route]) -> list[Route]:
    """Without those that leave half of what is stated unread where a rule as alike reads all: it may be open, but is meant."""
    whole = max((r.likeness for r in routes if r.recall >= _ALL_READ), default=0.0)
    return [r for r in fitting if not r.recall or r.recall >= _HALF_READ or r.likeness > whole]


def _read_outcome(finding: Finding) -> tuple[Outcome, bool]:
    """What a rule comes to, and whether a verdict is open in all its checks.

    A verdict of which no check applies decides nothing about the case.
    """
    outcomes = {s.outcome for s in finding.steps if not s.is_reminder}
    if not isinstance(finding.rule, Verdict):
        return finding.outcome, False
    is_empty = finding.outcome == "pass" and outcomes <= {"not_applicable"}
    return "not_applicable" if is_empty else finding.outcome, outcomes <= {"unknown", "not_applicable"}


def list_names(book: Book) -> list[str]:
    """Every name that a parameter lists, such as the occupations of an annex."""
    values: Iterable[object] = (d.value for p in book.parameters.values() for d in p.values)
    return sorted({name for v in values if isinstance(v, frozenset) for name in v if isinstance(name, str)})
