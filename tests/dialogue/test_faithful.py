"""What the gate of worded sentences lets through: scripted lies, and faithful rewordings, of the product's own answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import yaml

from assistant.app import Assistant
from assistant.dialogue.faithful import Fault, Ground, build_ground, find_fault, split_sentences
from assistant.models import Question

AS_OF = date(2026, 11, 21)
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """What a model might say of one answer."""

    asked: str
    region: str
    text: str
    kind: str = "faithful"
    is_held: bool = False


def read_cases(name: str) -> list[Case]:
    """The cases of a file."""
    cases = []
    for entry in yaml.safe_load((HERE / name).read_text(encoding="utf-8")):
        for say in entry["say"]:
            told = {"text": say, "kind": "faithful"} if isinstance(say, str) else say
            cases.append(
                Case(entry["asked"], entry["region"], told["text"], told["kind"], entry.get("held", False))
            )
    return cases
