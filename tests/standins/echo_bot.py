"""A bot whose answers name their questions, as a process of its own that may be killed.

Arguments: base address of the Bot API, address of the store. Each answer has two messages; everything but the answers
is the real thing.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from assistant.config import TelegramSettings
from assistant.models import Answer, Question
from assistant.store.conversations import Turn
from assistant.store.store import find_store
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.telegram.poll import BotParts, run_bot
from tests.standins.telegram_api import TOKEN

FILLING = "这是一句很长的话，用来让回答分成两条消息。" * 250
DAY = date(2026, 11, 21)


class EchoAssistant:
    """Answers every question with its own words, and keeps that as the real one does."""

    def __init__(self, url: str) -> None:
        self.store = find_store(url)
        self.corpus = SimpleNamespace(version="c", clause_by_id={}, documents=())

    def ask(self, question: Question) -> Answer:
        text = f"回答{question.text}，上。\n{FILLING}\n回答{question.text}，下。"
        session = question.session_id or ""
        answer = Answer("a1", session, "answered", text, DAY, (), None, (), "c")
        turn = Turn(question.text, answer.id, answer.status, "{}", datetime.now(UTC))
        self.store.conversations.append(session, turn, answer)
        return answer


def main() -> None:
    address, url = sys.argv[1:]
    assistant: Any = EchoAssistant(url)
    run_bot(BotParts(lambda: assistant, TelegramSettings(token=TOKEN, base_url=address), Pace()))


if __name__ == "__main__":
    main()
