"""Figures of a rule file → parameters, each read back from its quote.

In: `ParameterData`. Out: a `Parameter`. The figure itself is what the file says; the lint refuses it where figure,
unit or bound cannot be read in the words it cites.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from assistant.documents.normalize import squeeze
from assistant.rules import interval
from assistant.rules.cites import CiteFinder
from assistant.rules.ground import find_fault
from assistant.rules.language import Kind
from assistant.rules.law import Dated, Parameter
from assistant.rules.schema import DatedData, ParameterData, read_figure
from assistant.rules.show import show_number, show_value

Tell = Callable[..., None]
"""Takes key, message and clause path of a fault."""


def bind_parameter(key: str, data: ParameterData, cites: CiteFinder, tell: Tell, *, lint: bool) -> Parameter:
    """Bind one parameter.

    Args:
        key: `<document>/<id>`.
        lint: whether to read the figure back from its quotes.
    """
    document, _, id_ = key.partition("/")
    is_list = any(v.names or isinstance(v.value, tuple) for v in data.values)
    kind = parameter_kind(data.unit, is_list)
    values = []
    for dated in data.values:
        if lint:
            _lint(f"parameters.{id_}", data, dated, tell)
        values.append(_bind_dated(f"parameters.{id_}", data.unit, dated, kind, cites))
    values.sort(key=lambda d: d.since or date.min)
    return Parameter(
        key=key,
        id=id_,
        document=document,
        label=data.label,
        unit=data.unit,
        bound=data.bound,
        force=data.force,
        kind=kind,
        values=tuple(values),
    )


def _lint(key: str, data: ParameterData, dated: DatedData, tell: Tell) -> None:
    exact = _read(dated)
    for cite in dated.cite if exact is not None else ():
        if fault := find_fault(exact, data.unit, data.bound, cite.quote):
            tell(key, fault, cite.clause)


def _read(dated: DatedData) -> Any:
    return read_figure(dated.value) if isinstance(dated.value, str) else dated.value


def _bind_dated(key: str, unit: str, dated: DatedData, kind: Kind, cites: CiteFinder) -> Dated:
    located = cites.locate_all(dated.cite, key)
    if dated.names:
        names = split_names(dated.cite[0].quote)
        return Dated(names, "、".join(sorted(names)), dated.from_, dated.until, located)
    value = _as_value(_read(dated))
    return Dated(value, show_parameter(value, unit, kind), dated.from_, dated.until, located)


def parameter_kind(unit: str, is_list: bool) -> Kind:
    """The kind of a figure by its unit."""
    if is_list:
        return "names"
    return "share" if unit == "%" else "date" if unit == "日期" else "number"


def split_names(quote: str) -> frozenset[str]:
    """The names of a list in the text; `X(含Y)` is X and Y."""
    names: list[str] = []
    for piece in squeeze(quote).split("、"):
        head, _, rest = piece.partition("(含")
        names += [head, *(part for part in rest.rstrip(")").split("和") if part)]
    return frozenset(name for name in names if name)


def show_parameter(value: Any, unit: str, kind: Kind) -> str:
    """A figure of the law as a reader sees it, without its unit."""
    if isinstance(value, frozenset):
        return "、".join(str(v) for v in sorted(value))
    if unit == "比":
        return f"1:{show_number(value)}"
    return show_value(value, kind)


def _as_value(exact: object) -> Any:
    if isinstance(exact, date):
        return exact.toordinal()
    if isinstance(exact, tuple):
        return frozenset(exact)
    return interval.simplify(exact) if isinstance(exact, Fraction) else exact
