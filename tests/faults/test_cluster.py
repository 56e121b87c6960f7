"""Two API processes on PostgreSQL, Redis and a Chroma server: one is killed, the index changes, what they share goes and comes back."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.conftest import IS_FULL, QUESTION, REGION, ROOT, Load, Place, free_port

POSTGRESQL = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1/test")
N_CLIENTS = 4
WAIT_SECONDS = 60


class Gate:
    """A TCP proxy to one address that can be shut, so that a server of others goes away for us alone."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = free_port()
        self._sockets: list[socket.socket] = []
        self._server: socketserver.ThreadingTCPServer | None = None

    def open(self) -> None:
        gate = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError), socket.create_connection(gate._target) as there:
                    gate._sockets += [self.request, there]
                    back = threading.Thread(target=_pump, args=(there, self.request), daemon=True)
                    back.start()
                    _pump(self.request, there)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def shut(self) -> None:
        """Refuse what comes, cut what is open."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.socket.close()
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()
        self._server = None


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for sock in (source, target):
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


class Service:
    """A server of our own that is stopped and started again on the same port."""

    def __init__(self, command: list[str], port: int, heartbeat: str = "") -> None:
        self._command = command
        self.port = port
        self._heartbeat = heartbeat
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._is_up, "the service did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _is_up(self) -> bool:
        with suppress(OSError, httpx.HTTPError), socket.create_connection(("127.0.0.1", self.port), 1):
            if self._heartbeat:
                httpx.get(f"http://127.0.0.1:{self.port}{self._heartbeat}", timeout=5).raise_for_status()
            return True
        return False


def wait_until(is_so: Callable[[], Any], complaint: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.1)


class Cluster:
    """Everything, and a client that goes to the next process where one does not take its request."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self.folder = folder
        self.ports = [free_port(), free_port()]
        self.processes: list[subprocess.Popen[bytes] | None] = [None, None]
        self.gate: Gate
        self.redis: Service
        self.chroma: Service
        self.database = ""

    @property
    def environment(self) -> dict[str, str]:
        address = re.sub(r"@[^/]+/.*", f"@127.0.0.1:{self.gate.port}/{self.database}", POSTGRESQL)
        return self.place.environment | {
            "TIAOWEN_STORE__URL": address,
            "TIAOWEN_LIMITS__STORAGE": f"redis://127.0.0.1:{self.redis.port}/0",
            "TIAOWEN_LIMITS__ASK": "100000/minute",
            "TIAOWEN_RETRIEVAL__CHROMA_URL": f"http://127.0.0.1:{self.chroma.port}",
        }

    def build(self) -> None:
        command = [sys.executable, "-m", "assistant", "index"]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stderr

    def start(self, number: int) -> None:
        command = [
            sys.executable,
            "-m",
            "assistant",
            "serve",
            "--no-build",
            "--port",
            str(self.ports[number]),
        ]
        with (self.folder / "errors.txt").open("ab") as errors:
            self.processes[number] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=errors
            )
        wait_until(lambda: self._is_ready(number), "the server did not start")

    def _is_ready(self, number: int) -> bool:
        with suppress(httpx.TransportError):
            return self.ready(number)["status"] == "ready"
        return False

    def ready(self, number: int) -> dict[str, Any]:
        body: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.ports[number]}/readyz", timeout=20).json()
        return body

    def kill(self, number: int) -> None:
        process = self.processes[number]
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()

    def ask(self, number: int, text: str = QUESTION, **fields: Any) -> dict[str, Any]:
        body = {"question": text, "region": REGION, "as_of": "2021-12-31", **fields}
        reply = httpx.post(f"http://127.0.0.1:{self.ports[number]}/v1/ask", json=body, timeout=30)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def wait_for(self, degraded: list[str]) -> None:
        """Wait until both processes say that exactly this is away, asking meanwhile as people do."""

        def is_so() -> bool:
            for number in (0, 1):
                assert self.ask(number)["status"] == "answered"
            return all(self.ready(number)["degraded"] == degraded for number in (0, 1))

        wait_until(is_so, f"not {degraded}: {[self.ready(n) for n in (0, 1)]}")

    def end(self) -> None:
        for process in self.processes:
            if process is not None:
                process.kill()
                process.wait()
        for service in (self.redis, self.chroma):
            service.stop()
        self.gate.shut()


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg")
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as exc:
        pytest.skip(f"needs a PostgreSQL server: {exc}")
    name = f"tiaowen_{secrets.token_hex(6)}"
    with closing(connection):
        connection.execute(f"CREATE DATABASE {name}")
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def cluster(built_place: Place, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    redis = shutil.which("redis-server") or pytest.skip("needs redis-server")
    beside = str(Path(sys.executable).parent)
    chroma = shutil.which("chroma", path=beside) or pytest.skip("needs the chroma command")
    folder = tmp_path_factory.mktemp("cluster")
    place = Place(folder / "place")
    shutil.copytree(built_place.folder, place.folder)
    made = Cluster(place, folder)
    made.database = database
    found = httpx.URL(POSTGRESQL)
    made.gate = Gate(found.host, found.port or 5432)
    made.gate.open()
    port = free_port()
    made.redis = Service([redis, "--port", str(port), "--save", "", "--bind", "127.0.0.1"], port)
    port = free_port()
    command = [chroma, "run", "--path", str(folder / "chroma"), "--port", str(port)]
    made.chroma = Service(command, port, "/api/v2/heartbeat")
    try:
        made.redis.start()
        made.chroma.start()
        made.build()
        for number in (0, 1):
            made.start(number)
        yield made
    finally:
        made.end()


class Client:
    """Asks one process, the next where the connection is not taken; counts what was cut while under way."""

    def __init__(self, cluster: Cluster, number: int) -> None:
        self._cluster = cluster
        self._now = number % 2
        self._clients = [
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) for port in cluster.ports
        ]
        self._session = f"client-{number}-{secrets.token_hex(4)}"
        self.n_answers = 0
        self.n_cut = 0
        self.n_refused = 0
        self.answers: list[dict[str, Any]] = []

    def work(self) -> None:
        body = {"question": QUESTION, "region": REGION, "as_of": "2021-12-31", "session_id": self._session}
        for _ in range(3):
            try:
                reply = self._clients[self._now].post("/v1/ask", json=body)
            except httpx.ConnectError:
                self.n_refused += 1  # nothing was sent: the same request goes to the other
            except httpx.TransportError:
                self.n_cut += 1
            else:
                assert reply.status_code == 200, reply.text
                self.n_answers += 1
                self.answers.append(reply.json())
                return
            self._now = 1 - self._now
        pytest.fail("no process took a request")


