"""The addresses that speak OpenAI's protocol, and a problem in the shape their clients read.

Their clients know nothing of RFC 9457: they look for `error.message` and choose the kind of exception by the status.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response

from assistant.surfaces.schema import JsonObject, dump_json

MODELS_PATH = "/v1/models"
CHAT_PATH = "/v1/chat/completions"

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def is_openai(path: str) -> bool:
    """Whether an address speaks OpenAI's protocol."""
    return path in (CHAT_PATH, MODELS_PATH) or path.startswith(f"{MODELS_PATH}/")


def error_object(problem: JsonObject, param: str | None = None) -> JsonObject:
    """A problem as OpenAI words it; `param` is the first field at fault, where the problem names one."""
    hint = f"（{problem['hint']}）" if problem["hint"] else ""
    faults = problem.get("errors") or [{"field": param}]
    status = problem["status"]
    usual = "server_error" if status >= 500 else "invalid_request_error"
    return {
        "error": {
            "message": f"{problem['detail']}{hint}",
            "type": _TYPES.get(status, usual),
            "param": faults[0]["field"],
            "code": problem["type"].rpartition(":")[2].replace("-", "_"),
        }
    }


def error_response(
    problem: JsonObject, headers: Mapping[str, str] | None = None, param: str | None = None
) -> Response:
    """The HTTP response for a problem at one of these addresses."""
    return Response(
        dump_json(error_object(problem, param)).encode("utf-8", errors="replace"),
        status_code=int(problem["status"]),
        media_type="application/json",
        headers=dict(headers or {}),
    )
