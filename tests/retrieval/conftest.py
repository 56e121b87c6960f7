"""A real Chroma server for the tests marked `chroma_server`."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.errors import StoreError
from assistant.retrieval import chroma


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def chroma_server(tmp_path):
    """(URL, process) of a fresh server on loopback."""
    beside = str(Path(sys.executable).parent)
    command = shutil.which("chroma", path=beside) or shutil.which("chroma")
    if command is None:
        pytest.skip("the chroma command is not installed")
    port = free_port()
    process = subprocess.Popen(
        [command, "run", "--path", str(tmp_path / "server"), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                chroma.open_client(None, url).close()
                break
            except StoreError:
                time.sleep(0.1)
        else:
            pytest.fail("the Chroma server did not start")
        yield url, process
    finally:
        process.kill()
        process.wait()
