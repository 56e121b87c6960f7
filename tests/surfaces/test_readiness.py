"""`/readyz`: parts that are away are named, and hold up neither the reply nor the answers."""

import threading
import time

from assistant.errors import StoreError
from assistant.surfaces.readiness import LATE, StoreProbe, describe_readiness
from assistant.surfaces.throttle import Throttle


class Script:
    """A store that does what it is told, and an assistant that has it."""

    def __init__(self, *deeds):
        self._deeds = list(deeds)
        self.store = self

    def check(self):
        self._deeds.pop(0)()


def fail():
    raise StoreError("连不上数据库")


def test_a_store_that_is_away_and_comes_back():
    probe = StoreProbe()
    script = Script(fail, lambda: None)
    assert probe.find_fault(script) == "连不上数据库"
    assert probe.find_fault(script) == ""


def test_a_store_that_swallows_packets_holds_up_nobody():
    released = threading.Event()
    probe = StoreProbe(patience=0.05)
    script = Script(lambda: released.wait(20), lambda: None)
    started = time.monotonic()
    assert [probe.find_fault(script) for _ in range(3)] == [LATE] * 3
    assert time.monotonic() - started < 10
    released.set()
    deadline = time.monotonic() + 10
    while (fault := probe.find_fault(script)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert fault == ""


def test_what_is_away_is_listed_and_explained(new_assistant):
    assistant = new_assistant()
    whole = describe_readiness(assistant, StoreProbe(), Throttle())
    assert (whole["status"], whole["degraded"]) == ("ready", [])

    class Away:
        def find_fault(self, _assistant):
            return "连不上数据库"

    told = describe_readiness(assistant, Away(), Throttle())
    assert told["status"] == "ready"
    assert told["degraded"] == ["store"]
    assert told["warnings"][-1] == "连不上数据库。回答照常，这期间的对话不保存"
