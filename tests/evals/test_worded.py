"""`tiaowen eval --model`: extractive against worded, in the report, on the page and on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.dialogue.counts import ModelCounts
from assistant.errors import ConfigError
from assistant.models import Answer, Question
from evals.report import Report, load_last_report
from evals.runner import EvalOptions, main_eval
from evals.worded import subtract_totals

CLASS = "每班人数不得超过 80 人"


class ScriptedModel:
    """Counts what its system did."""

    name = "scripted"

    def __init__(self) -> None:
        self.counts = ModelCounts()


@pytest.fixture
def cases(build: Any, tmp_path: Path) -> Path:
    path = tmp_path / "few.jsonl"
    gold = [{"doc": "plan", "quote": CLASS}]
    rows = [
        build.case(id=id_, question=f"{id_}？", gold=gold).model_dump_json() for id_ in ("甲", "乙", "丙")
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def extractive(build: Any) -> Any:
    right = build.answer(f"{CLASS}[1]", build.citation(CLASS))
    return build.system({"甲？": right, "乙？": right})


@pytest.fixture
def worded(build: Any, extractive: Any) -> Any:
    """Words one answer well, loses one and finds one."""

    class Worded(type(extractive)):  # type: ignore[misc]
        model = ScriptedModel()

        def ask(self, question: Question) -> Answer:
            self.model.counts.add_call("word")
            self.model.counts.add_sentence("passed" if question.text == "甲？" else "replaced")
            self.model.counts.add_tokens(100)
            if question.text == "乙？":
                self.model.counts.add_fault("number")
                self.model.counts.add_failure("timeout")
            return super().ask(question)

    right = build.answer(f"{CLASS}[1]", build.citation(CLASS))
    said = build.answer(f"最多80人，即{CLASS}[1]", build.citation(CLASS))
    system = Worded({"甲？": said, "丙？": right})
    system.model.counts.add_sentence("passed")  # before the run, which is not of it
    return system


def _run(extractive: Any, worded: Any, cases: Path, **options: Any) -> Report:
    folder = cases.parent / "reports"
    return main_eval(extractive, EvalOptions(cases=cases, reports_dir=folder, **options), worded).report


def test_both_are_scored_and_what_changed_is_kept(extractive, worded, cases):
    told = _run(extractive, worded, cases).worded
    assert told is not None
    assert (told.model, told.n_cases, told.n_right_extractive, told.n_right_worded) == ("scripted", 3, 2, 2)
    assert told.n_changed == 3
    assert [pair.id for pair in told.pairs] == ["甲", "乙", "丙"]
    assert told.pairs[0].worded == f"最多80人，即{CLASS}[1]"
    assert (told.sentences, told.faults, told.failures) == (
        {"passed": 1, "replaced": 2},
        {"number": 1},
        {"timeout": 1},
    )
    assert (told.calls, told.tokens) == ({"word": 3}, 300)
    assert told.share("passed") == pytest.approx(1 / 3)
    assert told.share("repaired") == 0


def test_gains_and_losses_are_against_the_extractive_answers(extractive, worded, cases, capsys):
    _run(extractive, worded, cases)
    shown = capsys.readouterr().out
    assert "与条文摘录（" in shown
    assert "退步 乙" in shown
    assert "进步 丙" in shown
    assert "直接通过 1（33.3%）" in shown
    assert "没有通过的原因：number 1" in shown


def test_the_page_has_both_texts(extractive, worded, cases):
    _run(extractive, worded, cases)
    (page,) = (cases.parent / "reports").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "条文摘录与改写并排" in text
    assert f"最多80人，即{CLASS}[1]" in text
    assert f"<dd>{CLASS}[1]</dd>" in text


def test_a_worded_report_is_not_what_the_next_run_is_compared_with(extractive, worded, cases):
    _run(extractive, worded, cases)
    assert load_last_report(cases.parent / "reports", case_file=cases.name) is None
    plain = _run(extractive, None, cases)
    assert plain.worded is None
    assert load_last_report(cases.parent / "reports", case_file=cases.name) == plain


def test_held_out_cases_show_no_texts(extractive, worded, cases):
    hidden = cases.rename(cases.with_name("validation.jsonl"))
    report = _run(extractive, worded, hidden)
    assert report.worded is not None
    assert (report.worded.n_changed, report.worded.pairs) == (3, ())
    for path in (hidden.parent / "reports").iterdir():
        assert "最多80人" not in path.read_text(encoding="utf-8")


def test_a_system_without_a_model_is_refused(extractive, worded, cases):
    worded.model = None
    with pytest.raises(ConfigError, match="没有设置语言模型"):
        _run(extractive, worded, cases)


def test_only_what_was_counted_in_between_counts():
    counts = ModelCounts()
    counts.add_fault("number")
    before = counts.read()
    counts.add_fault("number")
    counts.add_fault("region")
    assert subtract_totals(counts.read(), before).faults == {"number": 1, "region": 1}
    assert subtract_totals(before, before).faults == {}
