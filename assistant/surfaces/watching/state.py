"""What is looked up when figures are asked for: the index that serves, the store, the messengers' queues, refusals at the door."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assistant import __version__
from assistant.errors import TiaowenError
from assistant.surfaces.throttle import Throttle

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.dialogue.counts import ModelTotals
    from assistant.store.store import Store


class StateCollector(Collector):
    """The state of a server at the moment it is asked; a part that cannot be looked up is left out, and says so by its `up`.

    Args:
        find_assistant: the opened assistant; raises where there is none.
        throttle: whose refusals are told.
    """

    def __init__(self, find_assistant: Callable[[], Assistant], throttle: Throttle) -> None:
        self._find_assistant = find_assistant
        self._throttle = throttle

    def collect(self) -> Iterator[Metric]:
        """The figures."""
        yield _info("tiaowen_build", "Version.", version=__version__, python=platform.python_version())
        throttled = CounterMetricFamily("tiaowen_throttled", "Requests over a limit.", labels=["limit"])
        for deed, n_refused in self._throttle.n_refused.items():
            throttled.add_metric([deed], n_refused)
        yield throttled
        try:
            assistant = self._find_assistant()
        except TiaowenError:
            yield _gauge("tiaowen_index_up", "Whether questions can be answered.", 0)
            return
        yield _gauge("tiaowen_index_up", "Whether questions can be answered.", 1)
        yield from _collect_index(assistant)
        if assistant.model is not None:
            yield from _collect_model(assistant.model.counts.read())
        try:
            found = list(_collect_store(assistant.store))
        except TiaowenError:
            found = []
        yield _gauge("tiaowen_store_up", "Whether the store answers.", int(bool(found)))
        yield from found


def _collect_index(assistant: Assistant) -> Iterator[Metric]:
    index = assistant.describe_index()
    names = {"generation": index.generation, "corpus_version": index.corpus_version}
    yield _info("tiaowen_index", "The index that serves.", **names, embedder=index.embedder)
    yield _gauge("tiaowen_index_built_timestamp_seconds", "When the index was built.", index.built_at)
    yield _gauge("tiaowen_documents", "Documents that are answered from.", index.n_documents)
    yield _gauge("tiaowen_clauses", "Clauses that are answered from.", index.n_clauses)
    yield _gauge("tiaowen_warnings", "Things the operator should look at, see /readyz.", index.n_warnings)


def _collect_model(totals: ModelTotals) -> Iterator[Metric]:
    """What a language model did since the index that serves was opened."""
    for name, told, label, counted in (
        ("tiaowen_model_calls", "Calls of the language model.", "use", totals.calls),
        ("tiaowen_model_failures", "Calls that gave nothing of use.", "kind", totals.failures),
        (
            "tiaowen_model_sentences",
            "Sentences of the model by what became of them.",
            "fate",
            totals.sentences,
        ),
        ("tiaowen_model_faults", "Sentences that were not let through, by reason.", "kind", totals.faults),
    ):
        family = CounterMetricFamily(name, told, labels=[label])
        for value, n_times in sorted(counted.items()):
            family.add_metric([value], n_times)
        yield family
    yield CounterMetricFamily("tiaowen_model_tokens", "Tokens sent and received.", value=totals.tokens)


def _collect_store(store: Store) -> Iterator[Metric]:
    votes = GaugeMetricFamily("tiaowen_feedback_votes", "Votes on answers, in the store.", labels=["vote"])
    counted = store.feedback.count()
    for vote in ("up", "down"):
        votes.add_metric([vote], counted.get(vote, 0))
    yield votes
    queues = GaugeMetricFamily(
        "tiaowen_channel_messages", "Messages of messengers that wait.", labels=["channel", "queue"]
    )
    for queue in store.channels.count_waiting():
        queues.add_metric([queue.channel, queue.name], queue.n_messages)
    yield queues


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _info(name: str, told: str, **labels: str) -> Metric:
    family = GaugeMetricFamily(f"{name}_info", told, labels=list(labels))
    family.add_metric(list(labels.values()), 1)
    return family
