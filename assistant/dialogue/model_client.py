"""LangChain's chat model, built from settings; its HTTP traffic bounded; its exceptions mapped to `ModelError`.

In: settings; the bounds of the call that this thread is making. Out: a chat model, and our errors. Only this module
knows what LangChain and the OpenAI client raise. Imported where a model is called for the first time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from assistant.config import ModelSettings
from assistant.errors import ModelError

MOST_BYTES = 2_000_000
"""Largest reply as it comes over the wire: one character of a stream may take 400 bytes."""
MOST_CHARACTERS = 12_000
"""Longest reply that is read; no answer of ours needs as much."""
_LEAST_TIMEOUT_S = 0.05
_OPENAI = "openai"

_KIND_BY_STATUS = {
    400: "rejected",
    401: "denied",
    402: "denied",
    403: "denied",
    404: "missing",
    408: "timeout",
}
_HINTS = {
    "timeout": "检查模型服务的负载，或调大 TIAOWEN_MODEL__TIMEOUT",
    "limited": "稍后再试；常见于接口的限速或欠费",
    "denied": "检查 TIAOWEN_MODEL__API_KEY",
    "missing": "检查 TIAOWEN_MODEL__NAME 和 TIAOWEN_MODEL__BASE_URL（多数接口的地址以 /v1 结尾）",
    "rejected": "检查模型名和接口是否支持所用的参数",
    "unavailable": "检查模型服务是否在运行、TIAOWEN_MODEL__BASE_URL 是否正确、网络是否通",
    "too_long": "换一个模型，或检查接口是否正常",
    "invalid": "换一个模型，或把 TIAOWEN_MODEL__STRUCTURED 改成 text",
    "empty": "换一个模型，或检查接口是否正常",
    "refused": "换一个模型",
}
_MESSAGES = {
    "timeout": "语言模型没有在规定时间内答复",
    "limited": "语言模型的接口限速",
    "denied": "语言模型的接口拒绝了密钥",
    "missing": "语言模型的接口说没有这个模型或地址",
    "rejected": "语言模型的接口不接受请求",
    "unavailable": "连不上语言模型，或连接中断",
    "too_long": "语言模型的答复太长，已中止",
    "invalid": "语言模型给出的数据不合格式",
    "empty": "语言模型没有给出内容",
    "refused": "语言模型拒绝回答",
}


def describe_fault(kind: str, detail: str = "") -> ModelError:
    """The error of a kind, with what is wrong and how to repair it."""
    message = _MESSAGES[kind] + (f"（{detail}）" if detail else "")
    return ModelError(message, kind=kind, hint=_HINTS[kind])


class TooLong(Exception):
    """More came over the wire than any answer needs."""


class Overdue(Exception):
    """The time of the call is over."""


@dataclass(slots=True)
class Bounds:
    """What one call may take.

    Attributes:
        ends_at: on `time.monotonic`'s clock.
        is_left: nobody waits for it any longer.
    """

    ends_at: float
    is_left: bool = False

    def check(self) -> float:
        """The seconds that are left.

        Raises:
            Overdue: there are none, or nobody waits.
        """
        left = self.ends_at - time.monotonic()
        if self.is_left or left <= 0:
            raise Overdue
        return max(left, _LEAST_TIMEOUT_S)


_bounds: ContextVar[Bounds | None] = ContextVar("bounds", default=None)


@contextmanager
def bounded(bounds: Bounds) -> Iterator[None]:
    """Bound every request that this thread makes, and let none of them be traced.

    LangChain would send prompts to a third party where a variable of the environment says so.
    """
    from langsmith import tracing_context

    token = _bounds.set(bounds)
    try:
        with tracing_context(enabled=False):
            yield
    finally:
        _bounds.reset(token)


def build_chat_model(settings: ModelSettings) -> Any:
    """The chat model of the settings.

    Raises:
        ModelError: the package of the provider is not installed, or it does not take these settings.
    """
    try:
        from langchain.chat_models import init_chat_model

        options: dict[str, Any] = {
            "temperature": 0,
            "timeout": settings.timeout,
            "max_retries": settings.retries,
        }
        if settings.base_url:
            options["base_url"] = settings.base_url
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        if settings.provider == _OPENAI:
            # Without a key of ours the client would send one that it finds in the environment.
            options |= {"api_key": key or "none", "stream_usage": True, "use_responses_api": False}
            options["http_client"] = _build_http_client()
        elif key:
            options["api_key"] = key
        return init_chat_model(settings.name, model_provider=settings.provider, **options)
    except ImportError as exc:
        raise ModelError(
            f"没有安装语言模型的接口程序：{exc}",
            kind="not_installed",
            hint="运行 pip install 'tiaowen[model]'；其他接口见 LangChain 的说明",
        ) from exc
    except (ValueError, TypeError) as exc:
        raise ModelError(
            f"语言模型的设置有误：{exc}",
            kind="rejected",
            hint="运行 tiaowen config 检查 TIAOWEN_MODEL__ 各项",
        ) from exc


def _build_http_client() -> Any:
    """The OpenAI client's own, which reads proxies from the environment, with our bounds."""
    import httpx2
    from openai import DefaultHttpxClient

    class BoundedStream(httpx2.SyncByteStream):
        def __init__(self, stream: Any, bounds: Bounds) -> None:
            self._stream, self._bounds = stream, bounds

        def __iter__(self) -> Iterator[bytes]:
            n_bytes = 0
            for part in self._stream:
                n_bytes += len(part)
                if n_bytes > MOST_BYTES:
                    raise TooLong
                self._bounds.check()
                yield part

        def close(self) -> None:
            self._stream.close()

    def on_request(request: Any) -> None:
        if bounds := _bounds.get():
            left = bounds.check()
            request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), left)

    def on_response(response: Any) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            # What is packed may be a thousand times as large.
            raise TooLong
        if bounds := _bounds.get():
            if not _is_worth_waiting(response.headers.get("retry-after"), bounds):
                # The client would sleep as long as it is told to, and keep its place meanwhile.
                response.headers["x-should-retry"] = "false"
            response.stream = BoundedStream(response.stream, bounds)

    return DefaultHttpxClient(
        headers={"accept-encoding": "identity"},
        event_hooks={"request": [on_request], "response": [on_response]},
    )


