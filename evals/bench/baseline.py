"""Our retrieval beside the usual recipe: chunks of 500 characters and BM25 over jieba's words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evals.bench.figures import Figure, build_figure
from evals.cases import Case
from evals.metrics.ranking import Place, rank_places, recall_of
from evals.metrics.text import remove_space

CHUNK = 500
OVERLAP = 100
CUTS = (1, 3, 5)

Search = Callable[[Case, int], list[Place]]
"""The best places for a case, at most so many."""


def read_sources(corpus_dir: Path) -> dict[str, str]:
    """Source text by document id."""
    paths = sorted((corpus_dir / "documents").glob("*/source.txt"))
    return {path.parent.name: path.read_text(encoding="utf-8") for path in paths}


def cut_chunks(sources: Mapping[str, str]) -> list[Place]:
    """Spans of `CHUNK` characters, each sharing `OVERLAP` with the one before."""
    return [
        Place(document, start, min(start + CHUNK, len(text)))
        for document, text in sources.items()
        for start in range(0, max(1, len(text) - OVERLAP), CHUNK - OVERLAP)
    ]


def build_naive(sources: Mapping[str, str]) -> Search:
    """Search over chunks that know no clause, region or synonym."""
    import bm25s
    import jieba
    import numpy as np

    jieba.setLogLevel(logging.WARNING)
    chunks = cut_chunks(sources)
    index = bm25s.BM25()
    index.index([jieba.lcut(sources[c.document][c.start : c.end]) for c in chunks], show_progress=False)

    def search_chunks(case: Case, top_k: int) -> list[Place]:
        scores = index.get_scores(jieba.lcut(case.question))
        return [chunks[i] for i in np.argsort(-scores, kind="stable")[:top_k]]

    return search_chunks


def measure_retrieval(cases: Sequence[Case], sources: Mapping[str, str], search: Search) -> list[Figure]:
    """Recall and hit rate of both; a hit is one gold clause or more among the first k.

    Args:
        cases: those without gold are left out.
        sources: by document id, as supplied.
        search: ours; its places count characters of `sources`.
    """
    # Without whitespace, so that the naive chunks are not filled with the blanks of scanned tables.
    squeezed = {document: remove_space(text) for document, text in sources.items()}
    naive = build_naive(squeezed)
    scored = [case for case in cases if case.gold]
    rivals = (("条问", search, sources), (f"{CHUNK} 字块 BM25", naive, squeezed))
    ranks = {name: _rank_all(scored, find, texts) for name, find, texts in rivals}
    figures = []
    for cut in CUTS:
        for name, by_case in ranks.items():
            recalls = [recall_of(one, cut) for one in by_case]
            hit_rate = sum(recall > 0 for recall in recalls) / len(recalls)
            recall_rate = sum(recalls) / len(recalls)
            figures.append(build_figure("检索", f"召回@{cut}　{name}", "", [recall_rate]))
            figures.append(build_figure("检索", f"命中@{cut}　{name}", "", [hit_rate]))
    return figures


def _rank_all(cases: Sequence[Case], search: Search, sources: Mapping[str, str]) -> list[list[int | None]]:
    """The ranks of every case's gold; `sources` are the texts that the places count."""
    return [
        rank_places(case, search(case, max(CUTS)), lambda document: sources.get(document, ""))
        for case in cases
    ]
