"""Bad input, missing indexes and bugs over HTTP: always problem details in Chinese, with a remedy."""

from __future__ import annotations

import http.client
import json
import logging
import socket

import pytest
from fastapi.testclient import TestClient

from assistant.errors import CorpusError, IndexMissing, ModelError
from assistant.surfaces.api import create_app

JSON_TYPE = {"content-type": "application/json"}


def assert_problem(reply, status: int) -> dict:
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert list(body)[:5] == ["type", "title", "status", "detail", "hint"]
    assert body["status"] == status
    assert any("一" <= c <= "鿿" for c in body["detail"])
    assert body["hint"]
    assert "Traceback" not in reply.text
    return body


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        pytest.param(b"{", 400, "第 2 个字符", id="cut JSON"),
        pytest.param(b"", 422, "缺少这个字段", id="no body"),
        pytest.param(b'{"question": "\xff\xfe"}', 400, "请求体读不出来", id="not UTF-8"),
        pytest.param(b"[" * 1500, 400, "请求体", id="nested too deep"),
        pytest.param(b'["question"]', 422, "应为 JSON 对象", id="an array"),
        pytest.param(b'"\xe9\x97\xae"', 422, "应为 JSON 对象", id="a string"),
        pytest.param(b"{}", 422, "question：缺少这个字段", id="no question"),
        pytest.param(b'{"question": 5}', 422, "question：应为文字", id="a number"),
        pytest.param(b'{"question": null}', 422, "question：应为文字", id="null"),
        pytest.param(b'{"question": "x", "top": 1}', 422, "top：不认识的字段", id="extra key"),
        pytest.param(b'{"question": "x", "as_of": "2021-13-01"}', 422, "as_of：应为", id="month 13"),
        pytest.param(b'{"question": "x", "as_of": 20210101}', 422, "as_of：应为", id="day a number"),
        pytest.param(b'{"question": "x", "as_of": "20210101"}', 422, "as_of：应为", id="basic form"),
        pytest.param(b'{"question": "x", "facts": []}', 422, "facts：应为", id="facts a list"),
        pytest.param(
            b'{"question": "x", "facts": {"a": {}}}', 422, "facts.a：应为文字、数字或是否", id="nested"
        ),
        pytest.param(b'{"question": "x", "facts": {"a": NaN}}', 422, "facts.a", id="NaN"),
        pytest.param(b'{"question": "x", "session_id": "a b"}', 422, "session_id：格式不对", id="session"),
        pytest.param(b'{"question": "x", "session_id": ""}', 422, "1 到 64 个", id="blank session"),
        pytest.param(b'{"question": "x", "session_id": "a\\n"}', 422, "1 到 64 个", id="session, line end"),
        pytest.param(
            b'{"question": "x", "session_id": 5}', 422, "session_id：应为文字", id="session a number"
        ),
        pytest.param(b'{"question": "  "}', 422, "问题是空的", id="blank"),
        pytest.param('{"question": "😀👍"}'.encode(), 422, "没有文字", id="emoji"),
        pytest.param(b'{"question": "\\u0000\\u0007"}', 422, "问题", id="control characters"),
        pytest.param(b'{"question": "\\ud800"}', 422, "有不成字的编码", id="lone surrogate"),
        pytest.param(b'{"question": "x", "\\ud800": 1}', 422, "有不成字的编码", id="surrogate key"),
        pytest.param('{"question": "x", "region": "火星"}'.encode(), 422, "火星", id="region"),
        pytest.param(b'{"question": "' + b"x" * 3000 + b'"}', 413, "2048 字节", id="too large"),
    ],
)
def test_ask_refuses_in_chinese(client, body, status, words):
    assert words in assert_problem(client.post("/v1/ask", content=body, headers=JSON_TYPE), status)["detail"]


def test_ask_names_each_field_apart(client):
    body = assert_problem(client.post("/v1/ask", json={"question": 1, "as_of": "x"}), 422)
    assert [error["field"] for error in body["errors"]] == ["question", "as_of"]


def test_body_without_json_type_is_explained(client):
    reply = client.post("/v1/ask", data={"question": "x"})
    assert "Content-Type" in assert_problem(reply, 422)["detail"]


def test_chunked_body_over_the_limit_is_refused(client):
    reply = client.post("/v1/ask", content=(b"x" * 500 for _ in range(20)), headers=JSON_TYPE)
    assert "content-length" not in reply.request.headers
    assert_problem(reply, 413)