def _is_worth_waiting(retry_after: str | None, bounds: Bounds) -> bool:
    """Whether a server that is to be asked again later will be asked while somebody waits."""
    if retry_after is None:
        return True
    try:
        return float(retry_after) < bounds.ends_at - time.monotonic()
    except ValueError:
        return False


def map_fault(exc: BaseException) -> ModelError:
    """What a call raised → our error; the key and the prompt are in none of its words."""
    if isinstance(exc, ModelError):
        return exc
    chain = list(_walk(exc))
    if any(isinstance(e, TooLong) for e in chain):
        return describe_fault("too_long")
    if any(isinstance(e, Overdue) or "Timeout" in type(e).__name__ for e in chain):
        return describe_fault("timeout")
    status = next((s for e in chain if isinstance(s := getattr(e, "status_code", None), int)), None)
    if status is not None:
        return describe_fault(_kind_of(status), f"HTTP {status}")
    names = " ".join(type(e).__name__ for e in chain)
    if "Refusal" in names or "ContentFilter" in names:
        return describe_fault("refused")
    if any(word in names for word in ("Validation", "Parser", "JSON", "LengthFinish")):
        return describe_fault("invalid")
    return describe_fault("unavailable", type(exc).__name__)


def _kind_of(status: int) -> str:
    if status == 429:
        return "limited"
    if status >= 500:
        return "unavailable"
    return _KIND_BY_STATUS.get(status, "rejected")


def _walk(exc: BaseException) -> Iterator[BaseException]:
    """An exception and what led to it."""
    seen: set[int] = set()
    found: BaseException | None = exc
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__
