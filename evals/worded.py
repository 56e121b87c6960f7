"""Extractive against worded, side by side: what a language model changed, what of its sentences was shown, what it cost.

In: the reports of the same cases without and with a model, and what the model counted meanwhile. Out: `Worded`, which is
stored in the report of the second. Scores are the same metrics as ever, so that a loss of truth shows as a loss.
"""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict
from rich.console import Group, RenderableType
from rich.text import Text

from assistant.dialogue.counts import ModelCounts, ModelTotals
from evals.system import System

FATES = {"passed": "直接通过", "repaired": "改正后通过", "replaced": "换回条文"}
"""What becomes of a sentence of the model."""


class CountedModel(Protocol):
    """The model behind a worded system."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def counts(self) -> ModelCounts:
        """What it did."""


class WordedSystem(System, Protocol):
    """A system with a language model."""

    @property
    def model(self) -> CountedModel | None:
        """The model; None for a system without one."""


class Pair(BaseModel):
    """One case whose answer reads otherwise with a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    extractive: str
    worded: str


class Worded(BaseModel):
    """What a model changed.

    Attributes:
        n_right_extractive, n_right_worded: cases without a failed metric, of `n_cases`.
        n_changed: answers that read otherwise; `pairs` has them, none where the cases are held out.
        sentences: by fate, see `FATES`; `faults` by kind, of those that did not pass at once.
        calls, failures: by use, by kind of failure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    n_cases: int
    n_right_extractive: int
    n_right_worded: int
    n_changed: int
    sentences: dict[str, int]
    faults: dict[str, int]
    calls: dict[str, int]
    failures: dict[str, int]
    tokens: int
    pairs: tuple[Pair, ...] = ()

    def share(self, fate: str) -> float | None:
        """Share of the model's sentences with a fate; None where it said none."""
        n_sentences = sum(self.sentences.values())
        return self.sentences.get(fate, 0) / n_sentences if n_sentences else None


def subtract_totals(after: ModelTotals, before: ModelTotals) -> ModelTotals:
    """What was counted between two moments."""

    def less(new: dict[str, int], old: dict[str, int]) -> dict[str, int]:
        return {name: n - old.get(name, 0) for name, n in sorted(new.items()) if n > old.get(name, 0)}

    return ModelTotals(
        less(after.calls, before.calls),
        less(after.failures, before.failures),
        less(after.sentences, before.sentences),
        less(after.faults, before.faults),
        after.tokens - before.tokens,
    )


def render_worded(worded: Worded) -> RenderableType:
    """For the terminal: both scores, what became of the sentences, what failed."""
    lines = [
        Text(f"语言模型 {worded.model}：条文摘录与改写并排", style="bold"),
        Text(
            f"  全对：摘录 {worded.n_right_extractive}/{worded.n_cases}，改写 {worded.n_right_worded}/{worded.n_cases}"
            f"；措辞不同的回答 {worded.n_changed} 个"
        ),
        Text("  句子：" + "，".join(_show_fate(worded, fate) for fate in FATES)),
        Text(f"  没有通过的原因：{_show_counts(worded.faults)}"),
        Text(
            f"  调用：{_show_counts(worded.calls)}；失败：{_show_counts(worded.failures)}；约 {worded.tokens} token"
        ),
    ]
    return Group(*lines)


def _show_fate(worded: Worded, fate: str) -> str:
    share = worded.share(fate)
    shown = "–" if share is None else f"{100 * share:.1f}%"
    return f"{FATES[fate]} {worded.sentences.get(fate, 0)}（{shown}）"


def _show_counts(counts: dict[str, int]) -> str:
    return "、".join(f"{name} {n}" for name, n in counts.items()) or "无"
