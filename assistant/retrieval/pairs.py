"""Pairs to train on: a question and the text that answers it, read from files or derived from laws.

Paths are arguments; nothing here knows where a file lies. What was held out for validation is
dropped while reading, so that no later step can see it.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from assistant.errors import ConfigError

_ARTICLE_NUMBER = "第[一二三四五六七八九十百千零]+条"
_ARTICLE = re.compile(rf"^{_ARTICLE_NUMBER}\s*")
_TITLE_NUMBER = re.compile(rf"\s*{_ARTICLE_NUMBER}(之[一二三四五六七八九十]+)?$")
_SENTENCE = re.compile(r"[^。；;\n]+[。；;\n]?")
_SPACE = re.compile(r"\s+")
Pair = tuple[str, str]

LONGEST_LINE = 2000
"""Code points of a line that is trained on as one; a text without line breaks is no single context."""


class PairFile(NamedTuple):
    """What a file of pairs held.

    Attributes:
        pairs: by origin, in the file's order.
        skipped: numbers of the lines, from 1, that hold no pair: broken ones, and those with an empty side.
    """

    pairs: dict[str, list[Pair]]
    skipped: tuple[int, ...]


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 text file, plain or `.xz`.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        raw = path.read_bytes()
        return (lzma.decompress(raw) if path.suffix == ".xz" else raw).decode().splitlines()
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as exc:
        raise ConfigError(f"无法读取训练数据 {path}", hint="检查路径，文件应为 UTF-8 文本") from exc


def read_text(path: Path) -> list[str]:
    """The lines of running text, blank ones left out, long ones cut behind a sentence or else at `LONGEST_LINE`.

    Raises:
        ConfigError: the file cannot be read.
    """
    return [piece for line in read_lines(path) for piece in _cut_line(line.strip()) if piece]


def read_pairs(path: Path, held_out: Collection[str] = ()) -> PairFile:
    """Pairs by origin from JSON lines with the keys `q` and `p`, and `src` where a file has several origins.

    Args:
        path: `.jsonl` or `.jsonl.xz`.
        held_out: questions of the validation set. Their pairs are dropped, and those of keyword
            origins (`…_kw`, the same questions in keywords) that lead to the same texts.

    Raises:
        ConfigError: the file cannot be read, or no line of it is a pair.
    """
    triples: list[tuple[str, str, str]] = []
    skipped: list[int] = []
    for number, line in enumerate(read_lines(path), start=1):
        if (triple := _read_pair(line, path.name)) is not None:
            triples.append(triple)
        elif line.strip():
            skipped.append(number)
    if not triples:
        raise ConfigError(f"{path} 里没有一行可用", hint="每行应为含 q、p（可加 src）的 JSON，两者都不为空")
    unseen = {_squeeze(question) for question in held_out}
    answers = {_squeeze(text) for _, question, text in triples if _squeeze(question) in unseen}
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for source, question, text in triples:
        is_shadow = source.endswith("_kw") and _squeeze(text) in answers
        if _squeeze(question) not in unseen and not is_shadow:
            pairs[source].append((question, text))
    return PairFile(dict(pairs), tuple(skipped))


def _read_pair(line: str, origin: str) -> tuple[str, str, str] | None:
    try:
        row = json.loads(line)
        triple = str(row.get("src", origin)), str(row["q"]).strip(), str(row["p"]).strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return triple if all(triple) else None


def _cut_line(line: str) -> Iterator[str]:
    if len(line) <= LONGEST_LINE:
        yield line
        return
    piece = ""
    for sentence in _SENTENCE.findall(line):
        for start in range(0, len(sentence), LONGEST_LINE):
            part = sentence[start : start + LONGEST_LINE]
            if piece and len(piece) + len(part) > LONGEST_LINE:
                yield piece
                piece = ""
            piece += part
    yield piece


def read_titles(path: Path) -> list[Pair]:
    """Pairs of law name with chapter headings, and article, from a BEIR corpus (`title`, `text`).

    Raises:
        ConfigError: the file cannot be read or a line is not such a record.
    """
    try:
        rows = [json.loads(line) for line in read_lines(path)]
        return [(_TITLE_NUMBER.sub("", r["title"]).replace(" > ", " "), r["text"]) for r in rows]
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigError(f"{path} 的格式不符", hint="每行应为含 title、text 的 JSON") from exc


def read_queries(path: Path) -> list[str]:
    """The questions of a BEIR file (`text`).

    Raises:
        ConfigError: the file cannot be read or a line is not such a record.
    """
    try:
        return [str(json.loads(line)["text"]) for line in read_lines(path)]
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigError(f"{path} 的格式不符", hint="每行应为含 text 的 JSON") from exc


def add_titles(pairs: Iterable[Pair], titles: Iterable[Pair]) -> Iterator[Pair]:
    """The pairs whose text is a titled article, with the title put before it, as in an index."""
    title_by_text = {_squeeze(text): title for title, text in titles}
    for question, text in pairs:
        title = title_by_text.get(_squeeze(text))
        if title is not None:
            yield question, f"{title} {text}"


def derive_pairs(lines: Iterable[str], *, min_chars: int = 10) -> Iterator[tuple[str, str]]:
    """One pair from each article of two or more sentences: its longest sentence, and the others.

    Args:
        lines: a law's lines in order; `第…条` opens an article, other lines continue it.
        min_chars: least length of the sentence and of what remains, characters.
    """
    article: list[str] = []
    for line in [*lines, "第一条"]:
        if _ARTICLE.match(line):
            yield from _split_article("\n".join(article), min_chars)
            article = []
        article.append(_ARTICLE.sub("", line).strip())


def _split_article(article: str, min_chars: int) -> Iterator[tuple[str, str]]:
    sentences = _SENTENCE.findall(article)
    if len(sentences) < 2:
        return
    n = max(range(len(sentences)), key=lambda i: (len(sentences[i]), -i))
    rest = "".join(sentences[:n] + sentences[n + 1 :]).strip()
    if min(len(sentences[n]), len(rest)) >= min_chars:
        yield sentences[n].strip(), rest


def _squeeze(text: str) -> str:
    return _SPACE.sub("", text)
