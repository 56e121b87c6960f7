"""Former versions of the documents of a corpus folder, and how each came about.

    corpus/documents/<id>/            the version that counts
    corpus/history/<id>/0002.json     how version 2 came about: who, when, why, what
    corpus/history/<id>/0001/         the files of version 1, once another has taken its place

In: a corpus folder. Out: `Change`s, oldest first, and the folder of any version. A document that was there before the
first change has no record of its version 1; nothing in `history/` is ever read as a document. Written by `switch.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import CorpusError, RequestInvalid

Action = Literal["add", "update", "retire", "restore", "revert", "remove", "confirm"]

HISTORY = "history"
_RECORD = re.compile(r"(\d{4,})\.json")
LONGEST_ID = 64
"""Longest document id, characters."""


class Change(BaseModel):
    """How one version of a document came about.

    Attributes:
        entry: name of the folder in `documents/`; of one that was removed the name it had.
        version: 1-based; `former` is the version it replaced, 0 where there was none.
        former_entry: name in `documents/` of what it replaced; empty where there was none.
        digest: SHA-256 of the version's files, empty where the document was removed.
        why: what whoever did it gave as the reason.
        told: what was done, in one line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: str
    entry: str
    action: Action
    version: int = Field(ge=1)
    former: int = Field(0, ge=0)
    former_entry: str = ""
    digest: str = ""
    who: str
    at: datetime
    why: str = ""
    told: str = ""


def list_changes(corpus_dir: Path, document: str | None = None) -> tuple[Change, ...]:
    """Every recorded change, oldest first.

    Args:
        document: only this one's; None lists all.

    Raises:
        CorpusError: a record is damaged.
    """
    if document is not None:
        check_id(document)
    root = corpus_dir / HISTORY
    folders = [root / document] if document is not None else _list_folders(root)
    found = [_read_record(path) for folder in folders for path in _list_records(folder)]
    return tuple(sorted(found, key=lambda change: (change.at, change.document, change.version)))


def current_version(corpus_dir: Path, document: str) -> int:
    """The number of the newest version; 1 for one without records, though it may not exist at all."""
    changes = list_changes(corpus_dir, document)
    return max((change.version for change in changes), default=1)


def version_folder(corpus_dir: Path, document: str, version: int) -> Path:
    """Where the files of a former version are kept; it need not exist."""
    return corpus_dir / HISTORY / check_id(document) / f"{version:04d}"


def record_path(corpus_dir: Path, change: Change) -> Path:
    """Where the record of a change is kept."""
    return corpus_dir / HISTORY / check_id(change.document) / f"{change.version:04d}.json"


def check_id(document: str) -> str:
    """The id, where a folder and clause ids may be named by it.

    Raises:
        RequestInvalid: it may not.
    """
    is_plain = document.isprintable() and not any(c.isspace() or c in "#/?~\\:*\"<>|%&'" for c in document)
    if not is_plain or document.startswith(".") or not 1 <= len(document) <= LONGEST_ID:
        raise RequestInvalid(
            f"文件编号不能用：{document[:LONGEST_ID] or '（空）'}",
            hint=f"用 1 到 {LONGEST_ID} 个字母、数字、汉字或 -，如 henan-2024-3；不含空白和 # / ? ~",
        )
    return document


def digest_files(folder: Path) -> str:
    """SHA-256 over names and contents of all files of a folder, in hexadecimal."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            total.update(f"{path.relative_to(folder).as_posix()}\n".encode())
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def _list_folders(root: Path) -> list[Path]:
    return (
        sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
        if root.is_dir()
        else []
    )


def _list_records(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if _RECORD.fullmatch(path.name))


def _read_record(path: Path) -> Change:
    try:
        return Change.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as exc:
        raise CorpusError(
            f"历史记录读不出来：{path.name}", path=str(path), hint="从备份恢复这个文件；文件库本身不受影响"
        ) from exc
