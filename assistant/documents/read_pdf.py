"""A PDF with a text layer in, source text out.

A PDF holds placed characters, no paragraphs: its lines stay lines, and joining them is left to the
parser. A ruled table is written as tab-joined rows where it stands. A page that is only a picture
makes the whole file unreadable on purpose: a law with a page missing would be quoted as if it were
whole.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from assistant.documents.read_table import render_rows
from assistant.errors import ParseError

# Objects of pdfplumber, which are followed untyped.
_Page = Any
_Table = Any

# `— 3 —`, `- 3 -`, `3`, `3/12`, `第 3 页`, `第3页 共12页`   near miss: `2021年`, `3.`
_PAGE_NUMBER = re.compile(
    r"[-—–－·~\s]*\d{1,4}(?:\s*/\s*\d{1,4})?[-—–－·~\s]*"
    r"|第\s*[\d一二三四五六七八九十百]{1,4}\s*页(?:[\s,，/]*共\s*[\d一二三四五六七八九十百]{1,4}\s*页)?"
)
_FOOT_SHARE = 0.85  # the page's lower edge: share of the height below which a page number stands
_GAP_SHARE = 0.3  # of the font size: a wider gap is a space; justified Chinese stays below
_PICTURE_SHARE = 0.5  # of the page: a textless page with so large a picture is a scan
# `%%EOF` must stand in so much of the end: a download broken off lacks it and would read as whole.
_TAIL_BYTES = 2048
_UNMAPPED = re.compile(r"\(cid:\d+\)")


class _Block(NamedTuple):
    """A line or a table of a page, by the height at which it begins, in points from the top."""

    top: float
    text: str


def read_pdf(content: bytes, path: Path) -> str:
    """Turn a PDF into source text.

    Args:
        content: the file as it is.
        path: named in the error.

    Returns:
        Lines and tables in reading order, page after page, without page numbers at the foot.

    Raises:
        ParseError: damaged, encrypted, without text layer (also on a single page), or with a font
            that has no map to characters.
    """
    from pdfplumber.utils.exceptions import PdfminerException

    pages = _open_pages(content, path)
    try:
        texts = [_read_page(page, path) for page in pages]
    # It wraps whatever pdfminer raises while it draws a page.
    except PdfminerException as exc:
        raise _unreadable(exc, path) from exc
    text = "\n".join(text for text in texts if text)
    _check_text(text, path)
    return text


def _open_pages(content: bytes, path: Path) -> list[_Page]:
    """Find the pages, without reading them yet."""
    if b"%%EOF" not in content.rstrip(b"\x00\t\r\n ")[-_TAIL_BYTES:]:
        raise _damaged(path)
    import pdfplumber
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

    for name in ("pdfminer", "pdfplumber"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        return list(pdfplumber.open(BytesIO(content)).pages)
    # The last three come from the size of a page that is no four numbers.
    except (PdfminerException, MalformedPDFException, TypeError, IndexError, ValueError) as exc:
        raise _unreadable(exc, path) from exc


def _read_page(drawn: _Page, path: Path) -> str:
    """Read one page and release its objects."""
    page = drawn.dedupe_chars()  # a letter drawn twice for a bold look would read twice
    if not page.chars and _is_picture(page):
        raise _scanned(path, f"第 {page.page_number} 页")
    tables = [table for table in page.find_tables() if len(table.cells) > 1]
    blocks = [*_read_lines(page, tables), *_read_tables(tables)]
    blocks.sort(key=lambda block: block.top)
    if blocks and blocks[-1].top > _FOOT_SHARE * page.height:
        foot = blocks[-1].text.strip()
        if _PAGE_NUMBER.fullmatch(foot):
            blocks.pop()
    drawn.close()
    return "\n".join(block.text for block in blocks)


def _read_lines(page: _Page, tables: list[_Table]) -> Iterator[_Block]:
    """Give the lines outside the tables."""
    boxes = [table.bbox for table in tables]

    def is_outside(item: dict[str, Any]) -> bool:
        if item["object_type"] != "char":
            return True
        x, y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
        return not any(x0 <= x <= x1 and top <= y <= bottom for x0, top, x1, bottom in boxes)

    lines = page.filter(is_outside).extract_text_lines(return_chars=False, x_tolerance_ratio=_GAP_SHARE)
    for line in lines:
        if line["text"].strip():
            yield _Block(line["top"], line["text"].strip())


def _read_tables(tables: list[_Table]) -> Iterator[_Block]:
    for table in tables:
        rows = [[cell or "" for cell in row] for row in table.extract(x_tolerance_ratio=_GAP_SHARE)]
        text = render_rows(rows)
        if text:
            yield _Block(table.bbox[1], text)


def _is_picture(page: _Page) -> bool:
    area = sum(image["width"] * image["height"] for image in page.images)
    return bool(area >= _PICTURE_SHARE * page.width * page.height)


def _check_text(text: str, path: Path) -> None:
    """Refuse a file without text, or one whose fonts do not tell which characters they draw."""
    if not text.strip():
        raise _scanned(path, "")
    n_unmapped = len(_UNMAPPED.findall(text))
    if n_unmapped > len(_UNMAPPED.sub("", text)):
        raise ParseError(
            f"PDF 的字体没有文字对照表，读出来是乱码：{path.name}",
            path=str(path),
            hint="请用原来的 Word 文件，或者先做文字识别（OCR）再导入。",
        )


def _scanned(path: Path, where: str) -> ParseError:
    return ParseError(
        f"扫描件没有文字层：{path.name}{where}",
        path=str(path),
        hint="请先做文字识别（OCR），存成带文字层的 PDF 或文本文件，校对后再导入。",
    )


def _unreadable(exc: Exception, path: Path) -> ParseError:
    """Tell an encrypted file from a damaged one; pdfplumber wraps the reason as first argument."""
    from pdfminer.pdfdocument import PDFEncryptionError

    if any(isinstance(reason, PDFEncryptionError) for reason in (exc, *exc.args)):
        return ParseError(
            f"PDF 设有密码：{path.name}",
            path=str(path),
            hint="请用密码打开后另存一份不加密的 PDF。",
        )
    return _damaged(path)


def _damaged(path: Path) -> ParseError:
    return ParseError(
        f"PDF 已损坏或不是 PDF：{path.name}",
        path=str(path),
        hint="请用阅读器打开确认，重新下载或重新导出后再试。",
    )
