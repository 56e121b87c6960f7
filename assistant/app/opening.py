"""An index generation and the settings → the parts that answer; here, and only here, implementations are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant import __version__
from assistant.config import Settings, data_dir
from assistant.dialogue.answer import Answerer
from assistant.dialogue.asked import digest_frame
from assistant.dialogue.messages import Messages, load_messages
from assistant.dialogue.prompts import load_prompts
from assistant.documents.catalog import Corpus, is_statute, parse_corpus
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree, load_regions
from assistant.errors import RuleError
from assistant.retrieval.embed import load_embedder
from assistant.retrieval.opened import OpenedIndex, open_generation
from assistant.retrieval.rerank import load_reranker
from assistant.retrieval.retrieve import Retriever
from assistant.retrieval.thesaurus import Thesaurus, load_thesaurus
from assistant.rules.build import build_book
from assistant.rules.choose import NOTHING
from assistant.rules.decide import Calculator
from assistant.rules.load import parse_source

if TYPE_CHECKING:
    from assistant.dialogue.aid import Aide
    from assistant.dialogue.llm import LanguageModel


@dataclass(frozen=True, slots=True)
class Opened:
    """An index with what answers from it.

    Attributes:
        rule_warnings: in Chinese, what stands in the way of its rules.
    """

    index: OpenedIndex
    corpus: Corpus
    regions: RegionTree
    thesaurus: Thesaurus
    messages: Messages
    calculator: Calculator
    rule_warnings: tuple[str, ...]
    retriever: Retriever
    answerer: Answerer


def open_parts(settings: Settings, generation: str | None) -> Opened:
    """Open the newest good index, or one by its name.

    Raises:
        IndexMissing, IndexStale, ConfigError: as `Assistant`.
    """
    embedder = load_embedder(settings.retrieval.embedder)
    index = open_generation(settings.index_dir, embedder.name, settings.retrieval, generation)
    corpus = parse_corpus(index.corpus_json, index.manifest.corpus_version)
    regions = load_regions(settings.corpus_dir / "regions.yaml")
    calculator, rule_warnings = _open_calculator(index.rules_json, corpus)
    said = (squeeze(f"{c.label} {c.heading} {c.text}").lower() for c in corpus.clause_by_id.values())
    thesaurus = load_thesaurus(settings.corpus_dir / "thesaurus.yaml").keep_said(said)
    statutes = frozenset(d.id for d in corpus.documents if is_statute(d))
    reranker = load_reranker(settings.retrieval.reranker)
    retriever = Retriever(
        corpus.clause_by_id, index, embedder, thesaurus, settings.retrieval, reranker, statutes
    )
    messages = load_messages(data_dir("prompts"))
    return Opened(
        index=index,
        corpus=corpus,
        regions=regions,
        thesaurus=thesaurus,
        messages=messages,
        calculator=calculator,
        rule_warnings=rule_warnings,
        retriever=retriever,
        answerer=Answerer(corpus, regions, retriever, messages, calculator),
    )


def _open_calculator(rules_json: bytes, corpus: Corpus) -> tuple[Calculator, tuple[str, ...]]:
    """The calculator of the rules sealed in the index; rules that no longer open leave it empty, and say so."""
    try:
        return Calculator(build_book(parse_source(rules_json), corpus.documents, lint=False)), ()
    except RuleError as exc:
        warning = f"计算器未启用：{exc.message}；运行 tiaowen index 重建索引"
        return Calculator(build_book(NOTHING, corpus.documents)), (warning,)


def open_aide(settings: Settings, opened: Opened) -> Aide | None:
    """The language model of the settings beside the answerer; None where none is used, which is the default."""
    if not settings.model.name:
        return None
    from assistant.dialogue.aid import Aide
    from assistant.dialogue.extract import FactExtractor
    from assistant.dialogue.heard import FactGate
    from assistant.dialogue.references import ReferenceFinder
    from assistant.dialogue.rephrase import RephraseGate
    from assistant.dialogue.reword import Reworder
    from assistant.dialogue.route import list_names

    model, prompts, corpus = open_model(settings), load_prompts(data_dir("prompts")), opened.corpus
    book = opened.calculator.book
    extractor = FactExtractor(book.facts, list_names(book))
    return Aide(
        model,
        prompts,
        opened.messages,
        opened.answerer,
        Reworder(model, prompts, opened.messages, corpus.document_by_id, opened.regions, opened.thesaurus),
        RephraseGate(ReferenceFinder(corpus, opened.regions), opened.regions, extractor),
        FactGate(extractor, book),
        corpus.documents,
    )


def open_model(settings: Settings) -> LanguageModel:
    """The language model of the settings, with its budget; nothing is called yet."""
    from assistant.dialogue.budget import DailyBudget
    from assistant.dialogue.llm import LanguageModel
    from assistant.store.store import find_store

    limits = settings.model.daily_calls, settings.model.daily_tokens
    is_limited = any(limit is not None for limit in limits)
    budget = DailyBudget(*limits, lambda: find_store(settings.store.url).usage) if is_limited else None
    return LanguageModel(settings.model, budget=budget)


def digest_settings(settings: Settings) -> str:
    """What decides an answer beside question and index: wording tables, prompts, the search's settings."""
    tables = [settings.corpus_dir / "regions.yaml", settings.corpus_dir / "thesaurus.yaml"]
    prompts = sorted(data_dir("prompts").glob("*.yaml"))
    search = settings.retrieval.model_dump_json(exclude={"kept_generations", "chroma_url"})
    return digest_frame([*tables, *prompts], search, __version__)
