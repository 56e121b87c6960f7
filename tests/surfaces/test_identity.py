"""Questions of all kinds and conversations over the shipped corpus: every surface gives the same answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import assistant.app as wiring
from assistant.surfaces.api import create_app
from assistant.surfaces.cli import main
from assistant.surfaces.contract import AnswerBody
from assistant.surfaces.written import write_answer

DEV = Path(wiring.__file__).parents[2] / "evals" / "cases" / "dev.jsonl"
AS_OF = "2026-11-21"


@dataclass(frozen=True)
class Case:
    """What one asker says, message after message."""

    id: str
    region: str
    messages: tuple[str, ...]


# What no case has: facts that are added and corrected, questions back that are answered.
CONVERSATIONS = (
    Case("class", "潢川县", ("我们班有85人，能开班吗？", "教师5名", "那换成78人呢？")),
    Case("place", "河南省", ("中职学校一年要完成多少人次培训？", "那高职呢？", "如果是河北呢？")),
    Case("new topic", "潢川县", ("一个班最多能坐多少人？", "补贴公示要几天？", "火星上能开班吗？")),
)


def read_cases() -> tuple[Case, ...]:
    """Every third case, those with a history, and one of each kind."""
    rows = [json.loads(line) for line in DEV.read_text(encoding="utf-8").splitlines()]
    first = {row["kind"]: row for row in reversed(rows)}
    chosen = {row["id"]: row for row in (*rows[::3], *(r for r in rows if r["history"]), *first.values())}
    return tuple(
        Case(row["id"], row["region"] or "", (*row["history"], row["question"])) for row in chosen.values()
    )


CASES = (*read_cases(), *CONVERSATIONS)
Ask = Callable[[str, str, str | None], dict[str, Any]]


@pytest.fixture
def ask_cli(real_assistant, monkeypatch, capsys) -> Ask:
    monkeypatch.setattr(wiring, "open_assistant", lambda settings: real_assistant)

    def ask(text: str, region: str, session: str | None) -> dict[str, Any]:
        place = ["--region", region] if region else []
        name = ["--session", session] if session else []
        assert main(["ask", text, *place, *name, "--as-of", AS_OF, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["session_id"] == (session or "")
        return answer

    return ask


@pytest.fixture(scope="module")
def client(real_assistant) -> Iterator[TestClient]:
    numbers = count(1)
    with TestClient(create_app(lambda: real_assistant, new_session=lambda: f"new-{next(numbers)}")) as opened:
        yield opened


def _body(text: str, region: str, session: str | None) -> dict[str, str]:
    given = {"question": text, "region": region, "session_id": session, "as_of": AS_OF}
    return {name: value for name, value in given.items() if value}


@pytest.fixture
def ask_api(client) -> Ask:
    def ask(text: str, region: str, session: str | None) -> dict[str, Any]:
        reply = client.post("/v1/ask", json=_body(text, region, session))
        assert reply.status_code == 200
        return reply.json()

    return ask


@pytest.fixture
def ask_stream(client, read_events) -> Ask:
    def ask(text: str, region: str, session: str | None) -> dict[str, Any]:
        reply = client.post("/v1/ask/stream", json=_body(text, region, session))
        events = read_events(reply.text)
        (answer,) = (data for name, data in events if name == "done")
        assert "".join(data["text"] for name, data in events if name == "text") == answer["text"]
        cited = [data for name, data in events if name == "citation"]
        assert sorted(cited, key=lambda citation: citation["n"]) == answer["citations"]
        decided = [data for name, data in events if name == "decision"]
        assert decided == ([] if answer["decision"] is None else [answer["decision"]])
        return answer

    return ask


@pytest.fixture
def ask_openai(client) -> Ask:
    """The asker keeps the conversation and sends it whole; the name of a session stays with this test."""
    said: dict[str | None, list[dict[str, str]]] = {}

    def ask(text: str, region: str, session: str | None) -> dict[str, Any]:
        messages = [*said.get(session, ()), {"role": "user", "content": text}]
        metadata = {"region": region, "as_of": AS_OF}
        body = {"model": "tiaowen", "messages": messages, "metadata": metadata}
        reply = client.post("/v1/chat/completions", json=body)
        assert reply.status_code == 200
        message = reply.json()["choices"][0]["message"]
        answer = message["tiaowen"] | {"citations": message["citations"]}
        assert message["content"] == write_answer(answer)
        assert message["content"].startswith(answer["text"])
        if session:
            said[session] = [*messages, {"role": "assistant", "content": message["content"]}]
        return {name: answer[name] for name in AnswerBody.model_fields} | {"session_id": session or ""}

    return ask


@pytest.fixture
def ask_mcp(client) -> Ask:
    def ask(text: str, region: str, session: str | None) -> dict[str, Any]:
        call = {"name": "ask", "arguments": _body(text, region, session)}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        headers = {"accept": "application/json, text/event-stream", "host": "localhost"}
        result = client.post("/mcp", json=body, headers=headers).json()["result"]
        answer = result["structuredContent"]
        assert result["content"] == [{"type": "text", "text": write_answer(answer)}]
        return answer

    return ask


def _converse(ask: Ask, case: Case, surface: str) -> list[str]:
    """The answers but for their session, as JSON: the order of the keys counts too."""
    session = f"{surface}.{case.id.replace(' ', '-')}" if len(case.messages) > 1 else None
    answers = [ask(text, case.region, session) for text in case.messages]
    if session:
        assert {answer["session_id"] for answer in answers} == {session}
    return [json.dumps(answer | {"session_id": ""}, ensure_ascii=False) for answer in answers]


def test_cases_are_of_all_kinds():
    assert len(CASES) >= 35
    assert sum(len(case.messages) > 1 for case in CASES) >= 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_surface_gives_the_same_answer(case, ask_cli, ask_api, ask_stream, ask_openai, ask_mcp):
    by_cli = _converse(ask_cli, case, "cli")
    assert by_cli == _converse(ask_api, case, "api")
    assert by_cli == _converse(ask_stream, case, "stream")
    assert by_cli == _converse(ask_openai, case, "openai")
    assert by_cli == _converse(ask_mcp, case, "mcp")


def test_a_conversation_goes_on_from_surface_to_surface(ask_cli, ask_api, ask_stream):
    first, second, third = CONVERSATIONS[1].messages
    region = CONVERSATIONS[1].region
    session = ask_api(first, region, None)["session_id"]
    moving = [ask_cli(second, region, session), ask_stream(third, region, session)]
    staying = [ask_api(text, region, "staying") for text in CONVERSATIONS[1].messages][1:]
    assert [answer["text"] for answer in moving] == [answer["text"] for answer in staying]
    assert moving[0]["text"] != ask_cli(second, region, None)["text"]


def test_without_a_session_nothing_is_remembered(ask_cli, ask_api):
    follow_up = CONVERSATIONS[1].messages[1]
    alone = ask_cli(follow_up, "河南省", None)
    ask_cli(CONVERSATIONS[1].messages[0], "河南省", None)
    assert ask_cli(follow_up, "河南省", None) == alone
    ask_api(CONVERSATIONS[1].messages[0], "河南省", None)
    assert ask_api(follow_up, "河南省", None)["text"] == alone["text"]
