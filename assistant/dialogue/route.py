"""Question + stated facts → the rules that decide it, or none where the clauses answer by themselves.

In: an understood question, the facts it states, the documents that may answer. Out: `Route`s. Words alone tell rules
apart badly (师生比, 教师数 and 还差教师数 share them all), so the choice rests on what each rule reads of what was stated,
on whether the asker wants a verdict, a figure or a day, and only then on likeness to the rule's sample questions.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from assistant.dialogue import wording
from assistant.dialogue.calculate import reads
from assistant.dialogue.likeness import Likeness
from assistant.dialogue.understand import Understanding
from assistant.models import Outcome
from assistant.retrieval.embed import Embedder
from assistant.rules.book import Book
from assistant.rules.decide import Calculator, Lineage
from assistant.rules.law import Check, Deadline, Quantity, Rule, Table, Timeline, Verdict
from assistant.rules.statements import Stated

Intent = Literal["whether", "figure", "day", ""]

FIGURE_TYPES = ("integer", "decimal", "share", "date")
"""Types of facts that describe a case: what somebody is may be no more than the topic of a question."""
_LIKENESS = 1.0
_RECALL = 1.3
_INTENT = 0.6
_CONTINUITY = 0.5
_SHARE_OF_TOPIC = 0.5
_SORT = 0.25
_SEVERAL = 2
_DECIDED = 0.5
_LEAST_WITH_FACTS = 0.22
"""Likeness below which stated facts of one rule are about something else."""
_LEAST_OF_KNOWN_FACTS = 0.45
"""The same of facts that the message itself does not state: those of a form, or of an earlier turn."""
_LEAST_RECALL = 0.4
"""Share of the stated facts that a rule must read to be meant by them."""
_MOST_OF_FACTS = 0.75
"""Share of the stated facts from which a rule that reads them is meant whatever the words."""
_LEAST_WITHOUT_FACTS = 0.62
"""Likeness from which a question that states no fact is about a rule."""
_LEAST_EVALUATED: dict[type[Rule], float] = {Verdict: 0.43, Check: 0.55, Quantity: 0.62}
"""The same of a rule that a question wants to have decided without a fact yet, by kind."""
_SURPLUS = re.compile(r"超过任务|超出|富余|多出|超额|盈余|超了多少|余量|还能[加再多]")
"""What is beyond a limit, as against what is missing."""
_OTHER_END = {"most": ">=", "least": "<="}
_LEAST_OF_BREACH = 0.28
_LEAST_OF_PERIOD = 0.22
"""Likeness from which a day that was given is the first of the period that a question asks the end of."""
_LEAST_OF_CASE = 0.34
"""Likeness from which a rule is meant that the stated facts decide, where the question wants a verdict."""
_LEAST_OF_OWN = 0.58
"""Likeness from which a figure of the asker's own case is a rule's, where no fact is stated yet."""
_OWN = re.compile(
    r"(?:我们?|咱们?|俺们?)这[儿里边]|(?:我们?|咱们?|俺们?|本)(?:这个?)?(?:[校班公单企]|学校|机构|企业|公司|单位|厂)"
    r"|我们(?=最[多少])|(?:我|咱|俺)们?(?:就|也|都)?(?:是|[高中]职)|这个?班|这期"
)
_LEAST_OF_GAP = 0.42
"""Likeness from which what is still missing is a rule's."""
_LEAST_OF_OWN_VERDICT = 0.36
"""Likeness from which a verdict about the asker's own case is meant, where they tell nothing of it."""
_LEAST_WITHOUT_ANY = min(
    *_LEAST_EVALUATED.values(), _LEAST_WITHOUT_FACTS, _LEAST_OF_OWN, _LEAST_OF_GAP, _LEAST_OF_OWN_VERDICT
)
"""Likeness below which no rule fits a question that states no fact."""
_LEAST_OF_VERDICT = 0.5
"""The same of a verdict, where the question asks to judge a case."""

