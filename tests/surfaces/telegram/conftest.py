"""A stand-in of the Bot API and a bot that polls it, over real HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace

import pytest

from assistant.config import LimitSettings, StoreSettings, TelegramSettings
from assistant.surfaces.channels.manner import Clock
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.telegram.poll import BotParts, serve_polling
from assistant.surfaces.throttle import Throttle
from tests.standins.telegram_api import TOKEN, BotApi, serving
from tests.surfaces.conftest import TODAY


@pytest.fixture
def bot_api() -> Iterator[BotApi]:
    with serving() as server:
        yield server


@pytest.fixture
def make_parts(bot_api) -> Callable[..., BotParts]:
    """The parts of a bot; `rate` limits the messages of a chat."""

    def make(assistant, *, rate: str = "", token: str = TOKEN, **fields) -> BotParts:
        settings = TelegramSettings(token=token, base_url=bot_api.address)
        pace = Pace(Throttle(LimitSettings(chat=rate)))
        parts = BotParts(lambda: assistant, settings, pace, Clock(today=lambda: TODAY))
        return replace(parts, **fields)

    return make


@contextmanager
def running(parts: BotParts) -> Iterator[threading.Thread]:
    """A bot in a thread of its own; ends with the block, gracefully."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            loop.run_until_complete(serve_polling(parts, stop))
        except BaseException as exc:  # noqa: BLE001 - raised again in the test
            failures.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
    if failures:
        raise failures[0]


@pytest.fixture
def run_parts() -> Callable[..., object]:
    return running


@pytest.fixture
def bot(keeping, make_parts):
    """A bot of the scripted assistant, which keeps what it is told in a store of its own."""
    with running(make_parts(keeping)):
        yield keeping


@pytest.fixture
def real_bot(real_assistant, make_parts, tmp_path):
    """A bot over the shipped corpus, with a store of its own."""
    mine = copy(real_assistant)
    store = StoreSettings(url=f"sqlite:///{tmp_path / 'real.db'}")
    mine.settings = real_assistant.settings.model_copy(update={"store": store})
    with running(make_parts(mine)):
        yield mine
