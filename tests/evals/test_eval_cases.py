from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import CorpusError
from evals.cases import CASES_DIR, DEFAULT_CASES, FACT_CASES, HELD_OUT, load_cases

GOOD: dict[str, Any] = {
    "id": "q1",
    "kind": "lookup",
    "region": None,
    "history": [],
    "question": "问？",
    "gold": [{"doc": "plan", "quote": "每班"}],
    "answer_must_contain": ["甲", ["乙", "丙"]],
    "answer_must_not_contain": [],
    "expect": "answer",
    "verdict": None,
    "value": None,
    "unit": None,
    "note": "",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_lines(*lines: object, name: str = "c.jsonl") -> Path:
        path = tmp_path / name
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return path

    return write_lines


def test_development_questions_load() -> None:
    cases = load_cases(DEFAULT_CASES)
    assert len(cases) == 87
    assert cases[0].id == "d-lookup-01"
    assert {case.expect for case in cases} == {"answer", "refuse", "ask_back", "verdict"}


def test_reads_every_field(write: Write) -> None:
    line = GOOD | {"value": 0.15, "unit": "万元", "expect_also": ["refuse"]}
    (case,) = load_cases(write(line))
    assert case.answer_must_contain == ("甲", ("乙", "丙"))
    assert str(case.value) == "0.15"
    assert case.accepted == ("answer", "refuse")


@pytest.mark.parametrize(
    ("alts", "sizes"),
    [
        ([None, None], [1, 1]),
        ([1, 1], [2]),
        ([1, None, 1, 2], [2, 1, 1]),
    ],
    ids=["alone", "interchangeable", "mixed"],
)
def test_gold_groups(write: Write, alts: list[int | None], sizes: list[int]) -> None:
    gold = [
        {"doc": "plan", "quote": str(i)} | ({} if alt is None else {"alt": alt}) for i, alt in enumerate(alts)
    ]
    (case,) = load_cases(write(GOOD | {"gold": gold}))
    assert [len(group) for group in case.gold_groups] == sizes


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{not json", "不是合法的 JSON"),
        ("[]", "整行"),
        (GOOD | {"surprise": 1}, "surprise"),
        ({k: v for k, v in GOOD.items() if k != "question"}, "question"),
        (GOOD | {"question": ""}, "question"),
        (GOOD | {"expect": "maybe"}, "expect"),
        (GOOD | {"expect": "verdict"}, "verdict"),
        (GOOD | {"verdict": "qualifies"}, "verdict"),
        (GOOD | {"answer_must_contain": [[]]}, "任一"),
        (GOOD | {"gold": [{"doc": "plan", "quote": ""}]}, "gold.0.quote"),
        (GOOD | {"id": "q0"}, "重复"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fault_names_file_and_line(write: Write, line: object, fault: str) -> None:
    path = write(GOOD | {"id": "q0"}, "", line)
    with pytest.raises(CorpusError) as caught:
        load_cases(path)
    assert f"{path}:3" in caught.value.message
    assert fault in caught.value.message
    assert caught.value.path == f"{path}:3"
    assert caught.value.hint


def test_folder_is_read_in_order_of_name(write: Write, tmp_path: Path) -> None:
    write(GOOD | {"id": "late"}, name="b.jsonl")
    write(GOOD | {"id": "early"}, name="a.jsonl")
    write("not a case", name="notes.txt")
    assert [case.id for case in load_cases(tmp_path)] == ["early", "late"]


def test_folder_is_read_without_the_files_of_another_format(write: Write, tmp_path: Path) -> None:
    write(GOOD, name="a.jsonl")
    facts = write("not a question", name=FACT_CASES.name)
    assert [case.id for case in load_cases(tmp_path)] == ["q1"]
    with pytest.raises(CorpusError, match="不是合法的 JSON"):
        load_cases(facts)


@pytest.mark.parametrize("name", sorted(HELD_OUT))
def test_folder_is_read_without_the_cases_that_are_held_out(write: Write, tmp_path: Path, name: str) -> None:
    write(GOOD, name="a.jsonl")
    held_out = write(GOOD | {"id": "v1"}, name=name)
    assert [case.id for case in load_cases(tmp_path)] == ["q1"]
    assert [case.id for case in load_cases(held_out)] == ["v1"]


def test_shipped_folder_loads_with_the_fact_cases_beside_it() -> None:
    assert FACT_CASES.parent == CASES_DIR
    assert FACT_CASES.is_file()
    ids = {case.id for case in load_cases(CASES_DIR)}
    assert "d-lookup-01" in ids
    assert not any(id_.startswith("f-") for id_ in ids)


def test_same_id_in_two_files_is_refused(write: Write, tmp_path: Path) -> None:
    write(GOOD, name="a.jsonl")
    write(GOOD, name="b.jsonl")
    with pytest.raises(CorpusError, match=r"b\.jsonl:1.*a\.jsonl:1"):
        load_cases(tmp_path)


def test_line_separator_inside_a_quote_does_not_end_the_line(write: Write) -> None:
    line = json.dumps(GOOD | {"question": "甲\u2028乙"}, ensure_ascii=False)
    (case,) = load_cases(write(line))
    assert case.question == "甲\u2028乙"


@pytest.mark.parametrize("content", ["", "\n\n"], ids=["empty", "blank"])
def test_no_cases_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "none.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match="没有可以评测的题"):
        load_cases(path)


def test_kind_without_cases_names_the_kinds_there_are(write: Write) -> None:
    with pytest.raises(CorpusError) as caught:
        load_cases(write(GOOD), kind="refuse")
    assert "lookup" in caught.value.hint


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "not UTF-8"])
def test_unreadable_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "c.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match="读不出来"):
        load_cases(path)
