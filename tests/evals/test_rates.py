from __future__ import annotations

from typing import Any

import pytest

from evals.rates import RATES, Rate, Tally, group_results, measure_rates, tally_results

# A case as (expectation, status, states of metrics).
Ended = tuple[str, str, dict[str, str]]

RIGHT = {"status": "correct"}
WRONG = {"status": "incorrect"}
DECLINED = {"status": "abstained"}


def build_results(build: Any, cases: list[Ended]) -> list[Any]:
    return [
        build.result(f"c-{i}", expect=expect, status=status, states=states)
        for i, (expect, status, states) in enumerate(cases)
    ]


@pytest.mark.parametrize(
    ("name", "cases", "value", "n_cases"),
    [
        ("correct", [("answer", "answered", RIGHT), ("refuse", "answered", WRONG)], 0.5, 2),
        ("correct", [("answer", "answered", RIGHT | {"value": "incorrect"})], 0.0, 1),
        ("correct", [("answer", "answered", RIGHT | {"citation_precision": "incorrect"})], 1.0, 1),
        ("refusals", [("refuse", "refused", RIGHT), ("refuse", "answered", WRONG)], 0.5, 2),
        ("refusals", [("refuse", "refused", RIGHT | {"must_contain": "incorrect"})], 1.0, 1),
        ("refusals", [("refuse", "answered", RIGHT)], 1.0, 1),  # the case accepts an answer too
        ("refusals", [("answer", "refused", DECLINED)], None, 0),
        ("ask_backs", [("ask_back", "needs_info", RIGHT), ("ask_back", "answered", WRONG)], 0.5, 2),
        ("ask_backs", [("ask_back", "needs_info", RIGHT | {"gold_cited": "incorrect"})], 0.0, 1),
        ("ask_backs", [("answer", "needs_info", WRONG)], None, 0),
        ("false_refusals", [("answer", "refused", DECLINED), ("verdict", "answered", RIGHT)], 0.5, 2),
        ("false_refusals", [("verdict", "refused", DECLINED)], 1.0, 1),
        ("false_refusals", [("answer", "refused", RIGHT)], 0.0, 1),  # the case accepts a refusal too
        ("false_refusals", [("ask_back", "refused", DECLINED), ("refuse", "refused", RIGHT)], None, 0),
        ("citation_precision", [("answer", "answered", {"citation_precision": "incorrect"})], 0.5, 1),
        ("citation_precision", [("answer", "refused", {"citation_precision": "unscored"})], None, 0),
        ("citation_precision", [("answer", "answered", RIGHT)], None, 0),  # a report without the metric
        (
            "numbers_grounded",
            [
                ("answer", "answered", {"numbers_grounded": "correct"}),
                ("answer", "answered", {"numbers_grounded": "incorrect"}),
                ("answer", "answered", {"numbers_grounded": "unscored"}),
            ],
            0.5,
            2,
        ),
        ("quotes_exact", [("answer", "answered", {"quotes_exact": "correct"})], 1.0, 1),
        ("quotes_exact", [], None, 0),
    ],
)
def test_rate(build: Any, name: str, cases: list[Ended], value: float | None, n_cases: int) -> None:
    rates = {rate.name: rate for rate in measure_rates(build_results(build, cases))}
    assert list(rates) == list(RATES)
    assert (rates[name].value, rates[name].n_cases) == (value, n_cases)


def test_citation_recall_is_zero_where_an_answer_was_declined(build: Any) -> None:
    gold = build.case(gold=[{"doc": "plan", "quote": "每班"}]).model_dump()
    evidences = [
        build.evidence(answer, **gold)
        for answer in (
            build.answer("甲[1]", build.citation("每班人数不得超过 80 人")),
            build.answer("没有规定。", status="refused"),
        )
    ]
    results = [build.result(scores=build.score(evidence)) for evidence in evidences]
    (recall,) = (rate for rate in measure_rates(results) if rate.name == "citation_recall")
    assert (recall.value, recall.n_cases) == (0.5, 2)


@pytest.mark.parametrize(
    ("value", "is_ceiling", "is_met"),
    [
        (0.94, False, False),
        (0.95, False, True),
        (0.96, False, True),
        (0.94, True, True),
        (0.95, True, True),
        (0.96, True, False),
        (None, False, False),
        (None, True, False),
    ],
)
def test_threshold(value: float | None, is_ceiling: bool, is_met: bool) -> None:
    assert Rate("correct", "全对", is_ceiling, value, 100).meets(0.95) == is_met


def test_tally(build: Any) -> None:
    cases = [
        ("answer", "answered", RIGHT),
        ("answer", "answered", RIGHT),
        ("answer", "answered", RIGHT | {"value": "incorrect"}),
        ("answer", "refused", DECLINED),
    ]
    tally = tally_results(build_results(build, cases))
    assert tally == Tally(n_right=2, n_wrong=1, n_abstained=1)
    assert tally.n_cases == 4


def test_groups_are_the_kinds_in_order_then_the_totals(build: Any) -> None:
    kinds = ["refuse", "brand_new", "number", "lookup", "number"]
    results = [
        build.result(str(i), kind=kind, expect="refuse" if kind == "refuse" else "answer")
        for i, kind in enumerate(kinds)
    ]
    rows = [(row.label, len(row.results), row.is_total) for row in group_results(results)]
    assert rows == [
        ("查条款", 1, False),
        ("数字", 2, False),
        ("应拒答", 1, False),
        ("brand_new", 1, False),
        ("核心", 3, True),
        ("拒答", 1, True),
        ("全部", 5, True),
    ]
