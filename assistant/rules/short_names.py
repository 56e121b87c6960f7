"""The names of a table's rows as people shorten them: 农村劳动力培训 for 农村劳动力技能培训.

In: the names of one column. Out: the short forms that mean one of them alone, each with its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

_PADDING = re.compile(r"技能(?:提升)?|提升|从业人员|补贴性|就业创业|工程|职业(?=培训)")
_SHORTEST, _SHORTEST_HEAD = 4, 2
_POINTERS = ("那项", "这项", "那一项", "这一项", "那块", "这块", "那一块", "任务", "的任务")
"""What points at a row by the beginning of its name: 建筑业那项."""
_HEAD = re.compile(r"[、,/等(（].*?(?=从业|培训|人员|$)")


def short_forms(names: Collection[str]) -> Mapping[str, str]:
    """Name by short form; a form that two names share, or that is too short to tell, is left out."""
    return _short_forms(frozenset(names))


@lru_cache(maxsize=16)
def _short_forms(names: frozenset[str]) -> Mapping[str, str]:
    owners: dict[str, set[str]] = {}
    for name in names:
        for form in {_PADDING.sub("", name), _PADDING.sub("", _HEAD.sub("", name)), _bare(name)}:
            if len(form) >= _SHORTEST and form not in names:
                owners.setdefault(form, set()).add(name)
    forms = {form: next(iter(found)) for form, found in sorted(owners.items()) if len(found) == 1}
    heads: dict[str, set[str]] = {}
    for name in names:
        heads.setdefault(re.sub(r"培训$", "", _bare(name)), set()).add(name)
    pointed = {
        f"{head}{pointer}": next(iter(found))
        for head, found in sorted(heads.items())
        if len(found) == 1 and len(head) >= _SHORTEST_HEAD
        for pointer in _POINTERS
    }
    return {**pointed, **forms}


def _bare(name: str) -> str:
    """The name without quotation marks and padding."""
    return _PADDING.sub("", re.sub(r"[“”\"'‘’]", "", name))
