"""What is too old goes with all that hangs on it; a conversation is forgotten whole; nothing newer is touched."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from assistant.store import retention
from assistant.store.channels import Incoming, Outcome
from assistant.store.feedback import Feedback
from assistant.store.retention import Purged
from assistant.store.store import Store

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LIMIT = NOW - timedelta(days=30)
OLD, YOUNG = LIMIT - timedelta(days=1), LIMIT + timedelta(days=1)


def rows(opened, table):
    statement = text(f"SELECT count(*) FROM {table}")
    return opened._database.read(lambda connection: connection.execute(statement).scalar_one())


def counts(opened):
    return {name: rows(opened, name) for name in ("conversations", "turns", "answers", "feedback")}


def vote(opened, session, answer):
    assert opened.feedback.keep(Feedback(session, answer, "up", "", "", NOW))


@pytest.fixture
def mixed(opened, keep):
    """One conversation that is old, one that is young, one that is both."""
    keep("old", 1, asked_at=OLD)
    keep("old", 2, asked_at=OLD)
    keep("both", 3, asked_at=OLD)
    keep("both", 4, asked_at=YOUNG)
    keep("young", 5, asked_at=YOUNG)
    vote(opened, "old", "a1")
    vote(opened, "young", "a5")
    return opened


def test_old_turns_go_with_answers_votes_and_empty_conversations(mixed):
    would = mixed.retention.count_old(LIMIT)
    assert mixed.retention.purge(LIMIT) == would == Purged(n_turns=3, n_conversations=1)
    assert counts(mixed) == {"conversations": 2, "turns": 2, "answers": 2, "feedback": 1}
    assert mixed.conversations.last_memory("both") == '{"n":4}'
    assert mixed.conversations.last_memory("old") is None
    assert mixed.retention.purge(LIMIT) == Purged()


def test_a_conversation_goes_on_after_a_purge(mixed, keep):
    mixed.retention.purge(LIMIT)
    keep("old", 6, asked_at=NOW)
    keep("both", 7, asked_at=NOW)
    assert [t.answer_id for t in mixed.conversations.turns("old")] == ["a6"]
    assert [t.answer_id for t in mixed.conversations.turns("both")] == ["a4", "a7"]


@pytest.mark.parametrize(
    ("asked_at", "is_kept"),
    [(LIMIT - timedelta(microseconds=1), False), (LIMIT, True), (LIMIT + timedelta(microseconds=1), True)],
    ids=["just before", "at", "just after"],
)
def test_the_limit_itself_is_kept(opened, keep, asked_at, is_kept):
    keep("s", 1, asked_at=asked_at)
    opened.retention.purge(LIMIT)
    assert bool(opened.conversations.count("s")) is is_kept


def test_more_than_a_batch_goes_in_several(opened, keep, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 7)
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0.0)
    for i in range(25):
        keep(f"s{i % 5}", i, asked_at=OLD)
    assert opened.retention.purge(LIMIT) == Purged(n_turns=25, n_conversations=5)
    assert counts(opened) == {"conversations": 0, "turns": 0, "answers": 0, "feedback": 0}


def test_what_messengers_left_behind_goes(opened):
    for at, chat in ((OLD, "old"), (YOUNG, "young")):
        opened.channels.receive("wecom", [Incoming(chat, chat, "问")], at)
        received = opened.channels.next_received("wecom", chat)
        opened.channels.finish("wecom", received, Outcome('{"token":"x"}', ["答"]), at)
    assert opened.retention.purge(LIMIT).n_messages == opened.retention.count_old(NOW).n_messages == 3
    assert opened.channels.find_state("wecom", "old") == ""
    assert opened.channels.find_state("wecom", "young") != ""


def test_the_audit_has_a_limit_of_its_own(opened, keep):
    keep("old", 1, asked_at=OLD)
    opened.registry.note("test", "sign-in")
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert opened.retention.purge(None, soon) == Purged(n_deeds=1)
    assert opened.registry.deeds() == []
    assert opened.conversations.count("old") == 1


def test_a_purge_loses_nothing_that_is_kept_meanwhile(any_url, make_turn, make_answer, monkeypatch):
    """Conversations that are being emptied are given new turns by another thread."""
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0.0)
    sessions = [f"s{i}" for i in range(12)]
    with closing(Store(any_url)) as store, closing(Store(any_url)) as other:
        for i, session in enumerate(sessions):
            store.conversations.append(session, make_turn(i, asked_at=OLD), make_answer(f"o{i}"))
        kept = []

        def add():
            for i, session in enumerate(sessions * 4):
                answer = make_answer(f"n{i}", session_id=session)
                other.conversations.append(session, make_turn(i, answer_id=f"n{i}", asked_at=NOW), answer)
                kept.append(f"n{i}")

        adding = threading.Thread(target=add)
        adding.start()
        while adding.is_alive():
            store.retention.purge(LIMIT)
        adding.join()
        store.retention.purge(LIMIT)
        found = [t.answer_id for session in sessions for t in store.conversations.turns(session)]
        assert sorted(found) == sorted(kept)
        assert len(kept) == len(sessions) * 4


def test_a_conversation_is_forgotten_whole_and_alone(mixed):
    assert mixed.retention.forget("old") == 2
    assert counts(mixed) == {"conversations": 2, "turns": 3, "answers": 3, "feedback": 1}
    assert mixed.retention.forget("old") is None
    assert mixed.retention.forget("'; DROP TABLE turns; --\0") is None
    assert mixed.past.find("a1") == []


def test_what_a_messenger_keeps_of_a_forgotten_chat_goes_too(opened, keep):
    token = "Zk3vT0x_9aQ%4cB1"
    keep(f"wecom.77.{token}", 1)
    for chat, state in (("77", f'{{"token":"{token}"}}'), ("78", '{"token":"another-token-0"}')):
        opened.channels.receive("wecom", [Incoming(chat, chat, "问")], NOW)
        received = opened.channels.next_received("wecom", chat)
        opened.channels.finish("wecom", received, Outcome(state, ["答"]), NOW)
    assert opened.retention.forget(f"wecom.77.{token}") == 1
    assert opened.channels.find_state("wecom", "77") == ""
    assert opened.channels.find_received("wecom", "77") is None
    assert opened.channels.find_state("wecom", "78") != ""


def test_what_is_forgotten_is_not_left_in_the_file(url, path, make_turn, make_answer):
    said = "只有我知道的一句话".encode()
    with closing(Store(url)) as store:
        turn = make_turn(question=said.decode(), memory=said.decode() * 300)
        store.conversations.append("s", turn, make_answer(text=said.decode()))
        store.retention.purge(LIMIT)
        assert store.retention.forget("s") == 1
        files = [file for file in path.parent.iterdir() if file.is_file()]
        assert not any(said in file.read_bytes() for file in files)
