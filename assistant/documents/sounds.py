"""Characters → how they sound.

The library knows phrases too, which take 40 MB of every process that reads one sound. Single characters need none of them,
and leaving them out is the library's own setting, which it reads from the environment when it is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache


@cache
def _reader() -> Callable[[str], list[str]]:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import lazy_pinyin

    return lazy_pinyin


def read_sounds(text: str) -> list[str]:
    """The usual sound of each character, without tone; characters without one stand for themselves."""
    read = _reader()
    return [sound for char in text for sound in read(char) or [char]]
