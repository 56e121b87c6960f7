"""Document → chunks, the units that are indexed.

In: a `Document`. Out: for each clause one chunk with its heading path, for a long clause also its pieces,
so that a short question can meet the one sentence that answers it, and one for each of its sample
questions. All keep the clause's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from assistant.documents.normalize import collapse_display
from assistant.documents.sentences import split_sentences
from assistant.models import Chunk, Clause, Document, Part, Span

PIECE_LENGTH = 120
"""Code points a piece grows to before the next sentence opens a new one."""


def chunk_document(document: Document) -> list[Chunk]:
    """The chunks of one document in reading order."""
    part_by_id = {part.id: part for part in document.parts}
    return [
        chunk
        for clause in document.clauses
        for chunk in _chunk_clause(document, clause, part_by_id.get(clause.part))
    ]


def _chunk_clause(document: Document, clause: Clause, part: Part | None) -> Iterator[Chunk]:
    context = " ".join((*clause.headings, clause.heading)).strip()
    whole = Span(clause.start, clause.end)
    yield _chunk(document, clause, "", whole, f"{context} {_body(clause, document, part)}")
    if clause.kind != "row" and clause.end - clause.start > 2 * PIECE_LENGTH:
        for n, span in enumerate(_pieces(document.source, clause), start=2):
            words = collapse_display(document.source[span.start : span.end])
            yield _chunk(document, clause, f"~{n}", span, f"{context} {words}")
    for n, question in enumerate(clause.questions, start=1):
        yield _chunk(document, clause, f"~q{n}", whole, question)


def _body(clause: Clause, document: Document, part: Part | None) -> str:
    """The clause's own words, with what a reader of the page would see around them."""
    if clause.cells:
        return f"{clause.label} " + "；".join(
            f"{c.header}：{c.text}" if c.header else c.text for c in clause.cells
        )
    if clause.kind == "meta" and part:
        return f"{part.number} {part.issuer} {part.title or document.title} {clause.label}：{clause.text}"
    return clause.text


def _pieces(source: str, clause: Clause) -> list[Span]:
    pieces: list[Span] = []
    for sentence in split_sentences(source, clause.start, clause.end):
        if pieces and sentence.end - pieces[-1].start <= PIECE_LENGTH:
            pieces[-1] = Span(pieces[-1].start, sentence.end)
        else:
            pieces.append(sentence)
    return pieces


def _chunk(document: Document, clause: Clause, suffix: str, span: Span, text: str) -> Chunk:
    text = text.strip()
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Chunk(clause.clause_id + suffix, clause.clause_id, document.id, span.start, span.end, text, digest)
