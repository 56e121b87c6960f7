"""Messengers that are answered in the reply to their callback, which they wait for five seconds.

What is ready by then is the reply; what does not fit into it, or comes later, is written afterwards, or where the account
may not do that, is kept to be read on. A callback that comes again gets the reply that it had, for only a messenger that
has not heard it asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assistant.store.channels import ChannelStore, Outcome
from assistant.surfaces.channels.desk import Desk, Handled
from assistant.surfaces.channels.protocol import Inbound, Transport
from assistant.surfaces.channels.pump import Pump, PumpHooks
from assistant.surfaces.web.texts import load_texts

REPLY_SECONDS = 4.0
"""So long a reply is waited for; the fifth second is for the way."""
_LEFT_ALONE = timedelta(seconds=60)
"""What has lain so long was left by a process that is gone; what is younger may be another's."""


@dataclass(slots=True)
class _Ticket:
    """A callback that is waiting for its reply.

    Attributes:
        is_taken: the reply is being kept, and will be given.
        is_late: nobody waits any more.
    """

    reply: asyncio.Future[str]
    is_taken: bool = False
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class PassiveParts:
    """What answering needs.

    Attributes:
        can_write: whether the account may write by itself.
        seconds: how long a reply is waited for.
    """

    desk: Desk
    transport: Transport
    find_store: Callable[[], ChannelStore]
    now: Callable[[], datetime]
    can_write: bool
    seconds: float = REPLY_SECONDS


class Passive:
    """Replies of one account; lives in one event loop."""

    def __init__(self, parts: PassiveParts) -> None:
        self._parts = parts
        self._tickets: dict[str, _Ticket] = {}
        hooks = PumpHooks(divide=self._divide, on_finished=self._end)
        self.pump = Pump(parts.desk, parts.transport, parts.find_store, parts.now, hooks)

    async def reply(self, inbound: Inbound) -> str:
        """The reply to a message; empty for none.

        Raises:
            StoreError: the message is not kept; the messenger is to send it again.
        """
        ticket = self._tickets.get(inbound.key)
        if ticket is None:
            ticket = _Ticket(asyncio.get_running_loop().create_future())
            self._tickets[inbound.key] = ticket
            try:
                await self._begin(inbound, ticket)
            except BaseException:
                self._tickets.pop(inbound.key, None)
                raise
        return await self._wait(ticket)

    async def recover(self) -> None:
        """Take up what a former process left."""
        await self.pump.recover(_LEFT_ALONE)

    async def _begin(self, inbound: Inbound, ticket: _Ticket) -> None:
        await self.pump.receive([inbound])
        kept = await self.pump.find(inbound.key)
        if kept is not None and kept.is_done:
            self._settle(inbound.key, ticket, kept.reply)
        else:
            self.pump.wake(inbound.chat)

    async def _wait(self, ticket: _Ticket) -> str:
        try:
            return await asyncio.wait_for(asyncio.shield(ticket.reply), self._parts.seconds)
        except TimeoutError:
            if ticket.is_taken:
                return await ticket.reply
            ticket.is_late = True
            return "" if self._parts.can_write else str(self._words["working"])

    @property
    def _words(self) -> dict[str, Any]:
        words: dict[str, Any] = load_texts()["channels"]["plain"]
        return words

    def _divide(self, inbound: Inbound, handled: Handled) -> Outcome:
        """The first message is the reply while somebody waits for it; the rest is sent, or kept to be read on."""
        messages = list(handled.messages)
        ticket = self._tickets.get(inbound.key)
        reply = ""
        if ticket is not None and not ticket.is_late and messages:
            ticket.is_taken = True
            reply = messages.pop(0).text
        if self._parts.can_write:
            return Outcome(handled.state.write(), [message.write() for message in messages], reply)
        rest = tuple(message.text for message in messages)
        if rest and reply:
            reply = f"{reply}\n{self._words['more'].format(len(rest))}"
        kept = handled.state.model_copy(update={"rest": rest}) if rest else handled.state
        return Outcome(kept.write(), (), reply)

    def _end(self, inbound: Inbound, reply: str) -> None:
        if ticket := self._tickets.get(inbound.key):
            self._settle(inbound.key, ticket, reply)

    def _settle(self, key: str, ticket: _Ticket, reply: str) -> None:
        self._tickets.pop(key, None)
        if not ticket.reply.done():
            ticket.reply.set_result(reply)
