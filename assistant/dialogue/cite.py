"""Clauses and sentences → numbered citations and the claims that rest on them.

In: spans of clauses. Out: `Citation`s with exact quotes, and `Claim`s that display them. One citation a
quoted stretch: sentences of a clause that stand together are one quote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.dialogue.verify import Claim, guard_brackets, strip_markup
from assistant.documents.normalize import collapse_display
from assistant.documents.regions import RegionTree
from assistant.models import Cell, Citation, Clause, Document, Part, Span

_GAP = "……"
_ENDS = ("。", "！", "？", "：", "；")
_TRAILING = "；;，,"
_LONG_CELL = 120
"""Code points of a table cell that are still shown whole."""
_SMALL_GAP = 24


@dataclass(slots=True)
class Citer:
    """Collects the citations of one answer; the same span is cited once."""

    documents: Mapping[str, Document]
    regions: RegionTree
    citations: list[Citation] = field(default_factory=list)

    def cite(self, clause: Clause, span: Span) -> Citation:
        """A citation of `span`, numbered in order of first use."""
        for citation in self.citations:
            if (citation.clause_id, citation.start, citation.end) == (
                clause.clause_id,
                span.start,
                span.end,
            ):
                return citation
        document = self.documents[clause.document]
        part = find_part(document, clause)
        region = self.regions.get(document.region)
        citation = Citation(
            n=len(self.citations) + 1,
            document=document.id,
            number=part.number if part else document.number,
            title=part.title if part else document.title,
            issuer=part.issuer if part else document.issuer,
            region=region.name if region else "",
            clause=clause.label,
            clause_id=clause.clause_id,
            quote=document.source[span.start : span.end],
            start=span.start,
            end=span.end,
            clause_start=clause.start,
            clause_end=clause.end,
        )
        self.citations.append(citation)
        return citation

    def claim(self, clause: Clause, spans: Sequence[Span]) -> Claim:
        """The quoted sentences of a clause as one claim; a row is read out cell by cell."""
        source = self.documents[clause.document].source
        if clause.cells:
            row = self.cite(clause, Span(clause.start, clause.end))
            cites = [row.n, *self._cite_header(clause)]
            pieces = [(c.header, _shorten(c, spans, source)) for c in clause.cells]
            shown = [(header, words.rstrip(_TRAILING + "。")) for header, words in pieces]
            text = "；".join(f"{header}：{words}" if header else words for header, words in shown)
            quoted = tuple(part for _, words in pieces for part in words.split(_GAP))
            marks = "".join(f"[{n}]" for n in cites)
            return Claim(f"{guard_brackets(text)}。{marks}", tuple(cites), quoted)
        text, cites, quoted_words = "", [], []
        for span in join_spans(spans, source):
            citation = self.cite(clause, span)
            words = guard_brackets(strip_markup(collapse_display(citation.quote))).rstrip(_TRAILING)
            text += f"{_GAP if text else ''}{words}{'' if words.endswith(_ENDS) else '。'}[{citation.n}]"
            cites.append(citation.n)
            quoted_words.append(words)
        return Claim(text, tuple(cites), tuple(quoted_words))

    def _cite_header(self, row: Clause) -> tuple[int, ...]:
        """The header row where the row's headers have digits (2021年): these stand in no quote of the row."""
        if not any(c.isdigit() for cell in row.cells for c in cell.header):
            return ()
        path = f"{row.path.rpartition('.')[0]}.r0"
        headers = (c for c in self.documents[row.document].clauses if c.path == path)
        return tuple(self.cite(c, Span(c.start, c.end)).n for c in headers)


def _shorten(cell: Cell, spans: Sequence[Span], source: str) -> str:
    """A cell as shown: whole where it is short, else its chosen sentences."""
    inside = [s for s in spans if cell.start <= s.start and s.end <= cell.end]
    if cell.end - cell.start <= _LONG_CELL or not inside:
        return strip_markup(cell.text)
    return _GAP.join(
        strip_markup(collapse_display(source[s.start : s.end])).rstrip(_TRAILING)
        for s in join_spans(inside, source)
    )


def join_spans(spans: Sequence[Span], source: str) -> list[Span]:
    """Join spans that stand together, or with so little between them that leaving it out saves nothing."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and len(source[joined[-1].end : span.start].strip()) <= _SMALL_GAP:
            # One may lie inside the other: a part of the question was given the whole clause.
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def find_part(document: Document, clause: Clause) -> Part | None:
    """The instrument a clause stands in."""
    return next((part for part in document.parts if part.id == clause.part), None)
