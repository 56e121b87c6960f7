"""The Telegram bot: text in, answer with citations out, by polling.

The assistant is synchronous, so each question is answered in a thread and the bot keeps listening.
The region a chat has chosen and the session of its conversation are kept in memory: losing them costs one `/region`,
and a conversation that begins anew. Questions of one chat are answered one after the other, as they came.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from telegram import Chat, LinkPreviewOptions, Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

from assistant.config import TelegramSettings
from assistant.errors import ConfigError, ModelError, TiaowenError
from assistant.surfaces.inbound import build_question, new_session
from assistant.surfaces.messages import answer_messages
from assistant.surfaces.schema import FOOTER

if TYPE_CHECKING:
    from assistant.app import Assistant

    BotApplication = Application[Any, Any, Any, Any, Any, Any]

logger = logging.getLogger(__name__)

ALL_REGIONS = ("全部", "全国各地", "all")
# How often one message is sent again when Telegram says to wait.
MAX_SENDS = 3
HELP = (
    "直接发一句话提问，例如：一个班最多能坐多少人？可以接着追问，例如：那河北呢？\n"
    "/new —— 新对话，不再接着上文\n"
    "/region 潢川县 —— 只按这个地区的规定回答\n"
    "/region 全部 —— 不限地区\n"
    "/help —— 显示本说明\n\n"
    f"每个结论都附条款和原文。{FOOTER}"
)
START = f"你好，这里是条问：职业培训政策逐条问答。\n\n{HELP}"


@dataclass(slots=True)
class ChatState:
    """What the bot knows of one chat.

    Attributes:
        session: of its conversation; of its own for each process, so that nobody finds an old one.
        region: the place it has chosen; None: everywhere.
        turn: held while a question is answered.
    """

    session: str
    region: str | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class TelegramBot:
    """Handlers of one bot.

    Args:
        assistant: who answers.
        today: the day questions are read at.
        new_token: tells the conversations of a chat apart; nobody must be able to guess it.
    """

    def __init__(
        self,
        assistant: Assistant,
        today: Callable[[], date] = date.today,
        new_token: Callable[[], str] = new_session,
    ) -> None:
        self._assistant = assistant
        self._today = today
        self._new_token = new_token
        self._state_by_chat: dict[int, ChatState] = {}

    def _find_state(self, chat: Chat) -> ChatState:
        if chat.id not in self._state_by_chat:
            self._state_by_chat[chat.id] = ChatState(self._new_session(chat))
        return self._state_by_chat[chat.id]

    def _new_session(self, chat: Chat) -> str:
        return f"telegram.{chat.id}.{self._new_token()}"

    async def start(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/start`."""
        await _reply(update, START)

    async def help(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/help`."""
        await _reply(update, HELP)

    async def start_anew(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/new`: later questions do not go on with earlier ones; the region stays."""
        if update.effective_chat is not None:
            state = self._find_state(update.effective_chat)
            state.session = self._new_session(update.effective_chat)
            place = f"，仍按{state.region}的规定回答" if state.region else ""
            await _reply(update, f"好的，新对话开始了{place}。请提问。")

    async def choose_region(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/region NAME`: the place later questions are about; without NAME, says which it is."""
        chat = update.effective_chat
        if chat is None:
            return
        state, name = self._find_state(chat), " ".join(context.args or [])
        if not name:
            current = state.region or "全部地区"
            await _reply(update, f"现在的地区：{current}。要换，发 /region 加地区名，如 /region 潢川县")
        elif name in ALL_REGIONS:
            # A conversation remembers its place, so only a new one has none.
            state.region, state.session = None, self._new_session(chat)
            await _reply(update, "好的，不限地区，从新对话开始。")
        elif (region := self._assistant.regions.resolve(name)) is None:
            await _reply(update, f"没有认出这个地区：{name}。请写全名，如 /region 河南省信阳市潢川县")
        else:
            state.region = region.name
            await _reply(update, f"好的，以后按{region.name}的规定回答。")

    async def answer(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Any other text: a question."""
        chat, message = update.effective_chat, update.effective_message
        if chat is None or message is None or not message.text:
            return
        state, text = self._find_state(chat), message.text
        # As they were when the message came: a `/new` sent after it may overtake it while it waits.
        region, session = state.region, state.session
        async with state.turn:
            with contextlib.suppress(TelegramError):  # the typing sign is a courtesy
                await chat.send_action(ChatAction.TYPING)
            try:
                question = build_question(text, as_of=self._today(), region=region, session_id=session)
                found = await asyncio.to_thread(self._assistant.ask, question)
            except TiaowenError as exc:
                await _reply(update, "\n".join(filter(None, [exc.message, exc.hint])))
                return
            for html in answer_messages(found):
                await _reply(update, html, parse_mode=ParseMode.HTML)

    async def on_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A bug, or Telegram refusing a message: logged once here; the chat gets one sentence."""
        logger.error("telegram update failed", exc_info=context.error)
        if isinstance(update, Update) and not isinstance(context.error, TelegramError):
            with contextlib.suppress(TelegramError):
                await _reply(update, "出错了，已记录。请稍后再试。")


async def _reply(update: Update, text: str, parse_mode: str | None = None) -> None:
    message = update.effective_message
    if message is None:
        return
    await _with_patience(
        lambda: message.reply_text(
            text, parse_mode=parse_mode, link_preview_options=LinkPreviewOptions(is_disabled=True)
        )
    )


async def _with_patience(send: Callable[[], Awaitable[Message]]) -> None:
    """Send, waiting as long as Telegram asks for when it is asked too often."""
    for n_sent in range(1, MAX_SENDS + 1):
        try:
            await send()
            return
        except RetryAfter as exc:
            if n_sent == MAX_SENDS:
                raise
            wait = exc.retry_after
            await asyncio.sleep(wait if isinstance(wait, int) else wait.total_seconds())


def build_application(
    assistant: Assistant, settings: TelegramSettings, today: Callable[[], date] = date.today
) -> BotApplication:
    """The bot, ready to be started.

    Raises:
        ConfigError: no token is set.
    """
    if settings.token is None:
        raise ConfigError(
            "没有设置 Telegram 机器人的令牌", hint="向 @BotFather 申请后设 TIAOWEN_TELEGRAM__TOKEN"
        )
    for name in (
        "httpx",
        "httpcore",
    ):  # they log addresses, and the address of every call holds the token
        logging.getLogger(name).setLevel(logging.WARNING)
    builder = Application.builder().token(settings.token.get_secret_value()).base_url(settings.base_url)
    application = builder.concurrent_updates(True).build()
    bot = TelegramBot(assistant, today)
    application.add_handler(CommandHandler("start", bot.start))
    application.add_handler(CommandHandler("help", bot.help))
    application.add_handler(CommandHandler("new", bot.start_anew))
    application.add_handler(CommandHandler("region", bot.choose_region))
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, bot.answer))
    application.add_error_handler(bot.on_error)
    return application


