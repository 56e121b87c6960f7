"""An answer, a search, a clause → one plain text, for programs that hand on nothing but text.

In: the objects of `schema`. Out: text that says where everything stands, so that whoever is shown only this text, a
person or a language model, still sees document, clause and quote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assistant.surfaces.events import split_lines
from assistant.surfaces.schema import FOOTER, JsonObject, flow
from assistant.surfaces.web.texts import load_texts

_GAP = "\n\n"


def write_answer(answer: JsonObject) -> str:
    """The answer, the clauses it rests on, what else the asker must know."""
    return "".join(write_pieces(answer))


def write_pieces(answer: JsonObject) -> Iterator[str]:
    """The same in pieces: the answer line by line, then all that stands below it."""
    yield from split_lines(answer["text"])
    yield from write_below(answer)


def write_below(answer: JsonObject) -> Iterator[str]:
    """What stands below the lines of an answer, block by block."""
    words = _words()
    below = [words["generated"]] if answer["generated"] else []
    if answer["citations"]:
        below += [words["sources"], *map(write_citation, answer["citations"])]
    below += [words["notice"].format(notice) for notice in answer["notices"]]
    yield from (f"{_GAP}{block}" for block in (*below, FOOTER))


def write_citation(citation: JsonObject) -> str:
    """One line: number, document, clause, the quoted words."""
    shown = {**citation, "title": _bare(citation["title"]), "quote": flow(citation["quote"])}
    return _words()["citation"].format_map(shown)


def write_search(found: JsonObject) -> str:
    """The clauses that were found, best first; each in whole."""
    template = _words()["passage"]
    rows = (
        template.format_map({**passage, "title": _bare(passage["title"])}) for passage in found["passages"]
    )
    return _GAP.join(rows) or _words()["nothing_found"]


def write_place(clause: JsonObject) -> str:
    """Where a clause stands, as one cites it."""
    return _words()["place"].format_map({**clause, "title": _bare(clause["title"])})


def write_clause(clause: JsonObject) -> str:
    """A clause with its headings, in the words of the document."""
    path = " › ".join([*clause["headings"], clause["label"]])
    shown = {**clause, "title": _bare(clause["title"]), "path": path, "text": flow(clause["source"])}
    return _words()["clause"].format_map(shown)


def write_rules(listed: JsonObject) -> str:
    """One rule a line: id, label, place."""
    return "\n".join(_words()["rule"].format_map(row) for row in listed["rules"])


def _bare(title: str) -> str:
    return flow(title).strip("《》")


def _words() -> Mapping[str, str]:
    words: Mapping[str, str] = load_texts()["programs"]
    return words
