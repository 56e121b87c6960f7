"""The folder → an index beside the one that serves, and the index of another machine taken over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.app.folder import read_corpus_rules
from assistant.config import Settings
from assistant.documents.catalog import Corpus, CorpusProblem, dump_corpus, load_corpus
from assistant.documents.chunk import chunk_document
from assistant.documents.regions import load_regions
from assistant.documents.switch import hold_still
from assistant.errors import RuleError
from assistant.retrieval import build
from assistant.retrieval.build_inputs import BuildInputs
from assistant.retrieval.embed import load_embedder
from assistant.retrieval.generation import read_rules
from assistant.retrieval.share import follow_share, publish_generation
from assistant.rules.choose import NOTHING, choose_rules, fall_back
from assistant.rules.load import RuleSource, dump_source, parse_source

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What an index build did; see `retrieval.build.BuildReport`."""

    generation: str
    n_documents: int
    n_chunks: int
    n_embedded: int
    is_unchanged: bool
    seconds: float
    problems: tuple[CorpusProblem, ...]


def follow_indexes(settings: Settings) -> None:
    """Take over what another machine has published, where a shared folder is set; what stands in the way is logged."""
    if settings.index_share is not None:
        follow_share(settings.index_dir, settings.index_share, settings.retrieval.kept_generations)


def build_indexes(settings: Settings, progress: Progress | None = None) -> BuildReport:
    """Read the corpus and build a new index generation beside the one that serves.

    Raises:
        CorpusError: no document can be read.
        StoreError: the folder of the indexes, or the shared one, cannot be written.
    """
    with hold_still(settings.corpus_dir):
        regions = load_regions(settings.corpus_dir / "regions.yaml")
        corpus = load_corpus(settings.corpus_dir, regions, progress)
        rules, problems = _load_rules(settings, corpus)
    inputs = BuildInputs(
        chunks=tuple(chunk for document in corpus.documents for chunk in chunk_document(document)),
        corpus_json=dump_corpus(corpus),
        rules_json=dump_source(rules),
        corpus_version=corpus.version,
        dictionary=settings.corpus_dir / "dictionary.txt",
        stopwords=settings.corpus_dir / "stopwords.txt",
    )
    embedder = load_embedder(settings.retrieval.embedder)
    report = build.build_index(inputs, settings.index_dir, embedder, settings.retrieval, progress)
    if settings.index_share is not None:
        publish_generation(settings.index_dir, settings.index_share, settings.retrieval.kept_generations)
    return BuildReport(
        generation=report.generation,
        n_documents=len(corpus.documents),
        n_chunks=report.n_chunks,
        n_embedded=report.n_embedded,
        is_unchanged=report.is_unchanged,
        seconds=report.seconds,
        problems=(*corpus.problems, *problems),
    )


def _load_rules(settings: Settings, corpus: Corpus) -> tuple[RuleSource, tuple[CorpusProblem, ...]]:
    """The rules that can be used, and what is wrong with the others; see `choose_rules`."""
    former = NOTHING
    if (data := read_rules(settings.index_dir)) is not None:
        former = parse_source(data)
    try:
        chosen = choose_rules(read_corpus_rules(settings, corpus), former, corpus.documents)
    except RuleError as exc:
        chosen = fall_back(former, corpus.documents, exc)
    return chosen.source, tuple(CorpusProblem(f.path, f.message, f.hint) for f in chosen.faults)
