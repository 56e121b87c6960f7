"""A stand-in of WeCom and WeChat: it calls back as they do, and takes what is written to people afterwards.

The envelope is written here a second time, from the platforms' description, so that a slip in ours does not meet
the same slip in its test.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.standins.running import running

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP_ID = "wx5823bf96d3bd56c7"
SECRET = "the-secret-of-the-app"
AGENT_ID = 218
LONGEST = 2048  # bytes of a text
PATIENCE_S = 15


def sha1_of(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(plain: bytes, receiver: str = CORP_ID, key: str = AES_KEY, pad: bytes | None = None) -> str:
    secret = base64.b64decode(key + "=")
    data = os.urandom(16) + struct.pack(">I", len(plain)) + plain + receiver.encode()
    n_pad = 32 - len(data) % 32
    data += bytes([n_pad]) * n_pad if pad is None else (pad * n_pad)[:n_pad]
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode()


def decrypt(sealed: str, key: str = AES_KEY) -> tuple[str, str]:
    """The message, and whom it is for."""
    secret = base64.b64decode(key + "=")
    decryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
    data = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    assert len(data) % 32 == 0
    data = data[: -data[-1]]
    (length,) = struct.unpack(">I", data[16:20])
    return data[20 : 20 + length].decode(), data[20 + length :].decode()


def fields_of(xml: str) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(xml)}


@dataclass
class Platform:
    """Calls an address back as WeCom does, or WeChat sealed or plain.

    Args:
        post: sends a request; takes path, query and body.
        clock: seconds since the epoch.
    """

    path: str
    post: Callable[[str, dict[str, str], bytes], Any]
    clock: Callable[[], float] = time.time
    is_sealed: bool = True
    numbers: Iterator[int] = field(default_factory=lambda: count(4561255354251345929))

    def letter(self, text: str | None = None, user: str = "mycreate", **fields: str) -> dict[str, str]:
        """A message of somebody."""
        given = {
            "ToUserName": CORP_ID,
            "FromUserName": user,
            "CreateTime": str(int(self.clock())),
            "MsgType": "text",
            "MsgId": str(next(self.numbers)),
        }
        return given | ({"Content": text} if text is not None else {}) | fields

    def send(self, letter: dict[str, str], **changes: Any) -> Any:
        """Call back; `changes` forge it: timestamp, nonce, signature, encrypted, receiver, key, pad."""
        inner = "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in letter.items())
        body = f"<xml>{inner}</xml>"
        timestamp = str(changes.get("timestamp", int(self.clock())))
        nonce = changes.get("nonce", "263014780")
        query = {"timestamp": timestamp, "nonce": nonce, "signature": sha1_of(TOKEN, timestamp, nonce)}
        if self.is_sealed:
            crypt = {name: changes[name] for name in ("receiver", "key", "pad") if name in changes}
            sealed = changes.get("encrypted") or encrypt(body.encode(), **crypt)
            query |= {"msg_signature": sha1_of(TOKEN, timestamp, nonce, sealed), "encrypt_type": "aes"}
            body = f"<xml><ToUserName>{CORP_ID}</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        if "signature" in changes:
            query |= {"signature": changes["signature"], "msg_signature": changes["signature"]}
        return self.post(self.path, query, changes.get("body", body.encode()))

    def read(self, reply: Any) -> str:
        """The text of a reply, checked as the platform checks it; empty for one that says nothing."""
        assert reply.status_code == 200, reply.text
        if reply.text in ("", "success"):
            return ""
        told = fields_of(reply.text)
        if self.is_sealed:
            assert told["MsgSignature"] == sha1_of(TOKEN, told["TimeStamp"], told["Nonce"], told["Encrypt"])
            plain, receiver = decrypt(told["Encrypt"])
            assert receiver == CORP_ID
            told = fields_of(plain)
        assert told["MsgType"] == "text"
        assert told["FromUserName"] == CORP_ID
        assert len(told["Content"].encode()) <= LONGEST
        return told["Content"]

    def ask(self, text: str, user: str = "mycreate") -> str:
        """What somebody who writes is answered at once."""
        return self.read(self.send(self.letter(text, user)))


class ServiceApi(ThreadingHTTPServer):
    """Takes messages to people; fails as the script says: `faults` are error codes, or `cut`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shown: list[tuple[str, str]] = []
        self.faults: list[int | str] = []
        self.n_tokens = 0
        self.calls: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def wait_for(self, n_shown: int) -> list[str]:
        deadline = time.monotonic() + PATIENCE_S
        while len(self.shown) < n_shown and time.monotonic() < deadline:
            time.sleep(0.01)
        return [text for _, text in self.shown]

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(path)
        if path == "/cgi-bin/gettoken":
            return self._grant(query.get("corpid"), query.get("corpsecret"))
        if path == "/cgi-bin/stable_token":
            assert body["grant_type"] == "client_credential"
            return self._grant(body.get("appid"), body.get("secret"))
        if query.get("access_token") != f"token-{self.n_tokens}":
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        if self.faults and isinstance(self.faults[0], int):
            return {"errcode": self.faults.pop(0), "errmsg": "scripted"}
        assert body["msgtype"] == "text"
        if path == "/cgi-bin/message/send":
            assert body["agentid"] == AGENT_ID
            assert body["enable_duplicate_check"] == 1
        else:
            assert path == "/cgi-bin/message/custom/send"
        text = body["text"]["content"]
        if not 1 <= len(text.encode()) <= LONGEST:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        self.shown.append((body["touser"], text))
        return {"errcode": 0, "errmsg": "ok", "msgid": f"m{len(self.shown)}"}

    def _grant(self, account: str | None, secret: str | None) -> dict[str, Any]:
        if (account, secret) != (CORP_ID, SECRET):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self.n_tokens += 1
        return {"errcode": 0, "access_token": f"token-{self.n_tokens}", "expires_in": 7200}


class _Handler(BaseHTTPRequestHandler):
    server: ServiceApi
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self._reply(self.rfile.read(int(self.headers.get("content-length", 0))))

    def do_GET(self) -> None:
        self._reply(b"{}")

    def _reply(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if "send" in parts.path and self.server.faults[:1] == ["cut"]:
            self.server.faults.pop(0)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        assert b"\\u" not in body  # WeChat shows escapes as they are written
        content = json.dumps(self.server.answer(parts.path, query, json.loads(body))).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def serving_api() -> AbstractContextManager[ServiceApi]:
    """A stand-in that answers."""
    return running(ServiceApi())
