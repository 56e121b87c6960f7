"""Answers, votes, what is to be reviewed: kept beside the turns, with personal numbers masked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from assistant.models import Citation
from assistant.store.feedback import Feedback
from assistant.store.review import ReviewFilter

IDENTITY, MOBILE = "11010519491231002X", "13800138000"
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOSTILE = "'; DROP TABLE answers; -- <script>alert(1)</script> \0 \ud83d 🙂"


def vote(answer="a1", session="s", vote="down", **changes):
    return Feedback(session, answer, vote, **{"reason": "", "comment": "", "created_at": AT, **changes})


def listed(opened, wanted=None, **place):
    return opened.review.list(wanted or ReviewFilter(), **{"offset": 0, "limit": 50, **place})


def rows(opened, statement):
    return opened._database.read(lambda connection: connection.execute(text(statement)).all())


def test_an_answer_is_kept_whole_with_its_turn(opened, keep):
    citation = Citation(1, "d", "1号", "题", "机关", "县", "一", "d#1", "每班80人", 5, 10, 0, 20)
    keep(citations=(citation,), notices=("请核实",), status="refused")
    (item,) = listed(opened)
    assert item.body["text"] == "每班不超过80人。[1]"
    assert item.body["as_of"] == "2026-11-21"
    assert item.body["citations"][0]["clause_id"] == "d#1"
    assert (item.body["citations"][0]["start"], item.body["notices"]) == (5, ["请核实"])
    assert item.kinds == ("refused",)


def test_personal_numbers_are_masked_but_in_the_memory(opened, make_turn, make_answer):
    asked = f"我是{IDENTITY}，电话{MOBILE}，能领补贴吗？"
    turn = make_turn(question=asked, memory=json.dumps({"question": asked}), status="refused")
    changes = {"text": f"{IDENTITY}不在名单中。", "status": "refused", "notices": (MOBILE,)}
    answer = make_answer("f13800138000abcd", **changes)
    opened.conversations.append("s", turn, answer)
    opened.feedback.keep(vote(answer.id, comment=f"打{MOBILE}", reason=IDENTITY))
    (item,) = listed(opened)
    kept = json.dumps([item.question, item.body, item.reason, item.comment], ensure_ascii=False)
    assert IDENTITY not in kept
    assert MOBILE not in kept.replace(answer.id, "")
    assert item.body["id"] == answer.id
    assert item.question == "我是110105************，电话138********，能领补贴吗？"
    assert IDENTITY in opened.conversations.last_memory("s")


def test_a_vote_on_an_answer_that_was_never_given_is_not_kept(opened, keep):
    keep("mine")
    assert not opened.feedback.keep(vote(session="other"))
    assert not opened.feedback.keep(vote("a2", session="mine"))
    assert not opened.feedback.keep(vote(HOSTILE.replace("\0", "").replace("\ud83d", ""), session="mine"))
    assert opened.feedback.count() == {}


def test_a_vote_that_changes_takes_the_place_of_the_former(opened, keep):
    keep()
    assert opened.feedback.keep(vote(vote="up"))
    assert opened.feedback.keep(vote(vote="down", reason="答非所问"))
    keep()  # the same answer once more, so the same id
    assert opened.feedback.keep(vote(vote="up"))
    assert opened.feedback.count() == {"up": 1}
    assert listed(opened) == []


def test_the_same_answer_has_a_vote_of_each_conversation(opened, keep):
    keep("one")
    keep("two")
    opened.feedback.keep(vote(session="one", vote="up"))
    opened.feedback.keep(vote(session="two", vote="down"))
    assert opened.feedback.count() == {"up": 1, "down": 1}
    assert [item.kinds for item in listed(opened)] == [("down",)]


def test_hostile_words_are_kept_as_words(opened, keep):
    keep(status="refused", text=HOSTILE)
    opened.feedback.keep(vote(reason=HOSTILE, comment=HOSTILE))
    (item,) = listed(opened)
    assert item.comment == HOSTILE.replace("\0", "?").replace("\ud83d", "?")
    assert "DROP TABLE" in item.body["text"]
    assert item.kinds == ("refused", "down")


@pytest.mark.parametrize(
    ("statuses", "n_unfinished"),
    [
        (("needs_info",), 1),
        (("needs_info", "answered"), 0),
        (("needs_info", "needs_info"), 1),
        (("needs_info", "refused"), 1),
        (("answered", "needs_info"), 1),
    ],
    ids=str,
)
def test_a_question_back_counts_until_it_is_gone_on_with(opened, keep, statuses, n_unfinished):
    for i, status in enumerate(statuses):
        keep(i=i, status=status)
    keep("another", i=9, status="answered")
    assert opened.review.count(ReviewFilter())["needs_info"] == n_unfinished
    assert len(listed(opened, ReviewFilter("needs_info"))) == n_unfinished


def test_days_begin_at_midnight_in_beijing(opened, keep):
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # of the 21st
    for i, seconds in enumerate((-1, 0, 86_399, 86_400)):
        keep(i=i, status="refused", asked_at=midnight + timedelta(seconds=seconds))
    day = date(2026, 11, 21)
    assert [i.body["id"] for i in listed(opened, ReviewFilter(since=day, until=day))] == ["a2", "a1"]
    assert [i.body["id"] for i in listed(opened, ReviewFilter(since=day))] == ["a3", "a2", "a1"]
    assert [i.body["id"] for i in listed(opened, ReviewFilter(until=day))] == ["a2", "a1", "a0"]
    assert opened.review.count(ReviewFilter(until=date.max))["all"] == 4
    assert {i.asked_at.utcoffset() for i in listed(opened)} == {timedelta(hours=8)}


def test_all_come_in_batches_and_only_so_many(opened, keep, monkeypatch):
    monkeypatch.setattr("assistant.store.review._BATCH", 2)
    for i in range(5):
        keep(i=i, status="refused", asked_at=AT + timedelta(minutes=i))
    assert [i.body["id"] for i in opened.review.every(ReviewFilter(), 10)] == ["a4", "a3", "a2", "a1", "a0"]
    assert [i.body["id"] for i in opened.review.every(ReviewFilter(), 3)] == ["a4", "a3", "a2"]
    assert [i.body["id"] for i in listed(opened, offset=4, limit=2)] == ["a0"]


def test_counts_of_an_empty_store_are_nought(opened):
    assert set(opened.review.count(ReviewFilter()).values()) == {0}


def test_no_answer_without_its_turn(opened, keep):
    keep()
    opened.feedback.keep(vote())
    opened._database.write(lambda c: c.execute(text("DELETE FROM conversations")))
    assert rows(opened, "SELECT 1 FROM answers") == rows(opened, "SELECT 1 FROM feedback") == []
