"""An assistant with a scripted model behind it, and what a model must never change."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

from assistant.app import Assistant
from tests.standins.chat_model import ChatModel, Reply

AS_OF = "2026-11-21"
CLASS = {"question": "一个班最多能坐多少人？", "region": "潢川县", "as_of": AS_OF}
GOOD = "每班人数不得超过80人。[1]\n"
DOWN, SLOW = "语言模型暂时不可用，以下是条文摘录。", "语言模型没有在时限内答复，以下是条文摘录。"
UNFIT = "语言模型的措辞没有通过核对，以下是条文摘录。"
FULL = bool(os.environ.get("TIAOWEN_TEST_FULL"))
"""Whether every script runs by itself and the load at its full size: 20 users at 2 s a reply."""
TIMEOUT_S = 1.5


@dataclass
class Worded:
    """An assistant with a model, and the stand-in that is its model."""

    assistant: Assistant
    client: TestClient
    server: ChatModel

    def ask(self, **body: Any) -> dict[str, Any]:
        reply = self.client.post("/v1/ask", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def say(self, *texts: str) -> None:
        """The next replies, the first to the wording and the second to the repair."""
        self.server.queue = [Reply(text) for text in texts]


def ask_http(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    reply = client.post("/v1/ask", json=body)
    assert reply.status_code == 200
    return reply.json()


def check_same(answer: dict[str, Any], plain: dict[str, Any]) -> None:
    """Everything that a model must not touch."""
    for name in ("status", "citations", "decision", "as_of", "corpus_version"):
        assert answer[name] == plain[name], name
    marks = {int(n) for n in re.findall(r"\[(\d+)\]", answer["text"])}
    assert marks == {c["n"] for c in answer["citations"]}


def check_extractive(answer: dict[str, Any], plain: dict[str, Any], *notices: str) -> None:
    check_same(answer, plain)
    assert answer["text"] == plain["text"]
    assert answer["notices"] == [*plain["notices"], *notices]
    assert answer["generated"] is False
    assert answer["id"] == plain["id"]
