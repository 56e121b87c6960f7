"""`kill -9` at any moment of an index build: the index is always whole, and always the one before or the one after."""

from __future__ import annotations

import logging
import random
import re
import signal
import time
from datetime import date

from assistant.app import open_assistant
from assistant.models import Question
from tests.faults.conftest import QUESTION, REGION, Place

logger = logging.getLogger(__name__)

AS_OF = date(2021, 12, 31)


def _read_amount(place: Place) -> int:
    """The amount that the index at hand answers with; it opens without a warning."""
    opened = open_assistant(place.settings)
    assert opened.warnings == ()
    answer = opened.ask(Question(QUESTION, as_of=AS_OF, region=REGION))
    opened.retriever.index.close()
    assert [c.clause_id for c in answer.citations] == ["traffic-allowance#1"]
    (found,) = re.findall(r"每人每天(\d+)元", answer.text)
    return int(found)


def _wait_for_writing(place: Place, process) -> bool:
    """Wait until a build begins to write; False where it ended before that was seen."""
    while process.poll() is None:
        if any(place.index.glob(".building-*")):
            return True
        time.sleep(0.002)
    return False


def _measure_writing(place: Place, amount: int) -> float:
    """How long a build writes, in seconds, from its first file to its end."""
    place.write_amount(amount)
    with place.start("index") as process:
        assert _wait_for_writing(place, process)
        started = time.monotonic()
        process.communicate()
    assert process.returncode == 0
    return time.monotonic() - started


def test_a_build_killed_at_any_moment_leaves_a_whole_index(place, n_kills):
    chance = random.Random(n_kills)
    longest = _measure_writing(place, 2)
    good, n_killed, n_switched = 2, 0, 0
    for amount in range(3, 3 + 4 * n_kills):
        place.write_amount(amount)
        with place.start("index") as process:
            if _wait_for_writing(place, process):
                time.sleep(chance.uniform(0, longest))
            process.kill()
            process.communicate()
        found = _read_amount(place)
        assert found in (good, amount)
        is_killed = process.returncode == -signal.SIGKILL
        assert is_killed or process.returncode == 0
        n_killed += is_killed
        n_switched += is_killed and found == amount
        good = found
        if n_killed == n_kills:
            break
    assert n_killed == n_kills
    logger.info("%d builds killed, %d of them past the switch; 0 indexes damaged", n_killed, n_switched)
    place.write_amount(9999)
    assert place.build().returncode == 0
    assert _read_amount(place) == 9999
    assert not list(place.index.glob(".building-*"))
