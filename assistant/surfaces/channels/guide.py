"""A check step by step: what the verdict still asks for, one fact at a time, with buttons where there is a choice.

Which facts these are, how they are called and what may be said of them comes from the rules: `Decision.ask` of the
answer so far. What is not known is skipped, and never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.errors import RequestInvalid
from assistant.models import Answer, Citation, DecisionAsk, Question
from assistant.rules.facts import Fault
from assistant.surfaces.channels.clauses import shorten_clause
from assistant.surfaces.channels.state import GuideState
from assistant.surfaces.staff.entries import write_value
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant

SKIP, STOP = "skip", "stop"
TRUTHS = ("true", "false")


@dataclass(frozen=True, slots=True)
class Step:
    """Where a check stands.

    Attributes:
        answer: of the facts told so far.
        ask: the fact to ask for; None where nothing that is known is left to ask, which ends the check.
    """

    guide: GuideState
    answer: Answer
    ask: DecisionAsk | None

    def is_about(self, name: str) -> bool:
        """Whether the fact that is asked for has this short name."""
        return self.ask is not None and shorten_clause(self.ask.fact) == name

    @property
    def cited(self) -> tuple[Citation, ...]:
        """What the question rests on."""
        cites = self.ask.cites if self.ask else ()
        return tuple(citation for citation in self.answer.citations if citation.n in cites)


def take_step(assistant: Assistant, guide: GuideState, region: str, as_of: date) -> Step:
    """Decide on the facts told so far, and choose what to ask next.

    Raises:
        RequestInvalid: the facts contradict each other, or the region is unknown.
    """
    question = Question("", as_of=as_of, region=region or None, facts=dict(guide.facts))
    answer = assistant.check(question)
    asks = answer.decision.ask if answer.decision else ()
    ask = next((ask for ask in asks if ask.fact not in guide.skipped), None)
    return Step(guide.model_copy(update={"asked": ask.fact if ask else ""}), answer, ask)


def read_entry(assistant: Assistant, guide: GuideState, text: str, as_of: date) -> GuideState:
    """The check with what was said of the fact that is asked for.

    Raises:
        RequestInvalid: it cannot be read as that fact.
    """
    words = load_texts()["channels"]
    if text.strip() in words["skip_words"]:
        return skip_fact(guide)
    fact = assistant.calculator.book.facts[guide.asked]
    value = write_value(fact, text.strip(), as_of)
    fault = value if isinstance(value, Fault) else fact.state(value)
    if isinstance(fault, Fault):
        raise RequestInvalid(fault.message)
    return guide.model_copy(update={"facts": {**guide.facts, guide.asked: str(value)}})


def skip_fact(guide: GuideState) -> GuideState:
    """The check without the fact that is asked for."""
    return guide.model_copy(update={"skipped": (*guide.skipped, guide.asked)})


def step_text(ask: DecisionAsk) -> str:
    """The question of a step."""
    words: dict[str, Any] = load_texts()["channels"]["check"]
    unit = words["unit"].format(ask.unit) if ask.unit else ""
    return str(words["question"].format(label=ask.label, question=ask.question)) + unit


def choices_of(ask: DecisionAsk) -> tuple[tuple[str, str], ...]:
    """What a question may be answered with, as shown and as stated; empty where anything may be."""
    words: dict[str, str] = load_texts()["channels"]["check"]
    if ask.type == "boolean":
        return tuple((words[truth], truth) for truth in TRUTHS)
    return tuple((choice, choice) for choice in ask.choices)


def press_step(step: Step, name: str, pressed: str) -> GuideState | None:
    """The check after a button of a step; None for one of another step.

    Args:
        name: the short name of the fact that the button was about.
        pressed: the number of a choice, `SKIP` or `STOP`, which leaves the check as it is.
    """
    if step.ask is None or not step.is_about(name):
        return None
    if pressed == SKIP:
        return skip_fact(step.guide)
    choices = choices_of(step.ask)
    if not pressed.isascii() or not pressed.isdigit() or int(pressed) >= len(choices):
        return None
    facts = {**step.guide.facts, step.ask.fact: choices[int(pressed)][1]}
    return step.guide.model_copy(update={"facts": facts})
