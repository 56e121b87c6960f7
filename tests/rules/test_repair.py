"""Every repair that is offered makes the rule pass, and a smaller one would not."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from assistant.rules.book import Book
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding, Repair
from assistant.rules.repair import MOST_REPAIRS, find_repairs
from assistant.rules.statements import Stated

HUANGCHUAN = "huangchuan-2021-1"
CLASS = f"{HUANGCHUAN}/class-qualifies"
AS_OF = date(2021, 12, 31)
Decide = Callable[..., Finding]


@pytest.fixture(scope="module")
def decide(book: Book, calculator: Calculator) -> Decide:
    def run(rule: str, facts: dict[str, object]) -> Finding:
        stated, faults = book.read_facts(facts)
        assert faults == []
        return calculator.decide(rule if "/" in rule else f"{HUANGCHUAN}/{rule}", stated, AS_OF)

    return run


def changed(book: Book, facts: dict[str, object], changes: dict[str, Any]) -> dict[str, object]:
    """The facts with a repair in them; a stated total is dropped where its parts were changed."""
    after = {**facts, **changes}
    for id_, formula in book.derived.items():
        if (
            id_ in facts
            and id_ not in changes
            and set(formula.refs) & set(changes)
            and set(formula.refs) <= set(after)
        ):
            del after[id_]
    return after


def class_that_fails(rng: random.Random) -> dict[str, object]:
    facts: dict[str, object] = {
        "class_size": rng.randrange(1, 200),
        "teachers": rng.randrange(0, 7),
        "workstations": rng.randrange(0, 7),
        "minutes_per_hour": rng.choice([30, 39, 40, 45]),
        "class_hours": (total := rng.randrange(20, 90)),
        "practical_hours": rng.randrange(0, total + 1),
        "certificate": rng.choice(["培训合格证书", "职业技能等级证书"]),
        "has_own_hours_rule": rng.random() < 0.3,
    }
    for fact in rng.sample(sorted(facts), rng.randrange(0, 3)):
        del facts[fact]
    return facts


def grains(changes: dict[str, str], facts: dict[str, object]) -> list[dict[str, str]]:
    """The changes with one of them a whole unit smaller."""
    found = []
    for fact, value in changes.items():
        new, old = int(value), int(str(facts[fact]))
        nearer = new - 1 if new > old else new + 1
        found.append({**changes, fact: str(nearer)})
    return found


def test_repairs_of_random_classes(calculator: Calculator, decide: Decide):
    rng, sizes = random.Random(1), Counter()
    for _ in range(300):
        facts = class_that_fails(rng)
        finding = decide(CLASS, facts)
        if finding.outcome != "fail":
            continue
        assert len(finding.repairs) <= MOST_REPAIRS
        for repair in finding.repairs:
            check_repair(calculator, facts, repair)
        sizes[max((len(r.changes) for r in finding.repairs), default=0)] += 1
    assert sizes[1] > 20
    assert sizes[2] > 20
    assert sizes[3] > 5


def check_repair(calculator: Calculator, facts: dict[str, object], repair: Repair) -> None:
    book, where = calculator.book, (facts, repair.changes)
    assert repair.is_certified, where
    assert repair.cites, where
    assert all(book.facts[fact].data.adjustable for fact in repair.changes), where
    assert all(fact in facts and str(facts[fact]) != value for fact, value in repair.changes.items()), where
    assert passes(calculator, changed(book, facts, dict(repair.changes))), where
    for smaller in grains(repair.changes, facts):
        assert not passes(calculator, changed(book, facts, dict(smaller))), (where, smaller)
    for fact in repair.changes:
        without = {f: v for f, v in repair.changes.items() if f != fact}
        assert not passes(calculator, changed(book, facts, without)), (where, "without", fact)


def passes(calculator: Calculator, facts: dict[str, object]) -> bool:
    """Whether nothing fails any more; what is missing stays missing."""
    stated, _ = calculator.book.read_facts(facts)
    return calculator.find(CLASS, stated, AS_OF).outcome != "fail"


def test_a_single_change_that_is_enough_is_offered_alone(calculator: Calculator, decide: Decide):
    """Where one fact alone can mend a class, no repair changes two."""
    rng, n_single = random.Random(2), 0
    for _ in range(60):
        facts = class_that_fails(rng)
        finding = decide(CLASS, facts)
        if finding.outcome != "fail" or not finding.repairs:
            continue
        candidates = {
            "class_size": range(1, 200),
            "teachers": range(0, 12),
            "workstations": range(0, 12),
            "practical_hours": range(0, int(str(facts.get("class_hours", 90))) + 1),
            "minutes_per_hour": (40,),
        }
        alone = [
            fact
            for fact, values in candidates.items()
            if fact in facts and any(passes(calculator, {**facts, fact: value}) for value in values)
        ]
        n_changed = {len(repair.changes) for repair in finding.repairs}
        if alone:
            n_single += 1
            assert n_changed == {1}, facts
            offered = {fact for repair in finding.repairs for fact in repair.changes}
            assert set(alone) <= offered or len(finding.repairs) == MOST_REPAIRS, facts
    assert n_single > 5


@pytest.mark.parametrize(
    ("rule", "facts", "repairs", "notes"),
    [
        pytest.param(
            "class-size",
            {"class_size": 85},
            [{"class_size": "80"}],
            ["或分成2个班，每班不超过43人"],
            id="split in two",
        ),
        pytest.param(
            "class-size",
            {"class_size": 161},
            [{"class_size": "80"}],
            ["或分成3个班，每班不超过54人"],
            id="split in three",
        ),
        pytest.param(
            "teacher-ratio",
            {"class_size": 61, "teachers": 3},
            [{"class_size": "60"}, {"teachers": "4"}],
            ["或分成2个班，每班不超过31人", ""],
            id="fewer people or another teacher",
        ),
        pytest.param(
            "teacher-ratio",
            {"class_size": 20, "teachers": 0},
            [{"teachers": "1"}],
            None,
            id="never no people at all",
        ),
        pytest.param(
            "practical-share",
            {"class_hours": 60, "practical_hours": 0},
            [{"practical_hours": "39"}],
            None,
            id="never no hours at all",
        ),
        pytest.param(
            "minutes-per-hour",
            {"minutes_per_hour": 35},
            [{"minutes_per_hour": "40"}],
            [""],
            id="longer lessons",
        ),
        pytest.param(
            "minutes-per-hour",
            {"minutes_per_hour": "39.5"},
            [{"minutes_per_hour": "40"}],
            [""],
            id="half a minute",
        ),
        pytest.param(
            "minutes-per-hour",
            {"minutes_per_hour": "39.95"},
            [{"minutes_per_hour": "40"}],
            [""],
            id="as fine as stated",
        ),
        pytest.param(
            "practical-share",
            {"class_hours": 60, "practical_hours": 36},
            [{"practical_hours": "39"}, {"class_hours": "55"}],
            ["", ""],
            id="more practice or fewer hours",
        ),
        pytest.param(
            "practical-share",
            {"class_hours": 60, "practical_hours": "36.5"},
            [{"practical_hours": "39"}, {"class_hours": "56"}],
            ["", ""],
            id="half hours may stay half",
        ),
        pytest.param(
            "no-fast-forward",
            {"allows_fast_forward": True},
            [{"allows_fast_forward": "否"}],
            [""],
            id="a truth",
        ),
        pytest.param(
            "exam-month",
            {"exam_date": "2021-06-10"},
            [{"exam_date": "2021-04-30"}, {"exam_date": "2021-08-01"}],
            None,
            id="nearest exam month",
        ),
        pytest.param(
            "apprentices-per-teacher",
            {"apprentices": 41, "full_time_teachers_of_trade": 2},
            [{"apprentices": "40"}, {"full_time_teachers_of_trade": "3"}],
            None,
            id="apprentices",
        ),
        pytest.param(
            "plan-on-time", {"plan_issued": "2021-05-03"}, [{"plan_issued": "2021-04-30"}], None, id="a day"
        ),
        pytest.param("satisfaction", {"satisfaction": "80%"}, [], [], id="nobody can adjust satisfaction"),
        pytest.param("in-system", {"in_system": False}, [], [], id="fact that is not adjustable"),
        pytest.param("class-size", {"class_size": ">80"}, [], [], id="a range has no smallest change"),
        pytest.param("teacher-ratio", {"trainees_per_teacher": 25}, [], [], id="computed fact stated"),
    ],
)
def test_repairs(
    decide: Decide,
    rule: str,
    facts: dict[str, object],
    repairs: list[dict[str, str]],
    notes: list[str] | None,
):
    finding = decide(rule, facts)
    assert finding.outcome == "fail"
    order = lambda changes: sorted(changes.items())  # noqa: E731
    assert sorted((r.changes for r in finding.repairs), key=order) == sorted(repairs, key=order)
    if notes is not None:
        assert sorted(r.note.partition("（")[0] for r in finding.repairs) == sorted(notes)


@pytest.mark.parametrize("outcome", ["pass", "unknown", "not_applicable", "conflict", "no_basis"])
def test_only_what_fails_is_repaired(book: Book, calculator: Calculator, draw_point: Any, outcome: str):
    rng, n_seen = random.Random(3), 0
    day = date(2021, 4, 1) if outcome == "no_basis" else AS_OF
    for key in [*book.checks, *book.verdicts]:
        facts = {f: draw_point(book.facts[f], rng) for f in book.needs(key).facts if rng.random() < 0.8}
        finding = calculator.decide(key, facts, day)
        if finding.outcome == outcome:
            n_seen += 1
            assert finding.repairs == (), key
    assert n_seen or outcome == "conflict"


def test_repairs_of_every_rule_are_certified_and_adjustable(
    book: Book, calculator: Calculator, draw_point: Any
):
    rng, n_repairs = random.Random(4), 0
    for key in [*book.checks, *book.verdicts]:
        for _ in range(6):
            facts: dict[str, Stated] = {f: draw_point(book.facts[f], rng) for f in book.needs(key).facts}
            finding = calculator.decide(key, facts, AS_OF)
            for repair in finding.repairs:
                n_repairs += 1
                assert repair.is_certified, (key, repair.changes)
                after = {f: s.shown for f, s in facts.items()} | repair.changes
                stated, _ = book.read_facts(after)
                again = calculator.find(key, stated, AS_OF)
                assert again.outcome != "fail", (key, facts, repair.changes)
                assert all(book.facts[fact].data.adjustable for fact in repair.changes), key
    assert n_repairs > 50


def test_what_other_cases_found_out_changes_no_repair(calculator: Calculator):
    """A batch shares what its searches find out; each row gets the repairs it would get alone."""
    rng, book, shared, n_failing = random.Random(7), calculator.book, {}, 0
    for _ in range(300):
        stated, _faults = book.read_facts(class_that_fails(rng))
        case, rule = calculator.open_case(stated, AS_OF), book.verdicts[CLASS]
        if calculator.find_outcome(rule, case) == "fail":
            n_failing += 1
            assert find_repairs(calculator, rule, case, shared) == find_repairs(calculator, rule, case)
    assert n_failing > 100
    assert shared
