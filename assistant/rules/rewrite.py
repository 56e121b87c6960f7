"""Brings a rule file up to a new version of its document: clauses renumbered, quotes pinned anew or held back, figures taken over.

In: the text of a `rules.yaml` and what became of its quotes. Out: the new text; comments and layout stay as they are.
A figure is taken over only where value, unit and bound can be read in the words that stand there now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import yaml

from assistant.errors import RuleError
from assistant.models import Document
from assistant.rules.drift import RuleDrift
from assistant.rules.ground import find_fault
from assistant.rules.numerals import find_figures
from assistant.rules.pins import HELD, find_cites, find_quote, make_pin, read_scalars, write_pins
from assistant.rules.schema import DatedData, ParameterData, read_figure
from assistant.rules.schema_files import RuleFile


@dataclass(frozen=True, slots=True)
class Proposal:
    """A figure of a rule that the new text gives another value.

    Attributes:
        parameter: its id in the file; `place` is which of its dated values, from 0.
        value: the new one as the file writes it.
        old, new: as they are printed, with unit.
        quotes: of each cite of this value, the words to quote from now on, in order.
    """

    parameter: str
    place: int
    label: str
    value: str
    old: str
    new: str
    quotes: tuple[str, ...]


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def propose_figures(file: RuleFile, drifts: Iterable[RuleDrift]) -> tuple[Proposal, ...]:
    """The figures that may be taken over from the new text as they stand there."""
    by_quote = {(d.key, d.clause, _bare(d.quote)): d for d in drifts}
    found = []
    for id_, parameter in file.parameters.items():
        for place, dated in enumerate(parameter.values):
            cites = [by_quote.get((f"parameters.{id_}", c.clause, _bare(c.quote))) for c in dated.cite]
            followed = [drift for drift in cites if drift is not None]
            if len(followed) == len(cites) and any(d.fate == "changed" for d in followed):
                proposal = _propose(id_, parameter, dated, place, followed)
                found += [proposal] if proposal else []
    return tuple(found)


def _propose(
    id_: str, parameter: ParameterData, dated: DatedData, place: int, drifts: list[RuleDrift]
) -> Proposal | None:
    """The new value, where every quote gives the same one."""
    old = _read(dated)
    values = {_new_value(old, drift) for drift in drifts}
    value = values.pop() if len(values) == 1 else None
    if old is None or value is None or value == old:
        return None
    number = int(value) if value.denominator == 1 and parameter.unit != "%" else value
    if any(find_fault(number, parameter.unit, parameter.bound, drift.words_now) for drift in drifts):
        return None
    written = _write(value, parameter.unit)
    figure = next((f for d in drifts for f in d.figures), None)
    if figure is None or written is None:
        return None
    words = tuple(drift.words_now for drift in drifts)
    return Proposal(id_, place, parameter.label, written, figure.old, figure.new, words)


def _read(dated: DatedData) -> Fraction | None:
    if isinstance(dated.value, str):
        return read_figure(dated.value)
    return Fraction(dated.value) if isinstance(dated.value, int) else None


def _new_value(old: Fraction | None, drift: RuleDrift) -> Fraction | None:
    """The figure that stands where the old one stood in a quote."""
    before, after = find_figures(drift.quote), find_figures(drift.words_now)
    places = [i for i, figure in enumerate(before) if figure.value == old]
    if len(before) != len(after) or len(places) != 1:
        return None
    return after[places[0]].value


def _write(value: Fraction, unit: str) -> str | None:
    """A figure as the files write it; None for one that has no finite decimal form."""
    shown = value * 100 if unit == "%" else value
    if shown.denominator == 1:
        text = str(shown.numerator)
    else:
        text = f"{float(shown):.6f}".rstrip("0")
        if Fraction(text) != shown:
            return None
    if unit == "%":
        return f'"{text}%"'
    return text if shown.denominator == 1 else f'"{text}"'


def _bare(text: str) -> str:
    return "".join(text.split())


# -- the file ------------------------------------------------------------------------------------------


def rewrite_rules(
    text: str, new: Document, drifts: Iterable[RuleDrift], accepted: Collection[Proposal] = ()
) -> str:
    """The rule file for the new version of its own document.

    Args:
        drifts: of the quotes of this file that are taken from the document itself.
        accepted: figures to take over; all others that changed are held back.

    Raises:
        RuleError: the text is not YAML.
    """
    followed = {(d.clause, _bare(d.quote)): d for d in drifts}
    taken = {
        _bare(quote): words
        for proposal in accepted
        for quote, words in _quotes_of(text, proposal)
        if _bare(quote) != _bare(words)
    }

    def find(cite: dict[str, str]) -> RuleDrift | None:
        is_own = cite.get("document", new.id) == new.id
        return followed.get((cite["clause"], _bare(cite["quote"]))) if is_own else None

    is_safe: dict[tuple[str, str], bool] = {}

    def edit(cite: dict[str, str]) -> tuple[str, str]:
        drift = find(cite)
        if drift is None:
            return cite["clause"], cite["quote"]
        words = taken.get(_bare(cite["quote"]))
        clause = drift.clause_now if words or not drift.is_held or drift.fate == "reworded" else drift.clause
        quote = words or cite["quote"]
        is_safe[clause, _bare(quote)] = bool(words) or not drift.is_held
        return clause, quote

    text = _write_values(_edit_cites(text, edit), accepted)
    clauses = {c.path: c for c in new.clauses}

    def pin(cite: dict[str, str]) -> str:
        known = is_safe.get((cite["clause"], _bare(cite["quote"])))
        clause = clauses.get(cite["clause"])
        if known is None or cite.get("document", new.id) != new.id:
            return cite.get("pin", HELD)
        if not known or clause is None or not find_quote(new.source, clause.start, clause.end, cite["quote"]):
            return HELD
        return make_pin(cite["quote"], new.source[clause.start : clause.end])

    return write_pins(text, pin)


def _edit_cites(text: str, edit: Callable[[dict[str, str]], tuple[str, str]]) -> str:
    """Write clause and quote of each cite anew, where they differ."""
    edits: dict[int, _Edit] = {}
    for node in {id(n): n for n in find_cites(_compose(text))}.values():
        scalars = read_scalars(node)
        for key, new in zip(("clause", "quote"), edit(scalars), strict=True):
            if scalars[key] != new:
                value = next(v for k, v in node.value if k.value == key)
                written = json.dumps(new, ensure_ascii=False)
                edits[value.start_mark.index] = _Edit(value.start_mark.index, _end_of(text, value), written)
    return _apply(text, edits.values())


def _write_values(text: str, accepted: Iterable[Proposal]) -> str:
    edits = []
    for proposal in accepted:
        node = _find_dated(text, proposal)
        value = next((v for k, v in node.value if k.value == "value"), None) if node else None
        if value is not None:
            edits.append(_Edit(value.start_mark.index, value.end_mark.index, proposal.value))
    return _apply(text, edits)


def _quotes_of(text: str, proposal: Proposal) -> Iterator[tuple[str, str]]:
    """(quote in the file, words to quote from now on) of each cite of a dated value."""
    node = _find_dated(text, proposal)
    cites = [read_scalars(n) for n in find_cites(node)] if node else []
    yield from zip((cite["quote"] for cite in cites), proposal.quotes, strict=False)


def _find_dated(text: str, proposal: Proposal) -> yaml.MappingNode | None:
    node: yaml.Node | None = _compose(text)
    for key in ("parameters", proposal.parameter, "values"):
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((v for k, v in node.value if k.value == key), None)
    if not isinstance(node, yaml.SequenceNode) or proposal.place >= len(node.value):
        return None
    found = node.value[proposal.place]
    return found if isinstance(found, yaml.MappingNode) else None


def _compose(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        raise RuleError(f"rules.yaml 不是有效的 YAML：{exc}", hint="先改正文件") from exc


def _end_of(text: str, node: yaml.Node) -> int:
    """Where a scalar ends; a block one ends before its last line break."""
    end: int = node.end_mark.index
    while end > node.start_mark.index and text[end - 1] in "\r\n ":
        end -= 1
    return end


def _apply(text: str, edits: Iterable[_Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
