"""Where clauses get their place: scopes that count paths, unique ids, headings of the ancestors.

In: `Draft`s, one a clause. Out: `Clause`s, collected in a `ClauseTree` with the furniture between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.documents.blocks import Block
from assistant.documents.normalize import collapse_display
from assistant.models import Cell, Clause, ClauseKind, Span


@dataclass(slots=True)
class Scope:
    """Where paths are counted: a part of the body, or an annex.

    Attributes:
        prefix: path prefix, empty for the main part.
        label: what stands before the clause's own label, such as `附件1 `.
        opener: the clause that opens the scope (an annex's heading).
    """

    prefix: str
    label: str
    part: str
    opener: Clause | None = None
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new clause is, before it has its place in the tree: see `Clause`."""

    path: str
    span: Span
    label: str
    kind: ClauseKind
    heading: str = ""
    parent: Clause | None = None
    groups: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()


@dataclass(slots=True)
class ClauseTree:
    """The clauses of one document as they are found, with the furniture between them.

    Attributes:
        source: the text as shown: page numbers amid a clause are blanks, all offsets as in the source.
    """

    document: str
    source: str
    clauses: list[Clause] = field(default_factory=list)
    furniture: list[Span] = field(default_factory=list)
    n_by_path: dict[str, int] = field(default_factory=dict)

    def add(self, scope: Scope, draft: Draft) -> Clause:
        """Append a clause; a path that is taken gets a count, so that ids stay unique."""
        path = _make_unique(".".join(p for p in (scope.prefix, draft.path) if p), self.n_by_path)
        clause = Clause(
            clause_id=f"{self.document}#{path}",
            document=self.document,
            path=path,
            label=draft.label,
            kind=draft.kind,
            start=draft.span.start,
            end=draft.span.end,
            text=self._display(draft),
            heading=draft.heading,
            headings=(*_headings(draft.parent), *draft.groups),
            parent=draft.parent.clause_id if draft.parent else None,
            part=scope.part,
            cells=draft.cells,
        )
        self.clauses.append(clause)
        return clause

    def _display(self, draft: Draft) -> str:
        if draft.cells:
            return " | ".join(cell.text for cell in draft.cells)
        return collapse_display(self.source[draft.span.start : draft.span.end].replace("**", ""))


def _make_unique(path: str, n_by_path: dict[str, int]) -> str:
    """The path itself, or with a count: `contact.2`, but `1-2`, because `1.2` is a child of `1`."""
    joint = "-" if path[-1:].isdecimal() else "."
    unique, n = path, n_by_path.get(path, 0)
    while unique in n_by_path:
        n += 1
        unique = f"{path}{joint}{n}"
    n_by_path[path] = max(n, 1)
    n_by_path.setdefault(unique, 1)
    return unique


def _headings(parent: Clause | None) -> tuple[str, ...]:
    if parent is None:
        return ()
    return (*parent.headings, parent.heading) if parent.heading else parent.headings
