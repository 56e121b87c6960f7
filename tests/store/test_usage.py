"""What the model was asked for on each day: counted once by whoever asks, in either kind of database."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from assistant.dialogue.budget import DailyBudget
from assistant.store.store import Store
from assistant.store.usage import Limits

DAY, NEXT = date(2026, 11, 26), date(2026, 11, 27)


def test_calls_up_to_the_limit_are_counted(opened):
    assert [opened.usage.take_call(DAY, Limits(2, None)) for _ in range(4)] == [True, True, False, False]
    assert opened.usage.read(DAY) == (2, 0)
    assert opened.usage.take_call(NEXT, Limits(2, None))
    assert opened.usage.read(NEXT) == (1, 0)


def test_tokens_end_a_day(opened):
    opened.usage.add_tokens(DAY, 60)
    assert opened.usage.take_call(DAY, Limits(None, 100))
    opened.usage.add_tokens(DAY, 40)
    assert not opened.usage.take_call(DAY, Limits(None, 100))
    assert opened.usage.read(DAY) == (1, 100)


@pytest.mark.parametrize("limits", [Limits(0, None), Limits(None, 0)])
def test_nothing_is_allowed_where_the_limit_is_nothing(opened, limits):
    assert not opened.usage.take_call(DAY, limits)
    assert opened.usage.read(DAY) == (0, 0)


def test_many_at_once_take_no_more_than_there_is(any_url):
    stores = [Store(any_url) for _ in range(2)]
    taken: list[bool] = []

    def take(store: Store) -> None:
        for _ in range(10):
            taken.append(store.usage.take_call(DAY, Limits(15, None)))

    threads = [threading.Thread(target=take, args=(store,)) for store in stores for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 15
    assert stores[0].usage.read(DAY)[0] == 15
    for store in stores:
        store.close()


def test_a_budget_survives_a_restart_and_is_shared(any_url):
    for n_before in range(2):
        store = Store(any_url)
        assert store.usage.read(DAY)[0] == n_before
        assert DailyBudget(2, None, lambda s=store: s.usage).take_call(DAY)
        store.close()
    store = Store(any_url)
    assert not DailyBudget(2, None, lambda: store.usage).take_call(DAY)
    store.close()


def test_a_worded_answer_takes_the_place_of_the_first(opened, make_turn, make_answer):
    from assistant.store.schema import answers

    number = opened.conversations.append("s", make_turn(1), make_answer("a1"))
    worded = make_answer("b1", generated=True, made_with="m; word 1 abc", text="每班最多80人。[1]")
    opened.conversations.reword("s", number, worded)
    assert [t.answer_id for t in opened.conversations.turns("s")] == ["b1"]
    row = opened.conversations._database.read(lambda c: c.execute(answers.select()).one())
    assert (row.answer_id, row.made_with) == ("b1", "m; word 1 abc")
    assert "每班最多80人" in row.body
    assert "made_with" not in row.body
    opened.conversations.reword("nobody", 1, worded)
    assert opened.conversations.count("nobody") == 0
