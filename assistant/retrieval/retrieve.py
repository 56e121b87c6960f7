"""Query → ranked passages: both legs, fused, the best piece of each clause standing for it.

In: a query and the documents that may answer. Out: `Passage`s, ties by clause id. The document filter acts
before ranking. Both legs' scores are taken for the union of their candidates, so that the answer is the
same whether Chroma or the exact scan found them. A reranker, where there is one, orders the first of them anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.config import RetrievalSettings
from assistant.models import Clause, Passage
from assistant.retrieval.embed import Embedder
from assistant.retrieval.fuse import add_company, fuse_scores
from assistant.retrieval.opened import OpenedIndex
from assistant.retrieval.rerank import Reranker, rerank_passages
from assistant.retrieval.segment import Segmenter
from assistant.retrieval.thesaurus import Thesaurus
from assistant.stages import staged

EXPANSION_WEIGHT = 0.5
"""What an official word counts that the asker only hinted at in lay words."""

# Letterhead lines and bare headings answer few questions; what asks for them finds them by their kind.
KIND_WEIGHT = {"title": 0.6, "meta": 0.6, "heading": 0.7}
STATUTE_WEIGHT = 1.2
"""What a clause of a statute counts beside one of a rule made under it that says as much: the higher law speaks first."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for.

    Attributes:
        text: the question without the words that only say where to look.
        official: official words for the lay ones in it.
    """

    text: str
    official: tuple[str, ...] = ()


class Retriever:
    """Ranks the clauses of an opened index."""

    def __init__(  # noqa: PLR0913, PLR0917 what a retriever is made of, chosen in `app` alone
        self,
        clause_by_id: Mapping[str, Clause],
        index: OpenedIndex,
        embedder: Embedder,
        thesaurus: Thesaurus,
        settings: RetrievalSettings,
        reranker: Reranker | None = None,
        statutes: frozenset[str] = frozenset(),
    ) -> None:
        """Make ready.

        Args:
            reranker: orders the first passages anew; None leaves them.
            statutes: ids of documents whose clauses come before those of lower instruments.
        """
        self.index = index
        self.embedder = embedder
        self.thesaurus = thesaurus
        self.segmenter: Segmenter = index.segmenter
        self._settings = settings
        self._reranker = reranker
        self._clauses = [clause_by_id[chunk.clause_id] for chunk in index.chunks]
        self._kind_weights = np.array([KIND_WEIGHT.get(c.kind, 1.0) for c in self._clauses], dtype=np.float32)
        # Documents by number: comparing a hundred thousand ids for each question would take longer than the search.
        self._documents, self._numbers = np.unique([c.document for c in index.chunks], return_inverse=True)
        rank = np.array([STATUTE_WEIGHT if d in statutes else 1.0 for d in self._documents], dtype=np.float32)
        self._rank_weights = rank[self._numbers]

    def expand(self, text: str) -> Query:
        """Add the official words that the thesaurus knows for the lay ones of `text`.

        A question without a Chinese character is searched for by its official words alone.
        """
        official = dict.fromkeys(word for e in self.thesaurus.expand(text) for word in e.means)
        if official and not _CHINESE.search(text):
            return Query("，".join(official))
        return Query(text, tuple(word for word in official if word not in text))

    @staged("retrieve")
    def retrieve(
        self, query: Query, documents: frozenset[str] | None, top_k: int, *, by_words: bool = False
    ) -> list[Passage]:
        """Rank clauses for a query.

        Args:
            documents: ids of the documents that may answer; None means all.
            top_k: most passages returned.
            by_words: only the lexical leg finds candidates; the vectors still score them. For a part of a
                question that has been searched for as a whole.

        Returns:
            Passages by falling score, ties by clause id; empty where nothing matches at all. With a reranker the
            first `settings.reranked` of them stand by its score; `top_k` cuts afterwards.
        """
        allowed = self._allowed(documents)
        lexical = self._lexical(query) * allowed
        vector = self._vector(query)
        found = [] if by_words else self.index.leg.search(vector, self._settings.candidates, documents)
        best = np.argsort(-lexical, kind="stable")[: self._settings.candidates]
        union = np.array(
            sorted({p for p, _ in found} | {int(p) for p in best if lexical[p] > 0}), dtype=np.int64
        )
        if not len(union):
            return []
        dense = self.index.vectors[union] @ vector
        fused = fuse_scores(lexical[union], dense, self._settings.bm25_weight) * self._weights(union)
        fused = add_company(fused, self._numbers[union])
        order = self._order(union, fused)
        passages = self._rank(union, order, fused, lexical[union], dense)
        if self._reranker is not None:
            texts = [self.index.chunks[union[i]].text for i in order[: self._settings.reranked]]
            passages = rerank_passages(self._reranker, query.text, passages, texts)
        return passages[:top_k]

    def _weights(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """What each candidate counts, at most 1."""
        rank = self._rank_weights[positions]
        weights: NDArray[np.float32] = self._kind_weights[positions] * rank / rank.max()
        return weights

    def _allowed(self, documents: frozenset[str] | None) -> NDArray[np.float32]:
        if documents is None:
            return np.ones(len(self._numbers), dtype=np.float32)
        allowed: NDArray[np.float32] = np.isin(self._documents, sorted(documents)).astype(np.float32)
        return allowed[self._numbers]

    def _lexical(self, query: Query) -> NDArray[np.float32]:
        scores = self.index.lexical.scores(self.segmenter.terms(query.text))
        if query.official:
            scores = scores + EXPANSION_WEIGHT * self.index.lexical.scores(
                self.segmenter.terms("。".join(query.official))
            )
        return scores

    def _vector(self, query: Query) -> NDArray[np.float32]:
        vector = self.embedder.embed_query(query.text)
        if query.official:
            vector = vector + EXPANSION_WEIGHT * self.embedder.embed_query("，".join(query.official))
        length = float(np.linalg.norm(vector))
        unit: NDArray[np.float32] = (vector / length if length else vector).astype(np.float32)
        return unit

    def _order(self, positions: NDArray[np.int64], fused: NDArray[np.float32]) -> list[int]:
        """The best candidate of each clause, by falling fused score, ties by clause id: indices into `positions`."""
        best: dict[str, int] = {}
        for i, position in enumerate(positions):
            clause_id = self._clauses[position].clause_id
            if clause_id not in best or fused[i] > fused[best[clause_id]]:
                best[clause_id] = i
        return [best[clause_id] for clause_id in sorted(best, key=lambda c: (-float(fused[best[c]]), c))]

    def _rank(
        self,
        positions: NDArray[np.int64],
        order: Sequence[int],
        fused: NDArray[np.float32],
        lexical: NDArray[np.float32],
        dense: NDArray[np.float32],
    ) -> list[Passage]:
        return [
            Passage(
                clause=self._clauses[positions[i]],
                score=round(float(fused[i]), 6),
                rank=rank,
                legs={"bm25": round(float(lexical[i]), 6), "dense": round(float(dense[i]), 6)},
            )
            for rank, i in enumerate(order, start=1)
        ]
