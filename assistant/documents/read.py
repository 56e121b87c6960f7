"""A file of the corpus in, its source text out; the suffix chooses the reader.

A text file is returned as it is, because citations quote spans of it and its folder is the
authority. The other formats are turned into the layout the supplied texts have: paragraphs set
apart by an empty line, lines ended by a newline, a table row as one line of tab-joined cells.
"""

from __future__ import annotations

from pathlib import Path

from assistant.documents.read_radicals import fold_radicals
from assistant.errors import ParseError

# A text is the authority; markup keeps paragraphs and tables; a PDF keeps neither for certain.
SUFFIXES: tuple[str, ...] = (".txt", ".md", ".docx", ".html", ".htm", ".pdf")

_BOMS_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_source(path: Path) -> str:
    """Read the source text of a document.

    Args:
        path: a file with one of `SUFFIXES`, in any case.

    Returns:
        The text, never blank. A text file comes back code point for code point without its byte
        order mark, carriage returns included.

    Raises:
        ParseError: no such file, unsupported suffix, damaged or encrypted file, unknown encoding,
            no text in it.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _unsupported(path, suffix)
    content = _read_bytes(path)
    is_plain = suffix == ".txt"
    text = decode_text(content, path) if is_plain else fold_radicals(_extract(path, suffix, content))
    if not text.strip():
        raise ParseError(
            f"文件里没有文字：{path.name}",
            path=str(path),
            hint="请确认文件不是空白；文字若在图片或文本框里，请先转成普通段落。",
        )
    return text


def decode_text(content: bytes, path: Path) -> str:
    """Decode a text as UTF-8, GB18030 or UTF-16 with byte order mark, whichever fits first.

    Args:
        content: the file as it is.
        path: named in the error.

    Raises:
        ParseError: none of them fits, or the content holds NUL and is no text.
    """
    encodings = ("utf-16",) if content.startswith(_BOMS_UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise ParseError(
        f"文件不是可识别编码的文本：{path.name}",
        path=str(path),
        hint="请用记事本等编辑器打开，另存为 UTF-8 编码的文本。",
    )


def _extract(path: Path, suffix: str, content: bytes) -> str:
    """Hand the file to the reader of its format; a reader's libraries load only when needed."""
    if suffix == ".docx":
        from assistant.documents.read_docx import read_docx

        return read_docx(content, path)
    if suffix == ".pdf":
        from assistant.documents.read_pdf import read_pdf

        return read_pdf(content, path)
    from assistant.documents.read_markup import read_html, read_markdown

    read = read_markdown if suffix == ".md" else read_html
    return read(decode_text(content, path), path)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as exc:
        raise ParseError(f"找不到文件：{path}", path=str(path), hint="请检查路径和文件名是否写对。") from exc
    except OSError as exc:
        raise ParseError(
            f"文件打不开：{path}（{exc.strerror or exc}）",
            path=str(path),
            hint="请确认它是文件而不是文件夹，并且当前用户有读取权限。",
        ) from exc


def _unsupported(path: Path, suffix: str) -> ParseError:
    """Word the refusal of a suffix, with the way to a supported one."""
    remedies = {
        ".doc": "请用 Word 或 WPS 打开，另存为 .docx。",
        ".wps": "请用 WPS 打开，另存为 .docx。",
        ".docm": "请用 Word 或 WPS 打开，另存为 .docx。",
    }
    supported = "支持的格式：" + "、".join(SUFFIXES) + "。"
    return ParseError(
        f"不支持的文件格式“{suffix or '无后缀'}”：{path.name}",
        path=str(path),
        hint=remedies.get(suffix, "") + supported,
    )
