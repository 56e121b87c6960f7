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
from assistant.dialogue.select import Ranked, Selection, Side, choose_sentences, rank_score, select_evidence
from assistant.dialogue.understand import Understanding, understand_question
from assistant.dialogue.verify import MARK, Claim, verify_claims
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree
from assistant.models import Answer, AnswerStatus, Clause, Passage, Question, Span
from assistant.retrieval.retrieve import Query, Retriever

N_PASSAGES = 16
N_NEAREST = 2
_NAMED_LEAD, _PLACE_LEAD, _HOME_LEAD = 0.15, 0.1, 0.06
_SHORT = 450
"""A clause up to this length is shown whole where the asker named it by its number."""


@dataclass(slots=True)
class _Draft:
    """An answer before the gate."""

    status: AnswerStatus
    citer: Citer
    claims: list[Claim] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    shown: tuple[str, str] | None = None


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
            self._tell_refusal(draft, refusal, [r.evidence for r in self._rank(asked, scope)])
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
        ranked = self._rank(asked, scope)
        evidence = [r.evidence for r in ranked]
        refusal = refuse_evidence(asked, evidence, self._corpus.document_by_id)
        if refusal:
            self._tell_refusal(draft, refusal, evidence)
            return
        for selection in select_evidence(asked, ranked, self._sides(asked), self._corpus.document_by_id):
            self._tell_selection(draft, asked, selection)

    def _sides(self, asked: Understanding) -> list[Side]:
        """The sides of a comparison: documents named, places' own documents, an annex and the body."""
        named = asked.references.documents
        sides = [Side(frozenset([i])) for i in sorted(named)]
        for place in asked.places:
            own = frozenset(d.id for d in self._corpus.documents if d.region == place.code and not d.only_for)
            if own and not own & named:
                sides.append(Side(own))
        if len(sides) > 1:
            return sides
        scopes = asked.references.scopes
        if asked.asks_sameness and scopes:
            owners = frozenset(scope.partition("#")[0] for scope in scopes)
            return [Side(owners, scopes, inside=False), Side(owners, scopes)]
        return []

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
            self._tell(draft, asked, clause, (Span(clause.start, clause.end),))

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

    def _tell(self, draft: _Draft, asked: Understanding, clause: Clause, spans: tuple[Span, ...]) -> None:
        claim = draft.citer.claim(clause, spans)
        text = self._lead(draft, asked, clause) + _locate(clause, claim.text)
        draft.claims.append(replace(claim, text=text))

    def _lead(self, draft: _Draft, asked: Understanding, clause: Clause) -> str:
        """Place and number, once for each run of claims from one instrument."""
        citation = draft.citer.citations[-1]
        shown = (citation.document, citation.number)
        if draft.shown == shown:
            return ""
        draft.shown = shown
        place = citation.region or "全国"
        if citation.number:
            lead = self._messages.say("lead", place=place, number=citation.number)
        else:
            lead = self._messages.say("lead_unnumbered", place=place, title=citation.title)
        region = self._corpus.document_by_id[clause.document].region
        if asked.home and not asked.references.documents and region not in self._regions.ancestors(asked.home.code):
            lead = self._messages.say("elsewhere", place=place, home=asked.home.name) + "\n" + lead
        return lead

    # -- evidence, notices, the finished answer ---------------------------------------------------

    def _rank(self, asked: Understanding, scope: Scope) -> list[Ranked]:
        """Scored passages for the question, each of its parts and each side of it, best first."""
        best: dict[str, Passage] = {}
        searches = [(asked.bare, scope.documents, N_PASSAGES)]
        searches += [(aspect, scope.documents, N_PASSAGES // 4) for aspect in asked.aspects]
        searches += [(asked.bare, side.documents & scope.documents, N_PASSAGES) for side in self._sides(asked)]
        for text, documents, top_k in searches:
            for passage in self._retriever.retrieve(self._retriever.expand(text), documents, top_k):
                best.setdefault(passage.clause.clause_id, passage)
        scored = self._scorer.score(self._retriever.expand(asked.bare), asked, list(best.values()))
        ranked = [Ranked(e, round(rank_score(e) + self._preference(e.clause, asked, scope), 6)) for e in scored]
        return sorted(ranked, key=lambda r: (-r.score, r.evidence.clause.clause_id))

    def _preference(self, clause: Clause, asked: Understanding, scope: Scope) -> float:
        """A lead for the annex or part named, and for the place's own rules before its superiors'."""
        region = self._corpus.document_by_id[clause.document].region
        lead = _NAMED_LEAD if asked.references.scopes and clause.clause_id.startswith(asked.references.scopes) else 0.0
        if region in scope.preferred:
            return lead + _PLACE_LEAD
        return lead + (_HOME_LEAD if asked.home and region == asked.home.code and not scope.preferred else 0.0)

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


def _locate(clause: Clause, told: str) -> str:
    """Put the clause's label and heading before its words, unless they begin with them.

    A heading with digits is left out: its number would stand in no quote.
    """
    if clause.kind in ("title", "heading") or squeeze(told).startswith(squeeze(clause.label[-3:])):
        return told
    heading = clause.heading if clause.heading and clause.heading not in told and not any(c.isdigit() for c in clause.heading) else ""
    return f"{clause.label}{heading}：{told}"
