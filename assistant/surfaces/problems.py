"""Whatever goes wrong at the HTTP edge → RFC 9457 problem details in Chinese, with a hint.

In: an error of our tree, a validation failure, a status of the framework, a bug. Out: a status, a
media type and a body that never holds a traceback or the text that was sent.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from assistant.dialogue.calculate import FactsInvalid
from assistant.errors import TiaowenError
from assistant.surfaces.openai_errors import error_response, is_openai
from assistant.surfaces.refusals import Refused
from assistant.surfaces.schema import JsonObject, dump_json
from assistant.surfaces.watching.request_id import find_request_id
from assistant.surfaces.web import pages

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
SEE_OPENAPI = "按 /openapi.json 中的格式改正后重试"

TITLES = {
    "RequestInvalid": "请求有误",
    "FactsInvalid": "请求有误",
    "NotFound": "没有找到",
    "Unsupported": "请求有误",
    "ModelNotFound": "没有找到",
    "McpNotInstalled": "没有安装",
    "ForeignHost": "地址不对",
    "TokenMissing": "需要会话令牌",
    "TokenInvalid": "令牌无效",
    "TokenExpired": "会话已过期",
    "OriginForbidden": "网站未获准",
    "MetricsForbidden": "需要密钥",
    "TooManyRequests": "请求太频繁",
    "SignInRequired": "需要登录",
    "ForeignOrigin": "来自别的网站",
    "IndexMissing": "还没有索引",
    "IndexStale": "索引已过期",
    "ModelError": "模型不可用",
    "StoreError": "存储不可用",
    "CorpusError": "文件库有误",
    "ParseError": "文件库有误",
    "RuleError": "文件库有误",
    "ConfigError": "设置有误",
}

# The framework's own statuses: title, detail, hint.
STATUSES = {
    400: ("请求有误", "请求体读不出来", "请用 UTF-8 编码的 JSON，并检查括号和引号"),
    404: ("没有找到", "没有这个地址", "接口列表见 /openapi.json，提问页面在 /"),
    405: ("方法不对", "这个地址不接受这种请求方法", "换成 Allow 头里列出的方法"),
    401: ("需要会话令牌", "这个请求没有带有效的会话令牌", "先用 POST /v1/widget/session 换取会话令牌"),
    403: ("网站未获准", "这个网站没有获准使用本服务", "请网站管理员登记网站地址"),
    413: ("请求太大", "请求体超过了上限", "缩短内容后重试"),
    429: ("请求太频繁", "请求太频繁，请稍后再试", "按 Retry-After 头里的秒数等一等"),
    500: ("内部错误", "服务器出错了，已记录", "稍后重试；仍不行请联系管理员查看日志"),
}

# pydantic's error types, worded for a person; braces are filled from the error's context.
FAULTS = {
    "missing": "缺少这个字段",
    "extra_forbidden": "不认识的字段",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "string_too_long": "太长，最多 {max_length} 个字符",
    "string_unicode": "有不成字的编码",
    "literal_error": "应为 {expected}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字太大",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "dict_type": "应为 JSON 对象",
    "too_long": "太多，最多 {max_length} 项",
    "too_short": "太少，最少 {min_length} 项",
    "list_type": "应为列表",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "model_attributes_type": "应为 JSON 对象，且 Content-Type 为 application/json",
    "fact": "应为文字、数字或是否（true、false）",
    "content": "应为文字，或由 text 部分组成的列表",
    "session": "格式不对，应为 1 到 64 个字母、数字或 . _ : -",
    "day": "应为 2026-11-21 这样的年-月-日",
}


def problem_object(
    status: int, kind: str, title: str, detail: str, *, hint: str, errors: Sequence[JsonObject] = ()
) -> JsonObject:
    """The members of RFC 9457, ours (`hint`, `errors`, `request_id`) last."""
    body: JsonObject = {
        "type": f"urn:tiaowen:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "hint": hint,
    }
    if errors:
        body["errors"] = list(errors)
    if request_id := find_request_id():
        body["request_id"] = request_id
    return body


def status_problem(status: int) -> JsonObject:
    """The problem for a bare HTTP status."""
    title, detail, hint = STATUSES.get(status, ("请求失败", "请求没有成功", SEE_OPENAPI))
    return problem_object(status, f"http-{status}", title, detail, hint=hint)


def encode_problem(body: JsonObject) -> bytes:
    """UTF-8 bytes; what cannot be written (a lone surrogate) becomes a question mark."""
    return dump_json(body).encode("utf-8", errors="replace")


def problem_response(body: JsonObject, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP response for a problem."""
    return Response(
        encode_problem(body),
        status_code=int(body["status"]),
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def describe_error(exc: TiaowenError) -> JsonObject:
    """The problem for an error of our tree; what the operator must repair is logged here, once."""
    name = type(exc).__name__
    title = TITLES.get(name, "出错了")
    if exc.http_status >= 500:
        logger.error("%s: %s", name, exc.message)
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    faults = exc.faults if isinstance(exc, FactsInvalid) else ()
    errors = [{"field": f"facts.{fault.fact}", "message": fault.message} for fault in faults]
    return problem_object(exc.http_status, kind, title, exc.message, hint=exc.hint, errors=errors)


def tell_error(exc: TiaowenError) -> str:
    """An error of our tree in one line, with its remedy: for a program that reads nothing but text."""
    problem = describe_error(exc)
    return f"{problem['detail']}（{problem['hint']}）" if problem["hint"] else str(problem["detail"])


def tell_faults(faults: Sequence[Mapping[str, Any]]) -> str:
    """What pydantic found wrong with the arguments of a call, in one line."""
    told = (fault_object(fault, n_prefix=0) for fault in faults)
    return "参数有误：" + "；".join(f"{fault['field']}：{fault['message']}" for fault in told)


def reply_problem(request: Request, body: JsonObject, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a page for a person, as JSON for a program, in OpenAI's shape where that is spoken."""
    if is_openai(request.url.path):
        return error_response(body, headers)
    if pages.wants_page(request):
        return pages.problem_page(request, body, headers)
    return problem_response(body, headers)


async def on_tiaowen_error(request: Request, exc: Exception) -> Response:
    """An error of our tree."""
    if not isinstance(exc, TiaowenError):
        raise exc
    headers = exc.headers if isinstance(exc, Refused) else {}
    return reply_problem(request, describe_error(exc), headers)


async def on_http_exception(request: Request, exc: Exception) -> Response:
    """What the framework refuses: unknown address, wrong method, unreadable body."""
    if not isinstance(exc, HTTPException):
        raise exc
    headers = dict(exc.headers or {})
    if exc.status_code == 405:
        headers["allow"] = _list_methods(request) or headers.get("allow", "")
    return reply_problem(request, status_problem(exc.status_code), headers)


def _list_methods(request: Request) -> str:
    """The methods of an address, over all routes that have it; the framework knows those of the first only."""
    methods: set[str] = set()
    for route in request.app.routes:
        pattern, known = getattr(route, "path_regex", None), getattr(route, "methods", None)
        if pattern is not None and known and pattern.match(request.url.path):
            methods |= known
    return ", ".join(sorted(methods))


async def on_validation_error(request: Request, exc: Exception) -> Response:
    """A body or a parameter of the wrong form; each field is named."""
    if not isinstance(exc, RequestValidationError):
        raise exc
    faults = exc.errors()
    if faults and faults[0]["type"] == "json_invalid":
        return reply_problem(request, _malformed_json(faults[0]["loc"]))
    errors = [fault_object(fault) for fault in faults]
    detail = "；".join(f"{error['field']}：{error['message']}" for error in errors)
    body = problem_object(422, "request-invalid", "请求有误", detail, hint=SEE_OPENAPI, errors=errors)
    return reply_problem(request, body)


def _malformed_json(location: Sequence[Any]) -> JsonObject:
    detail = f"请求体不是合格的 JSON：第 {int(location[-1]) + 1} 个字符处有误"
    return problem_object(400, "json-malformed", "请求有误", detail, hint=STATUSES[400][2])


def fault_object(fault: Mapping[str, Any], n_prefix: int = 1) -> JsonObject:
    """The field without the framework's prefix (`body`, `query`), and what is wrong."""
    names = [str(part) for part in fault["loc"][n_prefix:] if part != "[key]"]
    message = FAULTS.get(fault["type"], "值不对").format(**fault.get("ctx", {})).replace(" or ", " 或 ")
    return {"field": ".".join(names) or "请求体", "message": message}
