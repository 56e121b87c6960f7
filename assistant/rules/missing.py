"""Which facts are still worth asking: those that an open condition really hangs on.

In: a condition that is not decided and the environment. Out: fact ids, in reading order. A computed fact is
asked for itself where that is cheaper than asking for what it is computed from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from assistant.rules.evaluate import Environment, Evaluate, compile_node
from assistant.rules.finding import Ask
from assistant.rules.interval import Interval
from assistant.rules.language import Logic, Node, Not, find_refs
from assistant.rules.law import Cite, Deadline, Quantity, Verdict

if TYPE_CHECKING:
    from assistant.rules.book import Book


@cache
def _compiled(node: Node) -> Evaluate:
    return compile_node(node)


def find_missing(node: Node, env: Environment, book: Book, *, first_only: bool = False) -> list[str]:
    """The facts that keep a condition open.

    Args:
        first_only: of several open conditions joined by `and`, only the first: the others may never matter.
    """
    if isinstance(node, Not):
        return find_missing(node.item, env, book, first_only=first_only)
    if isinstance(node, Logic):
        found: list[str] = []
        for item in node.items:
            if _compiled(item)(env) is not None:
                continue
            found += [f for f in find_missing(item, env, book, first_only=first_only) if f not in found]
            if found and first_only:
                break
        return found
    if node.kind == "truth" and _compiled(node)(env) is not None:
        return []
    return expand_refs(find_refs(node), env, book)


def expand_refs(refs: Iterable[str], env: Environment, book: Book) -> list[str]:
    """The facts to ask for names, each once."""
    return list(dict.fromkeys(f for ref in refs for f in _expand(ref, env, book)))


def _expand(ref: str, env: Environment, book: Book) -> list[str]:
    """The facts to ask for a name; none where it is known."""
    if ref.startswith("row.") or ref in book.parameters or is_known(env[ref]):
        return []
    if ref in book.derived:
        parts = expand_refs(book.derived[ref].refs, env, book)
        cost = sum(book.facts[f].data.cost for f in parts)
        return parts if parts and cost < book.facts[ref].data.cost else [ref]
    if ref in book.facts:
        # Several names are what was asked for; several choices are what it may be.
        return [] if book.facts[ref].type == "names" and env[ref] is not None else [ref]
    rule = book.rules.get(ref)
    if not isinstance(rule, Quantity | Deadline):
        return []
    return [f for r in book.refs_of(ref) if r not in book.parameters for f in _expand(r, env, book)]


def list_asked(key: str, book: Book) -> tuple[str, ...]:
    """All facts that a rule may ask for, as they would be asked of somebody who has said nothing.

    Those that a verdict needs come first, then the others in the order of its checks.
    """
    from assistant.rules.case import Case

    rule = book.rules[key]
    refs = list(rule.facts) if isinstance(rule, Verdict) else []
    todo = [key]
    while todo:
        for ref in book.refs_of(todo.pop(0)):
            if ref in book.checks or ref in book.deadlines or ref in book.quantities:
                todo.append(ref)
            elif ref in book.facts:
                refs.append(ref)
    return tuple(expand_refs(refs, Case(book, book.at(date.max), {}), book))


def is_known(value: object) -> bool:
    """Whether a value of the environment leaves nothing open."""
    if isinstance(value, Interval):
        return False
    if isinstance(value, frozenset):
        return len(value) == 1
    return value is not None


def list_asks(wanted: Mapping[str, tuple[Cite, ...]], book: Book) -> tuple[Ask, ...]:
    """Questions for facts, the cheapest first, then in the order found."""
    facts = sorted(wanted, key=lambda f: book.facts[f].data.cost)
    return tuple(Ask(f, book.facts[f].data, wanted[f]) for f in facts)
