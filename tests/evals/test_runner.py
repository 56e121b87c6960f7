from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.config import data_dir
from assistant.errors import ConfigError, CorpusError, IndexMissing, RequestInvalid
from assistant.models import Answer, Citation, Passage, Question
from evals.cases import DEFAULT_CASES, Case, load_cases
from evals.metrics import RETRIEVAL_METRICS
from evals.runner import EvalOptions, main_eval, run_evaluation
from evals.system import System

CLASS = "每班人数不得超过 80 人"
GOLD = [{"doc": "plan", "quote": CLASS}]


def test_history_is_asked_first_in_one_session(build: Any) -> None:
    system = build.system({"那呢？": build.answer(f"{CLASS}[1]", build.citation(CLASS))})
    case = build.case(history=["甲？", "乙？"], question="那呢？", region="某县", gold=GOLD)
    report = run_evaluation(system, [case], date(2021, 5, 1), run="r")
    assert [q.text for q in system.questions] == ["甲？", "乙？", "那呢？"]
    assert {(q.session_id, q.region, q.as_of) for q in system.questions} == {
        ("eval-r-c-1", "某县", date(2021, 5, 1))
    }
    assert system.searches == [("那呢？", "某县", 10)]
    assert report.results[0].is_right
    assert report.results[0].citations == ("[1] 试发（2021）7号 一、",)


def test_every_run_has_conversations_of_its_own(build: Any, tmp_path: Path) -> None:
    cases = tmp_path / "few.jsonl"
    lines = [build.case(id=id_, history=["甲？"]).model_dump_json() for id_ in ("c-1", "c-2")]
    cases.write_text("\n".join(lines), encoding="utf-8")
    system = build.system()
    for _ in range(2):
        main_eval(system, EvalOptions(cases=cases, reports_dir=tmp_path / "r"))
    sessions = [q.session_id for q in system.questions]
    assert sessions == [session for session in dict.fromkeys(sessions) for _ in range(2)]
    assert len(set(sessions)) == 4


def test_single_question_has_no_session(build: Any) -> None:
    system = build.system()
    run_evaluation(system, [build.case()], build.as_of, run="r")
    assert [q.session_id for q in system.questions] == [None]


def test_report_says_what_it_rests_on(build: Any) -> None:
    report = run_evaluation(build.system(), [build.case()], build.as_of, run="r")
    assert (report.corpus_version, report.as_of) == ("v-test", build.as_of)


def test_input_turned_away_counts_as_refused(build: Any) -> None:
    system = build.system({"长": RequestInvalid("问题太长")})
    cases = [build.case(id="a", question="长", expect="refuse"), build.case(id="b", question="长")]
    refused, abstained = run_evaluation(system, cases, build.as_of, run="r").results
    assert (refused.text, refused.scores["status"].state) == ("问题太长", "correct")
    assert abstained.scores["status"].state == "abstained"


def test_what_the_operator_must_repair_ends_the_run(build: Any) -> None:
    system = build.system({"问？": IndexMissing("还没有索引")})
    with pytest.raises(IndexMissing):
        run_evaluation(system, [build.case()], build.as_of, run="r")


@pytest.mark.parametrize(
    "gold",
    [{"doc": "plan", "quote": "从未写过"}, {"doc": "nowhere", "quote": CLASS}],
    ids=["no such quote", "no such document"],
)
def test_gold_outside_of_the_corpus_is_an_error(build: Any, gold: dict[str, str]) -> None:
    with pytest.raises(CorpusError, match=r"c-1 的 .*「"):
        run_evaluation(build.system(), [build.case(gold=[gold])], build.as_of, run="r")


def test_no_cases_is_an_error(build: Any) -> None:
    with pytest.raises(CorpusError, match="没有可以评测的题"):
        run_evaluation(build.system(), [], build.as_of, run="r")


@pytest.fixture
def case_file(tmp_path: Path, build: Any) -> Path:
    path = tmp_path / "few.jsonl"
    cases = [build.case(gold=GOLD), build.case(id="c-2", kind="refuse", expect="refuse")]
    path.write_text("\n".join(case.model_dump_json() for case in cases), encoding="utf-8")
    return path


