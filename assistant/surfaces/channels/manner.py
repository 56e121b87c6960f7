"""What one messenger is like, and what tells a desk the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from assistant.surfaces.channels.pack import Form
from assistant.surfaces.inbound import new_session


@dataclass(frozen=True, slots=True)
class Manner:
    """What one messenger is like.

    Attributes:
        channel: its name.
        form: how its messages are worded.
        has_buttons: whether messages may carry buttons; else their words are told instead.
        reader: address of this server for links to the reader; None for no links.
    """

    channel: str
    form: Form
    has_buttons: bool
    reader: str | None = None


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The day questions are read at, the moment, and a token that nobody can guess."""

    today: Callable[[], date] = date.today
    now: Callable[[], datetime] = _utc_now
    new_token: Callable[[], str] = new_session
