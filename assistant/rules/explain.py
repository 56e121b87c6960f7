"""Typed tree → a function that shows the executed expression with its values: `85 ÷ 4 = 21.25 > 20`.

In: a tree and what its names are called. Out: text from the same values that decided, never written beside
them. A comparison is shown as it turned out, not as it was required.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from assistant.rules import interval
from assistant.rules.evaluate import Environment, compile_node
from assistant.rules.interval import Interval
from assistant.rules.language import (
    Among,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Kind,
    Logic,
    Node,
    Not,
    Ref,
    find_refs,
)
from assistant.rules.show import show_number, show_value

Show = Callable[[Environment], str]
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
_OPERATORS = {"+": "+", "-": "-", "*": "×", "/": "÷"}
_FUNCTION_NAMES = {
    "min": "较小者",
    "max": "较大者",
    "ceil": "向上取整",
    "floor": "向下取整",
    "month": "月份",
    "full_months": "满月数",
    "days_between": "相隔天数",
}
_APPROXIMATE_DIGITS = 4


class Named(NamedTuple):
    """What a name of the environment is called."""

    label: str
    kind: Kind


def compile_show(node: Node, names: Mapping[str, Named]) -> Show:
    """The function that shows a condition as it turned out."""
    return _Explainer(names).condition(node)


def compile_value(node: Node, names: Mapping[str, Named], kind: Kind) -> Show:
    """The function that shows how a figure came about: `20 × 4 = 80`."""
    return _Explainer(names).figure(node, kind)


def compile_margin(node: Node) -> Callable[[Environment], str | None]:
    """The function that tells by how much a comparison holds (negative: fails); None where that has no meaning."""
    inner, is_negated = node, False
    while isinstance(inner, Not):
        inner, is_negated = inner.item, not is_negated
    if not isinstance(inner, Compare) or inner.left.kind not in ("number", "share", "date"):
        return lambda _env: None
    op = interval.NEGATED[inner.op] if is_negated else inner.op
    if op in ("==", "!="):
        return lambda _env: None
    left, right = compile_node(inner.left), compile_node(inner.right)
    is_share = "share" in (inner.left.kind, inner.right.kind)
    is_ceiling = op in ("<", "<=")

    def margin(env: Environment) -> str | None:
        a, b = left(env), right(env)
        if a.__class__ is Interval or b.__class__ is Interval:
            return None
        slack = b - a if is_ceiling else a - b
        return show_value(slack, "share") if is_share else show_number(slack)

    return margin


def show_computed(value: Any, kind: Kind) -> str:
    """A computed figure; one without a finite decimal form to four places."""
    if isinstance(value, Fraction):
        scaled = value * 100 if kind == "share" else value
        exact = show_number(scaled)
        if "/" in exact:
            places = 10**_APPROXIMATE_DIGITS
            rounded = Fraction(round(scaled * places), places)
            return f"≈{show_number(interval.simplify(rounded))}{'%' if kind == 'share' else ''}"
    return show_value(value, "share" if kind == "share" else "date" if kind == "date" else "number")


class _Explainer:
    def __init__(self, names: Mapping[str, Named]) -> None:
        self._names = names

    def condition(self, node: Node) -> Show:
        match node:
            case Compare():
                return self._comparison(node)
            case Among(left=left, right=right):
                return self._among(left, right)
            case Not(item=item):
                return self.condition(item)
            case Logic():
                return self._logic(node)
            case Ref(key=key) if node.kind == "truth":
                label = self._names[key].label
                return lambda env: f"{label}：{_truth_word(env[key])}"
        return lambda _env: ""

    def _logic(self, node: Logic) -> Show:
        """The parts that decided: of `or` those that hold, of `and` those that fail; all while it is open."""
        parts = tuple((compile_node(item), self.condition(item)) for item in node.items)
        deciding = node.op == "or"

        def show(env: Environment) -> str:
            truths = [holds(env) for holds, _ in parts]
            is_decided = deciding in truths
            shown = [
                part(env)
                for t, (_, part) in zip(truths, parts, strict=True)
                if not is_decided or t is deciding
            ]
            return "；".join(shown)

        return show

    def _comparison(self, node: Compare) -> Show:
        kind: Kind = "share" if "share" in (node.left.kind, node.right.kind) else node.left.kind
        left, right = self.figure(node.left, kind), self.figure(node.right, kind)
        holds = compile_node(node)
        required, contrary = SIGNS[node.op], SIGNS[interval.NEGATED[node.op]]

        def show(env: Environment) -> str:
            truth = holds(env)
            if truth is None:
                return f"{left(env)}，{required} {right(env)} 待定"
            return f"{left(env)} {required if truth else contrary} {right(env)}"

        return show

    def _among(self, left: Node, right: Node) -> Show:
        value = self.figure(left, left.kind)
        holds = compile_node(Among(left, right))
        if isinstance(right, Ref):
            among = self._names[right.key].label
        else:
            members = right.value if isinstance(right, Constant) else frozenset()
            among = "、".join(sorted(str(m) for m in members)) if isinstance(members, frozenset) else ""

        def show(env: Environment) -> str:
            truth = holds(env)
            word = "待定是否属于" if truth is None else "属于" if truth else "不属于"
            return f"{value(env)} {word} {among}"

        return show

    def figure(self, node: Node, kind: Kind) -> Show:
        """How a value is shown: a name by its value, a computed one by its formula and value."""
        match node:
            case Ref():
                return self._named(node, kind)
            case Constant(value=value):
                return _constant(value)
            case Arithmetic() | Call():
                formula, compute = self._formula(node), compile_node(node)
                return lambda env: _equation(formula(env), compute(env), kind)
        return self.condition(node)

    def _named(self, node: Ref, kind: Kind) -> Show:
        key, named = node.key, self._names[node.key]
        shown_kind: Kind = named.kind if named.kind != "number" else kind
        plain = _plain(key, named.label, shown_kind)
        if node.formula is None:
            return plain
        formula = self._formula(node.formula)
        parts = find_refs(node.formula)

        def show(env: Environment) -> str:
            is_open = env[key].__class__ is Interval and not all(part in env.stated for part in parts)
            if key in env.stated or is_open:
                return plain(env)
            return _equation(formula(env), env[key], shown_kind)

        return show

    def _formula(self, node: Node) -> Show:
        """The formula with its values, without the result."""
        match node:
            case Arithmetic(op=op, left=left, right=right):
                first, second = self._operand(left, op), self._operand(right, op)
                sign = _OPERATORS[op]
                return lambda env: f"{first(env)} {sign} {second(env)}"
            case Call(name="add_months" | "add_days" as name, args=(day, count)):
                first, second = self._formula(day), self._formula(count)
                unit = "个月" if name == "add_months" else "日"
                return lambda env: f"{first(env)} 起 {second(env)} {unit}"
            case Call(name=name, args=args):
                shown, word = tuple(self._formula(arg) for arg in args), _FUNCTION_NAMES[name]
                return lambda env: f"{word}（{'，'.join(part(env) for part in shown)}）"
            case Ref():
                return self._term(node)
            case Constant(value=value):
                return _constant(value)
        return self.condition(node)

    def _term(self, node: Ref) -> Show:
        """A name inside a formula: its value, or its own formula where it was computed."""
        key, named = node.key, self._names[node.key]
        plain = _plain(key, named.label, named.kind)
        if node.formula is None:
            return plain
        formula = self._formula(node.formula)

        def show(env: Environment) -> str:
            is_plain = key in env.stated or env[key].__class__ is Interval
            return plain(env) if is_plain else f"（{formula(env)}）"

        return show

    def _operand(self, node: Node, outer: str) -> Show:
        inner = self._formula(node)
        if isinstance(node, Arithmetic) and outer in "*/-":
            return lambda env: f"（{inner(env)}）"
        return inner


def _plain(key: str, label: str, kind: Kind) -> Show:
    def show(env: Environment) -> str:
        value = env[key]
        if value.__class__ is int and kind == "number":
            return str(value)
        if kind == "truth":
            return f"{label}：{_truth_word(value)}"
        if value is None:
            return f"{label}未知"
        if isinstance(value, frozenset):
            return next(iter(value)) if len(value) == 1 else f"{label}未知"
        if isinstance(value, str):
            return value
        if isinstance(value, Interval):
            stated = env.stated.get(key)
            return stated.shown if stated else f"{label}未知"
        return show_computed(value, kind)

    return show


def _constant(value: Any) -> Show:
    text = "、".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
    return lambda _env: text


def _equation(formula: str, value: Any, kind: Kind) -> str:
    """The formula and its result; a range is no result."""
    if isinstance(value, Interval):
        return formula
    result = show_computed(value, kind)
    return f"{formula} {result.replace('≈', '≈ ')}" if result.startswith("≈") else f"{formula} = {result}"


def _truth_word(truth: bool | None) -> str:
    return "未知" if truth is None else "是" if truth else "否"
