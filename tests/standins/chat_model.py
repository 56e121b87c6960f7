"""A stand-in of an OpenAI-style model server: strict about what it is sent, and fails as its script says.

A lenient one hides bugs: a request with a field that the protocol does not know, a wrong key, a model that is not there
or a message without text is refused here as the real ones refuse it. Everything sent is kept in `history`.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.standins.running import running

MODEL = "scripted-chat"
KEY = "sk-of-the-tests"
LONGEST_PIECE = 7  # characters of one event of a stream

_KNOWN = {
    "model", "messages", "temperature", "stream", "stream_options", "response_format", "tools", "tool_choice",
    "parallel_tool_calls",
}  # fmt: skip
_ROLES = ("system", "user", "assistant", "tool")


@dataclass
class Reply:
    """What one request gets.

    Args:
        text: what the model says; `data` instead of it is given as the request wants data.
        status: of an error; its body is OpenAI's.
        body: sent as it is, whatever was wanted.
        first_s: pause before anything is sent; `piece_s` between two pieces.
        cut_after: pieces after which the connection drops.
        is_endless: the pieces never end.
        refusal: what the model says instead of answering.
        forget_usage: do not tell the tokens.
    """

    text: str = ""
    data: dict[str, Any] | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    first_s: float = 0.0
    piece_s: float = 0.0
    cut_after: int | None = None
    is_endless: bool = False
    refusal: str | None = None
    forget_usage: bool = False


@dataclass
class Request:
    """One request as it came."""

    body: dict[str, Any]
    key: str
    at: float

    @property
    def system(self) -> str:
        return "\n".join(m["content"] for m in self.body["messages"] if m["role"] == "system")

    @property
    def user(self) -> str:
        return "\n".join(m["content"] for m in self.body["messages"] if m["role"] == "user")

    @property
    def mode(self) -> str:
        """How data is wanted: `json_schema`, `function_calling`, or `text`."""
        if "response_format" in self.body:
            return "json_schema"
        return "function_calling" if self.body.get("tools") else "text"


Script = Callable[[Request], Reply]


class ChatModel(ThreadingHTTPServer):
    """Serves `/v1/models` and `/v1/chat/completions`.

    Attributes:
        script: says what a request gets; `queue` goes before it, first in, first out.
        modes: how it can give data; a request for another way gets 400.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: Script = lambda _: Reply("好的。")
        self.queue: list[Reply] = []
        self.modes = {"json_schema", "function_calling", "text"}
        self.history: list[Request] = []
        self.faults: list[str] = []
        self.n_open = 0
        self.most_open = 0
        self.n_bytes = 0
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def choose(self, request: Request) -> Reply:
        with self.lock:
            self.history.append(request)
            if self.queue:
                return self.queue.pop(0)
        return self.script(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is nobody's fault."""


def _find_fault(body: Any) -> str:
    if not isinstance(body, dict):
        return "body must be an object"
    if unknown := set(body) - _KNOWN:
        return f"unrecognized request argument: {sorted(unknown)}"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "messages must be a list"
    for message in messages:
        if set(message) - {"role", "content", "name"} or message.get("role") not in _ROLES:
            return f"bad message: {message}"
        if not isinstance(message.get("content"), str) or not message["content"]:
            return "content must be text"
    if "stream_options" in body and not body.get("stream"):
        return "stream_options without stream"
    form = body.get("response_format")
    if form is not None:
        schema = form.get("json_schema", {})
        if form.get("type") != "json_schema" or not schema.get("name") or "schema" not in schema:
            return "bad response_format"
        if schema.get("strict") and schema["schema"].get("additionalProperties") is not False:
            return "strict schema needs additionalProperties: false"
    for tool in body.get("tools", ()):
        if tool.get("type") != "function" or not tool["function"].get("name"):
            return "bad tool"
    return ""


class _Handler(BaseHTTPRequestHandler):
    server: ChatModel
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            return self._refuse(404, "no such path")
        row = {"id": MODEL, "object": "model", "created": 0, "owned_by": "tests"}
        return self._send_json(200, {"object": "list", "data": [row]})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/v1/chat/completions":
            return self._refuse(404, "no such path")
        try:
            body = json.loads(raw)
        except ValueError:
            return self._refuse(400, "not JSON")
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        if key != KEY:
            return self._refuse(401, "Incorrect API key provided")
        if fault := _find_fault(body):
            self.server.faults.append(fault)
            return self._refuse(400, fault)
        if body.get("model") != MODEL:
            return self._refuse(404, f"The model {body.get('model')!r} does not exist")
        request = Request(body, key, time.monotonic())
        if request.mode not in self.server.modes:
            return self._refuse(400, f"{request.mode} is not supported")
        return self._serve(request)

    def _serve(self, request: Request) -> None:
        with self.server.lock:
            self.server.n_open += 1
            self.server.most_open = max(self.server.most_open, self.server.n_open)
        try:
            reply = self.server.choose(request)
            time.sleep(reply.first_s)
            with suppress(BrokenPipeError, ConnectionResetError):
                if reply.status != 200:
                    self._refuse(reply.status, "scripted", reply.headers)
                elif reply.body is not None:
                    self._send(
                        200, reply.body.encode(), {"content-type": "application/json", **reply.headers}
                    )
                elif request.body.get("stream"):
                    self._stream(request, reply)
                else:
                    self._complete(request, reply)
        finally:
            with self.server.lock:
                self.server.n_open -= 1

    def _message(self, request: Request, reply: Reply) -> dict[str, Any]:
        text = _say(reply)
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": reply.refusal}
        if request.mode == "function_calling" and reply.data is not None:
            call = {"name": request.body["tools"][0]["function"]["name"], "arguments": text}
            message |= {"content": None, "tool_calls": [{"id": "c1", "type": "function", "function": call}]}
        return message

    def _complete(self, request: Request, reply: Reply) -> None:
        message = self._message(request, reply)
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        usage = {} if reply.forget_usage else {"usage": _usage(request, reply.text)}
        self._send_json(200, {**_head("chat.completion"), "choices": [choice], **usage})

    def _stream(self, request: Request, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for n, piece in enumerate(_pieces(_say(reply), reply.is_endless)):
            if reply.cut_after is not None and n >= reply.cut_after:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if n:
                time.sleep(reply.piece_s)
            self._send_chunk({"content": piece})
        self._send_chunk({}, finish="stop")
        if not reply.forget_usage and request.body.get("stream_options", {}).get("include_usage"):
            chunk = {**_head("chat.completion.chunk"), "choices": [], "usage": _usage(request, reply.text)}
            self._send_event(json.dumps(chunk))
        self._send_event("[DONE]")

    def _send_chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
        chunk = {**_head("chat.completion.chunk"), "choices": [choice]}
        self._send_event(json.dumps(chunk, ensure_ascii=False))

    def _send_event(self, data: str) -> None:
        line = f"data: {data}\n\n".encode()
        self.server.n_bytes += len(line)
        self.wfile.write(line)
        self.wfile.flush()

    def _refuse(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        error = {"message": message, "type": "error", "param": None, "code": None}
        self._send(
            status,
            json.dumps({"error": error}).encode(),
            {"content-type": "application/json", **(headers or {})},
        )

    def _send_json(self, status: int, value: Any) -> None:
        self._send(
            status, json.dumps(value, ensure_ascii=False).encode(), {"content-type": "application/json"}
        )

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.server.n_bytes += len(content)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _say(reply: Reply) -> str:
    return reply.text if reply.data is None else json.dumps(reply.data, ensure_ascii=False)


def _pieces(text: str, is_endless: bool) -> Iterator[str]:
    while True:
        yield from (text[i : i + LONGEST_PIECE] for i in range(0, len(text), LONGEST_PIECE))
        if not is_endless:
            return


def _head(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": MODEL}


def _usage(request: Request, text: str) -> dict[str, int]:
    n_asked = sum(len(m["content"]) for m in request.body["messages"])
    return {"prompt_tokens": n_asked, "completion_tokens": len(text), "total_tokens": n_asked + len(text)}


def serving_model() -> AbstractContextManager[ChatModel]:
    """A stand-in that answers."""
    return running(ChatModel())
