"""An answer is found again by its id, with what it was made from."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from assistant.store.feedback import Feedback

ASKED_AT = datetime(2026, 11, 21, 9, 30, 15, 250000, tzinfo=UTC)


def test_an_answer_is_found_with_what_it_was_made_from(opened, make_turn, make_answer):
    opened.conversations.append("s", make_turn(1, memory="m1"), make_answer("a1"))
    turn = make_turn(2, asked='{"text":"第2问"}', memory="m2")
    opened.conversations.append("s", turn, make_answer("a2"))
    opened.feedback.keep(Feedback("s", "a2", "down", "", "", ASKED_AT))
    (found,) = opened.past.find("a2")
    assert (found.session_id, found.number, found.question) == ("s", 2, "第2问")
    assert (found.asked, found.memory_before, found.vote) == ('{"text":"第2问"}', "m1", "down")
    assert json.loads(found.body)["id"] == "a2"
    assert (found.corpus_version, found.asked_at) == ("c0ffee", ASKED_AT)


def test_the_same_answer_given_twice_is_found_twice_the_newest_first(opened, make_turn, make_answer):
    for session, hours in (("early", 0), ("late", 1)):
        turn = make_turn(1, asked_at=ASKED_AT + timedelta(hours=hours))
        opened.conversations.append(session, turn, make_answer("same"))
    assert [p.session_id for p in opened.past.find("same")] == ["late", "early"]


def test_what_is_not_known_is_not_found(opened):
    assert opened.past.find("nothing") == []
