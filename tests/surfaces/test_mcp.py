"""The Model Context Protocol, spoken by the official client: over real HTTP and with a real subprocess."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from mcp import Client, MCPError, StdioServerParameters
from pydantic import BaseModel

from assistant.config import LimitSettings, ServerSettings
from assistant.errors import IndexMissing
from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from assistant.surfaces.contract_clauses import ClauseBody, PassageBody, RuleBody, SearchBody
from assistant.surfaces.schema import answer_object, clause_object, search_object
from assistant.surfaces.schema_rules import RuleFilter, rules_object
from assistant.surfaces.throttle import Throttle
from assistant.surfaces.written import write_answer

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 21)
PLAN = "huangchuan-2021-1"
QUESTION = "一个班最多能坐多少人？"
TOOLS = ["search_clauses", "get_clause", "ask", "check_class", "compute", "list_rules"]
CHECK = {"facts": {"班级人数": 85, "教师数": 4}, "region": "潢川县", "as_of": "2021-06-01"}
COMPUTE = {"rule": "annual-training-target", "region": "河南", "facts": {"院校类别": "高职"}}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
HEADERS = {"accept": "application/json, text/event-stream"}


def open_app(assistant, **options):
    return create_app(lambda: assistant, today=lambda: TODAY, new_session=lambda: "s-new", **options)


def converse(server, *calls, mode="auto"):
    """The results of tool calls in one connection."""

    async def run():
        async with Client(server, mode=mode) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(run())


def inquire(server, action):
    """What one action of a client gives."""

    async def run():
        async with Client(server) as client:
            return await action(client)

    return asyncio.run(run())


@pytest.fixture(params=["auto", "legacy"])
def mode(request) -> str:
    """The newest protocol, and the one with a handshake."""
    return request.param


@pytest.fixture
def address(serve, assistant):
    with serve(open_app(assistant)) as opened:
        yield f"{opened}/mcp"


@pytest.fixture(scope="module")
def real_address(serve, real_assistant):
    with serve(open_app(real_assistant)) as opened:
        yield f"{opened}/mcp"


# ---- what there is -----------------------------------------------------------------------------------


def test_tools_are_typed_and_only_read(address):
    tools = inquire(address, lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.input_schema["additionalProperties"] is False
        assert all(argument["description"] for argument in tool.input_schema["properties"].values())
        assert tool.output_schema["properties"]
    required = {tool.name: tool.input_schema.get("required", []) for tool in tools}
    assert required["ask"] == ["question"]
    assert required["check_class"] == []


def test_ask_gives_the_object_of_the_api_and_its_text(address, assistant, answer_builder, mode):
    given = {"question": QUESTION, "region": "潢川县", "as_of": "2021-05-01", "facts": {"class_size": 85}}
    (told,) = converse(address, ("ask", given), mode=mode)
    expected = answer_object(answer_builder(session_id="s-new"))
    assert told.is_error is False
    assert json.dumps(told.structured_content) == json.dumps(expected)
    assert [block.text for block in told.content] == [write_answer(expected)]
    (asked,) = assistant.questions
    assert (asked.region, asked.as_of, asked.facts) == ("潢川县", date(2021, 5, 1), {"class_size": "85"})


def test_a_conversation_goes_on_by_its_session(address, assistant):
    converse(address, ("ask", {"question": QUESTION}), ("ask", {"question": "x", "session_id": "a.B-9"}))
    assert [asked.session_id for asked in assistant.questions] == ["s-new", "a.B-9"]
    assert assistant.questions[0].as_of == TODAY


def test_clauses_rules_and_the_calculator(real_address, real_assistant):
    clause_id = f"{PLAN}#2.4.21.1"
    found, clause, listed, checked, computed = converse(
        real_address,
        ("search_clauses", {"query": "每班人数", "region": "潢川县", "k": 3}),
        ("get_clause", {"clause_id": clause_id}),
        ("list_rules", {"kind": "deadline", "region": "潢川县"}),
        ("check_class", CHECK),
        ("compute", COMPUTE),
    )
    assert len(found.structured_content["passages"]) == 3
    assert clause_id in found.content[0].text
    document = real_assistant.corpus.document_by_id[PLAN]
    expected = clause_object(real_assistant.corpus.clause_by_id[clause_id], document, real_assistant.regions)
    assert clause.structured_content == expected
    assert "每班人数不得超过80人" in clause.content[0].text
    assert {rule["kind"] for rule in listed.structured_content["rules"]} == {"deadline"}
    assert checked.structured_content["decision"]["outcome"] == "fail"
    assert computed.structured_content["decision"]["rule"].endswith("/annual-training-target")
    one_rule = {"rule": "annual-training-target", "region": "河南"}
    by_check, by_compute = converse(real_address, ("check_class", one_rule), ("compute", one_rule))
    assert by_check.structured_content == by_compute.structured_content


def test_documents_and_clauses_are_resources(real_address, real_assistant):
    async def read(client):
        listed = await client.list_resources()
        templates = await client.list_resource_templates()
        texts = [
            json.loads((await client.read_resource(uri)).contents[0].text)
            for uri in (
                "tiaowen://documents",
                f"tiaowen://documents/{PLAN}",
                f"tiaowen://clauses/{PLAN}/2.4.21.1",
            )
        ]
        return (
            [r.uri for r in listed.resources],
            [t.uri_template for t in templates.resource_templates],
            texts,
        )

    uris, templates, (documents, document, clause) = inquire(real_address, read)
    assert uris == ["tiaowen://documents"]
    assert templates == ["tiaowen://documents/{document_id}", "tiaowen://clauses/{document_id}/{path}"]
    assert len(documents["documents"]) == len(real_assistant.corpus.documents)
    assert document["source"] == real_assistant.corpus.document_by_id[PLAN].source
    assert clause["clause_id"] == f"{PLAN}#2.4.21.1"


def test_a_hosts_language_model_is_told_to_keep_the_citations(address):
    async def read(client):
        return client.instructions

    assert "照实说" in inquire(address, read)


@pytest.mark.parametrize(
    ("body", "optional"),
    [(PassageBody, set()), (ClauseBody, set()), (SearchBody, set()), (RuleBody, {"unit", "bound", "force"})],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_forms_describe_the_objects(real_assistant, body: type[BaseModel], optional):
    clause = real_assistant.corpus.clause_by_id[f"{PLAN}#2.4.21.1"]
    document = real_assistant.corpus.document_by_id[PLAN]
    search = search_object(real_assistant, "班", real_assistant.search("班", top_k=1))
    rules = rules_object(real_assistant.calculator.book, real_assistant.regions, RuleFilter(), "v")["rules"]
    objects = {
        PassageBody: search["passages"],
        SearchBody: [search],
        ClauseBody: [clause_object(clause, document, real_assistant.regions)],
        RuleBody: rules,
    }
    fields = set(body.model_fields)
    assert all(fields - optional <= set(value) <= fields for value in objects[body])


# ---- what is wrong with a call -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        pytest.param("ask", {}, "参数有误：question：缺少这个字段", id="no question"),
        pytest.param("ask", {"question": ""}, "问题是空的（请输入要问的内容）", id="blank"),
        pytest.param("ask", {"question": 7}, "参数有误：question：应为文字", id="number"),
        pytest.param("ask", {"question": "x", "as_of": "昨天"}, "参数有误：as_of：应为 2026-11-21", id="day"),
        pytest.param("ask", {"question": "x", "facts": "85人"}, "参数有误：facts：应为 JSON 对象", id="facts"),
        pytest.param("ask", {"question": "x", "session_id": "a b"}, "参数有误：session_id：格式不对", id="session"),
        pytest.param("ask", {"question": "x", "temperature": 1}, "不认识的参数：temperature（可用：question、", id="unknown"),
        pytest.param("ask", {"question": "x", "region": "火星"}, "不认识的地区：火星（", id="region"),
        pytest.param("ask", {"question": "x" * 3000}, "问题有 3000 个字，超过上限", id="long"),
        pytest.param("search_clauses", {"query": "x", "k": 0}, "参数有误：k：不能小于 1", id="k"),
        pytest.param("get_clause", {"clause_id": f"{PLAN}#9.9"}, f"没有这个条款：{PLAN}#9.9（", id="clause"),
        pytest.param("get_clause", {"clause_id": "nix#1"}, "没有这个文件：nix（", id="document"),
        pytest.param("compute", {"rule": "年度任务"}, "没有这条规则：年度任务（", id="rule"),
        pytest.param("check_class", {"subject": "ship"}, "不认识的检查对象：ship（", id="subject"),
        pytest.param("check_class", {"facts": {"班级人数": "很多"}}, "班级人数", id="fact"),
        pytest.param("delete_everything", {}, "没有这个工具：delete_everything（现有工具：search_clauses、", id="tool"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_to_the_model(real_address, name, arguments, message):
    (told,) = converse(real_address, (name, arguments))
    assert told.is_error is True
    assert told.content[0].text.startswith(message)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("tiaowen://documents/nix", "没有这个文件：nix"),
        (f"tiaowen://clauses/{PLAN}/9.9", "没有这个条款"),
        ("tiaowen://nix", "没有这个资源：tiaowen://nix"),
        ("file:///etc/passwd", "没有这个资源"),
    ],
)
def test_a_resource_that_there_is_not(real_address, uri, message):
    async def read(client):
        with pytest.raises(MCPError, match=message):
            await client.read_resource(uri)

    inquire(real_address, read)


def test_a_bug_shows_neither_its_words_nor_a_traceback(serve, new_assistant):
    with serve(open_app(new_assistant({"坏": ZeroDivisionError("secret")}))) as opened:
        (told,) = converse(f"{opened}/mcp", ("ask", {"question": "坏"}))
    assert (told.is_error, told.content[0].text) == (True, "服务器出错了，已记录；请稍后重试")


def test_without_an_index(serve):
    def find():
        raise IndexMissing("还没有索引", hint="运行 tiaowen index")

    with serve(create_app(find)) as opened:
        (told,) = converse(f"{opened}/mcp", ("ask", {"question": "x"}))
    assert (told.is_error, told.content[0].text) == (True, "还没有索引（运行 tiaowen index）")


# ---- over HTTP ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        pytest.param({}, 200, "", id="address"),
        pytest.param({"host": "localhost:8000"}, 200, "", id="localhost"),
        pytest.param({"host": "[::1]:8000"}, 200, "", id="IPv6"),
        pytest.param({"host": "wen.example.gov.cn"}, 200, "", id="public name"),
        pytest.param({"host": "evil.example"}, 421, "这个地址不是本服务的：evil.example", id="foreign name"),
        pytest.param({"host": "127.0.0.1.evil.example"}, 421, "不是本服务的", id="name like an address"),
        pytest.param(
            {"host": "evil.example", "origin": "http://evil.example"}, 421, "不是本服务的", id="rebound name"
        ),
        pytest.param({"origin": "https://evil.example"}, 403, "不能跨站使用", id="foreign page"),
        pytest.param({"origin": "https://wen.example.gov.cn"}, 200, "", id="own page"),
    ],
)
def test_only_this_servers_own_names_are_answered(serve, assistant, headers, status, message):
    server = ServerSettings(public_url="https://wen.example.gov.cn")
    with serve(open_app(assistant, server=server)) as opened:
        reply = httpx.post(f"{opened}/mcp", json=INITIALIZE, headers={**HEADERS, **headers})
    assert reply.status_code == status
    if message:
        assert message in reply.json()["detail"]
    else:
        assert reply.json()["result"]["serverInfo"]["name"] == "tiaowen"


def test_the_limits_of_questions_hold(serve, assistant, store):
    throttle = Throttle(LimitSettings(ask="2/minute"))
    access = Access(lambda: store.registry, throttle=throttle)
    with serve(open_app(assistant, access=access)) as opened:
        replies = [httpx.post(f"{opened}/mcp", json=INITIALIZE, headers=HEADERS) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert int(replies[2].headers["retry-after"]) > 0


def test_one_session_is_not_asked_too_often(serve, assistant, store):
    access = Access(lambda: store.registry, throttle=Throttle(LimitSettings(session="1/minute")))
    asked = ("ask", {"question": QUESTION, "session_id": "mine"})
    with serve(open_app(assistant, access=access)) as opened:
        first, second = converse(f"{opened}/mcp", asked, asked)
    assert (first.is_error, second.is_error) == (False, True)
    assert second.content[0].text.startswith("请求太频繁")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_there_is_no_session_to_listen_to(assistant, method):
    with TestClient(open_app(assistant), base_url="http://localhost") as http:
        assert http.request(method, "/mcp").status_code == 405


def test_a_body_over_the_limit(assistant):
    app = open_app(assistant, server=ServerSettings(max_body=1024))
    with TestClient(app, base_url="http://localhost") as http:
        reply = http.post("/mcp", json=INITIALIZE | {"x": "x" * 2000}, headers=HEADERS)
    assert reply.status_code == 413


def test_without_the_package(assistant, monkeypatch, capsys):
    from assistant.surfaces.cli import main

    monkeypatch.setitem(sys.modules, "mcp", None)
    for name in [name for name in sys.modules if name.startswith("mcp.") or name.endswith(".mcp_server")]:
        monkeypatch.delitem(sys.modules, name)
    with TestClient(open_app(assistant), base_url="http://localhost") as http:
        reply = http.post("/mcp", json=INITIALIZE, headers=HEADERS)
        assert http.get("/healthz").status_code == 200
    assert reply.status_code == 501
    assert "pip install" in reply.json()["hint"]
    assert main(["mcp"]) == 2
    assert "没有安装 MCP 支持" in capsys.readouterr().err


# ---- over standard input and output ------------------------------------------------------------------


@pytest.fixture
def program(settings, build_report):
    """How a host starts `tiaowen mcp`."""
    env = {
        "TIAOWEN_INDEX_DIR": str(settings.index_dir),
        "TIAOWEN_STORE__URL": settings.store.url,
        "PYTHONPATH": str(ROOT),
    }
    return StdioServerParameters(command=sys.executable, args=["-m", "assistant", "mcp"], env=env)


def test_a_host_starts_it_as_a_program(program):
    asked = {"question": QUESTION, "region": "潢川县", "as_of": "2026-11-21"}
    answered, wrong, checked = converse(
        program,
        ("ask", asked),
        ("ask", {"question": "x", "region": "火星"}),
        ("check_class", CHECK),
    )
    assert answered.structured_content["status"] == "answered"
    assert answered.structured_content["citations"][0]["clause_id"] == f"{PLAN}#2.4.21.1"
    assert (wrong.is_error, wrong.content[0].text[:9]) == (True, "不认识的地区：火星")
    assert checked.structured_content["decision"]["outcome"] == "fail"


def test_its_output_is_protocol_and_nothing_else(program, tmp_path):
    messages = [
        INITIALIZE,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": QUESTION}},
        },
        {"jsonrpc": "2.0", "id": 3, "method": "nix"},
    ]
    env = (
        os.environ | program.env | {"TIAOWEN_INDEX_DIR": str(tmp_path / "none"), "TIAOWEN_LOG_LEVEL": "DEBUG"}
    )
    with subprocess.Popen(
        [program.command, *program.args],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        replies = {}
        for message in messages:
            process.stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
            process.stdin.flush()
            if "id" in message:
                reply = json.loads(process.stdout.readline())
                replies[reply["id"]] = reply
        rest, log = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "")
    assert replies[2]["result"]["isError"] is True
    assert "tiaowen index" in replies[2]["result"]["content"][0]["text"]
    assert "error" in replies[3]
    assert "Traceback" not in log
