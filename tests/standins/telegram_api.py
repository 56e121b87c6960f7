"""A stand-in of the Telegram Bot API over real HTTP on loopback, stricter than Telegram and with faults to order.

It refuses what Telegram refuses (wrong token, unknown tags, 4,097 units, long button data, a second poller) and what
Telegram would silently ignore (unknown parameters). It hands out an update until it is confirmed, keeps every message
that a chat was shown, and fails as the script says: `fail("sendMessage", BUSY, CUT_AFTER)`.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from contextlib import AbstractContextManager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import httpx

from tests.standins.running import running

TOKEN = "123456:right-token"
BOT = {"id": 123456, "is_bot": True, "first_name": "条问", "username": "tiaowen_bot"}
TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote"}
ENTITIES = ("&lt;", "&gt;", "&amp;", "&quot;", "&#")
PATIENCE_S = 20

PARAMETERS = {
    "getMe": set(),
    "getUpdates": {"offset", "limit", "timeout", "allowed_updates"},
    "sendMessage": {
        "chat_id", "text", "parse_mode", "reply_markup", "reply_parameters",
        "message_thread_id", "link_preview_options",
    },
    "sendChatAction": {"chat_id", "action", "message_thread_id"},
    "answerCallbackQuery": {"callback_query_id", "text", "show_alert"},
    "setMyCommands": {"commands"},
    "setWebhook": {"url", "secret_token", "allowed_updates", "max_connections", "drop_pending_updates"},
    "deleteWebhook": {"drop_pending_updates"},
    "getWebhookInfo": set(),
}  # fmt: skip
REQUIRED = {
    "sendMessage": {"chat_id", "text"},
    "sendChatAction": {"chat_id", "action"},
    "answerCallbackQuery": {"callback_query_id"},
    "setMyCommands": {"commands"},
    "setWebhook": {"url"},
}


class Fault(NamedTuple):
    """What happens to one call: it is answered otherwise, or its connection ends before or after it is carried out."""

    status: int = 0
    description: str = ""
    parameters: dict[str, int] | None = None
    cut: str = ""
    seconds: float = 0.0


BUSY = Fault(429, "Too Many Requests: retry after 1", {"retry_after": 1})
CUT_BEFORE = Fault(cut="before")
CUT_AFTER = Fault(cut="after")
BAD_GATEWAY = Fault(502, "Bad Gateway")


def slow(seconds: float) -> Fault:
    """Carried out, but answered late."""
    return Fault(seconds=seconds)


class Refusal(Exception):
    """What the API answers where it does not do what it is asked for."""

    def __init__(self, status: int, description: str, parameters: dict[str, int] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


class ShownText(HTMLParser):
    """What a chat is shown of HTML; refuses what Telegram cannot read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise ValueError(f'Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(f'Unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.text += data


def read_html(text: str) -> str:
    """HTML → the text that is shown."""
    for place, sign in enumerate(text):
        if sign == "&" and not text.startswith(ENTITIES, place):
            raise ValueError("unknown entity")
    parser = ShownText()
    parser.feed(text)
    parser.close()
    if parser.open:
        raise ValueError("Can't find end tag")
    return parser.text


def n_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class BotApi(ThreadingHTTPServer):
    """The stand-in; use it as a context manager or through `serving`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.updates: list[dict[str, Any]] = []
        self.shown: list[dict[str, Any]] = []
        self.answered: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.blocked: set[int] = set()
        self.faults: dict[str, list[Fault]] = {}
        self.webhook: dict[str, Any] | None = None
        self.webhook_fault: dict[str, Any] = {}
        self.commands: list[dict[str, str]] = []
        self.confirmed = 0
        self.n_polls = 0
        self.next_update = 1000
        self.next_message = 1
        self.poll_limit_s = 0.3

    # -- what people do --------------------------------------------------------------------------------

    def say(self, text: str | None, chat: int = 7, **fields: Any) -> dict[str, Any]:
        """Somebody writes, or sends something without words: `say(None, sticker={…})`."""
        with self.lock:
            message = self._new_message(chat, fields.pop("chat_type", "private"))
            message["from"] = {"id": 7, "is_bot": False, "first_name": "问"}
            if text is not None:
                message["text"] = text
                if text.startswith("/"):
                    length = n_units(text.split(maxsplit=1)[0])
                    message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
            return self.push({"message": message | fields})

    def mention(self, text: str, chat: int = -100, **fields: Any) -> dict[str, Any]:
        """Somebody writes in a group; `{me}` stands for a mention of the bot."""
        name = f"@{BOT['username']}"
        before = text.partition("{me}")[0]
        entities = [{"type": "mention", "offset": n_units(before), "length": len(name)}]
        given = {"entities": entities, "chat_type": "supergroup"} | fields
        return self.say(text.replace("{me}", name), chat, **given)

    def press(self, label: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
        """Somebody presses the button of a message whose label contains something; by default of the newest."""
        with self.lock:
            for shown in [message] if message else reversed(self.shown):
                for row in shown.get("reply_markup", {}).get("inline_keyboard", []):
                    for button in row:
                        if label in button["text"]:
                            return self.press_data(button["callback_data"], shown)
        raise AssertionError(f"no button {label!r}")

    def press_data(self, data: str, message: dict[str, Any]) -> dict[str, Any]:
        """A press with any data: a client can send what no button holds."""
        with self.lock:
            query = {
                "id": f"q{self.next_update}",
                "from": {"id": 7, "is_bot": False, "first_name": "问"},
                "chat_instance": "1",
                "message": {k: v for k, v in message.items() if k in ("message_id", "date", "chat", "text")},
                "data": data,
            }
            return self.push({"callback_query": query})

    def push(self, update: dict[str, Any]) -> dict[str, Any]:
        """An update, with the next number unless it has one."""
        with self.lock:
            update = {"update_id": self.next_update, **update}
            self.next_update = max(self.next_update, update["update_id"]) + 1
            self.updates.append(update)
            self.changed.notify_all()
            return update

    def _new_message(self, chat: int, kind: str) -> dict[str, Any]:
        self.next_message += 1
        place = {"id": chat, "type": kind} | ({"title": "群"} if kind != "private" else {})
        return {"message_id": self.next_message, "date": 1_700_000_000, "chat": place}

    # -- what the test looks at ------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """What the setting `base_url` is to be."""
        return f"http://127.0.0.1:{self.server_address[1]}/bot"

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method fail, one after the other."""
        self.faults.setdefault(method, []).extend(faults)

    def texts(self, chat: int | None = None) -> list[str]:
        """What was shown, in order."""
        with self.lock:
            return [m["text"] for m in self.shown if chat in (None, m["chat"]["id"])]

    def wait_for(self, n_shown: int) -> list[str]:
        """Wait until so many messages were shown."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.shown) >= n_shown, PATIENCE_S)
        return self.texts()

    def wait_until(self, is_so: Any) -> bool:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A bot that ends leaves its poll unread; anything else is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    # -- the API ---------------------------------------------------------------------------------------

    def call(self, token: str, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """Carry out one call; raises Refusal."""
        if token != TOKEN:
            raise Refusal(401 if ":" in token else 404, "Unauthorized" if ":" in token else "Not Found")
        if method not in PARAMETERS:
            raise Refusal(404, "Not Found: method not found")
        if unknown := set(given) - PARAMETERS[method]:
            raise Refusal(400, f"Bad Request: unknown parameters {sorted(unknown)}")
        for name in REQUIRED.get(method, set()):
            if given.get(name) in (None, "", []):
                what = "message text" if name == "text" else name
                raise Refusal(400, f"Bad Request: {what} is empty")
        return {"ok": True, "result": getattr(self, f"_{method}")(given)}

    def _getMe(self, given: dict[str, Any]) -> dict[str, Any]:
        return BOT

    def _getUpdates(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        with self.lock:
            if self.webhook:
                raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
            self.n_polls += 1
            self.changed.notify_all()
            mine = self.n_polls
        offset = int(given.get("offset", 0))
        deadline = time.monotonic() + min(float(given.get("timeout", 0)), self.poll_limit_s)
        while True:
            with self.lock:
                if self.n_polls != mine:
                    raise Refusal(
                        409,
                        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                    )
                self.confirmed = max(self.confirmed, offset)
                waiting = [u for u in self.updates if u["update_id"] >= self.confirmed]
                if waiting or time.monotonic() >= deadline:
                    return sorted(waiting, key=lambda u: u["update_id"])[: int(given.get("limit", 100))]
                self.changed.wait(deadline - time.monotonic())

    def _sendMessage(self, given: dict[str, Any]) -> dict[str, Any]:
        shown = self._read_text(given)
        markup = given.get("reply_markup")
        for row in (markup or {}).get("inline_keyboard", []):
            for button in row:
                if not button.get("text"):
                    raise Refusal(400, "Bad Request: button text is empty")
                if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                    raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        chat = int(given["chat_id"])
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        with self.lock:
            kind = "private" if chat > 0 else "supergroup"
            message = self._new_message(chat, kind) | {"from": BOT, "text": shown}
            kept = message | {"html": given["text"], "parse_mode": given.get("parse_mode")}
            for name in ("reply_markup", "reply_parameters", "message_thread_id"):
                if given.get(name) is not None:
                    kept[name] = given[name]
            self.shown.append(kept)
            self.changed.notify_all()
        return message

    def _read_text(self, given: dict[str, Any]) -> str:
        shown = str(given["text"])
        if given.get("parse_mode") not in (None, "HTML"):
            raise Refusal(400, "Bad Request: unsupported parse_mode")
        if given.get("parse_mode") == "HTML":
            try:
                shown = read_html(shown)
            except ValueError as exc:
                raise Refusal(400, f"Bad Request: can't parse entities: {exc}") from exc
        if not shown.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if n_units(shown) > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        return shown

    def _sendChatAction(self, given: dict[str, Any]) -> bool:
        if given["action"] != "typing":
            raise Refusal(400, "Bad Request: wrong parameter action in request")
        return True

    def _answerCallbackQuery(self, given: dict[str, Any]) -> bool:
        with self.lock:
            if any(a["callback_query_id"] == given["callback_query_id"] for a in self.answered):
                raise Refusal(400, "Bad Request: query is too old or was answered")
            self.answered.append(given)
        return True

    def _setMyCommands(self, given: dict[str, Any]) -> bool:
        self.commands = given["commands"]
        return True

    def _setWebhook(self, given: dict[str, Any]) -> bool:
        self.webhook = given
        return True

    def _getWebhookInfo(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"url": (self.webhook or {}).get("url", ""), "pending_update_count": 0, **self.webhook_fault}

    def _deleteWebhook(self, given: dict[str, Any]) -> bool:
        self.webhook = None
        return True

    # -- webhook ---------------------------------------------------------------------------------------

    def deliver(self, address: str, update: dict[str, Any], **headers: str) -> httpx.Response:
        """Hand one update to a webhook at another address than the one that was set, as Telegram does."""
        assert self.webhook is not None
        secret = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        return httpx.post(address, json=update, headers=secret | headers, timeout=10)


class _Handler(BaseHTTPRequestHandler):
    server: BotApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        bot, _, method = self.path.lstrip("/").rpartition("/")
        waiting = self.server.faults.get(method)
        fault = waiting.pop(0) if waiting else Fault()
        self.server.calls.append(method)
        if fault.cut == "before":
            self._cut()
            return
        status, reply = self._answer(fault, bot.removeprefix("bot"), method, _read_form(body))
        if fault.cut == "after":
            self._cut()
            return
        time.sleep(fault.seconds)
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, fault: Fault, token: str, method: str, given: dict[str, Any]) -> tuple[int, Any]:
        try:
            if fault.status:
                raise Refusal(fault.status, fault.description, fault.parameters)
            return 200, self.server.call(token, method, given)
        except Refusal as exc:
            return exc.status, exc.body

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _read_form(body: str) -> dict[str, Any]:
    """The parameters: structures are JSON inside a form, as the Bot API takes them."""
    given: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        is_structure = name in (
            "reply_markup", "reply_parameters", "link_preview_options", "allowed_updates", "commands",
        )  # fmt: skip
        given[name] = json.loads(value) if is_structure else value
    return given


def serving() -> AbstractContextManager[BotApi]:
    """A stand-in that answers."""
    return running(BotApi())
