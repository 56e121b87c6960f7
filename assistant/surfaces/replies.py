"""What the routers of the API share: the assistant at hand, the JSON form of a reply, the errors to declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query, Request, Response

from assistant.surfaces import problems, schema
from assistant.surfaces.contract import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.app import Assistant

    AssistantSource = Callable[[], Assistant]

Region = Annotated[str | None, Query(max_length=100, description="地区名称或六位区划代码")]


def problem_docs(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the statuses that a handler may answer with."""
    content = {problems.MEDIA_TYPE: {"schema": _problem_schema()}}
    titles = {422: "字段有误", 503: "还没有可用的索引"}
    return {
        status: {
            "description": titles.get(status) or problems.STATUSES[status][0],
            "content": content,
        }
        for status in statuses
    }


def _problem_schema() -> dict[str, Any]:
    """The form of a problem, whole: a reference into it would lead nowhere in the document around it."""
    written = Problem.model_json_schema()
    parts = written.pop("$defs")
    written["properties"]["errors"]["items"] = parts["FieldFault"]
    return written


def find_assistant(request: Request) -> Assistant:
    """The opened assistant; raises what `/readyz` is to say where there is none."""
    source: AssistantSource = request.app.state.assistant_source
    return source()


def json_reply(value: schema.JsonObject) -> Response:
    """A reply in the one JSON form."""
    return Response(schema.dump_json(value).encode("utf-8"), media_type="application/json")
