"""Streams and surfaces show the same verified words, labelled; conversations and what is kept."""

from __future__ import annotations

import json
import re
import time
from datetime import date
from typing import Any

import httpx
from fastapi.testclient import TestClient

import assistant.app as wiring
from assistant.errors import StoreError
from assistant.models import Question
from assistant.store.schema import answers
from assistant.surfaces.api import create_app
from assistant.surfaces.channels.pack import pack_answer
from assistant.surfaces.channels.plain import PlainForm
from assistant.surfaces.cli import main
from assistant.surfaces.render import render_answer
from assistant.surfaces.schema import GENERATED
from assistant.surfaces.terminal import new_console
from tests.standins.chat_model import MODEL, Reply
from tests.standins.worded import (
    AS_OF,
    CLASS,
    GOOD,
    ask_http,
    check_same,
)

# ---- streams, surfaces, conversations ----------------------------------------------------------------


def _events(text: str) -> list[tuple[str, Any]]:
    found = re.findall(r"event: (\w+)\ndata: (.*)\n", text)
    return [(name, json.loads(data)) for name, data in found]


def test_a_stream_is_what_is_verified_and_ends_with_the_same(worded):
    texts = ("每班人数不得超过100人。[1]\n每班人数不得超过80人。[1]\n每课时不低于40分钟。[1]\n", "不必了。")
    worded.say(*texts)
    streamed = _events(worded.client.post("/v1/ask/stream", json=CLASS).text)
    worded.say(*texts)
    answer = worded.ask(**CLASS)
    done = streamed[-1][1]
    assert {**done, "session_id": ""} == {**answer, "session_id": ""}
    assert "".join(data["text"] for name, data in streamed if name == "text") == done["text"]
    assert "100" not in json.dumps([data for name, data in streamed if name == "text"])
    names = [name for name, _ in streamed]
    assert names.index("citation") < names.index("text")


def test_a_line_is_sent_before_the_model_has_finished(worded, serve):
    worded.server.queue = [Reply(GOOD + "每课时不低于40分钟。[1]\n" + "　" * 35, piece_s=0.15)]
    times = []
    with (
        serve(create_app(lambda: worded.assistant)) as address,
        httpx.stream("POST", f"{address}/v1/ask/stream", json=CLASS, timeout=30) as reply,
    ):
        for line in reply.iter_lines():
            if line.startswith("event: "):
                times.append((line[7:], time.monotonic()))
    first = next(at for name, at in times if name == "text")
    done = next(at for name, at in times if name == "done")
    assert done - first > 0.5


def test_openai_clients_get_the_same_words_streamed_or_not(worded):
    body = {
        "model": "tiaowen",
        "messages": [{"role": "user", "content": CLASS["question"]}],
        "metadata": {"region": "潢川县", "as_of": AS_OF},
    }
    worded.say(GOOD)
    whole = worded.client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]
    worded.say(GOOD)
    text = worded.client.post("/v1/chat/completions", json={**body, "stream": True}).text
    chunks = [json.loads(row[6:]) for row in text.split("\n\n") if row.startswith("data: {")]
    pieces = [c["choices"][0]["delta"].get("content", "") for c in chunks]
    assert "".join(pieces) == whole["content"]
    assert GENERATED in whole["content"]
    assert whole["tiaowen"]["generated"] is True
    worded.say(GOOD)
    assert worded.ask(**CLASS)["text"] == whole["tiaowen"]["text"]


def test_the_terminal_gets_the_same_words(worded, monkeypatch, capsys):
    monkeypatch.setattr(wiring, "open_assistant", lambda settings: worded.assistant)
    worded.say(GOOD)
    assert main(["ask", CLASS["question"], "--region", "潢川县", "--as-of", AS_OF, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    worded.say(GOOD)
    assert told == {**worded.ask(**CLASS), "session_id": ""}
    assert told["generated"] is True


def test_a_store_that_fails_in_between_costs_no_answer(worded, monkeypatch):
    def fail(*args: Any) -> None:
        raise StoreError("数据库一直被占用", hint="稍后再试")

    monkeypatch.setattr(worded.assistant.store.conversations, "reword", fail)
    worded.say(GOOD)
    assert worded.ask(**CLASS, session_id="m-unkept")["generated"] is True


def test_mcp_labels_too(worded):
    worded.say(GOOD)
    call = {"name": "ask", "arguments": CLASS}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"accept": "application/json, text/event-stream", "host": "localhost"}
    result = worded.client.post("/mcp", json=body, headers=headers).json()["result"]
    assert result["structuredContent"]["generated"] is True
    assert GENERATED in result["content"][0]["text"]


def test_the_page_labels_what_was_worded_and_only_that(worded, plain):
    worded.say(GOOD)
    form = {"q": CLASS["question"], "region": "潢川县"}
    headers = {"accept": "text/html"}
    assert GENERATED in worded.client.get("/ask", params=form, headers=headers).text
    assert GENERATED not in plain.get("/ask", params=form, headers=headers).text


def test_terminal_and_messengers_label_what_was_worded(worded, capsys):
    worded.say(GOOD)
    answer = worded.assistant.ask(Question(CLASS["question"], date(2026, 11, 21), region="潢川县"))
    render_answer(new_console(), answer)
    assert GENERATED in capsys.readouterr().out
    assert GENERATED in "\n".join(c.text for c in pack_answer(answer, PlainForm()))


def test_a_conversation_goes_on_the_same_with_and_without_a_model(worded, plain):
    turns = ("一个班最多能坐多少人？", "那每课时多少分钟？", "我们班有85人，能开班吗？", "换成78人呢？")
    for text in turns:
        worded.server.script = lambda _: Reply("有关规定见原文。[1]\n" + GOOD)
        body = {"question": text, "region": "潢川县", "as_of": AS_OF}
        check_same(
            worded.ask(**body, session_id="m-with"), ask_http(plain, {**body, "session_id": "m-without"})
        )


def test_what_words_an_answer_is_kept_with_it(worded):
    worded.say(GOOD)
    answer = worded.ask(**CLASS, session_id="m-kept")
    store = worded.assistant.store.conversations
    (turn,) = store.turns("m-kept")
    assert turn.answer_id == answer["id"]
    row = store._database.read(
        lambda c: c.execute(answers.select().where(answers.c.answer_id == answer["id"])).first()
    )
    assert row.made_with.startswith(f"{MODEL}; word 1 ")
    assert json.loads(row.body)["text"] == answer["text"]


def test_metrics_tell_what_the_model_did(worded):
    """A bad line is replaced once, and counted with its reason."""
    local = TestClient(
        create_app(lambda: worded.assistant), base_url="http://127.0.0.1", client=("127.0.0.1", 1)
    )
    before = _read_model(local)
    worded.say("每班人数不得超过100人。[1]\n", "每班人数不得超过90人。[1]\n")
    worded.ask(**CLASS)
    after = _read_model(local)
    grown = {name for name, value in after.items() if value > before.get(name, 0)}
    assert {
        'tiaowen_model_calls_total{use="word"}',
        'tiaowen_model_calls_total{use="repair"}',
        'tiaowen_model_sentences_total{fate="replaced"}',
        'tiaowen_model_faults_total{kind="number"}',
        "tiaowen_model_tokens_total",
    } <= grown


def _read_model(client: TestClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {
        name: float(value)
        for line in lines
        if line.startswith("tiaowen_model_")
        for name, value in [line.rsplit(" ", 1)]
    }
