"""`POST /v1/ask/stream`: the same answer event by event, errors as events, a client that leaves."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import fastapi.routing
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import IndexMissing, ModelError, RequestInvalid, StoreError
from assistant.models import Decision, DecisionAsk
from assistant.surfaces.api import create_app
from assistant.surfaces.events import answer_events
from assistant.surfaces.schema import answer_object

QUESTION = "农村劳动力培训多少人次？"
ADDRESS = "/v1/ask/stream"
SEARCHING = {"message": "正在查找条款…", "session_id": "s-new"}
JSON_TYPE = {"content-type": "application/json"}


@pytest.fixture
def stream(client, read_events):
    """The events for a request."""

    def send(**body: Any) -> list[tuple[str, Any]]:
        reply = client.post(ADDRESS, json=body)
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        return read_events(reply.text)

    return send


def test_events_come_in_the_order_of_the_answer(client, stream):
    events = stream(question=QUESTION)
    answer = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert events == [
        ("status", SEARCHING),
        ("citation", answer["citations"][0]),
        ("text", {"text": "农村劳动力技能培训：4800人次。[1]\n", "cites": [1]}),
        ("citation", answer["citations"][1]),
        ("text", {"text": "牵头单位是扶贫办、人社局。[2]", "cites": [2]}),
        ("done", answer),
    ]


def test_done_is_the_object_of_ask_byte_for_byte(client):
    whole = client.post("/v1/ask", json={"question": QUESTION}).text
    assert client.post(ADDRESS, json={"question": QUESTION}).text.endswith(f"event: done\ndata: {whole}\n\n")


def test_stream_is_neither_kept_nor_buffered(client):
    headers = client.post(ADDRESS, json={"question": QUESTION}).headers
    assert headers["cache-control"] == "no-cache"
    assert headers["x-accel-buffering"] == "no"
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-length" not in headers


def test_session_of_the_asker_is_kept(stream, assistant):
    events = stream(question=QUESTION, session_id="s-7")
    assert [data["session_id"] for name, data in events if name in ("status", "done")] == ["s-7", "s-7"]
    assert assistant.questions[0].session_id == "s-7"


def test_questions_back_come_with_their_decision_and_without_citations(stream, assistant, answer_builder):
    asks = (DecisionAsk("teachers", "教师数", "教师有几名？", "人", "integer", (), ()),)
    decision = Decision("huangchuan-2021-1/class-qualifies", "能否开班", "unknown", ask=asks)
    asking = answer_builder(
        "还差1项：\n1. 教师有几名？", status="needs_info", citations=(), decision=decision
    )
    assistant.script["x"] = asking
    events = stream(question="x")
    assert [name for name, _ in events] == ["status", "text", "text", "decision", "done"]
    assert events[2] == ("text", {"text": "1. 教师有几名？", "cites": []})
    assert events[3][1]["ask"][0]["question"] == "教师有几名？"
    assert events[3][1] == events[4][1]["decision"]


@given(
    st.lists(st.sampled_from(["[1]", "[2]", "[10]", "[3]", "每班80人。", "\n", "\n\n", "\r", "\u2028", " "]))
)
def test_texts_put_together_are_the_answer(answer_builder, citation_builder, pieces):
    citations = tuple(citation_builder(n) for n in (1, 2, 10))
    body = answer_object(answer_builder("".join(pieces), citations=citations))
    events = list(answer_events(body))
    assert "".join(data["text"] for name, data in events if name == "text") == body["text"]
    told: list[int] = []
    for name, data in events:
        if name == "citation":
            told.append(data["n"])
        elif name == "text":
            assert set(data["cites"]) <= set(told)
            assert set(data["cites"]) == {int(n) for n in re.findall(r"\[(1|2|10)\]", data["text"])}
    assert sorted(told) == [1, 2, 10]
    assert events[-1] == ("done", body)


@pytest.mark.parametrize(
    ("raised", "n_logged"),
    [
        pytest.param(RequestInvalid("问题太长", hint="请缩短"), 0, id="the asker's"),
        pytest.param(StoreError("存储锁住了", hint="等"), 1, id="the operator's"),
        pytest.param(ModelError("模型没有响应", hint="等"), 1, id="the model's"),
        pytest.param(ZeroDivisionError("secret"), 1, id="a bug"),
    ],
)
def test_what_goes_wrong_is_the_problem_of_ask(client, stream, assistant, caplog, raised, n_logged):
    assistant.script["x"] = raised
    events = stream(question="x")
    assert len([record for record in caplog.records if record.name.startswith("assistant")]) == n_logged
    problem = client.post("/v1/ask", json={"question": "x"}).json()
    assert problem.pop("request_id") != events[-1][1].pop("request_id")
    assert events == [("status", SEARCHING), ("error", problem)]
    assert "secret" not in json.dumps(events)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        pytest.param({"question": "x", "top": 1}, 422, "top：不认识的字段", id="unknown field"),
        pytest.param({"question": "x", "session_id": "a b"}, 422, "session_id：格式不对", id="session"),
        pytest.param({}, 422, "question：缺少这个字段", id="no question"),
        pytest.param({"question": "长" * 2000}, 413, "2048 字节", id="too large"),
    ],
)
def test_a_wrong_request_is_refused_before_the_stream(client, body, status, words):
    reply = client.post(ADDRESS, json=body)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert words in reply.json()["detail"]


def test_a_missing_index_is_told_before_the_stream():
    def missing():
        raise IndexMissing("还没有建立索引", hint="运行 tiaowen index")

    reply = TestClient(create_app(missing)).post(ADDRESS, json={"question": "x"})
    assert (reply.status_code, reply.json()["hint"]) == (503, "运行 tiaowen index")


def test_silence_is_filled_with_comments(stream, assistant, monkeypatch):
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.05)
    answer = assistant.ask

    def ask_slowly(question):
        time.sleep(0.3)
        return answer(question)

    assistant.ask = ask_slowly
    names = [name for name, _ in stream(question=QUESTION)]
    assert names[:3] == ["status", ":", ":"]
    assert names[-1] == "done"


def test_heartbeat_is_every_15_seconds():
    assert fastapi.routing._PING_INTERVAL == 15


@dataclass
class Held:
    """An assistant that has been asked and waits to be let go on."""

    asked: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def held(assistant) -> Held:
    answer, hold = assistant.ask, Held()

    def ask_when_released(question):
        hold.asked.set()
        assert hold.released.wait(10)
        return answer(question)

    assistant.ask = ask_when_released
    return hold


def test_real_server_sends_the_status_before_the_answer_is_there(port, held):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", ADDRESS, json.dumps({"question": QUESTION}).encode(), JSON_TYPE)
    reply = connection.getresponse()
    assert reply.readline() == b"event: status\n"
    assert held.asked.wait(5)
    assert not held.released.is_set()
    held.released.set()
    assert b"event: done" in reply.read()
    connection.close()


def test_real_server_lets_a_client_leave_in_silence(port, held, caplog):
    request = json.dumps({"question": QUESTION}).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as leaving:
        head = f"POST {ADDRESS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        leaving.sendall(f"{head}content-length: {len(request)}\r\n\r\n".encode() + request)
        assert leaving.recv(100).startswith(b"HTTP/1.1 200")
        assert held.asked.wait(5)
    held.released.set()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", ADDRESS, request, JSON_TYPE)
    assert b"event: done" in connection.getresponse().read()
    connection.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("n_sent", range(1, 7))
def test_a_server_that_tells_of_the_departure_by_an_error_hears_nothing(assistant, caplog, n_sent):
    body = json.dumps({"question": QUESTION}).encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
        "method": "POST", "path": ADDRESS, "raw_path": ADDRESS.encode(), "root_path": "", "scheme": "http",
        "query_string": b"", "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        if len(sent) == n_sent:
            raise OSError("gone")
        sent.append(message)

    asyncio.run(create_app(lambda: assistant)(scope, receive, send))
    assert len(sent) == n_sent
    assert caplog.records == [] or all(record.levelno < logging.WARNING for record in caplog.records)
