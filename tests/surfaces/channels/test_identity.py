"""Telegram and WeCom say what the assistant says: same sentences, same clauses, same status, question by question.

What is compared is not what the renderer makes of an answer but what a reader is shown: the messages are read back into
sentences and citations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import NamedTuple

import pytest

from assistant.config import LimitSettings, StoreSettings, TelegramSettings
from assistant.models import Answer, Question
from assistant.surfaces.channels.clauses import shorten_clause
from assistant.surfaces.channels.manner import Clock
from assistant.surfaces.channels.pace import Pace
from assistant.surfaces.schema import FOOTER, flow
from assistant.surfaces.telegram.poll import BotParts
from assistant.surfaces.throttle import Throttle
from tests.standins.telegram_api import TOKEN, serving
from tests.surfaces.conftest import TODAY
from tests.surfaces.telegram.conftest import running

DEV = Path(__file__).resolve().parents[3] / "evals" / "cases" / "dev.jsonl"
TITLES = {"没有找到依据": "refused", "还需要补充": "needs_info"}


class Case(NamedTuple):
    """What one asker says, message after message."""

    id: str
    region: str
    messages: tuple[str, ...]


def read_cases() -> list[Case]:
    """Every fourth case and one of each kind; those with a history are conversations."""
    rows = [json.loads(line) for line in DEV.read_text(encoding="utf-8").splitlines()]
    first = {row["kind"]: row for row in reversed(rows)}
    talks = [row for row in rows if row["history"]]
    chosen = {row["id"]: row for row in (*rows[::4], *talks, *first.values())}
    return [Case(r["id"], r["region"] or "全国", (*r["history"], r["question"])) for r in chosen.values()]


CASES = read_cases()


class Told(NamedTuple):
    """What a reader is shown: the sentences, the clauses by number with the document, the status."""

    text: str
    clauses: dict[int, str]
    status: str
    notices: tuple[str, ...]


def expected(answer: Answer) -> Told:
    clauses = {
        c.n: f"{c.clause}《{flow(c.title).strip('《》')}》{c.number}（{c.region}）" for c in answer.citations
    }
    return Told(squeeze(answer.text), clauses, answer.status, tuple(squeeze(n) for n in answer.notices))


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def read_back(messages: list[str]) -> Told:
    """Messages as shown → the sentences and the citations; what is neither is told by its form."""
    sentences, clauses, notices, status = [], {}, [], "answered"
    for message in messages:
        for block in message.split("\n\n"):
            cited = re.fullmatch(r"\[(\d+)\] (.+?)[\n　](《.+》.*（.+）)\n.+", block, re.DOTALL)
            title = block.strip("【】")
            if cited:
                clauses[int(cited[1])] = cited[2] + cited[3]
            elif title in TITLES:
                status = TITLES[title]
            elif block.startswith("提示：") or FOOTER in block:
                notices += re.findall(r"^提示：(.+)$", block, re.MULTILINE)
            else:
                sentences.append(block)
    return Told(squeeze("".join(sentences)), clauses, status, tuple(squeeze(n) for n in notices))


@pytest.fixture(scope="module")
def with_store(real_assistant, tmp_path_factory):
    """The shipped corpus, with a store of its own."""

    def make(name: str):
        mine = copy(real_assistant)
        store = StoreSettings(url=f"sqlite:///{tmp_path_factory.mktemp(name) / 'tiaowen.db'}")
        mine.settings = real_assistant.settings.model_copy(update={"store": store})
        return mine

    return make


@pytest.fixture(scope="module")
def oracle(with_store):
    """What the assistant itself says, case by case."""
    assistant = with_store("oracle")

    def ask(case: Case) -> list[Answer]:
        return [assistant.ask(Question(t, TODAY, case.region, session_id=case.id)) for t in case.messages]

    return {case.id: ask(case) for case in CASES}


@pytest.fixture(scope="module")
def telegram(with_store) -> Iterator[object]:
    assistant = with_store("telegram")
    with serving() as api:
        settings = TelegramSettings(token=TOKEN, base_url=api.address)
        pace = Pace(Throttle(LimitSettings(chat="")))
        parts = BotParts(lambda: assistant, settings, pace, Clock(today=lambda: TODAY))
        with running(parts):
            yield api


def has_ended(shown) -> bool:
    return any(FOOTER in message["text"] for message in shown)


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES, 1)), ids=[case.id for case in CASES])
def test_telegram_says_the_same(number, case, telegram, oracle):
    telegram.say(f"/region {case.region}", number)
    assert telegram.wait_until(lambda: telegram.texts(number))
    for text, answer in zip(case.messages, oracle[case.id], strict=True):
        n_before = len(telegram.texts(number))

        def mine(n_before=n_before):
            return [m for m in telegram.shown if m["chat"]["id"] == number][n_before:]

        telegram.say(text, number)
        assert telegram.wait_until(lambda mine=mine: has_ended(mine()))
        assert read_back([m["text"] for m in mine()]) == expected(answer)
        pressed = [
            button["callback_data"]
            for message in mine()
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
        ]
        offered = [data.removeprefix("c:") for data in pressed if data.startswith("c:")]
        assert offered == list(dict.fromkeys(shorten_clause(c.clause_id) for c in answer.citations))


@pytest.fixture
def wecom(with_store, connect):
    return connect(with_store("wecom"), can_write=False)


def ask_wecom(wecom, text: str, user: str) -> list[str]:
    """All that is said, read on to its end."""
    texts = [wecom.ask(text, user)]
    while "回复“继续”查看" in texts[-1]:
        texts.append(wecom.ask("继续", user))
    hints = r"(?:^|\n)(?:还有 \d+ 条，回复“继续”查看。|可以回复：.*|回复“条款 1”看.*)$"
    for _ in range(3):
        texts = [re.sub(hints, "", text) for text in texts]
    return texts


def test_wecom_says_the_same(wecom, oracle):
    for case in CASES:
        wecom.ask(f"地区 {case.region}", case.id)
        for text, answer in zip(case.messages, oracle[case.id], strict=True):
            told = ask_wecom(wecom, text, case.id)
            assert all(len(part.encode()) <= 2048 for part in told)
            assert read_back(told) == expected(answer), case.id


def test_cases_are_of_all_kinds(oracle):
    assert len(CASES) >= 30
    assert sum(len(case.messages) > 1 for case in CASES) >= 3
    statuses = {answer.status for answers in oracle.values() for answer in answers}
    assert statuses == {"answered", "needs_info", "refused"}
