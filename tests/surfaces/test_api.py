"""The HTTP API with a scripted assistant: contract, order of keys, clauses, regions, page, headers."""

from __future__ import annotations

import json
from datetime import date

import pytest
from fastapi.testclient import TestClient

from assistant.surfaces import contract
from assistant.surfaces.api import create_app
from assistant.surfaces.inbound import parse_session
from assistant.surfaces.schema import answer_object, dump_json

PLAN = "huangchuan-2021-1"
QUESTION = "一个班最多能坐多少人？"
ANSWER_KEYS = [
    "id", "session_id", "status", "text", "as_of", "citations", "decision", "notices",
    "corpus_version", "generated",
]  # fmt: skip
CITATION_KEYS = [
    "n", "document", "number", "title", "issuer", "region", "clause", "clause_id", "quote",
    "start", "end", "clause_start", "clause_end",
]  # fmt: skip


def test_ask_gives_the_contract_in_order(client, assistant):
    reply = client.post("/v1/ask", json={"question": QUESTION, "region": "潢川县"})
    assert reply.status_code == 200
    body = reply.json()
    assert list(body) == ANSWER_KEYS
    assert list(body["citations"][0]) == CITATION_KEYS
    assert body["generated"] is False
    assert body["as_of"] == "2026-11-21"
    source = client.get(f"/v1/documents/{PLAN}").json()["source"]
    cited = body["citations"][0]
    assert source[cited["start"] : cited["end"]] == cited["quote"]
    assert assistant.questions[0].region == "潢川县"


def test_ask_gives_the_same_bytes_as_the_command_line(client, answer_builder):
    payload = {"question": QUESTION}
    first, second = (client.post("/v1/ask", json=payload).content for _ in range(2))
    assert first == second == dump_json(answer_object(answer_builder(session_id="s-new"))).encode()
    assert "每班人数".encode() in first


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"as_of": "2021-05-01"}, {"as_of": date(2021, 5, 1)}, id="day"),
        pytest.param({"as_of": None}, {"as_of": date(2026, 11, 21)}, id="no day is today"),
        pytest.param({"region": "  "}, {"region": None}, id="blank region"),
        pytest.param({"session_id": "s-1"}, {"session_id": "s-1"}, id="session"),
        pytest.param(
            {"facts": {"class_size": 85, "hours": 1.5, "is_new": True, "level": "初级"}},
            {"facts": {"class_size": "85", "hours": "1.5", "is_new": "true", "level": "初级"}},
            id="facts become text",
        ),
    ],
)
def test_ask_passes_on_what_it_was_given(client, assistant, body, expected):
    assert client.post("/v1/ask", json={"question": QUESTION, **body}).status_code == 200
    asked = assistant.questions[-1]
    assert {name: getattr(asked, name) for name in expected} == expected


def test_an_answer_carries_the_session_to_go_on_with(client, assistant):
    first = client.post("/v1/ask", json={"question": QUESTION}).json()
    again = client.post("/v1/ask", json={"question": "x", "session_id": first["session_id"]}).json()
    own = client.post("/v1/ask", json={"question": "x", "session_id": "a.B-9:_"}).json()
    assert [reply["session_id"] for reply in (first, again, own)] == ["s-new", "s-new", "a.B-9:_"]
    assert [question.session_id for question in assistant.questions] == ["s-new", "s-new", "a.B-9:_"]


def test_a_new_session_cannot_be_guessed(assistant):
    with TestClient(create_app(lambda: assistant)) as client:
        made = {client.post("/v1/ask", json={"question": "x"}).json()["session_id"] for _ in range(50)}
    assert len(made) == 50
    assert all(len(session) == 22 and parse_session(session) == session for session in made)


def test_documentation_matches_what_is_sent(answer_builder):
    body = answer_object(answer_builder())
    assert list(contract.AnswerBody.model_fields) == list(body)
    assert list(contract.CitationBody.model_fields) == list(body["citations"][0])
    contract.AnswerBody.model_validate(body)
    contract.AnswerBody.model_validate(contract.ANSWER_EXAMPLE)


