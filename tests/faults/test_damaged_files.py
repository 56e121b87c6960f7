"""Files of the index damaged under a running server: it answers on, with nothing but right answers, and says so when it opens again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from assistant.surfaces.startup import RELOAD_SECONDS
from tests.faults.conftest import Place


def flip_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    with path.open("rb+") as file:  # in place: the file that the server may have open
        file.write(content)


def cut_short(path: Path) -> None:
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 2)


def empty(path: Path) -> None:
    with path.open("rb+") as file:
        file.truncate(0)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "bit flipped": flip_bit,
    "cut short": cut_short,
    "emptied": empty,
    "deleted": Path.unlink,
}


def _read_amount(reply) -> int:
    assert reply.status_code == 200, reply.text
    (found,) = re.findall(r"每人每天(\d+)元", reply.json()["text"])
    return int(found)


def _newest(place: Place) -> Path:
    return place.index / (place.index / "CURRENT").read_text("ascii").split()[0]


def test_every_file_damaged_in_every_way_under_a_running_server(place, serve):
    """It answers as before from what it has opened; the next start serves the generation before, with a warning."""
    place.write_amount(2)
    assert place.build().returncode == 0
    server = serve(place)
    before = server.ask().json()
    assert _read_amount(server.ask()) == 2
    files = sorted(path for path in _newest(place).rglob("*") if path.is_file() and path.stat().st_size)
    assert len(files) >= 12
    for path in files:
        whole = path.read_bytes()
        for damage in DAMAGES.values():
            path.write_bytes(whole)
            damage(path)
            after = server.ask().json()
            assert (after["text"], after["citations"]) == (before["text"], before["citations"]), path
    assert server.client.get("/v1/search", params={"q": "每班人数"}).status_code == 200
    assert server.process.poll() is None
    server.kill()
    again = serve(place)
    assert _read_amount(again.ask()) == 1
    (warning, *_) = again.client.get("/readyz").json()["warnings"]
    assert "已改用旧索引" in warning
    assert "tiaowen index" in warning


def test_a_current_that_is_damaged_while_serving(place, serve):
    server = serve(place)
    before = server.ask().json()
    current = place.index / "CURRENT"
    for content in (b"", b"0123456789abcdef\n", b"\xff\xfe\x00", None):
        current.unlink() if content is None else current.write_bytes(content)
        time.sleep(RELOAD_SECONDS)
        after = server.ask()
        assert after.status_code == 200
        assert after.json()["text"] == before["text"]


def test_no_good_generation_left_at_the_start_is_told(place, serve):
    for path in place.index.glob("*/corpus.json"):
        empty(path)
    server = serve(place)
    reply = server.ask()
    assert reply.status_code == 503
    assert "tiaowen index" in reply.json()["hint"]
    assert place.build().returncode == 0
    assert _read_amount(server.ask()) == 1
