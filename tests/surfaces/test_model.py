"""The whole way over real HTTP with a scripted model behind it: lies, faithful words, faults, streams, conversations.

What a user gets is a correct and cited answer or a refusal, never the bad sentence. `TIAOWEN_TEST_FULL=1` runs the load at
its full size: 20 users at 2 s a reply.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from assistant.app import Assistant, open_assistant
from assistant.config import ModelSettings, Settings
from assistant.documents.normalize import squeeze
from assistant.surfaces.api import create_app
from assistant.surfaces.schema import GENERATED
from tests.standins.chat_model import KEY, MODEL, ChatModel, Reply, Request, serving_model

AS_OF = "2026-11-21"
CASES = Path(__file__).parents[1] / "dialogue"
CLASS = {"question": "一个班最多能坐多少人？", "region": "潢川县", "as_of": AS_OF}
TIMEOUT_S = 1.5
SLACK_S = 1.5
FULL = bool(os.environ.get("TIAOWEN_TEST_FULL"))
UNFIT = "语言模型的措辞没有通过核对，以下是条文摘录。"


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


@pytest.fixture(scope="module")
def served() -> Iterator[ChatModel]:
    with serving_model() as server:
        yield server


@pytest.fixture(scope="module")
def open_worded(served, settings: Settings, build_report) -> Callable[..., Worded]:
    def build(**changes: Any) -> Worded:
        model = ModelSettings(
            **{
                "name": MODEL,
                "base_url": served.address,
                "api_key": KEY,
                "timeout": 20,
                "retries": 0,
                **changes,
            }
        )
        opened = open_assistant(settings.model_copy(update={"model": model}))
        return Worded(opened, TestClient(create_app(lambda: opened)), served)

    return build


@pytest.fixture(scope="module")
def shared(open_worded) -> Worded:
    return open_worded()


@pytest.fixture(scope="module")
def hurried(open_worded) -> Worded:
    """One with little time, whose first call, which takes longer, has been made."""
    opened = open_worded(timeout=TIMEOUT_S)
    opened.server.script = lambda _: Reply("")
    opened.ask(**CLASS)
    return opened


@pytest.fixture
def worded(shared) -> Iterator[Worded]:
    server = shared.server
    server.script, server.queue, server.history, server.faults = (lambda _: Reply("")), [], [], []
    server.modes = {"json_schema", "function_calling", "text"}
    shared.assistant.model._breaker.note_success()
    yield shared
    assert server.faults == []


@pytest.fixture(scope="module")
def plain(real_assistant) -> TestClient:
    """The same without a model."""
    return TestClient(create_app(lambda: real_assistant))


def _ask(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    reply = client.post("/v1/ask", json=body)
    assert reply.status_code == 200
    return reply.json()


def _same(answer: dict[str, Any], plain: dict[str, Any]) -> None:
    """Everything that a model must not touch."""
    for name in ("status", "citations", "decision", "as_of", "corpus_version"):
        assert answer[name] == plain[name], name
    marks = {int(n) for n in re.findall(r"\[(\d+)\]", answer["text"])}
    assert marks == {c["n"] for c in answer["citations"]}


def _extractive(answer: dict[str, Any], plain: dict[str, Any], *notices: str) -> None:
    _same(answer, plain)
    assert answer["text"] == plain["text"]
    assert answer["notices"] == [*plain["notices"], *notices]
    assert answer["generated"] is False
    assert answer["id"] == plain["id"]


@dataclass(frozen=True)
class Script:
    """What a model says of one answer of the product."""

    body: dict[str, str]
    texts: tuple[str, ...]


def read_scripts(name: str) -> list[Script]:
    """The sentences of a file, those about one answer together; each by itself at full size."""
    scripts = []
    for entry in yaml.safe_load((CASES / name).read_text(encoding="utf-8")):
        body = {"question": entry["asked"], "region": entry["region"], "as_of": AS_OF}
        texts = [said if isinstance(said, str) else said["text"] for said in entry["say"]]
        groups = [(text,) for text in texts] if FULL else [tuple(texts)]
        scripts += [Script({k: v for k, v in body.items() if v}, group) for group in groups]
    return scripts


def _bare(text: str) -> str:
    return squeeze(re.sub(r"\[\d+\]", "", text))


# ---- what the model says -----------------------------------------------------------------------------


def test_no_lie_reaches_anyone(worded, plain):
    shown, n_told = [], 0
    for script in read_scripts("lies.yaml"):
        lies = "\n".join(script.texts)
        worded.server.history.clear()
        worded.say(lies, lies)
        answer, before = worded.ask(**script.body), _ask(plain, script.body)
        _same(answer, before)
        n_told += len(script.texts) if worded.server.history else 0
        if answer["text"] != before["text"]:
            shown += [text for text in script.texts if _bare(text) in _bare(answer["text"])]
    assert shown == []
    assert n_told >= 60


def test_faithful_words_reach_the_asker(worded, plain, record_property):
    n_told = n_passed = 0
    for script in read_scripts("faithful.yaml"):
        worded.server.history.clear()
        worded.say("\n".join(script.texts), "")
        answer = worded.ask(**script.body)
        _same(answer, _ask(plain, script.body))
        if worded.server.history:  # questions back and lists are not worded
            n_told += len(script.texts)
            n_passed += sum(_bare(text) in _bare(answer["text"]) for text in script.texts)
    for name, share in (("p50_s", 0.5), ("p95_s", 0.95)):
        record_property(name, round(took[int(share * len(took))], 2))
    record_property("worded", f"{sum(generated)} of {len(generated)}")
    record_property("growth_kb", peaks[1] - peaks[0])
