"""`and` and `or` with unknown parts, as the compiled expressions have them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rules.evaluate import compile_node
from assistant.rules.language import Logic, Ref

TRUTHS = (True, False, None)


def combine(op: str, truths: list[bool | None]) -> bool | None:
    names = [f"fact_{n}" for n in range(len(truths))]
    node = Logic(op, tuple(Ref(name, "truth") for name in names))
    return compile_node(node)(dict(zip(names, truths, strict=True)))


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_kleene_tables(a: bool | None, b: bool | None, both: bool | None, either: bool | None):
    for pair in ([a, b], [b, a]):
        assert combine("and", pair) is both
        assert combine("or", pair) is either


@given(st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=5))
def test_unknown_truths_stand_for_either(truths: list[bool | None]):
    possible = [
        [truth if truth is not None else filled for truth, filled in zip(truths, filling, strict=True)]
        for filling in itertools.product((True, False), repeat=len(truths))
    ]
    for op, plain in (("and", all), ("or", any)):
        outcomes = {plain(case) for case in possible}
        assert combine(op, truths) is (outcomes.pop() if len(outcomes) == 1 else None)
