"""What is refused at the door, before a request is looked into: each with its status and what else the reply says.

The last part of a problem's `type` is the name of its class: `TokenExpired` is `urn:tiaowen:token-expired`.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.errors import RequestInvalid

BEARER = {"www-authenticate": "Bearer"}


class Refused(RequestInvalid):
    """Not let in; `headers` go with the reply."""

    http_status = 403
    headers: Mapping[str, str] = {}


class TokenMissing(Refused):
    """A page of another site asks without a session."""

    http_status = 401
    headers = BEARER


class TokenInvalid(Refused):
    """A publish token that is unknown or revoked, or a session that this server did not open."""

    http_status = 401
    headers = BEARER


class TokenExpired(Refused):
    """A session that has ended; the publish token opens another."""

    http_status = 401
    headers = BEARER


class OriginForbidden(Refused):
    """A page of a site that is not on the list."""


class TooManyRequests(Refused):
    """More than the limit allows; `seconds` later there is room again."""

    http_status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("请求太频繁，请稍后再试", hint=f"请等 {seconds} 秒后再试")
        self.seconds = seconds
        self.headers = {"retry-after": str(seconds)}
