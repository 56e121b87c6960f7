"""Clauses → claims of a draft: named ones, found ones, and those nearest to a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue.draft import Draft
from assistant.dialogue.evidence import Evidence
from assistant.dialogue.premise import check_premises, check_row, has_premise
from assistant.dialogue.rank import Ranker
from assistant.dialogue.refuse import Refusal
from assistant.dialogue.select import Selection, choose_sentences
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_sentences
from assistant.models import Clause, Span

N_NEAREST = 2
"""Clauses shown beside a refusal."""
_SHORT = 450
"""Code points of a clause that is shown whole where the asker named it by its number."""
_MOST_UNDER = 8
"""What is told under a heading where more stands there: of a long table the rows that meet the question best."""
_COLONS = ("：", ":")
_BARE_OPENING = 8
"""Characters of a sentence that opens a list and says nothing of its items: 具体目标：."""
_VAGUE = 0.3
"""Score of the best sentence below which a question wants the clause as a whole."""


class ClauseTeller:
    """Tells clauses of one corpus in drafts."""

    def __init__(self, corpus: Corpus, ranker: Ranker) -> None:
        self._documents = corpus.document_by_id
        self._ranker = ranker
        self._by_id = corpus.clause_by_id
        self._children: dict[str, list[Clause]] = {}
        for clause in corpus.clause_by_id.values():
            if clause.parent:
                self._children.setdefault(clause.parent, []).append(clause)

    def tell_named(
        self, draft: Draft, asked: Understanding, named: tuple[Clause, ...], *, in_full: bool = False
    ) -> None:
        """Clauses named by number: the sentences asked for, or the whole where none is."""
        if in_full:
            self.tell_whole(draft, named)
            return
        for row in (c for c in named if c.cells and has_premise(asked.text)):
            self._correct_row(draft, asked, row)
        for ranked in self._ranker.rank_named(asked, named):
            evidence, clause = ranked.evidence, ranked.evidence.clause
            is_vague = evidence.best < _VAGUE and clause.end - clause.start <= _SHORT
            spans = [s.span for s in evidence.sentences] if is_vague else choose_sentences(asked, evidence)
            self.tell_selection(draft, asked, Selection(clause, tuple(spans)))

    def tell_selections(self, draft: Draft, asked: Understanding, selections: Sequence[Selection]) -> None:
        """What was chosen, behind what the asker took for granted."""
        if has_premise(asked.text) and selections:
            self._tell_premises(draft, asked, selections)
        told_with = [c for s in selections for c in self._list_further(s.clause)]
        for selection in selections:
            if selection.clause not in told_with:
                self.tell_selection(draft, asked, selection)

    def _tell_premises(self, draft: Draft, asked: Understanding, selections: Sequence[Selection]) -> None:
        """What is wrong in what was taken for granted, by all that the first document says to the question."""
        document = self._documents[selections[0].clause.document]
        told = [
            (s.clause, span)
            for s in selections
            if s.clause.document == document.id
            for span in ([Span(s.clause.start, s.clause.end)] if s.clause.cells else s.spans)
        ]
        has_row = [self._correct_row(draft, asked, s.clause) for s in selections if s.clause.cells]
        for premise in check_premises(asked.text, document, [span for _, span in told]):
            if premise.is_right or any(has_row):
                continue
            # The sentence with the figure is cited, for a figure stands in the words that it is told by.
            having = [c for c in told if premise.found in document.source[c[1].start : c[1].end]]
            draft.correct(premise.said, premise.found, draft.cite(*having[0]).n)

    def _correct_row(self, draft: Draft, asked: Understanding, row: Clause) -> bool:
        """What is wrong in what was taken for granted of the row of a table; whether anything was."""
        premises = check_row(asked.text, row)
        for premise in premises:
            if not premise.is_right:
                draft.correct(premise.said, premise.found, draft.cite(row, Span(row.start, row.end)).n)
        return bool(premises)

    def tell_selection(self, draft: Draft, asked: Understanding, selection: Selection) -> None:
        """Quote a clause; a heading, or a sentence that opens a list, is told with what stands under it.

        So are the short further paragraphs of an article: they finish what the first says. An item is told behind the
        sentence that opens its list, which says what is so of it: 下列人员不得参加.
        """
        clause = selection.clause
        self._tell_opening(draft, clause)
        children = self._children.get(clause.clause_id, [])
        last = selection.spans[-1]
        opens_list = self._documents[clause.document].source[last.start : last.end].endswith(_COLONS)
        if clause.kind != "heading" or not children:
            draft.tell(clause, selection.spans)
        further = self._list_further(clause)
        if clause.kind == "heading" or opens_list:
            self._tell_list(
                draft, asked, [c for c in children if c.kind != "heading" or not c.cells], further
            )
        else:
            self.tell_whole(draft, further)

    def _list_further(self, clause: Clause) -> list[Clause]:
        """The further paragraphs of an article that are told with it; none where they are long."""
        further = [c for c in self._children.get(clause.clause_id, ()) if c.kind == "paragraph"]
        is_short = sum(c.end - c.start for c in further) <= _SHORT // 3
        return further if clause.kind == "clause" and is_short else []

    def _tell_list(
        self, draft: Draft, asked: Understanding, items: Sequence[Clause], always: Sequence[Clause]
    ) -> None:
        """What stands under a heading or behind a colon, in reading order: of much, what meets the question best."""
        ranks = self._ranker.rank_named(asked, tuple(items))
        least = sorted((r.score for r in ranks), reverse=True)[:_MOST_UNDER][-1:]
        for ranked in (r for r in ranks if r.score >= least[0] or r.evidence.clause in always):
            first = ranked.evidence.sentences[0]
            draft.tell(ranked.evidence.clause, sorted({first.span, ranked.evidence.best_sentence.span}))

    def _tell_opening(self, draft: Draft, item: Clause) -> None:
        """The sentence that opens the list of an item, once."""
        opener = self._by_id.get(item.parent or "")
        if item.kind != "clause" or opener is None or not opener.text.endswith(_COLONS):
            return
        source = self._documents[opener.document].source
        span = split_sentences(source, opener.start, opener.end)[-1]
        if len(squeeze(source[span.start : span.end])) <= _BARE_OPENING:
            return
        if not any(c.clause_id == opener.clause_id and c.end >= span.end for c in draft.citations):
            draft.tell(opener, [span])

    def tell_whole(self, draft: Draft, clauses: Sequence[Clause]) -> None:
        """Clauses as they stand."""
        for clause in clauses:
            draft.tell(clause, [Span(clause.start, clause.end)])

    def tell_refusal(self, draft: Draft, refusal: Refusal, evidence: Sequence[Evidence]) -> None:
        """Why there is no answer, the nearest clauses, and whom to ask."""
        draft.refuse(refusal.template, refusal.values)
        near = [e for e in evidence[:N_NEAREST] if e.probability >= refusal.nearest_from]
        for found in near:
            draft.tell(found.clause, [found.best_sentence.span])
        for document in dict.fromkeys(e.clause.document for e in near[:1]):
            contacts = [c for c in self._documents[document].clauses if is_contact(c)]
            if contacts:
                draft.remark("contact")
            self.tell_whole(draft, contacts)


def is_contact(clause: Clause) -> bool:
    """A line that says whom to ask."""
    return clause.kind == "meta" and "contact" in clause.path
