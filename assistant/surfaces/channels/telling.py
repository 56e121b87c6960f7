"""What is said in a chat, as messages with their buttons; where there are none, with the words to reply instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from assistant.models import Answer, Citation, DecisionAsk
from assistant.surfaces.channels import presses
from assistant.surfaces.channels.clauses import tell_clause
from assistant.surfaces.channels.guide import SKIP, STOP, TRUTHS, Step, choices_of, step_text
from assistant.surfaces.channels.manner import Manner
from assistant.surfaces.channels.pack import pack_answer, pack_text
from assistant.surfaces.channels.protocol import Button, Outbound, in_rows
from assistant.surfaces.schema import FOOTER, region_name
from assistant.surfaces.web.places import document_address
from assistant.surfaces.web.texts import load_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant.app import Assistant

Rows = tuple[tuple[Button, ...], ...]
MOST_REGIONS = 24
MOST_CLAUSES = 20
"""Regions, and clauses of one message, that are offered as buttons."""
LONGEST_LABEL = 40
"""Characters of a button."""


class Told(NamedTuple):
    """The messages of an answer, and what the quick replies below them stand for."""

    messages: tuple[Outbound, ...]
    quick: tuple[str, ...] = ()


class Teller:
    """Words for one messenger."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner

    @property
    def words(self) -> dict[str, Any]:
        """The texts."""
        words: dict[str, Any] = load_texts()["channels"]
        return words

    @property
    def plain(self) -> dict[str, Any] | None:
        """The texts where there are no buttons; None where there are."""
        return None if self._manner.has_buttons else self.words["plain"]

    def say(self, text: str, buttons: Rows = ()) -> tuple[Outbound, ...]:
        """A text of ours."""
        *first, last = [Outbound(part) for part in pack_text(text, self._manner.form)]
        return (*first, replace(last, buttons=buttons if self._manner.has_buttons else ()))

    def say_help(self) -> str:
        """How to use it."""
        return str((self.plain or self.words)["help"].format(FOOTER))

    def list_sources(self, assistant: Assistant) -> str:
        """The documents, with their addresses in the reader."""
        words = self.words["sources"]
        lines = [words["head"].format(len(assistant.corpus.documents))]
        for n, document in enumerate(assistant.corpus.documents, 1):
            place = region_name(assistant.regions, document.region)
            title = document.title.strip("《》")
            lines.append(words["row"].format(n=n, title=title, number=document.number, region=place))
            if self._manner.reader:
                lines.append(words["link"].format(self._manner.reader + document_address(document.id)))
        return "\n".join(lines)

    def offer_regions(self, assistant: Assistant) -> Rows:
        """The regions that have documents, to be chosen."""
        codes = sorted({document.region for document in assistant.corpus.documents})[:MOST_REGIONS]
        named = [Button(region_name(assistant.regions, c), presses.write_place(c)) for c in codes]
        return in_rows([Button(self.words["region"]["everywhere"], presses.write_place("all")), *named], 2)

    def tell_clause(self, assistant: Assistant, clause_id: str | None) -> tuple[Outbound, ...]:
        """A clause in full, or that there is none."""
        words, reader = self.words["clause"], self._manner.reader
        link = words["link"].replace("{}", f"{reader}{{}}") if reader else ""
        told = tell_clause(assistant, clause_id, link) if clause_id else None
        return self.say(told or words["gone"])

    def notice_doubt(self, outgoing_id: int) -> Outbound:
        """That a message may not have arrived, and how to have it sent again."""
        words = self.words["doubt"]
        button = Button(words["button"], presses.write_again(outgoing_id))
        (told,) = self.say(self.plain["doubt"] if self.plain else words["notice"], ((button,),))
        return replace(told, is_notice=True)

    def tell_answer(self, answer: Answer, token: str = "") -> Told:
        """An answer: each message with buttons for the clauses it cites, the last with what may follow.

        Args:
            token: of its conversation, for votes; empty for an answer that is not kept.
        """
        clippings = pack_answer(answer, self._manner.form)
        if self.plain:
            return Told(self._tell_plainly(answer, [clipping.text for clipping in clippings], token))
        by_number = {citation.n: citation for citation in answer.citations}
        offered: set[str] = set()
        messages = []
        for clipping in clippings:
            cited = [by_number[n] for n in clipping.numbers]
            messages.append(Outbound(clipping.text, self._offer_clauses(cited, offered)))
        quick = self._read_quick(answer) if token else ()
        rows = self._offer_more(answer, quick, token)
        messages[-1] = replace(messages[-1], buttons=(*messages[-1].buttons, *rows))
        return Told(tuple(messages), tuple(text for _, text in quick))

    def _tell_plainly(self, answer: Answer, texts: Sequence[str], token: str) -> tuple[Outbound, ...]:
        assert self.plain is not None
        lines = []
        if ask := self._first_choice(answer):
            shown = "、".join(shown for shown, _ in choices_of(ask))
            lines.append(self.plain["choices"].format(shown))
        if token:
            lines.append(self.plain["after_answer"])
        hint = self._manner.form.escape("\n".join(lines))
        *first, last = texts
        joined = f"{last}\n{hint}" if hint else last
        if self._manner.form.measure(joined) > self._manner.form.limit:
            return tuple(Outbound(text) for text in (*texts, hint))
        return tuple(Outbound(text) for text in (*first, joined))

    def _offer_clauses(self, citations: Iterable[Citation], offered: set[str]) -> Rows:
        """A button for each clause that has none yet."""
        buttons: list[Button] = []
        for citation in citations:
            if citation.clause_id in offered or len(buttons) >= MOST_CLAUSES:
                continue
            offered.add(citation.clause_id)
            label = self.words["clause"]["button"].format(n=citation.n, label=citation.clause)
            buttons.append(Button(label[:LONGEST_LABEL], presses.write_clause(citation.clause_id)))
        return in_rows(buttons, 1)

    def _offer_more(self, answer: Answer, quick: Sequence[tuple[str, str]], token: str) -> Rows:
        shown = [
            Button(label[:LONGEST_LABEL], presses.write_quick(answer.id, i))
            for i, (label, _) in enumerate(quick)
        ]
        rows: Rows = in_rows(shown, 2)
        if not token:
            return rows
        if answer.status == "needs_info" and answer.decision and answer.decision.ask:
            rows += ((Button(self.words["check"]["start"], presses.write_begin()),),)
        votes = tuple(
            Button(self.words["feedback"][vote], presses.write_vote(vote, answer.id, token))
            for vote in ("up", "down")
        )
        return (*rows, votes)

    def _read_quick(self, answer: Answer) -> tuple[tuple[str, str], ...]:
        """What the first question back may be replied with: as shown, and as said in the conversation."""
        ask = self._first_choice(answer)
        if ask is None:
            return ()
        pair = self.words["quick"]["pair"]
        return tuple((shown, pair.format(ask.label, shown)) for shown, _ in choices_of(ask))

    def _first_choice(self, answer: Answer) -> DecisionAsk | None:
        asks = answer.decision.ask if answer.decision and answer.status == "needs_info" else ()
        return asks[0] if asks and choices_of(asks[0]) else None

    def tell_step(self, step: Step) -> tuple[Outbound, ...]:
        """The question of a step; its choices, and what leads out."""
        ask = step.ask
        if ask is None:
            return ()
        text, choices = step_text(ask), choices_of(ask)
        if self.plain and choices:
            text += "\n" + self.plain["choices"].format("、".join(shown for shown, _ in choices))
        words = self.words["check"]
        buttons = [
            Button(s[:LONGEST_LABEL], presses.write_step(ask.fact, str(i)))
            for i, (s, _) in enumerate(choices)
        ]
        out = (
            Button(words["skip"], presses.write_step(ask.fact, SKIP)),
            Button(words["stop"], presses.write_step(ask.fact, STOP)),
        )
        rows = in_rows(buttons, len(TRUTHS) if ask.type == "boolean" else 1)
        return self.say(text, (*rows, out, *self._offer_clauses(step.cited, set())))
