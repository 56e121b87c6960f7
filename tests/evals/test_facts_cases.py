"""The cases of `evals/cases/facts.jsonl` through the real assistant, and the ruler itself."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assistant.app import Assistant
from assistant.errors import CorpusError
from evals.cases import CASES_DIR, load_cases
from evals.facts import BY_SUBJECT, FactCase, load_fact_cases, main_facts, score_fact_case
from evals.metrics.text import remove_space

CASES = load_fact_cases()
BY_ID = {case.id: case for case in CASES}
LEAST_CASES = 120

GOOD: dict[str, Any] = {
    "id": "f-1",
    "kind": "class",
    "question": "",
    "rule": "plan/class-size",
    "region": None,
    "as_of": "2021-06-01",
    "facts": {"class_size": 81},
    "outcome": "fail",
    "value": None,
    "unit": None,
    "values": [],
    "date": None,
    "fails": ["class-size"],
    "asks": [],
    "cites": [],
    "note": "81>80",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(real_assistant: Assistant, case: FactCase) -> None:
    assert score_fact_case(real_assistant, case) == []


def test_enough_cases_with_ids_of_their_own() -> None:
    assert len(CASES) >= LEAST_CASES
    assert len(BY_ID) == len(CASES)


def test_every_rule_exists_and_all_that_is_decided_or_computed_occurs(real_assistant: Assistant) -> None:
    book = real_assistant.calculator.book
    rules = {case.rule for case in CASES if not case.rule.startswith(BY_SUBJECT)}
    assert not rules - set(book.rules) - set(book.parameters)
    subjects = {c.rule.removeprefix(BY_SUBJECT) for c in CASES if c.rule.startswith(BY_SUBJECT)}
    assert subjects <= {verdict.subject for verdict in book.verdicts.values()}
    assert not {*book.verdicts, *book.quantities, *book.deadlines, *book.timelines} - rules


def test_facts_and_quotes_exist(real_assistant: Assistant) -> None:
    known = set(real_assistant.calculator.book.facts)
    for case in CASES:
        if case.kind != "invalid":
            assert set(case.facts) <= known, case.id
        assert set(case.asks) <= known, case.id
        for gold in case.cites:
            source = remove_space(real_assistant.source(gold.doc))
            assert remove_space(gold.quote) in source, (case.id, gold.quote)


def test_every_development_question_with_facts_is_copied() -> None:
    wanted = {
        c for c in load_cases(CASES_DIR / "dev.jsonl") if c.kind in ("calc_quota", "class_check", "deadline")
    }
    for question in wanted:
        case = BY_ID[f"f-{question.id}"]
        assert case.question == question.question
        assert case.region == question.region


@pytest.mark.parametrize(
    ("id_", "change", "fault"),
    [
        ("f-class-02", {"outcome": "pass", "fails": []}, "应为 pass，实为 fail"),
        ("f-class-02", {"fails": ["teacher-ratio"]}, "不合格的应为 teacher-ratio"),
        ("f-class-02", {"outcome": "invalid"}, "应指出事实有误"),
        (
            "f-class-02",
            {"cites": [{"doc": "huangchuan-2021-1", "quote": "进行不少于3个工作日的公示"}]},
            "少引",
        ),
        ("f-class-09", {"asks": ["teachers"]}, "应问而没有问：teachers"),
        ("f-d-calc_quota-01", {"value": "8001"}, "数值应为 8001人次"),
        ("f-d-calc_quota-01", {"unit": "人"}, "数值应为 8000人，"),
        ("f-d-calc_quota-01", {"bound": "<="}, "界限应为 <="),
        ("f-quota-02", {"value": "3..5"}, "数值应为 3..5人"),
        ("f-deadline-01", {"values": ["2021-05-14", "2021-05-22"]}, "2021-05-22日期"),
        ("f-deadline-05", {"date": "2021-05-08"}, "数值应为 2021-05-08日期"),
        ("f-refuse-01", {"outcome": "unknown"}, "状态应为 needs_info"),
        ("f-invalid-01", {"fails": ["teachers"]}, "应指出 teachers，实为 class_size"),
        ("f-invalid-01", {"outcome": "unknown"}, "实为报错"),
    ],
)
def test_wrong_expectation_is_caught(
    real_assistant: Assistant, id_: str, change: dict[str, Any], fault: str
) -> None:
    right = BY_ID[id_]
    assert score_fact_case(real_assistant, right) == []
    wrong = FactCase.model_validate(right.model_dump() | change)
    assert fault in "；".join(score_fact_case(real_assistant, wrong))


def test_money_in_ten_thousands_is_the_same(real_assistant: Assistant) -> None:
    case = BY_ID["f-d-calc_quota-03"]
    same = FactCase.model_validate(case.model_dump() | {"value": "500000", "unit": "元"})
    assert score_fact_case(real_assistant, same) == []


def test_command_shows_failures_and_says_so_in_the_exit_code(real_assistant: Assistant) -> None:
    right = BY_ID["f-class-02"]
    wrong = FactCase.model_validate(right.model_dump() | {"id": "f-wrong", "fails": ["in-system"]})
    shown = StringIO()
    assert main_facts(real_assistant, [right], Console(file=shown, width=200)) == 0
    assert "f-wrong" not in shown.getvalue()
    assert main_facts(real_assistant, [right, wrong], Console(file=shown, width=200)) == 1
    assert "f-wrong" in shown.getvalue()
    assert "in-system" in shown.getvalue()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{not json", "不是合法的 JSON"),
        (GOOD | {"surprise": 1}, "surprise"),
        ({k: v for k, v in GOOD.items() if k != "note"}, "note"),
        (GOOD | {"kind": "lookup"}, "kind"),
        (GOOD | {"fails": []}, "fails"),
        (GOOD | {"asks": ["teachers"]}, "asks"),
        (GOOD | {"value": "8"}, "unit"),
        (GOOD | {"value": "8", "unit": "人", "date": "2021-06-01"}, "只填一项"),
        (GOOD | {"facts": {"class_size": 0.5}}, "facts"),
        (GOOD | {"id": "f-0"}, "重复"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fault_names_file_and_line(tmp_path: Path, line: object, fault: str) -> None:
    path = tmp_path / "facts.jsonl"
    texts = [json.dumps(GOOD | {"id": "f-0"}), "", line if isinstance(line, str) else json.dumps(line)]
    path.write_text("\n".join(texts), encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        load_fact_cases(path)
    assert f"{path}:3" in caught.value.message
    assert fault in caught.value.message


def test_no_cases_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="没有可以评测的题"):
        load_fact_cases(path)
