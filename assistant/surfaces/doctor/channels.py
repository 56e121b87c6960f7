"""The messengers: whether they are set up whole, and whether their own servers agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from assistant.errors import ConfigError
from assistant.surfaces.doctor.finding import Checkup, Finding, failed, fine, unused, warned

TELEGRAM_HOOK = "/channels/telegram"


class _Unanswered(Exception):
    """A messenger's server cannot be reached, or says what is no JSON."""


def check_telegram(checkup: Checkup) -> Iterator[Finding]:
    """The bot: Telegram knows its token, and calls the right address or none."""
    settings = checkup.settings.telegram
    if settings.token is None:
        yield unused("Telegram", "没有设置")
        return
    base = f"{settings.base_url}{settings.token.get_secret_value()}"
    try:
        me = _call("POST", f"{base}/getMe", {}, checkup.patience)
        if not me.get("ok"):
            remedy = "向 @BotFather 核对 TIAOWEN_TELEGRAM__TOKEN"
            told = f"令牌不对：{me.get('description', '')}"
            yield failed("Telegram", told, remedy, ConfigError.exit_code)
            return
        yield fine("Telegram", f"令牌有效，机器人是 @{me['result'].get('username', '?')}")
        hook = _call("POST", f"{base}/getWebhookInfo", {}, checkup.patience).get("result", {})
    except _Unanswered as exc:
        remedy = "检查网络和 TIAOWEN_TELEGRAM__BASE_URL；机器人会一直重试"
        yield warned("Telegram", f"连不上 Telegram：{exc}", remedy)
        return
    yield from _check_hook(checkup, hook)


def _check_hook(checkup: Checkup, hook: dict[str, Any]) -> Iterator[Finding]:
    settings = checkup.settings
    address, told = str(hook.get("url", "")), str(hook.get("last_error_message", ""))
    if settings.telegram.webhook_secret is None:
        if address:
            remedy = "运行 tiaowen bot telegram 时会自动改成轮询；要用 Webhook 就设 TIAOWEN_TELEGRAM__WEBHOOK_SECRET"
            yield warned("Telegram 接收", f"设的是轮询，Telegram 却还在调用 {address}", remedy)
        else:
            yield fine("Telegram 接收", "轮询（tiaowen bot telegram）")
        return
    public = settings.server.public_url
    if public is None or not public.startswith("https:"):
        remedy = "设 TIAOWEN_SERVER__PUBLIC_URL 为 https 地址；不用 Webhook 就去掉 TIAOWEN_TELEGRAM__WEBHOOK_SECRET"
        yield failed("Telegram 接收", "Webhook 要有 https 的公网地址", remedy, ConfigError.exit_code)
    elif address != f"{public}{TELEGRAM_HOOK}":
        remedy = "启动 tiaowen serve 时会自动登记；已经在运行就看它的日志"
        yield warned("Telegram 接收", f"Telegram 那边登记的是 {address or '（没有）'}", remedy)
    elif told:
        yield warned("Telegram 接收", f"Telegram 上次调用失败：{told}", "检查证书、反向代理和防火墙")
    else:
        yield fine("Telegram 接收", f"Webhook {address}，等待 {hook.get('pending_update_count', 0)} 条")


def check_wecom(checkup: Checkup) -> Iterator[Finding]:
    """The WeCom app."""
    settings = checkup.settings.wecom
    if settings.token is None:
        yield unused("企业微信", "没有设置")
        return
    missing = [
        name for name, value in (("AES_KEY", settings.aes_key), ("CORP_ID", settings.corp_id)) if not value
    ]
    if settings.secret and not settings.agent_id:
        missing.append("AGENT_ID")
    if missing:
        yield _tell_missing("企业微信", "WECOM", missing)
        return
    if settings.secret is None:
        yield warned(
            "企业微信",
            "没有设 Secret，5 秒内答不完的要用户回复“继续”",
            "把应用的 Secret 填到 TIAOWEN_WECOM__SECRET",
        )
        return
    query = {"corpid": settings.corp_id, "corpsecret": settings.secret.get_secret_value()}
    try:
        reply = _call("GET", f"{settings.api_url}/cgi-bin/gettoken", query, checkup.patience)
    except _Unanswered as exc:
        yield warned("企业微信", f"连不上企业微信：{exc}", "检查网络和 TIAOWEN_WECOM__API_URL")
        return
    if reply.get("errcode", 0):
        told = f"企业微信不认：{reply.get('errmsg', '')}（{reply['errcode']}）"
        remedy = "核对 TIAOWEN_WECOM__CORP_ID 和 SECRET，并在应用里把本机出口地址加入可信 IP"
        yield failed("企业微信", told, remedy, ConfigError.exit_code)
    else:
        yield fine("企业微信", "设置齐全，企业微信认可")


def check_wechat(checkup: Checkup) -> Iterator[Finding]:
    """The WeChat official account. Its server is not asked: asking would end the token of the server that runs."""
    settings = checkup.settings.wechat
    if settings.token is None:
        yield unused("微信公众号", "没有设置")
    elif missing := [name for name, value in (("APP_ID", settings.app_id),) if not value]:
        yield _tell_missing("微信公众号", "WECHAT", missing)
    elif settings.aes_key is None:
        told = "消息没有加密（明文模式）"
        yield warned(
            "微信公众号", told, "在公众平台改成安全模式，把 EncodingAESKey 填到 TIAOWEN_WECHAT__AES_KEY"
        )
    elif settings.secret is None:
        yield fine("微信公众号", "设置齐全；没有 AppSecret，5 秒内答不完的要用户回复“继续”")
    else:
        yield fine("微信公众号", "设置齐全")


def check_callbacks(checkup: Checkup) -> Iterator[Finding]:
    """Whether WeChat and WeCom have an address to call."""
    settings = checkup.settings
    if (settings.wecom.token or settings.wechat.token) and settings.server.public_url is None:
        remedy = "设 TIAOWEN_SERVER__PUBLIC_URL；回答里的原文链接也用它"
        yield warned("回调地址", "接了微信，却没有公网地址", remedy)


def _tell_missing(name: str, section: str, missing: list[str]) -> Finding:
    told = "缺少 " + "、".join(f"TIAOWEN_{section}__{part}" for part in missing)
    return failed(name, told, "在管理后台的接收消息设置里抄来；缺了它服务不能启动", ConfigError.exit_code)


def _call(method: str, address: str, query: dict[str, str], patience: float) -> dict[str, Any]:
    """The object that a messenger's server replies with, whatever its status.

    Raises:
        _Unanswered: there is none; the address, which holds a secret, does not stand in the message.
    """
    try:
        found = httpx.request(method, address, params=query, timeout=patience).json()
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise _Unanswered(type(exc).__name__) from None
    except ValueError:
        raise _Unanswered("回答不是 JSON") from None
    if not isinstance(found, dict):
        raise _Unanswered("回答不是 JSON 对象")
    return found
