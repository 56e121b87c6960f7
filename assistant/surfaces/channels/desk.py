"""What follows from a message: the chat's new state, the messages to send, a note for a press. Nothing is sent here.

The same for every messenger; what differs is the form of an answer and whether there are buttons.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.errors import RequestInvalid, TiaowenError
from assistant.surfaces.channels import presses
from assistant.surfaces.channels.clauses import ClauseNames
from assistant.surfaces.channels.commands import Command, read_command
from assistant.surfaces.channels.guide import STOP, press_step, read_entry, take_step
from assistant.surfaces.channels.manner import Clock, Manner
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.channels.protocol import Inbound, Outbound
from assistant.surfaces.channels.state import ChatState, GuideState, read_state
from assistant.surfaces.channels.telling import Teller
from assistant.surfaces.inbound import build_question
from assistant.surfaces.watching.questions import unwatched

if TYPE_CHECKING:
    from assistant.app import Assistant

logger = logging.getLogger(__name__)

_SHORT_CHAT = re.compile(r"-?\d{1,20}")
_ASKS = ("?", "？")


@dataclass(frozen=True, slots=True)
class Handled:
    """What follows from a message.

    Attributes:
        note: shown to whoever pressed a button.
        resend: a message that is to be sent after all, though it may have arrived; 0 for all there are.
    """

    state: ChatState
    messages: tuple[Outbound, ...] = ()
    note: str = ""
    resend: int | None = None


class Desk:
    """Handles the messages of one messenger, `channel`; safe to share between threads."""

    def __init__(
        self,
        assistant_source: Callable[[], Assistant],
        manner: Manner,
        clock: Clock,
        pace: Pace,
        watch: Callable[[str], AbstractContextManager[None]] = unwatched,
    ) -> None:
        self._watch = watch
        self._source = assistant_source
        self.channel = manner.channel
        self._has_buttons = manner.has_buttons
        self._clock = clock
        self._pace = pace
        self._names = ClauseNames()
        self._teller = Teller(manner)
        self._say = self._teller.say

    def handle(self, inbound: Inbound, kept: str) -> Handled:
        """Say what follows from a message; whatever goes wrong is told in the chat, and logged once.

        Args:
            kept: the state of the chat as it is kept.
        """
        state = read_state(kept)
        if not state.token:
            state = state.model_copy(update={"token": self._clock.new_token()})
        wait = self._pace.count(f"{self.channel}.{inbound.chat}")
        if wait is not None:
            text = self._teller.words["busy"].format(wait)
            is_press = inbound.kind == "press"
            said = self._say(text) if wait and not is_press else ()
            return self._address(Handled(state, said, text if is_press and wait else ""), inbound)
        try:
            handled = self._handle(inbound, state)
        except RequestInvalid as exc:
            handled = Handled(state, self._say("\n".join(filter(None, [exc.message, exc.hint]))))
        except TiaowenError as exc:
            logger.error("%s: %s", self.channel, exc.message)
            handled = Handled(state, self._say(self._teller.words["unready"]))
        except Exception:
            logger.exception("%s: a message could not be dealt with", self.channel)
            handled = Handled(state, self._say(self._teller.words["failed"]))
        return self._address(handled, inbound)

    def notice_doubt(self, outgoing_id: int, thread: str) -> Outbound:
        """What a chat is told where a message may not have arrived."""
        return replace(self._teller.notice_doubt(outgoing_id), thread=thread)

    def deny_resend(self, handled: Handled) -> Handled:
        """What is said where there is nothing to send again."""
        if self._has_buttons:
            return replace(handled, note=self._teller.words["doubt"]["over"])
        return replace(handled, messages=self._say(self._teller.words["plain"]["nothing_again"]))

    def session_of(self, chat: str, token: str) -> str:
        """The name of a conversation; what messengers call people does not stand in it."""
        name = chat if _SHORT_CHAT.fullmatch(chat) else hashlib.sha256(chat.encode()).hexdigest()[:16]
        return f"{self.channel}.{name}.{token}"

    def _address(self, handled: Handled, inbound: Inbound) -> Handled:
        messages = handled.messages
        if inbound.reply_to or inbound.thread:
            messages = tuple(replace(m, thread=inbound.thread) for m in messages)
        if inbound.reply_to and messages:
            messages = (replace(messages[0], reply_to=inbound.reply_to), *messages[1:])
        return replace(handled, messages=messages)

    def _handle(self, inbound: Inbound, state: ChatState) -> Handled:
        if inbound.kind == "press":
            return self._press(inbound, state)
        if inbound.kind == "start":
            return self._start(state)
        if inbound.kind == "other":
            return Handled(state, self._say(self._teller.words["other"]))
        if not inbound.text.strip():
            return Handled(state, self._say(self._teller.words["empty"]))
        if inbound.kind in ("captioned", "heard"):
            told = (
                self._teller.words["caption"] if inbound.kind == "captioned" else self._teller.words["voice"]
            )
            handled = self._ask(inbound.chat, inbound.text, state)
            return replace(handled, messages=(*self._say(told.format(inbound.text)), *handled.messages))
        command = read_command(inbound.text, has_buttons=self._has_buttons)
        if command is not None:
            return self._obey(command, inbound.chat, state)
        if state.guide is None:
            return self._ask(inbound.chat, inbound.text, state)
        if not inbound.text.strip().endswith(_ASKS):
            return self._enter(state, state.guide, inbound.text)
        asked = self._ask(inbound.chat, inbound.text, state)
        step = self._go_on(asked.state, state.guide)
        return replace(step, messages=(*asked.messages, *step.messages))

    # -- questions -------------------------------------------------------------------------------------

    def _ask(self, chat: str, text: str, state: ChatState) -> Handled:
        session = self.session_of(chat, state.token)
        question = build_question(text, as_of=self._clock.today(), region=state.region, session_id=session)
        with self._watch(self.channel):
            answer = self._source().ask(question)
        told = self._teller.tell_answer(answer, state.token)
        kept = {
            "answer_id": answer.id,
            "clauses": tuple(c.clause_id for c in answer.citations),
            "quick": told.quick,
            "rest": (),
        }
        return Handled(state.model_copy(update=kept), told.messages)

    # -- commands --------------------------------------------------------------------------------------

    def _obey(self, command: Command, chat: str, state: ChatState) -> Handled:
        state = state.model_copy(update={"guide": None})
        match command.name:
            case "start":
                return self._start(state)
            case "help":
                return Handled(state, self._say(self._teller.say_help()))
            case "new":
                return self._start_anew(state)
            case "region":
                return self._choose_region(state, command.rest)
            case "check":
                return self._ask(chat, command.rest, state) if command.rest else self._begin_check(state)
            case "sources":
                return Handled(state, self._say(self._teller.list_sources(self._source())))
            case "clause":
                return self._show_numbered(state, command.rest)
            case "up" | "down":
                return self._vote_last(chat, state, command.name)
            case "more":
                return self._read_on(state)
            case "again":
                return Handled(state, resend=0)
        return Handled(state, self._say(self._teller.words["unknown_command"]))

    def _start(self, state: ChatState) -> Handled:
        return Handled(state, self._say(self._teller.words["start"].format(self._teller.say_help())))

    def _start_anew(self, state: ChatState) -> Handled:
        place = self._teller.words["still_in"].format(state.region) if state.region else ""
        anew = ChatState(token=self._clock.new_token(), region=state.region)
        return Handled(anew, self._say(self._teller.words["began_anew"].format(place)))

    def _choose_region(self, state: ChatState, name: str) -> Handled:
        words = self._teller.words["region"]
        if not name:
            told = self._teller.plain["region_now"] if self._teller.plain else words["now"]
            text = told.format(state.region or words["everywhere"])
            return Handled(state, self._say(text, self._teller.offer_regions(self._source())))
        if name in words["all_words"]:
            # A conversation remembers its place, so only a new one has none.
            return Handled(ChatState(token=self._clock.new_token()), self._say(words["cleared"]))
        region = self._source().regions.resolve(name)
        if region is None:
            told = self._teller.plain["region_unknown"] if self._teller.plain else words["unknown"]
            return Handled(state, self._say(told.format(name)))
        chosen = state.model_copy(update={"region": region.name})
        return Handled(chosen, self._say(words["chosen"].format(region.name)))

    def _read_on(self, state: ChatState) -> Handled:
        if not state.rest:
            return Handled(state, self._say(self._teller.words["plain"]["no_more"]))
        rest = tuple(Outbound(text) for text in state.rest)
        return Handled(state.model_copy(update={"rest": ()}), rest)

    # -- a check step by step --------------------------------------------------------------------------

    def _begin_check(self, state: ChatState) -> Handled:
        words, plain = self._teller.words["check"], self._teller.plain
        lines = [plain["check_begin"] if plain else words["begin"]]
        if not state.region:
            lines.append(plain["check_region_hint"] if plain else words["region_hint"])
        handled = self._go_on(state, GuideState())
        return replace(handled, messages=(*self._say("\n".join(lines)), *handled.messages))

    def _enter(self, state: ChatState, guide: GuideState, text: str) -> Handled:
        if text.strip() in self._teller.words["stop_words"]:
            return self._end_check(state, guide)
        assistant = self._source()
        try:
            told = read_entry(assistant, guide, text, self._clock.today())
            return self._go_on(state, told)
        except RequestInvalid as exc:
            again = self._say(self._teller.words["check"]["again"].format(exc.message))
            return Handled(state, again)

    def _go_on(self, state: ChatState, guide: GuideState) -> Handled:
        step = take_step(self._source(), guide, state.region, self._clock.today())
        if step.ask is None:
            return self._end_check(state, guide)
        kept = state.model_copy(update={"guide": step.guide})
        return Handled(kept, self._teller.tell_step(step))

    def _end_check(self, state: ChatState, guide: GuideState) -> Handled:
        step = take_step(self._source(), guide, state.region, self._clock.today())
        told = self._teller.tell_answer(step.answer)
        kept = {"guide": None, "clauses": tuple(c.clause_id for c in step.answer.citations), "rest": ()}
        head = self._say(self._teller.words["check"]["done"])
        return Handled(state.model_copy(update=kept), (*head, *told.messages))

    # -- clauses and votes -----------------------------------------------------------------------------

    def _show_numbered(self, state: ChatState, number: str) -> Handled:
        if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= len(state.clauses):
            return Handled(state, self._say(self._teller.words["clause"]["none"]))
        return self._show_clause(state, state.clauses[int(number) - 1])

    def _show_clause(self, state: ChatState, clause_id: str | None) -> Handled:
        return Handled(state, self._teller.tell_clause(self._source(), clause_id))

    def _vote_last(self, chat: str, state: ChatState, vote: str) -> Handled:
        if not state.answer_id:
            return Handled(state, self._say(self._teller.words["plain"]["no_answer"]))
        note = self._vote(chat, state.token, state.answer_id, vote)
        return Handled(state, self._say(note))

    def _vote(self, chat: str, token: str, answer_id: str, vote: str) -> str:
        from assistant.store.feedback import Feedback

        words = self._teller.words["feedback"]
        given = Feedback(
            session_id=self.session_of(chat, token),
            answer_id=answer_id,
            vote="up" if vote == "up" else "down",
            reason="",
            comment="",
            created_at=self._clock.now(),
        )
        return str(words["thanks" if self._source().store.feedback.keep(given) else "unknown"])

    # -- buttons ---------------------------------------------------------------------------------------

    def _press(self, inbound: Inbound, state: ChatState) -> Handled:
        match presses.read_press(inbound.text):
            case presses.ShowClause(name):
                return self._show_clause(state, self._names.find(self._source(), name))
            case presses.Vote(vote, answer_id, token):
                return Handled(state, note=self._vote(inbound.chat, token, answer_id, vote))
            case presses.Place(code):
                everywhere = self._teller.words["region"]["all_words"][0]
                return self._choose_region(state, everywhere if code == "all" else code)
            case presses.BeginCheck():
                return self._begin_check(state)
            case presses.CheckStep(name, pressed):
                return self._press_step(state, name, pressed)
            case presses.Quick(answer_id, n):
                if answer_id != state.answer_id or n >= len(state.quick):
                    return Handled(state, note=self._teller.words["quick"]["over"])
                return self._ask(inbound.chat, state.quick[n], state)
            case presses.SendAgain(outgoing_id):
                return Handled(state, resend=outgoing_id)
        return Handled(state)

    def _press_step(self, state: ChatState, name: str, pressed: str) -> Handled:
        over = Handled(state, note=self._teller.words["check"]["over"])
        if state.guide is None:
            return over
        step = take_step(self._source(), state.guide, state.region, self._clock.today())
        if step.is_about(name) and pressed == STOP:
            return self._end_check(state, state.guide)
        guide = press_step(step, name, pressed)
        return self._go_on(state, guide) if guide else over