def test_chunked_body_within_the_limit_is_read(client):
    pieces = iter(['{"question": "一个班'.encode(), '最多能坐多少人？"}'.encode()])
    reply = client.post("/v1/ask", content=pieces, headers=JSON_TYPE)
    assert reply.json()["status"] == "answered"


@pytest.mark.parametrize(
    ("method", "address", "status", "words"),
    [
        ("GET", "/v1/nowhere", 404, "没有这个地址"),
        ("GET", "/v1/documents/moon-1", 404, "没有这个文件：moon-1"),
        ("GET", "/v1/clauses/huangchuan-2021-1%239.9", 404, "没有这个条款：huangchuan-2021-1#9.9"),
        ("GET", "/v1/clauses/moon-1/1", 404, "没有这个文件：moon-1"),
        ("GET", "/v1/clauses/%ff", 404, "没有这个文件"),
        ("GET", "/../../etc/passwd", 404, "没有这个地址"),
        ("GET", "/v1/ask", 405, "不接受这种请求方法"),
        ("DELETE", "/", 405, "不接受这种请求方法"),
        ("GET", "/v1/search", 422, "q：缺少这个字段"),
        ("GET", "/v1/search?q=", 422, "检索词是空的"),
        ("GET", "/v1/search?q=x&k=0", 422, "k：不能小于 1"),
        ("GET", "/v1/search?q=x&k=many", 422, "k：应为整数"),
        ("GET", f"/v1/search?q={'x' * 2001}", 422, "q：太长，最多 2000 个字符"),
        ("GET", "/v1/search?q=x&region=%E7%81%AB%E6%98%9F", 422, "火星"),
    ],
)
def test_addresses_refuse_in_chinese(client, method, address, status, words):
    reply = client.request(method, address)
    assert words in assert_problem(reply, status)["detail"]
    if status == 405:
        assert reply.headers["allow"]


def test_an_address_of_several_routes_tells_all_its_methods(client):
    assert client.request("DELETE", "/v1/rules/x").headers["allow"] == "GET, POST"


def test_server_without_an_index_says_which_command(new_assistant):
    opened = []

    def open_later():
        if not opened:
            raise IndexMissing("还没有建立索引", hint="运行 tiaowen index")
        return opened[0]

    client = TestClient(create_app(open_later))
    assert client.get("/healthz").status_code == 200
    page = client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "运行 tiaowen index" in page.text
    for reply in (client.get("/readyz"), client.post("/v1/ask", json={"question": "x"})):
        body = assert_problem(reply, 503)
        assert (body["type"], body["hint"]) == ("urn:tiaowen:index-missing", "运行 tiaowen index")
    opened.append(new_assistant())
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("raised", "status", "kind"),
    [
        (ModelError("模型没有响应", hint="稍后再试"), 502, "urn:tiaowen:model-error"),
        (CorpusError("文件库损坏", hint="运行 tiaowen corpus check"), 500, "urn:tiaowen:corpus-error"),
    ],
    ids=["model", "corpus"],
)
def test_operator_errors_are_logged_once(client, assistant, caplog, raised, status, kind):
    assistant.script["x"] = raised
    assert assert_problem(client.post("/v1/ask", json={"question": "x"}), status)["type"] == kind
    assert [record.getMessage() for record in caplog.records if "assistant" in record.name] == [
        f"{type(raised).__name__}: {raised.message}"
    ]


def test_bug_is_logged_once_and_not_shown(client, assistant, caplog):
    assistant.script["x"] = ZeroDivisionError("secret detail")
    with caplog.at_level(logging.ERROR):
        reply = client.post("/v1/ask", json={"question": "x"})
    assert_problem(reply, 500)
    assert "secret" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert [record.name for record in caplog.records] == ["assistant.surfaces.edge"]
    assert caplog.records[0].exc_info


def test_real_server_refuses_100_kb_and_answers_the_next(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    question = json.dumps({"question": "长" * 100_000}, ensure_ascii=False).encode()
    connection.request("POST", "/v1/ask", body=question, headers=JSON_TYPE)
    refused = connection.getresponse()
    assert (refused.status, json.loads(refused.read())["title"]) == (413, "请求太大")
    connection.request("POST", "/v1/ask", body=b'{"question": "x"}', headers=JSON_TYPE)
    assert connection.getresponse().status == 200
    connection.close()


def test_real_server_survives_a_client_that_leaves(port):
    with socket.create_connection(("127.0.0.1", port)) as leaving:
        leaving.sendall(b"POST /v1/ask HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
