"""Where the time of a question goes: reading it, searching, weighing evidence, rules, and putting the answer together.

In: an opened assistant and questions. Out: figures a stage. The public steps of each stage are timed in one process, each
without the steps inside it, so that the stages of a question add up to the whole.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from assistant.app import Assistant
from assistant.dialogue.evidence import EvidenceScorer
from assistant.dialogue.extract import FactExtractor
from assistant.dialogue.faithful import build_ground, find_fault, split_sentences
from assistant.dialogue.followup import TurnReader
from assistant.dialogue.reading import QuestionReader
from assistant.dialogue.route import Router
from assistant.dialogue.spelling import Speller
from assistant.models import Answer, Question
from assistant.retrieval.retrieve import Retriever
from assistant.rules.decide import Calculator
from evals.bench.figures import Figure, build_figure, percentile
from evals.cases import Case

READ, SEARCH, WEIGH, RULES, COMPOSE = "理解", "检索", "证据", "规则", "组织"
STAGES = (READ, SEARCH, WEIGH, RULES, COMPOSE)
_STEPS: tuple[tuple[type, str, str], ...] = (
    (TurnReader, "read", READ),
    (QuestionReader, "understand", READ),
    (FactExtractor, "extract", READ),
    (Speller, "correct", READ),
    (Retriever, "expand", SEARCH),
    (Retriever, "retrieve", SEARCH),
    (EvidenceScorer, "score", WEIGH),
    (Router, "route", RULES),
    (Calculator, "decide", RULES),
    (Assistant, "ask", COMPOSE),
)
_ADDED = (READ, RULES, COMPOSE)
"""What understanding and composing add to search and evidence."""


class StageClock:
    """Seconds by stage of what runs while it is on; of a step inside another only the inner one counts."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    @contextmanager
    def running(self) -> Iterator[StageClock]:
        """Time the steps of all stages until the block ends."""
        kept = [(owner, name, getattr(owner, name)) for owner, name, _ in _STEPS]
        for (owner, name, stage), (_, _, step) in zip(_STEPS, kept, strict=True):
            setattr(owner, name, self._timed(step, stage))
        try:
            yield self
        finally:
            for owner, name, step in kept:
                setattr(owner, name, step)

    def _timed(self, step: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            started = time.perf_counter()
            try:
                return step(*args, **kwargs)
            finally:
                spent = time.perf_counter() - started
                self.seconds[stage] += spent - self._inner.pop()
                if self._inner:
                    self._inner[-1] += spent

        return run


def measure_stages(assistant: Assistant, cases: Sequence[Case], as_of: date) -> list[Figure]:
    """Milliseconds a question by stage, over all questions, each asked twice and timed the second time."""
    rounds: list[defaultdict[str, float]] = []
    checked: list[float] = []
    for case in cases:
        question = Question(case.question, as_of, case.region)
        answer = assistant.ask(question)
        clock = StageClock()
        with clock.running():
            assistant.ask(question)
        rounds.append(clock.seconds)
        checked += _time_check(assistant, answer, case.question)
    totals = [sum(seconds.values()) for seconds in rounds]
    figures = []
    for stage in STAGES:
        values = [1000 * seconds[stage] for seconds in rounds]
        figures.append(build_figure("阶段", f"{stage}", "毫秒", values))
        share = sum(seconds[stage] for seconds in rounds) / sum(totals)
        figures.append(build_figure("阶段", f"{stage}占全程", "", [share]))
    added = [1000 * sum(seconds[s] for s in _ADDED) for seconds in rounds]
    figures.append(build_figure("阶段", "理解、规则和组织", "毫秒", added))
    figures.append(build_figure("阶段", "理解、规则和组织 p95", "毫秒", [percentile(added, 0.95)]))
    if checked:
        figures.append(build_figure("核对", "一句对照条款", "毫秒", [percentile(checked, 0.5)]))
    return figures


def _time_check(assistant: Assistant, answer: Answer, asked: str) -> list[float]:
    """Milliseconds to check each sentence of an answer against its clauses, as one a model wrote is checked."""
    documents, thesaurus = assistant.corpus.document_by_id, assistant.retriever.thesaurus
    ground = build_ground(answer, documents, assistant.regions, asked, thesaurus)
    taken = []
    for sentence in split_sentences(answer.text):
        find_fault(sentence, ground)
        started = time.perf_counter()
        find_fault(sentence, ground)
        taken.append(1000 * (time.perf_counter() - started))
    return taken
