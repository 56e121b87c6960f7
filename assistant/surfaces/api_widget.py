"""The widget on pages of other sites: a publish token is exchanged for a short session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.surfaces.access import SESSION_SECONDS, Access
from assistant.surfaces.door import SESSION_PATH
from assistant.surfaces.replies import json_reply, problem_docs

router = APIRouter()


class SessionRequest(BaseModel):
    """A publish token."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"token": "pk_6vV0mQ3nT8yLxR2aHc9eWkJd4sPzB7uGfNq1oYi5tXE"}]},
    )

    token: str = Field(min_length=1, max_length=200, description="嵌入代码里的令牌，以 pk_ 开头")


class SessionReply(BaseModel):
    """A session of the widget."""

    session_token: str = Field(description="放进 Authorization: Bearer 头；只对换取它的网站有效")
    expires_in: int = Field(description="多少秒后过期")


@router.post(
    SESSION_PATH,
    summary="换取网页挂件的会话令牌",
    description="别的网站上的网页用嵌入代码里的令牌换取会话令牌，之后的请求都带上它。"
    "请求要有浏览器自动加上的 Origin 头，而且在令牌登记的网站之中。",
    responses={200: {"model": SessionReply}, **problem_docs(400, 401, 403, 413, 422, 429, 500, 503)},
)
def open_session(
    body: SessionRequest,
    request: Request,
    origin: Annotated[str, Header(max_length=300, description="网页所在的网站，由浏览器加上")] = "",
) -> Response:
    """Open a session of the widget."""
    access: Access = request.app.state.access
    session = access.open_session(body.token, origin)
    reply = json_reply({"session_token": session, "expires_in": SESSION_SECONDS})
    reply.headers["cache-control"] = "no-store"
    return reply
