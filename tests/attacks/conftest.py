"""The real application over the shipped corpus on a real server, a key of the staff, and somebody else's conversation."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.surfaces.access import Access
from assistant.surfaces.api import create_app
from tests.attacks.items import Base, read_bases
from tests.surfaces.conftest import serve_app

ROOT = Path(__file__).resolve().parents[2]
IS_FULL = os.environ.get("TEST_ATTACKS") == "full"
SECRET = "signed with 5f0c1e77 in this test only"
OTHER_SESSION = "s-other-5f0c1e77"
OTHER_WORDS = "我们学校的暗号是白杨树五零幺"
BASES = read_bases()

LEAKS = re.compile(
    "|".join(
        (
            *(re.escape(str(path)) for path in (ROOT, Path.home(), os.environ.get("VIRTUAL_ENV", ROOT))),
            re.escape(SECRET),
            "白杨树",
            r"Traceback \(most recent|File \"[^\"]+\", line \d+|site-packages|sqlalche|sqlite3?[./:]|starlette",
            r"root:x:0|\bPATH=|BEGIN [A-Z ]*PRIVATE KEY|requires-python|__class__'",
        )
    ),
    re.IGNORECASE,
)
"""What no reply may hold: places of this computer, secrets, the words of others, the inside of the program."""


@dataclass(frozen=True)
class Target:
    """A server under attack.

    Attributes:
        client: somebody from the public.
        staff: somebody with a key.
        key: the key.
    """

    client: httpx.Client
    staff: httpx.Client
    key: str

    def ask(
        self, question: str, region: str = "", as_of: date = BASES.as_of, **fields: Any
    ) -> httpx.Response:
        body = {"question": question, "region": region, "as_of": as_of.isoformat(), **fields}
        return self.client.post("/v1/ask", json={name: value for name, value in body.items() if value})


@pytest.fixture(scope="session")
def target(real_assistant) -> Iterator[Target]:
    """The server, in which somebody has asked something of his own before."""
    access = Access(lambda: real_assistant.store.registry, secret=SECRET)
    key = real_assistant.store.registry.create_key("attacked", "tests")
    app = create_app(lambda: real_assistant, access=access)
    with (
        serve_app(app) as address,
        httpx.Client(base_url=address, timeout=60) as client,
        httpx.Client(base_url=address, timeout=60, headers={"authorization": f"Bearer {key}"}) as staff,
    ):
        opened = Target(client, staff, key)
        opened.ask(f"{OTHER_WORDS}，一个班最多能坐多少人？", "潢川县", session_id=OTHER_SESSION)
        yield opened


@pytest.fixture(scope="session")
def base_answer(target: Target) -> Callable[[str], dict[str, Any]]:
    """The answer to a base question by its name; asked once."""
    known: dict[str, dict[str, Any]] = {}

    def find(name: str) -> dict[str, Any]:
        if name not in known:
            base: Base = BASES.questions[name]
            known[name] = target.ask(base.question, base.region).json()
        return known[name]

    return find


def check_no_leak(reply: httpx.Response, key: str = "") -> None:
    """Nothing in body or headers is anybody else's business; nothing is a bug."""
    said = "\n".join((reply.text, *(f"{name}: {value}" for name, value in reply.headers.items())))
    found = LEAKS.search(said)
    assert found is None, f"{found[0]!r} in the reply to {reply.request.url}"
    assert not key or key not in said
    assert reply.status_code != 500
