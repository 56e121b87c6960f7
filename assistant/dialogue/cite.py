"""Clauses and sentences → numbered citations and the claims that rest on them.

In: spans of clauses. Out: `Citation`s with exact quotes, and `Claim`s that display them. One citation a
quoted stretch: sentences of a clause that stand together are one quote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.dialogue.verify import Claim
from assistant.documents.normalize import collapse_display
from assistant.documents.regions import RegionTree
from assistant.models import Citation, Clause, Document, Part, Span


@dataclass(slots=True)
class Citer:
    """Collects the citations of one answer; the same span is cited once."""

    documents: Mapping[str, Document]
    regions: RegionTree
    citations: list[Citation] = field(default_factory=list)

    def cite(self, clause: Clause, span: Span) -> Citation:
        """A citation of `span`, numbered in order of first use."""
        for citation in self.citations:
            if (citation.clause_id, citation.start, citation.end) == (clause.clause_id, span.start, span.end):
                return citation
        document = self.documents[clause.document]
        part = find_part(document, clause)
        region = self.regions.get(document.region)
        citation = Citation(
            n=len(self.citations) + 1, document=document.id,
            number=part.number if part else document.number, title=part.title if part else document.title,
            issuer=part.issuer if part else document.issuer, region=region.name if region else "",
            clause=clause.label, clause_id=clause.clause_id, quote=document.source[span.start : span.end],
            start=span.start, end=span.end, clause_start=clause.start, clause_end=clause.end,
        )
        self.citations.append(citation)
        return citation

    def claim(self, clause: Clause, spans: Sequence[Span]) -> Claim:
        """The quoted sentences of a clause as one claim; a row is read out cell by cell."""
        if clause.cells:
            citation = self.cite(clause, Span(clause.start, clause.end))
            cells = "；".join(f"{c.header}：{c.text}" if c.header else c.text for c in clause.cells)
            return Claim(f"{clause.label}：{cells}[{citation.n}]", (citation.n,), tuple(c.text for c in clause.cells))
        text, cites, quoted = "", [], []
        for span in join_spans(spans, self.documents[clause.document].source):
            citation = self.cite(clause, span)
            words = collapse_display(citation.quote).replace("**", "")
            text += f"{'……' if text else ''}{words}[{citation.n}]"
            cites.append(citation.n)
            quoted.append(words)
        return Claim(text, tuple(cites), tuple(quoted))


def join_spans(spans: Sequence[Span], source: str) -> list[Span]:
    """Join spans with nothing but blanks between them, in order."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and not source[joined[-1].end : span.start].strip():
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def find_part(document: Document, clause: Clause) -> Part | None:
    """The instrument a clause stands in."""
    return next((part for part in document.parts if part.id == clause.part), None)
