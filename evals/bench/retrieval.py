"""`tiaowen bench retrieval`: our retrieval beside BM25 and LangChain's hybrid, in quality, speed, memory and disk.

All systems take their turn on every question of one process; a ratio is taken between medians of the same run. On a set
that has training questions only those are asked that share no answer with any other (`sets.hold_out`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.retrieval.embed import Embedder, load_embedder
from assistant.retrieval.retrieve import Retriever
from evals.bench.cases_bench import measure_cases
from evals.bench.commands import ROOT
from evals.bench.figures import Figure, build_report, percentile, render_bench, save_bench
from evals.bench.own_pipeline import Built, build_documents, open_retriever
from evals.bench.plot import Dot, plot_dots
from evals.bench.quality import CUT, mean_quality, rank_ids, score_ranks
from evals.bench.sets import RetrievalSet, hold_out, read_set
from evals.bench.systems import (
    BM25,
    LANGCHAIN,
    OURS,
    VECTORS,
    WORDS,
    Run,
    tell_one,
    tell_quality,
    tell_speed,
)
from evals.cases import load_cases
from evals.report import REPORTS_DIR, stamp

INSTALL = "python -m pip install -e '.[bench]'"
_MOST_QUESTIONS = 1000
"""Questions asked of a set; more say no more."""

Search = Callable[[str], Sequence[str]]
"""Ids of passages for a question, best first."""


@dataclass(frozen=True, slots=True)
class RetrievalOptions:
    """What `tiaowen bench retrieval` was told.

    Attributes:
        folders: of sets in BEIR's layout.
        n_validation: questions of a set that were kept out of training, 0 where all questions may be asked.
        with_peer: ask LangChain too; it takes minutes to build on a large set.
        cases: files of evaluation questions, put to the index that serves.
    """

    folders: tuple[Path, ...]
    n_validation: int
    with_peer: bool
    cases: tuple[Path, ...]
    settings: Settings


def main_retrieval(options: RetrievalOptions) -> Path:
    """Measure every set, show a table, store figures and plot; returns the path of the figures.

    Raises:
        TiaowenError: a set cannot be read or indexed.
    """
    figures: list[Figure] = []
    dots: dict[str, list[Dot]] = {}
    skipped: list[str] = []
    for folder in options.folders:
        found, drawn = measure_set(read_set(folder), options, skipped)
        figures += found
        dots[folder.name] = drawn
    for path in options.cases:
        peer = _import_peer(skipped) if options.with_peer else None
        figures += measure_cases(path.stem, load_cases(path), options.settings, peer)
    report = build_report(figures, tuple(dict.fromkeys(skipped)))
    path = save_bench(report)
    plot = REPORTS_DIR / f"bench-{stamp(report.created)}.svg"
    plot.write_text(plot_dots(dots, "中位时间（毫秒）", f"召回@{CUT}"), encoding="utf-8")
    console = Console(highlight=False)
    console.print(render_bench(report))
    console.print(f"报告：{path}\n图：{plot}", markup=False, soft_wrap=True)
    return path


def write_hold_out(folder: Path, n_validation: int, path: Path) -> None:
    """Write the validation questions of a set as JSON lines with `id` and `text`.

    Raises:
        ConfigError: the set cannot be read, or the file not written.
    """
    chosen = read_set(folder)
    rows = [{"id": q, "text": chosen.queries[q]} for q in hold_out(chosen.qrels, n_validation)]
    try:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"写不了 {path}：{exc.strerror}", hint="检查目录和权限") from exc


def choose_questions(chosen: RetrievalSet, n_validation: int) -> list[str]:
    """Ids of the questions to ask, in order."""
    if n_validation:
        return hold_out(chosen.qrels, n_validation)
    return sorted(chosen.qrels)[:: max(1, len(chosen.qrels) // _MOST_QUESTIONS)]


def measure_set(
    chosen: RetrievalSet, options: RetrievalOptions, skipped: list[str]
) -> tuple[list[Figure], list[Dot]]:
    """All figures of one set."""
    embedder = load_embedder(options.settings.retrieval.embedder)
    asked = choose_questions(chosen, options.n_validation)
    with tempfile.TemporaryDirectory(prefix="tiaowen-bench-") as folder:
        index_dir = Path(folder) / "index"
        built = build_documents(chosen.documents, index_dir, embedder, options.settings.retrieval)
        retriever = open_retriever(index_dir, embedder, options.settings.retrieval)
        searches = list_own(chosen, retriever) | {BM25: build_bm25(chosen)}
        peer = open_peer(chosen, embedder, skipped) if options.with_peer else None
        if peer:
            searches[LANGCHAIN] = lambda query: [found["passage"] for found in peer.search(query)]
        run = run_systems(chosen, asked, searches)
        cost = measure_reopened(index_dir, [chosen.queries[q] for q in asked], Path(folder))
        figures = [*tell_quality(chosen.name, run, (BM25, LANGCHAIN)), *tell_speed(chosen.name, run)]
        figures += tell_cost(chosen.name, built, cost, peer)
        if peer:
            peer.close()
    dots = [
        Dot(name, percentile(run.taken[name], 0.5), mean_quality(run.qualities[name]).recall)
        for name in searches
    ]
    return figures, dots


def list_own(chosen: RetrievalSet, retriever: Retriever) -> dict[str, Search]:
    """Our retrieval, and each of its legs alone."""
    rows = [chosen.passages[chunk.clause_id] for chunk in retriever.index.chunks]

    def search_both(query: str) -> list[str]:
        found = retriever.retrieve(retriever.expand(query), None, CUT)
        return [chosen.passages[passage.clause.clause_id] for passage in found]

    def search_words(query: str) -> list[str]:
        scores = retriever.index.lexical.scores(retriever.segmenter.terms(query))
        return [rows[i] for i in np.argsort(-scores, kind="stable")[: 4 * CUT] if scores[i] > 0]

    def search_vectors(query: str) -> list[str]:
        return [
            rows[i] for i, _ in retriever.index.leg.search(retriever.embedder.embed_query(query), 4 * CUT)
        ]

    return {OURS: search_both, WORDS: search_words, VECTORS: search_vectors}


def build_bm25(chosen: RetrievalSet) -> Search:
    """The usual baseline: BM25 over jieba's words, over the same headings and texts."""
    import bm25s
    import jieba

    jieba.setLogLevel("WARNING")
    clauses = [clause for document in chosen.documents for clause in document.clauses]
    ids = [chosen.passages[clause.clause_id] for clause in clauses]
    numbers: dict[str, int] = {}
    cut = [
        [
            numbers.setdefault(word, len(numbers))
            for word in jieba.lcut(" ".join((*c.headings, c.text)))
            if word.strip()
        ]
        for c in track(clauses, "BM25", console=Console(stderr=True), transient=True)
    ]
    index = bm25s.BM25(k1=1.5, b=0.75, method="lucene")
    index.index((cut, numbers), create_empty_token=False, show_progress=False)

    def search(query: str) -> list[str]:
        known = [numbers[word] for word in jieba.lcut(query) if word in numbers]
        scores = index.get_scores_from_ids(known) if known else np.zeros(len(ids))
        return [ids[i] for i in np.argsort(-scores, kind="stable")[:CUT]]

    return search


