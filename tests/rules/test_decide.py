from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from assistant.rules import interval
from assistant.rules.book import Book
from assistant.rules.contradictions import find_contradictions
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding
from assistant.rules.interval import Interval

HUANGCHUAN, HENAN, HEBEI = "huangchuan-2021-1", "henan-jiaoyuting-2021-105", "hebei-2021-20"
AS_OF = date(2021, 6, 1)
GOOD: dict[str, object] = {
    "class_size": 60,
    "teachers": 3,
    "workstations": 3,
    "minutes_per_hour": 40,
    "class_hours": 60,
    "practical_hours": 39,
    "certificate": "职业技能等级证书",
}
Decide = Callable[..., Finding]


@pytest.fixture(scope="module")
def decide(book: Book, calculator: Calculator) -> Decide:
    def run(
        rule: str, facts: dict[str, object], as_of: date = AS_OF, lineage: frozenset[str] | None = None
    ) -> Finding:
        stated, faults = book.read_facts(facts)
        assert faults == []
        key = rule if "/" in rule else f"{HUANGCHUAN}/{rule}"
        return calculator.decide(key, stated, as_of, lineage)

    return run


def outcomes(finding: Finding) -> dict[str, str]:
    return {step.id: step.outcome for step in finding.steps}


def failing(finding: Finding) -> list[str]:
    return [step.id for step in finding.steps if step.outcome == "fail"]


def days(finding: Finding) -> list[date]:
    return [date.fromordinal(int(amount.value)) for amount in finding.amounts]


# -- a class -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "outcome", "fails"),
    [
        pytest.param({}, "pass", [], id="everything at its limit"),
        pytest.param({"class_size": 80, "teachers": 4, "workstations": 4}, "pass", [], id="80 people"),
        pytest.param(
            {"class_size": 81, "teachers": 5, "workstations": 5}, "fail", ["class-size"], id="81 people"
        ),
        pytest.param({"class_size": 61}, "fail", ["teacher-ratio", "workstation-ratio"], id="61 with three"),
        pytest.param({"teachers": 0}, "fail", ["teacher-ratio"], id="no teachers"),
        pytest.param({"workstations": 2}, "fail", ["workstation-ratio"], id="two workstations"),
        pytest.param({"minutes_per_hour": "39.9"}, "fail", ["minutes-per-hour"], id="39.9 minutes"),
        pytest.param({"practical_hours": "38.9"}, "fail", ["practical-share"], id="a tenth of an hour short"),
        pytest.param({"class_hours": 50, "practical_hours": 33}, "pass", [], id="33 of 50 is 66 %"),
        pytest.param({"class_hours": 51, "practical_hours": 33}, "fail", ["practical-share"], id="33 of 51"),
        pytest.param(
            {"class_hours": 39, "practical_hours": 39}, "pass", [], id="39 hours, another certificate"
        ),
        pytest.param(
            {"certificate": "培训合格证书", "class_hours": 40, "practical_hours": 26},
            "pass",
            [],
            id="40 hours",
        ),
        pytest.param(
            {
                "certificate": "培训合格证书",
                "class_hours": 39,
                "practical_hours": 39,
                "has_own_hours_rule": False,
            },
            "fail",
            ["completion-only-hours"],
            id="39 hours, this certificate only",
        ),
        pytest.param(
            {
                "certificate": "培训合格证书",
                "class_hours": 39,
                "practical_hours": 39,
                "has_own_hours_rule": True,
            },
            "pass",
            [],
            id="39 hours under a rule of its own",
        ),
        pytest.param(
            {"certificate": "培训合格证书", "class_hours": 39, "practical_hours": 39},
            "unknown",
            [],
            id="39 hours and nobody knows of such a rule",
        ),
        pytest.param({"certificate": None}, "unknown", [], id="certificate must be known even if it is idle"),
        pytest.param({"teachers": None}, "unknown", [], id="teachers unknown"),
        pytest.param(
            {"teachers": None, "workstations": None, "class_size": 81},
            "fail",
            ["class-size"],
            id="a failure decides",
        ),
        pytest.param({"class_size": "<60"}, "pass", None, id="a range of which every number passes"),
        pytest.param({"class_size": ">80"}, "fail", None, id="a range that fails"),
        pytest.param({"class_hours": None, "theory_hours": 21}, "pass", [], id="total from its parts"),
        pytest.param(
            {"class_hours": None, "theory_hours": 22},
            "fail",
            ["practical-share"],
            id="total from its parts, short",
        ),
        pytest.param({"in_system": True}, "pass", [], id="reminder kept"),
        pytest.param({"in_system": False}, "fail", ["in-system"], id="reminder broken"),
        pytest.param(
            {"recorded_minutes_per_practical_hour": 14},
            "fail",
            ["practical-recorded"],
            id="14 minutes recorded",
        ),
        pytest.param({"recorded_minutes_per_practical_hour": 15}, "pass", [], id="15 minutes recorded"),
        pytest.param(
            {"full_time_teachers_filed": False}, "pass", [], id="reminder of which it is open if it applies"
        ),
        pytest.param(
            {"full_time_teachers_filed": False, "provider_kind": "民办培训机构"},
            "fail",
            ["private-teachers-filed"],
            id="reminder that applies",
        ),
        pytest.param(
            {"full_time_teachers_filed": False, "provider_kind": "职业学校"},
            "pass",
            [],
            id="reminder that does not",
        ),
        pytest.param(
            {"exam_notice_date": "2021-08-18", "exam_date": "2021-08-20"},
            "fail",
            ["exam-notice"],
            id="notice too late",
        ),
        pytest.param(
            {"exam_notice_date": "2021-08-17", "exam_date": "2021-08-20"}, "pass", [], id="notice in time"
        ),
        pytest.param(
            {"can_obtain_certificate": True, "certificate": "培训合格证书", "certificate_exam_first": False},
            "fail",
            ["certificate-exam-first"],
            id="certificate could have been had",
        ),
    ],
)
def test_class(decide: Decide, changes: dict[str, object], outcome: str, fails: list[str] | None):
    finding = decide("class-qualifies", {**GOOD, **changes})
    assert finding.outcome == outcome
    if fails is not None:
        assert failing(finding) == fails


