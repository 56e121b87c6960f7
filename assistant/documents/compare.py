"""Two versions of a document, clause by clause: what was added, removed, changed, and what only got another number.

In: both documents. Out: a `Comparison`. Clauses are compared without their own numbers, so that one that moved down
because another was put in before it is recognised by its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal, NamedTuple

from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.numbering import read_label
from assistant.models import Clause, Document

ClauseFate = Literal["added", "removed", "changed", "moved"]
PieceKind = Literal["same", "added", "removed"]

_LEAST_ALIKE = 0.5
"""Share of common text from which on two clauses are one that was changed."""
_MOST_PAIRS = 40_000
_TOKEN = re.compile(r"\d+(?:[.．]\d+)*[%\uff05]?|[A-Za-z]+|.", re.DOTALL)
_BRIDGE = 1
"""Common tokens between two changes up to which they are shown as one."""


class Piece(NamedTuple):
    """A stretch of text that both versions have, or one of them."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """What became of a clause; `pieces` are its words in both versions, empty where nothing was changed in them."""

    fate: ClauseFate
    old: Clause | None
    new: Clause | None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Two versions compared.

    Attributes:
        changes: in the order of the new text; what was removed stands where it was.
        n_unchanged: clauses that have the same words under the same number.
        new_by_old: path of each clause that lives on → its path in the new version.
    """

    changes: tuple[ClauseChange, ...]
    n_unchanged: int
    new_by_old: dict[str, str]

    @cached_property
    def counts(self) -> dict[ClauseFate, int]:
        """How many clauses met each fate."""
        found: dict[ClauseFate, int] = {"added": 0, "removed": 0, "changed": 0, "moved": 0}
        for change in self.changes:
            found[change.fate] += 1
        return found

    @property
    def is_same(self) -> bool:
        """Whether both have the same clauses."""
        return not self.changes


def compare_documents(old: Document, new: Document) -> Comparison:
    """Compare two versions of a document."""
    pairs = _pair_clauses(old, new)
    new_of = {o.path: n for o, n in pairs}
    old_of = {n.path: o for o, n in pairs}
    changes: list[tuple[float, ClauseChange]] = []
    n_unchanged = 0
    place_of = {c.path: i for i, c in enumerate(new.clauses)}
    last = -1.0
    for clause in old.clauses:
        if (found := new_of.get(clause.path)) is not None:
            last = place_of[found.path]
        else:
            last += 1e-4
            changes.append((last, ClauseChange("removed", clause, None)))
    for i, clause in enumerate(new.clauses):
        former = old_of.get(clause.path)
        if former is None:
            changes.append((i, ClauseChange("added", None, clause)))
        elif body_of(old, former) != body_of(new, clause):
            pieces = diff_words(_show(old, former), _show(new, clause))
            changes.append((i, ClauseChange("changed", former, clause, pieces)))
        elif former.path != clause.path:
            changes.append((i, ClauseChange("moved", former, clause)))
        else:
            n_unchanged += 1
    changes.sort(key=lambda pair: pair[0])
    return Comparison(
        tuple(change for _, change in changes), n_unchanged, {o: n.path for o, n in new_of.items()}
    )


def body_of(document: Document, clause: Clause) -> str:
    """The text of a clause without its own number, as it is compared."""
    text = document.source[clause.start : clause.end]
    return squeeze(strip_label(text))


def strip_label(text: str) -> str:
    """A text without the number at its head."""
    text = text.lstrip()
    label = read_label(text)
    return text[label.length :] if label else text


def diff_words(old: str, new: str) -> tuple[Piece, ...]:
    """Two texts word by word: figures and Latin words whole, Chinese characters one by one, close changes as one."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    runs: list[tuple[bool, str, str]] = []
    for i, (tag, i1, i2, j1, j2) in enumerate(codes):
        is_inside = 0 < i < len(codes) - 1
        is_same = tag == "equal" and not (is_inside and i2 - i1 <= _BRIDGE)
        run = is_same, "".join(before[i1:i2]), "".join(after[j1:j2])
        if runs and not is_same and not runs[-1][0]:
            runs[-1] = False, runs[-1][1] + run[1], runs[-1][2] + run[2]
        else:
            runs.append(run)
    return tuple(piece for run in runs for piece in _pieces(*run))


def _pieces(is_same: bool, old: str, new: str) -> Iterator[Piece]:
    if is_same:
        yield Piece("same", old)
        return
    if old:
        yield Piece("removed", old)
    if new:
        yield Piece("added", new)


def _show(document: Document, clause: Clause) -> str:
    return collapse_display(document.source[clause.start : clause.end])


def _pair_clauses(old: Document, new: Document) -> list[tuple[Clause, Clause]]:
    """The clauses that live on: first those unchanged, then those of the same words, then those most alike."""
    bodies = {("old", c.path): body_of(old, c) for c in old.clauses} | {
        ("new", c.path): body_of(new, c) for c in new.clauses
    }
    new_by_path = {c.path: c for c in new.clauses}
    pairs: list[tuple[Clause, Clause]] = []
    left = list(old.clauses)
    free = dict(new_by_path)

    def take(clause: Clause, found: Clause) -> None:
        pairs.append((clause, found))
        left.remove(clause)
        del free[found.path]

    for clause in old.clauses:
        found = free.get(clause.path)
        if found and bodies["old", clause.path] == bodies["new", found.path]:
            take(clause, found)
    by_body: dict[str, list[Clause]] = {}
    for clause in free.values():
        by_body.setdefault(bodies["new", clause.path], []).append(clause)
    for clause in list(left):
        alike = by_body.get(bodies["old", clause.path], [])
        if alike:
            take(clause, alike.pop(0))
    for clause, found in _most_alike(left, list(free.values()), bodies):
        if clause in left and found.path in free:
            take(clause, found)
    return pairs


def _most_alike(
    left: Sequence[Clause], free: Sequence[Clause], bodies: dict[tuple[str, str], str]
) -> list[tuple[Clause, Clause]]:
    """Pairs of clauses that have much in common, the most alike first; of equals those of the same number."""
    is_many = len(left) * len(free) > _MOST_PAIRS
    found: list[tuple[float, bool, int, Clause, Clause]] = []
    for i, clause in enumerate(left):
        for other in free:
            is_named = clause.path == other.path
            if clause.kind == other.kind and (is_named or not is_many):
                ratio = _alike(bodies["old", clause.path], bodies["new", other.path])
                if ratio >= _LEAST_ALIKE:
                    found.append((-ratio, not is_named, i, clause, other))
    found.sort(key=lambda entry: (*entry[:3], entry[4].path))
    return [(entry[3], entry[4]) for entry in found]


def _alike(old: str, new: str) -> float:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.real_quick_ratio() < _LEAST_ALIKE or matcher.quick_ratio() < _LEAST_ALIKE:
        return 0.0
    return matcher.ratio()
