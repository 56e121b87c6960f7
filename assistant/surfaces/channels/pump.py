"""Moves messages: what has come in is dealt with, what follows is sent; each chat in its order, chats beside each other.

Nothing is lost: a message is kept before its messenger is told so, and what follows is kept in the transaction that ends
it. Nothing is said twice: what is on its way when the process ends, or the connection does, is not sent again by itself,
for it may have arrived; the chat is offered to have it sent. What surely did not arrive is sent until it does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from assistant.errors import StoreError, TiaowenError
from assistant.store.channels import ChannelStore, Incoming, Outcome, Outgoing, Received, SendState
from assistant.surfaces.channels.desk import Desk, Handled
from assistant.surfaces.channels.protocol import (
    Busy,
    Doubtful,
    Inbound,
    Outbound,
    Rejected,
    Transport,
    Undelivered,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")

PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""Between attempts, the last for all later ones."""
MOST_AT_ONCE = 2
"""Messages that are dealt with at the same time."""
SIGN_SECONDS = 0.3
"""After so long a chat is shown that it is being worked on; most answers are there before."""
MOST_NOTICES = 5
"""How often a notice is tried whose arrival is doubtful."""
KEPT = timedelta(days=7)
"""How long what was dealt with is remembered: longer than any messenger delivers it again."""


def _send_all(_inbound: Inbound, handled: Handled) -> Outcome:
    return Outcome(handled.state.write(), [message.write() for message in handled.messages])


def _ignore(_inbound: Inbound, _reply: str) -> None:
    pass


def _log_fault(exc: TiaowenError) -> None:
    logger.error("%s", exc.message)


@dataclass(frozen=True, slots=True)
class PumpHooks:
    """What others have to say, or want to know.

    Attributes:
        on_fault: told what ends everything, such as a token that is no longer known.
        divide: what follows from a message; where it is answered at once, that is no message to send.
        on_finished: told the message that has ended, and what was answered at once.
    """

    on_fault: Callable[[TiaowenError], None] = _log_fault
    divide: Callable[[Inbound, Handled], Outcome] = _send_all
    on_finished: Callable[[Inbound, str], None] = _ignore


