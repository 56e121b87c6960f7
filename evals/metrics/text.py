"""Foldings under which two wordings count as the same."""

from __future__ import annotations

import re
import unicodedata

MARK = re.compile(r"\[(\d+)\]")
"""A citation mark of an answer, such as `[2]`."""


def remove_space(text: str) -> str:
    """The text without any whitespace: how quotes from scanned pages are compared."""
    return "".join(text.split())


def fold(text: str) -> str:
    """NFKC without whitespace: how wordings are compared."""
    return remove_space(unicodedata.normalize("NFKC", text))


def remove_marks(text: str) -> str:
    """The text without its citation marks."""
    return MARK.sub("", text)


def find_marks(text: str) -> list[int]:
    """The numbers of the citation marks, in order of occurrence."""
    return [int(mark) for mark in MARK.findall(text)]
