"""Automatic numbering of a Word file: styles and list definitions in, each paragraph's label out.

Word stores no numbers, only which list and level a paragraph belongs to, so the labels are counted
here as Word counts them, in reading order. Without them a law whose 第一条 is automatic would lose
its articles. One gap is decided here: Word sets a tab after a label; after 、 or ）it prints as
nothing and becomes nothing, after `1.` or 第一条 it becomes one space.

Source: ECMA-376 part 1, 17.9 (numbering), 17.7 (styles).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from assistant.documents.read_list_numbers import format_number

# An element of python-docx's tree; lxml brings no types.
Element = Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_N_LEVELS = 9
# After these the tab of a label is not seen; the ranges are circled and bracketed numbers.
_NO_GAP_AFTER = re.compile("[、，。．：；）】」》\u2460-\u24ff\u3220-\u32bf]$")


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list.

    Attributes:
        text: the label with `%1` … `%9` for the numbers of the levels.
        restart: the level restarts after a paragraph of a level below this count; 0 for never.
        is_legal: all numbers print as decimal digits.
        style: the paragraph style bound to the level, empty where none is.
    """

    start: int
    fmt: str
    text: str
    suffix: str
    restart: int
    is_legal: bool
    style: str


class _List(NamedTuple):
    """What a numId stands for: the counted list, its levels, and the starts it sets anew."""

    abstract_id: str
    levels: dict[int, _Level]
    start_overrides: dict[int, int]


class _Style(NamedTuple):
    """What a paragraph style says of numbering; None where it says nothing."""

    based_on: str | None
    num_id: str | None
    level: int | None


class ListLabels:
    """Counts the lists of one document; ask for each paragraph once, in reading order."""

    def __init__(self, styles: Element, numbering: Element | None) -> None:
        """Read the definitions.

        Args:
            styles: root of styles.xml.
            numbering: root of numbering.xml, None where the document has no lists.
        """
        self._styles: dict[str, _Style] = {}
        self._numbering_styles: dict[str, str] = {}
        self._default_style = ""
        self._read_styles(styles)
        self._lists = {} if numbering is None else self._read_lists(numbering)
        self._counts: dict[str, dict[int, int]] = {}
        self._overridden: set[tuple[str, int]] = set()

    def label(self, properties: Element | None) -> str:
        """Count a paragraph and give its label with the gap after it.

        Args:
            properties: `w:pPr` of the paragraph, None where it has none.

        Returns:
            The label, such as `一、` or `第一条 `; empty for an unnumbered or bulleted paragraph.
        """
        num_id, level_number = self._find_level(properties)
        lst = self._lists.get(num_id)
        level = lst.levels.get(level_number) if lst is not None else None
        if lst is None or level is None:
            return ""
        counts = self._count(num_id, lst, level_number)
        if level.fmt == "bullet":
            return ""
        return _print_label(lst, level, counts)

    def _find_level(self, properties: Element | None) -> tuple[str, int]:
        """Find list and level of a paragraph; the paragraph's own words go before its style's."""
        own = None if properties is None else properties.find(f"{_W}numPr")
        style_id = _child_value(properties, "pStyle") or self._default_style
        num_id, level = _child_value(own, "numId"), _as_int(_child_value(own, "ilvl"))
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            style = self._styles[style_id]
            if num_id is None and style.num_id is not None:
                num_id = style.num_id
                if level is None:
                    level = self._bound_level(num_id, style_id)
            level = style.level if level is None else level
            style_id = style.based_on or ""
        return num_id or "0", level or 0

    def _bound_level(self, num_id: str, style_id: str) -> int | None:
        """Find the level of a list that names the style."""
        lst = self._lists.get(num_id)
        levels = {} if lst is None else lst.levels
        return next((number for number, level in levels.items() if level.style == style_id), None)

    def _count(self, num_id: str, lst: _List, number: int) -> dict[int, int]:
        """Advance the level, restart the deeper ones and return the counts of the list."""
        counts = self._counts.setdefault(lst.abstract_id, {})
        start = lst.levels[number].start
        if number in lst.start_overrides and (num_id, number) not in self._overridden:
            self._overridden.add((num_id, number))
            counts[number] = lst.start_overrides[number]
        else:
            counts[number] = counts[number] + 1 if number in counts else start
        for deeper, level in lst.levels.items():
            if deeper > number and number < level.restart:
                counts.pop(deeper, None)
        return counts

    def _read_styles(self, styles: Element) -> None:
        for element in styles.iterfind(f"{_W}style"):
            style_id = element.get(f"{_W}styleId") or ""
            properties = element.find(f"{_W}pPr")
            own = None if properties is None else properties.find(f"{_W}numPr")
            num_id = _child_value(own, "numId")
            if element.get(f"{_W}type") == "numbering" and num_id is not None:
                self._numbering_styles[style_id] = num_id
            if element.get(f"{_W}type") != "paragraph":
                continue
            if element.get(f"{_W}default") in ("1", "true", "on"):
                self._default_style = style_id
            self._styles[style_id] = _Style(
                _child_value(element, "basedOn"), num_id, _as_int(_child_value(own, "ilvl"))
            )

    def _read_lists(self, numbering: Element) -> dict[str, _List]:
        abstracts = {e.get(f"{_W}abstractNumId"): e for e in numbering.iterfind(f"{_W}abstractNum")}
        nums = {e.get(f"{_W}numId"): e for e in numbering.iterfind(f"{_W}num")}
        lists: dict[str, _List] = {}
        for num_id, num in nums.items():
            abstract = abstracts.get(_child_value(num, "abstractNumId"))
            # A list may borrow the levels of a numbering style, one step away.
            linked = nums.get(self._numbering_styles.get(_child_value(abstract, "numStyleLink") or ""))
            if linked is not None:
                abstract = abstracts.get(_child_value(linked, "abstractNumId"))
            if abstract is None:
                continue
            levels = _read_levels(abstract)
            overrides: dict[int, int] = {}
            for override in num.iterfind(f"{_W}lvlOverride"):
                levels |= _read_levels(override)
                start = _as_int(_child_value(override, "startOverride"))
                if start is not None:
                    overrides[_as_int(override.get(f"{_W}ilvl")) or 0] = start
            lists[num_id] = _List(abstract.get(f"{_W}abstractNumId"), levels, overrides)
        return lists


