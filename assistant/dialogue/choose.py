"""Question + what was told → the rules that decide it.

In: an understood question, its scope and `Told`. Out: keys of rules, empty where clauses answer. The rule of the turn
before goes on where the message adds to it; several figures asked for get a rule each; a case that no rule of the place
decides gets that of another place, which says whose it is and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.dialogue import wording
from assistant.dialogue.about import judges_case
from assistant.dialogue.assign import AssigningRouter
from assistant.dialogue.calculate import choose_verdict, reads
from assistant.dialogue.fit import Route, Situation, evaluates
from assistant.dialogue.intent import asks_figure, read_intent
from assistant.dialogue.premise import has_case, has_premise
from assistant.dialogue.refuse import OF_YEAR, find_missing_year
from assistant.dialogue.route import FIGURE_TYPES, Router
from assistant.dialogue.scope import Scope
from assistant.dialogue.told import Told
from assistant.dialogue.understand import Understanding
from assistant.documents.regions import RegionTree
from assistant.models import Document, Question
from assistant.rules.decide import Calculator, Lineage
from assistant.rules.law import Check, Rule, Verdict

_SAYS_YEAR = re.compile(r"\d{4}|[今明去前]年|[今明昨后前]天(?![是都就已经才]{0,3}\d)|[本上下这]个?月")
_COUNTED = re.compile(r"[\d一二三四五六七八九十两俩仨](?:个|名|位|台)?$")
"""What stands before a thing that is counted: of 4工位合规不 no workstation alone is judged."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_RULES = 3
_FIGURES_OF_A_CASE = 2
_DECIDED = ("pass", "fail", "conflict")
_NEARLY = 0.75
"""Share of the best score and recall from which another rule is nearly as good."""
_ALL_READ = 0.95
_ALIKE = 0.5
"""Likeness from which a case is one for a rule, though a table has rows of the same names."""
_PLAIN = 0.42
"""Likeness of a rule that reads all that was stated from which its figures are those it takes them for."""
_LEAST_BESIDE = 0.3
"""Likeness from which a case without a figure is one for a rule of another place."""


