"""Answers over a corpus whose text was edited after its rules were confirmed: no verdict, but the clause of today."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from assistant.app import build_indexes, open_assistant
from assistant.config import Settings
from assistant.models import Question

DAY = date(2021, 6, 1)
HUANGCHUAN = "huangchuan-2021-1"
EDITS = {
    "source.txt": [
        ("每班人数不得超过 80 人", "每班人数不得超过 90 人"),
        ("自受理之日起15个工 作日内", "自受理之日起20个工 作日内"),
    ],
    "rules.yaml": [
        (
            '{value: "65%", from: 2021-04-07, cite: {clause: 2.4.21.1, quote: 实操',
            '{value: "65%", from: 2021-05-01, cite: {clause: 2.4.21.1, quote: 实操',
        ),
    ],
}


@pytest.fixture(scope="module")
def decide(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("changed")
    corpus = folder / "corpus"
    shutil.copytree(Settings(_env_file=None).corpus_dir, corpus)
    for name, edits in EDITS.items():
        _edit(corpus / "documents" / HUANGCHUAN / name, edits)
    settings = Settings(_env_file=None, corpus_dir=corpus, index_dir=folder / "indexes")
    build_indexes(settings)
    assistant = open_assistant(settings)

    def run(rule, as_of=DAY, **facts):
        return assistant.decide(f"{HUANGCHUAN}/{rule}", Question("", as_of, "潢川县", facts=facts))

    return run


def _edit(path: Path, edits: list[tuple[str, str]]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("rule", ["class-size", "max_class_size", "max-trainees", "min-classes"])
def test_a_rule_on_a_changed_clause_is_refused_and_shows_the_clause_of_today(decide, rule):
    answer = decide(rule, class_size="85", teachers="4", workstations="4")
    assert (answer.status, answer.decision.outcome) == ("refused", "no_basis")
    assert "条款已经变动" in answer.text
    assert "不得超过90人" in answer.text
    assert [c.clause_id for c in answer.citations] == [f"{HUANGCHUAN}#2.4.21.1"]
    assert "85" not in answer.text


def test_a_verdict_tells_which_part_has_no_basis(decide):
    answer = decide("class-qualifies", class_size="85", teachers="5")
    assert (answer.status, answer.decision.outcome) == ("needs_info", "unknown")
    assert "已知的都符合" not in answer.text
    line = next(line for line in answer.text.splitlines() if "无依据——每班人数" in line)
    number = int(line.rsplit("[", 1)[1].rstrip("]"))
    assert "90" in next(c.quote for c in answer.citations if c.n == number)


def test_a_stage_of_a_timeline_on_a_changed_clause(decide):
    answer = decide("application-timeline", acceptance_date="2021-05-10")
    (line,) = [line for line in answer.text.splitlines() if "无依据——" in line]
    assert "条款已经变动" in line
    assert line.endswith("]")


def test_a_figure_not_yet_in_force_is_not_called_changed(decide):
    early = date(2021, 4, 20)
    answer = decide("practical-share", early, class_hours="60", practical_hours="36")
    assert (answer.status, answer.decision.outcome) == ("refused", "no_basis")
    assert "2021-04-20 没有施行" in answer.text
    assert "变动" not in answer.text
    whole = decide("class-qualifies", early, class_hours="60", practical_hours="36")
    assert "无依据——实操课时占比：所问的日期没有施行的规定" in whole.text
    later = decide("practical-share", DAY, class_hours="60", practical_hours="36")
    assert later.decision.outcome == "fail"