def test_main_eval_stores_and_compares(
    build: Any, case_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = EvalOptions(cases=case_file, failures=True, settings={"a": 1}, reports_dir=tmp_path / "r")
    first = main_eval(build.system(), options).report
    assert (first.case_file, first.settings, first.as_of) == ("few.jsonl", {"a": 1}, build.as_of)
    assert "没有同一题目文件的上次报告可比" in (shown := capsys.readouterr().out)
    assert "✗ c-1" in shown
    better = build.system({"问？": build.answer(f"{CLASS}[1]", build.citation(CLASS))})
    main_eval(better, options)
    shown = capsys.readouterr().out
    assert "进步 c-1：结果、引用" in shown
    assert "退步 c-2：结果" in shown
    stored = sorted((tmp_path / "r").glob("eval-*.json"))
    assert len(stored) == 2
    assert "进步 1 题，退步 1 题" in stored[-1].with_suffix(".html").read_text(encoding="utf-8")


def test_main_eval_as_json_and_by_kind(
    build: Any, case_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = EvalOptions(
        cases=case_file,
        kind="refuse",
        json=True,
        as_of=date(2021, 5, 1),
        reports_dir=tmp_path / "r",
    )
    main_eval(build.system(), options)
    shown = json.loads(capsys.readouterr().out)
    assert [r["id"] for r in shown["results"]] == ["c-2"]
    assert (shown["kind"], shown["as_of"]) == ("refuse", "2021-05-01")


@pytest.mark.parametrize("as_json", [False, True], ids=["tables", "json"])
def test_cases_held_out_are_neither_shown_nor_stored(
    build: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    path = tmp_path / "validation.jsonl"
    case = build.case(question="秘密问", history=["秘密前文"], gold=GOLD, answer_must_contain=["秘密词"])
    path.write_text(case.model_dump_json(), encoding="utf-8")
    wrong = build.answer("秘密答[1]", build.citation("年培训 六千 人次", number="秘密号"))
    system = build.system({"秘密问": wrong})
    folder = tmp_path / "r"
    for _ in range(2):
        main_eval(system, EvalOptions(cases=path, json=as_json, reports_dir=folder))
    files = [file.read_text(encoding="utf-8") for file in folder.iterdir()]
    assert len(files) == 4
    for shown in (capsys.readouterr().out, *files):
        assert "validation.jsonl" in shown
        assert not any(word in shown for word in ("秘密", CLASS, "六千"))


@pytest.mark.parametrize(
    ("name", "fields", "fault"),
    [
        ("validation.jsonl", {"failures": True}, "validation.jsonl 是留出的验证题，不列出题目"),
        ("dev.jsonl", {"gate": True, "kind": "lookup"}, "门槛是整个题目文件的"),
        ("few.jsonl", {"gate": True}, "few.jsonl 没有门槛"),
    ],
    ids=["failures of held-out cases", "gate on one kind", "gate without thresholds"],
)
def test_options_that_do_not_fit_are_refused_before_anything_is_asked(
    build: Any, tmp_path: Path, name: str, fields: dict[str, Any], fault: str
) -> None:
    path = tmp_path / name
    path.write_text(build.case().model_dump_json(), encoding="utf-8")
    system = build.system()
    with pytest.raises(ConfigError, match=fault):
        main_eval(system, EvalOptions(cases=path, reports_dir=tmp_path / "r", **fields))
    assert system.questions == []


class OracleSystem(System):
    """Quotes the gold of the development questions; what a perfect citer would get."""

    corpus_version = "oracle"

    def __init__(self, cases: tuple[Case, ...], build: Any) -> None:
        self.case_by_question = {case.question: case for case in cases}
        self.build = build
        self.history: list[Question] = []

    def ask(self, question: Question) -> Answer:
        self.history.append(question)
        case = self.case_by_question.get(question.text)
        citations = self._cite(case) if case else []
        text = "".join(f"{c.quote}[{c.n}]" for c in citations)
        answer: Answer = self.build.answer(text, *citations)
        return answer

    def search(self, query: str, *, region: str | None, top_k: int) -> list[Passage]:
        return []

    def source(self, document_id: str) -> str:
        path = data_dir("corpus") / "documents" / document_id / "source.txt"
        return path.read_text(encoding="utf-8")

    def _cite(self, case: Case) -> list[Citation]:
        found = []
        for n, gold in enumerate(case.gold, start=1):
            start, end = self._locate(gold.doc, gold.quote)
            found.append(
                self.build.citation(
                    self.source(gold.doc)[start:end],
                    n=n,
                    document=gold.doc,
                    start=start,
                    end=end,
                    clause_start=start,
                    clause_end=end,
                )
            )
        return found

    def _locate(self, document: str, quote: str) -> tuple[int, int]:
        kept = [(i, c) for i, c in enumerate(self.source(document)) if not c.isspace()]
        squeezed = "".join(quote.split())
        at = "".join(c for _, c in kept).index(squeezed)
        return kept[at][0], kept[at + len(squeezed) - 1][0] + 1


def test_quoting_the_gold_of_every_development_question_is_right(build: Any) -> None:
    cases = load_cases(DEFAULT_CASES)
    report = run_evaluation(OracleSystem(cases, build), cases, build.as_of, run="r")
    wrong = {
        (r.id, name)
        for r in report.results
        for name in ("gold_cited", "numbers_grounded")
        if r.scores[name].state not in ("correct", "unscored")
    }
    assert not wrong
    assert sum(r.scores["gold_cited"].state == "correct" for r in report.results) == 80
    exact = [r.scores["quotes_exact"].state for r in report.results if r.citations]
    assert set(exact) == {"correct"}
    assert {r.scores[m].state for r in report.results for m in RETRIEVAL_METRICS} == {
        "incorrect",
        "unscored",
    }
