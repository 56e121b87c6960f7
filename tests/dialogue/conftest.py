"""One small document written by hand, and what reads questions against the shipped corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from assistant.app import Assistant
from assistant.config import data_dir
from assistant.dialogue.draft import Draft
from assistant.dialogue.evidence import PROBABILITY_WEIGHTS, Evidence, Sentence
from assistant.dialogue.followup import Turn
from assistant.dialogue.memory import Memory, read_memory
from assistant.dialogue.messages import Messages, load_messages
from assistant.dialogue.references import ReferenceFinder, References
from assistant.dialogue.understand import Understanding, understand_question
from assistant.dialogue.verify import Claim
from assistant.documents.normalize import squeeze
from assistant.documents.regions import RegionTree, load_regions
from assistant.models import Answer, Cell, Citation, Clause, Document, Passage, Question, Span

AS_OF = date(2026, 11, 21)
SOURCE = (
    "试发[2021]7号\n"
    "一、班级\n"
    "（1）每班人数不得超过 80 人，年培训 1,000 人次。\n"
    "（2）经费见[3]，占１５％。\n"
    "序号\t任务\t2021年\n"
    "1\t农民培训\t300\n"
)


def _clause(path: str, label: str, kind: Any, text: str, **fields: Any) -> Clause:
    start = SOURCE.index(text)
    parent = f"plan#{path.rpartition('.')[0]}" if "." in path else None
    return Clause(
        f"plan#{path}", "plan", path, label, kind, start, start + len(text), text, parent=parent, **fields
    )


def _cell(header: str, text: str) -> Cell:
    start = SOURCE.rindex(text)
    return Cell(header, text, start, start + len(text))


CLASS_SIZE = _clause("1.1", "一、（1）", "clause", "（1）每班人数不得超过 80 人，年培训 1,000 人次。")
MONEY = _clause("1.2", "一、（2）", "clause", "（2）经费见[3]，占１５％。")
HEADER = _clause("a1.r0", "附件1 表头", "heading", "序号\t任务\t2021年")
ROW = _clause(
    "a1.r1",
    "附件1 第1行",
    "row",
    "1\t农民培训\t300",
    cells=(_cell("任务", "农民培训"), _cell("2021年", "300")),
)
DOCUMENT = Document(
    id="plan",
    title="试行方案[2021]",
    number="试发[2021]7号",
    issuer="某局",
    region="411526",
    source=SOURCE,
    clauses=(_clause("1", "一、", "heading", "一、班级"), CLASS_SIZE, MONEY, HEADER, ROW),
    issued=date(2021, 4, 7),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The small document and its clauses."""

    document: Document = DOCUMENT
    documents: dict[str, Document] = field(default_factory=lambda: {"plan": DOCUMENT})
    class_size: Clause = CLASS_SIZE
    money: Clause = MONEY
    header: Clause = HEADER
    row: Clause = ROW

    def cite(self, quote: str, n: int = 1, clause: Clause = CLASS_SIZE, **fields: Any) -> Citation:
        """A right citation of `quote`, unless `fields` say otherwise."""
        start = SOURCE.index(quote)
        given: dict[str, Any] = {
            "number": DOCUMENT.number,
            "title": DOCUMENT.title,
            "issuer": DOCUMENT.issuer,
            "region": "潢川县",
            "clause": clause.label,
            "start": start,
            "end": start + len(quote),
            "clause_start": clause.start,
            "clause_end": clause.end,
            "quote": quote,
            "document": "plan",
            **fields,
        }
        return Citation(n=n, clause_id=clause.clause_id, **given)


class OpenDraft(Draft):
    """A draft into which a test, standing for a careless composer, puts claims and citations as they are."""

    def put(self, claims: list[Claim], citations: list[Citation]) -> None:
        self._claims += claims
        self._citer.citations += citations


def build_evidence(
    clause: Clause,
    *,
    covered: Iterable[str] = ("甲",),
    sentences: Iterable[Sentence] = (),
    sure: float = 1.0,
    score: float = 0.8,
) -> Evidence:
    """Evidence for a question of two words of equal weight, 甲 and 乙; `sure` of 0 is as unlikely as can be."""
    whole = Sentence(Span(clause.start, clause.end), score, frozenset(covered), True, False)
    return Evidence(
        passage=Passage(clause, score, 1),
        features=(sure,) * len(PROBABILITY_WEIGHTS),
        literal=0.0,
        closest=0.0,
        has_quoted=False,
        covered=frozenset(covered),
        weights={"甲": 0.5, "乙": 0.5},
        sentences=tuple(sentences) or (whole,),
    )


