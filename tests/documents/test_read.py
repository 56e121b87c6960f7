"""The entry: suffixes, text encodings, and what is refused with which remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.documents.read import SUFFIXES, read_source
from assistant.errors import ParseError

SOURCES = sorted((Path(__file__).parents[2] / "corpus" / "documents").glob("*/source.txt"))
TEXT = "第一条　为了加强管理，制定本办法。\n\n序号\t任务\n1\t培训\n"


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name)
def test_supplied_texts_come_back_unchanged(source: Path) -> None:
    assert read_source(source) == source.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(TEXT.encode(), TEXT, id="utf-8"),
        pytest.param(TEXT.encode("utf-8-sig"), TEXT, id="utf-8 with mark"),
        pytest.param(TEXT.encode("gb18030"), TEXT, id="gb18030"),
        pytest.param(TEXT.encode("utf-16"), TEXT, id="utf-16 with mark"),
        pytest.param(b"\xfe\xff" + TEXT.encode("utf-16-be"), TEXT, id="utf-16 big-endian"),
        # Spans are cited, so no newline translation and no trimming.
        pytest.param("  一\r\n二\r三\x0c\n".encode(), "  一\r\n二\r三\x0c\n", id="newlines kept"),
        pytest.param("𠮷①\u3000".encode(), "𠮷①\u3000", id="no normalisation"),
    ],
)
def test_text_is_decoded_and_nothing_else(tmp_path: Path, content: bytes, expected: str) -> None:
    assert read_source(write(tmp_path, "a.txt", content)) == expected


@pytest.mark.parametrize("suffix", [".TXT", ".Md", ".HTML", ".htm"])
def test_suffix_in_any_case(tmp_path: Path, suffix: str) -> None:
    assert read_source(write(tmp_path, "a" + suffix, "总则".encode())).strip() == "总则"


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_markup_in_gb18030(tmp_path: Path, suffix: str) -> None:
    assert read_source(write(tmp_path, "a" + suffix, "总则".encode("gb18030"))) == "总则"


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        pytest.param("a.doc", b"\xd0\xcf\x11\xe0", "不支持的文件格式“.doc”", "另存为 .docx", id="doc"),
        pytest.param("a.wps", b"x", "不支持的文件格式“.wps”", "WPS", id="wps"),
        pytest.param("a", b"x", "无后缀", ".txt、.md、.docx", id="no suffix"),
        pytest.param("a.xlsx", b"PK", "不支持的文件格式", ".pdf", id="xlsx"),
        pytest.param("a.txt", b"", "没有文字", "空白", id="empty txt"),
        pytest.param("a.txt", "\ufeff \u3000\n".encode(), "没有文字", "空白", id="blank txt"),
        pytest.param("a.md", b"<!-- x -->", "没有文字", "空白", id="blank md"),
        pytest.param("a.html", b"<script>x()</script>", "没有文字", "空白", id="blank html"),
        pytest.param("a.txt", b"abc\x00def", "编码", "UTF-8", id="NUL"),
        pytest.param("a.txt", b"\xff\xfe\x00\x00a\x00\x00\x00", "编码", "UTF-8", id="utf-32"),
        pytest.param("a.txt", b"\xff\xfea", "编码", "UTF-8", id="utf-16 cut off"),
        pytest.param("a.txt", b"\xb5\xff\x81", "编码", "UTF-8", id="no encoding fits"),
        pytest.param("a.html", b"\x89PNG\r\n\x00", "编码", "UTF-8", id="picture named html"),
        pytest.param("a.docx", b"", "Word 文件已损坏", "另存为 .docx", id="empty docx"),
        pytest.param("a.docx", b"abc", "Word 文件已损坏", "另存为 .docx", id="text named docx"),
        pytest.param("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "密码", "取消密码", id="doc named docx"),
        pytest.param("a.pdf", b"", "PDF 已损坏", "重新下载", id="empty pdf"),
        pytest.param("a.pdf", b"abc", "PDF 已损坏", "重新下载", id="text named pdf"),
    ],
)
def test_refused_with_remedy(tmp_path: Path, name: str, content: bytes, message: str, hint: str) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(ParseError) as caught:
        read_source(path)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.path == str(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_file(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ParseError, match="找不到文件") as caught:
        read_source(tmp_path / f"没有{suffix}")
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_folder_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(ParseError, match="文件打不开"):
        read_source(tmp_path / "a.txt")
