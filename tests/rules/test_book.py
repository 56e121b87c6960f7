from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.models import Document
from assistant.rules.book import Book
from assistant.rules.build import build_book
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding
from assistant.rules.load import RuleSource
from assistant.rules.report import RuleRow, report_rules

HUANGCHUAN = "huangchuan-2021-1"
AS_OF = date(2021, 6, 1)
Edited = tuple[Book, RuleRow]
Load = Callable[[Path], tuple[RuleSource, list[Document]]]


@pytest.fixture(scope="module")
def edited(
    corpus_dir: Path, load_folder: Load, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Edited]:
    """The rules over a copy of the corpus in which some words of one text are replaced."""

    def edit(*replacements: tuple[str, str], lint: bool = True) -> Edited:
        folder = tmp_path_factory.mktemp("edited") / "corpus"
        shutil.copytree(corpus_dir, folder)
        path = folder / "documents" / HUANGCHUAN / "source.txt"
        text = path.read_text(encoding="utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        source, documents = load_folder(folder)
        book = build_book(source, documents, lint=lint)
        report = report_rules(book)
        return book, next(row for row in report.documents if row.document == HUANGCHUAN)

    return edit


def decide(book: Book, rule: str, **facts: object) -> Finding:
    stated, faults = book.read_facts(facts)
    assert faults == []
    return Calculator(book).decide(f"{HUANGCHUAN}/{rule}", stated, AS_OF)


def outcomes(finding: Finding) -> dict[str, str]:
    return {step.id: step.outcome for step in finding.steps}


def drifted(row: RuleRow) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pin in row.drifted:
        found.setdefault(pin.drift, set()).add(pin.rule.removeprefix(f"{HUANGCHUAN}/"))
    return found


@pytest.mark.parametrize("lint", [True, False], ids=["lint", "no lint"])
def test_an_edited_figure_takes_the_basis_of_its_rules_and_of_no_others(
    edited: Callable[..., Edited], lint: bool
):
    book, row = edited(("每班人数不得超过 80 人", "每班人数不得超过 70 人"), lint=lint)
    good = {
        "class_size": 60,
        "teachers": 3,
        "workstations": 3,
        "minutes_per_hour": 40,
        "class_hours": 60,
        "practical_hours": 39,
        "certificate": "职业技能等级证书",
    }
    finding = decide(book, "class-qualifies", **good)
    assert finding.outcome == "no_basis"
    steps = outcomes(finding)
    assert steps["class-size"] == "no_basis"
    assert [steps[id_] for id_ in ("teacher-ratio", "practical-share", "minutes-per-hour")] == ["pass"] * 3
    broken = decide(book, "class-qualifies", **{**good, "teachers": 2})
    assert broken.outcome == "fail"
    assert outcomes(broken)["teacher-ratio"] == "fail"
    assert outcomes(broken)["class-size"] == "no_basis"
    for rule in ("class-size", "max_class_size", "min-classes", "max-trainees"):
        assert decide(book, rule, class_size=75).outcome == "no_basis", rule
    assert decide(book, "min-teachers", class_size=75).amounts[0].value == 4
    assert drifted(row)["stale"] == {"parameters.max_class_size"}
    assert "parameters.min_minutes_per_hour" in drifted(row)["moved"]
    assert not row.is_clean


def test_an_edited_figure_of_an_annex(edited: Callable[..., Edited]):
    book, row = edited(("自受理之日起15个工 作日内", "自受理之日起20个工 作日内"))
    assert drifted(row)["stale"] == {"parameters.review_days_form"}
    assert decide(book, "review", acceptance_date="2021-05-10").outcome == "no_basis"
    assert decide(book, "publicity", publicity_start="2021-06-01").outcome == "pass"
    timeline = decide(book, "application-timeline", acceptance_date="2021-05-10")
    assert outcomes(timeline)["review"] == "no_basis"


def test_an_edited_condition_that_carries_no_figure(edited: Callable[..., Edited]):
    book, row = edited(("理论教学须全程录像", "理论教学可全程录像"))
    assert drifted(row)["stale"] == {"checks.theory-recorded"}
    assert decide(book, "theory-recorded", theory_recorded_in_full=False).outcome == "no_basis"
    assert decide(book, "practical-recorded", recorded_minutes_per_practical_hour=14).outcome == "fail"


def test_an_edit_beside_the_quote_moves_it_and_it_still_decides(edited: Callable[..., Edited]):
    book, row = edited(("参照民办职业培训机构相关条件", "参照民办培训机构的相关条件"))
    assert "parameters.max_class_size" in drifted(row)["moved"]
    assert "stale" not in drifted(row)
    assert decide(book, "class-size", class_size=81).outcome == "fail"
    assert decide(book, "class-size", class_size=80).outcome == "pass"
    assert row.failed == ()


def test_an_edit_elsewhere_leaves_everything_fresh(edited: Callable[..., Edited]):
    _, row = edited(("全面贯彻落实《河南省职业培训条例》", "全面贯彻和落实《河南省职业培训条例》"))
    assert {rule for rules in drifted(row).values() for rule in rules} <= {"parameters.plan_due"}


def test_only_blanks_and_width_changed_leaves_everything_fresh(edited: Callable[..., Edited]):
    _, row = edited(("每班人数不得超过 80 人，每课时", "每班人数 不得超过８０人,每课时"))
    assert row.drifted == ()
    assert row.is_clean


def test_a_clause_that_was_taken_out(edited: Callable[..., Edited], corpus_dir: Path):
    text = (corpus_dir / "documents" / HUANGCHUAN / "source.txt").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "每班人数不得超过 80 人" in line)
    book, row = edited((line + "\n", ""))
    stale = drifted(row)["stale"]
    assert {
        f"parameters.{p}" for p in ("max_class_size", "min_practical_share", "min_minutes_per_hour")
    } <= stale
    finding = decide(
        book,
        "class-qualifies",
        class_size=85,
        teachers=1,
        workstations=1,
        minutes_per_hour=1,
        class_hours=39,
        practical_hours=1,
        certificate="培训合格证书",
        has_own_hours_rule=False,
    )
    steps = outcomes(finding)
    assert [steps[c] for c in ("class-size", "teacher-ratio", "workstation-ratio")] == ["no_basis"] * 3
    assert steps["completion-only-hours"] == "fail"
    assert finding.outcome == "fail"


