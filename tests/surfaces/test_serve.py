"""`tiaowen serve`: the index is built first where there is none, and a taken port is explained."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import assistant.app
from assistant.app import BuildReport
from assistant.config import Settings
from assistant.errors import ConfigError, CorpusError, IndexMissing
from assistant.surfaces.cli_serve import listen, page_address
from assistant.surfaces.startup import AssistantHolder, open_or_build


def test_index_is_built_only_where_there_is_none(new_assistant, monkeypatch, capsys):
    built = []

    def open_assistant(settings):
        if not built:
            raise IndexMissing("还没有建立索引", hint="运行 tiaowen index")
        return new_assistant()

    def build_indexes(settings, progress):
        built.append(settings)
        return BuildReport("g-1", 2, 9, 9, False, 1.0, ())

    monkeypatch.setattr(assistant.app, "open_assistant", open_assistant)
    monkeypatch.setattr(assistant.app, "build_indexes", build_indexes)
    holder = open_or_build(Settings())
    assert holder() is holder()
    assert "正在建立索引" in capsys.readouterr().err
    open_or_build(Settings())
    assert len(built) == 1


def test_corpus_that_cannot_be_indexed_is_not_hidden(monkeypatch):
    def fail(settings, progress=None):
        raise CorpusError("语料里没有可用的文件")

    def missing(settings):
        raise IndexMissing("还没有建立索引")

    monkeypatch.setattr(assistant.app, "open_assistant", missing)
    monkeypatch.setattr(assistant.app, "build_indexes", fail)
    with pytest.raises(CorpusError, match="没有可用的文件"):
        open_or_build(Settings())


def test_holder_tries_again_after_a_failure(new_assistant, monkeypatch):
    outcomes = [IndexMissing("还没有建立索引"), new_assistant()]

    def open_assistant(settings):
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(assistant.app, "open_assistant", open_assistant)
    holder = AssistantHolder(Settings())
    with pytest.raises(IndexMissing):
        holder()
    assert holder().corpus_version
    assert outcomes == []


@pytest.mark.parametrize("host", ["127.0.0.1", "203.0.113.7"], ids=["port taken", "foreign address"])
def test_address_that_cannot_be_used_is_explained(host):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ConfigError, match="不能在") as failure,
    ):
        listen(host, taken.getsockname()[1])
    assert "--port" in failure.value.hint


def test_page_address_is_one_a_browser_can_open():
    with listen("0.0.0.0", 0) as listener:
        assert page_address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_serve_without_an_index_starts_and_stops_quietly(tmp_path):
    root = Path(assistant.app.__file__).parents[2]
    own = {
        "TIAOWEN_INDEX_DIR": str(tmp_path),
        "TIAOWEN_STORE__URL": f"sqlite:///{tmp_path / 'tiaowen.db'}",
        "PYTHONUNBUFFERED": "1",
    }
    environment = {**os.environ, **own}
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", "--no-build"]
    process = subprocess.Popen(
        command, cwd=root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        line = process.stdout.readline()
        address = line.split("：")[1].split("（")[0]
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"{address}healthz", timeout=5) as reply:
                assert reply.status == 200
            break
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}readyz", timeout=20)
        assert refused.value.code == 503
        assert "tiaowen index" in refused.value.read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors
