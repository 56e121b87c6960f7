"""Addresses of places in the reader: a document, a clause in it, words of it marked, a rule, a conflict."""

from __future__ import annotations

from urllib.parse import quote

from assistant.models import Span


def document_address(document_id: str, mark: Span | None = None) -> str:
    """A document; with `mark` the page shows these code points of its source highlighted."""
    marked = f"?mark={mark.start}-{mark.end}" if mark else ""
    return f"/documents/{quote(document_id)}{marked}"


def clause_address(clause_id: str, mark: Span | None = None) -> str:
    """A clause in its document, with words of it marked."""
    document_id, _, path = clause_id.partition("#")
    return f"{document_address(document_id, mark)}#{clause_anchor(quote(path))}"


def clause_anchor(path: str) -> str:
    """The id that a clause has on the page of its document."""
    return f"c-{path}"


def rule_address(key: str) -> str:
    """The page of a rule, figure or conflict."""
    return f"/rules/{quote(key)}"


def conflict_anchor(key: str) -> str:
    """The id that a conflict has on the page of all conflicts."""
    return key.replace("/", "--")