def _import_peer(skipped: list[str]) -> Any:
    """LangChain's pipeline; None where it is not installed."""
    try:
        import langchain_chroma  # noqa: F401
        import langchain_classic  # noqa: F401
        import langchain_community  # noqa: F401
        import rank_bm25  # noqa: F401

        from evals.bench.peers.langchain_hybrid import LangChainHybrid
    except ModuleNotFoundError as exc:
        skipped.append(f"{LANGCHAIN}：没有安装 {exc.name}；{INSTALL}")
        return None
    return LangChainHybrid


def open_peer(chosen: RetrievalSet, embedder: Embedder, skipped: list[str]) -> Any:
    """LangChain's pipeline over the same passages; None where it is not installed."""
    peer = _import_peer(skipped)
    if peer is None:
        return None
    clauses = [clause for document in chosen.documents for clause in document.clauses]
    texts = ["\n".join((*clause.headings, clause.text)) for clause in clauses]
    metadatas = [{"passage": chosen.passages[clause.clause_id]} for clause in clauses]
    return peer(texts, metadatas, embedder, CUT)


def run_systems(chosen: RetrievalSet, asked: Sequence[str], searches: Mapping[str, Search]) -> Run:
    """Ask every question of every system, each question beginning with the next one."""
    names = list(searches)
    run = Run({name: [] for name in names}, {name: [] for name in names})
    for name in names:
        searches[name](chosen.queries[asked[0]])
    for n, query in enumerate(track(asked, chosen.name, console=Console(stderr=True), transient=True)):
        for name in (*names[n % len(names) :], *names[: n % len(names)]):
            started = time.perf_counter()
            found = searches[name](chosen.queries[query])
            run.taken[name].append(1000 * (time.perf_counter() - started))
            ranks = rank_ids(list(dict.fromkeys(found))[:CUT], chosen.qrels[query])
            run.qualities[name].append(score_ranks(ranks))
    return run


def measure_reopened(index_dir: Path, queries: Sequence[str], folder: Path) -> dict[str, float]:
    """What a process of its own pays to open the index and to ask."""
    asked = folder / "queries.json"
    asked.write_text(json.dumps(list(queries), ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", "evals.bench.own_pipeline", str(index_dir), str(asked)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    cost: dict[str, float] = json.loads(done.stdout)
    return cost


def tell_cost(name: str, built: Built, cost: Mapping[str, float], peer: Any) -> list[Figure]:
    """Building, opening, memory and disk."""
    part = f"代价 {name}"
    figures = [
        tell_one(part, f"建索引（{built.n_clauses} 条，{built.n_chunks} 片段）", "秒", built.seconds),
        tell_one(part, "建索引", "条/秒", built.n_clauses / built.seconds),
        *(tell_one(part, f"建索引·{stage}", "秒", s) for stage, s in built.stages.items() if s >= 0.05),
        tell_one(part, "索引大小", "MiB", built.disk / 2**20),
        tell_one(part, "重新打开", "秒", cost["open_s"]),
        tell_one(part, "单独进程 p50", "毫秒", cost["p50"]),
        tell_one(part, "单独进程 p99", "毫秒", cost["p99"]),
    ]
    if cost["rss_mib"] is not None:
        figures.append(tell_one(part, "进程内存（RSS）", "MiB", cost["rss_mib"]))
    if peer:
        figures.append(tell_one(part, f"建索引　{LANGCHAIN}", "秒", peer.build_seconds))
        figures.append(
            tell_one(part, f"建索引　{LANGCHAIN} ÷ 条问", "倍", peer.build_seconds / built.seconds)
        )
        figures.append(tell_one(part, f"向量库大小　{LANGCHAIN}", "MiB", peer.disk_bytes() / 2**20))
    return figures
