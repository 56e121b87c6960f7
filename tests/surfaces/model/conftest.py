"""An assistant with a scripted model over the shipped corpus; what a user gets is correct and cited, never the bad sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.app import open_assistant
from assistant.config import ModelSettings, Settings
from assistant.surfaces.api import create_app
from tests.standins.chat_model import KEY, MODEL, ChatModel, Reply, serving_model
from tests.standins.worded import CLASS, TIMEOUT_S, Worded


@pytest.fixture(scope="session")
def served() -> Iterator[ChatModel]:
    with serving_model() as server:
        yield server


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def shared(open_worded) -> Worded:
    return open_worded()


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def plain(real_assistant) -> TestClient:
    """The same without a model."""
    return TestClient(create_app(lambda: real_assistant))


@pytest.fixture(scope="session")
def reading(open_worded) -> Worded:
    return open_worded(word=False, rewrite=True, extract=True)
