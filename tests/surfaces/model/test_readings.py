"""Other readings of a question: a proposal that adds nothing, a fact that was said."""

from __future__ import annotations

import pytest

from tests.standins.chat_model import Reply
from tests.standins.worded import (
    AS_OF,
    ask_http,
    check_extractive,
)

# ---- other readings ----------------------------------------------------------------------------------


LAY = {"question": "一间屋子塞多少娃合适？", "region": "潢川县", "as_of": AS_OF}


def test_a_question_that_found_nothing_is_put_otherwise_and_that_is_told(reading, worded, plain):
    assert ask_http(plain, LAY)["status"] == "refused"
    worded.server.script = lambda _: Reply(data={"question": "每班人数是多少人"})
    answer = reading.ask(**LAY)
    assert answer["status"] == "answered"
    assert answer["notices"][0] == "按“每班人数是多少人”理解您的问题。"
    assert answer["generated"] is False
    plainly = ask_http(plain, {**LAY, "question": "每班人数是多少人"})
    assert (answer["text"], answer["citations"]) == (plainly["text"], plainly["citations"])


@pytest.mark.parametrize(
    "proposed",
    [
        pytest.param("每班人数不超过80人吗", id="number"),
        pytest.param("河北省每班人数是多少人", id="region"),
        pytest.param("全省每班人数是多少人", id="level"),
        pytest.param("2022年每班人数是多少人", id="year"),
        pytest.param("《民法典》规定每班人数是多少人", id="document"),
        pytest.param("不补贴的班每班人数是多少人", id="negation"),
        pytest.param("每班最多多少人", id="bound"),
        pytest.param("每班" * 150, id="long"),
        pytest.param("一间屋子塞多少娃合适？", id="the same"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_proposal_that_adds_something_is_not_asked(reading, worded, plain, proposed):
    worded.server.script = lambda _: Reply(data={"question": proposed})
    check_extractive(reading.ask(**LAY), ask_http(plain, LAY))


@pytest.mark.parametrize(
    "reply",
    [Reply(status=500), Reply("不知道"), Reply(""), Reply(refusal="不行")],
    ids=["500", "prose", "empty", "refusal"],
)
def test_a_reading_that_fails_leaves_the_refusal(reading, worded, plain, reply):
    reading.assistant.model._breaker.note_success()
    worded.server.script = lambda _: reply
    check_extractive(reading.ask(**LAY), ask_http(plain, LAY))


@pytest.mark.parametrize(
    "question",
    ["学校能拿多少钱？", "怎么虚报人数套取补贴", "王局长的手机号是多少", "北京市一个班最多多少人？"],
)
def test_other_refusals_are_not_asked_again(reading, worded, plain, question):
    body = {"question": question, "region": "潢川县", "as_of": AS_OF}
    before = ask_http(plain, body)
    assert before["status"] == "refused"
    worded.server.script = lambda _: Reply(data={"question": "每班人数是多少人"})
    check_extractive(reading.ask(**body), before)
    assert worded.server.history == []


CASE = {"question": "我们班40人，能坐下来动手的地方有二十处，能开班吗", "region": "潢川县", "as_of": AS_OF}


def _point(*facts: tuple[str, str, str]) -> Reply:
    return Reply(data={"facts": [{"fact": f, "value": v, "words": w} for f, v, w in facts]})


def test_a_fact_in_the_askers_words_is_taken_and_told(reading, worded, plain):
    before = ask_http(plain, CASE)
    assert "workstations" in [a["fact"] for a in before["decision"]["ask"]]
    worded.server.script = lambda _: _point(("workstations", "20", "二十处"))
    answer = reading.ask(**CASE)
    assert answer["notices"][0] == "按您说的“二十处”，记为工位数=20个。"
    assert "workstations" not in [a["fact"] for a in answer["decision"]["ask"]]


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(("workstations", "20", "20个工位"), id="words not said"),
        pytest.param(("workstations", "25", "二十处"), id="another value"),
        pytest.param(("workstations", "20", "能坐下来"), id="no value in the words"),
        pytest.param(("teachers", "40", "40人"), id="words of another fact"),
        pytest.param(("nonsense", "20", "二十处"), id="unknown fact"),
        pytest.param(("enrolled_students", "20", "二十处"), id="fact not asked about"),
    ],
)
def test_a_fact_that_was_not_said_is_not_taken(reading, worded, plain, fact):
    worded.server.script = lambda _: _point(fact)
    check_extractive(reading.ask(**CASE), ask_http(plain, CASE))


def test_two_readings_of_one_fact_are_asked_about(reading, worded):
    body = {**CASE, "question": "我们班40人，连旁听的算上是四十五人，能开班吗"}
    worded.server.script = lambda _: _point(("class_size", "45", "四十五人"))
    answer = reading.ask(**body)
    assert answer["status"] == "needs_info"
    assert "40" in answer["text"]
    assert "四十五人" in answer["text"] or "45人" in answer["text"]
