"""The calculator over HTTP, with the shipped rules: contract, order of keys, faults by field, workbooks."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pytest
from fastapi.testclient import TestClient

from assistant.config import ServerSettings
from assistant.models import Decision, DecisionValue
from assistant.surfaces import contract
from assistant.surfaces.api import create_app
from assistant.surfaces.schema import answer_object, decision_object, dump_json

CLASS = "huangchuan-2021-1/class-qualifies"
FACTS = {"class_size": 85, "teachers": 4, "class_hours": 60, "practical_hours": 36}
DECISION_KEYS = ["rule", "label", "outcome", "value", "checks", "ask", "repairs", "stable_until"]
CHECK_KEYS = [
    "id", "label", "outcome", "shown", "margin", "facts", "parameters", "cites", "when", "force", "reminder",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(real_assistant):
    server = ServerSettings(max_upload=100_000)
    app = create_app(lambda: real_assistant, server=server, today=lambda: date(2021, 6, 1))
    with TestClient(app) as opened:
        yield opened


def test_check_gives_the_contract_in_order(client):
    reply = client.post("/v1/check", json={"facts": FACTS, "region": "潢川县"})
    assert reply.status_code == 200
    body = reply.json()
    decision = body["decision"]
    assert list(decision) == DECISION_KEYS
    assert (decision["rule"], decision["outcome"], decision["value"]) == (CLASS, "fail", None)
    size = decision["checks"][0]
    assert list(size) == CHECK_KEYS
    assert (size["id"], size["shown"], size["margin"]) == ("class-size", "85 > 80", "-5")
    assert size["facts"] == {"class_size": "85"}
    (used,) = size["parameters"]
    assert list(used) == ["id", "value", "unit", "cite", "from"]
    assert (used["id"], used["value"], used["unit"]) == ("max_class_size", "80", "人")
    cited = {citation["n"]: citation["quote"] for citation in body["citations"]}
    assert cited[used["cite"]].replace("\n", "").replace(" ", "") == "每班人数不得超过80人"
    assert list(decision["repairs"][0]) == ["set", "certified", "cites", "note"]
    failing = {check["id"] for check in decision["checks"] if check["outcome"] == "fail"}
    assert failing == {"class-size", "teacher-ratio", "practical-share"}


def test_missing_facts_are_asked_for(client):
    body = client.post("/v1/check", json={"facts": {"班级人数": "<80"}, "region": "潢川县"}).json()
    assert body["status"] == "needs_info"
    ask = body["decision"]["ask"]
    assert list(ask[0]) == ["fact", "label", "question", "unit", "type", "choices", "cites"]
    assert "teachers" in [a["fact"] for a in ask]


def test_documentation_matches_what_is_sent(client):
    for address in ("/v1/check", f"/v1/rules/{CLASS}"):
        body = client.post(address, json={"facts": FACTS}).json()
        contract.AnswerBody.model_validate(body)
        assert set(body["decision"]) <= set(contract.DecisionBody.model_fields)
        assert list(body["decision"]["checks"][0]) == list(contract.CheckBody.model_fields)


def test_a_figure_shows_bound_and_ends_only_where_they_say_something():
    plain = Decision("d/q", "甲", "pass", DecisionValue("16400", "人次"))
    assert decision_object(plain)["value"] == {"amount": "16400", "unit": "人次"}
    assert "values" not in decision_object(plain)
    floor = DecisionValue(None, "人", ">=", "80", None)
    assert decision_object(Decision("d/q", "甲", "unknown", floor))["value"] == {
        "amount": None,
        "unit": "人",
        "bound": ">=",
        "low": "80",
    }
    two = Decision("d/q", "甲", "conflict", None, (DecisionValue("1", "人"), DecisionValue("2", "人")))
    assert [value["amount"] for value in decision_object(two)["values"]] == ["1", "2"]
    assert list(decision_object(two)) == [*DECISION_KEYS[:4], "values", *DECISION_KEYS[4:]]


def test_rule_is_decided_at_its_address_with_the_bytes_of_the_command_line(client, real_assistant):
    body = {"facts": {"class_size": 81}, "region": "411526", "as_of": "2021-05-01"}
    reply = client.post("/v1/rules/huangchuan-2021-1/class-size", json=body)
    question = contract.DecideRequest(**body).to_question(date(2021, 6, 1))
    decided = real_assistant.decide("huangchuan-2021-1/class-size", question)
    assert reply.content == dump_json(answer_object(decided)).encode()
    assert reply.json()["decision"]["outcome"] == "fail"
    assert client.post("/v1/rules/class-size", json=body).content == reply.content


def test_check_of_one_rule_and_of_another_subject(client):
    body = client.post("/v1/check", json={"facts": FACTS, "rule": "huangchuan-2021-1/class-size"}).json()
    assert [check["id"] for check in body["decision"]["checks"]] == ["class-size"]
    person = client.post("/v1/check", json={"subject": "person"}).json()
    assert person["decision"]["rule"].endswith("person-eligible")


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        pytest.param({"class_size": -1}, "facts.class_size", "不可能是 -1", id="negative"),
        pytest.param({"class_size": "很多"}, "facts.class_size", "不是数字", id="text"),
        pytest.param({"moon": 1}, "facts.moon", "不认识的事实", id="unknown"),
        pytest.param(
            {"class_hours": 30, "practical_hours": 40},
            "facts.practical_hours",
            "实操课时不能多于总课时",
            id="contradiction",
        ),
    ],
)
def test_facts_that_cannot_be_used_are_named(client, facts, field, words):
    reply = client.post("/v1/check", json={"facts": facts})
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")
    problem = reply.json()
    assert problem["type"] == "urn:tiaowen:facts-invalid"
    assert problem["title"] == "请求有误"
    assert words in {error["field"]: error["message"] for error in problem["errors"]}[field]


@pytest.mark.parametrize(
    ("address", "body", "status", "words"),
    [
        pytest.param("/v1/rules/moon", {}, 404, "没有这条规则：moon", id="unknown rule"),
        pytest.param("/v1/check", {"rule": "class-siz"}, 404, "没有这条规则", id="mistyped rule"),
        pytest.param("/v1/check", {"subject": "moon"}, 422, "不认识的检查对象", id="unknown subject"),
        pytest.param("/v1/check", {"region": "火星"}, 422, "不认识的地区", id="unknown region"),
        pytest.param("/v1/check", {"as_of": "2021-2-30"}, 422, "as_of", id="no such day"),
        pytest.param("/v1/check", {"fact": {}}, 422, "不认识的字段", id="unknown field"),
        pytest.param("/v1/check", {"facts": {"a": [1]}}, 422, "应为文字、数字或是否", id="list for a fact"),
        pytest.param(
            "/v1/check", {"facts": {f"f{i}": 1 for i in range(201)}}, 422, "最多 200 项", id="201 facts"
        ),
    ],
)
def test_bad_requests_are_explained(client, address, body, status, words):
    reply = client.post(address, json=body)
    assert reply.status_code == status
    assert words in reply.json()["detail"]


def test_rules_are_listed_and_filtered(client):
    rows = client.get("/v1/rules").json()["rules"]
    kinds = {row["kind"] for row in rows}
    assert kinds == {
        "verdict", "check", "quantity", "deadline", "timeline", "table", "parameter", "conflict",
    }  # fmt: skip
    row = next(row for row in rows if row["id"] == CLASS)
    assert list(row) == [
        "id", "kind", "document", "number", "region", "subject", "label", "force", "facts", "questions",
    ]  # fmt: skip
    assert (row["region"], row["subject"]) == ("潢川县", "class")
    assert list(row["facts"][0]) == ["id", "label", "type", "unit", "choices", "ask"]
    wanted = {"document": "huangchuan-2021-1", "subject": "class", "kind": "verdict"}
    assert {r["kind"] for r in client.get("/v1/rules", params=wanted).json()["rules"]} == {"verdict"}
    hebei = client.get("/v1/rules", params={"region": "石家庄市"}).json()["rules"]
    assert "潢川县" not in {r["region"] for r in hebei}
    assert client.get("/v1/rules", params={"document": "moon"}).status_code == 404
    assert client.get("/v1/rules", params={"region": "火星"}).status_code == 422


def test_every_rule_is_shown_with_clauses_that_are_in_the_source(client, real_assistant):
    for row in client.get("/v1/rules").json()["rules"]:
        shown = client.get(f"/v1/rules/{row['id']}").json()
        assert {name: shown[name] for name in row} == row
        assert shown["clauses"], row["id"]
        for clause in shown["clauses"]:
            document = clause["clause_id"].partition("#")[0]
            assert real_assistant.source(document)[clause["start"] : clause["end"]] == clause["quote"]
            assert clause["drift"] == "fresh"


def test_one_rule_shows_expressions_and_dated_figures(client):
    size = client.get("/v1/rules/huangchuan-2021-1/class-size").json()
    assert size["readings"] == [{"label": "", "require": "class_size <= max_class_size"}]
    (figure,) = size["parameters"]
    assert (figure["bound"], figure["values"][0]["value"]) == ("<=", "80")
    assert figure["values"][0]["from"] == "2021-04-07"
    verdict = client.get(f"/v1/rules/{CLASS}").json()
    assert verdict["checks"][0]["require"] == "class_size <= max_class_size"
    assert client.get("/v1/rules/moon").status_code == 404


# -- workbooks -----------------------------------------------------------------------------------------


def upload(client, data: bytes, **fields: str):
    return client.post("/v1/check/batch", files={"file": ("x.csv", data)}, data=fields)


def test_batch_takes_a_table_and_gives_a_workbook(client):
    reply = upload(client, "班级人数,教师数\n85,4\n八十,4\n".encode("gb18030"), region="潢川县")
    assert reply.status_code == 200
    assert "spreadsheetml" in reply.headers["content-type"]
    assert "filename*=UTF-8''" in reply.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    headers, *rows = book["结果"].iter_rows(values_only=True)
    assert [row[headers.index("结论")] for row in rows] == ["不符合", "有误"]


@pytest.mark.parametrize(
    ("data", "fields", "status", "words"),
    [
        pytest.param(b"a,b\n1,2", {}, 422, "没有一列是认识的事实", id="no column fits"),
        pytest.param(b"class_size\n1", {"rule": "moon"}, 404, "没有这条规则", id="unknown rule"),
        pytest.param(b"class_size\n1", {"subject": "moon"}, 422, "不认识的检查对象", id="unknown subject"),
        pytest.param(b"class_size\n1", {"region": "火星"}, 422, "不认识的地区", id="unknown region"),
        pytest.param(b"class_size\n1", {"as_of": "2021/1/1"}, 422, "日期有误", id="day in another form"),
        pytest.param(b"x" * 200_000, {}, 413, "100000 字节", id="too large"),
    ],
)
def test_batch_refuses_what_it_cannot_check(client, data, fields, status, words):
    reply = upload(client, data, **fields)
    assert reply.status_code == status
    assert words in reply.json()["detail"]
    assert reply.headers["content-type"] == "application/problem+json"


def test_batch_without_a_file_and_a_large_body_elsewhere(client):
    reply = client.post("/v1/check/batch", data={"subject": "class"})
    assert reply.status_code == 422
    assert reply.json()["errors"] == [{"field": "file", "message": "缺少这个字段"}]
    large = json.dumps({"facts": {}, "region": "x" * 70_000}).encode()
    assert client.post("/v1/check", content=large).status_code == 413


def test_openapi_declares_the_addresses(client):
    described = client.get("/openapi.json").json()["paths"]
    assert {"get", "post"} <= set(described["/v1/rules/{rule_id}"])
    assert "multipart/form-data" in described["/v1/check/batch"]["post"]["requestBody"]["content"]
    assert "HTTPValidationError" not in json.dumps(described)
