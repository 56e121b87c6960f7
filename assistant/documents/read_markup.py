"""HTML or Markdown in, source text out.

Markdown goes through HTML, so that a list, a table or a raw HTML fragment reads the same in both.
Line breaks inside a paragraph stay line breaks although a browser shows a space: whether two lines
are one sentence is for the parser to decide, as it does for the supplied texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.documents.read_list_numbers import format_number
from assistant.documents.read_table import SpanCell, render_rows, spread_spans
from assistant.errors import ParseError

if TYPE_CHECKING:
    from bs4 import Tag

_DROPPED = frozenset(
    "head title script style nav noscript template svg math iframe object select button".split()  # noqa: SIM905
)
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu ol p pre
    section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905
)
_LIST_FORMATS = {
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}
# CommonMark ends no bold run between Chinese punctuation and a word: `**（一）目标。**到2025年`.
_LEFT_STARS = re.compile(r"(?<!\*)\*\*(?!\*)([^*\n]+)(?<!\*)\*\*(?!\*)")
# HTML lets these end tags be left out; the parser then nests the element in the one before.
_IMPLIED_ENDS = {
    "li": ("li",),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("tr", "td", "th"),
    "tbody": ("thead", "tbody", "tr", "td", "th"),
    "tfoot": ("thead", "tbody", "tr", "td", "th"),
}
_SCOPES = frozenset({"ol", "ul", "menu", "table"})
# The caps of the HTML standard, so that a mistyped span cannot fill the memory.
_MAX_COLUMNS = 1000
_MAX_ROWS = 65534


def read_markdown(source: str, path: Path) -> str:
    """Turn Markdown (CommonMark and tables) into source text.

    Raises:
        ParseError: as `read_html`.
    """
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark").enable("table").render(source)
    return read_html(_LEFT_STARS.sub(r"\1", page), path)


def read_html(source: str, path: Path) -> str:
    """Turn HTML into source text.

    Args:
        source: a page or a fragment.
        path: named in the error.

    Returns:
        Blocks set apart by an empty line; items of ordered lists begin with their number; tables as
        tab-joined rows, but a table with one cell or with a table in it is page layout and read as
        blocks.

    Raises:
        ParseError: markup that the parser rejects, or nested too deeply.
    """
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    flow = _Flow()
    try:
        page = BeautifulSoup(source, "html.parser")
        _unnest(page)
        _walk(page, flow)
    except (ParserRejectedMarkup, RecursionError) as exc:
        raise ParseError(
            f"网页标记有错或嵌套过深，读不出来：{path.name}",
            path=str(path),
            hint="请用浏览器打开，把正文复制到文本文件，另存为 UTF-8 编码的 .txt。",
        ) from exc
    flow.end_block()
    return "\n\n".join(flow.blocks)


@dataclass(slots=True)
class _Flow:
    """The text written so far; `label` is a list number that waits for the text of its item."""

    blocks: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    label: str = ""

    def end_block(self) -> None:
        """Close the block under way; a label without text yet goes on waiting."""
        lines = (re.sub(r"[ \t\f\xa0]+", " ", line).strip() for line in "".join(self.pieces).splitlines())
        text = "\n".join(line for line in lines if line)
        self.pieces.clear()
        if text:
            self.blocks.append(self.label + text)
            self.label = ""

    def end_item(self) -> None:
        """Close a list item; one without text keeps its number as a line of its own."""
        self.end_block()
        if self.label:
            self.blocks.append(self.label.strip())
            self.label = ""


def _unnest(page: Tag) -> None:
    """Move items, cells and rows out of the one before that lacks its end tag."""
    for tag in page.find_all(list(_IMPLIED_ENDS)):
        unclosed = None
        for ancestor in tag.parents:
            if ancestor.name in _SCOPES:
                break
            if ancestor.name in _IMPLIED_ENDS[tag.name]:
                unclosed = ancestor
        if unclosed is not None:
            unclosed.insert_after(tag)


def _walk(parent: Tag, flow: _Flow) -> None:
    """Write what stands inside `parent`, in document order."""
    from bs4.element import NavigableString, Tag

    for node in parent.children:
        if not isinstance(node, Tag):
            # Comments, doctypes and ruby readings are subclasses.
            if type(node) is NavigableString:
                flow.pieces.append(str(node))
        elif node.name in _DROPPED:
            continue
        elif node.name == "br":
            flow.pieces.append("\n")
        elif node.name == "table":
            flow.end_block()
            _write_table(node, flow)
        elif node.name == "ol":
            flow.end_block()
            _write_ordered_list(node, flow)
        elif node.name in _BLOCKS:
            flow.end_block()
            _walk(node, flow)
            flow.end_block()
        else:
            _walk(node, flow)


def _write_ordered_list(ordered: Tag, flow: _Flow) -> None:
    number = _read_int(ordered, "start", 1)
    style = _LIST_FORMATS.get(str(ordered.get("type", "")), "decimal")
    for item in ordered.find_all(True, recursive=False):
        if item.name != "li":
            _walk_alone(item, flow)
            continue
        number = _read_int(item, "value", number)
        flow.end_item()
        flow.label = f"{format_number(number, style)}. "
        _walk(item, flow)
        flow.end_item()
        number += 1


def _walk_alone(node: Tag, flow: _Flow) -> None:
    """Walk a child of a list that is no item, such as a list set directly in a list."""
    if node.name == "ol":
        _write_ordered_list(node, flow)
    elif node.name not in _DROPPED:
        _walk(node, flow)
        flow.end_block()


def _write_table(table: Tag, flow: _Flow) -> None:
    cells = table.find_all(["td", "th"])
    if len(cells) < 2 or table.find("table") is not None:
        _walk(table, flow)
        flow.end_block()
        return
    if flow.label:
        flow.end_item()
    for caption in table.find_all("caption"):
        _walk(caption, flow)
        flow.end_block()
    rows = table.find_all("tr")
    grid = [
        [_read_cell(cell, len(rows) - n) for cell in row.find_all(["td", "th"], recursive=False)]
        for n, row in enumerate(rows)
    ]
    text = render_rows(spread_spans(grid))
    if text:
        flow.blocks.append(text)


def _read_cell(cell: Tag, n_rows_left: int) -> SpanCell:
    """Read a cell; a row span of 0 reaches to the end of the table."""
    inner = _Flow()
    _walk(cell, inner)
    inner.end_item()
    n_rows = _read_int(cell, "rowspan", 1)
    return SpanCell(
        text=" ".join(inner.blocks),
        n_columns=min(max(_read_int(cell, "colspan", 1), 1), _MAX_COLUMNS),
        n_rows=n_rows_left if n_rows == 0 else min(max(n_rows, 1), _MAX_ROWS),
    )


def _read_int(tag: Tag, name: str, default: int) -> int:
    """Read a whole number from an attribute; anything else counts as absent, as in a browser."""
    value = str(tag.get(name, "")).strip()
    return int(value) if re.fullmatch(r"-?[0-9]{1,9}", value) else default
