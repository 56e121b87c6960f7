"""Confirms quotes: writes the pins of rule files anew, once a person has read the clauses again.

In: a corpus folder and its documents. Out: changed `rules.yaml` files. All files are worked out before the first
is written, so that a quote that stands nowhere leaves everything as it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from assistant.errors import RuleError
from assistant.models import Document
from assistant.rules.load import RULES
from assistant.rules.pins import find_quote, make_pin, write_pins


def confirm_pins(
    folder: Path, documents: Mapping[str, Document], wanted: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """Write the pins of some documents' rule files.

    Returns:
        By document, how many quotes there are and how many of their pins changed.

    Raises:
        RuleError: a quote does not stand in its clause, or a file cannot be read or written.
    """
    written: dict[Path, str] = {}
    counts: dict[str, tuple[int, int]] = {}
    for id_ in wanted:
        path = folder / "documents" / id_ / RULES
        if not path.is_file():
            continue
        confirmer = _Confirmer(id_, documents, path)
        written[path] = write_pins(_read(path), confirmer.pin)
        counts[id_] = confirmer.n_quotes, confirmer.n_changed
    for path, text in written.items():
        _replace(path, text)
    return counts


class _Confirmer:
    """Gives the pins of one file and counts them."""

    def __init__(self, document: str, documents: Mapping[str, Document], path: Path) -> None:
        self._document = document
        self._documents = documents
        self._path = path
        self.n_quotes = self.n_changed = 0

    def pin(self, cite: dict[str, str]) -> str:
        """The pin of a cite as its clause reads now."""
        document = self._documents.get(cite.get("document") or self._document)
        clause = next((c for c in document.clauses if c.path == cite["clause"]), None) if document else None
        if document is None or clause is None:
            raise self._fault(cite, "没有这个条款")
        if find_quote(document.source, clause.start, clause.end, cite["quote"]) is None:
            raise self._fault(cite, "条款里没有这句话")
        pin = make_pin(cite["quote"], document.source[clause.start : clause.end])
        self.n_quotes += 1
        self.n_changed += pin != cite.get("pin")
        return pin

    def _fault(self, cite: dict[str, str], what: str) -> RuleError:
        return RuleError(
            f"documents/{self._document}/{RULES}（条款 {cite['clause']}）：{what}：{cite['quote']}",
            path=str(self._path),
            hint="对照原文改正引文或条款，再运行 tiaowen rules pin",
        )


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as exc:
        raise RuleError(f"读不到 {path}", path=str(path), hint="确认它可读且为 UTF-8 编码") from exc


def _replace(path: Path, text: str) -> None:
    """Put the new text in place of the old in one step."""
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(beside, path)  # noqa: PTH105
    except OSError as exc:
        raise RuleError(f"写不了 {path}", path=str(path), hint="检查文件夹的权限") from exc
