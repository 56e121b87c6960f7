"""The check step by step, and quick replies, over the shipped rules."""

from __future__ import annotations

import pytest

from assistant.models import Question
from tests.surfaces.conftest import TODAY
from tests.surfaces.telegram.test_chat import keyboard


def last(bot_api, n_shown):
    bot_api.wait_for(n_shown)
    return bot_api.shown[-1]


@pytest.fixture
def begun(real_bot, bot_api):
    """A chat about 潢川县 that has begun a check; the question of the first step is the third message."""
    bot_api.say("/region 潢川县")
    bot_api.wait_for(1)
    bot_api.say("/check")
    bot_api.wait_for(3)
    return bot_api


def asks(assistant, **facts):
    answer = assistant.check(Question("", TODAY, "潢川县", facts=facts))
    return [ask.fact for ask in answer.decision.ask]


def test_it_asks_what_the_verdict_still_asks(begun, real_bot):
    first = begun.shown[2]
    assert first["text"] == "班级人数：这个班有多少名学员？（人）"
    assert keyboard(first)[0] == ["跳过", "看结论"]
    assert keyboard(first)[1][0].startswith("查看条款 [")
    begun.say("78人")
    assert last(begun, 4)["text"].startswith("教师数：")
    assert asks(real_bot, class_size="78")[0] == "teachers"


def test_a_whole_check_by_words_and_buttons(begun, real_bot):
    facts = {"class_size": "78人", "teachers": "四名", "workstations": "4", "minutes_per_hour": "45"}
    n_shown = 3
    for told in facts.values():
        begun.say(told)
        n_shown += 1
        last(begun, n_shown)
    for told in ("39", "60课时"):
        begun.say(told)
        n_shown += 1
        last(begun, n_shown)
    assert begun.shown[-1]["text"].startswith("证书类型：")
    assert ["职业技能等级证书"] in keyboard(begun.shown[-1])
    begun.press("职业技能等级证书")
    begun.wait_until(lambda: any(t == "检查结果" for t in begun.texts()))
    begun.wait_until(lambda: "仅供参考" in begun.texts()[-1])
    stated = {"class_size": "78", "teachers": "4", "workstations": "4", "minutes_per_hour": "45"}
    stated |= {"practical_hours": "39", "class_hours": "60", "certificate": "职业技能等级证书"}
    expected = real_bot.check(Question("", TODAY, "潢川县", facts=stated))
    result = "\n".join(begun.texts()[begun.texts().index("检查结果") + 1 :])
    assert expected.decision.outcome == "pass"
    assert expected.text.splitlines()[0] in result
    assert expected.text.splitlines()[1] in result
    begun.say("一个班最多能坐多少人？")  # the check is over: this is a question
    begun.wait_until(lambda: "每班人数不得超过80人" in begun.texts()[-1])


def test_it_ends_as_soon_as_nothing_can_change_the_outcome(begun):
    begun.say("85")
    assert begun.wait_until(lambda: any("不符合——每班人数：85 > 80" in t for t in begun.texts()))
    assert begun.texts()[3] == "检查结果"


def test_what_is_not_known_is_skipped_and_stays_open(begun):
    begun.press("跳过")
    assert last(begun, 4)["text"].startswith("教师数：")
    begun.say("不知道")
    assert last(begun, 5)["text"].startswith("工位数：")
    begun.say("看结论")
    begun.wait_until(lambda: "仅供参考" in begun.texts()[-1])
    result = "\n".join(begun.texts()[5:])
    assert "检查结果" in result
    assert "还不能下结论" in result


def test_what_cannot_be_read_is_asked_again(begun):
    begun.say("很多")
    assert "请重新填" in last(begun, 4)["text"]
    begun.say("78")
    assert last(begun, 5)["text"].startswith("教师数：")


def test_an_old_button_changes_nothing(begun):
    first = begun.shown[2]
    begun.say("78")
    last(begun, 4)
    begun.press("跳过", first)
    assert begun.wait_until(lambda: begun.answered)
    assert begun.answered[0]["text"] == "这一步已经过去了。"
    assert len(begun.shown) == 4


def test_a_question_in_between_is_answered_and_the_step_asked_again(begun):
    begun.say("一个班最多能坐多少人？")
    last(begun, 5)
    assert "每班人数不得超过80人" in begun.texts()[3]
    assert begun.texts()[4] == begun.texts()[2]


def test_another_command_leaves_the_check(begun):
    begun.say("/help")
    last(begun, 4)
    begun.say("培训班是不是要报备？")
    last(begun, 5)
    assert "教师数：" not in begun.texts()[4]


def test_an_answer_that_asks_back_offers_a_check(real_bot, bot_api):
    bot_api.say("帮我查一下这个班合不合规")
    bot_api.wait_until(lambda: any("仅供参考" in t for t in bot_api.texts()))
    assert ["逐项检查"] in keyboard(bot_api.shown[-1])
    bot_api.press("逐项检查")
    assert bot_api.wait_until(lambda: "这个班有多少名学员？" in bot_api.texts()[-1])


def test_a_choice_that_is_asked_back_for_can_be_pressed(real_bot, bot_api):
    question = "我们学校一年要完成多少人次培训？"
    bot_api.say("/region 河南省")
    bot_api.say(question)
    bot_api.wait_for(2)
    answer = real_bot.ask(Question(question, TODAY, "河南省"))
    ask = answer.decision.ask[0]
    assert answer.status == "needs_info"
    assert ask.choices
    bot_api.press(ask.choices[0])
    bot_api.wait_for(3)
    told = f"{question}{ask.label}：{ask.choices[0]}"
    expected = real_bot.ask(Question(told, TODAY, "河南省"))
    assert expected.text.splitlines()[0].partition("[")[0] in bot_api.texts()[-1]
