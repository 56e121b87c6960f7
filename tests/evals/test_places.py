"""Documents of places that the corpus does not have, held to what they have reached."""

from __future__ import annotations

import pytest

from assistant.config import Settings
from evals.cases import load_cases
from evals.places.__main__ import list_days, open_with_places
from evals.rates import measure_rates
from evals.runner import run_evaluation

LEAST = {
    "2024-01-15.jsonl": {"correct": 0.86, "citation_recall": 0.88, "quotes_exact": 1.0},
    "2025-06-15.jsonl": {"correct": 0.8, "citation_recall": 0.85, "quotes_exact": 1.0},
    "2025-09-10.jsonl": {"correct": 0.65, "citation_recall": 0.77, "quotes_exact": 1.0},
    "2025-10-20.jsonl": {"correct": 0.86, "citation_recall": 0.88, "quotes_exact": 1.0},
    "2025-11-05.jsonl": {"correct": 0.82, "citation_recall": 0.86, "quotes_exact": 1.0},
    "2025-11-10.jsonl": {"correct": 0.7, "citation_recall": 0.74, "quotes_exact": 1.0},
    "2025-12-05.jsonl": {"correct": 0.61, "citation_recall": 0.72, "quotes_exact": 1.0},
    "2026-11-21.jsonl": {"correct": 0.82, "citation_recall": 0.88, "quotes_exact": 1.0},
    "2026-11-24.jsonl": {"correct": 0.82, "citation_recall": 0.83, "quotes_exact": 1.0},
}


@pytest.fixture(scope="module")
def assistant():
    with open_with_places(Settings(_env_file=None)) as opened:
        yield opened


@pytest.mark.parametrize(("as_of", "path"), list_days(), ids=[path.stem for _, path in list_days()])
def test_clauses_of_other_places_answer(assistant, as_of, path):
    report = run_evaluation(assistant, load_cases(path), as_of, run="places")
    rates = {rate.name: rate.value for rate in measure_rates(report.results)}
    assert {name: rates[name] >= least for name, least in LEAST[path.name].items()} == dict.fromkeys(
        LEAST[path.name], True
    )
