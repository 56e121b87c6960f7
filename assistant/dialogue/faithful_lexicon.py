"""What a worded sentence may say without the clause: `prompts/faithful.yaml`.

In: the file. Out: neutral words, wordings of the same, words of verdicts. No figure or name of a document stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ConfigError
from assistant.models import Outcome

_Word = Annotated[str, Field(min_length=1)]


class _Verdicts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    passed: _Word = Field(alias="pass")
    failed: _Word = Field(alias="fail")
    unknown: _Word = Field(alias="open")
    whole: _Word


class _File(BaseModel):
    """The file as written: words separated by blanks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    neutral: _Word
    literal: _Word
    narrowing: _Word
    opposites: list[_Word]
    same: list[Annotated[list[_Word], Field(min_length=2)]]
    verdicts: _Verdicts


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words, ready to be looked for.

    Attributes:
        neutral: finds a word that needs no ground.
        literal: finds a word that must stand so in what is cited.
        narrowing: finds a word that narrows what stands behind it.
        opposites: groups of words of which one may not stand for another.
        verdict: finds a word of a verdict; `outcomes` tells what it says, `whole` which ones are of the whole case.
    """

    neutral: re.Pattern[str]
    literal: re.Pattern[str]
    narrowing: re.Pattern[str]
    opposites: tuple[tuple[str, ...], ...]
    verdict: re.Pattern[str]
    outcomes: dict[str, Outcome]
    whole: frozenset[str]
    _same: re.Pattern[str]
    _official: dict[str, str]

    def unify(self, text: str) -> str:
        """A text in which wordings of the same are one."""
        return self._same.sub(lambda match: self._official[match[0]], text)


@cache
def load_lexicon(path: Path) -> Lexicon:
    """Read `faithful.yaml`.

    Raises:
        ConfigError: the file cannot be read or is not as it should be.
    """
    try:
        read = _File.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except (OSError, yaml.YAMLError, ValidationError) as exc:
        raise ConfigError(f"词表 {path} 有误：{exc}", hint="重新安装 tiaowen 或恢复该文件") from exc
    official = {word: group[0] for group in read.same for word in group[1:]}
    told = read.verdicts
    by_outcome: list[tuple[Outcome, str]] = [
        ("pass", told.passed),
        ("fail", told.failed),
        ("unknown", told.unknown),
    ]
    outcomes = {word: outcome for outcome, words in by_outcome for word in words.split()}
    outcomes |= {word: "fail" if word.startswith("不") else "pass" for word in told.whole.split()}
    whole = frozenset(told.whole.split())
    return Lexicon(
        neutral=_any(read.neutral.split()),
        literal=_any(read.literal.split()),
        narrowing=_any(read.narrowing.split()),
        opposites=tuple(tuple(group.split()) for group in read.opposites),
        verdict=_any(outcomes),
        outcomes=outcomes,
        whole=whole,
        _same=_any(official),
        _official=official,
    )


def _any(words: Iterable[str]) -> re.Pattern[str]:
    """Finds the longest of some words."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))
