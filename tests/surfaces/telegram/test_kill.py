"""kill -9 of a real process, again and again: no question is lost, no answer is said twice."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.standins.telegram_api import slow

ROOT = Path(__file__).resolve().parents[3]
N_KILLS = 6
N_QUESTIONS = 5
CHATS = (7, 8, 9)


@pytest.fixture
def start(bot_api, tmp_path):
    started: list[subprocess.Popen] = []

    def start_bot() -> subprocess.Popen:
        n_polls = bot_api.n_polls
        command = [
            sys.executable,
            "-m",
            "tests.standins.echo_bot",
            bot_api.address,
            f"sqlite:///{tmp_path}/t.db",
        ]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True))
        assert bot_api.wait_until(lambda: bot_api.n_polls > n_polls), started[-1].communicate()[1]
        return started[-1]

    yield start_bot
    for process in started:
        process.kill()
        process.communicate()


def said(bot_api) -> Counter:
    """How often each half of each answer was shown, by chat."""
    found = Counter()
    for message in list(bot_api.shown):
        for half in re.findall(r"回答(\S+?)，([上下])。", message["text"]):
            found[message["chat"]["id"], *half] += 1
    return found


def is_quiet(bot_api) -> bool:
    """Whether everything is confirmed and nothing more is said for a while."""
    n_shown = len(bot_api.shown)
    time.sleep(0.5)
    return bot_api.confirmed == bot_api.next_update and len(bot_api.shown) == n_shown


def test_killed_anywhere(bot_api, start):
    chance = random.Random(7)
    asked = []
    for round_ in range(N_KILLS):
        process = start()
        for n in range(N_QUESTIONS):
            chat = chance.choice(CHATS)
            text = f"问{round_}-{n}"
            asked.append((chat, text))
            bot_api.say(text, chat)
            if chance.random() < 0.5:
                bot_api.fail("sendMessage", slow(chance.random() * 0.3))
            time.sleep(chance.random() * 0.02)
        time.sleep(chance.random() * 0.3)
        process.kill()
        process.wait()
    start()
    assert bot_api.wait_until(lambda: is_quiet(bot_api))

    halves = {(*question, half) for question in asked for half in "上下"}
    before = said(bot_api)
    assert set(before) <= halves
    assert max(before.values()) == 1
    offers = [m for m in bot_api.shown if "可能没有送到" in m["text"]]
    assert len(offers) <= N_KILLS * len(CHATS)
    assert len(halves) - len(before) <= len(offers)

    for offer in offers:
        bot_api.press("再发一次", offer)
    assert bot_api.wait_until(lambda: is_quiet(bot_api))
    assert set(said(bot_api)) == halves


def test_killed_while_an_answer_is_on_its_way(bot_api, start):
    bot_api.fail("sendMessage", slow(30))
    process = start()
    bot_api.say("问一")
    bot_api.wait_for(1)
    bot_api.say("问二")
    assert bot_api.wait_until(lambda: bot_api.confirmed == bot_api.next_update)
    process.kill()
    process.wait()
    start()
    assert bot_api.wait_until(lambda: len(bot_api.shown) == 5)
    assert is_quiet(bot_api)
    assert set(said(bot_api).values()) == {1}
    assert len(said(bot_api)) == 4
    assert sum("可能没有送到" in text for text in bot_api.texts()) == 1


def test_ended_politely_it_finishes_what_it_has_begun(bot_api, start):
    bot_api.fail("sendMessage", slow(0.5))
    process = start()
    bot_api.say("问一")
    bot_api.wait_for(1)
    process.terminate()
    assert process.wait(20) == 0
    assert len(bot_api.wait_for(2)) == 2
    start()
    assert is_quiet(bot_api)
    assert len(bot_api.shown) == 2
