"""Who may see the staff desk: a signed cookie, which a key or the one-time link is exchanged for.

The cookie is SameSite=Lax, and a request that changes anything must come from a page of this server (its Origin says
so), so that no other site can act in the name of somebody who is signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from assistant.errors import RequestInvalid

COOKIE = "tiaowen_staff"
LONGEST_SECONDS = 12 * 3600
"""How long somebody stays signed in."""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Whoever is signed in, by the name of the key."""

    name: str


class SignInRequired(RequestInvalid):
    """The page is for staff, and nobody is signed in."""

    http_status = 401


class ForeignOrigin(RequestInvalid):
    """A change was asked for by a page of another site."""

    http_status = 403


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="staff-session")


def sign_cookie(secret: str, name: str) -> str:
    """The value of the cookie of somebody who has shown a key."""
    return _serializer(secret).dumps(name)


def require_staff(request: Request) -> StaffMember:
    """Whoever is signed in.

    Raises:
        SignInRequired: nobody is, or too long ago.
        ForeignOrigin: a page of another site wants something changed.
    """
    origin = request.headers.get("origin")
    if request.method not in ("GET", "HEAD") and origin and urlsplit(origin).netloc != request.url.netloc:
        raise ForeignOrigin("这个请求来自别的网站，没有执行", hint="在工作台的页面上重新操作")
    try:
        name = _serializer(request.app.state.secret).loads(
            request.cookies.get(COOKIE, ""), max_age=LONGEST_SECONDS
        )
    except BadSignature as exc:
        raise SignInRequired("需要登录", hint="用启动时显示的链接打开，或输入工作台密钥") from exc
    return StaffMember(str(name))