async def poll(application: BotApplication, stop: asyncio.Event) -> None:
    """Serve chats until `stop` is set."""
    updater = application.updater
    if updater is None:
        raise ConfigError("机器人没有轮询部件", hint="重新安装 python-telegram-bot")
    async with application:
        await application.start()
        try:
            await updater.start_polling(allowed_updates=[Update.MESSAGE], error_callback=_log_polling_error)
            await stop.wait()
        finally:
            if updater.running:
                await updater.stop()
            await application.stop()


def _log_polling_error(exc: TelegramError) -> None:
    logger.warning("telegram polling: %s", exc)


def run_bot(assistant: Assistant, settings: TelegramSettings) -> None:
    """Poll until the process is told to end.

    Raises:
        ConfigError: there is no token, or Telegram does not know it.
        ModelError: Telegram cannot be reached.
    """
    application = build_application(assistant, settings)

    async def serve() -> None:
        stop = asyncio.Event()
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not on Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await poll(application, stop)

    try:
        asyncio.run(serve())
    except InvalidToken as exc:
        raise ConfigError(
            "Telegram 不认这个机器人令牌",
            hint="核对 TIAOWEN_TELEGRAM__TOKEN，或向 @BotFather 重新申请",
        ) from exc
    except NetworkError as exc:
        raise ModelError(
            f"连不上 Telegram：{exc}", hint="检查网络和 TIAOWEN_TELEGRAM__BASE_URL，稍后重试"
        ) from exc
    except TelegramError as exc:
        raise ModelError(f"Telegram 拒绝了请求：{exc}", hint="稍后重试，并检查机器人设置") from exc