def test_search_ranks_and_passes_filters(client, assistant):
    parameters = {"q": "班级", "region": "潢川县", "document": PLAN, "k": 3}
    found = client.get("/v1/search", params=parameters).json()
    assert assistant.searches == [("班级", "潢川县", PLAN, 3)]
    assert [p["clause_id"] for p in found["passages"]] == [f"{PLAN}#2.4.1"]
    best = found["passages"][0]
    assert (best["rank"], best["score"], best["legs"]) == (1, 1.0, {"bm25": 2.25, "dense": 0.5})
    # The clause stands in a part that has a title but no number of its own.
    assert (best["number"], best["title"][:6]) == ("潢技领办〔2021〕1号", "2021 年")


def test_documents_are_listed_with_region_and_year(client):
    listed = client.get("/v1/documents").json()
    assert [(d["id"], d["region"], d["year"]) for d in listed["documents"]] == [
        ("civil-code-counting", "全国", None),
        (PLAN, "潢川县", 2021),
    ]
    assert "source" not in listed["documents"][0]


def test_document_carries_clauses_parts_and_source(client):
    document = client.get(f"/v1/documents/{PLAN}").json()
    assert document["parts"][0]["issued"] == "2021-04-07"
    for row in document["clauses"]:
        assert {"clause_id", "path", "label", "kind", "start", "end", "text", "headings"} <= set(row)
        assert document["source"][row["start"] : row["end"]].strip()
    assert document["clauses"][2]["headings"] == ["工作任务", "强化培训管理"]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(f"{PLAN}%232.4.1", id="number sign encoded"),
        pytest.param(f"{PLAN}/2.4.1", id="slash"),
        pytest.param(f"{PLAN}%2F2.4.1", id="slash encoded"),
    ],
)
def test_clause_by_id(client, address):
    clause = client.get(f"/v1/clauses/{address}").json()
    assert clause["clause_id"] == f"{PLAN}#2.4.1"
    assert clause["source"].startswith("（1）严格班级管理")
    assert len(clause["source"]) == clause["end"] - clause["start"]


def test_row_carries_its_cells(client):
    clause = client.get(f"/v1/clauses/{PLAN}%23a1.r1").json()
    assert [(c["header"], c["text"]) for c in clause["cells"]][2] == ("人次", "4800")


def test_regions_are_those_with_documents(client):
    assert client.get("/v1/regions").json()["regions"] == [
        {"code": "000000", "name": "全国", "documents": ["civil-code-counting"]},
        {"code": "411526", "name": "潢川县", "documents": [PLAN]},
    ]


def test_ready_shows_warnings_and_left_out_documents(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert "tiaowen index" in ready["warnings"][0]
    assert ready["problems"] == ["文件损坏，读不出来"]


@pytest.mark.parametrize("address", ["/", "/v1/documents", "/v1/nowhere", "/readyz"])
def test_every_response_has_the_security_headers(client, address):
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_openapi_speaks_chinese_and_declares_the_errors(client):
    described = client.get("/openapi.json").json()
    ask = described["paths"]["/v1/ask"]["post"]
    assert set(ask["responses"]) == {"200", "400", "401", "403", "413", "422", "429", "500", "503"}
    assert "application/problem+json" in ask["responses"]["422"]["content"]
    stream = described["paths"]["/v1/ask/stream"]["post"]
    assert list(stream["responses"]["200"]["content"]) == ["text/event-stream"]
    assert "event: done" in stream["responses"]["200"]["content"]["text/event-stream"]["example"]
    assert set(stream["responses"]) == set(ask["responses"])
    examples = described["components"]["schemas"]["AskRequest"]["examples"]
    assert examples[0]["question"] == QUESTION
    assert "HTTPValidationError" not in json.dumps(described)
    assert client.get("/docs").status_code == 404
