"""Builds everything once from `Settings`; the only place that chooses an implementation."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from assistant import __version__
from assistant.config import Settings, data_dir
from assistant.dialogue.answer import Answerer, Reply
from assistant.dialogue.answer_stream import AnswerStream
from assistant.dialogue.asked import Asked, digest_frame
from assistant.dialogue.memory import Memory, SessionLocks, read_memory
from assistant.dialogue.messages import Messages, load_messages
from assistant.dialogue.prompts import load_prompts
from assistant.dialogue.replay import Replayer
from assistant.dialogue.search import SearchReading
from assistant.documents.catalog import (
    Corpus,
    CorpusProblem,
    dump_corpus,
    is_statute,
    load_corpus,
    parse_corpus,
)
from assistant.documents.check import CorpusReport, check_documents
from assistant.documents.chunk import chunk_document
from assistant.documents.normalize import is_blank, normalize_text
from assistant.documents.regions import RegionTree, load_regions
from assistant.documents.switch import hold_still
from assistant.errors import RequestInvalid, RuleError, StoreError
from assistant.models import Answer, Passage, Question
from assistant.retrieval import build
from assistant.retrieval.embed import load_embedder
from assistant.retrieval.generation import find_build_time, open_generation, read_current, read_rules
from assistant.retrieval.rerank import load_reranker
from assistant.retrieval.retrieve import Retriever
from assistant.retrieval.share import follow_share, publish_generation
from assistant.retrieval.thesaurus import Thesaurus, load_thesaurus
from assistant.rules.book import Book
from assistant.rules.build import build_book
from assistant.rules.choose import choose_rules, fall_back
from assistant.rules.confirm import confirm_pins
from assistant.rules.decide import Calculator
from assistant.rules.load import RuleSource, dump_source, parse_source, read_source
from assistant.rules.report import RuleReport, report_rules
from assistant.stages import note_answer, staged

if TYPE_CHECKING:
    from assistant.dialogue.aid import Aide
    from assistant.dialogue.llm import LanguageModel
    from assistant.store.store import Store

Progress = Callable[[str, int, int], None]
logger = logging.getLogger(__name__)

MOST_TRIES = 20
"""How often a turn is answered anew because other processes were faster; each time, one of them has got on."""


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


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """The index that serves.

    Attributes:
        built_at: seconds since the epoch; 0 where its folder has gone.
        n_warnings: what the operator should look at: warnings, and documents that could not be read.
    """

    generation: str
    corpus_version: str
    embedder: str
    n_documents: int
    n_clauses: int
    n_warnings: int
    built_at: float


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Assistant:
    """One opened index and what answers from it; safe to share between threads.

    Attributes:
        model: the language model; None where none is used, which is the default.
    """

    model: LanguageModel | None = None
    _aide: Aide | None = None

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = _utc_now, generation: str | None = None
    ) -> None:
        """Open the newest good index, or one by its name.

        Args:
            now: the time that turns of a conversation are stamped with.
            generation: name of the index to open; None takes the newest.

        Raises:
            IndexMissing: no index has been built, or the one that is named has gone.
            IndexStale: none that fits this embedder is whole.
            ConfigError: prompts or settings are damaged.
        """
        embedder = load_embedder(settings.retrieval.embedder)
        self._current = read_current(settings.index_dir)
        index = open_generation(settings.index_dir, embedder.name, settings.retrieval, generation)
        self.settings = settings
        self._now = now
        self._turn_locks = SessionLocks()
        self.corpus: Corpus = parse_corpus(index.corpus_json, index.manifest.corpus_version)
        self.regions: RegionTree = load_regions(settings.corpus_dir / "regions.yaml")
        self._index = index
        self._rule_warnings: tuple[str, ...] = ()
        self.calculator = self._open_calculator(index.rules_json)
        thesaurus = load_thesaurus(settings.corpus_dir / "thesaurus.yaml")
        reranker = load_reranker(settings.retrieval.reranker)
        self.retriever = Retriever(
            self.corpus.clause_by_id,
            index,
            embedder,
            thesaurus,
            settings.retrieval,
            reranker,
            frozenset(d.id for d in self.corpus.documents if is_statute(d)),
        )
        messages = load_messages(data_dir("prompts"))
        self._answerer = Answerer(self.corpus, self.regions, self.retriever, messages, self.calculator)
        self._replayer = Replayer(self._leave_memory)
        self.frame = self._digest_frame()
        if settings.model.name:
            self._open_model(messages, thesaurus)

    def _open_model(self, messages: Messages, thesaurus: Thesaurus) -> None:
        """Put the language model of the settings beside the answerer."""
        from assistant.dialogue.aid import Aide
        from assistant.dialogue.extract import FactExtractor
        from assistant.dialogue.heard import FactGate
        from assistant.dialogue.references import ReferenceFinder
        from assistant.dialogue.rephrase import RephraseGate
        from assistant.dialogue.reword import Reworder
        from assistant.dialogue.route import list_names

        self.model = open_model(self.settings)
        prompts = load_prompts(data_dir("prompts"))
        book = self.calculator.book
        extractor = FactExtractor(book.facts, list_names(book))
        self._aide = Aide(
            self.model,
            prompts,
            messages,
            self._answerer,
            Reworder(self.model, prompts, messages, self.corpus.document_by_id, self.regions, thesaurus),
            RephraseGate(ReferenceFinder(self.corpus), self.regions, extractor),
            FactGate(extractor, book),
            self.corpus.documents,
        )

    def _open_calculator(self, rules_json: bytes) -> Calculator:
        """The calculator of the rules sealed in the index; rules that no longer open leave it empty, and say so."""
        try:
            return Calculator(build_book(parse_source(rules_json), self.corpus.documents, lint=False))
        except RuleError as exc:
            self._rule_warnings = (f"计算器未启用：{exc.message}；运行 tiaowen index 重建索引",)
            return Calculator(build_book(_NO_RULES, self.corpus.documents))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should look at now, in Chinese; questions are answered all the same."""
        return (*self._index.warnings, *self._rule_warnings)

    @property
    def vector_fault(self) -> str:
        """Why Chroma does not answer now though it should, in Chinese; the exact scan does, with the same result."""
        return self._index.leg.fault

    @property
    def corpus_version(self) -> str:
        """Version of the corpus that the index was built from."""
        return self.corpus.version

    def describe_index(self) -> IndexInfo:
        """Say which index answers, how large it is and when it was built."""
        index = self.retriever.index
        return IndexInfo(
            index.generation,
            self.corpus_version,
            index.manifest.embedder,
            len(self.corpus.documents),
            len(self.corpus.clause_by_id),
            len(self.warnings) + len(self.corpus.problems),
            find_build_time(self.settings.index_dir / index.generation),
        )

    @property
    def is_outdated(self) -> bool:
        """True where another index generation serves by now."""
        return read_current(self.settings.index_dir) != self._current

    def source(self, document_id: str) -> str:
        """Source text that the spans of a document count in."""
        return self.corpus.document_by_id[document_id].source

    def ask(self, question: Question) -> Answer:
        """Answer a question; one with a session goes on with its conversation, which is kept.

        One that brings its conversation along goes on with that, and only the question itself is kept. Where the store
        fails, a question of a conversation kept here is answered by itself, with a notice.

        Raises:
            RequestInvalid: it is blank or too long, or its region is unknown.
        """
        return self._begin(question).finish()

    def stream(self, question: Question) -> AnswerStream:
        """Begin to answer a question: all is decided when this returns, and a language model may go on wording it.

        Raises:
            RequestInvalid: as `ask`.
        """
        return AnswerStream(self.ask(question)) if self.model is None else self._begin(question)

    @staged("whole")
    def _begin(self, question: Question) -> AnswerStream:
        self._check_text(question.text, "问题")
        placed = self._place(question)
        ends_at = self.model.start() if self.model else 0.0
        number: int | None = None
        if question.session_id:
            with self._turn_locks[question.session_id]:
                answer, number = self._converse(placed, question.session_id, ends_at)
        else:
            answer, _ = self._answer(placed, self._replayer.recall(placed), ends_at)
        note_answer(answer.status)
        return self._word(placed, answer, number, ends_at)

    def _answer(self, question: Question, memory: Memory, ends_at: float) -> tuple[Answer, Reply]:
        """What is answered, and the reply without a model, which the next turn is understood from."""
        reply = self._answerer.answer(question, memory)
        if self._aide is None:
            return reply.answer, reply
        return self._aide.answer(question, memory, reply, ends_at), reply

    def _word(self, question: Question, answer: Answer, number: int | None, ends_at: float) -> AnswerStream:
        """The answer as a model words it, where there is one.

        Args:
            number: of the turn that keeps the answer; None where none does.
            ends_at: when the model's time for this answer is over.
        """
        if self._aide is None:
            return AnswerStream(answer)

        def keep(worded: Answer) -> None:
            if number is None or not worded.generated:
                return
            try:
                self.store.conversations.reword(question.session_id or "", number, worded)
            except StoreError as exc:
                logger.error("worded answer not kept: %s", exc.message)

        return AnswerStream(answer, self._aide.reword(question, answer, ends_at), keep)

    def _converse(self, question: Question, session_id: str, ends_at: float) -> tuple[Answer, int | None]:
        """One turn of a conversation: read what came before, answer, keep what comes after.

        Where another process has kept a turn of the same conversation meanwhile, the question is answered again after
        that one.

        Returns:
            The answer, and the number of the turn that keeps it; None where none does.
        """
        brought = None if question.earlier is None else self._replayer.recall(question)
        try:
            for _ in range(MOST_TRIES):
                if (taken := self._take_turn(question, session_id, brought, ends_at)) is not None:
                    return taken
            raise StoreError(
                f"另有进程不断向同一会话提问，{MOST_TRIES} 次都没有轮到这一问", hint="等上一问答完再问下一问"
            )
        except StoreError as exc:
            # An answer that stands alone is worth more than none; what is lost is said.
            logger.error("conversation not kept: %s", exc.message)
            if brought is not None:
                return self._answer(question, brought, ends_at)[0], None
            return self._answerer.answer_unkept(question), None

    def _take_turn(
        self, question: Question, session_id: str, brought: Memory | None, ends_at: float
    ) -> tuple[Answer, int] | None:
        """Answer and keep it; None where the conversation has gone on meanwhile, so that the answer rests on too little.

        Raises:
            StoreError: the database failed.
        """
        from assistant.store.conversations import Newest, Turn

        conversations = self.store.conversations
        newest = conversations.newest(session_id) if brought is None else Newest(0, None)
        memory = read_memory(newest.memory) if brought is None else brought
        answer, reply = self._answer(question, memory, ends_at)
        if brought is not None:
            self._replayer.remember(question, reply.memory)
        asked = self._write_asked(question, memory)
        turn = Turn(question.text, answer.id, answer.status, reply.memory.write(), self._now(), asked)
        after = newest.number if brought is None else None
        number = conversations.append(session_id, turn, answer, after=after)
        return None if number is None else (answer, number)

    def _write_asked(self, question: Question, before: Memory) -> str:
        """What an answer is made from, as it is kept beside it."""
        return Asked(
            text=question.text,
            as_of=question.as_of,
            region=question.region,
            facts=question.facts,
            before=before,
            generation=self.retriever.index.generation,
            frame=self.frame,
            program=__version__,
        ).write()

    def _digest_frame(self) -> str:
        """What decides an answer beside question and index: wording tables, prompts, the search's settings."""
        corpus_dir = self.settings.corpus_dir
        tables = [corpus_dir / "regions.yaml", corpus_dir / "thesaurus.yaml"]
        prompts = sorted(data_dir("prompts").glob("*.yaml"))
        search = self.settings.retrieval.model_dump_json(exclude={"kept_generations", "chroma_url"})
        return digest_frame([*tables, *prompts], search, __version__)

    def answer_again(self, question: Question, before: Memory) -> Answer:
        """Answer as `ask` does after what a conversation had left; nothing is kept.

        Raises:
            RequestInvalid: a fact or the region cannot be used any more.
        """
        return self._answerer.answer(self._place(question), before).answer

    def _leave_memory(self, question: Question, before: Memory) -> Memory:
        self._check_text(question.text, "问题")
        return self._answerer.answer(question, before).memory

    @property
    def store(self) -> Store:
        """What is kept; opened by whoever needs it first.

        Raises:
            StoreError: the database cannot be opened.
        """
        from assistant.store.store import find_store

        return find_store(self.settings.store.url)

    def decide(self, rule: str, question: Question) -> Answer:
        """Decide one rule on the facts of a question; its text is not read.

        Args:
            rule: `<document>/<id>`; a `RequestInvalid` names a rule there is not.

        Raises:
            RequestInvalid: there is no such rule, a fact cannot be used, or the region is unknown.
        """
        return self._answerer.decide(rule, self._place(question))

    def check(self, question: Question, subject: str = "class") -> Answer:
        """Decide the verdict about a subject that the stated facts fit best, among those that bind the place.

        Raises:
            RequestInvalid: a fact cannot be used, or the region is unknown.
        """
        return self._answerer.check(self._place(question), subject)

    def lineage(self, region: str | None) -> frozenset[str] | None:
        """Codes of a region and of those it lies in; None for None.

        Raises:
            RequestInvalid: the region is unknown.
        """
        code = self._read_region(region)
        return frozenset(self.regions.ancestors(code)) if code else None

    def _place(self, question: Question) -> Question:
        return replace(question, region=self._read_region(question.region))

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
        wanted = self._place_search(query, region, document)
        return self._answerer.search(wanted, document, top_k)

    def read_search(
        self, query: str, *, region: str | None = None, document: str | None = None
    ) -> SearchReading:
        """How `search` reads the same: the words it looks for, where, and the rules they ask about.

        Raises:
            RequestInvalid: as `search`.
        """
        return self._answerer.read_search(self._place_search(query, region, document), document)

    def _place_search(self, query: str, region: str | None, document: str | None) -> Question:
        self._check_text(query, "检索词")
        place = self._read_region(region)
        if document is not None and document not in self.corpus.document_by_id:
            raise RequestInvalid(f"没有编号为 {document} 的文件", hint="用 tiaowen corpus list 查看全部文件")
        return Question(query, as_of=date.max, region=place)

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


