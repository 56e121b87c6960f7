"""The bot by webhook: Telegram hands over updates, which are kept before it is told that they have come.

Telegram is told the address when the server starts; until it has heard it, and whenever an update cannot be kept, it
tries again by itself.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telegram import Bot, Update
from telegram.error import InvalidToken, TelegramError

from assistant.errors import RequestInvalid, StoreError
from assistant.surfaces.channels.pump import PAUSES_SECONDS, Pump
from assistant.surfaces.refusals import Refused
from assistant.surfaces.telegram.poll import BotParts, introduce, open_pump, read_safely
from assistant.surfaces.telegram.read import ALLOWED_UPDATES
from assistant.surfaces.telegram.send import open_bot

if TYPE_CHECKING:
    from assistant.surfaces.channels.hub import HubParts

logger = logging.getLogger(__name__)

PATH = "/channels/telegram"
_LEFT_ALONE = timedelta(seconds=60)


class WebhookRefused(Refused):
    """A request that Telegram cannot have sent."""

    def __init__(self) -> None:
        super().__init__(
            "这个请求不能证明来自 Telegram", hint="核对 TIAOWEN_TELEGRAM__WEBHOOK_SECRET 后重启服务"
        )


class TelegramHook:
    """One bot; lives in the loop of the messengers."""

    def __init__(self, parts: HubParts) -> None:
        settings = parts.settings.telegram
        self._secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
        self._address = f"{parts.settings.server.public_url}{PATH}"
        self._parts = BotParts(
            parts.assistant_source,
            settings,
            parts.pace,
            parts.clock,
            reader=parts.settings.server.public_url,
            watch=parts.watch,
        )
        self._bot: Bot | None = None
        self._pump: Pump | None = None
        self._opening: asyncio.Task[None] | None = None

    def check_secret(self, given: str) -> None:
        """Compare in constant time.

        Raises:
            WebhookRefused: it is another.
        """
        if not hmac.compare_digest(self._secret.encode(), given.encode("utf-8", "replace")):
            raise WebhookRefused

    async def open(self) -> None:
        """Begin to tell Telegram the address; the server does not wait for it."""
        self._bot = open_bot(self._parts.settings)
        self._pump = open_pump(self._parts, self._bot)
        self._opening = asyncio.create_task(self._introduce(self._bot))

    async def receive(self, update: Any) -> None:
        """Keep an update.

        Raises:
            RequestInvalid: it is no update.
            StoreError: it is not kept, or the bot does not know itself yet; Telegram is to send it again.
        """
        if self._bot is None or self._pump is None or self._opening is None or not self._opening.done():
            raise StoreError("Telegram 机器人还没有准备好", hint="稍后会自动重试")
        try:
            read = Update.de_json(update, self._bot)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise RequestInvalid("这不是 Telegram 的更新") from exc
        inbound = read_safely(read, self._bot)
        if inbound is not None:
            await self._pump.receive([inbound])

    async def recover(self) -> None:
        """Take up what a former process left, once the bot is known."""
        if self._pump is not None and self._opening is not None and self._opening.done():
            await self._pump.recover(_LEFT_ALONE)

    async def close(self) -> None:
        """End what is under way; the webhook stays, so that updates wait for the next start."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._pump is not None:
            await self._pump.close()
        if self._bot is not None:
            await self._bot.shutdown()

    async def _introduce(self, bot: Bot) -> None:
        n_failed = 0
        while True:
            try:
                await bot.initialize()
                await bot.set_webhook(
                    self._address, secret_token=self._secret, allowed_updates=ALLOWED_UPDATES
                )
                await introduce(bot)
                return
            except InvalidToken:
                logger.error("Telegram 不认这个机器人令牌；核对 TIAOWEN_TELEGRAM__TOKEN 后重启服务")
                await asyncio.Event().wait()
            except TelegramError as exc:
                pause = PAUSES_SECONDS[min(n_failed, len(PAUSES_SECONDS) - 1)]
                n_failed += 1
                logger.warning("telegram cannot be told the webhook, again in %g s: %s", pause, exc.message)
                await asyncio.sleep(pause)
