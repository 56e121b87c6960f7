"""The bot over real HTTP against a small strict stand-in of the Telegram Bot API on loopback."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from assistant.config import TelegramSettings
from assistant.errors import ConfigError, ModelError, RequestInvalid
from assistant.surfaces.inbound import parse_session
from assistant.surfaces.telegram import build_application, poll, run_bot

TOKEN = "123456:right-token"
TIMEOUT_S = 10
ALLOWED_TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote"}


class TelegramHtml(HTMLParser):
    """Refuses what Telegram's HTML mode refuses: unknown tags, tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ALLOWED_TAGS:
            raise ValueError(f"can't parse entities: unsupported start tag {tag}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError("can't parse entities: unmatched end tag")

    def handle_data(self, data: str) -> None:
        self.text += data


class BotApi(ThreadingHTTPServer):
    """getMe, getUpdates, sendMessage, sendChatAction, deleteWebhook; everything is validated."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BotApiHandler)
        self.lock = threading.Lock()
        self.updates: list[dict[str, Any]] = []
        self.sent: list[dict[str, str]] = []
        self.n_busy = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A bot that stops leaves its last poll unread; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def say(self, text: str, chat: int = 7) -> None:
        """A person writes."""
        user = {"id": chat, "is_bot": False, "first_name": "问"}
        message: dict[str, Any] = {
            "message_id": len(self.updates) + 1,
            "date": 1_700_000_000,
            "chat": {"id": chat, "type": "private"},
            "from": user,
            "text": text,
        }
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        with self.lock:
            self.updates.append({"update_id": 100 + len(self.updates), "message": message})

    def wait_for(self, n_sent: int) -> list[str]:
        deadline = time.monotonic() + TIMEOUT_S
        while len(self.sent) < n_sent and time.monotonic() < deadline:
            time.sleep(0.01)
        return [message["text"] for message in self.sent]

    def call(self, method: str, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        known = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "sendChatAction": lambda given: (200, {"ok": True, "result": True}),
            "deleteWebhook": lambda given: (200, {"ok": True, "result": True}),
        }
        if method not in known:
            return _refuse(404, "Not Found")
        return known[method](given)

    def _get_me(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        bot = {"id": 1, "is_bot": True, "first_name": "条问", "username": "tiaowen_bot"}
        return 200, {"ok": True, "result": bot}

    def _get_updates(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        offset = int(given.get("offset", 0))
        deadline = time.monotonic() + min(float(given.get("timeout", 0)), 0.2)
        while True:
            with self.lock:
                waiting = [update for update in self.updates if update["update_id"] >= offset]
            if waiting or time.monotonic() >= deadline:
                return 200, {"ok": True, "result": waiting}
            time.sleep(0.01)

    def _send_message(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if not given.get("chat_id"):
            return _refuse(400, "Bad Request: chat_id is empty")
        shown = given.get("text", "")
        if given.get("parse_mode") == "HTML":
            parser = TelegramHtml()
            try:
                parser.feed(shown)
                parser.close()
            except ValueError as exc:
                return _refuse(400, f"Bad Request: {exc}")
            if parser.open:
                return _refuse(400, "Bad Request: can't parse entities: tag not closed")
            shown = parser.text
        if not shown.strip():
            return _refuse(400, "Bad Request: message text is empty")
        if len(shown.encode("utf-16-le")) // 2 > 4096:
            return _refuse(400, "Bad Request: message is too long")
        with self.lock:
            if self.n_busy:
                self.n_busy -= 1
                return _refuse(429, "Too Many Requests: retry after 1", {"retry_after": 1})
            self.sent.append(given)
        chat = {"id": int(given["chat_id"]), "type": "private"}
        message = {"message_id": 1000, "date": 1_700_000_000, "chat": chat, "text": shown}
        return 200, {"ok": True, "result": message}


def _refuse(
    code: int, description: str, parameters: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    body = {"ok": False, "error_code": code, "description": description}
    return code, {**body, "parameters": parameters} if parameters else body


class BotApiHandler(BaseHTTPRequestHandler):
    server: BotApi
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        is_json = "json" in self.headers.get("content-type", "")
        given = json.loads(body) if is_json else dict(parse_qsl(body))
        bot, _, method = self.path.lstrip("/").rpartition("/")
        if bot == f"bot{TOKEN}":
            status, reply = self.server.call(method, given)
        else:
            status, reply = _refuse(401, "Unauthorized")
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def bot_api() -> Iterator[BotApi]:
    with BotApi() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings_for(bot_api: BotApi, token: str = TOKEN) -> TelegramSettings:
    address = f"http://127.0.0.1:{bot_api.server_address[1]}/bot"
    return TelegramSettings(token=token, base_url=address)


@pytest.fixture
def chat(bot_api, assistant):
    """Runs the bot while lines are said to it; gives what it sent."""

    def run(*lines: str, n_sent: int = 1) -> list[str]:
        async def serve() -> None:
            stop = asyncio.Event()
            application = build_application(assistant, settings_for(bot_api))
            polling = asyncio.create_task(poll(application, stop))
            await asyncio.to_thread(bot_api.wait_for, n_sent)
            stop.set()
            await polling

        for line in lines:
            bot_api.say(line)
        asyncio.run(serve())
        return [message["text"] for message in bot_api.sent]

    return run


def test_question_is_answered_with_its_clause(chat, bot_api, assistant):
    (text,) = chat("一个班最多能坐多少人？")
    assert "每班人数不得超过80人。[1]" in text
    assert "<b>[1] 二、（四）（1）</b>" in text
    assert "<blockquote>每班人数不得超过80人</blockquote>" in text
    assert "仅供参考" in text
    assert bot_api.sent[0]["parse_mode"] == "HTML"
    assert assistant.questions[0].region is None


def test_html_in_titles_and_answers_is_escaped(chat):
    (text,) = chat("<img src=x onerror=alert(1)>")
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;职业技能" in text


def test_refusal_is_told_apart(chat):
    (text,) = chat("火星上能开班吗")
    assert text.startswith("<b>没有找到依据</b>")
    assert "<b>[1] 二、（四）（1）</b>" in text


def test_region_is_kept_for_the_chat(bot_api, assistant):
    async def serve() -> None:
        stop = asyncio.Event()
        polling = asyncio.create_task(poll(build_application(assistant, settings_for(bot_api)), stop))
        for n_sent, (text, chat_id) in enumerate(
            [("/region 潢川", 7), ("问一", 7), ("问二", 8), ("/region 全部", 7), ("问三", 7)], 1
        ):
            bot_api.say(text, chat_id)
            await asyncio.to_thread(bot_api.wait_for, n_sent)
        stop.set()
        await polling

    asyncio.run(serve())
    assert bot_api.sent[0]["text"] == "好的，以后按潢川县的规定回答。"
    regions = {question.text: question.region for question in assistant.questions}
    assert regions == {"问一": "潢川县", "问二": None, "问三": None}


def test_a_chat_is_one_conversation_until_a_new_one(chat, bot_api, assistant):
    lines = ("问一", "问二", "/new", "问三", "/region 潢川", "问四", "/new", "/region 全部", "问五")
    chat(*lines, n_sent=9)
    asked = {question.text: question for question in assistant.questions}
    sessions = [asked[f"问{n}"].session_id for n in "一二三四五"]
    assert sessions[0] == sessions[1]
    assert sessions[2] == sessions[3]
    assert len(set(sessions)) == 3
    for session in sessions:
        assert parse_session(session).startswith("telegram.7.")
        assert len(session) >= len("telegram.7.") + 22
    assert [asked[f"问{n}"].region for n in "三四五"] == [None, "潢川县", None]
    texts = [message["text"] for message in bot_api.sent]
    assert "好的，新对话开始了，仍按潢川县的规定回答。请提问。" in texts
    assert "好的，不限地区，从新对话开始。" in texts


def test_questions_of_one_chat_are_answered_in_turn(chat, assistant):
    answer, answering = assistant.ask, []

    def ask_slowly(question):
        assert answering == []
        answering.append(question.text)
        time.sleep(0.05)
        assert answering.pop() == question.text
        return answer(question)

    assistant.ask = ask_slowly
    chat(*(f"问{n}" for n in range(6)), n_sent=6)
    assert [question.text for question in assistant.questions] == [f"问{n}" for n in range(6)]


def test_another_process_has_other_sessions(chat, assistant):
    chat("问一")
    chat("问二", n_sent=3)  # the stand-in hands out again what the first process has read
    assert [question.text for question in assistant.questions] == ["问一", "问一", "问二"]
    first, second, third = (question.session_id for question in assistant.questions)
    assert first != second == third


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/start", "这里是条问"),
        ("/help", "/region 潢川县"),
        ("/help", "/new —— 新对话"),
        ("/new", "好的，新对话开始了。请提问。"),
        ("/region", "现在的地区：全部地区"),
        ("/region 火星", "没有认出这个地区：火星"),
    ],
)
def test_commands(chat, command, words):
    (text,) = chat(command)
    assert words in text


def test_bad_question_gets_the_remedy(chat, assistant):
    assistant.script["x"] = RequestInvalid("问题太长", hint="请缩短")
    assert chat("x") == ["问题太长\n请缩短"]


def test_bug_is_logged_once_and_not_shown(chat, assistant, caplog):
    assistant.script["x"] = ZeroDivisionError("secret")
    assert chat("x") == ["出错了，已记录。请稍后再试。"]
    assert [r.name for r in caplog.records if r.levelname == "ERROR"] == ["assistant.surfaces.telegram"]


@pytest.mark.filterwarnings("ignore:.*retry_after.*")
def test_waits_when_told_to(chat, bot_api):
    bot_api.n_busy = 1
    assert len(chat("/help")) == 1


def test_wrong_token_is_a_setting_to_repair(bot_api, assistant):
    with pytest.raises(ConfigError, match="令牌"):
        run_bot(assistant, settings_for(bot_api, "123456:wrong-token"))


def test_no_token_is_a_setting_to_repair(assistant):
    with pytest.raises(ConfigError, match="没有设置"):
        run_bot(assistant, TelegramSettings())


def test_no_network_is_explained_without_the_token(assistant):
    settings = TelegramSettings(token=TOKEN, base_url="http://127.0.0.1:9/bot")
    with pytest.raises(ModelError, match="连不上 Telegram") as failure:
        run_bot(assistant, settings)
    assert TOKEN not in str(failure.value)