def test_one_of_two_processes_is_killed_under_load(cluster):
    for _ in range(20 if IS_FULL else 1):
        clients = [Client(cluster, i) for i in range(N_CLIENTS)]
        with Load(lambda i, clients=clients: clients[i].work(), N_CLIENTS):
            wait_until(lambda clients=clients: all(c.n_answers > 2 for c in clients), "nobody answers")
            cluster.kill(0)
            before = sum(c.n_answers for c in clients)
            wait_until(
                lambda clients=clients, before=before: sum(c.n_answers for c in clients) > before + 20,
                "the other process does not answer",
            )
        # Each client has one request under way at a time, and half of them were with the process that was killed.
        assert all(c.n_cut <= 1 for c in clients)
        assert not any("没有保存" in notice for c in clients for a in c.answers for notice in a["notices"])
        cluster.start(0)


def test_answers_name_one_corpus_while_the_index_changes(cluster):
    clients = [Client(cluster, i) for i in range(N_CLIENTS)]
    n_builds = 10 if IS_FULL else 2
    with Load(lambda i: clients[i].work(), N_CLIENTS):
        for amount in range(2, 2 + n_builds):
            cluster.place.write_amount(amount)
            cluster.build()
            wait_until(
                lambda amount=amount: all(
                    f"每人每天{amount}元" in c.answers[-1]["text"] for c in clients if c.answers
                ),
                "the new index does not serve",
            )
    answers = [answer for client in clients for answer in client.answers]
    amounts: dict[str, set[str]] = {}
    for answer in answers:
        (amount,) = set(re.findall(r"每人每天(\d+)元", answer["text"]))
        quotes = "".join(citation["quote"] for citation in answer["citations"])
        assert f"{amount}元" in quotes
        amounts.setdefault(answer["corpus_version"], set()).add(amount)
    assert all(len(found) == 1 for found in amounts.values()), amounts
    assert len(amounts) >= n_builds
    assert all(c.n_cut == c.n_refused == 0 for c in clients)


def test_redis_goes_and_comes_back(cluster):
    cluster.redis.stop()
    cluster.wait_for(["limits"])
    cluster.redis.start()
    cluster.wait_for([])


def test_chroma_goes_and_comes_back(cluster):
    whole = cluster.ask(0)
    cluster.chroma.stop()
    cluster.wait_for(["vectors"])
    assert cluster.ask(0)["text"] == whole["text"]
    cluster.chroma.start()
    cluster.wait_for([])


def test_postgresql_goes_and_comes_back(cluster):
    session = f"cut-{secrets.token_hex(4)}"
    cluster.ask(0, session_id=session)
    cluster.gate.shut()
    cluster.wait_for(["store"])
    away = cluster.ask(1, session_id=session)
    assert away["status"] == "answered"
    assert any("保存" in notice or "记录" in notice for notice in away["notices"]), away["notices"]
    cluster.gate.open()
    cluster.wait_for([])
    back = cluster.ask(1, session_id=session)
    assert not any("没有保存" in notice for notice in back["notices"])


def test_turns_of_one_conversation_on_both_processes_are_kept(cluster):
    session = f"both-{secrets.token_hex(4)}"
    said = {"我们班78个学员": "class_size", "教师5名": "teachers", "60课时": "class_hours"}
    threads = [
        threading.Thread(target=cluster.ask, args=(i % 2, text), kwargs={"session_id": session})
        for i, text in enumerate(said)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = cluster.ask(0, "能开班吗？", session_id=session)
    stated = {fact for check in last["decision"]["checks"] for fact in check["facts"]}
    assert {"class_size", "teachers"} <= stated