def test_every_one_of_the_seven_facts_is_needed(decide: Decide):
    for fact in GOOD:
        finding = decide("class-qualifies", {k: v for k, v in GOOD.items() if k != fact})
        assert finding.outcome == "unknown", fact
        assert fact in [ask.fact for ask in finding.asks]


def test_the_example_of_85_people(decide: Decide, book: Book):
    facts = {"class_size": 85, "teachers": 4, "class_hours": 60, "practical_hours": 36}
    finding = decide("class-qualifies", facts)
    assert finding.outcome == "fail"
    assert failing(finding) == ["class-size", "teacher-ratio", "practical-share"]
    steps = {step.id: step for step in finding.steps}
    shown = {id_: (steps[id_].shown, steps[id_].margin) for id_ in failing(finding)}
    assert shown == {
        "class-size": ("85 > 80", "-5"),
        "teacher-ratio": ("85 ÷ 4 = 21.25 > 20", "-1.25"),
        "practical-share": ("36 ÷ 60 = 60% < 65%", "-5%"),
    }
    clauses = {c.clause_id: c.path for c in book.documents[HUANGCHUAN].clauses}
    for id_ in failing(finding):
        cites = steps[id_].all_cites
        assert [clauses[cite.clause_id] for cite in cites] == ["2.4.21.1"], id_
    text = book.documents[HUANGCHUAN].source
    quotes = [
        "".join(text[c.start : c.end].split()) for id_ in failing(finding) for c in steps[id_].all_cites
    ]
    assert quotes == [
        "每班人数不得超过80人",
        "师生比、工位与培训学员比保持在1:20以内",
        "实操培训不少于总课时的65%",
    ]
    assert [repair.changes for repair in finding.repairs] == [
        {"class_size": "80", "practical_hours": "39"},
        {"class_size": "80", "class_hours": "55"},
    ]
    assert all(repair.is_certified for repair in finding.repairs)
    assert {clauses[cite.clause_id] for repair in finding.repairs for cite in repair.cites} == {"2.4.21.1"}
    assert finding.repairs[0].note.startswith("或分成2个班，每班不超过43人")
    assert finding.asks == ()


def test_order_of_facts_does_not_matter(decide: Decide):
    facts = {**GOOD, "class_size": 85, "in_system": False, "theory_hours": 21}
    first = decide("class-qualifies", facts)
    rng = random.Random(1)
    for _ in range(12):
        names = list(facts)
        rng.shuffle(names)
        again = decide("class-qualifies", {name: facts[name] for name in names})
        assert again.outcome == first.outcome
        assert [(s.id, s.outcome, s.shown) for s in again.steps] == [
            (s.id, s.outcome, s.shown) for s in first.steps
        ]
        assert again.repairs == first.repairs


# -- place and time ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lineage", "outcome", "reason"),
    [
        pytest.param(None, "fail", "", id="place unknown"),
        pytest.param(["411526", "411500", "410000", "000000"], "fail", "", id="county itself"),
        pytest.param(["410000", "000000"], "no_basis", "region", id="province above it"),
        pytest.param(["411524", "411500", "410000", "000000"], "no_basis", "region", id="county beside it"),
        pytest.param(["130000", "000000"], "no_basis", "region", id="another province"),
    ],
)
def test_where_a_rule_holds(decide: Decide, lineage: list[str] | None, outcome: str, reason: str):
    place = None if lineage is None else frozenset(lineage)
    for rule in ("class-size", "class-qualifies"):
        finding = decide(rule, {"class_size": 81}, lineage=place)
        assert (finding.outcome, finding.reason) == (outcome, reason)


def test_a_rule_of_the_province_holds_in_the_county(decide: Decide):
    lineage = frozenset(["411526", "411500", "410000", "000000"])
    facts = {"school_kind": "高等职业院校"}
    assert decide(f"{HENAN}/base-training-target", facts, lineage=lineage).outcome == "pass"
    assert decide(f"{HEBEI}/converted-students", {}, lineage=lineage).outcome == "no_basis"


@pytest.mark.parametrize(
    ("rule", "facts", "last_without", "outcome"),
    [
        pytest.param("class-size", {"class_size": 80}, "2021-04-06", "pass", id="check"),
        pytest.param("class-qualifies", GOOD, "2021-04-06", "pass", id="verdict"),
        pytest.param("min-teachers", {"class_size": 60}, "2021-04-06", "pass", id="quantity"),
        pytest.param("publicity", {"publicity_start": "2021-06-01"}, "2021-04-06", "pass", id="deadline"),
        pytest.param("application-timeline", {}, "2021-04-06", "unknown", id="timeline"),
        pytest.param("annual-tasks", {}, "2021-04-06", "pass", id="table"),
        pytest.param("max_class_size", {}, "2021-04-06", "pass", id="figure"),
        pytest.param(
            f"{HENAN}/base-training-target", {"school_kind": "中等职业学校"}, "2021-04-27", "pass", id="Henan"
        ),
        pytest.param(f"{HEBEI}/min-dual-teachers", {"major_teachers": 80}, "2021-05-24", "pass", id="Hebei"),
    ],
)
def test_from_when_a_rule_holds(
    decide: Decide, rule: str, facts: dict[str, object], last_without: str, outcome: str
):
    day = date.fromisoformat(last_without)
    before = decide(rule, facts, day)
    assert (before.outcome, before.reason) == ("no_basis", "not_in_force")
    assert before.stable_until == day
    assert decide(rule, facts, day + timedelta(1)).outcome == outcome


def test_a_plan_for_one_year_holds_for_its_year_only_as_said(decide: Decide):
    assert decide("class-qualifies", GOOD).stable_until == date(2021, 12, 31)
    assert decide("class-qualifies", GOOD, date(2022, 1, 1)).stable_until is None
    assert decide(f"{HEBEI}/min-dual-teachers", {"major_teachers": 80}).stable_until is None


def test_another_documents_change_does_not_end_a_finding(decide: Decide):
    """Four documents begin in 2021; a finding on the national plan holds through all of them."""
    assert decide("moe-2019-5/national_training", {}, date(2020, 6, 1)).stable_until is None


# -- conflicts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "facts", "outcome", "conflict"),
    [
        pytest.param(
            "offline-practice", {"occupation": "电子商务师", "offline_hours": 7}, "conflict", "offline-practice-rows",
            id="occupation of both rows, 7 hours",
        ),
        pytest.param(
            "offline-practice", {"occupation": "电子商务师", "offline_hours": 8}, "pass", "offline-practice-rows",
            id="occupation of both rows, 8 hours satisfy both",
        ),
        pytest.param(
            "offline-practice", {"occupation": "电子商务师"}, "unknown", "offline-practice-rows", id="hours unknown"
        ),
        pytest.param("offline-practice", {"occupation": "社会工作者"}, "not_applicable", "", id="only in row 1"),
        pytest.param(
            "inmate-conditions",
            {"trainee_kind": "社区矫正对象", "age": 61, "can_work": True, "wants_training": True,
             "has_difficulty_finding_work": True},
            "conflict", "inmate-age-scope", id="61, community correction",
        ),
        pytest.param(
            "inmate-conditions",
            {"trainee_kind": "社区矫正对象", "age": 60, "can_work": True, "wants_training": True,
             "has_difficulty_finding_work": True},
            "pass", "inmate-age-scope", id="60, community correction",
        ),
        pytest.param(
            "inmate-conditions",
            {"trainee_kind": "社区矫正对象", "age": 61, "can_work": True, "wants_training": True,
             "has_difficulty_finding_work": False},
            "fail", "inmate-age-scope", id="fails under either reading",
        ),
        pytest.param(
            "inmate-conditions",
            {"trainee_kind": "在押服刑人员", "age": 61, "can_work": True, "wants_training": True},
            "fail", "inmate-age-scope", id="61, inmate",
        ),
        pytest.param(
            "inmate-conditions",
            {"trainee_kind": "强制隔离戒毒人员", "age": 61, "can_work": True, "wants_training": True},
            "conflict", "inmate-age-scope", id="61, in rehabilitation",
        ),
        pytest.param("inmate-conditions", {"trainee_kind": "企业职工", "age": 61}, "not_applicable", "", id="others"),
    ],
)  # fmt: skip
def test_readings_that_differ(
    decide: Decide, rule: str, facts: dict[str, object], outcome: str, conflict: str
):
    finding = decide(rule, facts)
    assert finding.outcome == outcome
    assert [c.key for c in finding.conflicts] == ([f"{HUANGCHUAN}/{conflict}"] if conflict else [])


def test_a_verdict_with_a_conflict_is_a_conflict_unless_something_fails(decide: Decide):
    facts: dict[str, object] = {
        "allows_fast_forward": False,
        "allows_multi_window": False,
        "has_popup_control": True,
        "popup_interval": 5,
        "has_face_liveness": True,
        "has_ordered_courses": True,
        "has_random_photos": True,
        "occupation": "营销员",
        "offline_hours": 7,
    }
    assert decide("online-course-valid", facts).outcome == "conflict"
    assert decide("online-course-valid", {**facts, "offline_hours": 8}).outcome == "pass"
    assert decide("online-course-valid", {**facts, "popup_interval": 6}).outcome == "fail"
    assert decide("online-course-valid", {**facts, "popup_interval": None}).outcome == "unknown"


def test_conflicts_between_documents_are_told_where_both_bind(decide: Decide):
    facts: dict[str, object] = {"is_public": True, "staff_quota": 200, "part_time_teachers": 31}
    anywhere = decide(f"{HEBEI}/part-time-teachers", facts)
    hebei = decide(f"{HEBEI}/part-time-teachers", facts, lineage=frozenset(["130000", "000000"]))
    assert anywhere.conflicts == hebei.conflicts == ()
    henan = frozenset(["411526", "411500", "410000", "000000"])
    minutes = decide("minutes-per-hour", {"minutes_per_hour": 42}, lineage=henan)
    assert [c.key for c in minutes.conflicts] == [f"{HUANGCHUAN}/minutes-per-hour-scope"]
    assert all(c.statement and len(c.sides) >= 2 for c in minutes.conflicts)


# -- quantities ----------------------------------------------------------------------------------------

_BASES = {"高等职业院校": (6000, 500, 1000), "中等职业学校": (1000, 200, 200)}
_TRUTHS = (True, False, None)


def target(kind: str, pilots: bool, enrolment: int | None) -> int:
    base, increment, _ = _BASES[kind]
    return max(base + (increment if pilots else 0), 0 if enrolment is None else 2 * enrolment)


@pytest.mark.parametrize("kind", [*_BASES, "技工院校", None])
def test_training_target_of_every_school(decide: Decide, kind: str | None):
    """Every combination of what is known; where something is open, exactly the hull of what may be."""
    for apprentice, one_x, is_high, enrolment in itertools.product(
        _TRUTHS, _TRUTHS, _TRUTHS, (0, 500, 2999, 3000, 3001, 8000)
    ):
        facts = {
            "school_kind": kind,
            "runs_apprenticeship_pilot": apprentice,
            "runs_1x_pilot": one_x,
            "in_high_level_programme": is_high,
            "enrolment": enrolment,
        }
        finding = decide(f"{HENAN}/annual-training-target", facts)
        if kind == "技工院校":
            assert finding.outcome == "not_applicable"
            continue
        possible = {
            target(k, p or q, enrolment if h else None)
            for k in ([kind] if kind else _BASES)
            for p in ([apprentice] if apprentice is not None else (True, False))
            for q in ([one_x] if one_x is not None else (True, False))
            for h in ([is_high] if is_high is not None else (True, False))
        }
        assert finding.outcome == ("pass" if len(possible) == 1 and kind else "unknown"), facts
        (amount,) = finding.amounts
        assert amount.value == interval.make_interval(min(possible), max(possible)), facts
        assert (amount.unit, amount.bound) == ("人次", ">=")


@pytest.mark.parametrize("kind", [*_BASES, "技工院校", None])
def test_subsidised_target_and_what_is_left(decide: Decide, kind: str | None):
    for done in (0, 150, 199, 200, 201, 999, 1000, 1001):
        facts: dict[str, object] = {"school_kind": kind, "subsidised_training": done, "runs_1x_pilot": True}
        finding = decide(f"{HENAN}/remaining-subsidised", facts)
        if kind is None:
            assert finding.outcome == "unknown"
        elif kind == "技工院校":
            assert finding.outcome == "not_applicable"
        else:
            assert finding.outcome == "pass"
            assert finding.amounts[0].value == max(0, _BASES[kind][2] - done)
            check = decide(f"{HENAN}/subsidised-target", facts)
            assert check.outcome == ("pass" if done >= _BASES[kind][2] else "fail")


def test_a_check_on_a_figure_is_open_while_it_is_open_whether_the_figure_applies(decide: Decide):
    """5 人次 are too few for every school that has a target; 技工院校 have none."""
    for rule, fact in (
        ("training-target", "completed_training"),
        ("subsidised-target", "subsidised_training"),
    ):
        finding = decide(f"{HENAN}/{rule}", {fact: 5})
        assert finding.outcome == "unknown"
        assert [ask.fact for ask in finding.asks] == ["school_kind"]
        for kind, outcome in (("高等职业院校", "fail"), ("技工院校", "not_applicable")):
            assert decide(f"{HENAN}/{rule}", {fact: 5, "school_kind": kind}).outcome == outcome


def test_training_is_counted_only_where_it_was_reported(decide: Decide):
    key = f"{HENAN}/counted-training"
    for reported, value in ((True, 5000), (False, 0), (None, Interval(0, 5000))):
        finding = decide(key, {"filed_monthly_report": reported, "completed_training": 5000})
        assert finding.amounts[0].value == value
        assert finding.outcome == ("unknown" if reported is None else "pass")


@pytest.mark.parametrize(("higher", "secondary"), [(0, 0), (1, 0), (0, 1), (2, 3), (7, 11)])
def test_targets_of_several_schools(decide: Decide, higher: int, secondary: int):
    facts: dict[str, object] = {"n_higher_colleges": higher, "n_secondary_schools": secondary}
    found = decide(f"{HENAN}/group-training-target", facts).amounts[0].value
    assert found == 6000 * higher + 1000 * secondary
    found = decide(f"{HENAN}/group-subsidised-target", facts).amounts[0].value
    assert found == 1000 * higher + 200 * secondary


@pytest.mark.parametrize("people", [1, 19, 20, 21, 59, 60, 61, 79, 80, 81, 160, 161])
def test_teachers_workstations_and_classes(decide: Decide, people: int):
    facts: dict[str, object] = {"class_size": people, "teachers": 2, "workstations": 3}
    expected = {
        "min-teachers": -(-people // 20),
        "min-workstations": -(-people // 20),
        "min-classes": -(-people // 80),
    }
    expected["teacher-gap"] = max(expected["min-teachers"] - 2, 0)
    expected["workstation-gap"] = max(expected["min-workstations"] - 3, 0)
    expected["max-trainees"] = 40
    assert {rule: decide(rule, facts).amounts[0].value for rule in expected} == expected


@pytest.mark.parametrize(
    ("facts", "value", "unit"),
    [
        pytest.param(
            {"training_income": "100万元", "direct_costs": "40万元"}, 36, "万元", id="万元 in, 万元 out"
        ),
        pytest.param(
            {"training_income": 1_000_000, "direct_costs": 400_000}, 360_000, "元", id="元 in, 元 out"
        ),
        pytest.param({"training_income": 1_000_000, "direct_costs": "40万"}, 36, "万元", id="mixed"),
        pytest.param({"training_income": 10, "direct_costs": 20}, 0, "元", id="a loss gives nothing"),
        pytest.param(
            {"training_income": "12345.67元", "direct_costs": 0}, Fraction(3703701, 500), "元", id="fen"
        ),
    ],
)
def test_money(decide: Decide, facts: dict[str, object], value: Any, unit: str):
    (amount,) = decide(f"{HEBEI}/max-performance-pay", facts).amounts
    assert (amount.value, amount.unit, amount.bound) == (value, unit, "<=")


def test_rows_of_the_annex(decide: Decide, book: Book):
    rows = book.tables[f"{HUANGCHUAN}/annual-tasks"].rows
    targets = {row.values["task"]: row.values["target"] for row in rows}
    assert len(targets) == 14
    names = sorted(targets)
    rng = random.Random(2)
    for size in (1, 2, 3, 14):
        chosen = rng.sample(names, size)
        facts: dict[str, object] = {"task_names": "、".join(chosen)}
        figures = [targets[name] for name in chosen]
        expected = {"sum": sum(figures), "count": size, "max": max(figures), "min": min(figures)}
        for op, value in expected.items():
            assert decide(f"selected-tasks-{op}", facts).amounts[0].value == value
    for op, value in (("max", (50, 4800)), ("min", (50, 4800)), ("count", (0, 14))):
        finding = decide(f"selected-tasks-{op}", {})
        assert finding.outcome == "unknown"
        assert finding.amounts[0].value == Interval(*value)
        assert [ask.fact for ask in finding.asks] == ["task_names"]
    assert decide("selected-tasks-sum", {}).outcome == "unknown"
    assert decide("selected-tasks-sum", {}).amounts[0].value == Interval(0, sum(targets.values()))


# -- days ----------------------------------------------------------------------------------------------

_OFF = {
    *(date(2021, 5, day) for day in range(1, 6)),
    *(date(2021, 6, day) for day in range(12, 15)),
    *(date(2021, 9, day) for day in range(19, 22)),
    *(date(2021, 10, day) for day in range(1, 8)),
}
_WORKED = {date(2021, 4, 25), date(2021, 5, 8), date(2021, 9, 18), date(2021, 9, 26), date(2021, 10, 9)}


def count_on(start: date, n: int) -> date:
    """Working days of 2021 from April on, counted by hand from the notice."""
    day = start
    while n:
        day += timedelta(1)
        n -= day in _WORKED or (day.weekday() < 5 and day not in _OFF)
    return day


@pytest.mark.parametrize(
    ("rule", "fact", "counts"),
    [
        pytest.param("review", "acceptance_date", (10, 15), id="review"),
        pytest.param("publicity", "publicity_start", (3,), id="publicity"),
        pytest.param("hr-review", "hr_received_date", (15,), id="personnel"),
        pytest.param("finance-review", "finance_received_date", (15,), id="finance"),
    ],
)
def test_deadlines_around_holidays(decide: Decide, rule: str, fact: str, counts: tuple[int, ...]):
    for start in (date(2021, 4, 7) + timedelta(n) for n in range(200)):
        finding = decide(rule, {fact: start.isoformat()})
        assert days(finding) == [count_on(start, n) for n in counts], start
        assert finding.outcome == ("pass" if len(counts) == 1 else "conflict")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2021-04-28", ["2021-05-14", "2021-05-21"], id="Labour Day and its make-up Saturday"),
        pytest.param("2021-05-01", ["2021-05-18", "2021-05-25"], id="on Labour Day"),
        pytest.param("2021-09-27", ["2021-10-15", "2021-10-22"], id="National Day and its make-up Saturday"),
        pytest.param("2021-12-20", ["2022-01-04", "2022-01-11"], id="New Year of another notice"),
        pytest.param("2022-01-24", ["2022-02-10", "2022-02-17"], id="Spring Festival of 2022"),
    ],
)
def test_review_around_holidays(decide: Decide, start: str, expected: list[str]):
    finding = decide("review", {"acceptance_date": start})
    assert [day.isoformat() for day in days(finding)] == expected
    assert [c.key for c in finding.conflicts] == [f"{HUANGCHUAN}/review-days"]


def test_timeline_of_an_application(decide: Decide):
    finding = decide(
        "application-timeline",
        {
            "acceptance_date": "2021-09-27",
            "publicity_start": "2021-10-12",
            "hr_received_date": "2021-10-18",
            "finance_received_date": "2021-11-08",
        },
    )
    assert finding.outcome == "conflict"
    assert outcomes(finding) == {
        "review": "conflict",
        "publicity": "pass",
        "hr-review": "pass",
        "finance-review": "pass",
    }
    for step, day in zip(
        finding.steps, ("2021-10-15", "2021-10-15", "2021-11-08", "2021-11-29"), strict=True
    ):
        assert day in step.shown, step.id
    assert finding.asks == ()


def test_timeline_asks_for_the_starts_it_lacks(decide: Decide):
    finding = decide("application-timeline", {"publicity_start": "2021-06-01"})
    assert finding.outcome == "unknown"
    assert [ask.fact for ask in finding.asks] == [
        "acceptance_date",
        "hr_received_date",
        "finance_received_date",
    ]


@pytest.mark.parametrize(
    ("rule", "facts", "earliest", "latest"),
    [
        pytest.param(
            "hr-review", {"hr_received_date": "2027-03-01"}, "2027-03-15", "2027-04-05", id="in 2027"
        ),
        pytest.param(
            "publicity", {"publicity_start": "2026-12-30"}, "2026-12-31", "2027-02-01", id="into 2027"
        ),
    ],
)
def test_years_whose_holidays_are_not_published(
    decide: Decide, rule: str, facts: dict[str, object], earliest: str, latest: str
):
    finding = decide(rule, facts, date(2026, 12, 30))
    assert finding.outcome == "pass"
    assert finding.reason == "2027年放假安排尚未公布"
    value = finding.amounts[0].value
    assert isinstance(value, Interval)
    assert date.fromisoformat(earliest).toordinal() <= value.low < value.high
    assert value.high <= date.fromisoformat(latest).toordinal()


@pytest.mark.parametrize(
    ("rule", "facts", "day"),
    [
        pytest.param(
            "exam-notice-due",
            {"exam_date": "2021-05-06"},
            "2021-05-03",
            id="back does not move off a holiday",
        ),
        pytest.param("rectification-end", {"stop_date": "2021-05-31"}, "2021-06-30", id="no 31st"),
        pytest.param(
            "rectification-end", {"stop_date": "2021-09-05"}, "2021-10-08", id="moved off National Day"
        ),
        pytest.param(
            "next-class-earliest", {"exam_date": "2021-08-31"}, "2021-09-30", id="no 31st of September"
        ),
    ],
)
def test_days_and_months(decide: Decide, rule: str, facts: dict[str, object], day: str):
    assert [found.isoformat() for found in days(decide(rule, facts))] == [day]


def test_a_range_of_starts_is_a_range_of_days(decide: Decide):
    finding = decide("publicity", {"publicity_start": "2021-06-01..2021-06-03"})
    assert finding.outcome == "unknown"
    assert [ask.fact for ask in finding.asks] == ["publicity_start"]
    assert finding.amounts[0].value == Interval(date(2021, 6, 4).toordinal(), date(2021, 6, 8).toordinal())


# -- asks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "asks"),
    [
        pytest.param(
            {},
            ["class_size", "teachers", "workstations", "minutes_per_hour", "practical_hours", "class_hours",
             "certificate"],
            id="nothing known",
        ),
        pytest.param(
            {"class_size": 60, "teachers": 3},
            ["workstations", "minutes_per_hour", "practical_hours", "class_hours", "certificate"],
            id="people known",
        ),
        pytest.param({**GOOD, "certificate": None}, ["certificate"], id="only the certificate"),
        pytest.param(
            {**GOOD, "certificate": "培训合格证书", "class_hours": 39, "practical_hours": 30},
            ["has_own_hours_rule"],
            id="short course of one certificate",
        ),
        pytest.param({**GOOD, "class_hours": None}, ["class_hours"], id="total hours"),
        pytest.param({**GOOD, "class_size": 81}, [], id="decided"),
    ],
)  # fmt: skip
def test_asks_of_a_class(decide: Decide, facts: dict[str, object], asks: list[str]):
    assert [ask.fact for ask in decide("class-qualifies", facts).asks] == asks


def test_asks_carry_their_question_and_clause(decide: Decide, book: Book):
    for ask in decide("class-qualifies", {}).asks:
        assert ask.data == book.facts[ask.fact].data
        assert ask.cites, ask.fact


def test_the_condition_is_asked_before_what_hangs_on_it(decide: Decide):
    assert [a.fact for a in decide("completion-only-hours", {}).asks] == ["certificate"]
    assert [a.fact for a in decide("offline-practice", {}).asks] == ["occupation"]
    assert decide(f"{HENAN}/institution-meets-target", {}).asks[0].fact == "school_kind"


def _possible(book: Book, fact: str, rng: random.Random, draw: Any) -> list[Any]:
    return [draw(book.facts[fact], rng) for _ in range(14)]


def _open_rules(book: Book) -> list[str]:
    return [*book.verdicts, *book.checks]


def _relatives(book: Book, fact: str) -> set[str]:
    """The fact, what it is computed from, and what is computed from it."""
    found = {fact, *(book.derived[fact].refs if fact in book.derived else ())}
    return found | {id_ for id_, formula in book.derived.items() if set(formula.refs) & found}


def test_a_fact_that_is_not_asked_for_cannot_decide_alone(
    book: Book, calculator: Calculator, draw_point: Any
):
    """Over all verdicts and checks with some facts stated; reminders aside, which are never asked for."""
    rng, n_tried = random.Random(3), 0
    for key in _open_rules(book):
        facts = [f for f in (*book.needs(key).facts, *book.needs(key).computed) if f in book.facts]
        verdict = book.verdicts.get(key)
        reminders = {f for r in (verdict.reminders if verdict else ()) for f in book.needs(r).facts}
        reminders |= {f for r in (verdict.reminders if verdict else ()) for f in book.needs(r).computed}
        needed = {f for c in (verdict.checks if verdict else (key,)) for f in book.needs(c).facts}
        for _ in range(25):
            stated = {f: draw_point(book.facts[f], rng) for f in facts if rng.random() < 0.4}
            if find_contradictions(book, stated):
                continue
            finding = calculator.find(key, stated, date(2021, 12, 31))
            if finding.outcome != "unknown":
                continue
            asked = {ask.fact for ask in finding.asks}
            assert asked, key
            assert not asked & set(stated), key
            related = set().union(*(_relatives(book, fact) for fact in asked))
            # Where it is open whether a check applies, that is asked first.
            deferred = (step.frame.program.check for step in finding.steps if step.outcome == "unknown")
            related |= {f for c in deferred if c.when for f in book.needs(c.key).facts}
            for fact in set(facts) - related - set(stated) - (reminders - needed):
                for value in _possible(book, fact, rng, draw_point):
                    more = {**stated, fact: value}
                    if find_contradictions(book, more):
                        continue
                    n_tried += 1
                    assert calculator.find(key, more, date(2021, 12, 31)).outcome == "unknown", (key, fact)
    assert n_tried > 500


def test_every_fact_asked_for_may_be_the_one_that_decides(
    book: Book, calculator: Calculator, draw_point: Any
):
    """With all the others known the outcome may still be open, so no question is put in vain."""
    rng = random.Random(4)
    key = f"{HUANGCHUAN}/class-qualifies"
    for _ in range(15):
        stated, faults = book.read_facts({f: GOOD[f] for f in GOOD if rng.random() < 0.5})
        assert faults == []
        asked = [ask.fact for ask in calculator.find(key, stated, AS_OF).asks]
        for fact in asked:
            others, _ = book.read_facts({f: GOOD[f] for f in (*stated, *asked) if f != fact and f in GOOD})
            assert calculator.find(key, others, AS_OF).outcome == "unknown", fact


def test_answering_every_question_ends(book: Book, calculator: Calculator, draw_point: Any):
    rng = random.Random(5)
    for key in (*_open_rules(book), *book.quantities):
        stated: dict[str, Any] = {}
        for _ in range(12):
            finding = calculator.find(key, stated, date(2021, 12, 31))
            if finding.outcome != "unknown":
                break
            costs = [book.facts[ask.fact].data.cost for ask in finding.asks]
            assert costs == sorted(costs)
            assert finding.asks, (key, {f: s.shown for f, s in stated.items()})
            fact = finding.asks[0].fact
            stated[fact] = draw_point(book.facts[fact], rng)
        else:
            pytest.fail(f"{key} is still open after {sorted(stated)}")
