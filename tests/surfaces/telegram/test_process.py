"""`tiaowen bot telegram` as a process: it answers, stays small, and says with its exit code what is to be repaired."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.standins.telegram_api import TOKEN

ROOT = Path(__file__).resolve().parents[3]
MOST_KIB = 210 * 1024
"""Resident memory after answering; 160 to 170 MiB where only what is needed is installed, what tests need comes on top."""
QUESTIONS = (
    "一个班最多能坐多少人？",
    "我们班85人，4个老师，能开吗？",
    "火星上能开班吗？",
    "高职一年培训多少人次？",
)


@pytest.fixture
def start(bot_api, settings, build_report, tmp_path):
    """Starts the command over the shipped corpus, with some settings; ends what is left."""
    started = []

    def start_bot(**environment):
        given = {
            "TIAOWEN_TELEGRAM__TOKEN": TOKEN,
            "TIAOWEN_TELEGRAM__BASE_URL": bot_api.address,
            "TIAOWEN_INDEX_DIR": str(settings.index_dir),
            "TIAOWEN_STORE__URL": f"sqlite:///{tmp_path / 'process.db'}",
            **environment,
        }
        command = [sys.executable, "-m", "assistant", "bot", "telegram"]
        env = {**os.environ, **{name: value for name, value in given.items() if value}}
        process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start_bot
    for process in started:
        process.kill()
        process.communicate()


def resident_kib(process):
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_it_answers_and_stays_small(start, bot_api):
    first = start()
    assert bot_api.wait_until(lambda: bot_api.n_polls)
    first.terminate()  # the first start makes the tables, which takes more
    assert first.wait(20) == 0
    n_polls = bot_api.n_polls
    process = start()
    assert bot_api.wait_until(lambda: bot_api.n_polls > n_polls)
    for chat, question in enumerate(QUESTIONS * 3, 10):
        bot_api.say(question, chat)
    bot_api.wait_for(len(QUESTIONS) * 3)
    assert "每班人数不得超过80人" in bot_api.texts(10)[0]
    assert resident_kib(process) <= MOST_KIB
    process.terminate()
    assert process.wait(20) == 0
    assert process.stderr.read() == ""


def test_no_token(start):
    process = start(TIAOWEN_TELEGRAM__TOKEN="")
    assert process.wait(30) == 2
    assert "没有设置 Telegram 机器人的令牌" in process.stderr.read()


def test_a_wrong_token(start):
    process = start(TIAOWEN_TELEGRAM__TOKEN="123456:wrong")
    assert process.wait(30) == 2
    told = process.stderr.read()
    assert "Telegram 不认这个机器人令牌" in told
    assert "123456:wrong" not in told


def test_a_second_one_on_this_machine(start, bot_api):
    start()
    assert bot_api.wait_until(lambda: bot_api.n_polls)
    second = start()
    assert second.wait(30) == 2
    assert "已经有一个条问在运行这个 Telegram 机器人" in second.stderr.read()
