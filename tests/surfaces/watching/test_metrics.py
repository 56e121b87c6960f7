"""`/metrics`: figures of questions, requests, limits and state; for this computer and the staff alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from assistant.config import LimitSettings, ServerSettings
from assistant.errors import IndexMissing, StoreError
from assistant.store.channels import Incoming, Outcome
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.throttle import Throttle

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
QUESTION = {"question": "每班人数不得超过多少人？", "region": "潢川县", "as_of": "2021-12-31"}


def read(client, **options):
    reply = client.get("/metrics", **options)
    assert reply.status_code == 200, reply.text
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


@pytest.fixture
def local(keeping, access):
    """Asks as this computer does."""
    app = create_app(lambda: keeping, access=access)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as opened:
        yield opened


@pytest.fixture
def real(real_app):
    with TestClient(real_app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as opened:
        yield opened


def test_questions_are_counted_by_surface_and_status_with_their_stages(real):
    before = read(real)
    assert real.post("/v1/ask", json=QUESTION).json()["status"] == "answered"
    real.post("/v1/ask/stream", json=QUESTION)
    real.get("/ask", params={"q": QUESTION["question"], "region": "潢川县"}, headers={"accept": "text/html"})
    chat = {"model": "tiaowen", "messages": [{"role": "user", "content": "你好"}]}
    assert real.post("/v1/chat/completions", json=chat).status_code == 200
    assert real.post("/v1/ask", json={"question": "火星上的培训补贴是多少元？"}).json()["status"] == "refused"
    after = read(real)
    grown = {key: after[key] - before.get(key, 0) for key in after}
    for surface in ("api", "stream", "page"):
        assert grown["tiaowen_questions_total", "answered", surface] == 1, surface
    assert grown["tiaowen_questions_total", "api", "refused"] == 1
    assert grown["tiaowen_refusals_total", "greeting"] == 1
    assert sum(v for k, v in grown.items() if k[0] == "tiaowen_refusals_total") == 2
    assert grown["tiaowen_stage_seconds_count", "whole"] == 5
    for stage in ("understand", "verify", "keep", "recall", "retrieve"):
        assert grown["tiaowen_stage_seconds_count", stage] >= 1, stage
    parts = ("understand", "retrieve", "verify", "keep", "recall")
    whole = grown["tiaowen_stage_seconds_sum", "whole"]
    assert 0 < sum(grown["tiaowen_stage_seconds_sum", part] for part in parts) < whole


def test_a_question_over_mcp_is_counted_as_such(real):
    pytest.importorskip("mcp", reason="needs the extra mcp")
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": QUESTION["question"], "region": "潢川县"}},
    }
    headers = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
    reply = real.post("/mcp", json=call, headers=headers)
    assert reply.status_code == 200, reply.text
    assert read(real)["tiaowen_questions_total", "answered", "mcp"] == 1


def test_requests_are_counted_by_route_not_by_address(local):
    local.get("/v1/clauses/a%23secret-13800138000")
    local.get("/nowhere/13800138000")
    local.request("BREW", "/v1/documents")
    reply = local.get("/metrics")
    assert "13800138000" not in reply.text
    figures = read(local)
    assert figures["tiaowen_http_requests_total", "/v1/clauses/{clause_id}", "404", "GET"] == 1 or (
        figures["tiaowen_http_requests_total", "/v1/clauses/{clause_id:path}", "404", "GET"] == 1
    )
    assert figures["tiaowen_http_requests_total", "(none)", "404", "GET"] == 1
    assert any(key[0] == "tiaowen_http_requests_total" and "OTHER" in key for key in figures)
    assert figures["tiaowen_http_requests_in_progress",] == 1  # the one that reads it


def test_state_of_index_store_votes_and_queues(local, keeping, store):
    session = local.post("/v1/ask", json=QUESTION).json()
    vote = {"answer_id": session["id"], "session_id": session["session_id"], "vote": "down"}
    assert local.post("/v1/feedback", json=vote).status_code == 200
    store.channels.receive("wecom", [Incoming("1", "c", "问"), Incoming("2", "c", "问")], AT)
    received = store.channels.next_received("wecom", "c")
    store.channels.finish("wecom", received, Outcome("{}", ["答", "又答"]), AT)
    figures = read(local)
    assert figures["tiaowen_feedback_votes", "down"] == 1
    assert figures["tiaowen_feedback_votes", "up"] == 0
    assert figures["tiaowen_channel_messages", "inbox", "wecom"] == 1
    assert figures["tiaowen_channel_messages", "outbox", "wecom"] == 2
    assert figures["tiaowen_index_info", "0123456789abcdef", keeping.corpus_version, "static"] == 1
    assert figures["tiaowen_index_up",] == figures["tiaowen_store_up",] == 1
    assert figures["tiaowen_index_built_timestamp_seconds",] == 1_700_000_000


def test_a_server_without_index_or_store_says_so(access, keeping, monkeypatch):
    def missing():
        raise IndexMissing("还没有索引")

    app = create_app(missing, access=access)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as opened:
        assert read(opened)["tiaowen_index_up",] == 0

    def fail(*_):
        raise StoreError("连不上")

    monkeypatch.setattr(type(keeping.store.feedback), "count", fail)
    app = create_app(lambda: keeping, access=access)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as opened:
        figures = read(opened)
        assert (figures["tiaowen_index_up",], figures["tiaowen_store_up",]) == (1, 0)


def test_refusals_of_a_limit_are_counted(keeping, store):
    throttle = Throttle(LimitSettings(ask="2/minute"))
    app = create_app(lambda: keeping, access=Access(lambda: store.registry, throttle=throttle))
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as opened:
        codes = [opened.post("/v1/ask", json=QUESTION).status_code for _ in range(5)]
        assert codes == [200, 200, 429, 429, 429]
        assert read(opened)["tiaowen_throttled_total", "ask"] == 3


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        pytest.param("127.0.0.1", {"host": "127.0.0.1:8000"}, 200, id="this computer"),
        pytest.param("::1", {"host": "[::1]:8000"}, 200, id="this computer, IPv6"),
        pytest.param("::ffff:127.0.0.1", {"host": "localhost"}, 200, id="this computer, mapped"),
        pytest.param("203.0.113.7", {"host": "127.0.0.1"}, 401, id="elsewhere"),
        pytest.param("127.0.0.1", {"host": "evil.example"}, 401, id="a name pointed at this computer"),
        pytest.param("127.0.0.1", {"host": "[bad"}, 401, id="a host that is none"),
        pytest.param("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}, 401, id="passed on by a proxy here"),
        pytest.param("127.0.0.1", {"x-forwarded-for": ""}, 401, id="passed on, address left out"),
        pytest.param("127.0.0.1", {"origin": "http://127.0.0.1"}, 401, id="a page"),
        pytest.param("203.0.113.7", {"authorization": "Bearer {key}"}, 200, id="with a key"),
        pytest.param("203.0.113.7", {"authorization": "Bearer sk_wrong"}, 401, id="with another key"),
        pytest.param("203.0.113.7", {"authorization": "Bearer "}, 401, id="with no key"),
    ],
)
def test_who_may_read(keeping, access, store, client, headers, status):
    key = store.registry.create_key("prometheus", "test")
    headers = {name: value.format(key=key) for name, value in headers.items()}
    app = create_app(lambda: keeping, access=access)
    with TestClient(app, base_url="http://127.0.0.1", client=(client, 1)) as opened:
        reply = opened.get("/metrics", headers=headers)
    assert reply.status_code == status
    if status == 401:
        assert reply.json()["type"] == "urn:tiaowen:metrics-forbidden"
        assert "tiaowen_questions" not in reply.text


@pytest.mark.parametrize(("setting", "status"), [("open", 200), ("off", 404), ("local", 401)])
def test_the_setting_decides(keeping, store, setting, status):
    access = Access(lambda: store.registry, server=ServerSettings(metrics=setting))
    with TestClient(create_app(lambda: keeping, access=access), client=("203.0.113.7", 1)) as opened:
        assert opened.get("/metrics").status_code == status


def test_no_page_of_another_site_may_read_them(keeping, access, store):
    site = "https://www.example.gov.cn"
    token = store.registry.create_token("官网", [site], "test")
    with TestClient(create_app(lambda: keeping, access=access)) as opened:
        opened_session = opened.post("/v1/widget/session", json={"token": token}, headers={"origin": site})
        bearer = {"authorization": f"Bearer {opened_session.json()['session_token']}", "origin": site}
        reply = opened.get("/metrics", headers=bearer)
        preflight = opened.options(
            "/metrics", headers={"origin": site, "access-control-request-method": "GET"}
        )
    assert reply.status_code == 401
    for answer in (reply, preflight):
        assert not any(name.startswith("access-control-") for name in answer.headers)


def test_openmetrics_where_it_is_asked_for(local):
    reply = local.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert reply.headers["content-type"].startswith("application/openmetrics-text")
    assert reply.text.endswith("# EOF\n")


def test_over_a_real_socket(keeping, access, serve):
    with serve(create_app(lambda: keeping, access=access)) as address:
        reply = httpx.get(f"{address}/metrics")
    assert reply.status_code == 200
    assert re.search(r"^process_resident_memory_bytes \d", reply.text, re.MULTILINE)
