"""Source text and metadata → `Document`: parts, annexes, and the clauses of each.

In: a source text and what `document.yaml` says of it. Out: a `Document` whose clauses and furniture
cover every non-blank character once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.documents.assemble import build_blocks
from assistant.documents.blocks import Block, Layout
from assistant.documents.clause_tree import ClauseTree, Draft, Scope
from assistant.documents.clauses import read_scope
from assistant.documents.lines import split_lines
from assistant.documents.metadata import DocumentMeta, PartMeta, infer_meta, infer_part
from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Clause, Document, Part, Span

_ANNEX = re.compile(
    r"[-—]?\s*附\s*(?P<word>[件表录])[^\S\r\n]*(?P<n>\d{1,2}(?!\d)|[一二三四五六七八九十]{1,3})?\s*[:：]?"
)
"""The number stands on the line of the word: 2024年度 on the next begins the title."""


def parse_document(document_id: str, source: str, meta: DocumentMeta | None = None) -> Document:
    """Parse one source text.

    Args:
        document_id: folder name of the document.
        source: the text as its reader gives it.
        meta: what `document.yaml` says; what it leaves out is read from the text itself.

    Returns:
        The document; a blank text has no clauses.
    """
    meta = meta or DocumentMeta()
    blocks = build_blocks(split_lines(source), _layout(meta))
    parts = tuple(meta.parts) or _name_parts(blocks)
    furniture, page_breaks = _furniture(blocks)
    tree = ClauseTree(document_id, _blank_out(source, page_breaks), furniture=furniture)
    for scope in _scopes(blocks, parts, tree):
        read_scope(tree, scope)
    clauses = tuple(sorted(tree.clauses, key=lambda c: (c.start, c.end)))
    outside = tuple(sorted(tree.furniture))
    signatures = [(s.start, " ".join(source[s.start : s.end].split())) for s in outside]
    meta = infer_meta(meta, clauses, signatures)
    return Document(
        id=document_id,
        title=meta.title,
        number=meta.number,
        issuer=meta.issuer,
        region=meta.region,
        source=source,
        clauses=clauses,
        parts=_parts(parts, meta, clauses, blocks),
        issued=meta.issued,
        year=meta.year,
        effective=meta.effective,
        expires=meta.expires,
        replaced_by=meta.replaced_by,
        aliases=tuple(meta.aliases),
        only_for=tuple(meta.only_for),
        furniture=outside,
    )


def _layout(meta: DocumentMeta) -> Layout:
    issuers = [meta.issuer, *(part.issuer for part in meta.parts)]
    names = [name for issuer in issuers for name in issuer.split("、") if name]
    return Layout(
        part_starts=tuple(squeeze(p.starts_with) for p in meta.parts),
        furniture=frozenset(squeeze(line) for line in meta.furniture),
        issuers=frozenset(squeeze(name) for name in names),
    )


def _furniture(blocks: Sequence[Block]) -> tuple[list[Span], list[Span]]:
    """Furniture between the clauses, and page numbers amid one, which its span cannot leave out."""
    between: list[Span] = []
    amid: list[Span] = []
    end = 0
    for block in blocks:
        if block.kind == "furniture":
            (amid if block.start < end else between).append(Span(block.start, block.end))
        else:
            end = max(end, block.end)
    return between, amid


def _blank_out(source: str, spans: Sequence[Span]) -> str:
    """The source with blanks at `spans`, so that offsets stay and a page number is never shown."""
    pieces, position = [], 0
    for span in spans:
        pieces += [source[position : span.start], " " * (span.end - span.start)]
        position = span.end
    return "".join([*pieces, source[position:]])


def _name_parts(blocks: Sequence[Block]) -> tuple[PartMeta, ...]:
    """Names for parts that the text shows but nobody declared: the fullest is the main one."""
    sizes = [0] * (max((b.part for b in blocks), default=0) + 1)
    for block in blocks:
        sizes[block.part] += block.is_prose
    main = max(range(len(sizes)), key=lambda i: (sizes[i], i))
    return tuple(
        PartMeta() if i == main else PartMeta(id=f"part{i + 1}", label=f"第{i + 1}部分")
        for i in range(len(sizes))
    )


def _scopes(blocks: Sequence[Block], parts: Sequence[PartMeta], tree: ClauseTree) -> list[Scope]:
    scopes: list[Scope] = []
    by_part: dict[int, Scope] = {}
    current: Scope | None = None
    for block in blocks:
        if block.kind == "furniture":
            continue
        part = parts[min(block.part, len(parts) - 1)]
        root = by_part.get(block.part)
        if root is None:
            root = Scope(part.id, f"{part.label} " if part.label else "", part.id)
            by_part[block.part] = current = root
            scopes.append(root)
        if block.kind == "annex":
            current = _annex_scope(block, root, tree)
            scopes.append(current)
        elif block.kind == "meta":
            root.blocks.append(block)
        else:
            (current or root).blocks.append(block)
    return scopes


def _annex_scope(block: Block, root: Scope, tree: ClauseTree) -> Scope:
    text = block.text
    match = _ANNEX.match(text)
    numeral = match["n"] if match else None
    number = chinese_to_int(numeral) if numeral else 1
    word = f"附{match['word']}" if match else "附件"
    label = f"{root.label}{word}{number}" if numeral else f"{root.label}{word}"
    heading = collapse_display(text[match.end() :] if match else text)
    scope = Scope(root.prefix, f"{label} ", root.part)
    path = f"a{number}"
    span = Span(block.start, block.end)
    scope.opener = tree.add(scope, Draft(path, span, label, "heading", heading))
    scope.prefix = scope.opener.path
    return scope


def _parts(
    parts: Sequence[PartMeta], meta: DocumentMeta, clauses: Sequence[Clause], blocks: Sequence[Block]
) -> tuple[Part, ...]:
    """The parts that the text shows, each with what is declared, read from it, or its document's."""
    first: dict[int, Block] = {}
    last: dict[int, Block] = {}
    for block in blocks:
        first.setdefault(block.part, block)
        last[block.part] = block
    by_part: dict[str, list[Clause]] = {}
    for clause in clauses:
        by_part.setdefault(clause.part, []).append(clause)
    found = []
    for i, part in enumerate(parts):
        if i not in first:
            continue
        known = infer_part(part, meta, by_part.get(part.id, []))
        found.append(
            Part(
                id=part.id,
                title=known.title,
                number=known.number,
                issuer=known.issuer,
                issued=known.issued,
                start=first[i].start,
                end=last[i].end,
            )
        )
    return tuple(found)
