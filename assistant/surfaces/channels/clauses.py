"""Short names for clauses, which fit into a button, and a clause with all its words as a message."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from assistant.surfaces.schema import clause_object, flow
from assistant.surfaces.web.places import clause_address

if TYPE_CHECKING:
    from assistant.app import Assistant

_CHARACTERS = 16


def shorten_clause(clause_id: str) -> str:
    """A name of 16 characters for a clause, whatever the length of its id; the same in every process."""
    return hashlib.sha256(clause_id.encode()).hexdigest()[:_CHARACTERS]


class ClauseNames:
    """Finds clauses by their short names; keeps those of the corpus that was last looked at."""

    def __init__(self) -> None:
        self._version = ""
        self._id_by_name: dict[str, str] = {}

    def find(self, assistant: Assistant, name: str) -> str | None:
        """The id of the clause that has a short name."""
        if self._version != assistant.corpus.version:
            names = {shorten_clause(clause_id): clause_id for clause_id in assistant.corpus.clause_by_id}
            self._version, self._id_by_name = assistant.corpus.version, names
        return self._id_by_name.get(name)


def tell_clause(assistant: Assistant, clause_id: str, link: str) -> str | None:
    """A clause in full: where it stands, then its words.

    Args:
        link: words that take an address of the reader; empty for none.

    Returns:
        None where the corpus has no such clause.
    """
    clause = assistant.corpus.clause_by_id.get(clause_id)
    if clause is None:
        return None
    document = assistant.corpus.document_by_id[clause.document]
    told = clause_object(clause, document, assistant.regions)
    title = flow(told["title"]).strip("《》")
    source = f"《{title}》{told['number']}（{told['region']}）"
    path = " › ".join([*clause.headings, clause.label])
    lines = [source, path, "", _own_words(told["source"])]
    if link:
        lines += ["", link.format(clause_address(clause_id))]
    return "\n".join(lines)


def _own_words(source: str) -> str:
    """The clause as printed, without the line breaks of the page."""
    return "\n".join(flow(paragraph) for paragraph in source.strip().split("\n\n"))
