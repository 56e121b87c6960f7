"""What askers think of an answer, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.surfaces.contract import SessionId
from assistant.surfaces.inbound import NotFound
from assistant.surfaces.replies import find_assistant, json_reply, problem_docs

router = APIRouter()

REASON = 200
COMMENT = 1000


class FeedbackRequest(BaseModel):
    """A vote on an answer."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "answer_id": "3f0c2a9d51b7e884",
                    "session_id": "wJ3vN0qXc1yQ7m2K5tLrZg",
                    "vote": "down",
                    "reason": "答非所问",
                    "comment": "我问的是中职，回答的是高职。",
                }
            ]
        },
    )

    answer_id: Annotated[str, Field(min_length=1, max_length=64)] = Field(description="回答的 id")
    session_id: SessionId = Field(description="得到这个回答的会话")
    vote: Literal["up", "down"] = Field(description="up 有用，down 没用；再次提交即改为新的")
    reason: str | None = Field(None, max_length=REASON, description="原因，可不填")
    comment: str | None = Field(None, max_length=COMMENT, description="补充说明，可不填")


class FeedbackReply(BaseModel):
    """That it was kept."""

    status: Literal["ok"]


@router.post(
    "/v1/feedback",
    summary="评价一个回答",
    description="说明一个回答有用还是没用。只能评价本会话得到过的回答；身份证号和手机号保存前遮去。",
    responses={200: {"model": FeedbackReply}, **problem_docs(400, 401, 403, 404, 413, 422, 429, 500, 503)},
)
def give_feedback(body: FeedbackRequest, request: Request) -> Response:
    """Keep a vote."""
    from assistant.store.feedback import Feedback

    given = Feedback(
        session_id=body.session_id,
        answer_id=body.answer_id,
        vote=body.vote,
        reason=(body.reason or "").strip(),
        comment=(body.comment or "").strip(),
        created_at=request.app.state.now(),
    )
    if not find_assistant(request).store.feedback.keep(given):
        raise NotFound("这个会话没有得到过这个回答", hint="answer_id 和 session_id 都要取自同一个回答")
    return json_reply({"status": "ok"})
