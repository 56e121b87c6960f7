"""One document of a corpus folder changes in one step, or not at all.

    corpus/history/.staged-<process>/    a change being prepared: change.json, files/
    corpus/history/.pending/             a change that counts; only its moves may be missing
    corpus/history/.undo.json            a change that is being taken back

A change counts from the moment its folder is renamed to `.pending`. What is left to do then are renames that may be
done again after a crash; whoever reads the corpus does them first (`hold_still`). Files of one change at a time: an
operating-system lock, which dies with its process.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from assistant.documents.versions import HISTORY, Change, record_path, version_folder
from assistant.errors import StoreError

STEPS = ("stage", "commit", "move-former", "move-new", "record", "settled")
"""The steps of a switch, as `Tell` is called before each."""

Tell = Callable[[str, int, int], None]
"""Called with the step, how much of it is done and how much there is."""

_STAGED, _PENDING, _UNDO = ".staged-", ".pending", ".undo.json"
_RECORD, _FILES, _TRASH = "change.json", "files", "trash"
_CHANGING, _SWITCHING = ".changes.lock", ".switch.lock"
_WAIT_S = 30.0


@contextmanager
def hold_changes(corpus_dir: Path) -> Iterator[None]:
    """Be the only one who changes documents, from the first file to the new index.

    Raises:
        StoreError: somebody else does, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    folder = corpus_dir / HISTORY
    try:
        folder.mkdir(exist_ok=True)
        with FileLock(folder / _CHANGING, timeout=0):
            for left in folder.glob(f"{_STAGED}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
    except Timeout as exc:
        raise StoreError("另一个人正在修改文件库", hint="等他完成后再试") from exc
    except OSError as exc:
        raise _unwritable(corpus_dir, exc) from exc


@contextmanager
def hold_still(corpus_dir: Path) -> Iterator[None]:
    """Read the corpus between two switches, never amid one; a folder that was never changed needs no lock.

    Raises:
        StoreError: a switch takes too long.
    """
    from filelock import FileLock, Timeout

    folder = corpus_dir / HISTORY
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        yield
        return
    try:
        with FileLock(folder / _SWITCHING, timeout=_WAIT_S):
            _settle(corpus_dir, _ignore)
            yield
    except Timeout as exc:
        raise StoreError("文件库正在切换，等了太久", hint="稍后再试") from exc


def stage_files(corpus_dir: Path) -> Path:
    """An empty folder for the files of a change, on the same disk; call it under `hold_changes`."""
    folder = corpus_dir / HISTORY / f"{_STAGED}{os.getpid()}" / _FILES
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def switch(corpus_dir: Path, change: Change, files: Path | None, tell: Tell) -> None:
    """Put a prepared change in place; call it under `hold_changes`.

    Args:
        files: what `stage_files` gave, filled; None removes the document.
        tell: called before each of `STEPS`; the first comes from whoever fills the files.

    Raises:
        StoreError: the folder cannot be written; then nothing has changed.
    """
    from filelock import FileLock

    root = corpus_dir / HISTORY
    staged = files.parent if files is not None else stage_files(corpus_dir).parent
    try:
        if files is None:
            (staged / _FILES).rmdir()
        (staged / _RECORD).write_text(f"{change.model_dump_json(indent=1)}\n", encoding="utf-8")
        _sync_tree(staged)
        tell("commit", 0, 1)
        with FileLock(root / _SWITCHING, timeout=_WAIT_S):
            _settle(corpus_dir, _ignore)
            staged.rename(root / _PENDING)
            _sync_folder(root)
            _settle(corpus_dir, tell)
    except OSError as exc:
        shutil.rmtree(staged, ignore_errors=True)
        raise _unwritable(corpus_dir, exc) from exc


def take_back(corpus_dir: Path, change: Change) -> None:
    """Bring back what the newest change replaced and forget the change; call it under `hold_changes`."""
    from filelock import FileLock

    root = corpus_dir / HISTORY
    with FileLock(root / _SWITCHING, timeout=_WAIT_S):
        beside = root / f"{_UNDO}.new"
        beside.write_text(change.model_dump_json(), encoding="utf-8")
        beside.replace(root / _UNDO)
        _settle(corpus_dir, _ignore)


# -- what is left to do --------------------------------------------------------------------------------


def _settle(corpus_dir: Path, tell: Tell) -> None:
    """Finish what was begun; each move is made only where it has not been made."""
    root = corpus_dir / HISTORY
    if (root / _UNDO).is_file():
        _finish_undo(corpus_dir)
    pending = root / _PENDING
    if not pending.is_dir():
        return
    if (pending / _RECORD).is_file():
        change = _read_change(pending / _RECORD)
        tell("move-former", 0, 1)
        _move_former(corpus_dir, change, is_removal=not change.digest)
        tell("move-new", 0, 1)
        if (pending / _FILES).is_dir():
            (pending / _FILES).rename(corpus_dir / "documents" / change.entry)
        tell("record", 0, 1)
        target = record_path(corpus_dir, change)
        target.parent.mkdir(exist_ok=True)
        (pending / _RECORD).replace(target)
        _sync_folder(target.parent)
        _sync_folder(corpus_dir / "documents")
    tell("settled", 0, 1)
    shutil.rmtree(pending)


def _move_former(corpus_dir: Path, change: Change, *, is_removal: bool) -> None:
    """Keep what is replaced, where the new files do not stand in its place already."""
    entry = corpus_dir / "documents" / change.former_entry
    is_open = is_removal or (corpus_dir / HISTORY / _PENDING / _FILES).is_dir()
    if not (change.former and is_open and entry.exists()):
        return
    kept = version_folder(corpus_dir, change.document, change.former)
    kept.parent.mkdir(exist_ok=True)
    if entry.is_dir():
        entry.rename(kept)
    else:  # a file that lay in `documents/` by itself
        kept.mkdir(exist_ok=True)
        entry.replace(kept / f"source{entry.suffix.lower()}")
    _sync_folder(kept.parent)


def _finish_undo(corpus_dir: Path) -> None:
    root = corpus_dir / HISTORY
    change = _read_change(root / _UNDO)
    entry = corpus_dir / "documents" / change.entry
    kept = version_folder(corpus_dir, change.document, change.former)
    if change.former == 0 or kept.is_dir():
        trash = root / f"{_STAGED}{_TRASH}"
        shutil.rmtree(trash, ignore_errors=True)
        if entry.is_dir():
            entry.rename(trash)
        if change.former:
            kept.rename(entry)
        shutil.rmtree(trash, ignore_errors=True)
    record_path(corpus_dir, change).unlink(missing_ok=True)
    (root / _UNDO).unlink()


def _read_change(path: Path) -> Change:
    try:
        return Change.model_validate_json(path.read_bytes())
    except ValidationError as exc:
        raise StoreError(f"没有完成的修改读不出来：{path}", hint="把这个文件移到别处后再试") from exc


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(path: Path) -> None:
    """Write a folder's entries to disk, where the system can (Windows cannot open a folder)."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(corpus_dir: Path, exc: OSError) -> StoreError:
    return StoreError(
        f"写不了文件库 {corpus_dir}：{exc.strerror or exc}",
        hint="检查磁盘空间和文件夹权限；原来的文件没有改动。程序自带的文件库不能改："
        "用 tiaowen corpus init 文件夹 复制一份，再设 TIAOWEN_CORPUS_DIR",
    )


def _ignore(_step: str, _done: int, _all: int) -> None:
    """Nobody wants to know."""
