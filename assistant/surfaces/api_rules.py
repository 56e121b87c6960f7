"""The HTTP API of the calculator: rules to look at, one case to decide, a workbook of cases to check."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile

from assistant.surfaces import inbound, schema, schema_rules, workbook
from assistant.surfaces.contract import AnswerBody, CheckRequest, DecideRequest
from assistant.surfaces.edge import UPLOAD_PATH
from assistant.surfaces.replies import Region, find_assistant, json_reply, problem_docs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESULT_NAME = "检查结果.xlsx"

router = APIRouter()
RuleId = Annotated[str, Path(description="规则标识", examples=["huangchuan-2021-1/class-qualifies"])]
Short = Annotated[str | None, Form(max_length=200)]


@router.get(
    "/v1/rules",
    summary="规则列表",
    description="全部判断、计算、期限、表格、参数和不一致之处，及各自要问的事实。",
    responses=problem_docs(404, 422, 500, 503),
)
def list_rules(
    request: Request,
    document: Annotated[str, Query(max_length=100, description="只列这个文件的")] = "",
    subject: Annotated[str, Query(max_length=64, description="只列这类对象的，如 class")] = "",
    kind: Annotated[
        str, Query(max_length=20, description=f"只列这一种：{'、'.join(schema_rules.KINDS.values())}")
    ] = "",
    region: Region = None,
) -> Response:
    """List the rules."""
    assistant = find_assistant(request)
    if document:
        inbound.find_document(assistant.corpus, document)
    lineage = assistant.lineage((region or "").strip() or None)
    wanted = schema_rules.RuleFilter(document, subject, kind, lineage)
    book = assistant.calculator.book
    return json_reply(schema_rules.rules_object(book, assistant.regions, wanted, assistant.corpus_version))


@router.get(
    "/v1/rules/{rule_id:path}",
    summary="一条规则",
    description="规则的条件和算式、所依据的数字及其起止日期、条款和原文。",
    responses=problem_docs(404, 422, 500, 503),
)
def get_rule(rule_id: RuleId, request: Request) -> Response:
    """Give one rule with its clauses."""
    assistant = find_assistant(request)
    book = assistant.calculator.book
    rule = schema_rules.all_rules(book)[inbound.find_rule(book, rule_id)]
    return json_reply(schema_rules.rule_object(book, rule, assistant.regions))


@router.post(
    "/v1/rules/{rule_id:path}",
    summary="按一条规则判断或计算",
    description="给出已知情况，得到结论、每一步的算式和依据；缺的事实会列在 decision.ask 里，不会猜。",
    responses={200: {"model": AnswerBody}, **problem_docs(400, 404, 413, 422, 500, 503)},
)
def decide_rule(rule_id: RuleId, body: DecideRequest, request: Request) -> Response:
    """Decide one rule on stated facts."""
    assistant = find_assistant(request)
    question = body.to_question(request.app.state.today())
    key = inbound.find_rule(assistant.calculator.book, rule_id)
    return json_reply(schema.answer_object(assistant.decide(key, question)))


@router.post(
    "/v1/check",
    summary="检查一个班（或机构、人员等）",
    description="按当地最合适的规则检查，列出每一项是否符合、怎样改才符合、还需要知道什么。",
    responses={200: {"model": AnswerBody}, **problem_docs(400, 404, 413, 422, 500, 503)},
)
def check(body: CheckRequest, request: Request) -> Response:
    """Check one case."""
    assistant = find_assistant(request)
    question = body.to_question(request.app.state.today())
    if body.rule:
        key = inbound.find_rule(assistant.calculator.book, body.rule)
        return json_reply(schema.answer_object(assistant.decide(key, question)))
    return json_reply(schema.answer_object(assistant.check(question, body.subject)))


@router.post(
    UPLOAD_PATH,
    summary="批量检查表格",
    description="上传 xlsx 或 csv（首行为表头，列名用事实名称或标识），返回带结论、问题、改法和依据的 xlsx。"
    "读不懂的行标为“有误”并说明原因，其余各行照常检查。",
    response_class=Response,
    responses={
        200: {"content": {XLSX: {}}, "description": "检查结果"},
        **problem_docs(400, 404, 413, 422, 500, 503),
    },
)
def check_batch(
    request: Request,
    file: Annotated[UploadFile, File(description="xlsx 或 csv 文件")],
    subject: Short = None,
    rule: Short = None,
    region: Short = None,
    as_of: Short = None,
) -> Response:
    """Check every row of a workbook."""
    assistant = find_assistant(request)
    today: date = request.app.state.today()
    wanted = workbook.BatchRequest(
        rule=inbound.find_rule(assistant.calculator.book, rule) if rule else "",
        subject=subject or "class",
        region=(region or "").strip() or None,
        as_of=inbound.parse_day(as_of) if as_of else today,
    )
    result = workbook.check_workbook(assistant, file.file.read(), wanted)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(RESULT_NAME)}"}
    return Response(result.data, media_type=XLSX, headers=headers)
