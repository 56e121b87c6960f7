"""Servers that WeCom and WeChat call back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from assistant.config import LimitSettings, Settings, WechatSettings, WecomSettings
from assistant.surfaces.api import create_app
from assistant.surfaces.api_channels import attach_channels
from assistant.surfaces.channels.hub import ChannelHub, HubParts
from assistant.surfaces.channels.manner import Clock
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.throttle import Throttle
from tests.standins import weixin_api
from tests.standins.weixin_api import AES_KEY, AGENT_ID, CORP_ID, SECRET, TOKEN, Platform, ServiceApi
from tests.surfaces.conftest import TODAY


@pytest.fixture
def service_api() -> Iterator[ServiceApi]:
    with weixin_api.serving_api() as server:
        yield server


@pytest.fixture
def connect(service_api, tmp_path) -> Iterator[Callable[..., Platform]]:
    """Connects an assistant to a platform: `wecom`, `wechat` (sealed) or `wechat-plain`."""
    opened = ExitStack()

    def open_platform(
        assistant: Any, kind: str = "wecom", *, can_write: bool = True, rate: str = "", **parts: Any
    ) -> Platform:
        secret = {"secret": SECRET} if can_write else {}
        wecom = WecomSettings(
            token=TOKEN,
            aes_key=AES_KEY,
            corp_id=CORP_ID,
            agent_id=AGENT_ID,
            api_url=service_api.address,
            **secret,
        )
        key = {"aes_key": AES_KEY} if kind == "wechat" else {}
        wechat = WechatSettings(token=TOKEN, app_id=CORP_ID, api_url=service_api.address, **key, **secret)
        chosen = {"wecom": wecom} if kind == "wecom" else {"wechat": wechat}
        settings = Settings(_env_file=None, index_dir=tmp_path, **chosen)
        pace = Pace(Throttle(LimitSettings(chat=rate)))
        hub = ChannelHub(HubParts(lambda: assistant, settings, pace, Clock(lambda: TODAY), **parts))
        app = create_app(lambda: assistant)
        attach_channels(app, opened.enter_context(hub))
        client = opened.enter_context(TestClient(app))

        def post(path: str, query: dict[str, str], body: bytes) -> httpx.Response:
            return client.post(path, params=query, content=body)

        platform = Platform(f"/channels/{kind.partition('-')[0]}", post, is_sealed=kind != "wechat-plain")
        platform.get = client.get
        return platform

    yield open_platform
    opened.close()


@pytest.fixture(params=["wecom", "wechat", "wechat-plain"])
def platform(request, connect, keeping) -> Platform:
    """Each platform, connected to the scripted assistant, which keeps what it is told."""
    return connect(keeping, request.param)
