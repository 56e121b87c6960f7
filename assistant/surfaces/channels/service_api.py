"""Writing to somebody of WeCom or WeChat outside a reply: the app message, the customer-service message.

An access token is fetched when first needed and kept until shortly before it ends; one that is refused meanwhile is
fetched once more. WeCom drops a message that comes twice within ten minutes, so there a call that broke off is simply
made again; WeChat does not, so there it is doubtful.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import httpx

from assistant.config import WechatSettings, WecomSettings
from assistant.surfaces.channels.protocol import (
    Busy,
    Doubtful,
    Inbound,
    Outbound,
    Rejected,
    Undelivered,
    Unreached,
)

logger = logging.getLogger(__name__)

_SPARE_SECONDS = 300
"""So long before its end a token is replaced."""
_DUPLICATE_SECONDS = 600
_TOKEN_ENDED = (40001, 40014, 41001, 42001)
_BUSY = {-1: 2.0, 45009: 60.0, 45011: 60.0, 45033: 10.0, 6000: 2.0}
"""What says to come back later, and after how many seconds."""
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Grant(NamedTuple):
    """An access token and the moment it ends."""

    token: str
    until: float


class ServiceKind(Protocol):
    """What differs between the two.

    Attributes:
        send_path: where messages go.
        drops_duplicates: whether a message that comes twice is shown once.
    """

    send_path: str
    drops_duplicates: bool

    async def ask_token(self, client: httpx.AsyncClient) -> httpx.Response:
        """Ask for an access token."""

    def body(self, chat: str, text: str) -> dict[str, Any]:
        """A message."""


class WecomService:
    """Messages of an app."""

    send_path = "/cgi-bin/message/send"
    drops_duplicates = True

    def __init__(self, settings: WecomSettings, secret: str) -> None:
        self._corp_id, self._agent_id, self._secret = settings.corp_id, settings.agent_id, secret

    async def ask_token(self, client: httpx.AsyncClient) -> httpx.Response:
        """See `ServiceKind`."""
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        return await client.get("/cgi-bin/gettoken", params=params)

    def body(self, chat: str, text: str) -> dict[str, Any]:
        """See `ServiceKind`."""
        return {
            "touser": chat,
            "msgtype": "text",
            "agentid": self._agent_id,
            "text": {"content": text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _DUPLICATE_SECONDS,
        }


class WechatService:
    """Customer-service messages of an official account."""

    send_path = "/cgi-bin/message/custom/send"
    drops_duplicates = False

    def __init__(self, settings: WechatSettings, secret: str) -> None:
        self._app_id, self._secret = settings.app_id, secret

    async def ask_token(self, client: httpx.AsyncClient) -> httpx.Response:
        """The stable one: asking for it does not end the token of another program of the account."""
        given = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        return await client.post("/cgi-bin/stable_token", json=given)

    def body(self, chat: str, text: str) -> dict[str, Any]:
        """See `ServiceKind`."""
        return {"touser": chat, "msgtype": "text", "text": {"content": text}}


class ServiceTransport:
    """Writes to people of one account; see `channels.protocol.Transport`."""

    def __init__(self, kind: ServiceKind, api_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        for name in ("httpx", "httpcore"):
            # They log addresses, and those hold secrets.
            logging.getLogger(name).setLevel(logging.WARNING)
        self._kind = kind
        self._client = httpx.AsyncClient(base_url=api_url, timeout=httpx.Timeout(15.0))
        self._clock = clock
        self._grant: Grant | None = None
        self._lock = asyncio.Lock()

    async def send(self, chat: str, message: Outbound) -> str:
        """Send a text; the name of it is the messenger's, or empty."""
        body = self._kind.body(chat, message.text)
        # As it is, not escaped: WeChat shows escapes as they are written.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        for is_last in (False, True):
            token = await self._find_token(is_fresh=is_last)
            told = await self._post(token, content)
            code = told.get("errcode", 0)
            if code == 0:
                return str(told.get("msgid", ""))
            if code not in _TOKEN_ENDED or is_last:
                raise _explain(told)
        raise AssertionError("unreachable")

    async def _post(self, token: str, content: bytes) -> dict[str, Any]:
        try:
            reply = await self._client.post(
                self._kind.send_path,
                params={"access_token": token},
                content=content,
                headers={"content-type": "application/json"},
            )
            return _read(reply)
        except _UNSENT as exc:
            raise Unreached(type(exc).__name__) from exc
        except (httpx.HTTPError, ValueError) as exc:
            fault = Unreached if self._kind.drops_duplicates else Doubtful
            raise fault(type(exc).__name__) from exc

    async def _find_token(self, *, is_fresh: bool) -> str:
        async with self._lock:
            if not is_fresh and self._grant and self._clock() < self._grant.until:
                return self._grant.token
            try:
                told = _read(await self._kind.ask_token(self._client))
            except (httpx.HTTPError, ValueError) as exc:
                raise Unreached(f"no access token: {type(exc).__name__}") from exc
            if not (token := str(told.get("access_token", ""))):
                code = told.get("errcode", 0)
                logger.error("no access token: %s %s", code, told.get("errmsg", ""))
                raise Busy(_BUSY.get(code, 60.0))
            lasts = max(int(told.get("expires_in", 7200)) - _SPARE_SECONDS, 60)
            self._grant = Grant(token, self._clock() + lasts)
            return token

    async def begin(self, inbound: Inbound) -> None:
        """Nothing is shown: the reply itself comes at once."""

    async def acknowledge(self, inbound: Inbound, note: str) -> None:
        """There are no buttons to press."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class NoTransport:
    """For an account that may not write by itself: nothing is ever put there to be sent."""

    async def send(self, chat: str, message: Outbound) -> str:
        """Refuse."""
        del chat, message
        raise Rejected("the account has no secret")

    async def begin(self, inbound: Inbound) -> None:
        """Nothing."""

    async def acknowledge(self, inbound: Inbound, note: str) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing."""


def _read(reply: httpx.Response) -> dict[str, Any]:
    """What was answered; a page of a proxy is none."""
    told = reply.json() if reply.status_code == httpx.codes.OK else None
    if not isinstance(told, dict):
        raise ValueError(f"HTTP {reply.status_code}")
    return told


def _explain(told: dict[str, Any]) -> Undelivered:
    code, said = told.get("errcode", 0), str(told.get("errmsg", ""))
    if code in _BUSY:
        return Busy(_BUSY[code])
    return Rejected(f"{code} {said}")
