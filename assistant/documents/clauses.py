"""Blocks of one numbering scope → clauses: paths, labels, headings, parents.

In: the blocks of a part's body or of an annex. Out: `Clause`s appended to a `ClauseTree`. A clause's
span is its own text without its children's, so a citation of 21. does not drag in 21.（1）–（3）.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.documents.blocks import Block
from assistant.documents.clause_tree import ClauseTree, Draft, Scope
from assistant.documents.normalize import collapse_display, squeeze
from assistant.documents.numbering import Label, find_ordinals
from assistant.documents.tables import Row, read_table
from assistant.documents.tree import nest_labels
from assistant.models import Clause, ClauseKind, Span

META_LABELS = {
    "number": "文号",
    "date": "成文日期",
    "contact": "联系方式",
    "organizer": "主办",
    "supervisor": "督办",
    "copies": "抄送",
    "disclosure": "公开方式",
    "signer": "签发人",
    "annexes": "附件目录",
    "addressees": "主送机关",
    "enactment": "题注",
    "note": "附注",
}
_REMARK = re.compile(r"(备注|注|说明)[:：]")
_HEADING_LENGTH = 40


def read_scope(tree: ClauseTree, scope: Scope) -> None:
    """Append the clauses of one scope to `tree`."""
    _ScopeReader(tree, scope).read()


@dataclass(slots=True)
class _ScopeReader:
    tree: ClauseTree
    scope: Scope
    labelled: list[Block] = field(default_factory=list)
    numbered: list[Clause] = field(default_factory=list)
    current: Clause | None = None
    article: Clause | None = None
    n_paragraphs: dict[str, int] = field(default_factory=dict)
    n_tables: dict[str, int] = field(default_factory=dict)

    def read(self) -> None:
        blocks = self.scope.blocks
        self.labelled = [b for b in blocks if b.label]
        chains = iter(nest_labels([b.label for b in blocks if b.label], _find_announced(blocks)))
        self.current = self.scope.opener
        i = 0
        while i < len(blocks):
            block = blocks[i]
            if block.kind == "row":
                rows = _take_rows(blocks, i)
                self._add_table(read_table(rows, self.tree.source))
                i += len(rows)
                continue
            if block.label:
                self._add_numbered(block, next(chains))
            elif block.kind == "paragraph":
                self._add_paragraph(block)
            else:
                self._add_meta(block)
            i += 1

    def _add_numbered(self, block: Block, chain: Sequence[int]) -> None:
        """A numbered clause; a run-in list 一是 … 二是 … becomes its children."""
        parent = self.numbered[chain[-2]] if len(chain) > 1 else self.scope.opener
        labels = [b.label for b in (self.labelled[j] for j in chain) if b.label]
        shown = self.scope.label + _show(labels)
        source = self.tree.source[block.start : block.end]
        ordinals = find_ordinals(source)
        own = source[: ordinals[0][0]].rstrip() if ordinals else source
        body = own[labels[-1].length :]
        heading = _run_in_heading(body)
        is_heading = bool(heading) and squeeze(heading) == squeeze(body)
        if ordinals and not heading:
            heading = _run_in_heading(body.strip().rstrip("。"))
        clause = self.tree.add(
            self.scope,
            Draft(
                path=_path(labels),
                span=Span(block.start, block.start + len(own)),
                label=shown,
                kind="heading" if is_heading else "clause",
                heading=heading,
                parent=parent,
            ),
        )
        stops = [*(offset for offset, _ in ordinals[1:]), len(source)]
        for (offset, label), stop in zip(ordinals, stops, strict=False):
            text = source[offset:stop].rstrip()
            start = block.start + offset
            self.tree.add(
                self.scope,
                Draft(
                    path=f"{_path(labels)}.{label.number}",
                    span=Span(start, start + len(text)),
                    label=f"{shown}{label.shown}",
                    kind="clause",
                    heading=_run_in_heading(text[label.length :]),
                    parent=clause,
                ),
            )
        self.numbered.append(clause)
        self.current = clause
        at = next((k for k, label in enumerate(labels) if label.family == "条"), None)
        self.article = None if at is None else self.numbered[chain[at]]
        self.n_paragraphs[clause.clause_id] = 0 if clause.kind == "heading" else 1

    def _add_paragraph(self, block: Block) -> None:
        """A paragraph without number: counted within its clause, whose first one is the clause.

        Behind the items （一）… of an article it is the article's next 款, not a part of the last item; so it is behind
        the items of any list that a clause opens with a colon and the last item ends.
        """
        scope, current = self.scope, self.article or self._find_list_opener() or self.current
        counted = current.clause_id if current else ""
        n = self.n_paragraphs[counted] = self.n_paragraphs.get(counted, 0) + 1
        path, shown = f"p{n}", f"{scope.label}第{n}段"
        if current and current is not scope.opener:
            path = f"{self._own_path(current)}.p{n}"
            unit = "款" if re.search(r"第[^第]+条$", current.label) else "段"
            shown = f"{current.label}第{n}{unit}"
        elif match := _REMARK.match(block.text[:10]):
            shown = f"{scope.label}{match[1]}"
        span = Span(block.start, block.end)
        self.tree.add(scope, Draft(path, span, shown, "paragraph", parent=current))

    def _find_list_opener(self) -> Clause | None:
        """The clause whose list the current item ends; None where it is no such item."""
        item = self.current
        if item is None or item.parent is None or not item.text.endswith("。"):
            return None
        opener = next((c for c in reversed(self.numbered) if c.clause_id == item.parent), None)
        return opener if opener and opener.text.endswith(("：", ":")) else None

    def _add_meta(self, block: Block) -> None:
        """Title, number, date, contact …: they stand outside the numbering but can be cited."""
        slug = block.slug or "title"
        label = META_LABELS.get(slug, "标题")
        if slug == "date" and block.text.endswith("印发"):
            label = "印发日期"
        kind: ClauseKind = "title" if block.kind == "title" else "meta"
        span = Span(block.start, block.end)
        self.tree.add(self.scope, Draft(slug, span, f"{self.scope.label}{label}", kind))

    def _add_table(self, rows: Sequence[Row]) -> None:
        scope, current = self.scope, self.current
        counted = current.clause_id if current else ""
        n = self.n_tables[counted] = self.n_tables.get(counted, 0) + 1
        is_inner = current is not None and current is not scope.opener
        base = f"{self._own_path(current)}." if current and is_inner else ""
        is_only = not base and n == 1 and scope.opener is not None
        table = "" if is_only else f"{base}t{n}."
        context = current.label if current and is_inner else scope.label.strip() or "表"
        for row in rows:
            span = Span(row.block.start, row.block.end)
            if row.kind == "repeat":
                self.tree.furniture.append(span)
                continue
            shown = "表头" if row.kind == "header" else row.name or f"第{row.number}行"
            self.tree.add(
                scope,
                Draft(
                    path=f"{table}r{row.number}",
                    span=span,
                    label=f"{context} {shown}",
                    kind="heading" if row.kind == "header" else "row",
                    parent=current,
                    groups=row.groups,
                    cells=row.cells,
                ),
            )

    def _own_path(self, clause: Clause) -> str:
        """The clause's path within this scope."""
        return clause.path.removeprefix(f"{self.scope.prefix}.") if self.scope.prefix else clause.path


