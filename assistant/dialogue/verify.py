"""The gate every answer passes, whoever worded it: quotes, marks and numbers.

In: claims with their citations. Out: only the claims that hold. Quote gate: `source[start:end] == quote`,
inside its clause. Marks: the `[n]` of a sentence are exactly its citations. Number gate: each number of a
sentence stands in a quote it cites, in that citation's own number, title or clause label, or in what the
asker said. A sentence that fails is withheld, never shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.documents.normalize import squeeze
from assistant.models import Citation, Document
from assistant.stages import staged

MARK = re.compile(r"\[(\d+)\]")
_MARKUP = re.compile(r"\*\*|</?u>")
# 1,000 is one number   near miss: 1,2
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer.

    Attributes:
        cites: the `n` of each citation it rests on; empty for a sentence that states no policy.
        quoted: the parts of `text` that are the document's own words.
        filled: what a template was filled with, such as a document's title; its numbers are grounded.
    """

    text: str
    cites: tuple[int, ...] = ()
    quoted: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()


@staged("verify")
def verify_claims(
    claims: Sequence[Claim],
    citations: Sequence[Citation],
    documents: Mapping[str, Document],
    said: str,
) -> list[Claim]:
    """Drop every claim that a citation or a number does not bear out.

    Args:
        said: the asker's own words, whose numbers a claim may repeat.
    """
    by_n = {c.n: c for c in citations if is_exact(c, documents)}
    return [claim for claim in claims if _holds(claim, by_n, said)]


def is_exact(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """True where the quote is the cited span of the source and lies inside its clause."""
    document = documents.get(citation.document)
    return (
        document is not None
        and citation.clause_start <= citation.start < citation.end <= citation.clause_end
        and document.source[citation.start : citation.end] == citation.quote
    )


def find_numbers(text: str) -> list[str]:
    """The numbers of a text in their plain form: 1,000 and １０００ are 1000; citation marks are not numbers."""
    return _read_numbers(MARK.sub("", text))


def guard_brackets(text: str) -> str:
    """A document's own words as they stand beside marks: its [2021] becomes ［2021］, which is no mark."""
    return MARK.sub(r"［\1］", text)


def strip_markup(text: str) -> str:
    """Words without the emphasis marks that some sources carry."""
    return _MARKUP.sub("", text)


def _holds(claim: Claim, by_n: Mapping[int, Citation], said: str) -> bool:
    marks = {int(n) for n in MARK.findall(claim.text)}
    if marks != set(claim.cites) or not all(n in by_n for n in marks):
        return False
    quotes = "".join(strip_markup(squeeze(by_n[n].quote)) for n in claim.cites)
    if not all(squeeze(words) in quotes for words in claim.quoted):
        return False
    grounds = _numbers(said, *claim.filled, *(t for n in claim.cites for t in _texts(by_n[n])))
    return all(number in grounds for number in find_numbers(claim.text))


def _texts(citation: Citation) -> Iterable[str]:
    return citation.quote, citation.number, citation.title, citation.clause


def _numbers(*texts: str) -> set[str]:
    return {number for text in texts for number in _read_numbers(text)}


def _read_numbers(text: str) -> list[str]:
    return [n.replace(",", "") for n in _NUMBER.findall(unicodedata.normalize("NFKC", text))]
