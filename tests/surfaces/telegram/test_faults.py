"""What goes wrong between the bot and Telegram: nothing is lost, nothing is said twice, and the operator is told."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from assistant.config import TelegramSettings
from assistant.errors import ConfigError, ModelError, StoreError
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.telegram.poll import BotParts, hold_lock, run_bot, serve_polling
from tests.standins.telegram_api import BAD_GATEWAY, BUSY, CUT_AFTER, CUT_BEFORE, TOKEN, Fault, slow
from tests.surfaces.conftest import ASKED_AT

FORBIDDEN = Fault(403, "Forbidden: user is deactivated")
GONE = Fault(400, "Bad Request: chat not found")
UNREADABLE = Fault(400, "Bad Request: can't parse entities: unsupported start tag")


def answers(bot_api, text="80人"):
    return [shown for shown in bot_api.texts() if text in shown]


def ask(bot_api):
    bot_api.say("一个班最多能坐多少人？")


@pytest.mark.filterwarnings("ignore:.*retry_after.*")
def test_it_waits_as_long_as_it_is_told(bot, bot_api):
    bot_api.fail("sendMessage", BUSY, BUSY)
    begun = time.monotonic()
    ask(bot_api)
    bot_api.wait_for(1)
    assert time.monotonic() - begun >= 2
    bot_api.say("/help")
    bot_api.wait_for(2)
    assert len(answers(bot_api)) == 1


@pytest.mark.parametrize("fault", [CUT_AFTER, CUT_BEFORE, BAD_GATEWAY], ids=["after", "before", "502"])
def test_a_call_that_breaks_off_is_not_repeated_but_offered(bot, bot_api, fault, caplog):
    bot_api.fail("sendMessage", fault)
    ask(bot_api)
    assert bot_api.wait_until(lambda: answers(bot_api, "可能没有送到"))
    arrived = len(answers(bot_api))
    assert arrived == (1 if fault is CUT_AFTER else 0)
    assert "may not have arrived" in caplog.text
    bot_api.press("再发一次")
    assert bot_api.wait_until(lambda: len(answers(bot_api)) == arrived + 1)
    bot_api.press("再发一次", next(m for m in bot_api.shown if "可能没有送到" in m["text"]))
    assert bot_api.wait_until(lambda: len(bot_api.answered) == 2)
    assert bot_api.answered[1]["text"] == "已经再发过了。"
    assert len(answers(bot_api)) == arrived + 1


def test_a_notice_that_breaks_off_is_tried_again(bot, bot_api):
    bot_api.fail("sendMessage", CUT_BEFORE, CUT_BEFORE, CUT_BEFORE)
    ask(bot_api)
    assert bot_api.wait_until(lambda: answers(bot_api, "可能没有送到"))
    assert answers(bot_api) == []


def test_polls_that_fail_lose_nothing(bot, bot_api):
    bot_api.fail("getUpdates", CUT_BEFORE, CUT_AFTER, BAD_GATEWAY, slow(0.5))
    ask(bot_api)
    bot_api.wait_for(1)
    assert bot_api.wait_until(lambda: bot_api.confirmed == bot_api.next_update)
    assert len(answers(bot_api)) == len(bot.questions) == 1


def test_a_slow_answer_of_telegram_is_waited_for(bot, bot_api):
    bot_api.fail("sendMessage", slow(6))  # the library itself would give up after five seconds
    ask(bot_api)
    bot_api.wait_for(1)
    bot_api.say("/help")
    bot_api.wait_for(2)
    assert len(answers(bot_api)) == 1
    assert answers(bot_api, "可能没有送到") == []


@pytest.mark.parametrize("fault", [FORBIDDEN, GONE], ids=["403", "400"])
def test_a_chat_that_takes_nothing_stops_nobody_else(bot, bot_api, fault, caplog):
    bot_api.fail("sendMessage", fault)
    ask(bot_api)
    assert bot_api.wait_until(lambda: "takes no messages" in caplog.text)
    bot_api.say("/help", 8)
    assert "直接发一句话提问" in bot_api.wait_for(1)[0]
    assert answers(bot_api) == []


def test_a_user_who_has_blocked_the_bot_and_comes_back(bot, bot_api):
    bot_api.blocked.add(7)
    ask(bot_api)
    assert bot_api.wait_until(lambda: bot_api.calls.count("sendMessage") == 1)
    bot_api.blocked.clear()
    bot_api.say("/help")
    assert len(bot_api.wait_for(1)) == 1


def test_markup_that_telegram_cannot_read_goes_as_plain_text(bot, bot_api):
    bot_api.fail("sendMessage", UNREADABLE)
    ask(bot_api)
    (text,) = bot_api.wait_for(1)
    assert bot_api.shown[0]["parse_mode"] is None
    assert "[1] 二、（四）（1）" in text
    assert "<b>职业技能" in text  # a title that looks like markup


def test_a_group_that_has_moved_is_followed(bot, bot_api):
    bot_api.fail(
        "sendMessage", Fault(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -1007})
    )
    bot_api.mention("{me} 一个班最多能坐多少人？", -7)
    bot_api.wait_for(1)
    assert bot_api.shown[0]["chat"]["id"] == -1007


def test_updates_that_come_again_and_out_of_order(bot, bot_api):
    late = bot_api.push({"update_id": 2000, **_message(bot_api, "后来的")})
    bot_api.wait_for(1)
    bot_api.push(late)
    bot_api.push(late)
    bot_api.push({"update_id": 2001, **_message(bot_api, "再后来")})
    bot_api.wait_for(2)
    assert [question.text for question in bot.questions] == ["后来的", "再后来"]


def _message(bot_api, text):
    made = bot_api.say(text)
    bot_api.updates.remove(made)
    return {"message": made["message"]}


def test_a_store_that_fails_for_a_while_loses_nothing(bot, bot_api, monkeypatch):
    channels, n_failures = bot.store.channels, {"receive": 2, "finish": 2, "settle": 2}
    for name in n_failures:
        monkeypatch.setattr(channels, name, _failing(name, getattr(channels, name), n_failures))
    ask(bot_api)
    bot_api.wait_for(1)
    assert bot_api.wait_until(lambda: not any(n_failures.values()))
    bot_api.say("/help")
    bot_api.wait_for(2)
    assert len(answers(bot_api)) == len(bot.questions) == 1


def _failing(name, work, n_failures):
    def fail(*args, **kwargs):
        if n_failures[name]:
            n_failures[name] -= 1
            raise StoreError("数据库一直被占用")
        return work(*args, **kwargs)

    return fail


# -- what the operator is told -----------------------------------------------------------------------------


def test_wrong_token_is_a_setting_to_repair(make_parts, assistant):
    with pytest.raises(ConfigError, match="令牌"):
        run_bot(make_parts(assistant, token="123456:wrong-token"))


def test_a_token_that_is_revoked_while_the_bot_runs(keeping, bot_api, make_parts):
    bot_api.fail("getUpdates", Fault(401, "Unauthorized"))
    with pytest.raises(ConfigError, match="不认这个机器人令牌"):
        run_bot(make_parts(keeping))


def test_a_token_that_is_revoked_while_an_answer_is_sent(keeping, bot_api, make_parts):
    bot_api.fail("sendMessage", Fault(401, "Unauthorized"))
    ask(bot_api)
    with pytest.raises(ConfigError, match="不认这个机器人令牌"):
        run_bot(make_parts(keeping))
    assert keeping.store.channels.take_outgoing("telegram", "7", ASKED_AT) is not None


def test_no_token_is_a_setting_to_repair(assistant):
    with pytest.raises(ConfigError, match="没有设置"):
        run_bot(BotParts(lambda: assistant, TelegramSettings(), Pace()))


def test_no_network_is_explained_without_the_token(assistant):
    settings = TelegramSettings(token=TOKEN, base_url="http://127.0.0.1:9/bot")
    with pytest.raises(ModelError, match="连不上 Telegram") as failure:
        run_bot(BotParts(lambda: assistant, settings, Pace()))
    assert TOKEN not in str(failure.value)


def test_two_pollers_are_told_and_one_ends(keeping, bot_api, make_parts, run_parts, caplog):
    bot_api.poll_limit_s = 5.0
    ended: list[BaseException] = []

    def run_second() -> None:
        try:
            asyncio.run(serve_polling(make_parts(keeping, conflict_seconds=0.5), asyncio.Event()))
        except ConfigError as exc:
            ended.append(exc)

    with run_parts(make_parts(keeping, conflict_seconds=1000)):
        assert bot_api.wait_until(lambda: bot_api.n_polls)
        second = threading.Thread(target=run_second)
        second.start()
        second.join(20)
        bot_api.poll_limit_s = 0.1
        ask(bot_api)
        bot_api.wait_for(1)
    assert "另一个程序正在用同一个 Telegram 令牌" in str(ended[0])
    assert "另一个程序正在用同一个 Telegram 令牌" in caplog.text
    assert len(answers(bot_api)) == 1


def test_a_webhook_of_former_days_is_taken_away(bot_api, keeping, make_parts, run_parts):
    bot_api.webhook = {"url": "https://example.org"}
    with run_parts(make_parts(keeping)):
        ask(bot_api)
        assert len(bot_api.wait_for(1)) == 1


def test_a_second_bot_on_one_machine_does_not_start(tmp_path):
    settings = TelegramSettings(token=TOKEN)
    with (
        hold_lock(settings, tmp_path),
        pytest.raises(ConfigError, match="已经有一个条问在运行"),
        hold_lock(settings, tmp_path),
    ):
        pass
    with hold_lock(settings, tmp_path), hold_lock(TelegramSettings(token="7:other"), tmp_path):
        pass