_WHETHER = re.compile(
    r"[吗么嘛吧](?=[?？,，。!！]|$)|([\u4e00-\u9fff])不\1|[行成中可][不没否](?=[?？,，。!！]|$)|行不行|能不能|可不可以|是不是|是否|合规|合格|符合|达标|够不够|[能可][不否]?[能可]?开|中不中|可否|能否|算不算|超没超|要不要|有没有问题"
    r"|看看|判断|核对|审(?:一下|核)"
)
_FIGURE = re.compile(
    r"多少|(?<![哪的])几(?![年月天]?以内)|还差(?!什么|啥|哪)|差几|缺口|多大|还剩|至少要|最少要|最多能|合计|加起来|总共要|算(?:一下|算)|怎么算|折合|折算"
)
_DAY = re.compile(
    r"哪一?[天日]|几[号日]|死线|什么时候|最[晚迟早](?:到)?(?:哪|几|什么)|何时|截止到?(?:哪|几)|到期|多久能|啥时候"
)
_EVALUATES = re.compile(
    r"够不够|够了?吗|够了没|够数|够格|达到要求|过得了|过关|过不过|过得[去了]|批得下|能批|(?:达标|合格|合规|符合[^,，。的]{0,6}|合不合[^,，。的]{0,4})(?:了|吗|没|不|么|[?？]|$)|能不能开|能开|可以开|超没超|超了吗|超标|完成了|算不算|有没有问题|还差|差多少|差几"
    r"|(?:我|我们|咱|咱们|俺|俺们|他|她|本人|我爸|我妈|孩子)[^,，。?？]{0,6}(?:能|可以|符合|够)[^,，。?？]{0,4}(?:领|拿|申请|享受|参加|报|学|上|抵|提)"
    r"|(?:我们?|咱们?|俺们?|本)[^,，。?？]{0,6}(?:公司|企业|学校|机构|单位)[^?？]{0,16}能(?:抵|提|拿|领|聘)"
)
"""Asks to judge a case, or to compute for one, rather than what the rule is."""


@dataclass(frozen=True, slots=True)
class Route:
    """A rule that a question is about.

    Attributes:
        is_blank: True for a verdict of which no check is decided.
        likeness: to its label or a sample question, in [0, 1].
        recall: share of the stated facts that it reads, weighed by their rarity; `has_firm` where one of them
            describes a case, `has_figure` where one is a number or a day.
    """

    rule: Rule
    score: float
    likeness: float
    recall: float
    has_firm: bool
    has_figure: bool
    is_blank: bool
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Situation:
    """What rules are chosen by.

    Attributes:
        facts: those of the message, or known before where it asks for more about them.
        lineage: regions the rules may come from; None where the place is unknown.
        said_at: where the words of each fact begin, for those that the message states.
        is_said: whether the message itself states figures; those of a form or an earlier turn weigh less than words.
        before: facts of earlier turns; `last` is the rule that was decided there.
    """

    asked: Understanding
    facts: Mapping[str, Stated]
    as_of: date
    lineage: Lineage
    is_said: bool = True
    said_at: Mapping[str, int] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    last: str = ""


