"""What one setting may be, where a plain type does not say it.

In: a value as the operator wrote it. Out: the same value, or a ValueError that says what it is not; `config.py` names
the setting. A mistyped rate or address is refused on starting, not at the first request that needs it.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr


class Section(BaseModel):
    """A group of settings, such as `server`; an unknown name in it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _check_networks(text: str) -> str:
    for network in text.split(","):
        if network.strip():
            ipaddress.ip_network(network.strip())
    return text


_RATE = re.compile(r"[1-9]\d{0,6}/(?:[1-9]\d{0,3} ?)?(?:second|minute|hour|day)s?")


def _check_rate(text: str) -> str:
    if text and not _RATE.fullmatch(text):
        raise ValueError("not a rate such as 30/minute or 5/10 minutes")
    return text


def _check_address(text: str | None) -> str | None:
    if text and not re.fullmatch(r"https?://[^/?#\s@]+(?:/[^?#\s]*)?", text):
        raise ValueError("not an http(s) address such as https://wen.example.gov.cn")
    return text.rstrip("/") if text else None


Networks = Annotated[str, AfterValidator(_check_networks)]
Rate = Annotated[str, AfterValidator(_check_rate)]
WebAddress = Annotated[str | None, AfterValidator(_check_address)]


_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


def _check_webhook_secret(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("not 16 to 256 letters, digits, _ or -")
    return secret


_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


def _check_aes_key(key: SecretStr | None) -> SecretStr | None:
    if key is not None and not _AES_KEY.fullmatch(key.get_secret_value()):
        raise ValueError("not the 43 letters and digits of an EncodingAESKey")
    return key


WebhookSecret = Annotated[SecretStr | None, AfterValidator(_check_webhook_secret)]
AesKey = Annotated[SecretStr | None, AfterValidator(_check_aes_key)]
