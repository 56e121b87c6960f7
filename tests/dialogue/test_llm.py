"""The language model on its leash, over real HTTP against a strict stand-in: bounds, faults, budget, modes."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from pydantic import BaseModel, ConfigDict

from assistant.config import ModelSettings, data_dir
from assistant.dialogue.breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S, MOST_FAILURES, Breaker
from assistant.dialogue.budget import DailyBudget
from assistant.dialogue.llm import Clocks, LanguageModel
from assistant.dialogue.model_client import MOST_BYTES, MOST_CHARACTERS, Bounds, bounded
from assistant.dialogue.prompts import load_prompts
from assistant.errors import ModelError, StoreError
from tests.standins.chat_model import KEY, MODEL, ChatModel, Reply, serving_model

CHECK = load_prompts(data_dir("prompts"))["check"]
TIMEOUT_S = 1.0
SLACK_S = 1.0
"""What a busy machine may need beside the time limit."""


class Echo(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str


@pytest.fixture(scope="module")
def served() -> Iterator[ChatModel]:
    with serving_model() as server:
        # The first call imports the library, which is nobody's slow answer.
        "".join(
            _open(server, timeout=60).stream_text("check", CHECK.fill(question="x"), time.monotonic() + 60)
        )
        yield server


@pytest.fixture
def server(served) -> Iterator[ChatModel]:
    served.script, served.modes = (lambda _: Reply("好的。")), {"json_schema", "function_calling", "text"}
    served.queue, served.history, served.faults, served.n_bytes, served.most_open = [], [], [], 0, 0
    yield served
    assert served.faults == []


def _open(server: ChatModel, clocks: Clocks | None = None, budget=None, **settings) -> LanguageModel:
    given = {"base_url": server.address, "api_key": KEY, "timeout": 20, "retries": 0, **settings}
    return LanguageModel(
        ModelSettings(name=settings.pop("name", MODEL), **given), clocks=clocks, budget=budget
    )


def _say(model: LanguageModel) -> str:
    return "".join(model.stream_text("check", CHECK.fill(question="x"), model.start()))


def _fail(model: LanguageModel) -> tuple[str, str]:
    """The kind of failure, and what came before it."""
    came: list[str] = []
    said = model.stream_text("check", CHECK.fill(question="x"), model.start())
    with pytest.raises(ModelError) as caught:
        came.extend(said)
    assert caught.value.hint
    assert KEY not in f"{caught.value.message}{caught.value.hint}"
    return caught.value.kind, "".join(came)


def test_text_comes_as_it_is_said(server):
    server.script = lambda _: Reply("每班不得超过80人。[1]")
    model = _open(server)
    assert _say(model) == "每班不得超过80人。[1]"
    (request,) = server.history
    assert (request.body["temperature"], request.body["stream"], request.key) == (0, True, KEY)
    assert model.counts.read().calls == {"check": 1}
    assert model.counts.read().tokens > 0


@pytest.mark.parametrize(
    ("reply", "kind", "came"),
    [
        pytest.param(Reply(status=429, headers={"retry-after": "30"}), "limited", "", id="429"),
        pytest.param(Reply(status=500), "unavailable", "", id="500"),
        pytest.param(Reply(status=401), "denied", "", id="401"),
        pytest.param(Reply(status=404), "missing", "", id="wrong model"),
        pytest.param(Reply(status=400), "rejected", "", id="400"),
        pytest.param(Reply("x" * 100, cut_after=3), "unavailable", "x" * 21, id="cut mid-stream"),
        pytest.param(Reply("x", first_s=3), "timeout", "", id="slow first token"),
        pytest.param(Reply(""), "empty", "", id="empty"),
        pytest.param(Reply(body="<html>"), "unavailable", "", id="no stream"),
        pytest.param(Reply(body="x", headers={"content-encoding": "gzip"}), "too_long", "", id="packed"),
    ],
)
def test_a_fault_is_told_by_its_kind(server, reply, kind, came):
    server.queue = [reply]
    model = _open(server, timeout=TIMEOUT_S if kind == "timeout" else 20)
    began = time.monotonic()
    assert _fail(model) == (kind, came)
    assert time.monotonic() - began < TIMEOUT_S + SLACK_S or kind != "timeout"
    assert model.counts.read().failures == {kind: 1}


def test_a_slow_drip_ends_on_time(server):
    server.queue = [Reply("x" * 700, piece_s=0.2)]
    began = time.monotonic()
    kind, came = _fail(_open(server, timeout=TIMEOUT_S))
    assert kind == "timeout"
    assert len(came) <= 7 * 7
    assert time.monotonic() - began < TIMEOUT_S + SLACK_S


@pytest.mark.parametrize("is_endless", [pytest.param(False, id="100 kB"), pytest.param(True, id="endless")])
def test_too_much_is_cut_off_while_it_comes_in(server, is_endless):
    server.queue = [Reply("天" * 100_000, is_endless=is_endless)]
    tracemalloc.start()
    try:
        kind, came = _fail(_open(server, timeout=20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kind == "too_long"
    assert len(came) <= MOST_CHARACTERS
    assert peak < 30_000_000


def test_a_body_without_end_is_cut_off_too(server):
    server.queue = [Reply(body=" " * (MOST_BYTES * 3))]
    with pytest.raises(ModelError) as caught:
        _open(server, structured="text").read_data(
            "check", CHECK.fill(question="x"), Echo, time.monotonic() + 5
        )
    assert caught.value.kind in ("too_long", "timeout")


def test_a_failed_call_is_tried_again_as_often_as_set(server):
    server.queue = [Reply(status=500), Reply("好")]
    assert _say(_open(server, retries=1)) == "好"
    assert len(server.history) == 2


@pytest.mark.parametrize("told", ["60", "Thu, 26 Nov 2026 23:00:00 GMT"])
def test_a_server_that_asks_for_a_long_pause_keeps_nobodys_place(server, told):
    server.queue = [Reply(status=429, headers={"retry-after": told}), Reply("好")]
    model = _open(server, retries=3, concurrent=1)
    began = time.monotonic()
    assert _fail(model) == ("limited", "")
    assert _say(model) == "好"
    assert time.monotonic() - began < 10


def test_a_short_pause_is_waited_for(server):
    server.queue = [Reply(status=429, headers={"retry-after": "0.2"}), Reply("好")]
    assert _say(_open(server, retries=1)) == "好"


def test_what_a_model_thinks_aloud_is_left_out(server):
    server.queue = [Reply("<think>\n先想一想。[1]\n</think>\n每班80人。[1]")]
    assert _say(_open(server)).strip() == "每班80人。[1]"


@pytest.mark.parametrize("said", ["<", "<b", "", "<think"])
def test_a_short_reply_is_not_lost(server, said):
    server.queue = [Reply(said + "。" if said else "x")]
    assert _say(_open(server)) == (said + "。" if said else "x")


# ---- data ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modes", "mode", "n_calls"),
    [
        pytest.param({"json_schema", "function_calling", "text"}, "json_schema", 1, id="schema"),
        pytest.param({"function_calling", "text"}, "function_calling", 2, id="functions"),
        pytest.param({"text"}, "text", 3, id="text"),
    ],
)
def test_data_comes_in_the_first_way_that_works_which_is_remembered(server, modes, mode, n_calls):
    server.modes = modes
    server.script = lambda _: Reply(data={"question": "y"})
    model = _open(server)
    assert model.read_data("check", CHECK.fill(question="x"), Echo, model.start()) == Echo(question="y")
    assert model.mode == mode
    assert model.counts.read().calls == {"check": n_calls}
    assert model.read_data("check", CHECK.fill(question="x"), Echo, model.start()) == Echo(question="y")
    assert model.counts.read().calls == {"check": n_calls + 1}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        pytest.param(Reply("我不知道"), "invalid", id="no JSON"),
        pytest.param(Reply('{"question": "y"'), "invalid", id="half of it"),
        pytest.param(Reply(data={"other": 1}), "invalid", id="another form"),
        pytest.param(Reply(refusal="不能回答"), "empty", id="refusal"),
        pytest.param(Reply("x" * 20_000), "too_long", id="long"),
    ],
)
def test_data_of_no_use_is_an_error(server, reply, kind):
    server.script = lambda _: reply
    model = _open(server)
    with pytest.raises(ModelError) as caught:
        model.read_data("check", CHECK.fill(question="x"), Echo, model.start())
    assert caught.value.kind == kind


def test_json_in_prose_is_read(server):
    server.script = lambda _: Reply('好的：\n```json\n{"question": "y"}\n```')
    model = _open(server, structured="text")
    assert model.read_data("check", CHECK.fill(question="x"), Echo, model.start()).question == "y"


# ---- places, budget, breaker -------------------------------------------------------------------------


def test_who_gets_no_place_in_time_is_told(server):
    server.script = lambda _: Reply("好", first_s=3)
    model = _open(server, concurrent=2, timeout=5)
    told: list[str] = []

    def ask() -> None:
        try:
            told.append(_say(model))
        except ModelError as exc:
            told.append(exc.kind)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["busy"] * 4 + ["好"] * 2
    assert server.most_open == 2


def test_a_reader_that_leaves_gives_its_place_back(server):
    server.script = lambda _: Reply("x" * 70, piece_s=0.05)
    model = _open(server, concurrent=1, timeout=5)
    for _ in range(3):
        reading = model.stream_text("check", CHECK.fill(question="x"), model.start())
        assert next(reading)
        reading.close()
    assert _say(model) == "x" * 70


@dataclass
class Times:
    now: float = 100.0
    day: date = field(default=date(2026, 11, 26))

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.now, lambda: self.day)


class NoStore:
    """A store that is away."""

    def __call__(self):
        raise StoreError("不在", hint="等")


def test_a_model_that_keeps_failing_is_left_alone_for_a_while(server):
    times = Times()
    model = _open(server, times.clocks, timeout=5)
    server.script = lambda _: Reply(status=500)
    kinds = [_fail(model)[0] for _ in range(MOST_FAILURES + 2)]
    assert kinds == ["unavailable"] * MOST_FAILURES + ["paused"] * 2
    assert len(server.history) == MOST_FAILURES
    times.now += FIRST_PAUSE_S + 0.1
    server.script = lambda _: Reply("好")
    assert _say(model) == "好"
    assert _say(model) == "好"


def test_a_day_without_budget_says_nothing_of_the_model(server):
    times = Times()
    model = _open(server, times.clocks, DailyBudget(MOST_FAILURES, None, NoStore()))
    server.script = lambda _: Reply(status=500)
    assert [_fail(model)[0] for _ in range(MOST_FAILURES)] == ["unavailable"] * MOST_FAILURES
    times.now += FIRST_PAUSE_S + 1
    assert [_fail(model)[0] for _ in range(2)] == ["budget"] * 2
    times.day = date(2026, 11, 27)
    assert [_fail(model)[0] for _ in range(2)] == ["unavailable", "paused"]


def test_an_open_breaker_lets_one_try_and_waits_longer_each_time():
    breaker, now, pauses = Breaker(), 0.0, []
    for _ in range(MOST_FAILURES):
        assert not breaker.is_open(now)
        breaker.note_failure(now)
    for _ in range(7):
        opened = now
        while breaker.is_open(now):
            now += 1
        assert breaker.is_open(now)  # the one that tries is alone
        pauses.append(now - opened)
        breaker.note_failure(now)
    assert pauses == [15, 30, 60, 120, 240, 240, 240]
    assert max(pauses) == LONGEST_PAUSE_S
    breaker.note_success()
    assert not breaker.is_open(now)


def test_the_budget_of_a_day_is_kept_in_memory_where_the_store_fails(server):
    times = Times()
    budget = DailyBudget(2, None, NoStore())
    model = _open(server, times.clocks, budget)
    assert [_say(model), _say(model)] == ["好的。", "好的。"]
    assert _fail(model)[0] == "budget"
    assert len(server.history) == 2
    times.day = date(2026, 11, 27)
    assert _say(model) == "好的。"


def test_tokens_spent_end_the_day(server):
    model = _open(server, Times().clocks, DailyBudget(None, 50, NoStore()))
    assert _say(model) == "好的。"
    assert _fail(model)[0] == "budget"


def test_time_that_is_over_makes_no_call(server):
    model = _open(server)
    with pytest.raises(ModelError) as caught:
        list(model.stream_text("check", CHECK.fill(question="x"), time.monotonic() - 1))
    assert (caught.value.kind, server.history) == ("late", [])


def test_a_provider_that_is_not_installed_is_named():
    model = LanguageModel(ModelSettings(name="x", provider="groq"))
    kind, _ = _fail(model)
    assert kind == "not_installed"


def test_nobody_there(server):
    model = LanguageModel(ModelSettings(name="x", base_url="http://127.0.0.1:9/v1", retries=0))
    assert _fail(model) == ("unavailable", "")


def test_no_key_of_the_environment_is_sent(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-elses")
    model = LanguageModel(ModelSettings(name=MODEL, base_url=server.address, retries=0))
    assert _fail(model)[0] == "denied"
    assert server.history == []


def test_nothing_is_traced_to_a_third_party(monkeypatch):
    from langsmith.utils import tracing_is_enabled

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    with bounded(Bounds(time.monotonic() + 1)):
        assert not tracing_is_enabled()