class Router:
    """Chooses among the rules of one book."""

    def __init__(self, calculator: Calculator, embedder: Embedder) -> None:
        self._calculator = calculator
        self._book: Book = calculator.book
        self._rules = [r for r in self._book.rules.values() if not isinstance(r, Table)]
        self._likeness = Likeness({r.key: (r.label, *r.questions) for r in self._rules}, embedder)
        self._n_readers = Counter(f for r in self._rules for f in reads(self._book, r))

    def route(self, situation: Situation, documents: frozenset[str]) -> list[Route]:
        """The rules that fit, best first; empty where the question is about none.

        Args:
            documents: ids of those that may answer; of other places' documents none is chosen.
        """
        likeness = self._likeness.compare(situation.asked.bare)
        routes = [
            self._score(rule, likeness[rule.key], situation)
            for rule in self._rules
            if rule.document in documents
        ]
        fitting = [r for r in routes if self._fits(r, situation)]
        if read_intent(situation.asked) in ("", "whether"):
            # Who asks for no figure is told one only where nothing else can be decided of what they ask.
            judging = [r for r in fitting if isinstance(r.rule, Check | Verdict)]
            fitting = judging or (fitting if read_intent(situation.asked) else [])
            if not read_intent(situation.asked) and not wording.ONE_RULE.search(situation.asked.text):
                # What somebody tells of a case without a question is about the case as a whole.
                fitting = [r for r in fitting if isinstance(r.rule, Verdict)] or fitting
        return sorted(fitting, key=lambda r: (-r.score, r.rule.key))

    def find_first_day(
        self, asked: Understanding, documents: frozenset[str], known: Mapping[str, Stated]
    ) -> str:
        """The fact that a period which the question asks the end of begins with; empty where none is alike."""
        likeness = self._likeness.compare(asked.bare)
        found = [
            (likeness[rule.key], fact)
            for rule in self._rules
            if isinstance(rule, Deadline) and rule.document in documents
            for fact in self._book.refs_of(rule.key)
            if fact in self._book.facts and self._book.facts[fact].type == "date" and fact not in known
        ]
        best, fact = max(found, default=(0.0, ""))
        return fact if best >= _LEAST_OF_PERIOD else ""

    def _score(self, rule: Rule, likeness: float, situation: Situation) -> Route:
        stated, asked = situation.facts, situation.asked
        read = set(stated) & reads(self._book, rule)
        recall = self._recall(read, situation)
        score = _LIKENESS * likeness + _RECALL * recall + self._continue(rule, situation)
        outcome: Outcome = "unknown"
        is_blank = False
        if read or (not stated and likeness >= _LEAST_WITHOUT_ANY):
            outcome, is_blank = self._find_outcome(rule, situation)
            # A case may pass one rule and still be open as a whole; a figure does not say whether.
            is_open = outcome == "pass" and isinstance(rule, Check | Verdict)
            is_open |= read_intent(asked) == "whether" and not isinstance(rule, Check | Verdict)
            score += _DECIDED if outcome in ("pass", "fail", "conflict") and not is_open else 0.0
            score -= _DECIDED if outcome == "not_applicable" else 0.0
        score += _INTENT * _meets(rule, read_intent(asked), bool(wording.ONE_RULE.search(asked.text)))
        score += _SORT * _agree(rule, asked.text)
        has_firm = any(self._is_firm(f, asked) for f in read) or self._is_told(read, situation)
        has_figure = any(self._book.facts[f].type in FIGURE_TYPES for f in read)
        return Route(rule, round(score, 6), likeness, recall, has_firm, has_figure, is_blank, outcome)

    def _continue(self, rule: Rule, situation: Situation) -> float:
        """What speaks for a rule because it goes on with what was spoken of before."""
        before = situation.before - set(situation.facts)
        if not before:
            return 0.0
        read = before & reads(self._book, rule)
        return _CONTINUITY * sum(map(self._rarity, read)) / sum(map(self._rarity, before))

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
        total = sum(weight.values())
        return sum(weight[said] for said in met) / total if total else 0.0

    def _find_outcome(self, rule: Rule, situation: Situation) -> tuple[Outcome, bool]:
        """What a rule comes to, and whether a verdict is open in all its checks.

        A verdict of which no check applies decides nothing about the case.
        """
        finding = self._calculator.find(rule.key, situation.facts, situation.as_of, situation.lineage)
        outcomes = {s.outcome for s in finding.steps if not s.is_reminder}
        if not isinstance(rule, Verdict):
            return finding.outcome, False
        is_empty = finding.outcome == "pass" and outcomes <= {"not_applicable"}
        return "not_applicable" if is_empty else finding.outcome, outcomes <= {"unknown", "not_applicable"}

    def _fits(self, route: Route, situation: Situation) -> bool:
        """Whether a rule is about the question at all."""
        asked = situation.asked
        if route.outcome == "not_applicable" and isinstance(route.rule, Verdict):
            return False
        if bool(_SURPLUS.search(route.rule.label)) is not bool(_SURPLUS.search(asked.text)):
            return False
        wants = {b for b, p in (("most", wording.MOST), ("least", wording.LEAST)) if p.search(asked.bare)}
        if len(wants) == 1 and getattr(route.rule, "bound", "") == _OTHER_END[wants.pop()]:
            # 最多多少 is not answered by a floor.
            return False
        if route.is_blank and situation.facts and not self._evaluates(asked):
            return False
        if route.recall:
            if route.has_figure and not situation.is_said:
                is_last = route.rule.key == situation.last
                return route.likeness >= (_LEAST_WITH_FACTS if is_last else _LEAST_OF_KNOWN_FACTS)
            if route.has_figure:
                is_alike = route.likeness >= _LEAST_WITH_FACTS and route.recall >= _LEAST_RECALL
                is_judged = isinstance(route.rule, Check | Verdict) and route.recall >= _MOST_OF_FACTS
                return is_alike or is_judged or route.likeness >= _LEAST_OF_VERDICT
            # 高职, 戒毒人员, 请了假: what a question is about is no case to decide as long as it is open.
            is_decided = route.outcome in ("pass", "fail", "conflict")
            if self._lacks_kind(route, asked):
                return route.likeness >= _LEAST_OF_KNOWN_FACTS
            if not (is_decided or self._evaluates(asked)):
                return False
            if (
                is_decided
                and route.has_firm
                and route.recall >= _LEAST_RECALL
                and self._wants_verdict(route, asked)
            ):
                # What breaks a rule is rarely said of something else.
                return route.likeness >= (_LEAST_OF_BREACH if route.outcome == "fail" else _LEAST_OF_CASE)
            return route.likeness >= (_LEAST_OF_VERDICT if route.has_firm else _LEAST_WITHOUT_FACTS)
        if situation.facts:
            return False
        if isinstance(route.rule, Quantity) and all(
            p.search(x) for p, x in zip(_SORTS[0], (asked.text, route.rule.label), strict=True)
        ):
            # 还差多少没完成: no clause says how much somebody lacks.
            return route.likeness >= _LEAST_OF_GAP
        if self._evaluates(asked) and isinstance(route.rule, Verdict) and _OWN.search(asked.text):
            return route.likeness >= _LEAST_OF_OWN_VERDICT
        if self._evaluates(asked) and isinstance(route.rule, Verdict | Quantity | Check):
            return route.likeness >= _LEAST_EVALUATED[type(route.rule)]
        if read_intent(asked) == "figure" and isinstance(route.rule, Quantity) and _OWN.search(asked.text):
            # 我们这个班工位最少要几个: a figure of the asker's own case, which is asked back for.
            return route.likeness >= _LEAST_OF_OWN
        is_complete = route.outcome in ("pass", "conflict") and isinstance(route.rule, Quantity)
        return route.likeness >= _LEAST_WITHOUT_FACTS and is_complete

    def _lacks_kind(self, route: Route, asked: Understanding) -> bool:
        """Whether a figure of the asker's own case is open for want of what they are: 我们是所职业院校，要培训多少."""
        is_own = read_intent(asked) == "figure" and bool(_OWN.search(asked.text))
        return is_own and isinstance(route.rule, Quantity) and route.outcome == "unknown"

    def _wants_verdict(self, route: Route, asked: Understanding) -> bool:
        return isinstance(route.rule, Check | Verdict) and (
            read_intent(asked) == "whether" or self._evaluates(asked)
        )

    def _is_told(self, read: set[str], situation: Situation) -> bool:
        """Whether truths describe a case: one that is denied (没写假条), or several."""
        truths = [situation.facts[f].value for f in read if self._book.facts[f].type == "boolean"]
        return False in truths or len(truths) >= _SEVERAL

    def _is_firm(self, fact: str, asked: Understanding) -> bool:
        """Whether a fact describes a case; what somebody is, or has, may be the topic alone."""
        kind = self._book.facts[fact].type
        if kind in ("choice", "name", "names"):
            return bool(wording.OWN_SELF.search(asked.text)) and read_intent(asked) == "whether"
        return kind != "boolean" or bool(wording.OWN_CASE.search(asked.text)) or self._evaluates(asked)

    def _evaluates(self, asked: Understanding) -> bool:
        return bool(_EVALUATES.search(asked.text))

    def _rarity(self, fact: str) -> float:
        """A fact that few rules read says much about which one is meant."""
        return 1.0 / math.log2(2 + self._n_readers.get(fact, 0))


