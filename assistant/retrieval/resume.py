"""What a training has made so far, kept beside its result, so that one that was killed goes on where it was.

A part is written whole or not at all, and behind its digest: one that was damaged since is made again. Parts of other
inputs or options are thrown away, never mixed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from assistant.errors import ModelError

_INPUTS = "inputs.sha256"
_DIGEST_SIZE = hashlib.sha256().digest_size


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
        """A part as it was saved; None where it has not been, or was damaged since."""
        try:
            stored = (self._folder / name).read_bytes()
            digest, data = stored[:_DIGEST_SIZE], stored[_DIGEST_SIZE:]
            return data if hashlib.sha256(data).digest() == digest else None
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
            self._write(name, hashlib.sha256(data).digest() + data)
        except OSError as exc:
            raise _cannot_write(self._folder, exc) from exc

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
