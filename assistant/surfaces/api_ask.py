"""Asking over HTTP: an answer as one object, or the same answer as server-sent events.

A question without a session gets a new one, and the answer says which: a client that sends it back goes on with the
conversation. What is wrong with a request is told before a stream begins, what goes wrong afterwards as an event.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from assistant.errors import TiaowenError
from assistant.models import Question
from assistant.surfaces import problems, schema
from assistant.surfaces.contract import ANSWER_EXAMPLE, AnswerBody, AskRequest
from assistant.surfaces.edge import find_route
from assistant.surfaces.events import Event, answer_events, status_event, stream_events
from assistant.surfaces.replies import find_assistant, json_reply, problem_docs

router = APIRouter()
logger = logging.getLogger(__name__)

ERRORS = problem_docs(400, 401, 403, 413, 422, 429, 500, 503)
EVENTS = """同一个回答，以 server-sent events 逐条发送，每个事件的 data 是一个 JSON 对象：

- `status`：正在做什么（message），及会话标识（session_id）；
- `citation`：一条依据，在首次用到它的那段文字之前；
- `text`：一段已核对的文字（text）和其中用到的依据序号（cites）；各段连起来就是完整的回答；
- `decision`：计算或判断的结果，有才发；
- `done`：完整的回答，与 `POST /v1/ask` 相同，发完即结束；
- `error`：出错了，内容是问题详情（RFC 9457），发完即结束。

每 15 秒没有事件就发一行注释，保持连接。"""


def read_question(body: AskRequest, request: Request) -> Question:
    """What was asked, today where no day is named, in a new session where none is."""
    state = request.app.state
    if body.session_id:
        state.access.throttle.check("session", body.session_id)
    return body.to_question(state.today(), state.new_session)


Asked = Annotated[Question, Depends(read_question)]


@router.post(
    "/v1/ask",
    summary="提问",
    description="回答一个问题，每个结论都带条款和原文；找不到依据时拒答并列出最接近的条款。"
    "把回答里的 session_id 随下一个问题送回，就可以接着问。",
    responses={200: {"model": AnswerBody}, **ERRORS},
)
def ask(question: Asked, request: Request) -> Response:
    """Answer one question."""
    return json_reply(schema.answer_object(find_assistant(request).ask(question)))


def _stream_docs() -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the stream, with one in full."""
    events = [status_event(ANSWER_EXAMPLE["session_id"]), *answer_events(ANSWER_EXAMPLE)]
    example = "".join(f"event: {name}\ndata: {schema.dump_json(data)}\n\n" for name, data in events)
    content = {EventSourceResponse.media_type: {"example": example}}
    return {200: {"description": "事件流", "content": content}, **ERRORS}


@router.post(
    "/v1/ask/stream",
    summary="提问，逐条接收回答",
    description=EVENTS,
    response_class=EventSourceResponse,
    responses=_stream_docs(),
    dependencies=[Depends(find_assistant)],  # a missing index is told by the status of the reply
)
def ask_stream(question: Asked, request: Request) -> Iterator[ServerSentEvent]:
    """Answer one question event by event; the framework sends the heartbeat and stops where the client leaves."""
    yield _encode(status_event(question.session_id or ""))
    try:
        stream = find_assistant(request).stream(question)
        with closing(stream):
            yield from map(_encode, stream_events(stream))
    except TiaowenError as exc:
        yield _encode(Event("error", problems.describe_error(exc)))
    except Exception:
        logger.exception("unexpected error at %s %s", request.method, find_route(request.scope))
        yield _encode(Event("error", problems.status_problem(500)))


def _encode(event: Event) -> ServerSentEvent:
    """In the one JSON form; the framework's own would escape every Chinese character."""
    return ServerSentEvent(event=event.name, raw_data=schema.dump_json(event.data))
