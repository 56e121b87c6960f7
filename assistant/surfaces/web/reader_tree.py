"""Document → what its page shows: parts with their clauses and tables in reading order, and a table of contents.

Everything of the source that says something is shown: clauses, and the letterheads and signatures between them. A mark
lies wherever its code points lie, across clauses and cells. The anchor of a clause stands at its marked words where it
has them, so that a citation lands on the words and not on the first line of a long clause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from assistant.models import Clause, Document, Part, Span
from assistant.surfaces.schema import flow
from assistant.surfaces.web.places import clause_anchor
from assistant.surfaces.web.reader_table import Table, build_table
from assistant.surfaces.web.reader_text import Piece, find_lead_end, flow_pieces

_DEEPEST = 6
"""HTML has six levels of headings."""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in a part: a clause, a table of rows, or a line that is no clause.

    Attributes:
        clause: None for a line that is no clause, such as a signature; of a table its first row.
        pieces: its text; empty for a table.
        level: of its heading element; 0 for what is no heading.
        anchor: the id of its element; empty where its marked words carry it.
    """

    clause: Clause | None
    pieces: tuple[Piece, ...] = ()
    level: int = 0
    anchor: str = ""
    table: Table | None = None

    @property
    def is_cited(self) -> bool:
        """Whether marked words stand in it."""
        return any(piece.is_marked for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Section:
    """One instrument of a document, or what stands between two; `part` is None where nothing introduces it."""

    anchor: str
    part: Part | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents and those below it."""

    anchor: str
    label: str
    text: str
    children: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """A document laid out for reading."""

    sections: tuple[Section, ...]
    contents: tuple[Entry, ...]


def lay_out(document: Document, mark: Span | None = None) -> Reading:
    """Lay out a document.

    Args:
        mark: code points of the source that are shown marked; None marks nothing.
    """
    parts = {part.id: part for part in document.parts} if len(document.parts) > 1 else {}
    levels = _find_levels(document, 3 if parts else 2)
    sections: list[Section] = []
    for i, (part_id, items) in enumerate(groupby(_merge(document), key=lambda item: item[0])):
        blocks = tuple(_build_blocks(document, [item for _, item in items], levels, mark))
        sections.append(Section(f"part-{i + 1}", parts.get(part_id), blocks))
    return Reading(tuple(sections), tuple(_list_contents(sections)))


def _merge(document: Document) -> Iterator[tuple[str, Clause | Span]]:
    """Clauses and the lines between them in reading order, each with the id of its part."""
    waiting = sorted(document.furniture)
    here = ""
    for clause in document.clauses:
        while waiting and waiting[0].start < clause.start:
            span = waiting.pop(0)
            here = _part_at(document, span, here)
            yield here, span
        here = clause.part
        yield here, clause
    for span in waiting:
        here = _part_at(document, span, here)
        yield here, span


def _part_at(document: Document, span: Span, here: str) -> str:
    return next((part.id for part in document.parts if part.start <= span.start < part.end), here)


def _find_levels(document: Document, top: int) -> dict[str, int]:
    """The level of a heading at the place of each clause: one below that of the heading it stands under."""
    levels: dict[str, int] = {}
    headings = {c.clause_id for c in document.clauses if _is_heading(c)}
    for clause in document.clauses:
        above = levels.get(clause.parent or "", top)
        levels[clause.clause_id] = above + (clause.parent in headings and clause.parent in levels)
    return levels


def _is_heading(clause: Clause) -> bool:
    return clause.kind == "heading" and not clause.cells


def _build_blocks(
    document: Document, items: Sequence[Clause | Span], levels: Mapping[str, int], mark: Span | None
) -> Iterator[Block]:
    """The blocks of one part; rows of one table stand together, without the headers that a scan repeats in it."""
    rows: list[Clause] = []
    lines: list[Span] = []  # behind these rows, before whatever comes next
    for item in items:
        if not isinstance(item, Clause):
            lines.append(item)
            continue
        if rows and item.cells and item.parent == rows[0].parent:
            rows.append(item)
            lines = []
            continue
        yield from _close(document, rows, lines, mark)
        rows, lines = ([item] if item.cells else []), []
        if not item.cells:
            yield _build_clause(document, item, levels[item.clause_id], mark)
    yield from _close(document, rows, lines, mark)


def _close(
    document: Document, rows: Sequence[Clause], lines: Sequence[Span], mark: Span | None
) -> Iterator[Block]:
    """The table that ends here, if any, and the lines behind it."""
    if rows:
        yield Block(rows[0], table=build_table(document, rows, mark))
    for span in lines:
        yield from _build_line(document, span, mark)


def _build_line(document: Document, span: Span, mark: Span | None) -> Iterator[Block]:
    """A letterhead or a signature; a page number says nothing."""
    if any(char.isalpha() for char in document.source[span.start : span.end]):
        yield Block(None, tuple(flow_pieces(document.source, span, mark)))


def _build_clause(document: Document, clause: Clause, level: int, mark: Span | None) -> Block:
    strong_end = 0 if _is_heading(clause) else find_lead_end(document.source, clause)
    pieces = flow_pieces(document.source, Span(clause.start, clause.end), mark, strong_end)
    anchor = clause_anchor(clause.path)
    for i, piece in enumerate(pieces):
        if piece.is_marked:
            pieces[i] = piece._replace(anchor=anchor)
            anchor = ""
            break
    shown_level = min(level, _DEEPEST) if _is_heading(clause) else 0
    return Block(clause, tuple(pieces), shown_level, anchor)


# -- table of contents ---------------------------------------------------------------------------------


def _list_contents(sections: Sequence[Section]) -> list[Entry]:
    clauses = [b.clause for s in sections for b in s.blocks if b.clause and not b.table]
    titled = [c for c in clauses if c.kind in ("heading", "clause") and c.heading]
    wanted = titled or [c for c in clauses if c.kind == "clause"]
    chosen = {clause.clause_id for clause in wanted}
    entries: list[Entry] = []
    for section in sections:
        own = _nest(b.clause for b in section.blocks if b.clause and b.clause.clause_id in chosen)
        if section.part:
            entries.append(Entry(section.anchor, "", flow(section.part.title), own))
        else:
            entries += own
    return entries


def _nest(clauses: Iterable[Clause]) -> list[Entry]:
    """Entries below those of their parents; a label does not say again what the one above says."""
    top: list[Entry] = []
    entries: dict[str, tuple[Entry, str]] = {}
    for clause in clauses:
        above = entries.get(clause.parent or "")
        label = clause.label.removeprefix(above[1]) if above else clause.label
        entry = Entry(clause_anchor(clause.path), label or clause.label, flow(clause.heading))
        (above[0].children if above else top).append(entry)
        entries[clause.clause_id] = (entry, clause.label)
    return top
