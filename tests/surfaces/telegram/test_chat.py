"""What a chat is told: answers, commands, groups, buttons, what is no text."""

from __future__ import annotations

import pytest

from assistant.errors import IndexMissing, RequestInvalid
from tests.standins.telegram_api import BOT, CUT_BEFORE
from tests.surfaces.conftest import build_answer


def keyboard(message):
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[button["text"] for button in row] for row in rows]


def test_a_question_is_answered_with_its_clause_and_buttons(bot, bot_api):
    bot_api.say("一个班最多能坐多少人？")
    (text,) = bot_api.wait_for(1)
    assert "每班人数不得超过80人。[1]" in text
    assert "[1] 二、（四）（1）" in text
    assert "仅供参考" in text
    shown = bot_api.shown[0]
    assert "<blockquote>每班人数不得超过80人</blockquote>" in shown["html"]
    assert keyboard(shown) == [["查看条款 [1] 二、（四）（1）"], ["👍 有用", "👎 没用"]]
    assert "reply_parameters" not in shown
    assert bot.questions[0].region is None
    assert "sendChatAction" not in bot_api.calls


def test_what_takes_longer_shows_that_somebody_is_typing(bot, bot_api):
    answer = bot.ask

    def ask_slowly(question):
        assert bot_api.wait_until(lambda: "sendChatAction" in bot_api.calls)
        return answer(question)

    bot.ask = ask_slowly
    bot_api.fail("sendChatAction", CUT_BEFORE)  # nobody misses it
    bot_api.say("一个班最多能坐多少人？")
    assert "80人" in bot_api.wait_for(1)[0]


def test_html_in_titles_and_answers_is_escaped(bot, bot_api):
    bot_api.say("<img src=x onerror=alert(1)>")
    bot_api.wait_for(1)
    assert "<script>alert(1)</script>" in bot_api.texts()[0]
    assert "&lt;b&gt;职业技能" in bot_api.shown[0]["html"]


def test_a_refusal_is_told_apart(bot, bot_api):
    bot_api.say("火星上能开班吗")
    (text,) = bot_api.wait_for(1)
    assert text.startswith("没有找到依据")
    assert "[1] 二、（四）（1）" in text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/start", "这里是条问"),
        ("/start deep-link", "这里是条问"),
        ("/help", "/region 潢川县"),
        ("/new", "好的，新对话开始了。请提问。"),
        ("/region", "现在的地区：全部地区"),
        ("/region 火星", "没有认出这个地区：火星"),
        ("/region 潢川", "好的，以后按潢川县的规定回答。"),
        ("/sources", "2. 《关于印发工作方案的通知》潢技领办〔2021〕1号（潢川县）"),
        ("/help@Tiaowen_Bot", "/region 潢川县"),
        ("/nothing", "没有这个命令"),
        ("字" * 2001, "超过上限 2000 个字"),
        ("？！", "没有文字"),
    ],
)
def test_commands_and_what_cannot_be_asked(bot, bot_api, line, words):
    bot_api.say(line)
    (text,) = bot_api.wait_for(1)
    assert words in text


def test_commands_stand_in_the_menu(bot, bot_api):
    assert bot_api.wait_until(lambda: bot_api.commands)
    assert [c["command"] for c in bot_api.commands] == ["check", "region", "sources", "new", "help"]


def test_region_is_chosen_by_a_button_and_kept_for_the_chat(bot, bot_api):
    bot_api.say("/region")
    bot_api.wait_for(1)
    bot_api.press("潢川县")
    assert bot_api.wait_for(2)[-1] == "好的，以后按潢川县的规定回答。"
    for text, chat in (("问一", 7), ("问二", 8)):
        bot_api.say(text, chat)
    bot_api.wait_for(4)
    bot_api.press("全部地区", bot_api.shown[0])
    assert bot_api.wait_for(5)[-1] == "好的，不限地区，从新对话开始。"
    bot_api.say("问三")
    bot_api.wait_for(6)
    asked = {question.text: question.region for question in bot.questions}
    assert asked == {"问一": "潢川县", "问二": None, "问三": None}
    assert len(bot_api.answered) == 2


