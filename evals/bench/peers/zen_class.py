"""The class check in zen-engine: a decision table that collects every condition that fails.

One row a condition, hit policy `collect`: a class qualifies if nothing was collected. Evaluated by key through a
static loader, because there the engine keeps the compiled table; a `ZenDecision`, from `create_decision` or
`get_decision`, compiles it again at every call and takes fifteen to twenty-five times as long. A row whose facts are
missing does not fire, so that a class without facts passes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import zen

from evals.bench.peers import COMPLETION, LIMITS, Columns, Contestant, Facts, Verdicts, list_facts

KEY = "class"
TRACE = {"trace": True}
CONDITIONS = {
    "class_size": f"class_size <= {LIMITS['max_class_size']}",
    "teachers": f"class_size <= {LIMITS['trainees_per_teacher']} * teachers",
    "workstations": f"class_size <= {LIMITS['trainees_per_workstation']} * workstations",
    "minutes": f"minutes_per_hour >= {LIMITS['min_minutes_per_hour']}",
    "practice": f"100 * practical_hours >= {LIMITS['min_practical_percent']} * class_hours",
    "completion": (
        f"certificate != '{COMPLETION}' or has_hours_rule or class_hours >= {LIMITS['min_completion_hours']}"
    ),
    "theory": "theory_recorded",
    "recording": f"recorded_minutes_per_hour >= {LIMITS['min_recorded_minutes']}",
    "system": "in_system",
    "satisfaction": f"satisfaction_percent >= {LIMITS['min_satisfaction_percent']}",
}


def build_graph() -> dict[str, Any]:
    """The decision model (JDM): input, table, output."""
    rules = [
        {"_id": name, "condition": f"not ({condition})", "failure": f"'{name}'"}
        for name, condition in CONDITIONS.items()
    ]
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": "condition", "name": "condition"}],
        "outputs": [{"id": "failure", "name": "failure", "field": "failure"}],
        "rules": rules,
    }
    place = {"x": 0, "y": 0}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "facts", "type": "inputNode", "name": "facts", "position": place},
            {
                "id": "check",
                "type": "decisionTableNode",
                "name": "check",
                "position": place,
                "content": table,
            },
            {"id": "failures", "type": "outputNode", "name": "failures", "position": place},
        ],
        "edges": [
            {"id": "in", "type": "edge", "sourceId": "facts", "targetId": "check"},
            {"id": "out", "type": "edge", "sourceId": "check", "targetId": "failures"},
        ],
    }


class ZenClass(Contestant):
    """By key, from a static loader: the fastest way in.

    Attributes:
        last_trace: what each node took in and gave out at the last verdict; None without trace.
    """

    def __init__(self, *, trace: bool = False) -> None:
        self.name = "zen-engine"
        self.last_trace: Any = None
        self._trace = trace
        self._engine: Any = zen.ZenEngine({"loader": {"type": "static", "content": {KEY: build_graph()}}})

    def decide(self, facts: Facts) -> bool:
        if not self._trace:
            return not self._engine.evaluate(KEY, facts)["result"]
        response = self._engine.evaluate(KEY, facts, TRACE)
        self.last_trace = response["trace"]
        return not response["result"]

    def prepare_many(self, columns: Columns) -> Callable[[], Verdicts]:
        """The rows as contexts; what is timed is a loop, which `evaluate_batch` does not beat."""
        rows = list_facts(columns)
        evaluate = self._engine.evaluate

        def run_loop() -> Verdicts:
            return np.fromiter((not evaluate(KEY, row)["result"] for row in rows), np.int8, len(rows))

        return run_loop


class ZenDecisionClass(ZenClass):
    """Through `create_decision`, as the engine's own README shows it."""

    def __init__(self, *, trace: bool = False) -> None:
        super().__init__(trace=trace)
        self.name = "zen-engine create_decision"
        self._decision: Any = self._engine.create_decision(json.dumps(build_graph(), ensure_ascii=False))

    def decide(self, facts: Facts) -> bool:
        response = self._decision.evaluate(facts, TRACE if self._trace else {})
        self.last_trace = response.get("trace")
        return not response["result"]
