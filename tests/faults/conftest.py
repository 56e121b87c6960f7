"""Real processes of the program over corpora, indexes and stores of their own, to be killed, starved and damaged.

`TEST_FAULTS=full` runs as many kills as are promised; without it a handful, which fit into CI.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.config import Settings, StoreSettings, data_dir

ROOT = Path(__file__).resolve().parents[2]
IS_FULL = os.environ.get("TEST_FAULTS") == "full"
QUESTION = "跨县培训的交通补助每人每天多少元？"
REGION = "潢川县"
STARTED_SECONDS = 60


@dataclass
class Place:
    """A corpus with one document that changes, the index built from it, and the store."""

    folder: Path

    @property
    def corpus(self) -> Path:
        return self.folder / "corpus"

    @property
    def index(self) -> Path:
        return self.folder / "indexes"

    @property
    def database(self) -> Path:
        return self.folder / "tiaowen.db"

    @property
    def settings(self) -> Settings:
        store = StoreSettings(url=f"sqlite:///{self.database}")
        return Settings(_env_file=None, corpus_dir=self.corpus, index_dir=self.index, store=store)

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "TIAOWEN_CORPUS_DIR": str(self.corpus),
            "TIAOWEN_INDEX_DIR": str(self.index),
            "TIAOWEN_STORE__URL": f"sqlite:///{self.database}",
            "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1",  # a server that stands still says where, if it is sent SIGABRT
        }
        unlimited = {f"TIAOWEN_LIMITS__{name}": "" for name in ("ASK", "SESSION", "SEARCH")}
        return {**os.environ, **own, **unlimited}

    def write_amount(self, amount: int) -> None:
        """Change the one document: it says this amount now."""
        folder = self.corpus / "documents" / "traffic-allowance"
        folder.mkdir(exist_ok=True)
        text = f"潢川县交通补助办法\n\n第一条　跨县培训的交通补助为每人每天{amount}元。\n"
        (folder / "source.txt").write_text(text, encoding="utf-8")

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start `tiaowen` with a command, in a process of its own."""
        whole = [sys.executable, "-m", "assistant", *command]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.Popen(whole, cwd=ROOT, text=True, **({"env": self.environment} | pipes))

    def build(self, **options: Any) -> subprocess.CompletedProcess[str]:
        """Build the index to its end, in a process of its own."""
        with self.start("index", **options) as process:
            out, errors = process.communicate(timeout=180)
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


@pytest.fixture(scope="session")
def built_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The shipped corpus and the changing document, which says 1; indexed. Not to be changed."""
    place = Place(tmp_path_factory.mktemp("faults"))
    shutil.copytree(data_dir("corpus"), place.corpus)
    place.write_amount(1)
    assert place.build().returncode == 0
    return place


@pytest.fixture
def place(built_place: Place, tmp_path: Path) -> Place:
    """The same, to do with as one likes."""
    copied = Place(tmp_path / "place")
    shutil.copytree(built_place.folder, copied.folder)
    return copied


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """`tiaowen serve` in a process of its own."""

    place: Place
    port: int
    process: subprocess.Popen[str]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def open(self) -> None:
        """Wait until it has opened the index."""
        try:
            assert self.client.get("/readyz").status_code == 200
        except httpx.TimeoutException:
            self.process.send_signal(signal.SIGABRT)
            raise

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + STARTED_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the server ended"
            with suppress(httpx.TransportError):
                self.client.get("/healthz")
                return
            time.sleep(0.02)
        pytest.fail("the server did not start")

    def ask(self, question: str = QUESTION, **fields: Any) -> httpx.Response:
        body = {"question": question, "region": REGION, "as_of": "2021-12-31", **fields}
        return self.client.post("/v1/ask", json=body)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it politely; gives its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=30)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers and ends them; what they say on standard error lies in `errors.txt`."""
    with ExitStack() as stack:
        errors = stack.enter_context((tmp_path / "errors.txt").open("a+", encoding="utf-8"))

        def start(place: Place, port: int = 0) -> Server:
            port = port or free_port()
            command = ("serve", "--port", str(port), "--no-build")
            process = place.start(*command, stdout=subprocess.DEVNULL, stderr=errors)
            server = Server(place, port, process)
            stack.callback(server.client.close)
            stack.callback(_end, process)
            server.wait()
            return server

        yield start


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


class Load:
    """Threads that do something over and over until told to stop; what one raises ends the test."""

    def __init__(self, work: Callable[[int], None], n_threads: int) -> None:
        self._is_over = threading.Event()
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(work, i)) for i in range(n_threads)]

    def _run(self, work: Callable[[int], None], number: int) -> None:
        try:
            while not self._is_over.is_set():
                work(number)
        except httpx.TransportError:
            return  # the server was killed
        except BaseException as exc:  # noqa: BLE001 - told by the test that started it
            self.failures.append(exc)

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        if self.failures:
            raise self.failures[0]


@pytest.fixture
def load() -> type[Load]:
    return Load


@pytest.fixture
def n_kills() -> int:
    return 100 if IS_FULL else 2
