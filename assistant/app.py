"""Builds everything once from `Settings`; the only place that chooses an implementation."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from assistant.config import Settings, data_dir
from assistant.dialogue.answer import Answerer
from assistant.dialogue.messages import load_messages
from assistant.documents.catalog import (
    Corpus,
    CorpusProblem,
    dump_corpus,
    load_corpus,
    parse_corpus,
)
from assistant.documents.check import CorpusReport, check_documents
from assistant.documents.chunk import chunk_document
from assistant.documents.normalize import is_blank, normalize_text
from assistant.documents.regions import RegionTree, load_regions
from assistant.errors import RequestInvalid
from assistant.models import Answer, Passage, Question
from assistant.retrieval import build
from assistant.retrieval.embed import load_embedder
from assistant.retrieval.generation import open_generation, read_current
from assistant.retrieval.retrieve import Retriever
from assistant.retrieval.thesaurus import load_thesaurus

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


class Assistant:
    """One opened index and what answers from it; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Open the newest good index.

        Raises:
            IndexMissing: no index has been built.
            IndexStale: none that fits this embedder is whole.
            ConfigError: prompts or settings are damaged.
        """
        embedder = load_embedder(settings.retrieval.embedder)
        self._current = read_current(settings.index_dir)
        index = open_generation(settings.index_dir, embedder.name, settings.retrieval)
        self.settings = settings
        self.corpus: Corpus = parse_corpus(index.corpus_json, index.manifest.corpus_version)
        self.regions: RegionTree = load_regions(settings.corpus_dir / "regions.yaml")
        self.warnings: tuple[str, ...] = index.warnings
        thesaurus = load_thesaurus(settings.corpus_dir / "thesaurus.yaml")
        self._retriever = Retriever(self.corpus.clause_by_id, index, embedder, thesaurus, settings.retrieval)
        self._answerer = Answerer(
            self.corpus, self.regions, self._retriever, load_messages(data_dir("prompts"))
        )

    @property
    def corpus_version(self) -> str:
        """Version of the corpus that the index was built from."""
        return self.corpus.version

    @property
    def is_outdated(self) -> bool:
        """True where another index generation serves by now."""
        return read_current(self.settings.index_dir) != self._current

    def source(self, document_id: str) -> str:
        """Source text that the spans of a document count in."""
        return self.corpus.document_by_id[document_id].source

    def ask(self, question: Question) -> Answer:
        """Answer a question.

        Raises:
            RequestInvalid: it is blank or too long, or its region is unknown.
        """
        self._check_text(question.text, "问题")
        return self._answerer.answer(replace(question, region=self._read_region(question.region)))

    def search(
        self, query: str, *, region: str | None = None, document: str | None = None, top_k: int = 10
    ) -> list[Passage]:
        """Rank clauses for a query.

        Args:
            region: name or code; only documents that bind it are searched. None searches all.
            document: only this document.

        Raises:
            RequestInvalid: the query is blank or too long, or region or document is unknown.
        """
        self._check_text(query, "检索词")
        place = self._read_region(region)
        if document is not None and document not in self.corpus.document_by_id:
            raise RequestInvalid(f"没有编号为 {document} 的文件", hint="用 tiaowen corpus list 查看全部文件")
        return self._answerer.search(Question(query, as_of=date.max, region=place), document, top_k)

    def explain_evidence(self, question: Question) -> tuple[float, ...] | None:
        """Features of the best clause for a question, which its evidence score is made of.

        Returns:
            Coverage, cosine and BM25 in [0, 1]; None where the question is refused whatever the evidence.
        """
        return self._answerer.explain_evidence(question)

    def _check_text(self, text: str, name: str) -> None:
        if is_blank(text):
            raise RequestInvalid(f"{name}是空的", hint="请输入要问的内容")
        if len(text) > self.settings.max_question:
            raise RequestInvalid(
                f"{name}有 {len(text)} 个字，超过上限 {self.settings.max_question} 个字",
                hint="请缩短后再问，或分几次问",
            )
        if not any(unicodedata.category(c)[0] in "LN" for c in normalize_text(text).text):
            raise RequestInvalid(f"{name}里没有文字", hint="请用文字说明要问的内容")

    def _read_region(self, region: str | None) -> str | None:
        """The region's code; names are taken in traditional characters and full width too."""
        if region is None:
            return None
        place = self.regions.resolve(normalize_text(region).text.strip())
        if place is None:
            raise RequestInvalid(
                f"不认识的地区：{region}", hint="用省、市、县的全称或六位代码，例如 潢川县 或 411526"
            )
        return place.code


def open_assistant(settings: Settings) -> Assistant:
    """Open the newest good index; see `Assistant`."""
    return Assistant(settings)


def build_indexes(settings: Settings, progress: Progress | None = None) -> BuildReport:
    """Read the corpus and build a new index generation beside the one that serves.

    Raises:
        CorpusError: no document can be read.
    """
    corpus = load_corpus(settings.corpus_dir, load_regions(settings.corpus_dir / "regions.yaml"), progress)
    inputs = build.BuildInputs(
        chunks=tuple(chunk for document in corpus.documents for chunk in chunk_document(document)),
        corpus_json=dump_corpus(corpus),
        corpus_version=corpus.version,
        dictionary=settings.corpus_dir / "dictionary.txt",
        stopwords=settings.corpus_dir / "stopwords.txt",
    )
    embedder = load_embedder(settings.retrieval.embedder)
    report = build.build_index(inputs, settings.index_dir, embedder, settings.retrieval, progress)
    return BuildReport(
        generation=report.generation,
        n_documents=len(corpus.documents),
        n_chunks=report.n_chunks,
        n_embedded=report.n_embedded,
        is_unchanged=report.is_unchanged,
        seconds=report.seconds,
        problems=corpus.problems,
    )


def check_corpus(settings: Settings) -> CorpusReport:
    """Check coverage, ids and metadata of the corpus."""
    return check_documents(
        load_corpus(settings.corpus_dir, load_regions(settings.corpus_dir / "regions.yaml"))
    )
