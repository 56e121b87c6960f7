"""Votes over HTTP: kept for who got the answer, refused for everybody else, masked, told where the store is away."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from assistant.errors import StoreError
from assistant.store.review import ReviewFilter
from assistant.surfaces.api import create_app

QUESTION = "一个班最多能坐多少人？"


@pytest.fixture
def site(keeping, access):
    with TestClient(create_app(lambda: keeping, access=access)) as opened:
        yield opened


@pytest.fixture
def answer(site):
    """An answer that session `s-1` was given, as the body of a vote."""
    reply = site.post("/v1/ask", json={"question": QUESTION, "session_id": "s-1"}).json()
    return {"answer_id": reply["id"], "session_id": reply["session_id"], "vote": "down"}


def voted(store):
    return store.feedback.count()


def assert_problem(reply, status):
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert any("一" <= c <= "鿿" for c in reply.json()["detail"])
    return reply.json()


def test_a_vote_is_kept(site, store, answer):
    reply = site.post("/v1/feedback", json=answer)
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})
    assert voted(store) == {"down": 1}


def test_a_vote_may_change(site, store, answer):
    for vote in ("down", "up", "up"):
        assert site.post("/v1/feedback", json=answer | {"vote": vote}).status_code == 200
    assert voted(store) == {"up": 1}


@pytest.mark.parametrize(
    "change", [{"session_id": "s-2"}, {"answer_id": "a-2"}, {"answer_id": "' OR 1=1 --"}]
)
def test_an_answer_that_the_session_was_never_given(site, store, answer, change):
    body = assert_problem(site.post("/v1/feedback", json=answer | change), 404)
    assert body["type"] == "urn:tiaowen:not-found"
    assert body["hint"]
    assert voted(store) == {}


def test_what_is_said_is_kept_masked(site, store, answer):
    said = {
        "reason": " 打13800138000 ",
        "comment": "11010519491231002X <script>\u0000'; DROP TABLE feedback; --",
    }
    assert site.post("/v1/feedback", json=answer | said).status_code == 200
    (item,) = store.review.list(ReviewFilter("down"), offset=0, limit=5)
    assert item.reason == "打138********"
    assert item.comment == "110105************ <script>?'; DROP TABLE feedback; --"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vote": "sideways"}, "vote：应为 'up' 或 'down'"),
        ({"vote": None}, "vote：应为"),
        ({"reason": "长" * 201}, "reason：太长，最多 200 个字符"),
        ({"comment": "长" * 1001}, "comment：太长，最多 1000 个字符"),
        ({"session_id": "a b"}, "session_id：格式不对"),
        ({"session_id": ""}, "session_id"),
        ({"answer_id": ""}, "answer_id：不能为空"),
        ({"answer_id": "x" * 65}, "answer_id：太长"),
        ({"answer_id": ["x"]}, "answer_id：应为文字"),
        ({"more": 1}, "more：不认识的字段"),
    ],
)
def test_a_vote_that_is_none(site, store, answer, change, words):
    body = assert_problem(site.post("/v1/feedback", json=answer | change), 422)
    assert words in body["detail"]
    assert voted(store) == {}


@pytest.mark.parametrize("length", [200, 201])
def test_the_longest_reason(site, answer, length):
    reply = site.post("/v1/feedback", json=answer | {"reason": "长" * length})
    assert reply.status_code == (200 if length == 200 else 422)


def test_half_a_character_is_refused(site, answer):
    content = json.dumps(answer | {"comment": "\ud800"})
    reply = site.post("/v1/feedback", content=content, headers={"content-type": "application/json"})
    assert_problem(reply, 422)


def test_a_huge_body_is_refused(site, answer):
    assert_problem(site.post("/v1/feedback", json=answer | {"comment": "x" * 100_000}), 413)


def test_while_the_store_is_away(site, answer, keeping, monkeypatch):
    def fail(_self):
        raise StoreError("数据库一直被占用", hint="稍后再试")

    monkeypatch.setattr(type(keeping), "store", property(fail))
    body = assert_problem(site.post("/v1/feedback", json=answer), 503)
    assert (body["type"], body["hint"]) == ("urn:tiaowen:store-error", "稍后再试")


def test_votes_are_described_in_chinese(site):
    described = site.get("/openapi.json").json()
    assert described["paths"]["/v1/feedback"]["post"]["summary"] == "评价一个回答"
    assert set(described["paths"]["/v1/feedback"]["post"]["responses"]) >= {"200", "401", "404", "429", "503"}
    for name in ("FeedbackRequest", "SessionRequest"):
        for field in described["components"]["schemas"][name]["properties"].values():
            assert any("一" <= c <= "鿿" for c in field["description"]), field


def test_the_real_assistant_keeps_what_it_answers(real_assistant):
    with TestClient(create_app(lambda: real_assistant)) as site:
        asked = {"question": "身份证11010519491231002X能坐几个人的班？", "session_id": "feedback-real"}
        answer = site.post("/v1/ask", json=asked).json()
        vote = {"answer_id": answer["id"], "session_id": "feedback-real", "vote": "down"}
        assert site.post("/v1/feedback", json=vote).json() == {"status": "ok"}
    item = next(
        i
        for i in real_assistant.store.review.list(ReviewFilter("down"), offset=0, limit=50)
        if i.body["id"] == answer["id"]
    )
    assert item.question == "身份证110105************能坐几个人的班？"
    assert item.body["corpus_version"] == real_assistant.corpus_version
    assert [c["clause_id"] for c in item.body["citations"]] == [c["clause_id"] for c in answer["citations"]]
