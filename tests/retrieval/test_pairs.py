"""Training pairs: what is derived from laws, what is read, and what stays held out."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.retrieval.pairs import (
    LONGEST_LINE,
    add_titles,
    derive_pairs,
    read_lines,
    read_pairs,
    read_queries,
    read_text,
    read_titles,
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["第一条 只有一句的条款不成对。"], [], id="one-sentence"),
        pytest.param(
            ["第一条 甲方应当按期支付价款给乙方。", "乙方应当交货并负责安装。", "第二条 完。"],
            [("甲方应当按期支付价款给乙方。", "乙方应当交货并负责安装。")],
            id="an-article-runs-over-lines",
        ),
        pytest.param(["第一条 短。这一句足够长可以用来训练。"], [], id="rest-too-short"),
    ],
)
def test_derived_pairs(lines: list[str], expected: list[tuple[str, str]]) -> None:
    assert list(derive_pairs(lines)) == expected


def _write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_bytes(lzma.compress(lines.encode()) if path.suffix == ".xz" else lines.encode())
    return path


ROWS = [
    {"src": "law", "q": "谁 可以开店？", "p": "自然人可以开店。"},
    {"src": "law", "q": "怎样退货？", "p": "七日内可以退货。"},
    {"src": "law_kw", "q": "开店资格", "p": "自然人\n可以开店。"},
    {"src": "law_kw", "q": "退货", "p": "七日内可以退货。"},
]


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.xz"])
@pytest.mark.parametrize(
    ("held_out", "kept"),
    [
        pytest.param([], {"law": 2, "law_kw": 2}, id="all"),
        pytest.param(["谁可以开店？"], {"law": 1, "law_kw": 1}, id="with-its-keywords"),
        pytest.param(["别的问题"], {"law": 2, "law_kw": 2}, id="another-question"),
    ],
)
def test_held_out_pairs_are_dropped(
    tmp_path: Path, name: str, held_out: list[str], kept: dict[str, int]
) -> None:
    pairs = read_pairs(_write_rows(tmp_path / name, ROWS), held_out).pairs
    assert {source: len(found) for source, found in pairs.items()} == kept
    assert all("开店" not in q + p for found in pairs.values() for q, p in found) == (
        "谁可以开店？" in held_out
    )


def test_titles_lose_the_number_of_the_article(tmp_path: Path) -> None:
    rows = [{"id": "1", "title": "公司法 第一章 总则 > 第二节 章程 第十一条之二", "text": "应当"}]
    path = _write_rows(tmp_path / "corpus.jsonl.xz", rows)
    assert read_titles(path) == [("公司法 第一章 总则 第二节 章程", "应当")]


def test_titles_are_put_before_the_texts_that_have_one() -> None:
    pairs = [("谁？", "自然人\n可以。"), ("何时？", "七日内。")]
    titles = [("某法 总则", "自然人可以。")]
    assert list(add_titles(pairs, titles)) == [("谁？", "某法 总则 自然人\n可以。")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("missing", None, "无法读取", id="missing"),
        pytest.param("a.xz", b"not xz", "无法读取", id="not-xz"),
        pytest.param("a.jsonl", b"\xff\xfe", "无法读取", id="not-utf8"),
        pytest.param("a.jsonl", b"", "没有一行可用", id="empty"),
        pytest.param("a.jsonl", b"{", "没有一行可用", id="not-json"),
        pytest.param("a.jsonl", b'{"src": "a"}', "没有一行可用", id="no-question"),
        pytest.param("a.jsonl", b'{"q": " ", "p": "x"}', "没有一行可用", id="empty-question"),
        pytest.param("a.jsonl", b"[1]", "没有一行可用", id="not-a-mapping"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_pairs(tmp_path / name)


def test_broken_lines_and_empty_pairs_are_skipped_and_told(tmp_path: Path) -> None:
    lines = [
        '{"src": "a", "q": "谁？", "p": "甲方。"}',
        '{"src": "a", "q": "谁',
        '{"q": "何时？", "p": ""}',
        "",
        '{"q": "何地？", "p": "乙地。"}',
    ]
    (tmp_path / "mixed.jsonl").write_text("\n".join(lines), encoding="utf-8")
    read = read_pairs(tmp_path / "mixed.jsonl")
    assert read.skipped == (2, 3)
    assert read.pairs == {"a": [("谁？", "甲方。")], "mixed.jsonl": [("何地？", "乙地。")]}


def test_a_text_without_line_breaks_is_cut_at_sentences(tmp_path: Path) -> None:
    text = "甲" * 700 + "。" + "乙" * 800 + "。" + "丙" * 5000
    (tmp_path / "one-line.txt").write_text(f"{text}\n\n  短行  \n", encoding="utf-8")
    pieces = read_text(tmp_path / "one-line.txt")
    assert "".join(pieces) == text + "短行"
    assert max(map(len, pieces)) <= LONGEST_LINE
    assert pieces[0] == "甲" * 700 + "。" + "乙" * 800 + "。"
    assert pieces[-1] == "短行"


def test_queries_are_read(tmp_path: Path) -> None:
    assert read_queries(_write_rows(tmp_path / "q.jsonl", [{"id": "1", "text": "谁？"}])) == ["谁？"]
    with pytest.raises(ConfigError, match="格式不符"):
        read_queries(_write_rows(tmp_path / "bad.jsonl", [{"id": "1"}]))


def test_lines_are_read_plain(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一\n二\n", encoding="utf-8")
    assert read_lines(tmp_path / "a.txt") == ["一", "二"]
