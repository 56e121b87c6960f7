"""The id of a request: named by whoever sends it, or made here; it stands in the reply, in problems and in the log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "x-request-id"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_ID: ContextVar[str] = ContextVar("request_id", default="")


def choose_request_id(named: str | None) -> str:
    """The id that a request names, if it is one; else a new one.

    An id is up to 64 letters, digits or `. _ -`, so that it can stand in a log line and a header as it is.
    """
    return named if named and _SANE.fullmatch(named) else secrets.token_hex(8)


def find_request_id() -> str:
    """The id of the request that is being answered here; empty outside of any."""
    return _ID.get()


@contextmanager
def answering(request_id: str) -> Iterator[None]:
    """What happens in this context belongs to a request."""
    token = _ID.set(request_id)
    try:
        yield
    finally:
        _ID.reset(token)
