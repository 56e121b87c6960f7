"""Blocks → clause tree: paths, labels, headings, parents; and the document that holds them.

In: a source text and its metadata. Out: a `Document` whose clauses and furniture cover every non-blank
character once. A clause's span is its own text without its children's, so a citation of 21. does not
drag in 21.（1）–（3）.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.documents.blocks import Block, Layout, build_blocks
from assistant.documents.lines import split_lines
from assistant.documents.metadata import DocumentMeta, PartMeta, infer_meta
from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.numbering import Label, chinese_to_int, find_ordinals
from assistant.documents.tables import Row, read_table
from assistant.documents.tree import nest_labels
from assistant.models import Clause, Document, Part, Span

META_LABELS = {
    "number": "文号",
    "date": "成文日期",
    "contact": "联系方式",
    "organizer": "主办",
    "supervisor": "督办",
    "copies": "抄送",
    "disclosure": "公开方式",
    "annexes": "附件目录",
    "addressees": "主送机关",
    "enactment": "题注",
    "note": "附注",
}
_REMARK = re.compile(r"(备注|注|说明)[:：]")
_HEADING_LENGTH = 40


@dataclass(slots=True)
class _Scope:
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


@dataclass(slots=True)
class _Tree:
    document: str
    source: str
    clauses: list[Clause] = field(default_factory=list)
    furniture: list[Span] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def add(self, scope: _Scope, path: str, span: Span, **given: object) -> Clause:
        """Append a clause; a path that is taken gets `.2`, `.3` … so that ids stay unique."""
        full = f"{scope.prefix}.{path}" if scope.prefix and path else scope.prefix or path
        unique, n = full, 1
        while unique in self.used:
            n += 1
            unique = f"{full}.{n}"
        self.used.add(unique)
        cells = given.get("cells")
        text = (
            " | ".join(c.text for c in cells)
            if isinstance(cells, tuple) and cells
            else collapse_display(self.source[span.start : span.end].replace("**", ""))
        )
        clause = Clause(
            clause_id=f"{self.document}#{unique}",
            document=self.document,
            path=unique,
            part=scope.part,
            start=span.start,
            end=span.end,
            text=text,
            **given,  # type: ignore[arg-type]
        )
        self.clauses.append(clause)
        return clause


def parse_document(document_id: str, source: str, meta: DocumentMeta | None = None) -> Document:
    """Parse one source text.

    Args:
        document_id: folder name of the document.
        source: the text as its reader gives it.
        meta: what `document.yaml` says; what it leaves out is read from the text itself.
    """
    meta = meta or DocumentMeta()
    layout = Layout(
        part_starts=tuple(squeeze(p.starts_with) for p in meta.parts),
        furniture=frozenset(squeeze(line) for line in meta.furniture),
        issuers=frozenset(
            squeeze(n) for p in (meta, *meta.parts) for n in p.issuer.split("、") if n
        ),
    )
    blocks = build_blocks(split_lines(source), layout)
    parts = meta.parts or _number_parts(blocks)
    tree = _Tree(document_id, source)
    for scope in _scopes(blocks, parts, tree):
        _read_scope(tree, scope)
    clauses = tuple(sorted(tree.clauses, key=lambda c: (c.start, c.end)))
    meta = infer_meta(meta, clauses, source)
    spans = [(b.start, b.end, b.part) for b in blocks]
    return Document(
        id=document_id,
        title=meta.title,
        number=meta.number,
        issuer=meta.issuer,
        region=meta.region,
        source=source,
        clauses=clauses,
        issued=meta.issued,
        year=meta.year,
        effective=meta.effective,
        expires=meta.expires,
        aliases=tuple(meta.aliases),
        only_for=tuple(meta.only_for),
        furniture=tuple(tree.furniture),
        parts=_parts(parts, meta, clauses, spans),
    )


# -- parts and scopes ---------------------------------------------------------------------------------


def _number_parts(blocks: Sequence[Block]) -> list[PartMeta]:
    """Names for parts that the text shows but nobody declared: the one with most clauses is the main."""
    n_parts = max((b.part for b in blocks), default=0) + 1
    sizes = [
        sum(b.part == i and b.kind in ("clause", "paragraph") for b in blocks)
        for i in range(n_parts)
    ]
    main = max(range(n_parts), key=lambda i: (sizes[i], i))
    return [
        PartMeta(
            id="" if i == main else f"part{i + 1}", label="" if i == main else f"第{i + 1}部分"
        )
        for i in range(n_parts)
    ]


def _scopes(blocks: Sequence[Block], parts: Sequence[PartMeta], tree: _Tree) -> list[_Scope]:
    scopes: list[_Scope] = []
    by_part: dict[int, _Scope] = {}
    current: _Scope | None = None
    for block in blocks:
        part = parts[min(block.part, len(parts) - 1)]
        root = by_part.get(block.part)
        if root is None:
            root = by_part[block.part] = _Scope(
                part.id, f"{part.label} " if part.label else "", part.id
            )
            scopes.append(root)
            current = root
        if block.kind == "annex":
            current = _annex_scope(block, part.id, tree)
            scopes.append(current)
        elif block.kind == "furniture":
            tree.furniture.append(Span(block.start, block.end))
        elif block.kind == "meta":
            root.blocks.append(block)
        else:
            (current or root).blocks.append(block)
    return scopes


def _annex_scope(block: Block, part: str, tree: _Tree) -> _Scope:
    match = re.match(r"附\s*件\s*(\d{1,2}|[一二三四五六七八九十]{1,3})?\s*[:：]?", block.text)
    numeral = match[1] if match else None
    number = chinese_to_int(numeral) if numeral else 1
    scope = _Scope(f"a{number}", f"附件{number} " if numeral else "附件 ", part)
    heading = collapse_display(block.text[match.end() :] if match else block.text)
    scope.opener = tree.add(
        scope,
        "",
        Span(block.start, block.end),
        label=scope.label.strip(),
        kind="heading",
        heading=heading,
    )
    scope.prefix = scope.opener.path
    return scope


def _parts(
    parts: Sequence[PartMeta],
    meta: DocumentMeta,
    clauses: Sequence[Clause],
    spans: Sequence[tuple[int, int, int]],
) -> tuple[Part, ...]:
    found = []
    for i, part in enumerate(parts):
        inside = [(s, e) for s, e, p in spans if p == i]
        if not inside:
            continue
        shown = next((c.text for c in clauses if c.kind == "title" and c.part == part.id), "")
        title = part.title or (shown if part.id else meta.title)
        found.append(
            Part(
                id=part.id,
                title=title or meta.title,
                number=part.number or meta.number,
                issuer=part.issuer or meta.issuer,
                issued=part.issued or meta.issued,
                start=inside[0][0],
                end=inside[-1][1],
            )
        )
    return tuple(found)


# -- one scope ----------------------------------------------------------------------------------------


def _read_scope(tree: _Tree, scope: _Scope) -> None:
    labelled = [b for b in scope.blocks if b.label]
    chains = dict(
        zip(
            (id(b) for b in labelled),
            nest_labels([b.label for b in labelled if b.label]),
            strict=True,
        )
    )
    clause_of: list[Clause] = []
    current, n_paragraphs = scope.opener, 1 if scope.opener is None else 0
    n_tables, i = 0, 0
    while i < len(scope.blocks):
        block = scope.blocks[i]
        if block.kind == "row":
            rows = _take_rows(scope.blocks, i)
            n_tables += 1
            _read_rows(tree, scope, current, read_table(rows, tree.source), n_tables)
            i += len(rows)
            continue
        if block.label:
            chain = chains[id(block)]
            parent = clause_of[chain[-2]] if len(chain) > 1 else scope.opener
            labels = [b.label for b in (labelled[j] for j in chain) if b.label]
            current = _add_clause(tree, scope, block, labels, parent)
            clause_of.append(current)
            n_paragraphs = 0 if current.kind == "heading" else 1
        elif block.kind == "paragraph":
            n_paragraphs += current is not None
            _add_paragraph(tree, scope, block, current, n_paragraphs)
            n_paragraphs += current is None
        else:
            _add_meta(tree, scope, block)
        i += 1


def _take_rows(blocks: Sequence[Block], i: int) -> list[Block]:
    rows = []
    while i < len(blocks) and blocks[i].kind == "row":
        rows.append(blocks[i])
        i += 1
    return rows


def _add_clause(
    tree: _Tree, scope: _Scope, block: Block, labels: Sequence[Label], parent: Clause | None
) -> Clause:
    path = ".".join(str(label.number) for label in labels)
    shown = scope.label + _show(labels)
    source = tree.source[block.start : block.end]
    ordinals = find_ordinals(source)
    end = block.start + len(source[: ordinals[0][0]].rstrip()) if ordinals else block.end
    body = source[labels[-1].length : ordinals[0][0] if ordinals else None]
    given = {"parent": parent.clause_id if parent else None, "headings": _headings(parent)}
    heading = _run_in_heading(body)
    is_heading = bool(heading) and squeeze(heading) == squeeze(body)
    if ordinals and not heading:
        heading = _run_in_heading(body.strip().rstrip("。"))
    clause = tree.add(
        scope,
        path,
        Span(block.start, end),
        label=shown,
        kind="heading" if is_heading else "clause",
        heading=heading,
        **given,
    )
    bounds = [offset for offset, _ in ordinals] + [len(source)]
    for (offset, label), stop in zip(ordinals, bounds[1:], strict=True):
        text = source[offset:stop]
        tree.add(
            scope,
            f"{path}.{label.number}",
            Span(block.start + offset, block.start + offset + len(text.rstrip())),
            label=f"{shown}{label.shown}",
            kind="clause",
            heading=_run_in_heading(text[label.length :]),
            parent=clause.clause_id,
            headings=_headings(clause),
        )
    return clause


def _show(labels: Sequence[Label]) -> str:
    """二、（四）21.（1）; an article is shown without its chapter, as lawyers cite it."""
    first = max((i for i, x in enumerate(labels) if x.family == "条"), default=0)
    return "".join(label.shown for label in labels[first:])


def _run_in_heading(body: str) -> str:
    """The short first sentence that names a clause: 严格师资管理。 指导思想："""
    text = body.strip()
    match = re.match(r"[^。：；:;！？]+", text)
    if not match or len(squeeze(match[0])) > _HEADING_LENGTH:
        return ""
    rest = text[match.end() :]
    is_named = rest[:1] in "。" and len(rest) > 1 or rest[:1] in "：:" and len(match[0]) <= 12
    return collapse_display(match[0]) if is_named or not rest else ""


def _headings(parent: Clause | None) -> tuple[str, ...]:
    if parent is None:
        return ()
    return (*parent.headings, parent.heading) if parent.heading else parent.headings


def _add_paragraph(
    tree: _Tree, scope: _Scope, block: Block, current: Clause | None, n: int
) -> None:
    path = f"p{n}"
    shown = scope.label.strip() + (f" 第{n}段" if scope.label else f"第{n}段")
    if current and current is not scope.opener:
        base = current.path.removeprefix(f"{scope.prefix}.") if scope.prefix else current.path
        path = f"{base}.p{n}"
        shown = (
            f"{current.label}第{n}款"
            if re.search(r"第[^第]+条$", current.label)
            else f"{current.label}第{n}段"
        )
    elif match := _REMARK.match(block.text):
        shown = f"{scope.label}{match[1]}"
    tree.add(
        scope,
        path,
        Span(block.start, block.end),
        label=shown,
        kind="paragraph",
        headings=_headings(current),
        parent=current.clause_id if current else None,
    )


def _add_meta(tree: _Tree, scope: _Scope, block: Block) -> None:
    """Title, number, date, contact …: they stand outside the numbering but can be cited."""
    slug = block.slug or "title"
    label = META_LABELS.get(slug, "标题")
    if slug == "date" and block.text.endswith("印发"):
        label = "印发日期"
    kind = "title" if block.kind == "title" else "meta"
    tree.add(scope, slug, Span(block.start, block.end), label=scope.label + label, kind=kind)


def _read_rows(
    tree: _Tree, scope: _Scope, current: Clause | None, rows: Sequence[Row], n_tables: int
) -> None:
    base = (
        ""
        if current is None or current is scope.opener
        else current.path.removeprefix(f"{scope.prefix}.") + "."
    )
    table = f"{base}t{n_tables}." if base or n_tables > 1 or scope.opener is None else ""
    context = (
        current.label if current and current is not scope.opener else scope.label.strip() or "表"
    )
    position, seen = 0, set[int]()
    for row in rows:
        span = Span(row.block.start, row.block.end)
        if row.is_repeat:
            tree.furniture.append(span)
            continue
        position += not row.is_header
        number = row.number if row.number is not None and row.number not in seen else position
        number = 0 if row.is_header else number
        seen.add(number)
        shown = "表头" if row.is_header else row.name or f"第{number}行"
        tree.add(
            scope,
            f"{table}r{number}",
            span,
            label=f"{context} {shown}".strip(),
            kind="heading" if row.is_header else "row",
            cells=row.cells,
            headings=(*_headings(current), *row.groups),
            parent=current.clause_id if current else None,
        )
