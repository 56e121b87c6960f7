"""A chat that writes too fast is told once in a while, whatever else it writes."""

from __future__ import annotations

from assistant.config import LimitSettings
from assistant.surfaces.channels.pace import MOST_TOLD, Pace
from assistant.surfaces.throttle import Throttle


def test_what_is_too_fast_is_told_once_until_there_is_room():
    now = [100.0]
    pace = Pace(Throttle(LimitSettings(chat="2/minute")), clock=lambda: now[0])
    assert [pace.count("a"), pace.count("a")] == [None, None]
    wait = pace.count("a")
    assert wait is not None
    assert 1 <= wait <= 60
    assert pace.count("a") == 0
    assert pace.count("b") is None
    now[0] += wait
    assert pace.count("a") != 0


def test_without_a_limit_everything_passes():
    pace = Pace()
    assert {pace.count("a") for _ in range(1000)} == {None}


def test_who_was_told_is_forgotten_where_there_are_too_many():
    pace = Pace(Throttle(LimitSettings(chat="1/minute")), clock=lambda: 1.0)
    for n in range(MOST_TOLD + 2):
        pace.count(str(n))
        assert pace.count(str(n))
    assert len(pace._told_until) <= MOST_TOLD
