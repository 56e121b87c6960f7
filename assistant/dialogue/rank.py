"""Understood question → scored evidence, best first, from every side the question has.

In: `Understanding` and `Scope`. Out: `Ranked` evidence. One search for the whole question, one for each of
its parts and one for each side of a comparison: a clause that answers half a question is rarely near the
top for all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.dialogue import wording
from assistant.dialogue.evidence import Evidence, EvidenceScorer
from assistant.dialogue.premise import find_claims, has_premise
from assistant.dialogue.refuse import PAPERS, says_papers
from assistant.dialogue.scope import Scope
from assistant.dialogue.select import Ranked, rank_score
from assistant.dialogue.sides import Side
from assistant.dialogue.table_grid import is_total
from assistant.dialogue.understand import Understanding
from assistant.dialogue.weigh import list_titles, says_name
from assistant.documents.catalog import Corpus
from assistant.documents.normalize import squeeze
from assistant.models import Clause, Passage
from assistant.retrieval.retrieve import Retriever

N_PASSAGES = 12
N_PASSAGES_OF_PART = 4
NAMED_LEAD = 0.15
"""Lead of a clause in the annex or part that the question names."""
ROW_LAG = 0.03
"""Lag of a table's row: what body and annex both say is told from the body."""
ALIKE_LAG = 0.2
"""Lag of rows that a question does not tell apart: it names the table's columns and none of them."""
_N_ALIKE = 3
FORM_LAG = 0.08
"""Lag of a row to be filled in: what a form repeats of a rule is told from the rule."""
FIGURE_LAG = 0.15
"""Lag of a clause without a figure, where one is taken for granted."""
OPENING_LAG = 0.15
"""Lag of a document's opening paragraph where the question says what the document is about: it says that and no more."""
_OPENING = re.compile(r"(?:^|\.)p1$")
PAPERS_LEAD = 0.15
"""Lead of a clause that says which papers are handed in, where they are asked for."""
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百]+(?:分之|成|倍)")
NAME_LEAD = 0.15
"""Lead of a clause that gives names, where it is asked what something is called."""
_NEAR_BEST = 0.8
"""Share of the best sentence's score from which a sentence may hold the name asked for."""
_NAME = re.compile(r"“([^“”]{2,10})”")
_ASIDE = re.compile(r"[（(][^（()）]*[)）]")
PLACE_LEAD = 0.15
"""Lead of the own documents of a place that the question names."""
HOME_LEAD = 0.1
"""Lead of the own documents of the asker's place before those of its superiors."""


