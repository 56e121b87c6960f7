"""The evaluation questions put to our search, to its first stage alone, and to LangChain over the same source texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import track

from assistant.app import Assistant, open_assistant
from assistant.config import Settings
from assistant.retrieval.embed import load_embedder
from evals.bench.figures import Figure
from evals.bench.quality import CUT, score_ranks
from evals.bench.systems import FIRST_STAGE, LANGCHAIN, OURS, Run, tell_quality, tell_speed
from evals.cases import Case
from evals.metrics.ranking import Place, rank_places, recall_of

CUTS = (1, 3, 5)

Find = Callable[[Case], list[Place]]


def choose_cases(cases: Sequence[Case]) -> list[Case]:
    """Those that one search can answer: without earlier turns, and with clauses that answer them."""
    return [c for c in cases if c.gold and not c.history and c.expect in ("answer", "verdict")]


def measure_cases(
    name: str, cases: Sequence[Case], settings: Settings, open_peer: Callable[..., Any] | None
) -> list[Figure]:
    """Quality, hits in the first places, and speed.

    Args:
        open_peer: makes LangChain's pipeline of texts, metadatas and an embedder; None leaves it out.
    """
    assistant = open_assistant(settings)
    sources = {d.id: d.source for d in assistant.corpus.documents}
    finds: dict[str, Find] = {
        OURS: lambda case: _search(assistant, case),
        FIRST_STAGE: lambda case: _retrieve(assistant, case),
    }
    if open_peer:
        embedder = load_embedder(settings.retrieval.embedder)
        peer = open_peer(list(sources.values()), [{"document": d} for d in sources], embedder, CUT)
        finds[LANGCHAIN] = lambda case: _ask_peer(peer, case)
    run, hits = _run_cases(name, choose_cases(cases), finds, sources)
    return [*tell_quality(name, run, (LANGCHAIN,)), *hits, *tell_speed(name, run)]


def _search(assistant: Assistant, case: Case) -> list[Place]:
    found = assistant.search(case.question, region=case.region, top_k=CUT)
    return [Place(p.clause.document, p.clause.start, p.clause.end) for p in found]


def _retrieve(assistant: Assistant, case: Case) -> list[Place]:
    retriever = assistant.retriever
    found = retriever.retrieve(retriever.expand(case.question), None, CUT)
    return [Place(p.clause.document, p.clause.start, p.clause.end) for p in found]


def _ask_peer(peer: Any, case: Case) -> list[Place]:
    found = peer.search(case.question)[:CUT]
    return [Place(f["document"], f["start_index"], f["start_index"] + len(f["text"])) for f in found]


def _run_cases(
    name: str, cases: Sequence[Case], finds: Mapping[str, Find], sources: Mapping[str, str]
) -> tuple[Run, list[Figure]]:
    names = list(finds)
    run = Run({n: [] for n in names}, {n: [] for n in names})
    hits: dict[str, list[list[bool]]] = {n: [] for n in names}
    for find in finds.values():
        find(cases[0])
    for n, case in enumerate(track(cases, name, console=Console(stderr=True), transient=True)):
        for system in (*names[n % len(names) :], *names[: n % len(names)]):
            started = time.perf_counter()
            places = finds[system](case)
            run.taken[system].append(1000 * (time.perf_counter() - started))
            ranks = rank_places(case, places, lambda document: sources.get(document, ""))
            run.qualities[system].append(score_ranks(ranks))
            hits[system].append([recall_of(ranks, cut) > 0 for cut in CUTS])
    figures = [
        Figure(
            part=f"质量 {name}",
            label=f"命中@{cut}　{system}",
            unit="",
            median=share,
            low=share,
            high=share,
            n_runs=1,
        )
        for system, rows in hits.items()
        for cut, share in zip(
            CUTS, (sum(column) / len(rows) for column in zip(*rows, strict=True)), strict=True
        )
    ]
    return run, figures
