"""Accounts that are called back: how each checks and opens a callback, and seals its reply.

In: the query and the body of a request. Out: a `Letter`, and the body of the reply. Both messengers sign alike; they
differ in whether a message must be sealed, and in what an empty reply is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import SecretStr

from assistant.config import WechatSettings, WecomSettings
from assistant.errors import ConfigError
from assistant.surfaces.channels.crypto import CallbackRefused, Envelope, check_signature, check_time, sign
from assistant.surfaces.channels.letters import Letter, read_fields, read_letter, write_reply, write_sealed


class Account(Protocol):
    """One account; `nothing` is the reply that says nothing."""

    nothing: str

    def verify(self, query: Mapping[str, str]) -> str:
        """What an address is to answer to prove that it is ours.

        Raises:
            CallbackRefused: the messenger did not ask that.
        """

    def open(self, query: Mapping[str, str], body: bytes) -> Letter:
        """The message of a callback.

        Raises:
            CallbackRefused: the messenger did not send it.
        """

    def reply(self, letter: Letter, text: str) -> str:
        """The body of a reply."""


class Wecom:
    """An app of WeCom: everything is sealed."""

    nothing = ""

    def __init__(self, settings: WecomSettings, clock: Callable[[], float]) -> None:
        self._token = require(settings.token, "TIAOWEN_WECOM__TOKEN")
        aes_key = require(settings.aes_key, "TIAOWEN_WECOM__AES_KEY")
        if not settings.corp_id:
            raise missing("TIAOWEN_WECOM__CORP_ID")
        self._envelope = Envelope(aes_key, settings.corp_id)
        self._clock = clock

    def verify(self, query: Mapping[str, str]) -> str:
        """The opened echo."""
        sealed = query.get("echostr", "")
        self._check(query, sealed)
        return self._envelope.open(sealed)

    def open(self, query: Mapping[str, str], body: bytes) -> Letter:
        """The message in the envelope."""
        sealed = read_fields(body).get("Encrypt", "")
        self._check(query, sealed)
        return read_letter(read_fields(self._envelope.open(sealed)))

    def reply(self, letter: Letter, text: str) -> str:
        """A sealed reply."""
        now = int(self._clock())
        return seal_reply(self._envelope, self._token, write_reply(letter, text, now), now)

    def _check(self, query: Mapping[str, str], sealed: str) -> None:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        check_signature(query.get("msg_signature", ""), self._token, timestamp, nonce, sealed)
        check_time(timestamp, self._clock())


class Wechat:
    """An official account of WeChat: sealed where it has a key, else signed only."""

    nothing = "success"

    def __init__(self, settings: WechatSettings, clock: Callable[[], float]) -> None:
        self._token = require(settings.token, "TIAOWEN_WECHAT__TOKEN")
        self._envelope: Envelope | None = None
        if settings.aes_key is not None:
            if not settings.app_id:
                raise missing("TIAOWEN_WECHAT__APP_ID")
            self._envelope = Envelope(settings.aes_key.get_secret_value(), settings.app_id)
        self._clock = clock

    def verify(self, query: Mapping[str, str]) -> str:
        """The echo as it is."""
        self._check(query)
        return query.get("echostr", "")

    def open(self, query: Mapping[str, str], body: bytes) -> Letter:
        """The message; where the account has a key, only one that is sealed."""
        self._check(query)
        fields = read_fields(body)
        if self._envelope is None:
            return read_letter(fields)
        sealed = fields.get("Encrypt", "")
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        check_signature(query.get("msg_signature", ""), self._token, timestamp, nonce, sealed)
        return read_letter(read_fields(self._envelope.open(sealed)))

    def reply(self, letter: Letter, text: str) -> str:
        """A reply, sealed where the account has a key."""
        now = int(self._clock())
        plain = write_reply(letter, text, now)
        return seal_reply(self._envelope, self._token, plain, now) if self._envelope else plain

    def _check(self, query: Mapping[str, str]) -> None:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not nonce:
            raise CallbackRefused
        check_signature(query.get("signature", ""), self._token, timestamp, nonce)
        check_time(timestamp, self._clock())


def seal_reply(envelope: Envelope, token: str, plain: str, now: int) -> str:
    """A reply in its envelope, signed."""
    sealed, timestamp, nonce = envelope.seal(plain), str(now), secrets.token_hex(8)
    return write_sealed(sealed, sign(token, timestamp, nonce, sealed), timestamp, nonce)


def require(secret: SecretStr | None, name: str) -> str:
    """A secret that an account cannot do without.

    Raises:
        ConfigError: it is not set.
    """
    if secret is None or not secret.get_secret_value():
        raise missing(name)
    return secret.get_secret_value()


def missing(name: str) -> ConfigError:
    """What is said of a setting that an account cannot do without."""
    return ConfigError(f"缺少设置 {name}", hint="对照 .env.example 补上；不接这个平台就把它的 TOKEN 也去掉")
