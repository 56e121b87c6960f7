"""Keeps a process small that runs for long: a server, and a bot that waits most of the time.

The allocator of glibc keeps what it has once had, in a pool for each few threads, for speed that threads which take turns
have no use for. A server with two pools stays where it is under load, instead of growing by a third; a bot told to have one
and to hand large pieces back holds a sixth less. Elsewhere nothing happens.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os

# <malloc.h>
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE_BYTES = 128 * 1024
_N_SERVER_POOLS = 2


def bound_pools() -> None:
    """Have few pools, and no threads within a product of vectors; to be called before threads and numpy are there.

    A question multiplies small matrices: threads that wait for each other there take twice the processor's time and
    answer a third later.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with contextlib.suppress(OSError, AttributeError, TypeError):  # no glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _N_SERVER_POOLS)


def spare_memory() -> None:
    """To be called before anything large is loaded."""
    with contextlib.suppress(OSError, AttributeError, TypeError):  # no glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def release_memory() -> None:
    """Hand back what was only needed while everything was being loaded."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # no glibc
        ctypes.CDLL(None).malloc_trim(0)
