"""The XML of WeCom and WeChat: a message that came in, and the reply to it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from assistant.surfaces.channels.crypto import CallbackRefused
from assistant.surfaces.channels.protocol import Inbound

_LONGEST_NAME = 128
_WORDLESS = ("image", "voice", "video", "shortvideo", "location", "link", "file")


class Letter(NamedTuple):
    """A message: who wrote to whom, and what; None for what needs no answer."""

    sender: str
    receiver: str
    inbound: Inbound | None


def read_fields(xml: str | bytes) -> dict[str, str]:
    """The fields of a message, by name.

    Raises:
        CallbackRefused: it is no such XML, or has what no message has (a DTD, an entity).
    """
    try:
        root = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError) as exc:
        raise CallbackRefused from exc
    return {field.tag: field.text or "" for field in root}


def read_letter(fields: dict[str, str]) -> Letter:
    """What was sent.

    Raises:
        CallbackRefused: nobody has sent it.
    """
    sender, receiver = fields.get("FromUserName", ""), fields.get("ToUserName", "")
    if not 1 <= len(sender) <= _LONGEST_NAME or not receiver:
        raise CallbackRefused
    return Letter(sender, receiver, _read_inbound(sender, fields))


def _read_inbound(sender: str, fields: dict[str, str]) -> Inbound | None:
    kind, key = fields.get("MsgType", ""), _key_of(sender, fields)
    if kind == "text":
        return Inbound(sender, key, "text", fields.get("Content", ""))
    if kind == "voice" and (heard := fields.get("Recognition", "").strip()):
        return Inbound(sender, key, "heard", heard)
    if kind in _WORDLESS:
        return Inbound(sender, key, "other")
    event = fields.get("Event", "").lower() if kind == "event" else ""
    if event == "subscribe":
        return Inbound(sender, key, "start")
    if event == "click":  # an entry of the account's menu, whose key is the words it stands for
        return Inbound(sender, key, "text", fields.get("EventKey", ""))
    return None


def _key_of(sender: str, fields: dict[str, str]) -> str:
    """The messenger's name for the message; events have none but who, when and what."""
    if number := fields.get("MsgId", ""):
        return number[:_LONGEST_NAME]
    what = [sender, *(fields.get(name, "") for name in ("CreateTime", "Event", "EventKey"))]
    return hashlib.sha256("\n".join(what).encode()).hexdigest()


def write_reply(letter: Letter, text: str, now: int) -> str:
    """The reply to a message, as text."""
    return (
        f"<xml><ToUserName>{_quote(letter.sender)}</ToUserName>"
        f"<FromUserName>{_quote(letter.receiver)}</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType>{_quote('text')}</MsgType>"
        f"<Content>{_quote(text)}</Content></xml>"
    )


def write_sealed(sealed: str, signature: str, timestamp: str, nonce: str) -> str:
    """A sealed reply."""
    return (
        f"<xml><Encrypt>{_quote(sealed)}</Encrypt><MsgSignature>{_quote(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_quote(nonce)}</Nonce></xml>"
    )


def _quote(text: str) -> str:
    readable = "".join(c for c in text if c in "\t\n\r" or c >= " ")
    return f"<![CDATA[{readable.replace(']]>', ']]]]><![CDATA[>')}]]>"