class Ranker:
    """Finds and scores the clauses of one corpus."""

    def __init__(self, corpus: Corpus, retriever: Retriever, scorer: EvidenceScorer) -> None:
        self._corpus = corpus
        self._retriever = retriever
        self._scorer = scorer
        self._names_of_rows = {
            d.id: {squeeze(cell.text) for c in d.clauses if c.kind == "row" for cell in c.cells}
            for d in corpus.documents
        }

    def rank(self, asked: Understanding, scope: Scope) -> list[Ranked]:
        """Evidence by falling score, ties by clause id; empty where nothing matches."""
        query = self._retriever.expand(self._say_rows(asked, scope) + asked.bare)
        found = self._retriever.retrieve(query, scope.documents, N_PASSAGES)
        for side in self.sides(asked):
            found += self._retriever.retrieve(query, side.documents & scope.documents, N_PASSAGES)
        for aspect in asked.aspects:
            part = self._retriever.expand(aspect)
            found += self._retriever.retrieve(part, scope.documents, N_PASSAGES_OF_PART, by_words=True)
        # The headers of a table are told with each row, and answer nothing alone.
        found = [p for p in found if p.clause.kind != "heading" or not p.clause.cells]
        if not asked.meta:
            # A title says what a text is about, not what it rules.
            found = [p for p in found if p.clause.kind != "title"]
        best = {passage.clause.clause_id: passage for passage in reversed(found)}
        scored = self._scorer.score(query, asked, list(best.values()))
        alike = _find_alike([e for e in scored if e.clause.kind == "row"])
        summed = {e.clause.parent for e in scored if is_total(e.clause)}
        scored = [e for e in scored if e.clause.clause_id not in alike or e.clause.parent not in summed]
        is_claimed = has_premise(asked.text) and bool(find_claims(asked.text))
        ranked = [
            Ranked(
                e,
                round(
                    rank_score(e)
                    + self._lead(e.clause, asked, scope, is_claimed=is_claimed)
                    + self._lead_of_name(e, asked)
                    - (ALIKE_LAG if e.clause.clause_id in alike else 0.0),
                    6,
                ),
            )
            for e in scored
        ]
        return sorted(ranked, key=lambda r: (-r.score, r.evidence.clause.clause_id))

    def _say_rows(self, asked: Understanding, scope: Scope) -> str:
        """The places of a question that rows of a table are for: there a name says of what, not only where."""
        return "".join(
            p.name for p in asked.places if any(p.name in self._names_of_rows[d] for d in scope.documents)
        )

    def _speaks_of(self, clause: Clause, scopes: tuple[str, ...]) -> bool:
        """Whether a clause says something of a named annex by its number: 附件3明确的培训只接受企业申请考核."""
        own = (s.rstrip(".") for s in scopes if s.startswith(f"{clause.document}#"))
        labels = [c.label for i in own if (c := self._corpus.clause_by_id.get(i))]
        # （见附件3） only points there.
        text = _ASIDE.sub("", squeeze(clause.text)) if labels and clause.kind != "meta" else ""
        return any(label in text for label in labels)

    def _lead_of_name(self, evidence: Evidence, asked: Understanding) -> float:
        """What a clause with names in quotation marks stands before others, where it is asked what something is called."""
        if asked.meta or not wording.ASKS_NAME.search(asked.text):
            return 0.0
        source = self._corpus.document_by_id[evidence.clause.document].source
        near = (s.span for s in evidence.sentences if s.score >= _NEAR_BEST * evidence.best)
        names = (n for start, end in near for n in _NAME.findall(source[start:end]))
        return NAME_LEAD if any(name not in asked.text for name in names) else 0.0

    def rank_named(self, asked: Understanding, clauses: tuple[Clause, ...]) -> list[Ranked]:
        """Evidence for given clauses, in their order."""
        passages = [Passage(clause, 1.0, rank) for rank, clause in enumerate(clauses, start=1)]
        scored = self._scorer.score(self._retriever.expand(asked.bare), asked, passages)
        return [Ranked(evidence, rank_score(evidence)) for evidence in scored]

    def sides(self, asked: Understanding) -> list[Side]:
        """The sides of a comparison: named documents, places' own documents, an annex and the body."""
        named = asked.references.documents
        sides = [Side(frozenset([document_id])) for document_id in sorted(named)]
        levels = asked.levels if asked.is_comparison else ()
        near = (self._find_near(place.code) for place in asked.places)
        for code in dict.fromkeys([*near, *levels]):
            own = frozenset(d.id for d in self._corpus.documents if d.region == code and not d.only_for)
            if own and not own & named:
                sides.append(Side(own))
        if len(sides) > 1:
            return sides
        scopes = asked.references.scopes
        if scopes and (asked.asks_sameness or wording.SPEAKS_OF_BODY.search(asked.text)):
            owners = frozenset(scope.partition("#")[0] for scope in scopes)
            return [Side(owners, scopes, inside=False), Side(owners, scopes)]
        return []

    def _find_near(self, code: str) -> str:
        """Code of the place whose own documents speak for a place: of 许昌市, which has none, that of its province."""
        own = {d.region for d in self._corpus.documents}
        above = (code, f"{code[:4]}00", f"{code[:2]}0000")
        return next((c for c in above if c in own), code)

    def _lead(self, clause: Clause, asked: Understanding, scope: Scope, *, is_claimed: bool) -> float:
        """What a clause stands before others, or behind them.

        Args:
            is_claimed: whether the question takes a figure for granted.
        """
        region = self._corpus.document_by_id[clause.document].region
        scopes = asked.references.scopes
        is_named = bool(scopes) and (clause.clause_id.startswith(scopes) or self._speaks_of(clause, scopes))
        lead = NAMED_LEAD if is_named else -_lag_of_row(clause)
        if is_claimed and not _FIGURE.search(clause.text):
            # 任务是8000吗 is borne out, or not, by a clause with a figure.
            lead -= FIGURE_LAG
        if _OPENING.search(clause.path) and clause.parent is None and not asked.meta:
            titles = list_titles(self._corpus.document_by_id[clause.document])
            lead -= OPENING_LAG if says_name(squeeze(asked.bare), titles) else 0.0
        if asked.operation in PAPERS and says_papers(clause.text):
            lead += PAPERS_LEAD
        if scope.preferred:
            return lead + (PLACE_LEAD if region in scope.preferred else 0.0)
        is_home = asked.home is not None and region == asked.home.code
        return lead + (HOME_LEAD if is_home else 0.0)


def _find_alike(rows: Sequence[Evidence]) -> set[str]:
    """Ids of rows of one table that all say the same of a question: 2025年要完成多少人次 of a table of towns by year."""
    tables: dict[str | None, list[Evidence]] = {}
    for row in rows:
        if not is_total(row.clause):
            tables.setdefault(row.clause.parent, []).append(row)
    alike = (t for t in tables.values() if len(t) >= _N_ALIKE and len({r.covered for r in t}) == 1)
    return {r.clause.clause_id for table in alike for r in table}


def _lag_of_row(clause: Clause) -> float:
    """What a row stands back behind the body; one without headers is a row of a form."""
    if clause.kind != "row":
        return 0.0
    return ROW_LAG if any(cell.header for cell in clause.cells) else FORM_LAG
