"""Months that are told in days."""

from __future__ import annotations

from fractions import Fraction

import pytest

from assistant.dialogue.months import write_months
from assistant.dialogue.quantities import Quantity


def days(n: int) -> Quantity:
    return Quantity("NUM", Fraction(n), Fraction(n), False, False, "", 0, 1)


@pytest.mark.parametrize(
    ("n", "expected"),
    [(20, "0.64..0.72"), (27, "0.87..0.97"), (28, "0.90..1.00"), (30, "0.96..1.08"), (62, "2.00..2.22")],
)
def test_days_are_the_range_of_months_that_they_may_be(n, expected):
    assert write_months(days(n), "天,接着", "个月") == expected


@pytest.mark.parametrize(
    ("counter", "unit"), [("个月", "个月"), ("天", "天"), ("人", "个月"), ("周", "个月")]
)
def test_other_units_are_left_alone(counter, unit):
    assert write_months(days(20), counter, unit) == ""


def test_an_open_quantity_has_no_range():
    assert write_months(Quantity("NUM", Fraction(20), None, True, False, "", 0, 1), "天", "个月") == ""
