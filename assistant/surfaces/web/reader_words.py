"""Expressions and figures of the rules in plain words: `班级人数 不超过 每班人数上限（80人）`.

In: the typed trees that decide. Out: text from the same trees, so that what a page says is what the calculator does.
Names are those of facts, figures and computed values; the words between them stand in `texts/reader.yaml`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.rules import interval
from assistant.rules.book import Book
from assistant.rules.language import (
    Among,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Logic,
    Node,
    Not,
    Ref,
)
from assistant.rules.law import Dated, Expression, Parameter
from assistant.surfaces.web.texts import load_texts

_BARE_UNITS = ("%", "比", "日期")
"""Units that a figure of the law carries in itself: 65%, 1:20, a day."""
_LONGEST_LIST = 40


class Wording:
    """Says the rules of one book as they are on one day."""

    def __init__(self, book: Book, as_of: date, *, tells_formulas: bool = True) -> None:
        """Say the rules of a day.

        Args:
            tells_formulas: whether a computed fact is said with its formula; inside a formula it is not.
        """
        self._book = book
        self._as_of = as_of
        self._words = load_texts()["reader"]["words"]
        self._plain = Wording(book, as_of, tells_formulas=False) if tells_formulas else None

    # -- figures ---------------------------------------------------------------------------------------

    def find_value(self, parameter: Parameter) -> Dated:
        """The value in force, else the next one to come, else the last there was."""
        coming = (d for d in parameter.values if d.since and d.since > self._as_of)
        return parameter.value_at(self._as_of) or next(coming, parameter.values[-1])

    def say_figure(self, parameter: Parameter) -> str:
        """A figure with what the law's words beside it say: `不超过80人`; where it is not in force, why."""
        dated = self.find_value(parameter)
        said = self.say_value(parameter, dated)
        if parameter.value_at(self._as_of):
            return said
        if dated.since and dated.since > self._as_of:
            return f"{said}{self._words['begins'].format(dated.since.isoformat())}"
        if dated.until and dated.until < self._as_of:
            return f"{said}{self._words['ended'].format(dated.until.isoformat())}"
        return f"{said}{self._words['changed']}"

    def say_value(self, parameter: Parameter, dated: Dated) -> str:
        """The same of one of its values; of a long list of names, how many there are."""
        shown = f"{dated.shown}{'' if parameter.unit in _BARE_UNITS else parameter.unit}"
        if len(shown) > _LONGEST_LIST and isinstance(dated.value, frozenset):
            shown = self._words["names"].format(count=len(dated.value))
        bounds = self._words["day_bounds" if parameter.kind == "date" else "bounds"]
        said: str = bounds[parameter.bound].format(shown)
        return said

    # -- expressions -----------------------------------------------------------------------------------

    def say(self, expression: Expression | None) -> str:
        """An expression; empty for None."""
        return self._say(expression.node) if expression else ""

    def _say(self, node: Node) -> str:
        match node:
            case Ref():
                return self._say_truth(node, is_true=True) if node.kind == "truth" else self._say_name(node)
            case Constant(value=value):
                return self._say_constant(value)
            case Compare(op=op):
                return self._fill(op, node.left, node.right)
            case Among():
                return self._fill("in", node.left, node.right)
            case Not(item=item):
                return self._say_contrary(item)
            case Logic(op=op, items=items):
                join: str = self._words["joins"][op]
                return join.join(
                    f"（{self._say(i)}）" if isinstance(i, Logic) else self._say(i) for i in items
                )
            case Arithmetic():
                return self._say_arithmetic(node)
            case Call(name=name, args=args):
                said: str = self._words["calls"][name].format(*map(self._say, args))
                return said
        raise AssertionError(node)

    def _say_contrary(self, node: Node) -> str:
        match node:
            case Ref():
                return self._say_truth(node, is_true=False)
            case Compare(op=op):
                return self._fill(interval.NEGATED[op], node.left, node.right)
            case Among():
                return self._fill("not in", node.left, node.right)
            case Not(item=item):
                return self._say(item)
        said: str = self._words["contrary"].format(self._say(node))
        return said

    def _fill(self, sign: str, left: Node, right: Node) -> str:
        own: dict[str, str] = self._words["own_signs"].get(left.kind, {})
        return f"{self._say(left)} {own.get(sign) or self._words['signs'][sign]} {self._say(right)}"

    def _say_truth(self, ref: Ref, *, is_true: bool) -> str:
        said: str = self._words["truth" if is_true else "untruth"].format(self._book.names[ref.key].label)
        return said

    def _say_name(self, ref: Ref) -> str:
        """A name with what it stands for: a figure with its value, a computed fact with its formula."""
        label = self._book.names[ref.key].label
        if parameter := self._book.parameters.get(ref.key):
            dated = self.find_value(parameter)
            unit = "" if parameter.unit in _BARE_UNITS else parameter.unit
            return label if isinstance(dated.value, frozenset) else f"{label}（{dated.shown}{unit}）"
        return f"{label}（{self._plain._say(ref.formula)}）" if ref.formula and self._plain else label

    def _say_arithmetic(self, node: Arithmetic) -> str:
        operands = [
            f"（{self._say(item)}）" if isinstance(item, Arithmetic) and node.op in "*/-" else self._say(item)
            for item in (node.left, node.right)
        ]
        return f" {self._words['operators'][node.op]} ".join(operands)

    def _say_constant(self, value: Any) -> str:
        if isinstance(value, bool):
            said: str = self._words["yes" if value else "no"]
            return said
        return "、".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
