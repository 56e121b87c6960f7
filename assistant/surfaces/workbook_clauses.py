"""Clauses that rows of a workbook rest on: named in a cell, kept for the sheet that quotes them, linked on a page."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.documents.normalize import collapse_display
from assistant.models import Clause
from assistant.rules.book import Book
from assistant.rules.law import Cite
from assistant.surfaces.schema import JsonObject
from assistant.surfaces.workbook_write import SheetRows

SEPARATOR = "；"


class ClauseList:
    """The clauses named so far, each once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._named: dict[Cite, str] = {}

    def name(self, cites: Iterable[Cite]) -> str:
        """Clauses by number and place, each once; their words are kept for the second sheet."""
        names = []
        for cite in cites:
            if cite.drift != "stale" and cite.clause_id in self._book.clauses:
                if cite not in self._named:
                    self._named[cite] = f"{self._number(cite)} {self._label(cite)}"
                names.append(self._named[cite])
        return SEPARATOR.join(dict.fromkeys(names))

    def _number(self, cite: Cite) -> str:
        """Number of the instrument that a clause belongs to; its title where it has none."""
        document, clause = self._book.documents[cite.document], self._book.clauses[cite.clause_id]
        part = next((part for part in document.parts if part.id == clause.part), None)
        title = f"《{document.title.strip('《》')}》"
        return (part.number if part else "") or document.number or title

    def _label(self, cite: Cite) -> str:
        clause: Clause = self._book.clauses[cite.clause_id]
        return clause.label

    def _quote(self, cite: Cite) -> str:
        return collapse_display(self._book.documents[cite.document].source[cite.start : cite.end])

    def sheet(self) -> SheetRows:
        """Their words, in the order of their documents."""

        def place(cite: Cite) -> tuple[str, int, int]:
            return cite.document, cite.start, cite.end

        rows = [
            (self._number(cite), self._label(cite), self._quote(cite), cite.clause_id)
            for cite in sorted(self._named, key=place)
        ]
        return SheetRows(
            "依据", ("文号", "条款", "原文", "条款标识"), rows, (28, 24, 90, 36), is_wrapped=True
        )

    def links(self) -> dict[str, JsonObject]:
        """By name, the first words that were cited under it: what `citation_address` takes."""
        links: dict[str, JsonObject] = {}
        for cite, name in self._named.items():
            place = {"document": cite.document, "clause_id": cite.clause_id}
            links.setdefault(name, {**place, "start": cite.start, "end": cite.end})
        return links
