"""Messages of messengers: each comes in once, is ended once, and is sent or told to be doubtful."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from assistant.store.channels import Incoming, Outcome
from assistant.store.store import Store
from tests.store.conftest import ASKED_AT

LATER = ASKED_AT + timedelta(minutes=5)


@pytest.fixture
def channels(any_url):
    with closing(Store(any_url)) as store:
        yield store.channels


def come(channels, *keys, chat="7"):
    return channels.receive("telegram", [Incoming(key, chat, f"body {key}") for key in keys], ASKED_AT)


def end(channels, chat="7", messages=(), **fields):
    received = channels.next_received("telegram", chat)
    return channels.finish("telegram", received, Outcome("state", messages, **fields), ASKED_AT)


def test_a_message_comes_in_once(channels):
    assert come(channels, "1", "2") == ["1", "2"]
    assert come(channels, "2", "3", "3") == ["3"]
    assert channels.receive("wecom", [Incoming("1", "7", "")], ASKED_AT) == ["1"]
    assert channels.receive("telegram", [], ASKED_AT) == []


def test_messages_of_a_chat_are_ended_in_their_order_and_forgotten(channels):
    come(channels, "1", "2")
    come(channels, "3", chat="8")
    assert channels.next_received("telegram", "7").body == "body 1"
    assert end(channels, reply="at once")
    assert channels.next_received("telegram", "7").body == "body 2"
    ended = channels.find_received("telegram", "1")
    assert (ended.is_done, ended.body, ended.reply) == (True, "", "at once")
    assert channels.find_state("telegram", "7") == "state"
    assert channels.find_state("telegram", "8") == ""
    assert channels.find_received("telegram", "9") is None


def test_only_one_process_ends_a_message(channels):
    come(channels, "1")
    received = channels.next_received("telegram", "7")
    assert channels.finish("telegram", received, Outcome("first", ["a"]), ASKED_AT)
    assert not channels.finish("telegram", received, Outcome("second", ["b"]), ASKED_AT)
    assert channels.find_state("telegram", "7") == "first"
    assert channels.take_outgoing("telegram", "7", ASKED_AT).body == "a"
    assert channels.take_outgoing("telegram", "7", ASKED_AT) is None


def test_what_is_sent_is_sent_in_order_and_once(channels):
    come(channels, "1")
    end(channels, messages=["a", "b"])
    first = channels.take_outgoing("telegram", "7", ASKED_AT)
    channels.settle(first, "sent", ASKED_AT, "m1")
    second = channels.take_outgoing("telegram", "7", ASKED_AT)
    assert (first.body, second.body) == ("a", "b")
    channels.settle(second, "waiting", ASKED_AT)  # told to wait
    assert channels.take_outgoing("telegram", "7", ASKED_AT) == second


def test_what_may_have_arrived_is_sent_again_only_when_asked_for(channels):
    come(channels, "1")
    end(channels, messages=["answer"])
    taken = channels.take_outgoing("telegram", "7", ASKED_AT)
    assert channels.list_interrupted("telegram", ASKED_AT - timedelta(seconds=1)) == []
    assert channels.list_interrupted("telegram", ASKED_AT) == [taken]
    channels.doubt("telegram", taken, "notice", ASKED_AT)
    channels.doubt("telegram", taken, "notice", ASKED_AT)  # another process comes to the same end
    notice = channels.take_outgoing("telegram", "7", ASKED_AT)
    channels.settle(notice, "sent", ASKED_AT)
    assert notice.body == "notice"
    assert channels.take_outgoing("telegram", "7", ASKED_AT) is None
    assert not channels.send_again("telegram", "8", taken.id, LATER)
    assert channels.send_again("telegram", "7", taken.id, LATER)
    assert not channels.send_again("telegram", "7", None, LATER)
    assert channels.take_outgoing("telegram", "7", LATER) == taken


def test_chats_with_something_to_do(channels):
    come(channels, "1")
    come(channels, "2", chat="8")
    come(channels, "3", chat="9")
    end(channels, chat="8", messages=["a"])
    end(channels, chat="9")
    assert channels.list_busy_chats("telegram", ASKED_AT) == ["7", "8"]
    assert channels.list_busy_chats("telegram", ASKED_AT - timedelta(seconds=1)) == []
    assert channels.list_busy_chats("wecom", ASKED_AT) == []


def test_old_messages_are_forgotten(channels):
    come(channels, "1", "2")
    end(channels, messages=["a", "b"])
    channels.settle(channels.take_outgoing("telegram", "7", ASKED_AT), "sent", ASKED_AT)
    channels.prune("telegram", LATER)
    assert channels.find_received("telegram", "1") is None
    assert channels.find_received("telegram", "2") is not None
    assert channels.take_outgoing("telegram", "7", LATER).body == "b"


def test_nothing_that_no_database_takes(channels):
    channels.receive("telegram", [Incoming("1", "7", "a\0b\ud800")], ASKED_AT)
    assert channels.next_received("telegram", "7").body == "a?b?"
