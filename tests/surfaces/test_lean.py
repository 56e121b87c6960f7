"""A process that runs for long has few pools of memory, however many threads it has."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

_ALLOCATING = """
import ctypes, threading
from assistant.surfaces.lean import bound_pools
{call}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
barrier = threading.Barrier(12)

def allocate():
    barrier.wait()
    for _ in range(200):
        libc.malloc(ctypes.c_size_t(1000))
    barrier.wait()

threads = [threading.Thread(target=allocate) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_stats()
"""


def _count_pools(call: str) -> int:
    code = _ALLOCATING.format(call=call)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr.count("Arena ")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc 以外没有这样的内存池")
def test_a_server_has_two_pools_however_many_threads():
    assert _count_pools("") > 2
    assert _count_pools("bound_pools()") <= 2


@pytest.mark.parametrize(("before", "after"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_a_server_multiplies_without_threads_unless_told_otherwise(before, after):
    code = "from assistant.surfaces.lean import bound_pools; bound_pools(); import os; print(os.environ['OPENBLAS_NUM_THREADS'])"
    rest = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**rest, **before}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == after
