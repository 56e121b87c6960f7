"""The messengers that a server answers, each in one event loop of their own, in a thread of its own.

They outlast a request: what is to be sent later is sent there, and what a former process left is taken up there.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.surfaces.channels.accounts import Account, Wechat, Wecom
from assistant.surfaces.channels.desk import Desk
from assistant.surfaces.channels.letters import Letter
from assistant.surfaces.channels.manner import Clock, Manner
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.channels.passive import REPLY_SECONDS, Passive, PassiveParts
from assistant.surfaces.channels.plain import PlainForm
from assistant.surfaces.channels.service_api import (
    NoTransport,
    ServiceKind,
    ServiceTransport,
    WechatService,
    WecomService,
)
from assistant.surfaces.watching.questions import unwatched

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.surfaces.telegram.webhook import TelegramHook

logger = logging.getLogger(__name__)
T = TypeVar("T")

SWEEP_SECONDS = 30.0
"""How often what was left lying is looked for."""
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class HubParts:
    """What messengers need of a server.

    Attributes:
        epoch: seconds since the epoch, which the time of a callback is compared with.
        reply_seconds: how long a reply to a callback is waited for.
        watch: watches the questions of a messenger.
    """

    assistant_source: Callable[[], Assistant]
    settings: Settings
    pace: Pace
    clock: Clock = field(default_factory=Clock)
    epoch: Callable[[], float] = time.time
    reply_seconds: float = REPLY_SECONDS
    watch: Callable[[str], AbstractContextManager[None]] = unwatched


class Resident(Protocol):
    """A messenger that lives in the loop."""

    async def recover(self) -> None:
        """Take up what a former process left."""

    async def close(self) -> None:
        """End what is under way."""


class Callbacks:
    """One account that is called back."""

    def __init__(self, name: str, account: Account, kind: ServiceKind | None, parts: HubParts) -> None:
        self.account = account
        self._name, self._kind, self._parts = name, kind, parts
        self._transport: ServiceTransport | NoTransport = NoTransport()
        self._passive: Passive | None = None

    async def open(self, api_url: str) -> None:
        """Make what belongs to the loop."""
        parts = self._parts
        if self._kind is not None:
            self._transport = ServiceTransport(self._kind, api_url)
        manner = Manner(self._name, PlainForm(), has_buttons=False, reader=parts.settings.server.public_url)
        self._passive = Passive(
            PassiveParts(
                Desk(parts.assistant_source, manner, parts.clock, parts.pace, parts.watch),
                self._transport,
                lambda: parts.assistant_source().store.channels,
                parts.clock.now,
                can_write=self._kind is not None,
                seconds=parts.reply_seconds,
            )
        )

    async def reply(self, letter: Letter) -> str:
        """The body of the reply to a message.

        Raises:
            StoreError: the message could not be kept.
        """
        text = await self._opened.reply(letter.inbound) if letter.inbound else ""
        return self.account.reply(letter, text) if text else self.account.nothing

    @property
    def _opened(self) -> Passive:
        if self._passive is None:
            raise RuntimeError("the messengers have not been started")
        return self._passive

    async def recover(self) -> None:
        """See `Resident`."""
        await self._opened.recover()

    async def close(self) -> None:
        """See `Resident`."""
        await self._opened.pump.close(PATIENCE_SECONDS)
        await self._transport.close()


class ChannelHub:
    """The messengers of a server; used as a context manager, it starts and ends them.

    Attributes:
        wecom, wechat, telegram: None where they are not set up.
    """

    def __init__(self, parts: HubParts) -> None:
        """Read the settings.

        Raises:
            ConfigError: a messenger is set up by half.
        """
        settings = parts.settings
        self._parts = parts
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="channels", daemon=True)
        self._held = ExitStack()
        self._sweeps: list[Future[None]] = []
        self.wecom = _open_wecom(parts) if settings.wecom.token else None
        self.wechat = _open_wechat(parts) if settings.wechat.token else None
        self.telegram: TelegramHook | None = None
        if settings.telegram.token and settings.telegram.webhook_secret:
            if settings.server.public_url is None:
                raise ConfigError(
                    "Telegram 的 Webhook 要有公网地址",
                    hint="设 TIAOWEN_SERVER__PUBLIC_URL，如 https://wen.example.gov.cn",
                )
            from assistant.surfaces.telegram.webhook import TelegramHook

            self.telegram = TelegramHook(parts)

    def __enter__(self) -> ChannelHub:
        """Start.

        Raises:
            ConfigError: another program serves the same bot.
        """
        settings = self._parts.settings
        if self.telegram:
            from assistant.surfaces.telegram.poll import hold_lock

            self._held.enter_context(hold_lock(settings.telegram, settings.index_dir))
        self._thread.start()
        if self.wecom:
            self._start(self.wecom, self.wecom.open(settings.wecom.api_url or ""))
        if self.wechat:
            self._start(self.wechat, self.wechat.open(settings.wechat.api_url or ""))
        if self.telegram:
            self._start(self.telegram, self.telegram.open())
        return self

    def __exit__(self, *_exc: object) -> None:
        """End; what is under way has a few seconds."""
        for sweep in self._sweeps:
            sweep.cancel()
        for resident in (self.wecom, self.wechat, self.telegram):
            if resident is not None and self._thread.is_alive():
                self._submit(resident.close()).result(2 * PATIENCE_SECONDS)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE_SECONDS)
        self._held.close()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop of the messengers, from another one."""
        return await asyncio.wrap_future(self._submit(work))

    def _start(self, resident: Resident, opening: Coroutine[Any, Any, None]) -> None:
        self._submit(opening).result(PATIENCE_SECONDS)
        self._sweeps.append(self._submit(_sweep(resident)))

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _sweep(resident: Resident) -> None:
    while True:
        try:
            await resident.recover()
        except Exception:
            logger.exception("what was left cannot be taken up")
        await asyncio.sleep(SWEEP_SECONDS)


def _open_wecom(parts: HubParts) -> Callbacks:
    settings = parts.settings.wecom
    kind = WecomService(settings, settings.secret.get_secret_value()) if settings.secret else None
    return Callbacks("wecom", Wecom(settings, parts.epoch), kind, parts)


def _open_wechat(parts: HubParts) -> Callbacks:
    settings = parts.settings.wechat
    kind = WechatService(settings, settings.secret.get_secret_value()) if settings.secret else None
    return Callbacks("wechat", Wechat(settings, parts.epoch), kind, parts)