def asks_figure(text: str) -> bool:
    """Whether somebody asks how many, and not by what day."""
    return bool(_FIGURE.search(text)) and not _DAY.search(text)


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
            return {"whether": 0.2 if not only_one else 1.0, "figure": -0.3, "day": -0.2, "": 0.0}[intent]
        case Quantity():
            return {"whether": -0.4, "figure": 1.0, "day": -0.5, "": 0.0}[intent]
        case Deadline() | Timeline():
            return {"whether": -0.2, "figure": -0.2, "day": 1.0, "": 0.0}[intent]
    return 0.0


_SORTS = (
    # 还差多少 is a gap, 占百分之几 a share, 平均每月多少 a rate: what a figure is called tells which.
    (
        re.compile(
            r"还差|差多少|差几|缺口|还(?:要|得|需|缺|欠)|还剩|才够|补(?:多少|几)|再(?:培养|招|配|补|加)"
        ),
        re.compile(r"还差|缺|还要|还需|要补|要加|要增"),
    ),
    (
        re.compile(r"百分之|百分比|占比|占多少|几成|完成率|比例是|进度"),
        re.compile(r"占比|比例|完成率|百分|进度|率$"),
    ),
    (re.compile(r"每个?月|每个?季|平均每|月均|每年"), re.compile(r"每个?月|每个?季|平均每|每年")),
)
_ENDS = (
    (re.compile(r"最多|顶多|至多"), re.compile(r"最多|上限|还能")),
    (re.compile(r"最少|至少|起码|下限"), re.compile(r"最少|至少|最低")),
)
_OBJECT = re.compile(r"(?:多少|几)(?:个|名|位|台|套|间)?(人次|[\u4e00-\u9fff]{2})")
"""What is counted: 几个老师, 多少课时."""


def _agree(rule: Rule, text: str) -> float:
    """How well the name of a figure goes with what is asked: one up or down for each sort that one of them names."""
    if not isinstance(rule, Quantity):
        return 0.0
    both = ((bool(asked.search(text)), bool(named.search(rule.label))) for asked, named in _SORTS)
    score = sum((1.0 if asked else 0.0) if asked == named else -1.0 for asked, named in both)
    # A limit need not be asked for as one.
    ends = (bool(named.search(rule.label)) for asked, named in _ENDS if asked.search(text))
    return score + sum(1.0 if is_named else -1.0 for is_named in ends) + _counts(rule, text)


def _counts(rule: Quantity, text: str) -> float:
    """Up where a sample question counts what the question counts, down where they count other things."""
    objects = set(_OBJECT.findall(text))
    own = {o for q in rule.questions for o in _OBJECT.findall(q)}
    if not objects or not own:
        return 0.0
    return 1.0 if objects & own else -1.0


def list_names(book: Book) -> list[str]:
    """Every name that a parameter lists, such as the occupations of an annex."""
    values: Iterable[object] = (d.value for p in book.parameters.values() for d in p.values)
    return sorted({name for v in values if isinstance(v, frozenset) for name in v if isinstance(name, str)})
