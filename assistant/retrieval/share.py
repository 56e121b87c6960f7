"""Generations for several machines: a folder that all of them see, a copy of its newest on each of them.

A build is published there: copied aside, synced, renamed, and only then named in the folder's own CURRENT. Every other
machine looks at that file from time to time, copies what it lacks beside its own indexes, checks the SHA-256 of each
file against the manifest, whose own digest is the generation's name, and only then switches. So a machine answers from
files of its own, whatever becomes of the shared folder meanwhile, and never from half of a generation.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from assistant.errors import IndexStale, StoreError, TiaowenError
from assistant.retrieval import generation
from assistant.retrieval.atomic import (
    BUILDING,
    BuildRunning,
    lock_builds,
    map_disk_faults,
    remove_leftovers,
    sync_folder,
    sync_tree,
    write_current,
)

logger = logging.getLogger(__name__)


def publish_generation(index_dir: Path, share: Path, n_kept: int) -> str | None:
    """Put the generation that serves into the shared folder, where it is not named first there already.

    Args:
        share: made where it is missing.
        n_kept: how many generations stay there.

    Returns:
        Its name; None where there was nothing to do.

    Raises:
        StoreError: the folder cannot be written, or another machine publishes right now.
        IndexStale: the generation is damaged.
    """
    names = generation.read_current(index_dir)
    if not names or generation.read_current(share)[:1] == names[:1]:
        return None
    with map_disk_faults(share), lock_builds(share):
        remove_leftovers(share)
        _take_over(index_dir, share, names[0], n_kept)
    return names[0]


def fetch_generation(index_dir: Path, share: Path, n_kept: int) -> str | None:
    """Bring the newest shared generation here and switch to it.

    Args:
        n_kept: how many generations stay here.

    Returns:
        Its name; None where it is the one that serves here, or none is shared.

    Raises:
        BuildRunning: another process fetches it now.
        StoreError: the folder here cannot be written, or the shared one not be read.
        IndexStale: a file of it did not arrive whole; the former generation goes on serving.
    """
    if not has_newer(index_dir, share):
        return None
    with map_disk_faults(index_dir), lock_builds(index_dir):
        remove_leftovers(index_dir)
        name = generation.read_current(share)[0]
        _take_over(share, index_dir, name, n_kept)
    return name


def has_newer(index_dir: Path, share: Path) -> bool:
    """Whether another generation than the one that serves here is shared."""
    shared = generation.read_current(share)[:1]
    return bool(shared) and generation.read_current(index_dir)[:1] != shared


def follow_share(index_dir: Path, share: Path, n_kept: int) -> None:
    """Fetch what is new; what stands in the way is logged, and what serves goes on serving."""
    try:
        name = fetch_generation(index_dir, share, n_kept)
    except BuildRunning:
        return
    except TiaowenError as exc:
        logger.warning("the shared index was not taken over: %s", exc.message)
        return
    if name is not None:
        logger.info("the shared index %s was taken over", name)


def _take_over(source: Path, target: Path, name: str, n_kept: int) -> None:
    """Copy a generation from one folder to another, check it there, name it first."""
    if not _is_whole(target / name):
        copied = target / f"{BUILDING}{os.getpid()}"
        try:
            _copy(source / name, copied)
            if (target / name).exists():
                (target / name).rename(target / f"{BUILDING}{os.getpid()}-former")
            copied.rename(target / name)
            sync_folder(target)
        finally:
            shutil.rmtree(copied, ignore_errors=True)
    kept = list(dict.fromkeys([name, *generation.read_current(target)]))[:n_kept]
    write_current(target, kept)
    for old in generation.list_generations(target):
        if old not in kept:
            shutil.rmtree(target / old, ignore_errors=True)
    remove_leftovers(target)


def _copy(source: Path, copied: Path) -> None:
    """Copy a generation's files, and make sure that they are what its manifest says.

    Raises:
        IndexStale: a file is missing or damaged, at its source or on the way.
        StoreError: one folder cannot be read, or the other not be written.
    """
    manifest = generation.read_manifest(source)
    try:
        shutil.copytree(source, copied)
    except OSError as exc:
        raise StoreError(
            f"从 {source.parent} 复制索引到 {copied.parent} 时出错：{exc.strerror or exc}",
            hint="检查共享目录有没有挂上、磁盘空间和目录权限；原来的索引没有改动",
        ) from exc
    if (copied / generation.MANIFEST).read_bytes() != manifest.encode():
        raise IndexStale(f"索引 {source.name} 的 {generation.MANIFEST} 已损坏", hint=generation.REBUILD)
    generation.check_files(copied, manifest, source.name)
    sync_tree(copied)


def _is_whole(folder: Path) -> bool:
    try:
        generation.check_files(folder, generation.read_manifest(folder), folder.name)
    except IndexStale:
        return False
    return True
