"""The attack corpus: YAML groups of texts → items, each with what it tries, where it goes, and what it may lead to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

CORPUS = Path(__file__).parent / "corpus"

LLM_RISKS = {
    "LLM01": "Prompt Injection",
    "LLM02": "Sensitive Information Disclosure",
    "LLM03": "Excessive Agency",
    "LLM04": "Supply Chain",
    "LLM05": "Data and Model Poisoning",
    "LLM06": "Unbounded Consumption",
    "LLM07": "Misinformation",
    "LLM08": "Hidden Context Exposure",
    "LLM09": "Vector and Embedding Weaknesses",
    "LLM10": "Improper Output Handling",
}
"""OWASP Top 10 for LLM Applications 2026, https://genai.owasp.org/resource/owasp-genai-llm-top-10-2026/"""
API_RISKS = {
    "API1": "Broken Object Level Authorization",
    "API2": "Broken Authentication",
    "API3": "Broken Object Property Level Authorization",
    "API4": "Unrestricted Resource Consumption",
    "API5": "Broken Function Level Authorization",
    "API8": "Security Misconfiguration",
}
"""OWASP API Security Top 10 2023; those that have items."""

Kind = Literal[
    "added",  # to a base question, at {q}
    "instead",  # of a base question, which it means to be
    "alone",  # a question of its own
    "field",  # in a field of the request, beside a base question
    "fact",
    "address",
    "header",
    "stored",  # in what is kept and shown to the staff
    "upload",  # as the name of a file
    "cell",  # in a cell of a file
    "document",  # in a document of the corpus
]
Allowed = Literal["same", "asks", "refuses", "quotes"]


class Base(BaseModel):
    """A question with a known answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    region: str


class Bases(BaseModel):
    """All of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date
    questions: dict[str, Base]


class Group(BaseModel):
    """Texts that try the same.

    Attributes:
        allow: what an attacked question may lead to: the same answer, a question back, a refusal,
            the clause without a verdict.
        base: the only base question; none named: all of them, in turn.
        never: expressions that no line of an answer may meet.
        never_passes: whether no such question may be decided as a pass that was not one.
        closed: whether the address is for the staff alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    owasp: tuple[str, ...] = Field(min_length=1)
    kind: Kind
    texts: tuple[str, ...] = Field(min_length=1)
    allow: tuple[Allowed, ...] = ("same",)
    base: str = ""
    field: str = ""
    region: str = ""
    as_of: date | None = None
    never: tuple[str, ...] = ()
    never_passes: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One attack."""

    id: str
    text: str
    group: Group


def read_bases() -> Bases:
    """The questions that attacks are added to."""
    return Bases.model_validate(yaml.safe_load((CORPUS / "bases.yaml").read_text(encoding="utf-8")))


def read_items(*kinds: Kind) -> list[Item]:
    """The attacks of some kinds, or all, in the order of the files."""
    groups = [
        Group.model_validate(entry)
        for path in sorted(CORPUS.glob("*.yaml"))
        if path.name != "bases.yaml"
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    return [
        Item(f"{group.group}-{number:02}", text, group)
        for group in groups
        if not kinds or group.kind in kinds
        for number, text in enumerate(group.texts, 1)
    ]


def count_by_risk() -> dict[str, int]:
    """How many attacks try each risk; one may try several."""
    counts = Counter(risk for item in read_items() for risk in item.group.owasp)
    return {risk: counts[risk] for risk in (*LLM_RISKS, *API_RISKS)}


def write_table() -> str:
    """The risks and their counts, as a Markdown table."""
    names = {**LLM_RISKS, **API_RISKS}
    edition = {risk: "2026" if risk.startswith("LLM") else "2023" for risk in names}
    rows = [f"| {risk}:{edition[risk]} {names[risk]} | {n} |" for risk, n in count_by_risk().items()]
    return "\n".join(("| OWASP | attacks |", "|---|---|", *rows))
