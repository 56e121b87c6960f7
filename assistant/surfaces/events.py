"""An answer → the server-sent events of `POST /v1/ask/stream`, in order.

In: the object of `POST /v1/ask`. Out: its text line by line, each line after the citations it is the first to use, the
decision, the whole object. Lines, not sentences: a line is what was verified together, and its marks stand at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from assistant.surfaces.schema import JsonObject, answer_object, citation_object

if TYPE_CHECKING:
    from assistant.dialogue.answer_stream import AnswerStream

_LINE = re.compile(r"[^\n]*\n+|[^\n]+")
_MARK = re.compile(r"\[(\d+)\]")


class Event(NamedTuple):
    """One event: its name and the object it carries."""

    name: str
    data: JsonObject


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends; put together they are the text."""
    return _LINE.findall(text)


def status_event(session_id: str) -> Event:
    """Say that the search has begun, and which conversation to go on with."""
    return Event("status", {"message": "正在查找条款…", "session_id": session_id})


def answer_events(answer: JsonObject) -> Iterator[Event]:
    """The events of a finished answer.

    Returns:
        `citation` and `text`, `decision` where there is one, `done`. The texts put together are the answer's text.
    """
    waiting = {citation["n"]: citation for citation in answer["citations"]}
    known = set(waiting)
    for line in split_lines(answer["text"]):
        cites = [n for n in dict.fromkeys(map(int, _MARK.findall(line))) if n in known]
        yield from (Event("citation", waiting.pop(n)) for n in cites if n in waiting)
        yield Event("text", {"text": line, "cites": cites})
    yield from (Event("citation", citation) for citation in waiting.values())
    if answer["decision"] is not None:
        yield Event("decision", answer["decision"])
    yield Event("done", answer)


def stream_events(stream: AnswerStream) -> Iterator[Event]:
    """The events of an answer as it is worded: what comes is verified, and the whole answer is made of it.

    Returns:
        As `answer_events`; a line after the first begins with the line end that parts it from the one before.
    """
    if stream.answer is not None:
        yield from answer_events(answer_object(stream.answer))
        return
    waiting = {citation.n: citation_object(citation) for citation in stream.first.citations}
    known = set(waiting)
    for number, line in enumerate(stream):
        cites = [n for n in dict.fromkeys(map(int, _MARK.findall(line))) if n in known]
        yield from (Event("citation", waiting.pop(n)) for n in cites if n in waiting)
        yield Event("text", {"text": f"\n{line}" if number else line, "cites": cites})
    yield from (Event("citation", citation) for citation in waiting.values())
    answer = answer_object(stream.finish())
    if answer["decision"] is not None:
        yield Event("decision", answer["decision"])
    yield Event("done", answer)