def open_model(settings: Settings) -> LanguageModel:
    """The language model of the settings, with its budget; nothing is called yet."""
    from assistant.dialogue.budget import DailyBudget
    from assistant.dialogue.llm import LanguageModel
    from assistant.store.store import find_store

    limits = settings.model.daily_calls, settings.model.daily_tokens
    is_limited = any(limit is not None for limit in limits)
    budget = DailyBudget(*limits, lambda: find_store(settings.store.url).usage) if is_limited else None
    return LanguageModel(settings.model, budget=budget)


def open_assistant(settings: Settings) -> Assistant:
    """Open the newest good index; see `Assistant`."""
    return Assistant(settings)


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
    inputs = build.BuildInputs(
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


_NO_RULES = RuleSource({}, {}, {})


def _load_rules(settings: Settings, corpus: Corpus) -> tuple[RuleSource, tuple[CorpusProblem, ...]]:
    """The rules that can be used, and what is wrong with the others; see `choose_rules`."""
    former = _NO_RULES
    if (data := read_rules(settings.index_dir)) is not None:
        former = parse_source(data)
    try:
        chosen = choose_rules(read_corpus_rules(settings, corpus), former, corpus.documents)
    except RuleError as exc:
        chosen = fall_back(former, corpus.documents, exc)
    return chosen.source, tuple(CorpusProblem(f.path, f.message, f.hint) for f in chosen.faults)


def read_corpus_rules(settings: Settings, corpus: Corpus) -> RuleSource:
    """The rule files as they are in the folder now.

    Raises:
        RuleError: a file cannot be read.
    """
    return read_source(settings.corpus_dir, lambda id_: id_ in corpus.document_by_id)


def load_book(settings: Settings) -> tuple[Book, Corpus]:
    """The rules as they are in the folder now, linted, with the documents they are bound to.

    Raises:
        CorpusError: no document can be read; as `RuleError` where the rules are wrong.
    """
    with hold_still(settings.corpus_dir):
        corpus = read_corpus(settings)
        source = read_corpus_rules(settings, corpus)
    return build_book(source, corpus.documents), corpus


def pin_rules(settings: Settings, document: str | None = None) -> dict[str, tuple[int, int]]:
    """Confirm the quotes of the rule files as they stand: write their pins into `rules.yaml`.

    Args:
        document: only this one's; None confirms all.

    Returns:
        By document, how many quotes there are and how many of their pins were written anew.

    Raises:
        CorpusError: no document can be read; as `RuleError` where a quote does not stand in its clause, or a
            file cannot be written. Then no file has been changed.
    """
    with hold_still(settings.corpus_dir):
        corpus = read_corpus(settings)
    wanted = [d.id for d in corpus.documents if document in (None, d.id)]
    return confirm_pins(settings.corpus_dir, corpus.document_by_id, wanted)


def check_rules(settings: Settings) -> RuleReport:
    """Look through the rules as they are in the folder now: pins, figures, examples.

    Raises:
        CorpusError: no document can be read; as `RuleError` where the rules do not load.
    """
    return report_rules(load_book(settings)[0])


def check_corpus(settings: Settings) -> CorpusReport:
    """Check coverage, ids and metadata of the corpus."""
    with hold_still(settings.corpus_dir):
        return check_documents(read_corpus(settings))


def read_corpus(settings: Settings) -> Corpus:
    """The documents as they are in the folder now; call it under `hold_still`.

    Raises:
        CorpusError: no document can be read.
    """
    return load_corpus(settings.corpus_dir, load_regions(settings.corpus_dir / "regions.yaml"))