def _find_announced(blocks: Sequence[Block]) -> list[bool]:
    """For each labelled block whether the words before it announce a list (具体如下：)."""
    announced = []
    before = ""
    for block in blocks:
        if block.label:
            announced.append(before.endswith(("：", ":")))
        before = block.lines[-1].text
    return announced


def _take_rows(blocks: Sequence[Block], i: int) -> list[Block]:
    rows = []
    while i < len(blocks) and blocks[i].kind == "row":
        rows.append(blocks[i])
        i += 1
    return rows


def _path(labels: Sequence[Label]) -> str:
    """Numbers from the top down; a decimal that its ancestors do not spell out keeps its prefix."""
    components: list[str] = []
    numbers: list[int] = []
    for label in labels:
        is_spelt = tuple(numbers[len(numbers) - len(label.prefix) :]) == label.prefix
        prefix = () if is_spelt else label.prefix
        components.append(".".join(str(n) for n in (*prefix, label.number)))
        numbers.append(label.number)
    return ".".join(components)


def _show(labels: Sequence[Label]) -> str:
    """二、（四）21.（1）; an article is shown without its chapter, as lawyers cite it."""
    first = max((i for i, x in enumerate(labels) if x.family == "条"), default=0)
    shown: list[Label] = []
    for label in labels[first:]:
        while label.prefix and shown and shown[-1].number in label.prefix:
            shown.pop()
        shown.append(label)
    return "".join(label.shown for label in shown)


def _run_in_heading(body: str) -> str:
    """The short first sentence that names a clause, such as 严格师资管理。, or an empty text."""
    text = body.strip()
    match = re.match(r"[^。：；:;！？]+", text)
    if not match or len(match[0]) > 2 * _HEADING_LENGTH:
        return ""
    if len(squeeze(match[0])) > _HEADING_LENGTH:
        return ""
    rest = text[match.end() :]
    is_sentence = rest[:1] == "。" and len(rest) > 1
    is_name = rest[:1] in ("：", ":") and len(match[0]) <= 12
    return collapse_display(match[0]) if is_sentence or is_name or not rest else ""
