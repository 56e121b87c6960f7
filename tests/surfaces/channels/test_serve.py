"""`tiaowen serve` with messengers, as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.standins.weixin_api import AES_KEY, AGENT_ID, CORP_ID, SECRET, TOKEN, Platform

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def start(settings, build_report, tmp_path):
    """Starts a server with some settings; gives the process and its address."""
    started = []

    def start_server(**environment):
        given = {
            "TIAOWEN_INDEX_DIR": str(settings.index_dir),
            "TIAOWEN_STORE__URL": f"sqlite:///{tmp_path / 'served.db'}",
            **environment,
        }
        command = [sys.executable, "-m", "assistant", "serve", "--port", "0"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | given, **pipes)
        started.append(process)
        return process, process.stdout.readline().partition("：")[2].partition("/（")[0]

    yield start_server
    for process in started:
        process.kill()
        process.communicate()


def test_wecom_is_answered_and_what_is_under_way_is_ended(start, service_api):
    process, address = start(
        TIAOWEN_WECOM__TOKEN=TOKEN,
        TIAOWEN_WECOM__AES_KEY=AES_KEY,
        TIAOWEN_WECOM__CORP_ID=CORP_ID,
        TIAOWEN_WECOM__AGENT_ID=str(AGENT_ID),
        TIAOWEN_WECOM__SECRET=SECRET,
        TIAOWEN_WECOM__API_URL=service_api.address,
    )
    with httpx.Client(base_url=address, timeout=20) as client:
        for _ in range(200):
            try:
                client.get("/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        platform = Platform(
            "/channels/wecom", lambda path, q, body: client.post(path, params=q, content=body)
        )
        platform.ask("地区 潢川县")
        service_api.faults = [-1]  # the rest of the answer has to wait for two seconds
        first = platform.ask("帮我查一下这个班合不合规")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "还不能下结论" in first
    assert "".join(text for _, text in service_api.shown).endswith("评价。")


def test_a_messenger_that_is_set_up_by_half(start):
    process, _ = start(TIAOWEN_WECOM__TOKEN=TOKEN)
    assert process.wait(20) == 2
    assert "缺少设置 TIAOWEN_WECOM__AES_KEY" in process.stderr.read()
