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

from assistant.errors import ConfigError

_ARTICLE_NUMBER = "第[一二三四五六七八九十百千零]+条"
_ARTICLE = re.compile(rf"^{_ARTICLE_NUMBER}\s*")
_TITLE_NUMBER = re.compile(rf"\s*{_ARTICLE_NUMBER}(之[一二三四五六七八九十]+)?$")
_SENTENCE = re.compile(r"[^。；;\n]+[。；;\n]?")
_SPACE = re.compile(r"\s+")
Pair = tuple[str, str]


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


def read_pairs(path: Path, held_out: Collection[str] = ()) -> dict[str, list[Pair]]:
    """Pairs by origin from JSON lines with the keys `src`, `q` and `p`.

    Args:
        path: `.jsonl` or `.jsonl.xz`.
        held_out: questions of the validation set. Their pairs are dropped, and those of keyword
            origins (`…_kw`, the same questions in keywords) that lead to the same texts.

    Raises:
        ConfigError: the file cannot be read or a line is not such a pair.
    """
    try:
        rows = [json.loads(line) for line in read_lines(path)]
        triples = [(str(row["src"]), str(row["q"]), str(row["p"])) for row in rows]
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigError(f"{path} 的格式不符", hint="每行应为含 src、q、p 的 JSON") from exc
    unseen = {_squeeze(question) for question in held_out}
    answers = {_squeeze(text) for _, question, text in triples if _squeeze(question) in unseen}
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for source, question, text in triples:
        is_shadow = source.endswith("_kw") and _squeeze(text) in answers
        if _squeeze(question) not in unseen and not is_shadow:
            pairs[source].append((question, text))
    return dict(pairs)


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
