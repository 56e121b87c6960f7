"""OpenTelemetry: spans of requests and stages reach an OTLP server, without what was asked; nothing is loaded otherwise."""

from __future__ import annotations

import builtins
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient

from assistant.config import OtelSettings
from assistant.errors import ConfigError
from assistant.surfaces.api import create_app
from assistant.surfaces.watching.spans import open_spans, sending

IDENTITY = "11010519491231002X"
QUESTION = {
    "question": f"我是{IDENTITY}，每班人数不得超过多少人？",
    "region": "潢川县",
    "as_of": "2021-12-31",
}
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Collector(ThreadingHTTPServer):
    """An OTLP/HTTP server that keeps what it is sent."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self):
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        found = []
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        self.server.bodies.append(body)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def collector():
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="needs the extra otel")
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_request_and_its_stages_are_one_trace(collector, real_assistant):
    app = create_app(lambda: real_assistant)
    with sending(open_spans(OtelSettings(endpoint=collector.address))) as spans, TestClient(app) as client:
        app.state.watch.spans = spans
        headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        assert client.post("/v1/ask", json=QUESTION, headers=headers).status_code == 200
        client.get("/v1/search", params={"q": "悄悄问的话"})
        client.get("/v1/clauses/nothing%23at-all")
    found = {}
    for span in collector.spans():
        found.setdefault(span.name, span)
    assert set(found) >= {
        "POST /v1/ask",
        "answer.whole",
        "answer.recall",
        "answer.understand",
        "answer.verify",
        "answer.keep",
        "GET /v1/search",
    }
    request, whole = found["POST /v1/ask"], found["answer.whole"]
    assert request.trace_id.hex() == whole.trace_id.hex() == TRACE
    assert whole.parent_span_id == request.span_id
    assert found["answer.verify"].parent_span_id == whole.span_id
    attributes = {a.key: a.value for a in request.attributes}
    assert attributes["http.route"].string_value == "/v1/ask"
    assert attributes["http.response.status_code"].int_value == 200
    everything = b"".join(collector.bodies)
    for hidden in (IDENTITY, "每班人数", "悄悄", "at-all"):
        assert hidden.encode() not in everything


def test_a_bug_is_an_error_without_its_words(collector, keeping, access):
    keeping.script["坏"] = RuntimeError(f"bug with {IDENTITY}")
    app = create_app(lambda: keeping, access=access)
    with (
        sending(open_spans(OtelSettings(endpoint=collector.address))) as spans,
        TestClient(app, raise_server_exceptions=False) as client,
    ):
        app.state.watch.spans = spans
        client.post("/v1/ask", json={"question": "坏"})
    (span,) = collector.spans()
    assert (span.name, span.status.code) == ("POST /v1/ask", 2)
    assert IDENTITY.encode() not in b"".join(collector.bodies)


def test_a_collector_that_is_away_costs_no_answer(keeping, access):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="needs the extra otel")
    app = create_app(lambda: keeping, access=access)
    app.state.watch.spans = spans = open_spans(OtelSettings(endpoint="http://127.0.0.1:1"))
    with TestClient(app) as client:
        assert client.get("/healthz").status_code == 200
    spans.close()


def test_without_the_packages_the_remedy_is_told(monkeypatch):
    real = builtins.__import__

    def fail(name, *args, **kwargs):
        if name.startswith("opentelemetry.exporter"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(ConfigError) as told:
        open_spans(OtelSettings(endpoint="http://127.0.0.1:4318"))
    assert "tiaowen[otel]" in told.value.hint


def test_nothing_is_loaded_where_it_is_off():
    script = """
import sys
from assistant.config import OtelSettings
from assistant.surfaces import api
from assistant.surfaces.watching.spans import open_spans
assert open_spans(OtelSettings()) is None
print(*[n for n in ("opentelemetry.sdk", "opentelemetry.exporter", "requests") if n in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []
