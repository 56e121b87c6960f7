"""The batch gives row by row what the scalar path gives, check by check."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from assistant.rules import interval
from assistant.rules.batch import BLOCK, BatchResult, check_many
from assistant.rules.book import Book
from assistant.rules.columns import make_column, number_column
from assistant.rules.decide import Calculator
from assistant.rules.schema import OUTCOMES
from assistant.rules.statements import Stated

HUANGCHUAN, HENAN = "huangchuan-2021-1", "henan-jiaoyuting-2021-105"
CLASS = f"{HUANGCHUAN}/class-qualifies"
AS_OF = date(2021, 12, 31)
Row = dict[str, Stated]


def facts_of(book: Book, key: str) -> list[str]:
    needs = book.needs(key)
    return [f for f in (*needs.facts, *needs.computed) if f in book.facts]


def run(
    book: Book, calculator: Calculator, key: str, rows: Sequence[Row], as_of: date = AS_OF
) -> BatchResult:
    facts = dict.fromkeys(fact for row in rows for fact in row) or {facts_of(book, key)[0]: None}
    columns = {fact: make_column(book.facts[fact], [row.get(fact) for row in rows]) for fact in facts}
    return check_many(calculator, key, columns, as_of)


def compare(
    book: Book, calculator: Calculator, key: str, rows: Sequence[Row], as_of: date = AS_OF
) -> Counter[str]:
    """Run both ways; the outcomes that were met."""
    result = run(book, calculator, key, rows, as_of)
    verdict = book.verdicts.get(key)
    checks = (*verdict.checks, *verdict.reminders) if verdict else (key,)
    codes = {check: result.check_codes(check) for check in checks}
    met: Counter[str] = Counter()
    for i, (row, outcome) in enumerate(zip(rows, result.outcomes(), strict=True)):
        finding = calculator.find(key, row, as_of)
        met[finding.outcome] += 1
        where = {fact: stated.value for fact, stated in row.items()}
        assert outcome == finding.outcome, (i, where)
        found = [OUTCOMES[codes[check][i]] for check in checks]
        if finding.steps:
            assert found == [step.outcome for step in finding.steps], (i, where)
    return met


def class_rows(book: Book, n_rows: int, seed: int) -> list[Row]:
    """Classes near every limit, with gaps, ranges, and totals stated in one of three ways."""
    rng, rows = random.Random(seed), []
    values: dict[str, Sequence[object]] = {
        "class_size": (1, 20, 40, 59, 60, 61, 79, 80, 81, 100, "<80", "40..49", "≥81", "<=60"),
        "teachers": (0, 1, 2, 3, 4, 5, "2..3", ">=4"),
        "workstations": (0, 1, 3, 4, 5, "3~4"),
        "minutes_per_hour": (39, 40, 45, "39.9", "40.5", "<40", "40..45"),
        "certificate": ("培训合格证书", "职业技能等级证书", "职业资格证书"),
    }
    often: dict[str, Sequence[object]] = {
        "has_own_hours_rule": (True, False),
        "theory_recorded_in_full": (True, True, False),
        "recorded_minutes_per_practical_hour": (14, 15, 16, "<15"),
        "provider_kind": ("民办培训机构", "职业学校"),
        "full_time_teachers_filed": (True, True, False),
        "in_system": (True, True, True, False),
        "exam_is_offline": (True, True, True, False),
        "can_obtain_certificate": (True, False),
        "certificate_exam_first": (True, False),
        "exam_date": ("2021-08-20", "2021-08-21"),
        "exam_notice_date": ("2021-08-17", "2021-08-18"),
    }
    hours: Sequence[dict[str, object]] = (
        {"class_hours": 60, "practical_hours": 39},
        {"class_hours": 60, "practical_hours": 38},
        {"class_hours": 50, "practical_hours": 33},
        {"class_hours": 39, "practical_hours": 30},
        {"class_hours": 40, "practical_hours": 26},
        {"class_hours": "60..61", "practical_hours": "39..40"},
        {"class_hours": "40.5", "practical_hours": "26.3"},
        {"theory_hours": 21, "practical_hours": 39},
        {"theory_hours": 22, "practical_hours": 39},
        {"theory_hours": "10..21", "practical_hours": 39},
        {"class_hours": 60, "practical_share": "65%"},
        {"class_hours": 60, "practical_share": "64%", "practical_hours": "38.4"},
        {"practical_hours": 39},
        {},
    )
    while len(rows) < n_rows:
        given = {fact: rng.choice(options) for fact, options in values.items() if rng.random() < 0.9}
        given |= {fact: rng.choice(options) for fact, options in often.items() if rng.random() < 0.12}
        given |= rng.choice(hours)
        stated, faults = book.read_facts(given)
        if not faults:
            rows.append(stated)
    return rows


def test_ten_thousand_classes(book: Book, calculator: Calculator):
    met = compare(book, calculator, CLASS, class_rows(book, 10_000, seed=1))
    assert min(met[outcome] for outcome in ("pass", "fail", "unknown")) > 50


@pytest.mark.parametrize("seed", range(8))
def test_classes_of_whole_numbers_only(book: Book, calculator: Calculator, seed: int):
    """Without ranges the fast path alone decides."""
    rng = random.Random(seed)
    rows = []
    for _ in range(250):
        given = {
            "class_size": rng.randrange(1, 120),
            "teachers": rng.randrange(0, 7),
            "workstations": rng.randrange(0, 7),
            "minutes_per_hour": rng.randrange(38, 46),
            "class_hours": (total := rng.randrange(36, 70)),
            "practical_hours": rng.randrange(20, total + 1),
            "certificate": rng.choice(["培训合格证书", "职业技能等级证书"]),
            "has_own_hours_rule": rng.random() < 0.5,
        }
        stated, faults = book.read_facts(given)
        assert faults == []
        rows.append(stated)
    met = compare(book, calculator, CLASS, rows)
    assert met["unknown"] == 0


OTHERS = [
    pytest.param(f"{HUANGCHUAN}/online-course-valid", id="names and readings"),
    pytest.param(f"{HUANGCHUAN}/may-join-next-training", id="dates"),
    pytest.param(f"{HUANGCHUAN}/person-eligible", id="choices and readings"),
    pytest.param(f"{HENAN}/institution-meets-target", id="quantities and a condition"),
    pytest.param("hebei-2021-20/staffing-conforms", id="shares and a quantity"),
    pytest.param("henan-moe-2021-2/labour-education-conforms", id="conditions"),
    pytest.param(f"{HUANGCHUAN}/exam-month", id="a check on months"),
    pytest.param(f"{HUANGCHUAN}/apprentices-per-teacher", id="a check on a multiple"),
    pytest.param(f"{HUANGCHUAN}/online-occupation-listed", id="a check on a list"),
]


@pytest.mark.parametrize("key", OTHERS)
def test_five_hundred_rows_of_other_kinds(book: Book, calculator: Calculator, draw_stated: Any, key: str):
    rng = random.Random(7)
    rows = [
        {f: draw_stated(book.facts[f], rng) for f in facts_of(book, key) if rng.random() < 0.85}
        for _ in range(500)
    ]
    assert len(compare(book, calculator, key, rows)) >= 2


def test_thirty_rows_of_every_verdict_and_check(book: Book, calculator: Calculator, draw_stated: Any):
    rng = random.Random(8)
    for key in [*book.verdicts, *book.checks]:
        rows = [
            {f: draw_stated(book.facts[f], rng) for f in facts_of(book, key) if rng.random() < 0.8}
            for _ in range(30)
        ]
        compare(book, calculator, key, rows)


def test_a_computed_fact_stated_in_some_rows(book: Book, calculator: Calculator):
    hours = [
        {"class_hours": 60, "practical_hours": 39},
        {"theory_hours": 21, "practical_hours": 39},
        {"theory_hours": 22, "practical_hours": 39},
        {"class_hours": 60, "theory_hours": 21, "practical_hours": 39},
        {"class_hours": "60..70", "theory_hours": 21, "practical_hours": 39},
        {"class_hours": "<=60", "practical_hours": 39},
        {"practical_share": "65%"},
        {"practical_share": "64%"},
        {"practical_share": "60%..66%", "class_hours": 60, "practical_hours": 39},
        {"practical_share": ">=65%"},
        {},
    ]
    rows = [book.read_facts(given)[0] for given in hours]
    for key in (f"{HUANGCHUAN}/practical-share", CLASS):
        compare(book, calculator, key, rows)
        for row in rows:
            compare(book, calculator, key, [row])


def test_rows_in_which_nothing_is_known(book: Book, calculator: Calculator):
    met = compare(book, calculator, CLASS, [{}] * 5)
    assert met == {"unknown": 5}
    blank = {fact: make_column(book.facts[fact], [None, None]) for fact in facts_of(book, CLASS)}
    result = check_many(calculator, CLASS, blank, AS_OF)
    assert result.outcomes() == ["unknown", "unknown"]


def test_a_column_known_in_one_row_only(book: Book, calculator: Calculator):
    rows: list[Row] = [{} for _ in range(4)]
    rows[2] = book.read_facts({"class_size": 81})[0]
    assert compare(book, calculator, CLASS, rows) == {"unknown": 3, "fail": 1}


@pytest.mark.parametrize(
    ("check", "over", "under", "pairs"),
    [
        pytest.param(
            "huangchuan-2021-1/practical-share",
            "practical_hours",
            "class_hours",
            [(39, 60), (38, 60), (33, 50), (32, 50), (33, 51), (13, 20), (12, 20), (26, 40), (65_000, 100_000),
             (64_999, 100_000), (0, 0), (0, 1)],
            id="practical share",
        ),
        pytest.param(
            "huangchuan-2021-1/teacher-ratio",
            "class_size",
            "teachers",
            [(60, 3), (61, 3), (80, 4), (81, 4), (0, 0), (1, 0), (100_000, 5000), (100_000, 4999)],
            id="teachers",
        ),
        pytest.param(
            "hebei-2021-20/dual-teacher-share",
            "dual_teachers",
            "major_teachers",
            [(3, 5), (59, 100), (60, 100), (2, 3), (599_999, 1_000_000), (600_000, 1_000_000)],
            id="large numbers",
        ),
    ],
)  # fmt: skip
def test_quotients_at_their_limit(
    book: Book, calculator: Calculator, check: str, over: str, under: str, pairs: list[tuple[int, int]]
):
    rows = [book.read_facts({over: a, under: b})[0] for a, b in pairs]
    limit = {
        "practical-share": Fraction(65, 100),
        "teacher-ratio": 20,
        "dual-teacher-share": Fraction(60, 100),
    }
    threshold, name = limit[check.partition("/")[2]], check.partition("/")[2]
    plain = ["pass" if (a <= threshold * b if name == "teacher-ratio" else a >= threshold * b) else "fail"
             for a, b in pairs]  # fmt: skip
    compare(book, calculator, check, rows)
    assert run(book, calculator, check, rows).outcomes() == plain


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param((2**24, 2**24 + 1, 2**24 - 1), id="beyond float32"),
        pytest.param((2**53 - 1, 2**53, 2**53 + 1), id="beyond float64"),
        pytest.param((10**15, 10**15 - 1, 10**14), id="the largest that is read"),
        pytest.param((Fraction(10**15 - 1, 1000), Fraction(1, 1000), 3), id="large with decimals"),
        pytest.param((Fraction(1, 3), Fraction(2, 7), 1), id="no finite decimals"),
    ],
)
def test_numbers_too_large_for_a_fast_path(book: Book, calculator: Calculator, numbers: tuple[Any, ...]):
    """Income, costs and what was drawn: 60 % of the difference, to the last unit."""
    key, rows = "hebei-2021-20/performance-withdrawal", []
    for income in numbers:
        for costs in (0, 1):
            most = interval.simplify(Fraction(3, 5) * max(Fraction(0), Fraction(income) - costs))
            for drawn in (most - 1, most, most + 1):
                values = {
                    "training_income": income,
                    "direct_costs": costs,
                    "withdrawn_performance_pay": max(interval.simplify(Fraction(drawn)), 0),
                }
                rows.append({f: Stated(v, str(v)) for f, v in values.items()})
    assert set(compare(book, calculator, key, rows)) == {"pass", "fail"}


@pytest.mark.parametrize("unit", [1, Fraction(1, 10), Fraction(1, 1000)], ids=str)
@pytest.mark.parametrize(
    "n", [10, 2**20, 2**20 + 1, 2**24 // 3, 2**25 + 1, 2**50, 5 * 10**14, 5 * 10**14 + 1], ids=str
)
def test_thirty_percent_of_large_sums(book: Book, calculator: Calculator, n: int, unit: Fraction):
    """Ten times the part and three times the whole differ by one, where single or double precision no longer tells."""
    key = "henan-moe-2021-2/surcharge-share"
    pairs = [(3 * n, 10 * n), (3 * n + 1, 10 * n + 3), (3 * n + 2, 10 * n + 7), (3 * n - 1, 10 * n)]
    rows = [
        {
            "vocational_surcharge": Stated(interval.simplify(part * Fraction(unit)), ""),
            "surcharge_total": Stated(interval.simplify(whole * Fraction(unit)), ""),
        }
        for part, whole in pairs
    ]
    assert run(book, calculator, key, rows).outcomes() == ["pass", "pass", "fail", "fail"]
    compare(book, calculator, key, rows)


def test_large_numbers_of_people(book: Book, calculator: Calculator):
    size = (2**24 - 1, 2**24, 2**24 + 1, 10**8 - 1)
    rows: list[Row] = [
        {"completed_training": Stated(n, str(n)), "subsidised_training": Stated(n - d, str(n - d))}
        for n in size
        for d in (0, 1)
    ]
    for row in rows:
        row["school_kind"] = Stated(frozenset(["高等职业院校"]), "高等职业院校")
        row["enrolment"] = Stated(2**19, str(2**19))
        row["in_high_level_programme"] = Stated(True, "是")
    compare(book, calculator, f"{HENAN}/institution-meets-target", rows)


def test_number_columns_are_the_same_as_stated_ones(book: Book, calculator: Calculator):
    rng = np.random.default_rng(1)
    values = {
        fact: rng.integers(low, high, 300).astype(np.float64)
        for fact, low, high in (("class_size", 0, 120), ("teachers", 0, 6), ("workstations", 0, 6))
    }
    values["teachers"][::7] = np.nan
    columns = {fact: number_column(book.facts[fact], column) for fact, column in values.items()}
    rows = [
        {f: Stated(int(c[i]), str(int(c[i]))) for f, c in values.items() if not np.isnan(c[i])}
        for i in range(300)
    ]
    result = check_many(calculator, CLASS, columns, AS_OF)
    assert result.outcomes() == [calculator.find(CLASS, row, AS_OF).outcome for row in rows]
    assert [columns["teachers"].stated[i] is None for i in range(3)] == [True, False, False]


def test_more_rows_than_one_block(book: Book, calculator: Calculator):
    n_rows = BLOCK + 3
    sizes = np.full(n_rows, 80.0)
    sizes[[0, BLOCK - 1, BLOCK, n_rows - 1]] = 81
    seen: list[tuple[int, int]] = []
    column = number_column(book.facts["class_size"], sizes)
    result = check_many(
        calculator,
        f"{HUANGCHUAN}/class-size",
        {"class_size": column},
        AS_OF,
        lambda done, n: seen.append((done, n)),
    )
    failing = [i for i, outcome in enumerate(result.outcomes()) if outcome == "fail"]
    assert failing == [0, BLOCK - 1, BLOCK, n_rows - 1]
    assert seen == [(BLOCK, n_rows), (n_rows, n_rows)]


@pytest.mark.parametrize(
    "day", [date(2021, 4, 6), date(2021, 4, 7), date(2021, 4, 27), date(2022, 1, 1)], ids=str
)
@pytest.mark.parametrize("key", [CLASS, f"{HENAN}/archive-minutes"])
def test_days_before_and_after_the_law(book: Book, calculator: Calculator, key: str, day: date):
    """Whether a document is in force is asked of the finding; its checks have no basis either way."""
    rows = class_rows(book, 20, seed=3)
    result = run(book, calculator, key, rows, day)
    for row, outcome in zip(rows, result.outcomes(), strict=True):
        assert outcome == calculator.find(key, row, day).outcome


def test_an_unknown_rule(book: Book, calculator: Calculator):
    column = make_column(book.facts["class_size"], [None])
    with pytest.raises(KeyError):
        check_many(calculator, f"{HUANGCHUAN}/no-such", {"class_size": column}, AS_OF)
