"""Question → Answer: understand, choose documents, retrieve, select, word, verify.

In: a `Question`. Out: an `Answer`, the same bytes for the same question, corpus and day. Extractive: every
policy sentence is the document's own, and what evidence does not carry is refused with the nearest clauses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.dialogue.calculate import choose_rule, choose_verdict, read_stated, require_rules
from assistant.dialogue.draft import Draft
from assistant.dialogue.evidence import Evidence, EvidenceScorer
from assistant.dialogue.messages import Messages
from assistant.dialogue.metadata import find_meta_clauses
from assistant.dialogue.rank import Ranker
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.refuse import Refusal, refuse_content, refuse_early, refuse_evidence
from assistant.dialogue.ruling import RulingTeller
from assistant.dialogue.scope import Scope, ScopeChooser
from assistant.dialogue.select import Selection, choose_sentences, select_evidence
from assistant.dialogue.understand import Understanding, understand_question
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree
from assistant.errors import RequestInvalid
from assistant.models import Answer, Clause, Passage, Question, Span
from assistant.retrieval.retrieve import Retriever
from assistant.rules.decide import Calculator, Lineage
from assistant.rules.statements import Stated

N_NEAREST = 2
"""Clauses shown beside a refusal."""
N_NAMED = 3
"""More clauses than this under one number mean that the number is ambiguous."""
_SHORT = 450
"""Code points of a clause that is shown whole where the asker named it by its number."""
_VAGUE = 0.3
"""Score of the best sentence below which a question wants the clause as a whole."""


class Answerer:
    """Answers questions about one corpus."""

    def __init__(
        self,
        corpus: Corpus,
        regions: RegionTree,
        retriever: Retriever,
        messages: Messages,
        calculator: Calculator,
    ) -> None:
        self._corpus = corpus
        self._documents = corpus.document_by_id
        self._regions = regions
        self._retriever = retriever
        self._messages = messages
        self._calculator = calculator
        self._teller = RulingTeller(calculator, messages)
        self._finder = ReferenceFinder(corpus)
        self._scopes = ScopeChooser(corpus, regions)
        self._ranker = Ranker(corpus, retriever, EvidenceScorer(retriever, self._documents))
        self._sources = {d.id: squeeze(d.source) for d in corpus.documents}
        self._children: dict[str, list[Clause]] = {}
        for clause in corpus.clause_by_id.values():
            if clause.parent:
                self._children.setdefault(clause.parent, []).append(clause)

    def answer(self, question: Question) -> Answer:
        """Answer one question that stands on its own."""
        asked = self.understand(question)
        scope = self._scopes.choose(asked, question.as_of)
        draft = Draft(asked, self._documents, self._regions, self._messages)
        refusal = refuse_early(asked, scope, self._scopes.covered, question.as_of)
        stated = read_stated(self._calculator, question.facts)
        rule = choose_rule(self._calculator, asked.bare, stated, scope.documents) if stated else None
        if rule and not refusal:
            self._tell_ruling(draft, rule.key, question, stated)
        elif refusal:
            evidence = [r.evidence for r in self._ranker.rank(asked, scope)]
            self._tell_refusal(draft, refusal, evidence)
        elif meta := find_meta_clauses(asked, scope, self._corpus):
            if meta.refusal:
                self._tell_refusal(draft, meta.refusal, [])
            for clause in meta.clauses:
                draft.tell(clause, [Span(clause.start, clause.end)])
        elif 0 < len(named := self._named_clauses(asked, scope)) <= N_NAMED:
            self._tell_named(draft, asked, named)
        else:
            self._tell_found(draft, asked, scope)
        if draft.status != "refused":
            draft.notices += self._notices(draft, asked, scope, question)
        return draft.finish(question, self._corpus.version)

    def decide(self, rule: str, question: Question) -> Answer:
        """Decide one rule on stated facts; the words of the question are not read."""
        require_rules(self._calculator)
        book = self._calculator.book
        if book.rules.get(rule) is None and rule not in book.parameters:
            raise RequestInvalid(
                f"没有这条规则：{rule}", hint="用 tiaowen rules list 或 GET /v1/rules 查看全部规则"
            )
        return self._decide(rule, question, read_stated(self._calculator, question.facts))

    def check(self, question: Question, subject: str) -> Answer:
        """Decide the verdict about a subject that the stated facts fit best."""
        require_rules(self._calculator)
        stated = read_stated(self._calculator, question.facts)
        subjects = {v.subject for v in self._calculator.book.verdicts.values()}
        if subject not in subjects:
            raise RequestInvalid(f"不认识的检查对象：{subject}", hint=f"可选：{'、'.join(sorted(subjects))}")
        verdict = choose_verdict(self._calculator, subject, stated, self._lineage(question))
        # Where no verdict binds the place, the one of another place says whose rule it is, and decides nothing.
        verdict = verdict or choose_verdict(self._calculator, subject, stated, None)
        assert verdict is not None
        return self._decide(verdict.key, question, stated)

    def _decide(self, rule: str, question: Question, stated: Mapping[str, Stated]) -> Answer:
        asked = self.understand(question)
        draft = Draft(asked, self._documents, self._regions, self._messages)
        self._tell_ruling(draft, rule, question, stated)
        if draft.status != "refused":
            draft.notices += self._notices(draft, asked, Scope(frozenset()), question)
        return draft.finish(question, self._corpus.version, key=rule)

    def _tell_ruling(self, draft: Draft, rule: str, question: Question, stated: Mapping[str, Stated]) -> None:
        finding = self._calculator.decide(rule, stated, question.as_of, self._lineage(question))
        self._teller.tell(draft, finding, question)

    def _lineage(self, question: Question) -> Lineage:
        return frozenset(self._regions.ancestors(question.region)) if question.region else None

    def understand(self, question: Question) -> Understanding:
        """Read a question against this corpus."""
        return understand_question(question, self._finder, self._regions, self._sources)

    def search(self, query: Question, document: str | None, top_k: int) -> list[Passage]:
        """Rank clauses for a query; `document` alone may answer where it is given."""
        asked = self.understand(query)
        documents = self._scopes.choose(asked, query.as_of).documents
        if document:
            documents = frozenset([document])
        return self._retriever.retrieve(self._retriever.expand(asked.bare), documents, top_k)

    def explain_evidence(self, question: Question) -> tuple[float, ...] | None:
        """Features of the best clause; None where place, day or a missing figure refuses the question."""
        asked = self.understand(question)
        scope = self._scopes.choose(asked, question.as_of)
        if refuse_early(asked, scope, self._scopes.covered, question.as_of):
            return None
        evidence = [r.evidence for r in self._ranker.rank(asked, scope)]
        if not evidence or refuse_content(asked, evidence, self._documents):
            return None
        return evidence[0].features

    def _tell_found(self, draft: Draft, asked: Understanding, scope: Scope) -> None:
        ranked = self._ranker.rank(asked, scope)
        evidence = [r.evidence for r in ranked]
        refusal = refuse_evidence(asked, evidence, self._documents)
        if refusal:
            self._tell_refusal(draft, refusal, evidence)
            return
        for selection in select_evidence(asked, ranked, self._ranker.sides(asked), self._documents):
            self._tell_selection(draft, asked, selection)

    def _named_clauses(self, asked: Understanding, scope: Scope) -> tuple[Clause, ...]:
        """The clauses named by number that may answer, those of the place's own documents where it has any."""
        clauses = tuple(c for c in asked.references.clauses if c.document in scope.documents)
        own = {place.code for place in asked.places} or {asked.home.code if asked.home else ""}
        near = tuple(c for c in clauses if self._documents[c.document].region in own)
        return clauses if asked.references.documents or not near else near

    def _tell_named(self, draft: Draft, asked: Understanding, named: tuple[Clause, ...]) -> None:
        """Clauses named by number: the sentences asked for, or the whole where none is."""
        for ranked in self._ranker.rank_named(asked, named):
            evidence, clause = ranked.evidence, ranked.evidence.clause
            is_vague = evidence.best < _VAGUE and clause.end - clause.start <= _SHORT
            spans = [s.span for s in evidence.sentences] if is_vague else choose_sentences(asked, evidence)
            self._tell_selection(draft, asked, Selection(clause, tuple(spans)))

    def _tell_selection(self, draft: Draft, asked: Understanding, selection: Selection) -> None:
        """Quote a clause; a heading, or a sentence that opens a list, is told with what stands under it.

        So are the short further paragraphs of an article: they finish what the first says.
        """
        clause = selection.clause
        children = self._children.get(clause.clause_id, [])
        last = selection.spans[-1]
        opens_list = self._documents[clause.document].source[last.start : last.end].endswith(("：", ":"))
        if clause.kind != "heading" or not children:
            draft.tell(clause, selection.spans)
        further = [c for c in children if c.kind == "paragraph"]
        if clause.kind == "clause" and sum(c.end - c.start for c in further) <= _SHORT // 3:
            for child in further:
                draft.tell(child, [Span(child.start, child.end)])
        if clause.kind == "heading" or opens_list:
            for ranked in self._ranker.rank_named(asked, tuple(children)):
                first = ranked.evidence.sentences[0]
                draft.tell(ranked.evidence.clause, sorted({first.span, ranked.evidence.best_sentence.span}))

    def _tell_refusal(self, draft: Draft, refusal: Refusal, evidence: Sequence[Evidence]) -> None:
        draft.refuse(refusal.template, refusal.values)
        for found in evidence[:N_NEAREST]:
            if found.probability >= refusal.nearest_from:
                draft.tell(found.clause, [found.best_sentence.span])

    def _notices(self, draft: Draft, asked: Understanding, scope: Scope, question: Question) -> list[str]:
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
