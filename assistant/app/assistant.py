"""The assistant as every surface uses it: questions, checks and searches over one opened index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.app.conversing import Conversing, Origin, Ways
from assistant.app.intake import Intake
from assistant.app.opening import digest_settings, open_aide, open_parts
from assistant.config import Settings
from assistant.dialogue.answer import Reply
from assistant.dialogue.answer_stream import AnswerStream
from assistant.dialogue.memory import Memory
from assistant.dialogue.replay import Replayer
from assistant.dialogue.search import SearchReading
from assistant.models import Answer, Passage, Question
from assistant.retrieval.generation import find_build_time, read_current
from assistant.stages import note_answer, staged

if TYPE_CHECKING:
    from assistant.dialogue.llm import LanguageModel
    from assistant.store.store import Store


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
        frame: digest of what decides an answer beside question and index.
    """

    model: LanguageModel | None = None

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
        self._current = read_current(settings.index_dir)
        opened = open_parts(settings, generation)
        self.settings = settings
        self.corpus = opened.corpus
        self.regions = opened.regions
        self.calculator = opened.calculator
        self.retriever = opened.retriever
        self.frame = digest_settings(settings)
        self._index = opened.index
        self._rule_warnings = opened.rule_warnings
        self._answerer = opened.answerer
        self._intake = Intake(self.corpus, self.regions, settings.max_question)
        self._aide = open_aide(settings, opened)
        if self._aide is not None:
            self.model = self._aide.model
        self._replayer = Replayer(self._leave_memory)
        self._conversing = Conversing(
            Ways(self._answer, self._answerer.answer_unkept, self._replayer),
            Origin(self._index.generation, self.frame),
            lambda: self.store.conversations,
            now,
        )

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
        index = self._index
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
        self._intake.check_text(question.text)
        placed = self._intake.place(question)
        ends_at = self.model.start() if self.model else 0.0
        number: int | None = None
        if question.session_id:
            answer, number = self._conversing.converse(placed, question.session_id, ends_at)
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
            if number is not None and worded.generated:
                self._conversing.keep_worded(question.session_id or "", number, worded)

        return AnswerStream(answer, self._aide.reword(question, answer, ends_at), keep)

    def answer_again(self, question: Question, before: Memory) -> Answer:
        """Answer as `ask` does after what a conversation had left; nothing is kept.

        Raises:
            RequestInvalid: a fact or the region cannot be used any more.
        """
        return self._answerer.answer(self._intake.place(question), before).answer

    def _leave_memory(self, question: Question, before: Memory) -> Memory:
        self._intake.check_text(question.text)
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
        return self._answerer.decide(rule, self._intake.place(question))

    def check(self, question: Question, subject: str = "class") -> Answer:
        """Decide the verdict about a subject that the stated facts fit best, among those that bind the place.

        Raises:
            RequestInvalid: a fact cannot be used, or the region is unknown.
        """
        return self._answerer.check(self._intake.place(question), subject)

    def lineage(self, region: str | None) -> frozenset[str] | None:
        """Codes of a region and of those it lies in; None for None.

        Raises:
            RequestInvalid: the region is unknown.
        """
        code = self._intake.read_region(region)
        return frozenset(self.regions.ancestors(code)) if code else None

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
        wanted = self._intake.place_search(query, region, document)
        return self._answerer.search(wanted, document, top_k)

    def read_search(
        self, query: str, *, region: str | None = None, document: str | None = None
    ) -> SearchReading:
        """How `search` reads the same: the words it looks for, where, and the rules they ask about.

        Raises:
            RequestInvalid: as `search`.
        """
        return self._answerer.read_search(self._intake.place_search(query, region, document), document)

    def explain_evidence(self, question: Question) -> tuple[float, ...] | None:
        """Features of the best clause for a question, which its evidence score is made of.

        Returns:
            Coverage, cosine and BM25 in [0, 1]; None where the question is refused whatever the evidence.
        """
        return self._answerer.explain_evidence(question)


def open_assistant(settings: Settings) -> Assistant:
    """Open the newest good index; see `Assistant`."""
    return Assistant(settings)
