"""What a new version of a document does to the rules that quote it.

In: a rule file, both versions of the document, and how their clauses correspond. Out: a `RuleDrift` for each quote and
the changes in tables. A quote that stands as it did in an unchanged sentence may be pinned anew without anybody reading
it, whatever its clause is called now; every other one is held back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from assistant.documents.compare import Comparison, strip_label
from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.sentences import split_sentences
from assistant.models import Clause, Document
from assistant.rules.law import Cite, Table
from assistant.rules.numerals import find_figures
from assistant.rules.pins import find_quote, fold_with_offsets
from assistant.rules.schema import CiteData
from assistant.rules.schema_files import RuleFile
from assistant.rules.tables import bind_table

QuoteFate = Literal["kept", "renumbered", "reworded", "elsewhere", "changed", "gone"]
"""What became of a quote: its sentence unchanged, in a clause of another number, in another sentence, only in another
clause, changed itself, or nowhere to be found."""
_FIGURE = re.compile(r"[\d.一二三四五六七八九十百千万两零]+")
SAFE: frozenset[QuoteFate] = frozenset(["kept", "renumbered"])


class FigureChange(NamedTuple):
    """A figure of a quote in both versions, as printed with its unit."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RuleDrift:
    """What became of one quote.

    Attributes:
        owner: document whose rule file holds it.
        key: `parameters.max_class_size`; `label` is that rule's.
        clause, clause_now: paths; the latter is empty where nothing corresponds.
        place, place_now: the same as a reader is shown them.
        words_now: what stands in the place of the quote, empty where it is gone.
    """

    owner: str
    key: str
    label: str
    clause: str
    place: str
    quote: str
    fate: QuoteFate
    clause_now: str = ""
    place_now: str = ""
    words_now: str = ""
    figures: tuple[FigureChange, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether its rules are out of use until somebody has read the clause again."""
        return self.fate not in SAFE


@dataclass(frozen=True, slots=True)
class TableChange:
    """A cell, a row (`column` empty) or a whole table (`row` empty too) that reads differently; the rules follow the text."""

    key: str
    label: str
    row: str
    column: str
    old: str
    new: str


class FoundCite(NamedTuple):
    """A cite of a rule file with the key and label of the rule that rests on it."""

    key: str
    label: str
    cite: CiteData


def list_cites(file: RuleFile) -> Iterator[FoundCite]:
    """Every cite of a rule file that is pinned."""
    for id_, parameter in file.parameters.items():
        for dated in parameter.values:
            yield from _found(f"parameters.{id_}", parameter.label, dated.cite)
    groups: dict[str, Mapping[str, Any]] = {
        "checks": file.checks,
        "verdicts": file.verdicts,
        "quantities": file.quantities,
        "deadlines": file.deadlines,
    }
    for group, rules in groups.items():
        for id_, rule in rules.items():
            yield from _found(f"{group}.{id_}", rule.label, rule.cite)
    for id_, table in file.tables.items():
        if table.total:
            total = CiteData(clause=table.total.clause, quote=table.total.quote, pin=table.total.pin)
            yield FoundCite(f"tables.{id_}.total", table.label, total)
    for id_, conflict in file.conflicts.items():
        for side in conflict.sides:
            if side.cite is not None:
                cite = side.cite.model_copy(update={"document": side.cite.document or side.document})
                yield FoundCite(f"conflicts.{id_}", conflict.label, cite)
    for counting in file.counting:
        yield from _found(f"counting.{counting.unit}", counting.unit, counting.cite)


def find_rule_drift(
    owner: str, file: RuleFile, old: Document, new: Document, comparison: Comparison
) -> tuple[RuleDrift, ...]:
    """What became of each quote of a rule file that is taken from the document.

    Args:
        owner: document whose rule file it is; it may quote another one.
    """
    reader = _Reader(old, new, comparison)
    return tuple(
        reader.read(owner, found) for found in list_cites(file) if (found.cite.document or owner) == old.id
    )


def find_table_changes(file: RuleFile, old: Document, new: Document) -> tuple[TableChange, ...]:
    """What changed in the annex tables that the rules read; a table that no longer reads is told with the fault."""
    changes: list[TableChange] = []
    for id_, data in file.tables.items():
        faults: list[str] = []
        before, _ = bind_table(id_, data, old, _nowhere, _ignore)
        after, _ = bind_table(id_, data, new, _nowhere, lambda _k, m, *_: faults.append(m))  # noqa: B023
        if faults:
            changes.append(TableChange(f"tables.{id_}", data.label, "", "", "", "；".join(faults)))
        else:
            changes += _compare_tables(f"tables.{id_}", before, after)
    return tuple(changes)


def _found(key: str, label: str, cites: Iterable[CiteData]) -> Iterator[FoundCite]:
    return (FoundCite(key, label, cite) for cite in cites)


class _Reader:
    """Finds quotes of one document again."""

    def __init__(self, old: Document, new: Document, comparison: Comparison) -> None:
        self._old, self._new = old, new
        self._old_by_path = {c.path: c for c in old.clauses}
        self._new_by_path = {c.path: c for c in new.clauses}
        self._new_by_old = comparison.new_by_old

    def read(self, owner: str, found: FoundCite) -> RuleDrift:
        """What became of one quote."""
        cite = found.cite
        before = self._old_by_path.get(cite.clause)
        after = self._new_by_path.get(self._new_by_old.get(cite.clause, ""))
        fate, clause, words = self._follow(before, after, cite.quote)
        return RuleDrift(
            owner=owner,
            key=found.key,
            label=found.label,
            clause=cite.clause,
            place=before.label if before else cite.clause,
            quote=collapse_display(cite.quote),
            fate=fate,
            clause_now=clause.path if clause else "",
            place_now=clause.label if clause else "",
            words_now=words,
            figures=find_figure_changes(cite.quote, words) if fate == "changed" else (),
        )

    def _follow(
        self, before: Clause | None, after: Clause | None, quote: str
    ) -> tuple[QuoteFate, Clause | None, str]:
        source = self._new.source
        if after is not None and find_quote(source, after.start, after.end, quote):
            words = collapse_display(quote)
            if before is None or _sentence(self._old, before, quote) != _sentence(self._new, after, quote):
                return "reworded", after, words
            return ("kept" if before.path == after.path else "renumbered"), after, words
        if before is not None and after is not None:
            words = map_quote(
                self._old.source[before.start : before.end], source[after.start : after.end], quote
            )
            if words:
                return "changed", after, words
        other = next((c for c in self._new.clauses if find_quote(source, c.start, c.end, quote)), None)
        return ("elsewhere", other, collapse_display(quote)) if other else ("gone", after, "")


def _sentence(document: Document, clause: Clause, quote: str) -> str:
    """The sentences a quote touches, without the number of their clause, as they are compared.

    Figures count for nothing here: those of the quote are the same anyway, and another figure of the sentence (每班不超过
    80人，每课时不低于40分钟) says nothing about this one; other words may.
    """
    span = find_quote(document.source, clause.start, clause.end, quote)
    if span is None:
        return ""
    touched = [
        document.source[s.start : s.end]
        for s in split_sentences(document.source, clause.start, clause.end)
        if s.start < span.end and span.start < s.end
    ]
    return _FIGURE.sub("0", squeeze(strip_label("".join(touched))))


def map_quote(old: str, new: str, quote: str) -> str:
    """What stands in a changed clause where the quote stood; empty where nothing does.

    Args:
        old, new: texts of the clause in both versions.
    """
    span = find_quote(old, 0, len(old), quote)
    if span is None:
        return ""
    before, after = fold_with_offsets(old), fold_with_offsets(new)
    first = next(i for i, at in enumerate(before.offsets) if at >= span.start)
    last = max(i for i, at in enumerate(before.offsets) if at < span.end)
    start = end = 0
    kept = 0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before.text, after.text, autojunk=False).get_opcodes():
        if i1 <= first < i2:
            start = j1 + (first - i1 if tag == "equal" else 0)
        if i1 <= last < i2:
            end = j1 + (last - i1 + 1 if tag == "equal" else j2 - j1)
        if tag == "equal":
            kept += max(0, min(i2, last + 1) - max(i1, first))
    is_same_matter = end > start and 2 * kept >= last + 1 - first
    return collapse_display(new[after.offsets[start] : after.offsets[end - 1] + 1]) if is_same_matter else ""


def find_figure_changes(old: str, new: str) -> tuple[FigureChange, ...]:
    """The figures that differ, where both have as many."""
    before, after = find_figures(old), find_figures(new)
    if len(before) != len(after):
        return ()
    return tuple(
        FigureChange(_shown(old, b.start, b.end, b.unit), _shown(new, a.start, a.end, a.unit))
        for b, a in zip(before, after, strict=True)
        if (b.value, b.unit) != (a.value, a.unit)
    )


def _shown(text: str, start: int, end: int, unit: str) -> str:
    printed = collapse_display(text[start:end])
    return printed if not unit or printed.endswith(unit) else f"{printed}{unit}"


# -- tables --------------------------------------------------------------------------------------------


def _compare_tables(key: str, before: Table, after: Table) -> Iterator[TableChange]:
    rows = {_name(before, row.values): row for row in before.rows}
    new_rows = {_name(after, row.values): row for row in after.rows}
    for name, row in rows.items():
        if name not in new_rows:
            yield TableChange(key, before.label, name, "", collapse_display(row.clause.text), "")
            continue
        now = new_rows[name]
        for column in after.columns:
            if row.values.get(column.id) != now.values.get(column.id):
                old = row.cells[column.id].text if column.id in row.cells else ""
                new = now.cells[column.id].text if column.id in now.cells else ""
                yield TableChange(
                    key, before.label, name, column.header, collapse_display(old), collapse_display(new)
                )
    for name, row in new_rows.items():
        if name not in rows:
            yield TableChange(key, before.label, name, "", "", collapse_display(row.clause.text))


def _name(table: Table, values: Mapping[str, Any]) -> str:
    value = values.get(table.key_column, "")
    return "、".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def _nowhere(cite: CiteData, _key: str) -> Cite:
    """A total is followed as a quote of its own."""
    return Cite("", cite.clause, 0, 0, "fresh")


def _ignore(*_args: object) -> None:
    """A fault of the former version was told when it was taken in."""
