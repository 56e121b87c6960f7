"""Who may see the staff desk: a signed cookie, which a key or the one-time link is exchanged for.

The cookie is SameSite=Lax, and a request that changes anything must come from a page of this server (its Origin says
so), so that no other site can act in the name of somebody who is signed in. A program may show its key with every
request instead (`Authorization: Bearer`).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from assistant.errors import RequestInvalid
from assistant.store.actors import BY_LINK
from assistant.surfaces.access import Access
from assistant.surfaces.inbound import NotFound
from assistant.surfaces.problems import on_tiaowen_error
from assistant.surfaces.staff.exports import STATE
from assistant.surfaces.web.pages import render_page, wants_page
from assistant.surfaces.web.texts import load_texts

COOKIE = "tiaowen_staff"
LONGEST_SECONDS = 12 * 3600
"""How long somebody stays signed in."""
DESK = "/staff"
SIGN_IN = "/staff/sign-in"
NO_STORE = {"cache-control": "no-store"}

_LOCAL = re.compile(r"/staff(?:[/?][\w\-./~%?&=:+,;@!$'()*]*)?", re.ASCII)

logger = logging.getLogger(__name__)
router = APIRouter(prefix=DESK, include_in_schema=False)


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
        SignInRequired: nobody is, or too long ago, or with a key that has been revoked.
        ForeignOrigin: a page of another site wants something changed.
        StoreError: keys cannot be looked up.
    """
    _check_origin(request)
    name = _find_bearer(request) or _find_signed(request)
    if name is None:
        raise SignInRequired("需要登录", hint="用启动时显示的链接打开，或输入工作台密钥")
    setattr(request.state, STATE, name)
    return StaffMember(name)


def _check_origin(request: Request) -> None:
    origin = request.headers.get("origin")
    if request.method in ("GET", "HEAD") or not origin:
        return
    if not _access(request).is_own(origin, request.headers.get("host", "")):
        raise ForeignOrigin("这个请求来自别的网站，没有执行", hint="在工作台的页面上重新操作")


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


def _find_bearer(request: Request) -> str | None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    return _access(request).find_key(key.strip()) if kind.lower() == "bearer" and key else None


def _find_signed(request: Request) -> str | None:
    """The name in the cookie, while its key has not been revoked."""
    access = _access(request)
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        return None
    try:
        name = str(_serializer(access.secret).loads(cookie, max_age=LONGEST_SECONDS))
    except BadSignature:
        return None
    return None if access.is_revoked(name) else name


async def on_sign_in_required(request: Request, exc: Exception) -> Response:
    """Somebody with a browser is shown where to sign in, and comes back to the same page."""
    if not wants_page(request):
        return await on_tiaowen_error(request, exc)
    wanted = request.url.path
    if request.method == "GET" and request.url.query:
        wanted = f"{wanted}?{request.url.query}"
    return RedirectResponse(f"{SIGN_IN}?next={quote(wanted)}", status_code=303)


def read_next(text: str) -> str:
    """Where to go after signing in: a page of the desk, whatever was asked for."""
    is_safe = _LOCAL.fullmatch(text) and ".." not in text and not text.startswith(SIGN_IN)
    return text if is_safe else DESK


@router.get("/sign-in")
def show_sign_in(request: Request, wanted: Annotated[str, Query(alias="next")] = "") -> Response:
    """The form that takes a key."""
    if _find_signed(request) is not None:
        return RedirectResponse(read_next(wanted), status_code=303)
    return _render_form(request, wanted)


@router.post("/sign-in")
def sign_in(
    request: Request,
    key: Annotated[str, Form(max_length=200)] = "",
    wanted: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Exchange a key for the cookie."""
    _check_origin(request)
    name = _access(request).find_key(key.strip())
    if name is None:
        logger.warning("a key that is not known was shown at the staff desk")
        return _render_form(request, wanted, is_wrong=True)
    return _let_in(request, name, read_next(wanted))


@router.get("/open/{secret}")
def open_link(secret: str, request: Request) -> Response:
    """Sign in by the one-time link, which is dead from then on."""
    if not _access(request).use_link(secret):
        words = load_texts()["desk"]["link_dead"]
        raise NotFound(words["detail"], hint=words["hint"])
    return _let_in(request, BY_LINK, DESK)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """Forget the cookie."""
    _check_origin(request)
    if (name := _find_signed(request)) is not None:
        _access(request).note(name, "sign-out")
    reply = RedirectResponse(SIGN_IN, status_code=303)
    reply.delete_cookie(COOKIE, path=DESK)
    return reply


def _let_in(request: Request, name: str, wanted: str) -> Response:
    access = _access(request)
    is_secure = request.url.scheme == "https" or access.is_public_tls(request.headers.get("host", ""))
    reply = RedirectResponse(wanted, status_code=303, headers=NO_STORE)
    reply.set_cookie(
        COOKIE,
        sign_cookie(access.secret, name),
        max_age=LONGEST_SECONDS,
        path=DESK,
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )
    access.note(name, "sign-in")
    return reply


def _render_form(request: Request, wanted: str, *, is_wrong: bool = False) -> Response:
    values = {"wanted": read_next(wanted), "is_wrong": is_wrong, "has_keys": _access(request).has_keys()}
    status = 401 if is_wrong else 200
    return render_page(request, "staff/sign_in.html", values, status=status, headers=NO_STORE)
