"""Where messengers call: Telegram, WeCom, WeChat. An address whose messenger is not set up is not there.

These are no part of the API that others use, so OpenAPI does not list them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from assistant.errors import RequestInvalid

if TYPE_CHECKING:
    from assistant.surfaces.channels.hub import Callbacks, ChannelHub

router = APIRouter(prefix="/channels", include_in_schema=False)

SECRET_HEADER = "x-telegram-bot-api-secret-token"


def attach_channels(app: FastAPI, hub: ChannelHub) -> None:
    """Let an application answer the messengers of a hub."""
    app.state.channels = hub


def _find_hub(request: Request) -> ChannelHub:
    hub: ChannelHub | None = request.app.state.channels
    if hub is None:
        raise HTTPException(404)
    return hub


def _find_callbacks(request: Request, name: str) -> tuple[ChannelHub, Callbacks]:
    hub = _find_hub(request)
    callbacks = {"wecom": hub.wecom, "wechat": hub.wechat}.get(name)
    if callbacks is None:
        raise HTTPException(404)
    return hub, callbacks


@router.post("/telegram")
async def receive_update(request: Request) -> Response:
    """Take an update of Telegram."""
    hub = _find_hub(request)
    if hub.telegram is None:
        raise HTTPException(404)
    hub.telegram.check_secret(request.headers.get(SECRET_HEADER, ""))
    try:
        update = json.loads(await request.body())
    except (ValueError, RecursionError) as exc:
        raise RequestInvalid("这不是 Telegram 的更新") from exc
    if not isinstance(update, dict):
        raise RequestInvalid("这不是 Telegram 的更新")
    await hub.run(hub.telegram.receive(update))
    return Response()


@router.get("/{name}")
def verify_address(name: str, request: Request) -> Response:
    """Prove to WeCom or WeChat that the address is ours."""
    _, callbacks = _find_callbacks(request, name)
    return _text(callbacks.account.verify(_query(request)))


@router.post("/{name}")
async def receive_callback(name: str, request: Request) -> Response:
    """Take a message of WeCom or WeChat, and reply to it."""
    hub, callbacks = _find_callbacks(request, name)
    letter = callbacks.account.open(_query(request), await request.body())
    reply = await hub.run(callbacks.reply(letter))
    return Response(reply, media_type="application/xml") if reply.startswith("<") else _text(reply)


def _query(request: Request) -> Mapping[str, str]:
    return request.query_params


def _text(text: str) -> Response:
    return Response(text, media_type="text/plain")
