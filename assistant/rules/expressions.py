"""Expressions of one rule file → compiled expressions: names resolved, kinds and operators checked.

In: text. Out: `Expression`s. A comparison must use the operator that the words beside its figure state, so that
不超过 can never be computed as 不低于.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.rules import interval
from assistant.rules.evaluate import compile_node
from assistant.rules.facts import Fact
from assistant.rules.language import (
    Arithmetic,
    Compare,
    Kind,
    LanguageError,
    Node,
    Ref,
    check_choices,
    find_refs,
    parse_expression,
    walk,
)
from assistant.rules.law import Expression, Parameter
from assistant.rules.schema_files import RuleFile

_FACT_KINDS: dict[str, Kind] = {
    "integer": "number",
    "decimal": "number",
    "share": "share",
    "boolean": "truth",
    "choice": "choice",
    "date": "date",
    "name": "name",
    "names": "names",
}
_KIND_NAMES: dict[Kind, str] = {
    "truth": "能判断真假的条件",
    "number": "数字",
    "share": "比例",
    "date": "日期",
    "choice": "选项",
    "name": "名称",
    "names": "一组名称",
}


def fact_ref(fact: Fact) -> Ref:
    """A fact as the language names it."""
    return Ref(fact.id, _FACT_KINDS[fact.type], fact.formula)


def compile_expression(text: str, node: Node) -> Expression:
    """A parsed expression made ready to run."""
    return Expression(text, node, compile_node(node), find_refs(node))


class Compiler:
    """Compiles the expressions of one document's rules.

    Args:
        parameters: the document's figures by key, filled before the first expression is compiled.
        tell: takes (key, message) of each fault.
        lint: whether to check operators against the words of the figures.
    """

    def __init__(
        self,
        data: RuleFile,
        document_id: str,
        facts: Mapping[str, Fact],
        parameters: Mapping[str, Parameter],
        tell: Callable[[str, str], None],
        *,
        lint: bool,
    ) -> None:
        self._data = data
        self._document_id = document_id
        self._facts = facts
        self._parameters = parameters
        self._tell = tell
        self._lint = lint
        self._choices = {f.id: f.data.choices for f in facts.values() if f.data.choices}

    def compile(
        self, text: str, key: str, wanted: tuple[Kind, ...], row: Mapping[str, Kind] | None = None
    ) -> Expression:
        """Compile one expression; a faulty one is told, and replaced by one that is never evaluated.

        Args:
            wanted: kinds it may be of.
            row: kinds of the columns that `row.<column>` may name.
        """
        try:
            node = parse_expression(text, lambda name: self._resolve(name, row or {}))
            if node.kind not in wanted:
                raise LanguageError(f"这里应是{_KIND_NAMES[wanted[0]]}：{text}")
            check_choices(node, self._choices)
            if self._lint:
                _check_operators(node, self._parameters)
        except LanguageError as exc:
            self._tell(key, str(exc))
            node = parse_expression("true" if wanted[0] == "truth" else "0", lambda _name: None)
        return compile_expression(text, node)

    def compile_condition(self, text: str, key: str) -> Expression | None:
        """Compile a condition; None where there is none."""
        return self.compile(text, key, ("truth",)) if text else None

    def _resolve(self, name: str, row: Mapping[str, Kind]) -> Ref | None:
        if name.startswith("row."):
            kind = row.get(name[4:])
            return Ref(name, kind) if kind else None
        if name in self._facts:
            return fact_ref(self._facts[name])
        if parameter := self._parameters.get(f"{self._document_id}/{name}"):
            return Ref(parameter.key, parameter.kind)
        id_ = name.replace("_", "-")
        if quantity := self._data.quantities.get(id_):
            return Ref(f"{self._document_id}/{id_}", "share" if quantity.unit == "%" else "number")
        return Ref(f"{self._document_id}/{id_}", "date") if id_ in self._data.deadlines else None


def _check_operators(node: Node, parameters: Mapping[str, Parameter]) -> None:
    """Refuse a comparison that is not the one the words beside its figure state."""
    for part in walk(node):
        if not isinstance(part, Compare):
            continue
        for side, op in ((part.right, part.op), (part.left, interval.FLIPPED[part.op])):
            for parameter in _scaled_parameters(side, parameters):
                if parameter.bound in ("==", "~") or op == parameter.bound:
                    continue
                raise LanguageError(
                    f"与 {parameter.id} 比较用了 {op}，原文写的是 {parameter.bound}（{parameter.label}）"
                )


def _scaled_parameters(side: Node, parameters: Mapping[str, Parameter]) -> list[Parameter]:
    """The figure itself, or the figure times something."""
    nodes: tuple[Node, ...] = (side,)
    if isinstance(side, Arithmetic) and side.op == "*":
        nodes = (side.left, side.right)
    found = [parameters.get(n.key) for n in nodes if isinstance(n, Ref)]
    return [p for p in found if p is not None]
