"""Whether a corpus folder may be changed, and how to get one that may: a copy of the one that comes with the program."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from assistant.config import PACKAGE, Settings, data_dir
from assistant.documents.versions import HISTORY
from assistant.errors import ConfigError, CorpusError

_HINT = "运行 tiaowen corpus init 文件夹，再把 TIAOWEN_CORPUS_DIR 设为这个文件夹"


def check_changeable(settings: Settings) -> None:
    """Let only a folder be changed that is the operator's own.

    Raises:
        ConfigError: it belongs to the installed program, or cannot be written.
    """
    folder = settings.corpus_dir
    if (PACKAGE / "_data") in (folder, *folder.parents):
        raise ConfigError(f"程序自带的文件库不能修改：{folder}", hint=_HINT)
    if folder.is_dir() and not os.access(folder, os.W_OK):
        raise ConfigError(f"文件库不能写入：{folder}", hint=f"检查文件夹的权限；或{_HINT}")


def copy_corpus(target: Path) -> int:
    """Copy the corpus that comes with the program into a folder of one's own.

    Returns:
        How many documents there are in it.

    Raises:
        CorpusError: the folder is not empty or cannot be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CorpusError(f"文件夹不是空的：{target}", path=str(target), hint="换一个还没有的文件夹")
    beside = target.with_name(f".{target.name}.new")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(data_dir("corpus"), beside, ignore=shutil.ignore_patterns(HISTORY))
        if target.is_dir():
            target.rmdir()
        beside.rename(target)
    except OSError as exc:
        shutil.rmtree(beside, ignore_errors=True)
        raise CorpusError(
            f"写不了 {target}：{exc.strerror or exc}", path=str(target), hint="检查磁盘空间和权限"
        ) from exc
    return sum(1 for path in (target / "documents").iterdir() if not path.name.startswith("."))
