"""Figures that put right, or change, one that was stated before.

In: a text in which quantities are tokens, and what was matched in it; or the figures of a follow-up with the words before
them. Out: the facts that they stand for. One decision: where a figure may stand for several facts it stands for none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from assistant.rules.show import show_number

_TOKEN = r"[\ue000-\uf8ff]"
_PUT_RIGHT = re.compile(
    rf"(?P<old>{_TOKEN})(?P<unit>[^,，。;；!！?？\ue000-\uf8ff]{{0,4}})[,，。;；、!！]?"
    rf"(?:[^\ue000-\uf8ff]{{0,6}}?)(?:[说写打记填搞看算报]错了?|错了|不对|更正|(?:哦|噢|呃|啊)不)"
    rf"[,，。;；、!！]?(?:其实|应该|实际)?(?:是|有|只有|才)?(?P<new>{_TOKEN})"
)
_LEFT = re.compile(r"(?:只|就|还|仅)(?:剩下?|有|能用)|剩下?|现在?(?:是|有)|变成|减到|降到|(?:增|加|升|涨)到$")
"""What leads in the figure that holds now."""
_LOST = re.compile(r"(?:走|少|退|坏|缺|撤|减|病|辞|裁)(?:掉|去|了)*$")
_CAME = re.compile(r"(?:又|再|另外?|新)?(?:来|添|加|招|请|增加?|补|聘)了?$")
_CAME_AGAIN = re.compile(r"(?:又|再|另外?|还要?|新)(?:来|添|加|招|请|增加?|补|聘|登记|转来|收|进|配)+了?$")
_LEAVES = re.compile(r"[个名位台]?[^,，。;；]{0,6}?(?:转[去走到]|调[走去到]|离职|离开|辞|退休|退出|走了)")
_NOT_SO = re.compile(r"(?:不是|并非)$")
_WRONG = re.compile(r"[个名位人]?(?:是)?(?:我)?[说写打记填搞看算报]?(?:错了?|岔了)")
_OF_THEM = re.compile(r"其中(?:有|的)?$")
_HAN, _DIGIT = re.compile(r"[\u4e00-\u9fff]+"), re.compile(r"\d")


def find_put_right(text: str) -> Iterator[tuple[str, str, int]]:
    """A figure that was wrong, the one that puts it right, and where that stands: 85人,哦写错了,是75人.

    Args:
        text: lexed; of figures of different kinds none puts the other right.
    """
    for match in _PUT_RIGHT.finditer(text):
        old, new = match["old"], match["new"]
        unit = match["unit"][:1]
        behind = text[match.end() : match.end() + 1]
        is_same_unit = not unit or behind == unit or not re.match(r"[\u4e00-\u9fff%]", behind)
        if ord(old) >> 10 == ord(new) >> 10 and is_same_unit:
            yield old, new, match.start("new")


def read_change(
    text: str,
    loose: Sequence[str],
    known: Mapping[str, str],
    read: Callable[[str], Mapping[str, str]],
) -> dict[str, str]:
    """The fact that a figure changes whose name stands before it: 有个老师走了,现在只剩3个; 老师走了一个.

    Args:
        loose: figures that state no fact by themselves, as written.
        known: facts of earlier turns; no other is changed.
        read: the facts that some words state.

    Returns:
        One fact with its value now; empty where the words do not tell which, or it was not known.
    """
    places = _place(text, loose)
    if not places:
        return {}
    left = [(at, figure) for at, figure in places if _LEFT.search(text[:at][-6:])]
    if len(left) == 1:
        at, figure = left[0]
        return _find_fact(text[:at], figure, known, read)
    if len(places) != 1:
        return {}
    at, figure = places[0]
    found = _find_fact(text[:at], figure, known, read)
    return {f: changed for f, v in found.items() if (changed := _change(text[:at], known[f], v))}


def read_own_change(
    text: str,
    loose: Sequence[str],
    known: Mapping[str, str],
    read: Callable[[str], Mapping[str, str]],
) -> dict[str, str]:
    """The fact of one message that a later figure of it changes: 原有1.1万人，要是再登记500名; 4名教师，其中1名调走.

    Args:
        loose: as for `read_change`, and so are the others; of a message by itself only what is plainly a change counts.
    """
    changes = []
    for at, figure in _place(text, loose):
        before, after = text[:at], text[at + len(figure) :]
        leaves = bool(_OF_THEM.search(before[-4:]) and _LEAVES.match(after))
        if leaves or _CAME_AGAIN.search(before[-8:]):
            changes.append((before, figure, leaves))
    if len(changes) != 1:
        return {}
    before, figure, leaves = changes[0]
    found = _find_fact(before, figure, known, read)
    sign = "走" if leaves else "又来"
    return {f: changed for f, v in found.items() if (changed := _change(sign, known[f], v))}


def read_slip(loose: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """The known figure that was mistyped, by the one that differs from it in one digit, or in their order: 62, 打错了是52个.

    Args:
        loose: figures of the message as written; known: facts of the last decision.
    """
    figures = [match[0] for figure in loose if (match := re.match(r"\d+", figure))]
    if len(figures) != 1 or len(loose) != 1:
        return {}
    new = figures[0]
    slips = [f for f, v in known.items() if len(v) == len(new) > 1 and _is_slip(v, new)]
    return {slips[0]: new} if len(slips) == 1 else {}


def read_swap(text: str, loose: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """The known figure that two of a message put right: 3个写错了,2个; 不是3个,是2个; 是2个,不是3个.

    Args:
        loose: figures of the message as written; known: facts of the last decision.
    """
    places = _place(text, loose)
    wrong = [i for i, (at, figure) in enumerate(places) if _is_wrong(text, at, figure)]
    if len(places) != 2 or len(wrong) != 1:
        return {}
    old, new = (re.match(r"\d+", places[i][1]) for i in (wrong[0], 1 - wrong[0]))
    meant = [f for f, v in known.items() if old and new and v == old[0]]
    return {meant[0]: new[0]} if len(meant) == 1 and new else {}


def _is_wrong(text: str, at: int, figure: str) -> bool:
    """Whether a message says of a figure that it is not so."""
    return bool(_NOT_SO.search(text[:at]) or _WRONG.match(text[at + len(figure) :]))


def _is_slip(one: str, other: str) -> bool:
    """Whether figures of the same length differ as one differs from what was typed in its place."""
    n_apart = sum(a != b for a, b in zip(one, other, strict=True))
    return n_apart == 1 or (n_apart > 0 and sorted(one) == sorted(other))


def _place(text: str, loose: Sequence[str]) -> list[tuple[int, str]]:
    """Where each figure stands."""
    places, at = [], 0
    for figure in loose:
        at = text.find(figure, at)
        if not figure or at < 0:
            return []
        places.append((at, figure))
        at += len(figure)
    return places


def _find_fact(
    before: str, figure: str, known: Mapping[str, str], read: Callable[[str], Mapping[str, str]]
) -> dict[str, str]:
    """The one known fact that a word before a figure makes of it."""
    words = {run[i : i + n] for run in _HAN.findall(before) for n in (2, 3) for i in range(len(run) - n + 1)}
    found: dict[str, str] = {}
    for word in sorted(words):
        found |= {f: v for f, v in read(f"{word}有{figure}").items() if f in known and _DIGIT.search(v)}
    return found if len(found) == 1 else {}


def _change(before: str, known: str, by: str) -> str:
    """A figure after some were lost or came; empty where neither is said or a figure is none."""
    if not all(re.fullmatch(r"\d+(?:\.\d+)?", v) for v in (known, by)):
        return ""
    if _LOST.search(before) and Fraction(by) <= Fraction(known):
        return show_number(Fraction(known) - Fraction(by))
    return show_number(Fraction(known) + Fraction(by)) if _CAME.search(before) else ""