class Pump:
    """Moves the messages of one messenger; lives in one event loop.

    Args:
        find_store: opens what is kept; may raise StoreError, which is tried again.
        now: the moment.
    """

    def __init__(
        self,
        desk: Desk,
        transport: Transport,
        find_store: Callable[[], ChannelStore],
        now: Callable[[], datetime],
        hooks: PumpHooks | None = None,
    ) -> None:
        self.channel = desk.channel
        self._desk = desk
        self._transport = transport
        self._find_store = find_store
        self._now = now
        self._hooks = hooks or PumpHooks()
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._again: set[tuple[str, str]] = set()
        self._is_closing = False
        self._is_closed = False
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._signs: set[asyncio.Task[None]] = set()

    async def receive(self, messages: Sequence[Inbound]) -> None:
        """Keep messages, and begin to work on those that are new.

        Raises:
            StoreError: they are not kept; the messenger must not be told that they are.
        """
        incoming = [Incoming(m.key, m.chat, m.write()) for m in messages]
        fresh = set(await self._run(lambda store: store.receive(self.channel, incoming, self._now())))
        for message in messages:
            if message.key in fresh:
                self._start("in", message.chat, self._read_all)

    async def recover(self, age: timedelta = timedelta()) -> None:
        """Take up what a former process left: what has lain for longer than `age`."""
        before = self._now() - age
        for outgoing in await self._insist(lambda store: store.list_interrupted(self.channel, before)):
            await self._doubt(outgoing)
        for chat in await self._insist(lambda store: store.list_busy_chats(self.channel, before)):
            self.wake(chat)
        await self._insist(lambda store: store.prune(self.channel, self._now() - KEPT))

    def wake(self, chat: str) -> None:
        """See to a chat: to what has come in, and beside it to what goes out, which may have to wait."""
        self._start("in", chat, self._read_all)
        self._start("out", chat, self._send_all)

    def _start(self, way: str, chat: str, work: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Begin one way of a chat; where that is under way, it is looked through once more afterwards."""
        if self._is_closed or (self._is_closing and way == "in"):
            return
        if (way, chat) in self._tasks:
            self._again.add((way, chat))
            return
        task = asyncio.create_task(work(chat))
        self._tasks[way, chat] = task
        task.add_done_callback(lambda done: self._end(way, chat, work, done))

    async def close(self, patience: float = 5.0) -> None:
        """Let what is under way come to its end, for so many seconds; what does not is taken up next time."""
        self._is_closing = True
        clock = asyncio.get_running_loop().time
        deadline = clock() + patience
        while (tasks := [*self._tasks.values(), *self._signs]) and (rest := deadline - clock()) > 0:
            await asyncio.wait(tasks, timeout=rest)
            await asyncio.sleep(0)  # what was dealt with may have something to send
        self._is_closed = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(
        self, way: str, chat: str, work: Callable[[str], Coroutine[Any, Any, None]], task: asyncio.Task[None]
    ) -> None:
        self._tasks.pop((way, chat), None)
        is_wanted = (way, chat) in self._again
        self._again.discard((way, chat))
        if task.cancelled():
            return
        fault = task.exception()
        if isinstance(fault, TiaowenError):
            self._hooks.on_fault(fault)
        elif fault is not None:
            logger.error("%s: a chat was left", self.channel, exc_info=fault)
        elif is_wanted:
            self._start(way, chat, work)

    async def _read_all(self, chat: str) -> None:
        while not self._is_closing:
            received = await self._insist(lambda store: store.next_received(self.channel, chat))
            if received is None:
                return
            await self._deal_with(received)

    async def find(self, key: str) -> Received | None:
        """What is kept of a message."""
        return await self._run(lambda store: store.find_received(self.channel, key))

    async def _deal_with(self, received: Received) -> None:
        """Deal with one message and keep what follows; nothing is kept where another process did."""
        inbound = Inbound.read(received.body)
        begun = asyncio.get_running_loop().call_later(
            SIGN_SECONDS, lambda: self._start_sign(self._transport.begin(inbound))
        )
        try:
            handled = await self._handle(inbound)
        finally:
            begun.cancel()
        outcome = self._hooks.divide(inbound, handled)
        await self._insist(lambda store: store.finish(self.channel, received, outcome, self._now()))
        self._hooks.on_finished(inbound, outcome.reply)
        self._start("out", received.chat, self._send_all)
        if inbound.press_id:
            self._start_sign(self._transport.acknowledge(inbound, handled.note))

    async def _handle(self, inbound: Inbound) -> Handled:
        """What follows from a message."""
        kept = await self._insist(lambda store: store.find_state(self.channel, inbound.chat))
        async with self._room:
            handled = await asyncio.to_thread(self._desk.handle, inbound, kept)
        if handled.resend is None:
            return handled
        number = handled.resend or None
        is_sent = await self._insist(
            lambda store: store.send_again(self.channel, inbound.chat, number, self._now())
        )
        return handled if is_sent else self._desk.deny_resend(handled)

    # -- sending ---------------------------------------------------------------------------------------

    async def _send_all(self, chat: str) -> None:
        n_failed = 0
        while True:
            outgoing = await self._insist(lambda store: store.take_outgoing(self.channel, chat, self._now()))
            if outgoing is None:
                return
            wait = await self._send(outgoing, n_failed)
            n_failed = 0 if wait is None else n_failed + 1
            if wait:
                await asyncio.sleep(wait)

    async def _send(self, outgoing: Outgoing, n_failed: int) -> float | None:
        """Send one message; None where it is settled, else the seconds after which it is tried again."""
        message = Outbound.read(outgoing.body)
        pause = PAUSES_SECONDS[min(n_failed, len(PAUSES_SECONDS) - 1)]
        try:
            receipt = await self._transport.send(outgoing.chat, message)
        except Busy as exc:
            await self._settle(outgoing, "waiting")
            return exc.seconds
        except Rejected as exc:
            logger.warning("%s: a chat takes no messages: %s", self.channel, exc)
            await self._settle(outgoing, "dropped")
            return None
        except Doubtful as exc:
            if not message.is_notice:
                logger.warning("%s: a message may not have arrived: %s", self.channel, exc)
                await self._doubt(outgoing)
                return None
            is_over = n_failed + 1 >= MOST_NOTICES
            await self._settle(outgoing, "dropped" if is_over else "waiting")
            return None if is_over else pause
        except Undelivered as exc:
            logger.warning("%s cannot be reached, tried again in %g s: %s", self.channel, pause, exc)
            await self._settle(outgoing, "waiting")
            return pause
        except TiaowenError:
            await self._settle(outgoing, "waiting")
            raise
        await self._insist(lambda store: store.settle(outgoing, "sent", self._now(), receipt))
        return None

    async def _settle(self, outgoing: Outgoing, state: SendState) -> None:
        await self._insist(lambda store: store.settle(outgoing, state, self._now()))

    async def _doubt(self, outgoing: Outgoing) -> None:
        message = Outbound.read(outgoing.body)
        if message.is_notice:
            await self._settle(outgoing, "waiting")
            return
        notice = self._desk.notice_doubt(outgoing.id, message.thread).write()
        await self._insist(lambda store: store.doubt(self.channel, outgoing, notice, self._now()))

    # -- small things ----------------------------------------------------------------------------------

    def _start_sign(self, sign: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(sign)
        self._signs.add(task)
        task.add_done_callback(self._signs.discard)

    async def _run(self, work: Callable[[ChannelStore], T]) -> T:
        return await asyncio.to_thread(lambda: work(self._find_store()))

    async def _insist(self, work: Callable[[ChannelStore], T]) -> T:
        """Run `work` on the store; while that fails it is tried again, for nothing may be lost."""
        n_failed = 0
        while True:
            try:
                return await self._run(work)
            except StoreError as exc:
                pause = PAUSES_SECONDS[min(n_failed, len(PAUSES_SECONDS) - 1)]
                logger.error("%s waits %g s for the store: %s", self.channel, pause, exc.message)
                n_failed += 1
                await asyncio.sleep(pause)
