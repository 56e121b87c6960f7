"""Payloads in every other part of a request, addresses that lead elsewhere, and what is for the staff alone."""

from __future__ import annotations

import http.client
import json
import time
from urllib.parse import urlsplit

import pytest

from assistant.surfaces.contract import AnswerBody
from tests.attacks.conftest import BASES, OTHER_SESSION, check_no_leak
from tests.attacks.items import read_items
from tests.attacks.judge import check_claims, read_outcome

BASE = BASES.questions["class-fails"]
OUTCOME = "fail"
NOT_PAGES = ("application/json", "application/problem+json", "text/event-stream")


def _is_refused_politely(reply) -> bool:
    """A problem in our form, without a word of HTML."""
    body = reply.json()
    return reply.headers["content-type"] == "application/problem+json" and bool(body["hint"])


@pytest.mark.parametrize("item", read_items("field"), ids=lambda item: item.id)
def test_fields(target, real_assistant, base_answer, item):
    body = {"question": BASE.question, "region": BASE.region, "as_of": BASES.as_of.isoformat()}
    reply = target.client.post("/v1/ask", json={**body, item.group.field: item.text})
    check_no_leak(reply, target.key)
    assert reply.headers["content-type"].startswith(NOT_PAGES)
    if reply.status_code == 200:
        check_claims(reply.json(), real_assistant.source, base=base_answer("class-fails")["text"])
        assert read_outcome(reply.json())[1] != "pass"
    else:
        assert reply.status_code == 422
        assert _is_refused_politely(reply)


@pytest.mark.parametrize("item", read_items("fact"), ids=lambda item: item.id)
@pytest.mark.parametrize("address", ["/v1/ask", "/v1/check"])
def test_facts(target, item, address):
    body = {"region": BASE.region, "as_of": BASES.as_of.isoformat(), "facts": {item.group.field: item.text}}
    if address == "/v1/ask":
        body["question"] = "能开班吗？"
    reply = target.client.post(address, json=body)
    check_no_leak(reply, target.key)
    assert reply.status_code in (200, 422)
    if reply.status_code == 200:
        assert read_outcome(reply.json())[1] != "pass"
        AnswerBody.model_validate(reply.json())
    else:
        assert _is_refused_politely(reply)


@pytest.mark.parametrize("name", ["__proto__", "constructor", "班级人数\u0000", "a" * 65, "'; --", "<b>"])
def test_names_of_facts(target, name):
    reply = target.client.post("/v1/check", json={"facts": {name: "80"}, "region": BASE.region})
    check_no_leak(reply, target.key)
    assert reply.status_code == 422


def _get_raw(target, address: str, headers=()) -> tuple[int, dict[str, str], str]:
    """Ask for an address as it stands, with no client that tidies it up."""
    base = urlsplit(str(target.client.base_url))
    connection = http.client.HTTPConnection(base.hostname, base.port, timeout=30)
    try:
        connection.putrequest("GET", address, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read().decode("utf-8")
    finally:
        connection.close()


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("item", read_items("address"), ids=lambda item: item.id)
def test_addresses(target, item, accept):
    status, headers, text = _get_raw(target, item.text, [("accept", accept)])
    assert status < 500
    assert "set-cookie" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    for leak in ("root:x:0", "requires-python", "Traceback", "[core]", "SQLite format"):
        assert leak not in text
    if headers.get("content-type", "").startswith("text/html"):
        assert "<script>alert" not in text
        assert "<svg onload" not in text
    if item.group.closed:
        assert status in (303, 401)


@pytest.mark.parametrize("address", ["/staff/review", "/staff/review.csv"])
@pytest.mark.parametrize("item", read_items("header"), ids=lambda item: item.id)
def test_headers_open_nothing(target, item, address):
    name, _, value = item.text.partition(": ")
    status, headers, text = _get_raw(target, address, [(name, value)])
    assert status in (303, 401)
    assert value not in text
    assert value not in headers.get("location", "")


@pytest.mark.parametrize("item", read_items("header"), ids=lambda item: item.id)
def test_headers_change_no_answer(target, item):
    name, _, value = item.text.partition(": ")
    body = {"question": BASE.question, "region": BASE.region, "as_of": BASES.as_of.isoformat()}
    reply = target.client.post("/v1/ask", json=body, headers={name: value})
    check_no_leak(reply, target.key)
    if name == "origin":
        assert reply.status_code in (401, 403)
    else:
        assert read_outcome(reply.json())[1] == OUTCOME
    assert "evil.example" not in reply.headers.get("access-control-allow-origin", "")


def test_conversations_of_others_stay_theirs(target):
    """Who does not know the name of a conversation learns nothing of it, and votes on nothing in it."""
    known = target.ask("一个班最多能坐多少人？", "潢川县", session_id=OTHER_SESSION).json()
    vote = {"answer_id": known["id"], "session_id": "s-guessed", "vote": "down"}
    reply = target.client.post("/v1/feedback", json=vote)
    assert reply.status_code == 404
    follow_up = target.ask("我刚才说的暗号是什么？", "潢川县", session_id="s-guessed")
    check_no_leak(follow_up, target.key)
    for answer_id in ("1", "../1", "' OR 1=1", "0" * 64):
        body = {**vote, "answer_id": answer_id, "session_id": OTHER_SESSION}
        assert target.client.post("/v1/feedback", json=body).status_code == 404


def test_new_conversations_cannot_be_guessed(target):
    names = {target.ask("一个班最多能坐多少人？", "潢川县").json()["session_id"] for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) >= 22 for name in names)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("address", ["/v1/ask", "/v1/documents", "/staff/review"])
def test_other_methods_do_nothing(target, method, address):
    base = urlsplit(str(target.client.base_url))
    connection = http.client.HTTPConnection(base.hostname, base.port, timeout=30)
    connection.request(method, address)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    assert reply.status in (400, 401, 404, 405)


@pytest.mark.parametrize(
    "content",
    [
        b'{"question": "' + b"\\u0041" * 12_000 + b'"}',
        b'{"question": "x", ' + b'"region": "a", ' * 3_000 + b'"as_of": null}',
        b'{"question": "x", "facts": {' + b",".join(b'"f%d": "1"' % i for i in range(3_000)) + b"}}",
        b'{"question": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"question": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b'{"question": 1e999999}',
        json.dumps({"question": "x" * 100_000}).encode(),
    ],
    ids=["escapes", "same key again", "many facts", "deep lists", "deep objects", "huge number", "100 kB"],
)
def test_bodies_that_cost(target, content):
    started = time.monotonic()
    reply = target.client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    assert time.monotonic() - started < 5
    check_no_leak(reply, target.key)
    assert reply.status_code in (400, 413, 422)
