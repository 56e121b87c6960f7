"""What the buttons below a message stand for: written into 64 bytes and read back.

A button holds all that is needed to act on it but the chat, which the messenger vouches for: it works after a restart,
and one that is forged reaches nothing that could not be asked for.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.surfaces.channels.clauses import shorten_clause

LONGEST = 64
"""Bytes that a button may hold."""


class ShowClause(NamedTuple):
    """A clause in full; `name` is its short one."""

    name: str


class Vote(NamedTuple):
    """What is thought of an answer of a conversation, `up` or `down`."""

    vote: str
    answer_id: str
    token: str


class Place(NamedTuple):
    """A region by its code, or `all`."""

    code: str


class BeginCheck(NamedTuple):
    """A check step by step."""


class CheckStep(NamedTuple):
    """A choice of a step: the short name of its fact, and the number of a choice or what leads out."""

    name: str
    pressed: str


class Quick(NamedTuple):
    """A reply to an answer that asks back."""

    answer_id: str
    n: int


class SendAgain(NamedTuple):
    """A message that may not have arrived."""

    outgoing_id: int


Press = ShowClause | Vote | Place | BeginCheck | CheckStep | Quick | SendAgain

_FORMS = {
    "c": re.compile(r"c:(?P<name>[0-9a-f]{16})"),
    "v": re.compile(r"v:(?P<vote>up|down):(?P<answer_id>[0-9A-Za-z_-]{1,24}):(?P<token>[0-9A-Za-z_-]{1,24})"),
    "r": re.compile(r"r:(?P<code>\d{6}|all)"),
    "k": re.compile(r"k"),
    "g": re.compile(r"g:(?P<name>[0-9a-f]{16}):(?P<pressed>\d{1,3}|skip|stop)"),
    "q": re.compile(r"q:(?P<answer_id>[0-9A-Za-z_-]{1,24}):(?P<n>\d{1,3})"),
    "o": re.compile(r"o:(?P<outgoing_id>\d{1,18})"),
}


def write_clause(clause_id: str) -> str:
    """`ShowClause` of a clause."""
    return f"c:{shorten_clause(clause_id)}"


def write_vote(vote: str, answer_id: str, token: str) -> str:
    """`Vote`."""
    return f"v:{vote}:{answer_id}:{token}"


def write_place(code: str) -> str:
    """`Place`."""
    return f"r:{code}"


def write_begin() -> str:
    """`BeginCheck`."""
    return "k"


def write_step(fact: str, pressed: str) -> str:
    """`CheckStep` of a fact."""
    return f"g:{shorten_clause(fact)}:{pressed}"


def write_quick(answer_id: str, n: int) -> str:
    """`Quick`."""
    return f"q:{answer_id}:{n}"


def write_again(outgoing_id: int) -> str:
    """`SendAgain`."""
    return f"o:{outgoing_id}"


def read_press(data: str) -> Press | None:
    """What a button stands for; None for what is no button of ours."""
    form = _FORMS.get(data[:1])
    found = form.fullmatch(data) if form and data.isascii() else None
    if found is None:
        return None
    match data[0], found.groupdict():
        case "c", given:
            return ShowClause(**given)
        case "v", given:
            return Vote(**given)
        case "r", given:
            return Place(**given)
        case "g", given:
            return CheckStep(**given)
        case "q", given:
            return Quick(given["answer_id"], int(given["n"]))
        case "o", given:
            return SendAgain(int(given["outgoing_id"]))
    return BeginCheck()
