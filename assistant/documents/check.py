"""Coverage: every non-blank character of a source in exactly one clause or in declared furniture.

In: a `Corpus`. Out: a `CorpusReport`, a row a document, with what is covered by nothing or twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from assistant.documents.catalog import Corpus, CorpusProblem
from assistant.documents.normalize import is_blank
from assistant.models import Document

# Emphasis marks of a source that was Markdown once say nothing themselves.
_MARKUP = "*"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What the check found in one document.

    Attributes:
        n_characters: non-blank code points of the source.
        uncovered: (start, end, text) of stretches that belong to no clause and no furniture.
        overlapping: pairs of clause ids whose spans share characters.
        missing: Chinese names of metadata that neither `document.yaml` nor the text gives.
    """

    id: str
    title: str
    n_clauses: int
    n_characters: int
    n_uncovered: int
    uncovered: tuple[tuple[int, int, str], ...]
    overlapping: tuple[tuple[str, str], ...]
    duplicates: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """True where all text is covered once and no id occurs twice."""
        return not (self.uncovered or self.overlapping or self.duplicates)


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """The check of a whole corpus; missing metadata alone does not make it unclean."""

    documents: tuple[DocumentRow, ...]
    problems: tuple[CorpusProblem, ...]

    @property
    def is_clean(self) -> bool:
        """True where every document was read and is clean."""
        return not self.problems and all(row.is_clean for row in self.documents)


def check_documents(corpus: Corpus) -> CorpusReport:
    """Check coverage, duplicate ids and metadata of each document."""
    return CorpusReport(tuple(check_document(d) for d in corpus.documents), corpus.problems)


def check_document(document: Document) -> DocumentRow:
    """Check one document."""
    spans = sorted(
        [(c.start, c.end, c.clause_id) for c in document.clauses]
        + [(s.start, s.end, "") for s in document.furniture]
    )
    overlapping = tuple((a[2], b[2]) for a, b in pairwise(spans) if b[0] < a[1])
    counts = Counter(c.clause_id for c in document.clauses)
    gaps = list(_gaps(document, spans))
    return DocumentRow(
        id=document.id,
        title=document.title,
        n_clauses=len(document.clauses),
        n_characters=sum(not c.isspace() for c in document.source),
        n_uncovered=sum(not c.isspace() for _, _, text in gaps for c in text),
        uncovered=tuple(gaps),
        overlapping=overlapping,
        duplicates=tuple(sorted(i for i, n in counts.items() if n > 1)),
        missing=_missing(document),
    )


def _gaps(document: Document, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    gaps, position = [], 0
    for start, end, _ in [*spans, (len(document.source), len(document.source), "")]:
        text = document.source[position:start].strip()
        if not is_blank(text.strip(_MARKUP)):
            left = position + document.source[position:start].index(text)
            gaps.append((left, left + len(text), text))
        position = max(position, end)
    return gaps


def _missing(document: Document) -> tuple[str, ...]:
    known = {
        "标题": document.title,
        "文号": document.number,
        "发文机关": document.issuer,
        "成文日期": document.issued,
    }
    return tuple(name for name, value in known.items() if not value)
