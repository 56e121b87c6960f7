"""Quotes of the rule files → where they stand in the source, and whether they still stand as pinned.

In: `CiteData`. Out: `Cite`s. A quote that has gone is stale where it was pinned, so that only the rules on it
fall; where it never was pinned, it is a fault of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from assistant.documents.normalize import squeeze
from assistant.models import Clause, Document, Span
from assistant.rules.law import Cite
from assistant.rules.pins import Drift, find_drift, find_quote, fold
from assistant.rules.schema import CiteData

Tell = Callable[..., None]
"""Takes key, message and clause path of a fault."""


class CiteFinder:
    """Locates the quotes of one rule file.

    Attributes:
        unpinned: keys of rules with a quote that carries no pin.
    """

    def __init__(self, document: Document, documents: Mapping[str, Document], tell: Tell) -> None:
        self._document = document
        self._documents = documents
        self._tell = tell
        self._clauses: dict[str, dict[str, Clause]] = {}
        self.unpinned: list[str] = []

    def locate_all(self, cites: Iterable[CiteData], key: str) -> tuple[Cite, ...]:
        """Where several quotes stand."""
        return tuple(self.locate(cite, key) for cite in cites)

    def locate(self, data: CiteData, key: str) -> Cite:
        """Where a quote stands; faults are told under `key`."""
        document = self._documents.get(data.document or self._document.id)
        if document is None:
            self._tell(key, f"没有编号为 {data.document} 的文件", data.clause)
            return Cite(self._document.id, "", 0, 0, "stale")
        clause = self._clause(document, data.clause)
        holder, span = _find(document, clause, data.quote)
        is_in_clause = holder is clause and span is not None
        if data.pin:
            text = document.source[clause.start : clause.end] if clause else ""
            drift: Drift = find_drift(data.pin, data.quote, text, is_in_clause, span is not None)
        else:
            drift = "fresh" if span else "stale"
            self._tell_unpinned(data, key, clause, is_in_clause)
        if holder is None or span is None:
            where = clause or document.clauses[0]
            return Cite(document.id, where.clause_id, where.start, where.end, "stale")
        return Cite(document.id, holder.clause_id, span.start, span.end, drift)

    def locate_waived(self, clause_path: str, quote: str) -> Cite:
        """Where waived words stand; where they are gone, nothing is waived, and that is all."""
        holder, span = _find(self._document, self._clause(self._document, clause_path), quote)
        if holder is None or span is None:
            return Cite(self._document.id, "", 0, 0, "stale")
        return Cite(self._document.id, holder.clause_id, span.start, span.end, "fresh")

    def _clause(self, document: Document, path: str) -> Clause | None:
        if document.id not in self._clauses:
            self._clauses[document.id] = {c.path: c for c in document.clauses}
        return self._clauses[document.id].get(path)

    def _tell_unpinned(self, data: CiteData, key: str, clause: Clause | None, is_in_clause: bool) -> None:
        if clause is None:
            self._tell(key, "没有这个条款", data.clause)
        elif not is_in_clause:
            self._tell(key, f"条款里没有这句话：{shorten(data.quote)}", data.clause)
        self.unpinned.append(key)


def _find(document: Document, clause: Clause | None, quote: str) -> tuple[Clause | None, Span | None]:
    """The clause that holds a quote, the one it is bound to first, and where in it."""
    if clause and (span := find_quote(document.source, clause.start, clause.end, quote)):
        return clause, span
    wanted = fold(quote)
    for other in document.clauses:
        if wanted in fold(document.source[other.start : other.end]):
            return other, find_quote(document.source, other.start, other.end, quote)
    return None, None


def shorten(text: str) -> str:
    """The beginning of a quote, for messages."""
    flat = squeeze(text)
    return flat if len(flat) <= 24 else f"{flat[:23]}…"
