"""The figures of one process, as `/metrics` tells them.

Each process counts for itself and is scraped by itself; what all of them share (votes, queues, whether the store is
there) is looked up in the store by `state`. Labels have few values each: no address, session, question or clause is one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meter:
    """Counts; safe to share between threads."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self._questions = Counter(
            "tiaowen_questions", "Questions answered.", ["surface", "status"], registry=registry
        )
        self._refusals = Counter(
            "tiaowen_refusals", "Questions that nothing answers, by reason.", ["reason"], registry=registry
        )
        self._stages = Histogram(
            "tiaowen_stage_seconds",
            "Time of each stage of an answer; whole holds the others.",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._requests = Counter(
            "tiaowen_http_requests", "HTTP requests.", ["method", "route", "status"], registry=registry
        )
        self._durations = Summary(
            "tiaowen_http_request_seconds", "Time of HTTP requests.", ["method", "route"], registry=registry
        )
        self._in_progress = Gauge(
            "tiaowen_http_requests_in_progress", "HTTP requests under way.", registry=registry
        )

    def count_question(self, surface: str, status: str, reason: str) -> None:
        """An answer was given.

        Args:
            reason: why nothing answers; empty where the status is not `refused`.
        """
        self._questions.labels(surface, status).inc()
        if reason:
            self._refusals.labels(reason).inc()

    @contextmanager
    def time_stage(self, stage: str) -> Iterator[None]:
        """Take the time of a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._stages.labels(stage).observe(time.perf_counter() - started)

    def begin_request(self) -> None:
        """A request has come."""
        self._in_progress.inc()

    def end_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has been answered, or its client has gone."""
        self._in_progress.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)
