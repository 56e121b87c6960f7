"""The expression language of the rule files: text → typed tree. Nothing is ever handed to `eval`.

In: an expression and the names it may use with their types. Out: a `Node`, or a `LanguageError` that says in
Chinese what is wrong. Python's own parser reads the text; of its grammar only what is listed here is taken.
Figures of the law are parameters, so a number other than 0 or 1 is an error.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Kind = Literal["number", "share", "date", "truth", "choice", "name", "names"]
_NUMERIC = ("number", "share")
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_FUNCTIONS: dict[str, tuple[tuple[str, ...], Kind]] = {
    "min": (("number", "number"), "number"),
    "max": (("number", "number"), "number"),
    "ceil": (("number",), "number"),
    "floor": (("number",), "number"),
    "month": (("date",), "number"),
    "add_months": (("date", "number"), "date"),
    "add_days": (("date", "number"), "date"),
    "full_months": (("date", "date"), "number"),
    "days_between": (("date", "date"), "number"),
}
LONGEST = 500


class LanguageError(ValueError):
    """An expression that cannot be used; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A fact, parameter, quantity or deadline; `key` is its place in the environment.

    Attributes:
        formula: what a fact is computed from where it is not stated; None for all others.
    """

    key: str
    kind: Kind
    formula: Node | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """0, 1, true, false, a choice or several of them; other figures only where the program puts them."""

    value: int | bool | str | frozenset[str] | Fraction
    kind: Kind


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """+ − × ÷ of two numbers."""

    op: str
    left: Node
    right: Node
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers, dates, choices or names compared."""

    op: str
    left: Node
    right: Node
    kind: Kind = "truth"


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a number, name or choice is among several."""

    left: Node
    right: Node
    kind: Kind = "truth"


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` of truths."""

    op: Literal["and", "or"]
    items: tuple[Node, ...]
    kind: Kind = "truth"


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    item: Node
    kind: Kind = "truth"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language."""

    name: str
    args: tuple[Node, ...]
    kind: Kind


Node = Ref | Constant | Arithmetic | Compare | Among | Logic | Not | Call
Resolve = Callable[[str], Ref | None]
"""A name of the text → what it stands for; None where it is no name of the rules."""


def parse_expression(text: str, resolve: Resolve) -> Node:
    """Read one expression.

    Raises:
        LanguageError: it is malformed, uses an unknown name, mixes types or holds a figure.
    """
    if len(text) > LONGEST:
        raise LanguageError(f"表达式太长（{len(text)} 个字符，上限 {LONGEST}）")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as exc:
        raise LanguageError(f"表达式读不懂：{text}") from exc
    return _Reader(resolve).read(tree)


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in order."""
    if isinstance(node, Arithmetic | Compare | Among):
        return node.left, node.right
    if isinstance(node, Logic):
        return node.items
    if isinstance(node, Not):
        return (node.item,)
    return node.args if isinstance(node, Call) else ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)


def find_refs(node: Node) -> tuple[str, ...]:
    """Keys of all names, each once, in reading order."""
    return tuple(dict.fromkeys(n.key for n in walk(node) if isinstance(n, Ref)))


class _Reader:
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    def read(self, tree: ast.expr) -> Node:
        match tree:
            case ast.BoolOp(op=op, values=values):
                items = tuple(self._truth(value) for value in values)
                return Logic("and" if isinstance(op, ast.And) else "or", items)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self._truth(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compare(op, left, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self._arithmetic(_OPERATORS[type(op)], self.read(left), self.read(right))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, tuple(self.read(arg) for arg in args))
            case ast.Constant(value=value):
                return _constant(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id=owner), attr=attr):
                return self._name(f"{owner}.{attr}")
        raise LanguageError(f"表达式里不能这样写：{ast.unparse(tree)}")

    def _name(self, name: str) -> Node:
        if name in ("true", "false"):
            return Constant(name == "true", "truth")
        found = self._resolve(name)
        if found is not None:
            return found
        if name.isascii():
            raise LanguageError(f"没有名为 {name} 的事实、参数或计算量")
        return Constant(name, "choice")

    def _truth(self, tree: ast.expr) -> Node:
        node = self.read(tree)
        if node.kind != "truth":
            raise LanguageError(f"这里应是能判断真假的条件：{ast.unparse(tree)}")
        return node

    def _compare(self, op: ast.cmpop, left_tree: ast.expr, right_tree: ast.expr) -> Node:
        left = self.read(left_tree)
        if isinstance(op, ast.In | ast.NotIn):
            among = Among(left, self._members(left, right_tree))
            return Not(among) if isinstance(op, ast.NotIn) else among
        if type(op) not in _OPERATORS:
            raise LanguageError(f"不能用这种比较：{ast.unparse(op)}")
        sign, right = _OPERATORS[type(op)], self.read(right_tree)
        kinds = {left.kind, right.kind}
        is_ordered = kinds <= set(_NUMERIC) or kinds == {"date"}
        is_named = kinds in ({"choice"}, {"truth"}, {"name", "choice"}) and sign in ("==", "!=")
        if not (is_ordered or is_named):
            raise LanguageError(f"两边不能比较：{ast.unparse(left_tree)} 和 {ast.unparse(right_tree)}")
        return Compare(sign, left, right)

    def _members(self, left: Node, tree: ast.expr) -> Node:
        if isinstance(tree, ast.List | ast.Tuple):
            items = [self.read(item) for item in tree.elts]
            if not all(isinstance(i, Constant) and isinstance(i.value, str) for i in items):
                raise LanguageError(f"方括号里只能列选项：{ast.unparse(tree)}")
            return Constant(frozenset(str(i.value) for i in items if isinstance(i, Constant)), "names")
        right = self.read(tree)
        if right.kind != "names" or left.kind not in ("name", "choice", *_NUMERIC):
            raise LanguageError(f"in 的右边应是一组名称：{ast.unparse(tree)}")
        return right

    def _arithmetic(self, op: str, left: Node, right: Node) -> Node:
        if not {left.kind, right.kind} <= set(_NUMERIC):
            raise LanguageError("只有数字能加减乘除；日期用 add_days、add_months")
        is_share = left.kind == right.kind == "share" and op in "+-"
        return Arithmetic(op, left, right, "share" if is_share else "number")

    def _call(self, name: str, args: tuple[Node, ...]) -> Node:
        if name not in _FUNCTIONS:
            raise LanguageError(f"没有名为 {name} 的函数")
        wanted, kind = _FUNCTIONS[name]
        given = tuple("number" if arg.kind == "share" else arg.kind for arg in args)
        if given != wanted:
            raise LanguageError(f"函数 {name} 的参数个数或类型不对")
        return Call(name, args, kind)


def _constant(value: object) -> Node:
    if isinstance(value, str):
        return Constant(value, "choice")
    if value in (0, 1) and type(value) is int:
        return Constant(value, "number")
    raise LanguageError(f"表达式里不能直接写数字 {value}：数字要写成带条款的参数")


def check_choices(node: Node, choices: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a choice that its fact does not have.

    Args:
        choices: what each choice fact may be, by key.

    Raises:
        LanguageError: a fact is compared with something it can never be.
    """
    for part in walk(node):
        if not isinstance(part, Compare | Among) or not isinstance(part.left, Ref):
            continue
        known = choices.get(part.left.key)
        right = part.right
        if known is None or not isinstance(right, Constant):
            continue
        wanted = right.value if isinstance(right.value, frozenset) else {str(right.value)}
        if extra := sorted(set(wanted) - set(known)):
            raise LanguageError(f"{part.left.key} 没有选项 {'、'.join(extra)}；可选：{'、'.join(known)}")
