"""The build lock and the durable steps by which a new index generation takes over.

The lock is the operating system's: it dies with its process, a file that merely exists would not.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import StoreError
from assistant.retrieval.generation import CURRENT

BUILDING = ".building-"
"""How the name of an unfinished generation's folder begins."""

_LOCK = "build.lock"


class BuildRunning(StoreError):
    """Another process writes the folder now."""


@contextmanager
def lock_builds(index_dir: Path) -> Iterator[None]:
    """Hold the build lock of a folder, which is made where it is missing.

    Raises:
        BuildRunning: another process holds it.
    """
    from filelock import FileLock, Timeout

    index_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(index_dir / _LOCK, timeout=0):
            yield
    except Timeout as exc:
        raise BuildRunning(
            f"另一个进程正在建立索引：{index_dir}", hint="等它结束后再运行 tiaowen index"
        ) from exc


@contextmanager
def map_disk_faults(index_dir: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error an operator understands.

    Raises:
        StoreError: the disk is full, or the folder cannot be written.
    """
    try:
        yield
    except OSError as exc:
        raise StoreError(
            f"写不了索引目录 {index_dir}：{exc.strerror or exc}",
            hint="检查磁盘空间和目录权限；原来的索引没有改动",
        ) from exc


def remove_leftovers(index_dir: Path) -> None:
    """Remove what dead builds left; under the lock no build is alive."""
    for path in index_dir.glob(f"{BUILDING}*"):
        shutil.rmtree(path, ignore_errors=True)
    (index_dir / f"{CURRENT}.new").unlink(missing_ok=True)


def write_current(index_dir: Path, names: Sequence[str]) -> None:
    """Name the good generations, newest first, in one step that survives a power cut."""
    fresh = index_dir / f"{CURRENT}.new"
    fresh.write_text("".join(f"{name}\n" for name in names), encoding="ascii")
    _sync_file(fresh)
    fresh.replace(index_dir / CURRENT)
    sync_folder(index_dir)


def sync_tree(folder: Path) -> None:
    """Write a folder and all in it to disk."""
    for path in folder.rglob("*"):
        sync_folder(path) if path.is_dir() else _sync_file(path)
    sync_folder(folder)


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Write a folder's entries to disk, where the system can (Windows cannot open a folder)."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
