"""One question that stands on its own → a draft with everything that answers it.

In: a question, the facts stated, what was named before. Out: an `Answer` and the rule it decided. Tried in this order:
what must be refused, a count over a table, a rule that reads the stated facts, facts about a document, clauses named by
number, clauses found by evidence. The first that fits answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.dialogue import wording
from assistant.dialogue.calculate import reads
from assistant.dialogue.decision import join_decisions
from assistant.dialogue.disagree import Disagreements
from assistant.dialogue.draft import Draft
from assistant.dialogue.evidence import EvidenceScorer
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.messages import Messages
from assistant.dialogue.metadata import find_meta_clauses
from assistant.dialogue.parts import split_parts
from assistant.dialogue.premise import has_premise
from assistant.dialogue.rank import Ranker
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.refuse import (
    Refusal,
    find_missing_year,
    refuse_content,
    refuse_early,
    refuse_evidence,
)
from assistant.dialogue.route import FIGURE_TYPES, Route, Router, Situation, asks_figure, read_intent
from assistant.dialogue.ruling import RulingTeller
from assistant.dialogue.scope import Scope, ScopeChooser
from assistant.dialogue.select import Ranked, Selection, merge_selections, select_evidence
from assistant.dialogue.table_told import tell_table
from assistant.dialogue.tabling import TableReader
from assistant.dialogue.tell import ClauseTeller
from assistant.dialogue.understand import Understanding, understand_question
from assistant.documents.catalog import COUNTRY, Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.documents.regions import RegionTree
from assistant.models import Answer, Clause, Question
from assistant.retrieval.retrieve import Retriever
from assistant.rules.decide import Calculator, Lineage
from assistant.rules.facts import Fault
from assistant.rules.finding import Finding
from assistant.rules.law import Check, Verdict
from assistant.rules.statements import Stated

N_NAMED = 3
"""More clauses than this under one number mean that the number is ambiguous."""
_MOST_RULES = 3
_FIGURES_OF_A_CASE = 2
_MOST_LOOSE = 4
"""So many figures without a name are those of a case that cannot be read."""
_LEAST_BESIDE = 0.3
"""Likeness from which a case without a figure is one for a rule of another place."""
_AS_GOOD_BESIDE = 0.8
"""Share of the best score from which what another place has for the same figure is told too."""
_SURE_OF_PART = 0.3
"""Probability from which a clause answers one part of a question."""
_OF_ITS_TEXT = re.compile(r"》(?:的|里|中)?(?:第[^,，。]{1,6}[条款章]|原文|全文)")
_CITED = re.compile(r"《([^《》]{2,60})》")
_ANNEX = re.compile(r"附件(?P<n>\d{1,2}|[一二三四五六七八九十])")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with what it leaves to the next turn.

    Attributes:
        rule: key of the rule that was decided; empty where none was.
        region: code of the place that the question was about; empty where it named none.
    """

    answer: Answer
    rule: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the asker has stated, read.

    Attributes:
        now: facts of this message and those handed over with it, among `stated`; `said` are in its words.
        said_at: where the words of each fact of this message begin.
        vague: words for quantities that state no value; `loose` those, with their unit, that state no known fact.
        rule: to be decided again whatever the words; empty where these decide.
        unread: figures of a follow-up that may stand for several facts.
        loose_days: days of the message that state no known fact.
        last: key of the rule of the turn before; `message` the words of this one alone.
        forgets: True where the message only takes back what was said.
        dropped: earlier facts that no longer hold beside those of this message.
    """

    stated: Mapping[str, Stated]
    now: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    faults: Sequence[Fault] = ()
    at_odds: Mapping[str, tuple[str, ...]] | None = None
    vague: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    said_at: Mapping[str, int] = field(default_factory=dict)
    rule: str = ""
    named: tuple[Clause, ...] = ()
    dropped: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    loose_days: tuple[str, ...] = ()
    last: str = ""
    message: str = ""
    forgets: bool = False


class Responder:
    """Answers single questions about one corpus."""

    def __init__(
        self,
        corpus: Corpus,
        regions: RegionTree,
        retriever: Retriever,
        messages: Messages,
        calculator: Calculator,
        extractor: FactExtractor,
    ) -> None:
        self._corpus = corpus
        self._documents = corpus.document_by_id
        self._regions = regions
        self._messages = messages
        self._calculator = calculator
        self.rulings = RulingTeller(calculator, messages)
        self.finder = ReferenceFinder(corpus)
        self.scopes = ScopeChooser(corpus, regions)
        self.ranker = Ranker(corpus, retriever, EvidenceScorer(retriever, self._documents))
        self._router = Router(calculator, retriever.embedder)
        self._tables = TableReader(corpus)
        self._extractor = extractor
        self._disagreements = Disagreements(calculator, retriever.embedder, messages)
        self._clauses = ClauseTeller(corpus, self.ranker)
        self._sources = {d.id: squeeze(d.source) for d in corpus.documents}

    def understand(self, question: Question) -> Understanding:
        """Read a question against this corpus."""
        return understand_question(question, self.finder, self._regions, self._sources)

    def respond(self, question: Question, told: Told) -> Response:
        """Answer one question."""
        asked = self.understand(question)
        scope = self.scopes.choose(asked, question.as_of)
        draft = Draft(asked, self._documents, self._regions, self._messages)
        place = self._place(asked, question)
        rule = self._tell(draft, asked, scope, replace(question, region=place or None), told)
        if draft.status != "refused":
            draft.notices += self.notices(draft, asked, scope, question)
        answer = draft.finish(question, self._corpus.version)
        return Response(answer, rule, place)

    def say_where(self, question: Question) -> str:
        """The words of a question that name a document or a place; empty where none do."""
        asked = self.understand(question)
        named = self.finder.find_documents(asked.text).spans
        if named:
            return asked.text[named[0].start : named[0].end]
        return next((p.name for p in asked.places if p.code != COUNTRY), "")

    def _place(self, asked: Understanding, question: Question) -> str:
        """The place that rules are read for: the one the question names, else the asker's."""
        named = [p for p in asked.places if p.code != COUNTRY]
        if len({p.code for p in named}) == 1 and not asked.is_comparison:
            return named[0].code
        return question.region or ""

    def _tell(self, draft: Draft, asked: Understanding, scope: Scope, question: Question, told: Told) -> str:
        """Put the answer into the draft; returns the key of the rule that was decided."""
        if told.forgets:
            draft.remark("forgotten")
            draft.status = "needs_info"
            return ""
        refusal = refuse_early(asked, scope, self.scopes.covered, question.as_of)
        if not refusal and (missing := self._find_missing_annex(asked, scope)):
            refusal = Refusal("refused_annex", {"annex": missing}, nearest_from=1.1)
        if not refusal and (title := self._find_unknown_title(asked)):
            refusal = Refusal("refused_title", {"title": title})
        if refusal:
            found = [] if refusal.nearest_from > 1 else [r.evidence for r in self.ranker.rank(asked, scope)]
            self._clauses.tell_refusal(draft, refusal, found)
            return ""
        if self._asks_too_little(draft, asked, told) or self._tell_elsewhere(draft, asked, scope, question):
            return ""
        if told.named:
            self._clauses.tell_named(draft, asked, told.named)
            return ""
        if tables := self._tables.find_all(asked, scope.documents):
            for table in tables:
                tell_table(draft, table, self._messages)
            return ""
        if self._doubts(draft, told):
            return ""
        conflict = self._disagreements.find(asked, scope.documents)
        if conflict and (asked.asks_sameness or not told.now):
            self._disagreements.tell(draft, conflict, in_full=True)
            return ""
        told = self._place_day(asked, scope, told)
        if rules := self._choose_rules(asked, scope, question, told):
            self._decide(draft, rules, question, told)
            return rules[0]
        self._tell_clauses(draft, asked, scope, question, told)
        return ""

    def _tell_clauses(
        self, draft: Draft, asked: Understanding, scope: Scope, question: Question, told: Told
    ) -> None:
        """What clauses say: about a document itself, by their number, or by evidence."""
        if meta := find_meta_clauses(asked, scope, self._corpus):
            if meta.refusal:
                self._clauses.tell_refusal(draft, meta.refusal, [])
            self._clauses.tell_whole(draft, meta.clauses)
        elif 0 < len(named := self._named_clauses(asked, scope)) <= N_NAMED:
            self._clauses.tell_named(draft, asked, named)
        else:
            self._tell_found(draft, asked, scope, question, told)

    def _asks_too_little(self, draft: Draft, asked: Understanding, told: Told) -> bool:
        """Ask back where nothing says what the question is about."""
        names = asked.references.documents or asked.references.clauses or asked.references.scopes
        if told.named or told.rule or told.said or names or not wording.is_topicless(asked.bare):
            return False
        draft.remark("unclear")
        draft.status = "needs_info"
        return True

    def _find_missing_annex(self, asked: Understanding, scope: Scope) -> str:
        """An annex that the question names and none of the documents has; empty where there is none."""
        for match in _ANNEX.finditer(asked.text):
            path = f"a{chinese_to_int(match['n'])}"
            if not any(f"{d}#{path}" in self._corpus.clause_by_id for d in scope.documents):
                return match[0]
        return ""

    def _find_unknown_title(self, asked: Understanding) -> str:
        """A work that the question cites and no document is, or speaks of; empty where there is none."""
        if asked.references.documents:
            return ""
        own = [squeeze(t) for d in self._corpus.documents for t in (d.title, *(p.title for p in d.parts))]
        wants_text = _OF_ITS_TEXT.search(asked.text)
        for title in map(squeeze, _CITED.findall(asked.text)):
            is_spoken_of = any(title in source for source in self._sources.values())
            if not any(title in t for t in own) and (wants_text or not is_spoken_of):
                return title
        return ""

    def _doubts(self, draft: Draft, told: Told) -> bool:
        """Ask before anything is decided on facts that cannot all be true."""
        book = self._calculator.book
        for fact, words in (told.at_odds or {}).items():
            quoted = "、".join(f"“{w}”" for w in words)
            draft.remark("at_odds", label=book.facts[fact].label, words=quoted)
        if told.unread and told.rule:
            draft.remark("unread", words="、".join(f"“{w}”" for w in told.unread))
            draft.status = "needs_info"
        if told.faults:
            draft.remark("faulty", what="；".join(f.message for f in told.faults))
        if len(told.loose) >= _MOST_LOOSE and not (told.rule or self._states_figures(told)):
            # 80、4、4、45，中不中: which of them is what is not guessed.
            draft.remark("unread", words="、".join(f"“{w}”" for w in told.loose))
            draft.status = "needs_info"
        if told.at_odds or told.faults:
            draft.status = "needs_info"
        return draft.status == "needs_info"

    def _states_figures(self, told: Told) -> bool:
        facts = self._calculator.book.facts
        return any(facts[f].type in FIGURE_TYPES for f in told.said)

    # -- rules -------------------------------------------------------------------------------------

    def _choose_rules(self, asked: Understanding, scope: Scope, question: Question, told: Told) -> list[str]:
        """Keys of the rules that decide the question; empty where clauses answer it."""
        if told.rule and self._goes_on(asked, told):
            return [told.rule]
        if asked.asks_register:
            return []
        case = self._open_case(asked, question, told)
        if has_premise(asked.text) and not (self._is_case(case) or wording.ONE_RULE.search(asked.text)):
            return []
        routes = [r for r in self._route_parts(case, scope.documents) if not self._is_of_other_year(r, asked)]
        if not routes and case.lineage is not None and self._is_case(case):
            # No rule of the place decides the case: that of another place says whose it is, and decides nothing.
            other = self._route(replace(case, lineage=None), asked, frozenset(self._documents))
            named = {place.code for place in asked.places}
            routes = [
                r
                for r in other[:1]
                if r.has_firm
                and (r.likeness >= _LEAST_BESIDE or self._states_figures(told))
                and self._documents[r.rule.document].region not in named
            ]
        return list(dict.fromkeys(r.rule.key for r in routes))[:_MOST_RULES]

    def _goes_on(self, asked: Understanding, told: Told) -> bool:
        """Whether the rule of the turn before is decided again: it reads what this message adds, or nothing is added."""
        book = self._calculator.book
        if told.rule not in book.rules:
            return False
        if isinstance(book.rules[told.rule], Check | Verdict) and asks_figure(told.message):
            # 最少得有几个人达标 asks for another thing than 达标了吗.
            return False
        figures = {f for f in told.said if book.facts[f].type in FIGURE_TYPES}
        return not figures or bool(figures & reads(book, book.rules[told.rule]))

    def _place_day(self, asked: Understanding, scope: Scope, told: Told) -> Told:
        """What was told, with a day that was given without saying of what as the first day of the period meant."""
        if len(told.loose_days) != 1 or read_intent(asked) != "day":
            return told
        fact = self._router.find_first_day(asked, scope.documents, told.stated)
        stated, faults = self._calculator.book.read_facts({fact: told.loose_days[0]} if fact else {})
        if not stated or faults:
            return told
        return replace(told, stated={**told.stated, **stated}, now=told.now | {fact}, said=told.said | {fact})

    def _is_of_other_year(self, route: Route, asked: Understanding) -> bool:
        """Whether a target of one year would be told for another."""
        return bool(find_missing_year(asked, [self._documents[route.rule.document]]))

    def _is_case(self, case: Situation) -> bool:
        """Whether a message describes a case: by its words, or by several figures."""
        facts = self._calculator.book.facts
        n_figures = sum(facts[f].type in FIGURE_TYPES for f in case.facts) if case.is_said else 0
        is_own = bool(wording.OWN_CASE.search(wording.RECOLLECTION.sub("", case.asked.text)))
        if wording.QUOTES_RULE.search(case.asked.text) and not is_own:
            # 县里规定师生比1:30，我没记错吧: figures of the rule, not of a case.
            return False
        return n_figures >= _FIGURES_OF_A_CASE or (bool(case.facts) and is_own)

    def _open_case(self, asked: Understanding, question: Question, told: Told) -> Situation:
        """What rules are chosen by: the facts of this message, else those known before if something is asked."""
        now = {f: told.stated[f] for f in told.now if f in told.stated}
        known = told.stated if read_intent(asked) or told.rule else {}
        if told.rule and told.said:
            # What is added to a case that another rule decides is read with all of it.
            now = dict(told.stated)
        is_said = self._states_figures(told)
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
        if whole and not parts and wording.EACH.search(case.asked.bare):
            return self._route_facts(case, whole[0], documents)
        if not whole or len(parts) < 2:
            return whole
        found = []
        for part in parts:
            best = self._route(case, replace(case.asked, bare=part), documents)[:1]
            found += [r for r in best if r.outcome == whole[0].outcome]
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
                if r.outcome == whole.outcome and r.rule.document == whole.rule.document
            ]
        return found

    def _decide(self, draft: Draft, rules: Sequence[str], question: Question, told: Told) -> None:
        decided = []
        for key in rules:
            finding = self._calculator.decide(key, told.stated, question.as_of, self.lineage(question))
            if more := self._match_loose(finding, told, question):
                finding = self._calculator.decide(key, more, question.as_of, self.lineage(question))
            self.rulings.tell(draft, finding, question, is_brief=True)
            decided += [draft.decision] if draft.decision else []
        draft.decision = join_decisions(decided)
        if told.dropped:
            labels = "、".join(self._calculator.book.facts[f].label for f in told.dropped)
            draft.remark("dropped", labels=labels)
        if draft.status == "needs_info" and told.vague:
            draft.remark("vague", words="、".join(f"“{w}”" for w in told.vague))
        if draft.status == "needs_info" and question.region is None:
            draft.remark("ask_region")

    def _match_loose(self, finding: Finding, told: Told, question: Question) -> Mapping[str, Stated]:
        """Stated facts with a figure that stands alone (60名学员3个), where just one open question can mean it."""
        if finding.outcome != "unknown" or len(told.loose) != 1:
            return {}
        taking = [
            a.fact
            for a in finding.asks
            if self._extractor.read_reply(told.loose[0], question.as_of, [a.fact])
        ]
        if len(taking) != 1:
            return {}
        reply = self._extractor.read_reply(told.loose[0], question.as_of, taking)
        stated, faults = self._calculator.book.read_facts(reply)
        return {} if faults else {**told.stated, **stated}

    def lineage(self, question: Question) -> Lineage:
        """Codes of the regions whose rules bind the place of a question."""
        return frozenset(self._regions.ancestors(question.region)) if question.region else None

    # -- clauses -----------------------------------------------------------------------------------

    def _note(self, draft: Draft, told: Told) -> None:
        """Repeat what was stated where nothing was asked of it yet."""
        facts = self._calculator.book.facts
        shown = "、".join(
            f"{facts[f].label} {told.stated[f].shown}{told.stated[f].unit}"
            for f in sorted(told.said)
            if f in told.stated
        )
        draft.remark("noted", facts=shown)
        draft.status = "needs_info"

    def _tell_found(
        self, draft: Draft, asked: Understanding, scope: Scope, question: Question, told: Told
    ) -> None:
        ranked = self.ranker.rank(asked, scope)
        evidence = [r.evidence for r in ranked]
        refusal = refuse_evidence(asked, evidence, self._documents)
        parts = self._select_parts(asked, scope, question)
        if refusal and not parts:
            if told.said and not (wording.ASKS.search(asked.text) or asked.asks_register or asked.is_how_to):
                self._note(draft, told)
            else:
                self._clauses.tell_refusal(draft, refusal, evidence)
            return
        chosen = [] if refusal else select_evidence(asked, ranked, self.ranker.sides(asked), self._documents)
        chosen += [] if refusal else self._select_siblings(asked, ranked)
        self._clauses.tell_selections(draft, asked, merge_selections(chosen, parts))
        for conflict in self._disagreements.touched(asked, draft.citations):
            self._disagreements.tell(draft, conflict)

    def _select_parts(self, asked: Understanding, scope: Scope, question: Question) -> list[Selection]:
        """The best clause for each part of a question that asks several things; none for a part that has none."""
        found: list[Selection] = []
        where = self.say_where(question)
        for part in split_parts(asked.text):
            text = part if not where or where in part else f"{where},{part}"
            sub = self.understand(replace(question, text=text))
            ranked = self.ranker.rank(sub, scope)
            evidence = [r.evidence for r in ranked]
            if refuse_evidence(sub, evidence, self._documents) or evidence[0].probability < _SURE_OF_PART:
                continue
            found += select_evidence(sub, ranked[:1], [], self._documents)
        return found

    def _select_siblings(self, asked: Understanding, ranked: Sequence[Ranked]) -> list[Selection]:
        """For a figure asked without a place: what a place beside that of the best clause has for it."""
        if not asked.measure or asked.home or asked.places or asked.references.documents:
            return []
        own = self._documents[ranked[0].evidence.clause.document].region
        found: list[Selection] = []
        for candidate in ranked[1:]:
            other = self._documents[candidate.evidence.clause.document].region
            is_beside = not (self._regions.is_within(own, other) or self._regions.is_within(other, own))
            is_as_good = candidate.score >= _AS_GOOD_BESIDE * ranked[0].score
            if is_beside and is_as_good and not refuse_content(asked, [candidate.evidence], self._documents):
                found += select_evidence(asked, [candidate], [], self._documents)
                break
        return found

    def _tell_elsewhere(self, draft: Draft, asked: Understanding, scope: Scope, question: Question) -> bool:
        """Say of a rule that the asker knows of, and asks to have here, that it is another place's."""
        if not wording.HOLDS_HERE.search(asked.text) or not (asked.home or asked.places):
            return False
        inside = [r.evidence for r in self.ranker.rank(asked, scope)]
        if not refuse_evidence(asked, inside, self._documents):
            return False
        anywhere = replace(asked, places=(), home=None)
        ranked = self.ranker.rank(anywhere, self.scopes.choose(anywhere, question.as_of))
        if refuse_evidence(anywhere, [r.evidence for r in ranked], self._documents):
            return False
        chosen = select_evidence(anywhere, ranked[:1], [], self._documents)
        if chosen[0].clause.document in scope.documents:
            return False
        region = self._regions.get(self._documents[chosen[0].clause.document].region)
        draft.remark("elsewhere_only", place=region.name if region else "")
        self._clauses.tell_selections(draft, asked, chosen)
        return True

    def _named_clauses(self, asked: Understanding, scope: Scope) -> tuple[Clause, ...]:
        """The clauses named by number that may answer, those of the place's own documents where it has any."""
        clauses = tuple(c for c in asked.references.clauses if c.document in scope.documents)
        own = {place.code for place in asked.places} or {asked.home.code if asked.home else ""}
        near = tuple(c for c in clauses if self._documents[c.document].region in own)
        return clauses if asked.references.documents or not near else near

    def notices(self, draft: Draft, asked: Understanding, scope: Scope, question: Question) -> list[str]:
        """What the asker must know beside the answer."""
        notices = []
        if scope.parent_only:
            notices.append(self._messages.say("notice_parent", place=scope.parent_only.name))
        for document_id in dict.fromkeys(c.document for c in draft.citations):
            document = self._documents[document_id]
            if document.year and document.year < question.as_of.year:
                values = {"title": document.title, "year": document.year, "as_of": question.as_of.isoformat()}
                notices.append(self._messages.say("notice_year", **values))
        if not (asked.home or asked.places or asked.references.documents):
            notices.append(self._messages.say("notice_region"))
        return notices