@pytest.fixture(scope="session")
def new_evidence() -> Callable[..., Evidence]:
    return build_evidence


@pytest.fixture(scope="session")
def asked() -> Understanding:
    """A question of nothing in particular; tests replace what they are about."""
    return Understanding("甲乙", "甲乙", References(), (), None)


@pytest.fixture(scope="session")
def as_of() -> date:
    return AS_OF


@pytest.fixture(scope="session")
def sample() -> Sample:
    return Sample()


@pytest.fixture(scope="session")
def regions() -> RegionTree:
    return load_regions(data_dir("corpus") / "regions.yaml")


@pytest.fixture(scope="session")
def messages() -> Messages:
    return load_messages(data_dir("prompts"))


@pytest.fixture(scope="session")
def new_draft(
    sample: Sample, regions: RegionTree, messages: Messages, asked: Understanding
) -> Callable[[], OpenDraft]:
    return lambda: OpenDraft(asked, sample.documents, regions, messages)


@pytest.fixture(scope="session")
def finder(real_assistant: Assistant) -> ReferenceFinder:
    return ReferenceFinder(real_assistant.corpus, real_assistant.regions)


@pytest.fixture(scope="session")
def understand(real_assistant: Assistant, finder: ReferenceFinder) -> Callable[..., Understanding]:
    known = {d.id: squeeze(d.source) for d in real_assistant.corpus.documents}

    def read(text: str, region: str | None = None) -> Understanding:
        return understand_question(Question(text, AS_OF, region), finder, real_assistant.regions, known)

    return read


@pytest.fixture(scope="session")
def ask(real_assistant: Assistant) -> Callable[..., Answer]:
    def put(text: str, region: str | None = None, as_of: date = AS_OF) -> Answer:
        return real_assistant.ask(Question(text, as_of, region))

    return put


@pytest.fixture(scope="session")
def whole() -> Callable[[Clause], list[Span]]:
    return lambda clause: [Span(clause.start, clause.end)]


@pytest.fixture(scope="session")
def find_table(real_assistant: Assistant) -> Callable[[str, str], Any]:
    """What a question from a place comes to over the tables of the shipped corpus; None for none."""
    responder = real_assistant._answerer._responder

    def find(question: str, region: str) -> Any:
        asked = responder.reader.understand(
            Question(question, AS_OF, real_assistant._intake.read_region(region))
        )
        return responder._tables.find(asked, responder.scopes.choose(asked, AS_OF).documents)

    return find


@pytest.fixture(scope="session")
def read_turn(real_assistant: Assistant) -> Callable[[str, Memory], Turn]:
    """A message read after what `Memory` holds."""
    turns = real_assistant._answerer._turns
    return lambda text, memory: turns.read(text, memory, AS_OF)


class Talk:
    """Puts messages of conversations that are kept."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def __call__(self, text: str, session: str, region: str | None = "潢川县") -> Answer:
        return self._assistant.ask(Question(text, AS_OF, region, session))

    def memory(self, session: str) -> Memory:
        """What the next turn of a conversation inherits."""
        return read_memory(self._assistant.store.conversations.last_memory(session))


@pytest.fixture(scope="session")
def talk(real_assistant: Assistant) -> Talk:
    return Talk(real_assistant)


class FactReader:
    """Reads the facts of a text as values of the calculator."""

    def __init__(self, assistant: Assistant) -> None:
        self._book = assistant.calculator.book
        self._extractor = assistant._answerer._turns._extractor

    def __call__(self, text: str) -> dict[str, Any]:
        return self.values(self._extractor.extract(text, AS_OF).given)

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        """Facts in the notation of `rules.statements` as values."""
        stated: dict[str, Any] = {}
        for fact, text in given.items():
            read = self._book.facts[fact].state(text)
            assert hasattr(read, "value"), read
            stated[fact] = read.value
        return stated


@pytest.fixture(scope="session")
def read_facts(real_assistant: Assistant) -> FactReader:
    return FactReader(real_assistant)