def _read_levels(parent: Element) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for element in parent.iterfind(f"{_W}lvl"):
        number = _as_int(element.get(f"{_W}ilvl")) or 0
        start, restart = (_as_int(_child_value(element, name)) for name in ("start", "lvlRestart"))
        # A format unknown to old versions stands inside mc:AlternateContent.
        formats = [e.get(f"{_W}val") for e in element.iter(f"{_W}numFmt")]
        levels[number] = _Level(
            start=0 if start is None else start,
            fmt=next((fmt for fmt in formats if fmt and fmt != "custom"), "decimal"),
            text=_child_value(element, "lvlText") or "",
            suffix=_child_value(element, "suff") or "tab",
            restart=number if restart is None else restart,
            is_legal=element.find(f"{_W}isLgl") is not None,
            style=_child_value(element, "pStyle") or "",
        )
    return levels


def _print_label(lst: _List, level: _Level, counts: dict[int, int]) -> str:
    """Fill the numbers into the label; a level not yet used shows its start."""

    def number_at(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        if at not in lst.levels:
            return ""
        style = "decimal" if level.is_legal else lst.levels[at].fmt
        return format_number(counts.get(at, lst.levels[at].start), style)

    text = re.sub(f"%([1-{_N_LEVELS}])", number_at, level.text)
    if not text or level.suffix == "nothing":
        return text
    has_gap = level.suffix == "space" or not _NO_GAP_AFTER.search(text)
    return text + " " if has_gap else text


def _child_value(parent: Element | None, name: str) -> str | None:
    """Read the `w:val` of a child; None where parent, child or value is missing."""
    child = None if parent is None else parent.find(f"{_W}{name}")
    return None if child is None else child.get(f"{_W}val")


def _as_int(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"-?[0-9]{1,9}", value) else None