def test_a_chat_is_one_conversation_until_a_new_one(bot, bot_api):
    for line in ("问一", "问二", "/new", "问三", "/region 潢川", "问四"):
        bot_api.say(line)
    bot_api.wait_for(6)
    sessions = [question.session_id for question in bot.questions]
    assert sessions[0] == sessions[1] != sessions[2] == sessions[3]
    assert all(s.startswith("telegram.7.") and len(s) >= len("telegram.7.") + 22 for s in sessions)
    assert bot.store.conversations.count(sessions[0]) == 2


def test_messages_of_one_chat_are_answered_in_their_order(bot, bot_api):
    for n in range(10):
        bot_api.say(f"第{n}问")
    bot_api.wait_for(10)
    assert [question.text for question in bot.questions] == [f"第{n}问" for n in range(10)]


def test_a_clause_opens_in_full(bot, bot_api):
    bot_api.say("一个班最多能坐多少人？")
    bot_api.wait_for(1)
    bot_api.press("查看条款")
    text = bot_api.wait_for(2)[1]
    assert "工作任务 › 强化培训管理 › 二、（四）（1）" in text
    assert "（1）严格班级管理。要严格控制班级规模，每班人数不得超过80人，𠮷班不限。" in text
    assert bot_api.wait_until(lambda: len(bot_api.answered) == 1)


def test_votes_are_kept_and_the_newest_counts(bot, bot_api):
    bot_api.say("一个班最多能坐多少人？")
    bot_api.wait_for(1)
    bot_api.press("有用")
    bot_api.press("没用")
    assert bot_api.wait_until(lambda: len(bot_api.answered) == 2)
    assert [a["text"] for a in bot_api.answered] == ["谢谢，已记下。"] * 2
    assert bot.store.feedback.count() == {"down": 1}
    assert len(bot_api.shown) == 1


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ("v:up:a-1:someone-else", "没有记下：找不到这个回答。"),
        ("q:a-0:1", "这个问题已经过去了，请直接发文字。"),
        ("g:0123456789abcdef:0", "这一步已经过去了。"),
        ("o:999999", "已经再发过了。"),
        ("c:../../etc", ""),
        ("\N{GRINNING FACE}", ""),
    ],
)
def test_forged_and_old_buttons_reach_nothing(bot, bot_api, data, note):
    bot_api.say("/help")
    bot_api.wait_for(1)
    bot_api.press_data(data, bot_api.shown[0])
    assert bot_api.wait_until(lambda: bot_api.answered)
    assert bot_api.answered[0].get("text", "") == note
    assert len(bot_api.shown) == 1


def test_a_clause_that_is_gone(bot, bot_api):
    bot_api.say("/help")
    bot_api.wait_for(1)
    bot_api.press_data("c:0123456789abcdef", bot_api.shown[0])
    assert "已经不在文件库里" in bot_api.wait_for(2)[1]


def file(kind):
    return {"file_id": "f", "file_unique_id": "u"} | kind


@pytest.mark.parametrize(
    "sent",
    [
        {
            "sticker": file(
                {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
            )
        },
        {"voice": file({"duration": 3})},
        {"photo": [file({"width": 1, "height": 1})]},
        {"document": file({})},
        {"location": {"latitude": 1.0, "longitude": 1.0}},
    ],
    ids=lambda sent: next(iter(sent)),
)
def test_what_has_no_words_is_told_what_is_understood(bot, bot_api, sent):
    bot_api.say(None, **sent)
    (text,) = bot_api.wait_for(1)
    assert "我只看得懂文字" in text


def test_words_below_a_picture_are_a_question(bot, bot_api):
    bot_api.say(None, photo=[file({"width": 1, "height": 1})], caption="一个班最多能坐多少人？")
    first, second = bot_api.wait_for(2)
    assert first == "图片看不了，只按文字回答。"
    assert "80人" in second


def test_groups_are_answered_only_when_they_ask(bot, bot_api):
    bot_api.say("随便聊聊", -100, chat_type="supergroup")
    bot_api.say("/help@another_bot", -100, chat_type="supergroup")
    bot_api.say(None, -100, chat_type="supergroup", new_chat_title="新群名")
    bot_api.say(None, -100, chat_type="supergroup", voice=file({"duration": 3}))
    asked = bot_api.mention("😀{me} 问一", -100)
    chat = {"id": -100, "type": "supergroup"}
    mine = {"message_id": 5, "date": 1, "chat": chat, "from": BOT}
    bot_api.say("问二", -100, chat_type="supergroup", reply_to_message=mine)
    bot_api.say("/new@tiaowen_bot", -100, chat_type="supergroup")
    bot_api.wait_for(3)
    assert [question.text for question in bot.questions] == ["😀 问一", "问二"]
    shown = bot_api.shown[0]
    assert shown["chat"]["id"] == -100
    assert shown["reply_parameters"]["message_id"] == asked["message"]["message_id"]
    assert bot.questions[0].session_id == bot.questions[1].session_id


def test_an_answer_stays_in_its_topic(bot, bot_api):
    bot_api.mention("{me} 问一", -100, is_topic_message=True, message_thread_id=42)
    bot_api.wait_for(1)
    assert bot_api.shown[0]["message_thread_id"] == "42"


def test_other_bots_and_edits_are_left_alone(bot, bot_api):
    bot_api.say("问零", **{"from": {"id": 9, "is_bot": True, "first_name": "b"}})
    edited = bot_api.say("问一")
    bot_api.push({"edited_message": edited["message"] | {"text": "问二"}})
    bot_api.wait_for(1)
    assert bot_api.wait_until(lambda: bot_api.confirmed == bot_api.next_update)
    assert [question.text for question in bot.questions] == ["问一"]


def test_a_long_answer_keeps_each_citation_with_its_sentence(bot, bot_api, citation_builder):
    citations = tuple(citation_builder(n) for n in range(1, 41))
    text = "".join(f"第{n}条规定，{'培训' * 60}。[{n}]" for n in range(1, 41))
    bot.script["长"] = build_answer(text, citations=citations)
    bot_api.say("长")
    bot_api.wait_until(lambda: any("仅供参考" in t for t in bot_api.texts()))
    assert len(bot_api.shown) > 2
    for shown in bot_api.texts()[:-1]:
        for n in range(1, 41):
            assert (f"第{n}条规定" in shown) == (f"[{n}] 二、" in shown)
    assert sum(len(keyboard(shown)) for shown in bot_api.shown) == 2  # one clause, one row of votes


def test_a_bad_question_gets_the_remedy(bot, bot_api):
    bot.script["x"] = RequestInvalid("问题太长", hint="请缩短")
    bot_api.say("x")
    assert bot_api.wait_for(1) == ["问题太长\n请缩短"]


def test_what_the_operator_must_repair_is_not_told_to_the_public(bot, bot_api, caplog):
    bot.script["x"] = IndexMissing("还没有索引", hint="运行 tiaowen index")
    bot_api.say("x")
    assert bot_api.wait_for(1) == ["服务还没有准备好，请稍后再试。"]
    assert "还没有索引" in caplog.text


def test_a_bug_is_logged_once_and_not_shown(bot, bot_api, caplog):
    bot.script["x"] = ZeroDivisionError("secret")
    bot_api.say("x")
    assert bot_api.wait_for(1) == ["出错了，已记录。请稍后再试。"]
    assert len([r for r in caplog.records if r.levelname == "ERROR"]) == 1


def test_ten_messages_a_second_are_slowed_down_and_told_once(keeping, make_parts, run_parts, bot_api):
    for n in range(10):
        bot_api.say(f"第{n}问")
    with run_parts(make_parts(keeping, rate="4/minute")):
        bot_api.wait_for(5)
        assert bot_api.wait_until(lambda: bot_api.confirmed == bot_api.next_update)
        bot_api.say("另一个聊天", 8)
        bot_api.wait_for(6)
    texts = bot_api.texts(7)
    assert len(texts) == 5
    assert "发得太快了" in texts[4]
    assert [question.text for question in keeping.questions] == [f"第{n}问" for n in range(4)] + [
        "另一个聊天"
    ]
    assert bot_api.texts(8) != []
