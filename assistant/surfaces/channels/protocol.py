"""What all messengers share: a message that came in, a message to send, and how sending may fail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple, Protocol

InboundKind = Literal["text", "press", "start", "captioned", "heard", "other"]
"""`press`: a button; `start`: somebody has just come in; `captioned`: words below a picture; `heard`: words that the
messenger heard in a voice message; `other`: what has no words."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message that came in.

    Attributes:
        chat: who is written back to, in the messenger's own words.
        key: the messenger's name for the message; it comes in once.
        text: its words, without the mention of the bot; what a button stands for, of a press.
        reply_to: message to reply to, where a chat has several people; empty else.
        thread: part of the chat that the reply belongs to; empty where it has none.
        press_id: what a press is acknowledged by.
    """

    chat: str
    key: str
    kind: InboundKind
    text: str = ""
    reply_to: str = ""
    thread: str = ""
    press_id: str = ""

    def write(self) -> str:
        """As JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Inbound:
        """From JSON text."""
        return cls(**json.loads(text))


class Button(NamedTuple):
    """Something to press below a message; `data` is what comes in then, at most 64 bytes."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to send: its text as the messenger takes it, and rows of buttons."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    reply_to: str = ""
    thread: str = ""
    is_notice: bool = False

    def write(self) -> str:
        """As JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Outbound:
        """From JSON text."""
        given = json.loads(text)
        rows = tuple(tuple(Button(*button) for button in row) for row in given.pop("buttons"))
        return cls(buttons=rows, **given)


class Undelivered(Exception):
    """A message was not sent, or may not have been."""


class Busy(Undelivered):
    """The messenger took nothing and says when to come back, seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"come back in {seconds:g} s")
        self.seconds = seconds


class Unreached(Undelivered):
    """The messenger cannot be reached: it surely has not got the message."""


class Doubtful(Undelivered):
    """The connection ended before the messenger said whether it had taken the message."""


class Rejected(Undelivered):
    """The messenger will never take this message: the chat has blocked us, or is gone."""


class Transport(Protocol):
    """How one messenger is written to."""

    async def send(self, chat: str, message: Outbound) -> str:
        """Send a message; returns the messenger's name for it.

        Raises:
            Undelivered: in one of its kinds.
            ConfigError: the messenger no longer knows us; nothing can be sent at all.
        """

    async def begin(self, inbound: Inbound) -> None:
        """Show that a message has come and is being worked on; never fails."""

    async def acknowledge(self, inbound: Inbound, note: str) -> None:
        """Answer a press, with a few words or none; never fails."""


class Clipping(NamedTuple):
    """Texts of an answer for one message, and the numbers of the citations that they carry."""

    text: str
    numbers: tuple[int, ...] = ()


def in_rows(buttons: Sequence[Button], n_columns: int) -> tuple[tuple[Button, ...], ...]:
    """Buttons by rows."""
    return tuple(tuple(buttons[i : i + n_columns]) for i in range(0, len(buttons), n_columns))
