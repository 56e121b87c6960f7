"""A Word file (.docx) in, source text out.

Paragraphs and tables come in document order with the labels of automatic numbering. Tracked changes
read as accepted: insertions are in, deletions and what was moved away are out. Hidden text, text
boxes, headers, footers and footnotes are left out. The element tree is walked here rather than
through `Paragraph.text`, which loses insertions, content controls and numbering.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from assistant.documents.read_docx_lists import Element, ListLabels
from assistant.documents.read_table import render_rows
from assistant.errors import ParseError

MAX_UNPACKED_BYTES = 200_000_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Deleted, moved away, ruby readings, and pictures or text boxes (twice inside mc:AlternateContent).
_SKIPPED = frozenset(
    f"{_W}{name}" for name in ["del", "moveFrom", "rt", "drawing", "pict", "object", "pPr"]
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"}
_BREAKS = frozenset(f"{_W}{name}" for name in ("br", "cr"))
_TABS = frozenset(f"{_W}{name}" for name in ("tab", "ptab"))


class _Parts(NamedTuple):
    """The trees of a Word file that are read; `numbering` is None where it has no lists."""

    body: Element
    styles: Element
    numbering: Element | None


def read_docx(content: bytes, path: Path) -> str:
    """Turn a Word file into source text.

    Args:
        content: the file as it is.
        path: named in the error.

    Returns:
        Paragraphs and tables set apart by an empty line; a table with one cell is a frame around
        text and read as paragraphs.

    Raises:
        ParseError: not a Word file, damaged, encrypted, or larger than 200 MB when unpacked.
    """
    _refuse_bomb(content, path)
    parts = _open_parts(content, path)
    return "\n\n".join(_read_blocks(parts.body, ListLabels(parts.styles, parts.numbering)))


def _open_parts(content: bytes, path: Path) -> _Parts:
    """Unpack the file and find the three trees that are read."""
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(BytesIO(content))
        relations = document.part.rels.values()
        numbering = [r for r in relations if r.reltype == RELATIONSHIP_TYPE.NUMBERING]
        parts = _Parts(
            body=document.element.body,
            styles=document.styles.element,
            numbering=numbering[0].target_part.element if numbering else None,
        )
    # KeyError, ValueError, TypeError, AttributeError: a part or relation is missing or of the wrong
    # kind. SyntaxError: lxml's XMLSyntaxError. The others: a member cannot be unpacked.
    except (
        PackageNotFoundError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as exc:
        raise _damaged(path) from exc
    if parts.body is None:
        raise _damaged(path)
    return parts


def _refuse_bomb(content: bytes, path: Path) -> None:
    """Refuse what is no zip archive, and an archive that would fill the memory."""
    if content.startswith(_OLE_MAGIC):
        raise ParseError(
            f"Word 文件设有密码，或者其实是旧版 .doc：{path.name}",
            path=str(path),
            hint="请用 Word 或 WPS 打开，取消密码，另存为 .docx。",
        )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as exc:
        raise _damaged(path) from exc
    if size > MAX_UNPACKED_BYTES:
        raise ParseError(
            f"Word 文件解开后超过 {MAX_UNPACKED_BYTES // 1_000_000} MB，不予读取：{path.name}",
            path=str(path),
            hint="请删去图片等大对象后另存，或把正文另存为文本文件。",
        )


def _damaged(path: Path) -> ParseError:
    return ParseError(
        f"Word 文件已损坏或不是 .docx：{path.name}",
        path=str(path),
        hint="请用 Word 或 WPS 打开，另存为 .docx（不要选“严格 Open XML”）后重试。",
    )


def _read_blocks(parent: Element, labels: ListLabels) -> Iterator[str]:
    """Give paragraphs and tables of a body or cell in order, blank ones left out."""
    carried = ""  # text of paragraphs whose mark was deleted: it runs on into the next
    for element in _unwrap(parent, ("p", "tbl")):
        if element.tag == f"{_W}tbl":
            yield from _read_table(element, labels)
            continue
        properties = element.find(f"{_W}pPr")
        text = carried + _read_runs(element)
        if _is_mark_deleted(properties):
            carried = text
            continue
        carried = ""
        text = _tidy(labels.label(properties) + text)
        if text:
            yield text
    if carried.strip():
        yield _tidy(carried)


def _unwrap(parent: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """Give the children of the given names, through content controls and insertions."""
    for child in parent:
        if child.tag in {f"{_W}{name}" for name in names}:
            yield child
        elif child.tag in {f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")}:
            yield from _unwrap(child, names)


def _read_runs(parent: Element) -> str:
    """Join the text of a paragraph; a tab becomes a space, for tabs part table cells."""
    pieces: list[str] = []
    for child in parent:
        if child.tag in _SKIPPED:
            continue
        if child.tag == f"{_W}t":
            pieces.append(child.text or "")
        elif child.tag in _BREAKS:
            pieces.append("\n")
        elif child.tag in _TABS:
            pieces.append(" ")
        elif child.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif not (child.tag == f"{_W}r" and _is_on(child.find(f"{_W}rPr/{_W}vanish"))):
            pieces.append(_read_runs(child))
    return "".join(pieces)


def _read_table(table: Element, labels: ListLabels) -> Iterator[str]:
    """Give a table as one block of tab-joined rows, a frame of one cell as its paragraphs."""
    rows = [row for row in _unwrap(table, ("tr",)) if row.find(f"{_W}trPr/{_W}del") is None]
    if len(rows) == 1:
        cells = list(_unwrap(rows[0], ("tc",)))
        if len(cells) == 1:
            yield from _read_blocks(cells[0], labels)
            return
    text = render_rows([_read_row(row, labels) for row in rows])
    if text:
        yield text


def _read_row(row: Element, labels: ListLabels) -> list[str]:
    """Read a row on the grid: a merged cell stands where it begins, its other places are empty."""
    texts = [""] * _read_count(row.find(f"{_W}trPr/{_W}gridBefore"), 0)
    for cell in _unwrap(row, ("tc",)):
        properties = cell.find(f"{_W}tcPr")
        width = 1
        is_covered = False
        if properties is not None:
            width = _read_count(properties.find(f"{_W}gridSpan"), 1)
            merges = (properties.find(f"{_W}vMerge"), properties.find(f"{_W}hMerge"))
            is_covered = any(
                merge is not None and merge.get(f"{_W}val", "continue") == "continue" for merge in merges
            )
        texts.append("" if is_covered else " ".join(_read_blocks(cell, labels)))
        texts += [""] * (width - 1)
    return texts + [""] * _read_count(row.find(f"{_W}trPr/{_W}gridAfter"), 0)


def _read_count(element: Element | None, default: int) -> int:
    """Read a count of grid columns; nonsense counts as absent (Word allows 63 columns)."""
    value = "" if element is None else element.get(f"{_W}val", "")
    return int(value) if re.fullmatch("[0-9]{1,3}", value) else default


def _is_mark_deleted(properties: Element | None) -> bool:
    if properties is None:
        return False
    return any(properties.find(f"{_W}rPr/{_W}{name}") is not None for name in ("del", "moveFrom"))


def _is_on(toggle: Element | None) -> bool:
    return toggle is not None and toggle.get(f"{_W}val", "true") not in (
        "0",
        "false",
        "off",
        "none",
    )


def _tidy(text: str) -> str:
    """Strip each line of a paragraph and leave blank ones out."""
    lines = (line.strip() for line in text.replace("\t", " ").splitlines())
    return "\n".join(line for line in lines if line)
