"""Our own pipeline over a retrieval set: built as `tiaowen index` builds, opened and asked as the product does.

`python -m evals.bench.own_pipeline INDEX QUERIES` opens an index in a process of its own and prints what that costs.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.config import RetrievalSettings, data_dir, load_settings
from assistant.documents.catalog import Corpus, dump_corpus, is_statute, parse_corpus
from assistant.documents.chunk import chunk_document
from assistant.models import Document
from assistant.retrieval.build import build_index
from assistant.retrieval.build_inputs import BuildInputs
from assistant.retrieval.embed import Embedder, load_embedder
from assistant.retrieval.opened import open_generation
from assistant.retrieval.rerank import load_reranker
from assistant.retrieval.retrieve import Retriever
from assistant.retrieval.thesaurus import load_thesaurus
from assistant.rules.load import RuleSource, dump_source
from evals.bench.server import read_rss

_VERSION = "0" * 12


@dataclass(frozen=True, slots=True)
class Built:
    """What a build cost.

    Attributes:
        stages: seconds by stage of the build, in order.
        n_clauses, n_chunks: clauses that were indexed, and the pieces they were cut into.
        disk: bytes of the generation.
    """

    seconds: float
    stages: dict[str, float]
    n_clauses: int
    n_chunks: int
    disk: int


def build_documents(
    documents: Sequence[Document], index_dir: Path, embedder: Embedder, settings: RetrievalSettings
) -> Built:
    """Index documents from chunking to the switched generation.

    Raises:
        TiaowenError: the index cannot be built.
    """
    stages: defaultdict[str, float] = defaultdict(float)
    started = last = time.perf_counter()
    current = "chunk"

    def report(stage: str, _done: int, _total: int) -> None:
        nonlocal last, current
        now = time.perf_counter()
        stages[current] += now - last
        last, current = now, stage

    chunks = tuple(chunk for document in documents for chunk in chunk_document(document))
    corpus_dir = data_dir("corpus")
    inputs = BuildInputs(
        chunks=chunks,
        corpus_json=dump_corpus(Corpus(tuple(documents), _VERSION)),
        rules_json=dump_source(RuleSource({}, {}, {})),
        corpus_version=_VERSION,
        dictionary=corpus_dir / "dictionary.txt",
        stopwords=corpus_dir / "stopwords.txt",
    )
    build_index(inputs, index_dir, embedder, settings, report)
    disk = sum(p.stat().st_size for p in index_dir.rglob("*") if p.is_file())
    n_clauses = sum(len(d.clauses) for d in documents)
    return Built(time.perf_counter() - started, dict(stages), n_clauses, len(chunks), disk)


def open_retriever(index_dir: Path, embedder: Embedder, settings: RetrievalSettings) -> Retriever:
    """Open an index that `build_documents` made."""
    index = open_generation(index_dir, embedder.name, settings)
    corpus = parse_corpus(index.corpus_json, _VERSION)
    thesaurus = load_thesaurus(data_dir("corpus") / "thesaurus.yaml")
    statutes = frozenset(d.id for d in corpus.documents if is_statute(d))
    reranker = load_reranker(settings.reranker)
    return Retriever(corpus.clause_by_id, index, embedder, thesaurus, settings, reranker, statutes)


def main(arguments: Sequence[str]) -> int:
    """Open, ask every question once after a warm-up, print seconds, milliseconds and memory as JSON."""
    index_dir, queries = Path(arguments[0]), json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
    settings = load_settings().retrieval
    embedder = load_embedder(settings.embedder)
    started = time.perf_counter()
    retriever = open_retriever(index_dir, embedder, settings)
    opened = time.perf_counter() - started
    for query in queries[:5]:
        retriever.retrieve(retriever.expand(query), None, 10)
    taken = []
    for query in queries:
        started = time.perf_counter()
        retriever.retrieve(retriever.expand(query), None, 10)
        taken.append(1000 * (time.perf_counter() - started))
    p50, p95, p99 = (float(x) for x in np.percentile(taken, [50, 95, 99]))
    rss = read_rss("self")
    sys.stdout.write(
        json.dumps({"open_s": opened, "p50": p50, "p95": p95, "p99": p99, "rss_mib": rss}) + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
