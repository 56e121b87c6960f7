"""OpenTelemetry: a span for each request and for each stage of an answer, sent where a setting says.

The packages are an extra, imported only where the setting is on. A span names route, status and stage, never an address
as it was asked for, a question, a session or the words of an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from assistant import __version__
from assistant.config import OtelSettings
from assistant.errors import ConfigError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "tiaowen"
_PATIENCE_MS = 3000


class OtelSpans:
    """Makes spans; safe to share between threads.

    Args:
        provider: where they go; closed by `close`.
    """

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer(SERVICE, __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, method: str, headers: dict[str, str]) -> Iterator[None]:
        """See `questions.Spans`."""
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(
            method,
            context=self._propagator.extract(headers),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method},
            record_exception=False,
            set_status_on_exception=False,
        ):
            yield

    def name_request(self, method: str, route: str, status: int) -> None:
        """See `questions.Spans`."""
        from opentelemetry.trace import StatusCode, get_current_span

        span = get_current_span()
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            span.set_status(StatusCode.ERROR)

    def stage(self, name: str) -> AbstractContextManager[object]:
        """See `questions.Spans`."""
        return self._tracer.start_as_current_span(
            f"answer.{name}", record_exception=False, set_status_on_exception=False
        )

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        self._provider.force_flush(_PATIENCE_MS)
        self._provider.shutdown()


def open_spans(settings: OtelSettings) -> OtelSpans | None:
    """Where spans go; None where the setting is off.

    Raises:
        ConfigError: the packages are not installed.
    """
    if settings.endpoint is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as exc:
        raise ConfigError(
            "没有安装 OpenTelemetry", hint="运行 pip install 'tiaowen[otel]'，或去掉 TIAOWEN_OTEL__ENDPOINT"
        ) from exc
    resource = Resource.create({"service.name": SERVICE, "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{settings.endpoint}/v1/traces", timeout=_PATIENCE_MS / 1000)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OtelSpans(provider)


@contextmanager
def sending(spans: OtelSpans | None) -> Iterator[OtelSpans | None]:
    """Send what is left when the context ends."""
    try:
        yield spans
    finally:
        if spans is not None:
            spans.close()
