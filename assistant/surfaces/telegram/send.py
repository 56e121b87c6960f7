"""A message of the channels → Telegram; what Telegram answers → how sending failed.

Telegram has no way to send a message once only, so it matters whether a failed call may have been carried out: a
connection that was never made, and every answer that refuses, surely did not send; one that broke off may have.
"""

from __future__ import annotations

import contextlib
import html
import logging
import re

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from assistant.config import TelegramSettings
from assistant.errors import ConfigError
from assistant.surfaces.channels.protocol import Busy, Doubtful, Inbound, Outbound, Rejected, Unreached

logger = logging.getLogger(__name__)

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_ANSWER_SECONDS = 30.0
"""How long Telegram may take to answer; what takes longer may have been carried out."""
_N_CONNECTIONS = 16
_TAG = re.compile(r"</?(?:b|i|blockquote)>")


def open_bot(settings: TelegramSettings) -> Bot:
    """The client of the Bot API; nothing is called yet.

    Raises:
        ConfigError: no token is set.
    """
    if settings.token is None:
        raise ConfigError(
            "没有设置 Telegram 机器人的令牌", hint="向 @BotFather 申请后设 TIAOWEN_TELEGRAM__TOKEN"
        )
    for name in ("httpx", "httpcore", "telegram"):
        # They log addresses, and the address of every call holds the token.
        logging.getLogger(name).setLevel(logging.WARNING)
    certificates = httpx.create_ssl_context()  # one for both clients: each costs megabytes
    request, poll_request = (
        HTTPXRequest(
            connection_pool_size=n,
            read_timeout=_ANSWER_SECONDS,
            pool_timeout=_ANSWER_SECONDS,
            httpx_kwargs={"verify": certificates},
        )
        for n in (_N_CONNECTIONS, 1)
    )
    try:
        return Bot(
            settings.token.get_secret_value(),
            base_url=settings.base_url,
            request=request,
            get_updates_request=poll_request,
        )
    except InvalidToken as exc:
        raise unknown_token() from exc


def unknown_token() -> ConfigError:
    """What is said where Telegram does not know the token."""
    return ConfigError(
        "Telegram 不认这个机器人令牌", hint="核对 TIAOWEN_TELEGRAM__TOKEN，或向 @BotFather 重新申请"
    )


class TelegramTransport:
    """Writes to chats of Telegram; see `channels.protocol.Transport`."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, chat: str, message: Outbound) -> str:
        """Send a message; one to a group that has become another goes there."""
        try:
            return await self._send(int(chat), message)
        except ChatMigrated as exc:
            return await self._send(exc.new_chat_id, message)

    async def _send(self, chat: int, message: Outbound) -> str:
        try:
            return await self._call(chat, message, is_html=True)
        except BadRequest as exc:
            if "parse entities" not in exc.message.lower():
                raise Rejected(exc.message) from exc
            logger.error("telegram cannot read a message of ours: %s", exc.message)
        try:
            return await self._call(chat, message, is_html=False)
        except BadRequest as exc:
            raise Rejected(exc.message) from exc

    async def _call(self, chat: int, message: Outbound, *, is_html: bool) -> str:
        text = message.text if is_html else html.unescape(_TAG.sub("", message.text))
        try:
            sent = await self._bot.send_message(
                chat,
                text,
                parse_mode=ParseMode.HTML if is_html else None,
                reply_markup=_keyboard(message),
                reply_parameters=_reply_to(message),
                message_thread_id=int(message.thread) if message.thread else None,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except RetryAfter as exc:
            wait = exc.retry_after
            seconds = wait if isinstance(wait, int | float) else wait.total_seconds()
            raise Busy(float(seconds)) from exc
        except InvalidToken as exc:
            raise unknown_token() from exc
        except Forbidden as exc:
            raise Rejected(exc.message) from exc
        except (BadRequest, ChatMigrated):
            raise
        except NetworkError as exc:
            if isinstance(exc.__cause__, _UNSENT):
                raise Unreached(exc.message) from exc
            raise Doubtful(exc.message) from exc
        except TelegramError as exc:
            raise Doubtful(exc.message) from exc
        return str(sent.message_id)

    async def begin(self, inbound: Inbound) -> None:
        """Show that somebody is typing: a courtesy, whose failure nobody misses."""
        with contextlib.suppress(TelegramError):
            thread = int(inbound.thread) if inbound.thread else None
            await self._bot.send_chat_action(int(inbound.chat), ChatAction.TYPING, message_thread_id=thread)

    async def acknowledge(self, inbound: Inbound, note: str) -> None:
        """Stop the waiting sign of a button, with a few words or none; an old press can no longer be answered."""
        with contextlib.suppress(TelegramError):
            await self._bot.answer_callback_query(inbound.press_id, text=note or None)


def _keyboard(message: Outbound) -> InlineKeyboardMarkup | None:
    if not message.buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.data) for b in row] for row in message.buttons]
    )


def _reply_to(message: Outbound) -> ReplyParameters | None:
    if not message.reply_to:
        return None
    # The message may have been deleted by now; the answer is sent all the same.
    return ReplyParameters(int(message.reply_to), allow_sending_without_reply=True)