def test_an_edited_waiver_is_listed_and_its_figure_uncovered(edited: Callable[..., Edited]):
    _, row = edited(("13 项子计划", "14 项子计划"))
    assert "waived" in {pin.rule.removeprefix(f"{HUANGCHUAN}/") for pin in row.drifted}
    assert any("14" in figure.shown for figure in row.uncovered)


def test_the_shipped_corpus_is_clean(book: Book):
    report = report_rules(book)
    assert [row.document for row in report.documents if not row.is_clean] == []
    assert report.is_clean
    for row in report.documents:
        assert row.n_figures == row.n_encoded + row.n_waived, row.document


# -- values in time ----------------------------------------------------------------------------------------


def test_laws_are_the_same_between_two_changes(book: Book):
    day = date(2021, 4, 7)
    assert book.next_change(day - timedelta(1)) == day
    assert book.at(day) is book.at(date(2021, 4, 27))
    assert book.at(day) is not book.at(day - timedelta(1))
    assert book.next_change(date.max) is None


def test_values_change_at_every_change_and_only_there(source: RuleSource, documents: list[Document]):
    rules = copy.deepcopy(source.documents[HUANGCHUAN])
    values: list[Any] = rules["parameters"]["max_class_size"]["values"]
    values[0]["until"] = date(2021, 8, 31)
    changed = RuleSource(source.facts, source.calendar, {**source.documents, HUANGCHUAN: rules})
    calculator = Calculator(build_book(changed, documents))
    stated, _ = calculator.book.read_facts({"class_size": 80})
    key = f"{HUANGCHUAN}/class-size"
    found = {
        day: calculator.find(key, stated, day).outcome
        for day in (date(2021, 4, 6), date(2021, 4, 7), date(2021, 8, 31), date(2021, 9, 1))
    }
    assert list(found.values()) == ["no_basis", "pass", "pass", "no_basis"]
    assert calculator.decide(key, stated, AS_OF).stable_until == date(2021, 8, 31)


def test_needs_name_everything_a_rule_rests_on(book: Book):
    needs = book.needs(f"{HUANGCHUAN}/teacher-gap")
    assert set(needs.facts) == {"class_size", "teachers"}
    assert set(needs.parameters) == {f"{HUANGCHUAN}/max_trainees_per_teacher"}
    assert needs.computed == (f"{HUANGCHUAN}/min-teachers",)
    for key in book.rules:
        found = book.needs(key)
        assert set(found.facts) <= set(book.facts)
        assert set(found.parameters) <= set(book.parameters)
        assert not set(found.facts) & set(book.derived)
