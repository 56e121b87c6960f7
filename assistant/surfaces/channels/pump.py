"""Moves messages: what has come in is dealt with, what follows is sent; each chat in its order, chats beside each other.

Nothing is lost: a message is kept before its messenger is told so, and what follows is kept in the transaction that ends
it. Nothing is said twice: what is on its way when the process ends, or the connection does, is not sent again by itself,
for it may have arrived; the chat is offered to have it sent. What surely did not arrive is sent until it does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
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
MOST_AT_ONCE = 4
"""Messages that are dealt with at the same time."""
MOST_NOTICES = 5
"""How often a notice is tried whose arrival is doubtful."""
KEPT = timedelta(days=7)
"""How long what was dealt with is remembered: longer than any messenger delivers it again."""


class Pump:
    """Moves the messages of one messenger; lives in one event loop.

    Args:
        channel: name of the messenger.
        find_store: opens what is kept; may raise StoreError, which is tried again.
        now: the moment.
        on_fault: told what ends everything, such as a token that is no longer known.
    """

    def __init__(
        self,
        channel: str,
        desk: Desk,
        transport: Transport,
        find_store: Callable[[], ChannelStore],
        now: Callable[[], datetime],
        on_fault: Callable[[TiaowenError], None] | None = None,
    ) -> None:
        self._channel = channel
        self._desk = desk
        self._transport = transport
        self._find_store = find_store
        self._now = now
        self._on_fault = on_fault or (lambda exc: logger.error("%s: %s", channel, exc.message))
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._signs: set[asyncio.Task[None]] = set()

    async def receive(self, messages: Sequence[Inbound]) -> None:
        """Keep messages, and begin to work on those that are new.

        Raises:
            StoreError: they are not kept; the messenger must not be told that they are.
        """
        incoming = [Incoming(m.key, m.chat, m.write()) for m in messages]
        fresh = set(await self._run(lambda store: store.receive(self._channel, incoming, self._now())))
        for message in messages:
            if message.key in fresh:
                self._show_begun(message)
                self.wake(message.chat)

    async def recover(self, age: timedelta = timedelta()) -> None:
        """Take up what a former process left: what has lain for longer than `age`."""
        before = self._now() - age
        for outgoing in await self._insist(lambda store: store.list_interrupted(self._channel, before)):
            await self._doubt(outgoing)
        for chat in await self._insist(lambda store: store.list_busy_chats(self._channel, before)):
            self.wake(chat)
        await self._insist(lambda store: store.prune(self._channel, self._now() - KEPT))

    def wake(self, chat: str) -> None:
        """See to a chat; one that is being seen to is looked through once more afterwards."""
        if chat in self._tasks:
            self._again.add(chat)
            return
        task = asyncio.create_task(self._see_to(chat))
        self._tasks[chat] = task
        task.add_done_callback(lambda done: self._end(chat, done))

    async def close(self, patience: float = 5.0) -> None:
        """Let what is under way come to its end, for so many seconds; what does not is taken up next time."""
        tasks = [*self._tasks.values(), *self._signs]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _end(self, chat: str, task: asyncio.Task[None]) -> None:
        self._tasks.pop(chat, None)
        is_wanted = chat in self._again
        self._again.discard(chat)
        if task.cancelled():
            return
        fault = task.exception()
        if isinstance(fault, TiaowenError):
            self._on_fault(fault)
        elif fault is not None:
            logger.error("%s: a chat was left", self._channel, exc_info=fault)
        elif is_wanted:
            self.wake(chat)

    async def _see_to(self, chat: str) -> None:
        while True:
            await self._send_waiting(chat)
            received = await self._insist(lambda store: store.next_received(self._channel, chat))
            if received is None:
                return
            await self.deal_with(received)

    async def deal_with(self, received: Received) -> Handled | None:
        """Deal with one message and keep what follows; None where another process did."""
        inbound = Inbound.read(received.body)
        handled = await self.handle(inbound)
        messages = [message.write() for message in handled.messages]
        outcome = Outcome(handled.state.write(), messages)
        is_ours = await self.finish(received, outcome)
        if inbound.press_id:
            self._start_sign(self._transport.acknowledge(inbound, handled.note))
        return handled if is_ours else None

    async def handle(self, inbound: Inbound) -> Handled:
        """What follows from a message."""
        kept = await self._insist(lambda store: store.find_state(self._channel, inbound.chat))
        async with self._room:
            handled = await asyncio.to_thread(self._desk.handle, inbound, kept)
        if handled.resend is None:
            return handled
        number = handled.resend or None
        is_sent = await self._insist(
            lambda store: store.send_again(self._channel, inbound.chat, number, self._now())
        )
        return handled if is_sent else self._desk.deny_resend(handled)

    async def finish(self, received: Received, outcome: Outcome) -> bool:
        """End a message; False where another process did."""
        return await self._insist(lambda store: store.finish(self._channel, received, outcome, self._now()))

    # -- sending ---------------------------------------------------------------------------------------

    async def _send_waiting(self, chat: str) -> None:
        n_failed = 0
        while True:
            outgoing = await self._insist(lambda store: store.take_outgoing(self._channel, chat, self._now()))
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
            logger.warning("%s: a chat takes no messages: %s", self._channel, exc)
            await self._settle(outgoing, "dropped")
            return None
        except Doubtful as exc:
            if not message.is_notice:
                logger.warning("%s: a message may not have arrived: %s", self._channel, exc)
                await self._doubt(outgoing)
                return None
            is_over = n_failed + 1 >= MOST_NOTICES
            await self._settle(outgoing, "dropped" if is_over else "waiting")
            return None if is_over else pause
        except Undelivered as exc:
            logger.warning("%s cannot be reached, tried again in %g s: %s", self._channel, pause, exc)
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
        await self._insist(lambda store: store.doubt(self._channel, outgoing, notice, self._now()))

    # -- small things ----------------------------------------------------------------------------------

    def _show_begun(self, inbound: Inbound) -> None:
        self._start_sign(self._transport.begin(inbound))

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
                logger.error("%s waits %g s for the store: %s", self._channel, pause, exc.message)
                n_failed += 1
                await asyncio.sleep(pause)
