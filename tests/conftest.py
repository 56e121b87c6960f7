"""Shared by all tests: a quiet environment, no network but loopback, the real corpus indexed once."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

from assistant.config import PREFIX, Settings, StoreSettings

if TYPE_CHECKING:
    from assistant.app import Assistant, BuildReport

# The same examples in every run: a failure in CI is a failure everywhere.
hypothesis.settings.register_profile("ci", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("ci")


@pytest.fixture(scope="session", autouse=True)
def _quiet_environment() -> Iterator[None]:
    """No settings of the person who runs the tests, no downloads by model libraries."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            patch.delenv(name)
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """A connection that would leave this machine fails the test that makes it."""
    connect, connect_ex, resolve = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded_connect(sock, address):
        _refuse_remote(sock, address)
        return connect(sock, address)

    def guarded_connect_ex(sock, address):
        _refuse_remote(sock, address)
        return connect_ex(sock, address)

    def guarded_resolve(host, *args, **kwargs):
        if not _is_local(host):
            pytest.fail(f"a test looks up {host!r}")
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        yield


def _refuse_remote(sock: socket.socket, address: object) -> None:
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
        pytest.fail(f"a test connects to {address!r}")


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    return name in (None, "", "localhost", "::1", "0.0.0.0") or str(name).startswith("127.")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The defaults, with index folder and store of this run; whatever environment and `.env` say."""
    folder = tmp_path_factory.mktemp("real")
    store = StoreSettings(url=f"sqlite:///{folder / 'tiaowen.db'}")
    return Settings(_env_file=None, index_dir=folder / "indexes", store=store)


@pytest.fixture(scope="session")
def build_report(settings: Settings) -> BuildReport:
    """What building the index of the shipped corpus did; the index lies in `settings.index_dir`."""
    from assistant.app import build_indexes

    return build_indexes(settings)


@pytest.fixture(scope="session")
def real_assistant(settings: Settings, build_report: BuildReport) -> Assistant:
    """The assistant over the shipped corpus."""
    from assistant.app import open_assistant

    return open_assistant(settings)
