"""Public retrieval sets (BEIR's layout) as documents that our own pipeline indexes.

In: a folder with `corpus`, `queries` and `qrels`, plain or `.xz`. Out: `RetrievalSet`: each passage is one clause, the
passages of one work (the first word of their titles) one document.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.documents.catalog import COUNTRY
from assistant.errors import ConfigError
from assistant.models import Clause, Document

_NUMBER = re.compile(r"\s*(第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十]+)?)$")


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Passages, questions, and which passages answer them.

    Attributes:
        documents: ordered by id.
        passages: id of the passage by clause id.
        queries: text by id.
        qrels: ids of the passages that answer, by query id; none empty.
    """

    name: str
    documents: tuple[Document, ...]
    passages: Mapping[str, str]
    queries: Mapping[str, str]
    qrels: Mapping[str, frozenset[str]]


def read_set(folder: Path) -> RetrievalSet:
    """Read a set.

    Args:
        folder: holds `corpus*.jsonl` (id, title, text), `queries*.jsonl` (id, text) and `qrels*.tsv` (query-id,
            corpus-id, score under a head line), each also as `.xz`; BEIR's `_id` is read too.

    Raises:
        ConfigError: a file is missing or a line is not such a record; file and line are named.
    """
    works: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in _read_rows(folder, "corpus"):
        works[row["title"].split(" ", 1)[0]].append(row)
    passages: dict[str, str] = {}
    documents = [
        _build_document(f"{folder.name}-{n:05}", title, rows, passages)
        for n, (title, rows) in enumerate(works.items(), start=1)
    ]
    queries = {row["id"]: row["text"] for row in _read_rows(folder, "queries")}
    return RetrievalSet(folder.name, tuple(documents), passages, queries, _read_qrels(folder, queries))


def hold_out(
    qrels: Mapping[str, frozenset[str]], most: int, *, largest: int = 12, seed: int = 7
) -> list[str]:
    """Ids of about `most` questions that share no answer with any question outside: a set to validate on.

    Questions that share an answer stay together, in groups of at most `largest`.
    """
    parent: dict[str, str] = {}

    def find(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for query in sorted(qrels):
        for passage in sorted(qrels[query]):
            parent[find(f"q{query}")] = find(f"p{passage}")
    groups: dict[str, list[str]] = defaultdict(list)
    for query in sorted(qrels):
        groups[find(f"q{query}")].append(query)
    small = sorted(group for group in groups.values() if len(group) <= largest)
    random.Random(seed).shuffle(small)
    held: list[str] = []
    for group in small:
        if len(held) >= most:
            break
        held += group
    return sorted(held)


def _build_document(
    document_id: str, title: str, rows: Iterable[Mapping[str, str]], passages: dict[str, str]
) -> Document:
    source, clauses = "", []
    for n, row in enumerate(rows, start=1):
        clause_id = f"{document_id}#{n}"
        passages[clause_id] = row["id"]
        number = _NUMBER.search(row["title"])
        heading = _NUMBER.sub("", row["title"]).replace(" > ", " ")
        start, source = len(source), f"{source}{row['text']}\n"
        clauses.append(
            Clause(
                clause_id=clause_id,
                document=document_id,
                path=str(n),
                label=number[1] if number else str(n),
                kind="clause",
                start=start,
                end=len(source) - 1,
                text=row["text"],
                headings=(heading,) if heading else (),
            )
        )
    return Document(document_id, title or document_id, "", "", COUNTRY, source, tuple(clauses))


def _read_qrels(folder: Path, queries: Mapping[str, str]) -> dict[str, frozenset[str]]:
    path = _find(folder, "qrels", "tsv")
    found: dict[str, set[str]] = defaultdict(set)
    for number, line in enumerate(_read_text(path).splitlines()[1:], start=2):
        fields = line.split("\t")
        if len(fields) != 3:
            raise ConfigError(f"{path} 第 {number} 行不是三列", hint="每行应为 问题编号、段落编号、分数")
        if fields[0] in queries and float(fields[2]) > 0:
            found[fields[0]].add(fields[1])
    return {query: frozenset(answers) for query, answers in found.items()}


def _read_rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = _find(folder, name, "jsonl")
    rows = []
    for number, line in enumerate(_read_text(path).splitlines(), start=1):
        try:
            row: dict[str, Any] = json.loads(line)
            identity = row["id"] if "id" in row else row["_id"]
            rows.append({"id": str(identity), "title": str(row.get("title", "")), "text": str(row["text"])})
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise ConfigError(f"{path} 第 {number} 行的格式不符", hint="每行应为含 id、text 的 JSON") from exc
    return rows


def _find(folder: Path, name: str, suffix: str) -> Path:
    paths = sorted(p for p in folder.glob(f"{name}*") if p.name.removesuffix(".xz").endswith(f".{suffix}"))
    if not paths:
        raise ConfigError(
            f"{folder} 里没有 {name}*.{suffix}", hint="目录应含 corpus、queries、qrels 三个文件"
        )
    return paths[0]


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (lzma.decompress(raw) if path.suffix == ".xz" else raw).decode()
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as exc:
        raise ConfigError(f"无法读取 {path}", hint="文件应为 UTF-8 文本，或其 .xz 压缩") from exc