class RuleChooser:
    """Chooses among the rules of one corpus."""

    def __init__(
        self,
        calculator: Calculator,
        router: Router,
        assigning: AssigningRouter,
        documents: Mapping[str, Document],
        regions: RegionTree,
    ) -> None:
        self._calculator = calculator
        self._router = router
        self._assigning = assigning
        self._documents = documents
        self._regions = regions

    def choose(self, asked: Understanding, scope: Scope, question: Question, told: Told) -> list[str]:
        """Keys of the rules that decide the question; empty where clauses answer it."""
        if asked.asks_register or self._asks_else(told):
            return []
        if judged := self._judge_told(scope, question, told):
            return [judged]
        if told.rule and self._goes_on(scope, told):
            return [told.rule]
        if self._is_of_elsewhere(asked) and not self.states_figures(told):
            # 河北的上浮10%，我们这儿能享受不: whether it holds here is no case of Hebei's.
            return []
        if len({place.code for place in asked.places}) > 1 and not wording.OWN_CASE.search(asked.text):
            # 河北每年两万，潢川是多少: what two places say side by side is no case of either.
            return []
        case = self._open_case(asked, question, told)
        if has_premise(asked.text) and not (self._is_case(case) or wording.ONE_RULE.search(asked.text)):
            return []
        routes = [
            r for r in self._route_parts(case, scope.documents) if not self._is_of_other_year(r.rule, asked)
        ]
        if not routes and case.lineage is not None and self._is_case(case) and not self.has_unruled(asked):
            # No rule of the place decides the case: that of another place says whose it is, and decides nothing.
            other = self._route(replace(case, lineage=None), asked, frozenset(self._documents))
            homes = {place.code for place in asked.places}
            routes = [
                r
                for r in other[:1]
                if r.has_firm
                and (r.likeness >= _LEAST_BESIDE or self.states_figures(told))
                and self._documents[r.rule.document].region not in homes
            ]
        if verdict := self._find_whole(routes, case, scope.documents):
            return [verdict.rule.key]
        if len(routes) < 2 and (named := self._name_figure(asked, scope, question, told, routes)):
            return [named]
        return list(dict.fromkeys(r.rule.key for r in routes))[:_MOST_RULES]

    def leave_own_years(self, asked: Understanding, told: Told) -> Understanding:
        """The question without the years that are figures of its case: 教材2019年修订的 asks for no text of 2019."""
        facts = self._calculator.book.facts
        own = {told.stated[f].value for f in told.said if f in told.stated and facts[f].unit == "年"}
        return replace(asked, years=tuple(y for y in asked.years if y not in own)) if own else asked

    def decides_case(self, asked: Understanding, scope: Scope, question: Question, told: Told) -> bool:
        """Whether a message states figures of a case, and a rule that is alike reads all of it and decides it.

        两所职业学校都按最低数干，补贴性培训合计多少: no row of a table has what these schools are to do.
        """
        if not self.states_figures(told):
            return False
        routes = self._route_parts(self._open_case(asked, question, told), scope.documents)
        return any(
            r.outcome in _DECIDED and r.has_figure and r.recall >= _ALL_READ and r.likeness >= _ALIKE
            for r in routes
        )

    def _judge_told(self, scope: Scope, question: Question, told: Told) -> str:
        """Key of the verdict on a case told over several turns, where only its outcome is asked for by now: 能开班吗."""
        book = self._calculator.book
        last = book.rules.get(told.last)
        judged = judges_case(told.message)
        if told.said or not told.stated or not isinstance(last, Check | Verdict) or not judged:
            return ""
        if judged == "all" and set(told.stated) <= reads(book, last):
            # 行不行 behind a check of all that was told is about that.
            return ""
        verdict = choose_verdict(self._calculator, last.subject, told.stated, self.lineage(question))
        if verdict is None or verdict.document not in scope.documents:
            return ""
        return verdict.key if set(told.stated) & reads(book, verdict) else ""

    def _find_whole(
        self, routes: Sequence[Route], case: Situation, documents: frozenset[str]
    ) -> Route | None:
        """The verdict that reads all of a case to be judged as a whole, where a check of a part of it was chosen.

        70人4老师4工位合规不 is not answered by the workstations being enough.
        """
        text = case.asked.text
        is_part = len(routes) == 1 and isinstance(routes[0].rule, Check) and routes[0].recall < _ALL_READ
        if not is_part or routes[0].likeness >= _PLAIN or not wording.JUDGES_WHOLE.search(text):
            return None
        one = wording.ONE_RULE.search(text)
        if one and not _COUNTED.search(text[: one.start()]):
            return None
        others = self._route(case, case.asked, documents)
        whole = (r for r in others if isinstance(r.rule, Verdict) and r.outcome != "no_basis")
        return next((r for r in whole if r.recall > routes[0].recall), None)

    def has_clauses_alone(self, asked: Understanding) -> bool:
        """Whether the place has documents and nobody has written rules for them: then their clauses answer."""
        homes = {p.code for p in asked.places} or ({asked.home.code} if asked.home else set())
        own = {d.id for d in self._documents.values() if d.region in homes}
        return bool(own) and own.isdisjoint(r.document for r in self._calculator.book.rules.values())

    def has_unruled(self, asked: Understanding) -> bool:
        """Whether a document that holds at the place has no rules: what no rule decides may stand in its clauses."""
        # 我们这儿国家给补吗: what the asker's own texts say counts beside those of the country.
        places = {p.code for p in asked.places} | ({asked.home.code} if asked.home else set())
        above = {code for place in places for code in self._regions.ancestors(place)}
        ruled = {r.document for r in self._calculator.book.rules.values()}
        return any(
            d.region in above and not d.only_for and d.id not in ruled for d in self._documents.values()
        )

    def _is_of_elsewhere(self, asked: Understanding) -> bool:
        """Whether an asker wants what the place that is named has, and theirs is no part of it."""
        if not asked.home or not asked.places or not wording.SPEAKS_OF_HOME.search(asked.text):
            return False
        above = set(self._regions.ancestors(asked.home.code))
        return wording.ENJOYS.search(asked.text) is not None and not any(
            p.code in above for p in asked.places
        )

    def _name_figure(
        self, asked: Understanding, scope: Scope, question: Question, told: Told, routes: list[Route]
    ) -> str:
        """Key of a rule that is meant rather than the one chosen, once a figure of the message gets its name."""
        if any(r.outcome in _DECIDED and r.recall >= _ALL_READ and r.likeness >= _PLAIN for r in routes):
            # What reads all that was stated, and is alike, needs no other reading of it; of loose figures it does.
            told = replace(told, said=frozenset())
        least = max((self._router.rate(r.rule, asked, r.outcome) for r in routes), default=0.0)
        key = self._assigning.find(asked, scope.documents, told, question, least)
        return "" if key and self._is_of_other_year(self._calculator.book.rules[key], asked) else key

    def find_plain(self, asked: Understanding, scope: Scope) -> str:
        """Key of the rule that a question means by its very wording; empty where there is none."""
        if scope.foreign or asked.asks_register or wording.ASKS_CONTACT.search(asked.text):
            return ""
        key = self._router.find_plain(asked, scope.documents)
        return "" if key and self._is_of_other_year(self._calculator.book.rules[key], asked) else key

    def _asks_else(self, told: Told) -> bool:
        """Whether a message of a conversation adds nothing to its rule and asks for what no such rule gives: 那找谁问."""
        rule = self._calculator.book.rules.get(told.last)
        if rule is None or told.said:
            return False
        wants_money = wording.MONEY.search(told.message) and getattr(rule, "unit", "") != "元"
        return bool(wants_money or wording.ASKS_CONTACT.search(told.message))

    def _goes_on(self, scope: Scope, told: Told) -> bool:
        """Whether the rule of the turn before is decided again: it reads what this message adds, or nothing is added."""
        book = self._calculator.book
        if told.rule not in book.rules or book.rules[told.rule].document not in scope.documents:
            # 河南呢 behind a figure of Hebei is decided by Henan's own rule, or by none.
            return False
        if isinstance(book.rules[told.rule], Check | Verdict) and asks_figure(told.message):
            # 最少得有几个人达标 asks for another thing than 达标了吗.
            return False
        if isinstance(book.rules[told.rule], Verdict) and wording.ONE_RULE.search(told.message):
            return False
        return not told.said or bool(told.said & reads(book, book.rules[told.rule]))

    def means_another(self, key: str, text: str) -> bool:
        """Whether a message by itself is about another rule than the one decided before."""
        return not wording.is_topicless(text) and self._router.means_another(key, text)

    def place_day(self, asked: Understanding, scope: Scope, told: Told) -> Told:
        """What was told, with a day that was given without saying of what as the first day of the period meant."""
        if len(told.loose_days) != 1 or read_intent(asked) != "day":
            return told
        fact = self._router.find_first_day(asked, scope.documents, told.stated)
        stated, faults = self._calculator.book.read_facts({fact: told.loose_days[0]} if fact else {})
        if not stated or faults:
            return told
        return replace(told, stated={**told.stated, **stated}, now=told.now | {fact}, said=told.said | {fact})

    def place_year(self, key: str, told: Told, text: str) -> Told:
        """What was told, with a day said without its year in that of the plan with whose fixed day the rule compares it."""
        book = self._calculator.book
        rule = book.rules.get(key)
        year = self._documents[rule.document].year if rule else None
        refs = book.refs_of(key) if rule else ()
        fixed = [p for ref in refs if (p := book.parameters.get(ref)) and p.kind == "date"]
        if not year or not fixed or _SAYS_YEAR.search(text):
            return told
        days = {f for f in told.said & set(refs) if f in book.facts and book.facts[f].type == "date"}
        shown = {f: told.stated[f].shown for f in days if f in told.stated}
        stated, faults = book.read_facts({f: f"{year}{d[4:]}" for f, d in shown.items() if _ISO.fullmatch(d)})
        return told if faults else replace(told, stated={**told.stated, **stated})

    def _is_of_other_year(self, rule: Rule, asked: Understanding) -> bool:
        """Whether a target of one year would be told for another."""
        document = self._documents[rule.document]
        is_of_one = document.year is not None and bool(OF_YEAR.search(asked.text))
        # A plan of one year may speak of another (2020—2023年) and say nothing for it.
        others = [y for y in asked.years if y != document.year and str(y) not in rule.label]
        return bool(find_missing_year(asked, [document]) or (is_of_one and others))

    def _is_case(self, case: Situation) -> bool:
        """Whether a message describes a case: by its words, or by several figures."""
        facts = self._calculator.book.facts
        n_figures = sum(facts[f].type in FIGURE_TYPES for f in case.facts) if case.is_said else 0
        told = wording.CONDITION.sub("", wording.RECOLLECTION.sub("", case.asked.text))
        is_own = bool(wording.OWN_CASE.search(told))
        if has_case(case.asked.text):
            return True
        if wording.QUOTES_RULE.search(wording.NOT_RULED.sub("", case.asked.text)) and not is_own:
            # 县里规定师生比1:30，我没记错吧: figures of the rule, not of a case.
            return False
        is_judged = n_figures > 0 and evaluates(case.asked)
        return n_figures >= _FIGURES_OF_A_CASE or (bool(case.facts) and is_own) or is_judged

    def _open_case(self, asked: Understanding, question: Question, told: Told) -> Situation:
        """What rules are chosen by: the facts of this message, else those known before if something is asked."""
        now = {f: v for f, v in told.stated.items() if f in told.now}
        known = told.stated if read_intent(asked) or told.rule else {}
        if told.rule and told.said:
            # What is added to a case that another rule decides is read with all of it.
            now = dict(told.stated)
        is_said = self.states_figures(told)
        before = frozenset(told.stated) - told.now
        lineage = self.lineage(question)
        return Situation(
            asked, now or known, question.as_of, lineage, is_said, told.said_at, before, told.last
        )

    def _route(self, case: Situation, asked: Understanding, documents: frozenset[str]) -> list[Route]:
        return self._router.route(replace(case, asked=asked), documents)

    def _route_parts(self, case: Situation, documents: frozenset[str]) -> list[Route]:
        """The best rule; for a question with several figures the best for each of them."""
        whole = [r for r in self._route(case, case.asked, documents) if r.outcome != "no_basis"][:1]
        parts = wording.split_figures(case.asked.bare)
        is_each = not parts and bool(wording.EACH.search(case.asked.bare))
        if whole and is_each and not isinstance(whole[0].rule, Verdict):
            # A verdict tells each of its checks by itself.
            return self._route_facts(case, whole[0], documents)
        if not whole or len(parts) < 2:
            return whole
        found: list[Route] = []
        for part in parts:
            routes = self._route(case, replace(case.asked, bare=part), documents)
            found += [r for r in _choose_further(routes, found) if r.outcome == whole[0].outcome]
        if found and whole[0].rule not in [r.rule for r in found] and found[0].recall < whole[0].recall:
            # 3所高职和5所中职，任务是多少，补贴性的是多少: a part by itself leaves out what was told before.
            found[0] = whole[0]
        return found or whole

    def _route_facts(self, case: Situation, whole: Route, documents: frozenset[str]) -> list[Route]:
        """For 两个目标各差多少 the best rule for each figure that was stated."""
        facts = self._calculator.book.facts
        figures = [f for f in case.facts if facts[f].type in FIGURE_TYPES]
        rest = {f: v for f, v in case.facts.items() if f not in figures}
        found = [whole]
        for figure in figures:
            one = replace(case, facts={**rest, figure: case.facts[figure]})
            found += [
                r
                for r in self._route(one, case.asked, documents)[:1]
                if r.outcome in (whole.outcome, "unknown") and r.rule.document == whole.rule.document
            ]
        return found

    def states_figures(self, told: Told) -> bool:
        """Whether the message itself states a number, a share or a day."""
        facts = self._calculator.book.facts
        return any(facts[f].type in FIGURE_TYPES for f in told.said)

    def states_case(self, told: Told) -> bool:
        """Whether the message states several figures of a case."""
        facts = self._calculator.book.facts
        return sum(facts[f].type in FIGURE_TYPES for f in told.said) >= _FIGURES_OF_A_CASE

    def lineage(self, question: Question) -> Lineage:
        """Codes of the regions whose rules bind the place of a question."""
        return frozenset(self._regions.ancestors(question.region)) if question.region else None


def _choose_further(routes: Sequence[Route], found: Sequence[Route]) -> list[Route]:
    """The rule for a further figure: one that was not found for another, where it is nearly as good.

    能多拿多少、一共多少: whoever asks twice asks for two figures.
    """
    if not routes:
        return []
    used = {r.rule.key for r in found}
    best = routes[0]
    others = (
        r
        for r in routes
        if r.rule.key not in used and r.score >= _NEARLY * best.score and r.recall >= _NEARLY * best.recall
    )
    return [best if best.rule.key not in used else next(others, best)]
