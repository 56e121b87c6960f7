"""OpenAI's protocol: programs that talk to a language model talk to this server instead, and get our answers.

The whole conversation comes with every request, so it is read again and none of it is looked up: two callers can never
see each other's. Only the question itself is kept, in a conversation of its own, as one of `POST /v1/ask` is. An
answer is decided before its stream begins, so whatever goes wrong is told by the status.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from assistant.surfaces import schema
from assistant.surfaces.inbound import build_question
from assistant.surfaces.openai_errors import CHAT_PATH, MODELS_PATH, error_response
from assistant.surfaces.openai_wire import (
    MODEL,
    ChatRequest,
    ModelNotFound,
    Unsupported,
    completion_chunks,
    completion_object,
    model_object,
)
from assistant.surfaces.problems import describe_error
from assistant.surfaces.replies import find_assistant, json_reply
from assistant.surfaces.throttle import caller_of

router = APIRouter()

QUESTIONS_PER_COUNT = 10
"""So many earlier questions of a conversation count like one question more."""
_EVENT_STREAM = "text/event-stream"


def _error_docs(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the statuses; each has OpenAI's error object."""
    names = ("message", "type", "param", "code")
    error = {"type": "object", "properties": {name: {"type": ["string", "null"]} for name in names}}
    body = {"type": "object", "properties": {"error": error}, "required": ["error"]}
    content = {"application/json": {"schema": body}}
    return {
        status: {"description": "error.message 说明原因和解决办法", "content": content} for status in statuses
    }


@router.get(
    MODELS_PATH,
    summary="模型列表（OpenAI 格式）",
    description=f"只有一个：{MODEL}。",
    responses=_error_docs(401, 403, 500),
)
def list_models() -> Response:
    """List the one model there is."""
    return json_reply({"object": "list", "data": [model_object()]})


@router.get(
    f"{MODELS_PATH}/{{model}}",
    summary="一个模型（OpenAI 格式）",
    description=f"名称只能是 {MODEL}。",
    responses=_error_docs(401, 403, 404, 422, 500),
)
def get_model(model: str) -> Response:
    """Give the one model there is."""
    if model != MODEL:
        raise ModelNotFound(f"没有这个模型：{model[:100]}", hint=f"模型名写 {MODEL}", param="model")
    return json_reply(model_object())


@router.post(
    CHAT_PATH,
    summary="对话（OpenAI 格式）",
    description="用 OpenAI 客户端提问：base_url 写本服务地址加 /v1，密钥随便填，模型名写 tiaowen。"
    "最后一条 user 消息是问题，前面的 user 消息是同一个对话里已经问过的；system 消息不读。"
    "回答的文字后面列出依据、提示和说明；消息的 citations 和 tiaowen 是同样内容的数据，与 `POST /v1/ask` 相同。"
    "地区、日期和已知情况写在 metadata 里。不计用量，都是 0。",
    responses={
        200: {
            "content": {"application/json": {}, _EVENT_STREAM: {}},
            "description": "回答；stream 为真时是事件流",
        },
        **_error_docs(400, 401, 403, 404, 413, 422, 429, 500, 503),
    },
)
def complete_chat(body: ChatRequest, request: Request) -> Response:
    """Answer the last message of a conversation."""
    state = request.app.state
    body.check_supported()
    text, earlier = body.read_conversation()
    caller = caller_of(request.client.host if request.client else "")
    for _ in earlier[::QUESTIONS_PER_COUNT]:
        state.access.throttle.check("ask", caller)
    question = build_question(
        text,
        as_of=body.as_of or state.today(),
        region=body.region,
        session_id=state.new_session(),
        facts=body.facts,
    )
    stream = find_assistant(request).stream(replace(question, earlier=earlier))
    created = int(state.now().timestamp())
    if not body.stream:
        return json_reply(completion_object(schema.answer_object(stream.finish()), created))
    has_usage = bool(body.stream_options and body.stream_options.include_usage)
    chunks = _encode_chunks(completion_chunks(stream, created, has_usage=has_usage))
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    # An answer that is there needs no thread to be sent; one that a model still words does.
    sent = chunks if stream.answer is None else _send_at_once(chunks)
    return StreamingResponse(sent, media_type=_EVENT_STREAM, headers=headers)


def _encode_chunks(chunks: Iterable[schema.JsonObject]) -> Iterator[bytes]:
    for chunk in chunks:
        yield f"data: {schema.dump_json(chunk)}\n\n".encode()
    yield b"data: [DONE]\n\n"


async def _send_at_once(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def on_unsupported(request: Request, exc: Exception) -> Response:  # noqa: ARG001 - the framework passes it
    """What there is not: the field at fault is named."""
    if not isinstance(exc, Unsupported):
        raise exc
    return error_response(describe_error(exc), param=exc.param)
