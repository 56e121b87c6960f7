"""The bot by polling: updates are asked for, kept, and only then confirmed to Telegram by asking for the next.

Two programs cannot poll with one token. On one machine the second does not start; elsewhere Telegram refuses one of
them, which says so and ends when that goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telegram import Bot, BotCommand, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from assistant.config import TelegramSettings
from assistant.errors import ConfigError, ModelError, StoreError, TiaowenError
from assistant.surfaces.channels.desk import Desk
from assistant.surfaces.channels.manner import Clock, Manner
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.channels.protocol import Inbound
from assistant.surfaces.channels.pump import PAUSES_SECONDS, Pump, PumpHooks
from assistant.surfaces.messages import TelegramForm
from assistant.surfaces.telegram.read import ALLOWED_UPDATES, read_update
from assistant.surfaces.telegram.send import TelegramTransport, open_bot, unknown_token
from assistant.surfaces.watching.questions import unwatched
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from assistant.app import Assistant

logger = logging.getLogger(__name__)

CHANNEL = "telegram"
POLL_SECONDS = 25
N_WORKERS = 2
_ROOM_SECONDS = 10  # beyond the poll, for the answer itself


@dataclass(frozen=True, slots=True)
class BotParts:
    """What a bot is made of.

    Attributes:
        reader: address of this server for links to the reader; None for no links.
        conflict_seconds: how long another program may poll with the same token before this one ends.
    """

    assistant_source: Callable[[], Assistant]
    settings: TelegramSettings
    pace: Pace
    clock: Clock = field(default_factory=Clock)
    reader: str | None = None
    conflict_seconds: float = 30.0
    watch: Callable[[str], AbstractContextManager[None]] = unwatched


def open_pump(parts: BotParts, bot: Bot, hooks: PumpHooks | None = None) -> Pump:
    """What moves the messages of a bot."""
    manner = Manner(CHANNEL, TelegramForm(), has_buttons=True, reader=parts.reader)
    desk = Desk(parts.assistant_source, manner, parts.clock, parts.pace, parts.watch)
    return Pump(
        desk,
        TelegramTransport(bot),
        lambda: parts.assistant_source().store.channels,
        parts.clock.now,
        hooks,
    )


async def introduce(bot: Bot) -> None:
    """Tell Telegram the commands for its menu; where that fails the bot works without."""
    menu: dict[str, str] = load_texts()["channels"]["menu"]
    with contextlib.suppress(TelegramError):
        await bot.set_my_commands([BotCommand(name, told) for name, told in menu.items()])


class Poller:
    """Asks for updates until it is told to stop."""

    def __init__(self, bot: Bot, pump: Pump, conflict_seconds: float) -> None:
        self._bot = bot
        self._pump = pump
        self._conflict_seconds = conflict_seconds
        self._offset: int | None = None
        self._n_failed = 0
        self._conflict_since: float | None = None

    async def run(self) -> None:
        """Poll for ever.

        Raises:
            ConfigError: Telegram does not know the token, or another program polls with it.
        """
        while True:
            pause = await self._poll_once()
            if pause:
                await asyncio.sleep(pause)

    async def _poll_once(self) -> float:
        """Ask once, and keep what came; returns the seconds to wait before asking again."""
        try:
            updates = await self._bot.get_updates(
                self._offset,
                timeout=POLL_SECONDS,
                read_timeout=_ROOM_SECONDS,
                allowed_updates=ALLOWED_UPDATES,
            )
            await self._keep(updates)
        except InvalidToken as exc:
            raise unknown_token() from exc
        except Conflict as exc:
            return self._meet_conflict(exc)
        except RetryAfter as exc:
            return _seconds(exc)
        except StoreError as exc:
            return self._fail(exc.message)
        except TelegramError as exc:
            return self._fail(exc.message)
        self._n_failed, self._conflict_since = 0, None
        return 0.0

    async def _keep(self, updates: Sequence[Update]) -> None:
        """Keep updates; from then on Telegram may forget them, which the next call tells it."""
        inbound = [read for update in updates if (read := read_safely(update, self._bot)) is not None]
        if inbound:
            await self._pump.receive(inbound)
        if updates:
            self._offset = max(update.update_id for update in updates) + 1

    def _fail(self, reason: str) -> float:
        pause = PAUSES_SECONDS[min(self._n_failed, len(PAUSES_SECONDS) - 1)]
        self._n_failed += 1
        logger.warning("telegram polling fails, tried again in %g s: %s", pause, reason)
        return pause

    def _meet_conflict(self, exc: Conflict) -> float:
        now = time.monotonic()
        if self._conflict_since is None:
            self._conflict_since = now
            logger.warning("另一个程序正在用同一个 Telegram 令牌接收消息：%s", exc.message)
        elif now - self._conflict_since >= self._conflict_seconds:
            raise ConfigError(
                "另一个程序正在用同一个 Telegram 令牌接收消息",
                hint="只留一个机器人在运行；如果令牌可能已泄露，请向 @BotFather 换新的",
            ) from exc
        return min(2.0, self._conflict_seconds / 4)


def _seconds(exc: RetryAfter) -> float:
    wait = exc.retry_after
    return float(wait if isinstance(wait, int | float) else wait.total_seconds())


def read_safely(update: Update, bot: Bot) -> Inbound | None:
    """What came in; an update that we cannot read is logged and left, or it would come again for ever."""
    try:
        return read_update(update, bot.bot)
    except Exception:
        logger.exception("an update cannot be read")
        return None


async def serve_polling(parts: BotParts, stop: asyncio.Event) -> None:
    """Serve chats until `stop` is set.

    Raises:
        ConfigError, ModelError: as `run_bot`; telegram's own errors come from the first calls.
    """
    loop = asyncio.get_running_loop()
    # Answers are computed, not waited for: more threads than this only cost memory.
    loop.set_default_executor(ThreadPoolExecutor(N_WORKERS, thread_name_prefix="bot"))
    ended: asyncio.Future[None] = loop.create_future()

    def end(exc: TiaowenError) -> None:
        if not ended.done():
            ended.set_exception(exc)

    bot = open_bot(parts.settings)
    async with bot:
        await bot.delete_webhook()
        await introduce(bot)
        pump = open_pump(parts, bot, PumpHooks(on_fault=end))
        await pump.recover()
        polling = asyncio.create_task(Poller(bot, pump, parts.conflict_seconds).run())
        stopping = asyncio.create_task(stop.wait())
        try:
            waiting: set[asyncio.Future[Any]] = {polling, stopping, ended}
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (polling, stopping):
                task.cancel()
            await asyncio.gather(polling, stopping, return_exceptions=True)
            ended.cancel()
            await pump.close()


@contextmanager
def hold_lock(settings: TelegramSettings, folder: Path) -> Iterator[None]:
    """Keep other programs on this machine from serving the same bot; the end of this one, however it comes, frees it.

    Raises:
        ConfigError: another one does.
    """
    from filelock import FileLock, Timeout

    token = settings.token.get_secret_value() if settings.token else ""
    number = "".join(c for c in token.partition(":")[0] if c.isdigit()) or "0"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"telegram-{number}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise ConfigError(
            "这台机器上已经有一个条问在运行这个 Telegram 机器人",
            hint="先停止正在运行的那一个；轮询（tiaowen bot telegram）和 Webhook（tiaowen serve）只能用一种",
        ) from exc
    try:
        yield
    finally:
        lock.release()


def run_bot(parts: BotParts) -> None:
    """Poll until the process is told to end.

    Raises:
        ConfigError: there is no token, Telegram does not know it, or another program polls with it.
        ModelError: Telegram cannot be reached.
    """
    with map_telegram_errors():
        asyncio.run(_serve_until_signal(parts))


async def _serve_until_signal(parts: BotParts) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not on Windows
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await serve_polling(parts, stop)


@contextmanager
def map_telegram_errors() -> Iterator[None]:
    """Turn what the first calls raise into what the operator must repair; the token never stands in it."""
    try:
        yield
    except InvalidToken as exc:
        raise unknown_token() from exc
    except NetworkError as exc:
        raise ModelError(
            f"连不上 Telegram：{exc}", hint="检查网络和 TIAOWEN_TELEGRAM__BASE_URL，稍后重试"
        ) from exc
    except TelegramError as exc:
        raise ModelError(f"Telegram 拒绝了请求：{exc}", hint="稍后重试，并检查机器人设置") from exc
