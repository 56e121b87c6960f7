"""A small corpus and scripted systems: real implementations of the protocol, with a history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from assistant.models import Answer, Citation, Clause, Decision, Passage, Question
from evals.cases import Case
from evals.metrics import Evidence, Score, score_case
from evals.report import CaseResult, Report
from evals.system import System

AS_OF = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCES = {
    "plan": "一、班级\n每班人数不得超过 80 人，工位比 1:20 以内。\n二、任务\n年培训 六千 人次。\n"
    + "长" * 900,
    "notice": "鼓励送培训下乡。\n教育局\t300\n",
}


@dataclass(frozen=True, slots=True)
class FullDecision(Decision):
    """A decision as the rule engine fills it."""

    value: dict[str, str] | None = None
    checks: tuple[dict[str, Any], ...] = ()


class ScriptedSystem(System):
    """Answers by question text; an exception in the script is raised; keeps what it was asked."""

    corpus_version = "v-test"
    warnings = ()

    def __init__(
        self,
        answers: dict[str, Answer | Exception] | None = None,
        passages: dict[str, list[Passage]] | None = None,
    ) -> None:
        self.answers = answers or {}
        self.passages = passages or {}
        self.questions: list[Question] = []
        self.searches: list[tuple[str, str | None, int]] = []

    def ask(self, question: Question) -> Answer:
        self.questions.append(question)
        scripted = self.answers.get(question.text) or build_answer("没有规定。", status="refused")
        if isinstance(scripted, Exception):
            raise scripted
        return scripted

    def search(self, query: str, *, region: str | None, top_k: int) -> list[Passage]:
        self.searches.append((query, region, top_k))
        return self.passages.get(query, [])[:top_k]

    def source(self, document_id: str) -> str:
        return SOURCES[document_id]


def build_answer(text: str, *citations: Citation, **fields: Any) -> Answer:
    given: dict[str, Any] = {
        "id": "a",
        "session_id": "s",
        "status": "answered",
        "as_of": AS_OF,
        "decision": None,
        "notices": (),
        "corpus_version": "v-test",
        **fields,
    }
    return Answer(text=text, citations=citations, **given)


def build_citation(quote: str, *, n: int = 1, document: str = "plan", **fields: Any) -> Citation:
    """A right citation of a quote that stands in SOURCES, unless fields say otherwise."""
    source = SOURCES.get(document, "")
    start = source.find(quote)
    line_start = source.rfind("\n", 0, max(start, 0)) + 1
    line_end = source.find("\n", start)
    given: dict[str, Any] = {
        "number": "试发（2021）7号",
        "title": "试行方案",
        "issuer": "某局",
        "region": "某县",
        "clause": "一、",
        "clause_id": f"{document}#1",
        "start": start,
        "end": start + len(quote),
        "clause_start": line_start,
        "clause_end": len(source) if line_end < 0 else line_end,
        **fields,
    }
    return Citation(n=n, document=document, quote=quote, **given)


def build_passage(quote: str, *, rank: int, document: str = "plan") -> Passage:
    cited = build_citation(quote, document=document)
    clause = Clause(
        clause_id=f"{document}#{rank}",
        document=document,
        path=str(rank),
        label=str(rank),
        kind="clause",
        start=cited.clause_start,
        end=cited.clause_end,
        text=quote,
    )
    return Passage(clause, 1 / rank, rank)


def build_case(**fields: Any) -> Case:
    given = {"id": "c-1", "kind": "lookup", "region": None, "question": "问？", "expect": "answer"}
    return Case.model_validate(given | fields)


def build_result(case_id: str = "c-1", *, states: dict[str, Any] | None = None, **fields: Any) -> CaseResult:
    """A result whose metrics have these states, and a share of one half."""
    scores = {
        name: Score(state, f"{name} 的理由", 0.5) for name, state in (states or {"status": "correct"}).items()
    }
    given: dict[str, Any] = {
        "id": case_id,
        "kind": "lookup",
        "expect": "answer",
        "expected": "回答",
        "region": None,
        "history": (),
        "question": "问？",
        "status": "answered",
        "outcome": None,
        "text": "答。[1]",
        "citations": ("[1] 试发（2021）7号 一、",),
        "scores": scores,
        **fields,
    }
    return CaseResult(**given)


def build_report(*results: CaseResult, **fields: Any) -> Report:
    given: dict[str, Any] = {
        "case_file": "dev.jsonl",
        "created": NOON,
        "as_of": AS_OF,
        "corpus_version": "v1",
        "commit": None,
        "settings": {"retrieval": {"bm25_weight": 0.55}},
        "results": results,
        **fields,
    }
    return Report(**given)


@dataclass(frozen=True, slots=True)
class Builders:
    """What the tests build their tables from."""

    answer: Callable[..., Answer] = build_answer
    citation: Callable[..., Citation] = build_citation
    passage: Callable[..., Passage] = build_passage
    case: Callable[..., Case] = build_case
    result: Callable[..., CaseResult] = build_result
    report: Callable[..., Report] = build_report
    score: Callable[[Evidence], dict[str, Score]] = score_case
    decision: type[FullDecision] = FullDecision
    system: type[ScriptedSystem] = ScriptedSystem
    as_of: date = AS_OF
    noon: datetime = NOON
    sources: dict[str, str] = field(default_factory=lambda: SOURCES)

    def evidence(self, answer: Answer, passages: tuple[Passage, ...] = (), **case_fields: Any) -> Evidence:
        return Evidence(build_case(**case_fields), answer, passages, ScriptedSystem().source)


@pytest.fixture(scope="session")
def build() -> Builders:
    return Builders()
