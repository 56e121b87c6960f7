"""A prepared change → the folder switched, a new index generation, a record and an entry in the audit.

In: a `Plan`. Out: `Applied`. One change at a time. A file that cannot be read never gets in; where the index cannot be
built, the change is taken back; killed at any point, folder and index are each as before or as after, and what serves
is always one whole index.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.app import BuildReport, build_indexes
from assistant.documents.catalog import find_source, load_folder
from assistant.documents.regions import load_regions
from assistant.documents.switch import hold_changes, hold_still, stage_files, switch, take_back
from assistant.documents.versions import Action, Change, check_id, current_version, digest_files, list_changes
from assistant.errors import RequestInvalid, StoreError
from assistant.upkeep.packaged import check_changeable

if TYPE_CHECKING:
    from assistant.config import Settings

Progress = Callable[[str, int, int], None]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who changes something, when and why."""

    who: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A change as it was shown to whoever confirmed it.

    Attributes:
        fill: writes the files of the new version into an empty folder; None removes the document.
        expects: digest of the version it was planned upon, empty where there was none.
        told: what is done, in one line.
    """

    document: str
    action: Action
    fill: Callable[[Path], None] | None
    expects: str
    told: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, and the index that was built of it."""

    change: Change
    report: BuildReport


def find_entry(corpus_dir: Path, document: str) -> Path | None:
    """The folder (or file) of a document in `documents/`; None where there is none.

    Raises:
        RequestInvalid: the id cannot be one.
    """
    root = corpus_dir / "documents"
    named = root / check_id(document)
    if named.is_dir():
        return named
    entries = (
        [p for p in sorted(root.iterdir()) if not p.name.startswith((".", "~"))] if root.is_dir() else []
    )
    for path in entries:
        if path.is_file() and path.stem == document:
            return path
        if path.is_dir() and (path / "document.yaml").is_file():
            text = (path / "document.yaml").read_text(encoding="utf-8", errors="replace")
            if f"id: {document}" in text.splitlines():
                return path
    return None


def require_entry(corpus_dir: Path, document: str) -> Path:
    """The folder (or file) of a document.

    Raises:
        RequestInvalid: there is none.
    """
    entry = find_entry(corpus_dir, document)
    if entry is None:
        raise RequestInvalid(f"没有编号为 {document} 的文件", hint="用 tiaowen corpus list 查看全部文件")
    return entry


def digest_entry(entry: Path | None) -> str:
    """What a version is known by: the digest of its files; empty for none."""
    if entry is None:
        return ""
    if entry.is_dir():
        return digest_files(entry)
    return hashlib.sha256(entry.read_bytes()).hexdigest()


def copy_entry(entry: Path, folder: Path) -> None:
    """The files of a version, copied into a folder as it is to be in `documents/`."""
    if entry.is_dir():
        shutil.copytree(entry, folder, dirs_exist_ok=True)
    else:
        shutil.copyfile(entry, folder / f"source{entry.suffix.lower()}")


def apply_change(settings: Settings, plan: Plan, signer: Signer, progress: Progress | None = None) -> Applied:
    """Carry a plan out, build the index, note it.

    Args:
        progress: called with the step, how much of it is done and how much there is.

    Raises:
        RequestInvalid: the document has been changed since the plan was made.
        ConfigError: the corpus is the program's own.
        CorpusError: the new version cannot be read; nothing has changed.
        StoreError: another change runs, or folder or index cannot be written; nothing has changed.
    """
    check_changeable(settings)
    tell = progress or _ignore
    corpus_dir = settings.corpus_dir
    with hold_changes(corpus_dir):
        with hold_still(corpus_dir):
            entry = find_entry(corpus_dir, plan.document)
            if digest_entry(entry) != plan.expects:
                raise RequestInvalid(
                    f"文件 {plan.document} 在预览之后又变了", hint="重新预览，看过之后再确认"
                )
        change = _describe_change(corpus_dir, plan, signer, entry)
        tell("stage", 0, 1)
        files = _stage(settings, plan.document, plan.fill) if plan.fill is not None else None
        if files is not None:
            change = change.model_copy(update={"digest": digest_files(files)})
        switch(corpus_dir, change, files, tell)
        try:
            report = build_indexes(settings, progress)
        except BaseException:
            take_back(corpus_dir, change)
            raise
    note_change(settings, change)
    return Applied(change, report)


def _describe_change(corpus_dir: Path, plan: Plan, signer: Signer, entry: Path | None) -> Change:
    is_known = bool(list_changes(corpus_dir, plan.document)) or entry is not None
    former = current_version(corpus_dir, plan.document) if is_known else 0
    return Change(
        document=plan.document,
        entry=entry.name if entry is not None and entry.is_dir() else plan.document,
        action=plan.action,
        version=former + 1,
        former=former if entry is not None else 0,
        former_entry=entry.name if entry is not None else "",
        who=signer.who,
        at=signer.at,
        why=signer.why,
        told=plan.told,
    )


def _stage(settings: Settings, document: str, fill: Callable[[Path], None]) -> Path:
    """Fill the folder of the new version, and read it once as the index will."""
    files = stage_files(settings.corpus_dir)
    try:
        fill(files)
        load_folder(files, load_regions(settings.corpus_dir / "regions.yaml"), document)
    except BaseException:
        shutil.rmtree(files.parent, ignore_errors=True)
        raise
    return files


def note_change(settings: Settings, change: Change) -> None:
    """Write a change into the audit; where that fails it is logged, and the record in the corpus folder stands."""
    from assistant.store.store import find_store

    detail = f"{change.document} v{change.version}: {change.told}"
    try:
        find_store(settings.store.url).registry.note(change.who, f"corpus-{change.action}", detail)
    except StoreError as exc:
        logger.error("not in the audit: %s by %s (%s)", detail, change.who, exc.message)


def source_of(entry: Path) -> Path | None:
    """The file that holds a document's text."""
    return find_source(entry) if entry.is_dir() else entry


def _ignore(_step: str, _done: int, _all: int) -> None:
    """Nobody wants to know."""
