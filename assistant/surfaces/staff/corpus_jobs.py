"""Files the desk was sent, and the work on them: kept aside in the corpus folder, cleared away after a day.

    corpus/history/.uploads/<token>/source.docx   the file
                                    form.json     what was filled in beside it
                                    state.json    how far the work has come, and how it ended

The state lies in a file, not in memory, so that any process of a server can show it. The work runs in a thread; what it
changes is safe to be killed at any moment (`upkeep.changes`), so nobody waits for it when the server ends.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from assistant.config import Settings
from assistant.documents.read import SUFFIXES
from assistant.documents.versions import HISTORY
from assistant.errors import RequestInvalid, StoreError, TiaowenError
from assistant.surfaces.inbound import NotFound
from assistant.surfaces.web.texts import load_texts

KEPT_SECONDS = 86_400
"""How long a file that nobody confirmed is kept aside."""
SILENT_SECONDS = 120
"""How long a work may say nothing before it is taken for ended with its process."""
_TOKEN = re.compile(r"[\w-]{20,40}", re.ASCII)
_UPLOADS, _FORM, _STATE = ".uploads", "form.json", "state.json"

Progress = Callable[[str, int, int], None]
logger = logging.getLogger(__name__)


class Form(BaseModel):
    """What was filled in beside a file.

    Attributes:
        document: id of the document that is updated; empty for a new one.
        given: metadata as they were stated, by field.
        accepted: parameters whose new figure is taken over.
        name: of the file, for display.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: str = ""
    given: dict[str, str] = {}
    accepted: tuple[str, ...] = ()
    why: str = ""
    name: str = ""


class State(BaseModel):
    """How far a work has come.

    Attributes:
        document: what it is about; empty for all.
        told: what was done, once it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["running", "done", "failed"] = "running"
    document: str = ""
    stage: str = ""
    done: int = 0
    n_all: int = 0
    at: datetime
    told: str = ""
    problems: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a work gives back: what was done, and what else its reader should know."""

    told: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """One folder that is kept aside."""

    token: str
    folder: Path

    @property
    def source(self) -> Path | None:
        """The file that was sent; None for a work without one."""
        return next((p for p in sorted(self.folder.glob("source.*")) if p.suffix in SUFFIXES), None)

    @property
    def form(self) -> Form:
        """What was filled in."""
        path = self.folder / _FORM
        return Form.model_validate_json(path.read_bytes()) if path.is_file() else Form()

    def write_form(self, form: Form) -> None:
        """Keep what was filled in."""
        _write(self.folder / _FORM, form.model_dump(mode="json"))

    @property
    def state(self) -> State | None:
        """How far the work has come; None while nothing was begun."""
        try:
            return State.model_validate_json((self.folder / _STATE).read_bytes())
        except FileNotFoundError:
            return None

    def write_state(self, state: State) -> None:
        """Keep how far the work has come."""
        _write(self.folder / _STATE, state.model_dump(mode="json"))

    def discard(self) -> None:
        """Remove it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def keep_file(settings: Settings, name: str, data: bytes, form: Form) -> Aside:
    """Keep a file aside.

    Args:
        name: as it was sent; its suffix chooses the reader.

    Raises:
        RequestInvalid: the suffix is none that can be read.
        StoreError: the folder cannot be written.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        words = load_texts()["corpus"]["page"]
        raise RequestInvalid(
            words["wrong_format"].format(suffix=suffix or "—"),
            hint=words["wrong_format_hint"].format(known="、".join(SUFFIXES)),
        )
    aside = new_aside(settings)
    try:
        (aside.folder / f"source{suffix}").write_bytes(data)
        aside.write_form(form)
    except OSError as exc:
        aside.discard()
        raise _unwritable(settings, exc) from exc
    return aside


def new_aside(settings: Settings) -> Aside:
    """An empty folder that is kept aside.

    Raises:
        StoreError: it cannot be made.
    """
    token = secrets.token_urlsafe(18)
    folder = settings.corpus_dir / HISTORY / _UPLOADS / token
    try:
        folder.mkdir(parents=True)
    except OSError as exc:
        raise _unwritable(settings, exc) from exc
    return Aside(token, folder)


def find_aside(settings: Settings, token: str) -> Aside:
    """What was kept aside under a token.

    Raises:
        NotFound: there is nothing, or not any more.
    """
    folder = settings.corpus_dir / HISTORY / _UPLOADS / token
    if not _TOKEN.fullmatch(token) or not folder.is_dir():
        words = load_texts()["corpus"]["page"]
        raise NotFound(words["gone"], hint=words["gone_hint"])
    return Aside(token, folder)


def clear_aside(settings: Settings, now: datetime) -> None:
    """Remove what has been kept for a day."""
    root = settings.corpus_dir / HISTORY / _UPLOADS
    for folder in root.iterdir() if root.is_dir() else ():
        try:
            age = now.timestamp() - folder.stat().st_mtime
        except OSError:
            continue  # another process has just removed it
        if age > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def start_work(
    aside: Aside, document: str, work: Callable[[Progress], Outcome], now: Callable[[], datetime]
) -> None:
    """Do the work in a thread and keep its state; a second start while it runs does nothing."""
    state = aside.state
    if state is not None and state.status == "running" and not is_silent(state, now()):
        return
    aside.write_state(State(document=document, at=now()))
    threading.Thread(target=_run, args=(aside, document, work, now), name="corpus", daemon=True).start()


def is_silent(state: State, now: datetime) -> bool:
    """Whether a running work has said nothing for so long that it must have ended with its process."""
    return state.status == "running" and (now - state.at).total_seconds() > SILENT_SECONDS


def _run(
    aside: Aside, document: str, work: Callable[[Progress], Outcome], now: Callable[[], datetime]
) -> None:
    def tell(stage: str, done: int, n_all: int) -> None:
        aside.write_state(State(document=document, stage=stage, done=done, n_all=n_all, at=now()))

    try:
        outcome = work(tell)
        ended = State(
            status="done", document=document, told=outcome.told, problems=outcome.problems, at=now()
        )
    except TiaowenError as exc:
        ended = State(status="failed", document=document, message=exc.message, hint=exc.hint, at=now())
    except Exception as exc:
        logger.exception("unexpected error while changing the corpus")
        words = load_texts()["corpus"]["page"]
        ended = State(
            status="failed",
            document=document,
            message=words["broken"].format(name=type(exc).__name__),
            hint=words["broken_hint"],
            at=now(),
        )
    try:
        aside.write_state(ended)
    except OSError:
        logger.exception("the end of a change was not kept")


def _write(path: Path, data: Mapping[str, Any]) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    beside.replace(path)


def _unwritable(settings: Settings, exc: OSError) -> StoreError:
    return StoreError(
        f"写不了文件库 {settings.corpus_dir}：{exc.strerror or exc}", hint="请管理员检查磁盘空间和文件夹权限"
    )
