"""Days of a timeline as an iCalendar file (RFC 5545), to be taken into a calendar.

In: stages. Out: bytes, the same for the same stages. A day that is a range is an event over the whole of it that says
so; nothing is reminded of and nobody is invited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from assistant.surfaces.schema import FOOTER
from assistant.surfaces.staff.stages import ReadingView, StageView
from assistant.surfaces.web.texts import load_texts

MEDIA_TYPE = "text/calendar; charset=utf-8"
LONGEST_LINE = 75
"""Octets of a line; what is longer goes on in the next, which begins with a blank."""


def write_calendar(key: str, label: str, stages: Iterable[StageView], as_of: date) -> bytes:
    """The file.

    Args:
        key: of the timeline; with the days it makes the events' ids, so that a file read twice adds nothing.
        as_of: the day the law was read on, which the events are stamped with.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tiaowen//timeline//ZH", "CALSCALE:GREGORIAN"]
    for stage in stages:
        for reading in stage.readings:
            lines += _write_event(key, label, stage, reading, as_of)
    lines.append("END:VCALENDAR")
    return "".join(f"{fold_line(line)}\r\n" for line in lines).encode()


def _write_event(key: str, label: str, stage: StageView, reading: ReadingView, as_of: date) -> Iterator[str]:
    if reading.day is None:
        return
    words = load_texts()["staff"]["timeline"]["event"]
    first, last = reading.day
    summary = words["range" if reading.day.is_range else "day"].format(
        label=stage.label, count=reading.count, side=reading.side
    )
    quotes = [f"{ref.number} {ref.label}：{ref.quote}" for ref in reading.clauses]
    identity = "\n".join([key, stage.id, reading.count, str(stage.start), str(reading.day)])
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(identity.encode()).hexdigest()[:32]}@tiaowen"
    yield f"DTSTAMP:{as_of:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{first:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{last + timedelta(1):%Y%m%d}"
    yield f"SUMMARY:{escape_text(summary)}"
    yield f"DESCRIPTION:{escape_text(chr(10).join([label, *quotes, FOOTER]))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escape_text(text: str) -> str:
    """A value of type TEXT.

    Source: RFC 5545, section 3.3.11.
    """
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def fold_line(line: str) -> str:
    """A content line in pieces of at most 75 octets, none of which cuts a character.

    Source: RFC 5545, section 3.1.
    """
    pieces: list[str] = []
    piece, size = "", 0
    for char in line:
        n_octets = len(char.encode())
        if size + n_octets > LONGEST_LINE:
            pieces.append(piece)
            piece, size = "", 1  # the blank that the next line begins with
        piece, size = piece + char, size + n_octets
    return "\r\n ".join([*pieces, piece])
