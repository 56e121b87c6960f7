"""What a training has made so far, kept beside its result, so that one that was killed goes on where it was.

A part is written whole or not at all. Parts of other inputs or options are thrown away, never mixed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from assistant.errors import ModelError

_INPUTS = "inputs.sha256"


class TrainingFolder:
    """Parts of one training, by name.

    Args:
        folder: made if missing; nothing else lies in it.
        digest: over all that decides the result.

    Raises:
        ModelError: the folder cannot be written.
    """

    def __init__(self, folder: Path, digest: str) -> None:
        self._folder = folder
        record = folder / _INPUTS
        try:
            if not record.is_file() or record.read_text(encoding="ascii", errors="replace") != digest:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                self._write(_INPUTS, digest.encode())
        except OSError as exc:
            raise _cannot_write(folder, exc) from exc

    def load(self, name: str) -> bytes | None:
        """A part as it was saved; None where it has not been."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise _cannot_write(self._folder, exc) from exc

    def save(self, name: str, data: bytes) -> None:
        """Keep a part; one of that name is replaced in one step.

        Raises:
            ModelError: the disk is full, or the folder cannot be written.
        """
        try:
            self._write(name, data)
        except OSError as exc:
            raise _cannot_write(self._folder, exc) from exc

    def drop(self, name: str) -> None:
        """Forget a part that is no longer needed."""
        (self._folder / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Forget everything: the result stands."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, name: str, data: bytes) -> None:
        fresh = self._folder / f"{name}.new"
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / name)


def _cannot_write(folder: Path, exc: OSError) -> ModelError:
    return ModelError(f"写不了训练目录 {folder}：{exc.strerror or exc}", hint="检查磁盘空间和目录权限")
