"""The bot inside the server: updates come by webhook."""

from __future__ import annotations

from contextlib import contextmanager

import httpx
import pytest
from starlette.testclient import TestClient

from assistant.config import ServerSettings, Settings, TelegramSettings
from assistant.errors import ConfigError
from assistant.surfaces.api import create_app
from assistant.surfaces.api_channels import attach_channels
from assistant.surfaces.channels.hub import ChannelHub, HubParts
from assistant.surfaces.channels.manner import Clock
from assistant.surfaces.channels.pace import Pace
from tests.standins.telegram_api import CUT_BEFORE, TOKEN, Fault
from tests.surfaces.conftest import TODAY

SECRET = "a-secret-of-the-webhook"


@pytest.fixture
def settings(bot_api, tmp_path):
    return Settings(
        _env_file=None,
        index_dir=tmp_path,
        server=ServerSettings(public_url="https://wen.example.gov.cn"),
        telegram=TelegramSettings(token=TOKEN, base_url=bot_api.address, webhook_secret=SECRET),
    )


@pytest.fixture
def hooked(bot_api, settings, keeping, serve):
    """Runs a server that Telegram calls; gives the address of the webhook on this machine."""

    @contextmanager
    def run(assistant=keeping):
        with ChannelHub(HubParts(lambda: assistant, settings, Pace(), Clock(lambda: TODAY))) as hub:
            app = create_app(lambda: assistant)
            attach_channels(app, hub)
            with serve(app) as address:
                assert bot_api.wait_until(lambda: bot_api.webhook and bot_api.commands)
                yield f"{address}/channels/telegram"

    return run


def deliver(bot_api, address, text, chat=7):
    return bot_api.deliver(address, bot_api.say(text, chat))


def test_telegram_is_told_the_address_and_answered(hooked, bot_api, keeping):
    with hooked() as address:
        assert bot_api.webhook["url"] == "https://wen.example.gov.cn/channels/telegram"
        assert bot_api.webhook["secret_token"] == SECRET
        assert bot_api.webhook["allowed_updates"] == ["message", "callback_query"]
        update = bot_api.say("一个班最多能坐多少人？")
        for _ in range(3):  # Telegram delivers again what it thinks was not heard
            assert bot_api.deliver(address, update).status_code == 200
        bot_api.press_data("r:411526", {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}})
        bot_api.deliver(address, bot_api.updates[-1])
        first, second = bot_api.wait_for(2)
    assert "80人" in first
    assert second == "好的，以后按潢川县的规定回答。"
    assert len(keeping.questions) == 1
    assert "在原文中查看" not in first


def test_clauses_are_linked_to_the_reader(hooked, bot_api):
    with hooked() as address:
        deliver(bot_api, address, "一个班最多能坐多少人？")
        bot_api.wait_for(1)
        bot_api.press("查看条款")
        bot_api.deliver(address, bot_api.updates[-1])
        text = bot_api.wait_for(2)[1]
    assert "https://wen.example.gov.cn/documents/huangchuan-2021-1#c-2.4.1" in text


@pytest.mark.parametrize("secret", ["", "wrong", "密", SECRET[:-1]])
def test_a_wrong_secret_is_refused(hooked, bot_api, secret, keeping):
    with hooked() as address:
        header = {"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
        reply = httpx.post(address, json=bot_api.say("问"), headers=header)
    assert reply.status_code == 403
    assert SECRET not in reply.text
    assert keeping.questions == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"update_id": 1, "message": 5}', b"[" * 100_000, b"{}"])
def test_what_is_no_update_is_told(hooked, bot_api, body):
    with hooked() as address:
        reply = httpx.post(address, content=body, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})
        assert reply.status_code in (413, 422)
        assert deliver(bot_api, address, "/help").status_code == 200
        assert len(bot_api.wait_for(1)) == 1


def test_it_tells_telegram_until_it_has_heard(hooked, bot_api):
    bot_api.fail("getMe", CUT_BEFORE)
    bot_api.fail("setWebhook", Fault(502, "Bad Gateway"))
    with hooked() as address:
        assert deliver(bot_api, address, "/help").status_code == 200
        assert len(bot_api.wait_for(1)) == 1


def test_before_the_bot_knows_itself_updates_are_to_come_again(settings, bot_api, keeping, serve):
    bot_api.fail("getMe", *[Fault(502, "Bad Gateway")] * 50)
    with ChannelHub(HubParts(lambda: keeping, settings, Pace())) as hub:
        app = create_app(lambda: keeping)
        attach_channels(app, hub)
        with TestClient(app) as client:
            header = {"x-telegram-bot-api-secret-token": SECRET}
            reply = client.post("/channels/telegram", json=bot_api.say("问"), headers=header)
    assert reply.status_code == 503


def test_an_address_that_is_not_set_up_is_not_there(client):
    for path in ("telegram", "wecom", "wechat", "feishu"):
        assert client.post(f"/channels/{path}").status_code == 404
        assert client.get(f"/channels/{path}").status_code in (404, 405)


def test_a_webhook_needs_a_public_address(settings, keeping):
    without = settings.model_copy(update={"server": ServerSettings()})
    with pytest.raises(ConfigError, match="公网地址"):
        ChannelHub(HubParts(lambda: keeping, without, Pace()))


def test_only_one_program_serves_a_bot(hooked, settings, keeping):
    with hooked(), pytest.raises(ConfigError, match="已经有一个条问在运行"):
        ChannelHub(HubParts(lambda: keeping, settings, Pace())).__enter__()
