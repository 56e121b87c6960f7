"""Question → Answer: understand, choose documents, retrieve, select, word, verify.

In: a `Question`. Out: an `Answer`, the same bytes for the same question, corpus and day. Extractive: every
policy sentence is the document's own, and what evidence does not carry is refused with the nearest clauses.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from assistant.dialogue.cite import Citer
from assistant.dialogue.evidence import Evidence, EvidenceScorer
from assistant.dialogue.messages import Messages
from assistant.dialogue.metadata import find_meta_clauses
from assistant.dialogue.references import ReferenceFinder
from assistant.dialogue.refuse import Refusal, refuse_early, refuse_evidence
from assistant.dialogue.scope import Scope, ScopeChooser
from assistant.dialogue.select import Selection, choose_sentences, rank_score, select_evidence
from assistant.dialogue.understand import Understanding, understand_question
from assistant.dialogue.verify import MARK, Claim, verify_claims
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree
from assistant.models import Answer, AnswerStatus, Clause, Passage, Question, Span
from assistant.retrieval.retrieve import Query, Retriever

N_PASSAGES = 16
N_NEAREST = 2
_SHORT = 450
"""A clause up to this length is shown whole where the asker named it by its number."""


@dataclass(slots=True)
class _Draft:
    """An answer before the gate."""

    status: AnswerStatus
    citer: Citer
    claims: list[Claim] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class Answerer:
    """Answers questions about one corpus."""

    def __init__(self, corpus: Corpus, regions: RegionTree, retriever: Retriever, messages: Messages) -> None:
        self._corpus = corpus
        self._regions = regions
        self._retriever = retriever
        self._messages = messages
        self._finder = ReferenceFinder(corpus)
        self._scopes = ScopeChooser(corpus, regions)
        self._scorer = EvidenceScorer(retriever, corpus.document_by_id)
        self._sources = {d.id: squeeze(d.source) for d in corpus.documents}
        self._children: dict[str, list[Clause]] = {}
        for clause in corpus.clause_by_id.values():
            if clause.parent:
                self._children.setdefault(clause.parent, []).append(clause)

    def answer(self, question: Question) -> Answer:
        """Answer one question that stands on its own."""
        asked = understand_question(question, self._finder, self._regions, self._sources)
        scope = self._scopes.choose(asked, question.as_of)
        draft = _Draft("answered", Citer(self._corpus.document_by_id, self._regions))
        refusal = refuse_early(asked, scope, self._scopes.covered, question.as_of)
        meta = find_meta_clauses(asked, scope, self._corpus) if not refusal else None
        if refusal:
            self._tell_refusal(draft, refusal, self._evidence(asked, scope))
        elif meta:
            self._tell_meta(draft, asked, meta.clauses, meta.refusal)
        elif asked.references.clauses and len(asked.references.clauses) <= N_NEAREST + 1:
            self._tell_named(draft, asked)
        else:
            self._tell_retrieved(draft, asked, scope)
        self._add_notices(draft, asked, scope, question)
        return self._finish(draft, question)

    def search(self, query: Question, document: str | None, top_k: int) -> list[Passage]:
        """Rank clauses for a query; `document` alone may answer where it is given."""
        asked = understand_question(query, self._finder, self._regions, self._sources)
        documents = frozenset([document]) if document else self._scopes.choose(asked, query.as_of).documents
        return self._retriever.retrieve(self._retriever.expand(asked.bare), documents, top_k)

    # -- the ways to answer -------------------------------------------------------------------------

    def _tell_retrieved(self, draft: _Draft, asked: Understanding, scope: Scope) -> None:
        evidence = self._evidence(asked, scope)
        refusal = refuse_evidence(asked, evidence, self._corpus.document_by_id)
        if refusal:
            self._tell_refusal(draft, refusal, evidence)
            return
        selections = select_evidence(asked, evidence, self._corpus.document_by_id)
        for selection in selections:
            self._tell_selection(draft, asked, selection)

    def _tell_selection(self, draft: _Draft, asked: Understanding, selection: Selection) -> None:
        """Quote a clause; a bare heading is told with what stands under it."""
        children = self._children.get(selection.clause.clause_id, [])
        if selection.clause.kind == "heading" and children:
            self._tell_children(draft, asked, selection.clause, children)
            return
        self._tell(draft, asked, selection.clause, selection.spans)
        quote = self._corpus.document_by_id[selection.clause.document].source[selection.spans[-1].start : selection.spans[-1].end]
        if quote.rstrip().endswith(("：", ":")):
            self._tell_children(draft, asked, selection.clause, children)

    def _tell_named(self, draft: _Draft, asked: Understanding) -> None:
        """Clauses named by number: the sentences asked for, or the whole where none is."""
        passages = [Passage(c, 1.0, i, {}) for i, c in enumerate(asked.references.clauses, start=1)]
        for evidence in self._scorer.score(self._retriever.expand(asked.bare), asked, passages):
            clause = evidence.clause
            whole = tuple(s.span for s in evidence.sentences)
            is_general = evidence.best < 0.3 or clause.end - clause.start <= _SHORT // 3
            spans = whole if is_general and clause.end - clause.start <= _SHORT else tuple(choose_sentences(asked, evidence))
            self._tell_selection(draft, asked, Selection(clause, spans))

    def _tell_meta(self, draft: _Draft, asked: Understanding, clauses: tuple[Clause, ...], refusal: Refusal | None) -> None:
        if refusal:
            draft.status = "refused"
            draft.claims.append(Claim(self._messages.say(refusal.template, **refusal.values)))
        for clause in clauses:
            self._tell(draft, asked, clause, (Span(clause.start, clause.end),), label=clause.kind == "meta")

    def _tell_refusal(self, draft: _Draft, refusal: Refusal, evidence: list[Evidence]) -> None:
        draft.status = "refused"
        draft.claims.append(Claim(self._messages.say(refusal.template, **refusal.values)))
        nearest = [e for e in evidence[:N_NEAREST] if e.probability >= refusal.nearest_from]
        for i, found in enumerate(nearest):
            best = max(found.sentences, key=lambda s: (s.score, -s.span.start))
            claim = draft.citer.claim(found.clause, (best.span,))
            lead = self._messages.say("nearest") if i == 0 else ""
            draft.claims.append(replace(claim, text=lead + claim.text))

    def _tell_children(self, draft: _Draft, asked: Understanding, clause: Clause, children: list[Clause]) -> None:
        """The items of a list, each by its first sentence."""
        if not children:
            return
        passages = [Passage(c, 1.0, i, {}) for i, c in enumerate(children, start=1)]
        for evidence in self._scorer.score(Query(asked.bare), asked, passages):
            first = evidence.sentences[0].span
            best = max(evidence.sentences, key=lambda s: (s.score, -s.span.start)).span
            self._tell(draft, asked, evidence.clause, tuple(sorted({first, best})))

    def _tell(self, draft: _Draft, asked: Understanding, clause: Clause, spans: tuple[Span, ...], *, label: bool = False) -> None:
        claim = draft.citer.claim(clause, spans)
        lead = self._lead(draft, asked, clause)
        shown = f"{clause.label}：" if label and clause.label not in claim.text else ""
        draft.claims.append(replace(claim, text=lead + shown + claim.text))

    def _lead(self, draft: _Draft, asked: Understanding, clause: Clause) -> str:
        """Place and number, once for each run of claims from one instrument."""
        citation = draft.citer.citations[-1]
        said = [c for c in draft.citer.citations[:-1] if c.n < citation.n]
        if said and (said[-1].document, said[-1].number) == (citation.document, citation.number):
            return ""
        place = citation.region or "全国"
        lead = self._messages.say("lead", place=place, number=citation.number) if citation.number else self._messages.say("lead_unnumbered", place=place, title=citation.title)
        home = asked.home
        document = self._corpus.document_by_id[clause.document]
        if home and not asked.references.documents and document.region not in self._regions.ancestors(home.code):
            return self._messages.say("elsewhere", place=place, home=home.name) + "\n" + lead
        return lead

    # -- evidence, notices, the finished answer ---------------------------------------------------

    def _evidence(self, asked: Understanding, scope: Scope) -> list[Evidence]:
        """Scored passages for the question and each of its parts, best first."""
        best: dict[str, Passage] = {}
        query = self._retriever.expand(asked.bare)
        for text in (asked.bare, *asked.aspects):
            found = self._retriever.retrieve(self._retriever.expand(text), scope.documents, N_PASSAGES)
            for passage in found[: N_PASSAGES if text == asked.bare else N_PASSAGES // 4]:
                best.setdefault(passage.clause.clause_id, passage)
        scored = self._scorer.score(query, asked, list(best.values()))
        scored = self._prefer(scored, asked, scope)
        return sorted(scored, key=lambda e: (-rank_score(e), e.clause.clause_id))

    def _prefer(self, scored: list[Evidence], asked: Understanding, scope: Scope) -> list[Evidence]:
        """Keep to the annex or part that the question names, where it has anything to say."""
        scopes = asked.references.scopes
        if scopes and not asked.asks_sameness:
            inside = [e for e in scored if e.clause.clause_id.startswith(scopes)]
            return inside or scored
        return scored

    def _add_notices(self, draft: _Draft, asked: Understanding, scope: Scope, question: Question) -> None:
        if draft.status != "answered":
            return
        if scope.parent_only:
            draft.notices.append(self._messages.say("notice_parent", place=scope.parent_only.name))
        for document_id in dict.fromkeys(c.document for c in draft.citer.citations):
            document = self._corpus.document_by_id[document_id]
            if document.year and document.year < question.as_of.year:
                draft.notices.append(
                    self._messages.say("notice_year", title=document.title, year=document.year, as_of=question.as_of.isoformat())
                )
        if not asked.home and not asked.places and not asked.references.documents:
            draft.notices.append(self._messages.say("notice_region"))

    def _finish(self, draft: _Draft, question: Question) -> Answer:
        """Verify, renumber what is left, and give the answer its id."""
        claims = verify_claims(draft.claims, draft.citer.citations, self._corpus.document_by_id, question.text)
        if not any(c.cites for c in claims) and draft.status == "answered":
            draft.status, claims = "refused", [Claim(self._messages.say("refused_nothing"))]
        used = [n for claim in claims for n in claim.cites]
        order = {n: i for i, n in enumerate(dict.fromkeys(used), start=1)}
        text = "\n".join(MARK.sub(lambda m: f"[{order[int(m[1])]}]" if int(m[1]) in order else m[0], c.text) for c in claims)
        citations = tuple(replace(c, n=order[c.n]) for c in sorted(draft.citer.citations, key=lambda c: order.get(c.n, 0)) if c.n in order)
        key = "\x1f".join([question.text, question.region or "", question.as_of.isoformat(), self._corpus.version, text])
        digest = hashlib.sha256(key.encode()).hexdigest()
        return Answer(
            id=digest[:16], session_id=question.session_id or digest[16:32], status=draft.status, text=text,
            as_of=question.as_of, citations=citations, decision=None,
            notices=tuple(draft.notices), corpus_version=self._corpus.version,
        )
