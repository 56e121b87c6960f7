"""What a check found, and what all checks know."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from assistant.config import Settings
from assistant.errors import TiaowenError

if TYPE_CHECKING:
    from assistant.documents.catalog import Corpus
    from assistant.rules.book import Book
    from assistant.rules.load import RuleSource

State = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        state: `fail` is what keeps questions from being answered well or safely, `warn` what the operator should see to,
            `skip` what is not in use.
        remedy: what to do; empty where nothing is to be done.
        exit_code: of the error tree, for a `fail`.
    """

    name: str
    state: State
    told: str
    remedy: str = ""
    exit_code: int = 0


class Texts:
    """Documents and rules as they are in the folder now, each read once, when the first check asks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def corpus(self) -> Corpus:
        """The documents; raises CorpusError where none can be read."""
        from assistant.app import read_corpus
        from assistant.documents.switch import hold_still

        with hold_still(self._settings.corpus_dir):
            return read_corpus(self._settings)

    @cached_property
    def source(self) -> RuleSource:
        """The rule files; raises CorpusError where one cannot be read."""
        from assistant.app import read_corpus_rules

        return read_corpus_rules(self._settings, self.corpus)

    @cached_property
    def book(self) -> Book:
        """The rules; raises CorpusError where they do not load."""
        from assistant.rules.build import build_book

        return build_book(self.source, self.corpus.documents)


@dataclass(frozen=True, slots=True)
class Checkup:
    """What all checks know.

    Attributes:
        texts: documents and rules.
        now: the moment, with a time zone.
        patience: longest wait for another machine, seconds.
        clock: seconds since the epoch, which clocks of others are compared with at the moment they are read.
    """

    settings: Settings
    texts: Texts
    now: datetime
    patience: float = 5.0
    clock: Callable[[], float] = time.time


Check = Callable[[Checkup], Iterator[Finding]]


def fine(name: str, told: str) -> Finding:
    """All is well."""
    return Finding(name, "ok", told)


def warned(name: str, told: str, remedy: str) -> Finding:
    """The operator should see to it."""
    return Finding(name, "warn", told, remedy)


def failed(name: str, told: str, remedy: str, exit_code: int) -> Finding:
    """It does not work."""
    return Finding(name, "fail", told, remedy, exit_code)


def unused(name: str, told: str) -> Finding:
    """Not in use."""
    return Finding(name, "skip", told)


def broken(name: str, exc: TiaowenError) -> Finding:
    """What an error of our tree says."""
    return failed(name, exc.message, exc.hint, exc.exit_code)


def size_of(n_bytes: int) -> str:
    """A size for a person."""
    for unit, factor in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.1f} {unit}"
    return f"{n_bytes} 字节"
