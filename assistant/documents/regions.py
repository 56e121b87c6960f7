"""Tree of regions, and the places a text names.

In: `regions.yaml` as `region_file.py` reads it. Out: `RegionTree`, which answers "is this county within that province?"
and finds every place in a question, covered by a document or not.

One decision: names are found by a dictionary, longest match from left to right, not by a segmenter,
so that the result depends on one data file. What a segmenter would know about word boundaries is in
it as lists: names that are ordinary words, expressions that contain a name, and common words that
meet across the middle of one (重大+理论 is not 大理).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.documents.region_file import (
    Level,
    RegionFile,
    find_level,
    find_parent,
    list_forms,
    read_region_file,
)

# 南阳市场 names 南阳, not 南阳市; 友好区域 names nothing.
_RUN_ON = frozenset({"市场", "区域", "区分", "区别", "区间", "区块"})
_LONGEST_WORD = 3
_BELOW_COUNTY = re.compile(
    r"(?P<above>.{2,}[县市区旗州盟])[^县市区旗州盟]{1,10}?(?:镇|乡|苏木|街道(?:办事处)?|村|社区)"
)
"""A township or village behind the place that it lies in, of which no document is: 潢川县桃林铺镇."""
_ENDS_OF_NAMES = "省市县区旗州盟"
_TOWNSHIP = re.compile(r"镇(?![上里级])|乡(?![下村镇亲里间])|街道")
"""What makes a short name one of a township, which may lie anywhere: 龙川镇 is not 龙川县   near miss: 潢川乡下."""
_RUN_END = r"(?:这)?[两二三四俩]?(?:省|地|边|家)|两|谁|哪|各|分别|的|[,，、?？]|$"
"""What follows abbreviated names of places that stand together."""


@dataclass(frozen=True, slots=True)
class Region:
    """A place that may have documents of its own.

    Attributes:
        code: six digits, GB/T 2260; `000000` is the whole country.
        name: official name, such as `潢川县`.
        level: 0 nation, 1 province, 2 prefecture, 3 county.
        parent: code of the place it answers to, None for the nation.
    """

    code: str
    name: str
    level: Level
    parent: str | None


@dataclass(frozen=True, slots=True)
class RegionMention:
    """A place named in a text; `text[start:end]` is what names it, in code points."""

    region: Region
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Match:
    """Candidates for one span; `outer` are those of the place named right before them, if any."""

    codes: tuple[str, ...]
    start: int
    end: int
    outer: tuple[str, ...] = ()


class RegionTree:
    """All regions, by code and by name.

    Args:
        data: the validated file; every code in `parents` and `aliases` must be in `names`.
    """

    def __init__(self, data: RegionFile) -> None:
        parents = {code: data.parents.get(code) or find_parent(code, data.names) for code in data.names}
        self._regions = {
            code: Region(code, name, find_level(code), parents[code]) for code, name in data.names.items()
        }
        self._ancestors: dict[str, tuple[str, ...]] = {}
        official = set(data.names.values())
        ordinary = frozenset(data.ordinary.split())
        self._never = ordinary - official
        self._nested = frozenset(data.nested.split()) | (ordinary & official)
        self._guards = frozenset(data.guards.split())
        self._words = frozenset(data.words.split())
        self._forms, self._stems = list_forms(data)
        self._lengths = _lengths([*self._forms, *self._guards])
        self._abbreviations = {entry[0]: entry[1:] for entry in data.abbreviations.split()}
        letters = "".join(self._abbreviations)
        self._run = re.compile(
            rf"(?<![{letters}])[{letters}](?:[、和与跟]?[{letters}])+(?={_RUN_END})" if letters else r"(?!)"
        )

    def get(self, code: str) -> Region | None:
        """The region with this six-digit code, None where there is none."""
        return self._regions.get(code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Codes from the region itself up to `000000`; empty for an unknown code."""
        known = self._ancestors.get(code)
        if known is None:
            region = self._regions.get(code)
            if region is None:
                return ()
            known = (code, *(self.ancestors(region.parent) if region.parent else ()))
            self._ancestors[code] = known
        return known

    def is_within(self, code: str, ancestor: str) -> bool:
        """Whether `code` is `ancestor` or lies in it; False for an unknown code."""
        return ancestor in self.ancestors(code)

    def resolve(self, name_or_code: str, near: str | None = None) -> Region | None:
        """The region that a whole string names.

        Args:
            name_or_code: an official name, with or without its suffix, a short name, a code, or
                several names from the outside in (`河南省信阳市潢川县`, `河南潢川`); with a township
                or village behind them (`潢川县桃林铺镇`) they are the place it lies in.
            near: code of a place the asker is in; of several places so called, the one that shares
                most of its ancestors is meant. Without it the highest level is.

        Returns:
            None where the string names no place, or several that nothing tells apart.
        """
        text = "".join(name_or_code.split())
        if text in self._regions:
            return self._regions[text]
        picked = self._pick(self._chain(text), near)
        if picked is None and (below := _BELOW_COUNTY.fullmatch(text)):
            return self._pick(self._chain(below["above"]), near)
        return picked

    def list_namesakes(self, name: str) -> tuple[Region, ...]:
        """The places that `resolve` cannot tell apart by this name, by code; empty where it can, or knows none."""
        codes = self._chain("".join(name.split()))
        return () if self._pick(codes, None) else tuple(self._regions[code] for code in sorted(codes))

    def find(self, text: str, near: str | None = None) -> tuple[RegionMention, ...]:
        """Every place that a text names, left to right, without overlaps.

        Adjacent names from the outside in (`信阳潢川`) are one mention of the innermost place. A
        name borne by several places that nothing tells apart counts for the place named right
        before it, or is left out.

        Args:
            text: a question or clause in simplified characters.
            near: as for `resolve`.
        """
        matches: list[_Match] = []
        at = 0
        while at < len(text) - 1:
            before = matches[-1] if matches and matches[-1].end == at else None
            match, step = self._match(text, at, before)
            if match is not None:
                if match.outer:
                    matches.pop()
                matches.append(match)
            at += step
        mentions = []
        for match in matches:
            region = self._pick(match.codes, near) or self._pick(match.outer, near)
            if region is not None:
                mentions.append(RegionMention(region, match.start, match.end))
        return tuple(mentions) or self._find_abbreviated(text)

    def _find_abbreviated(self, text: str) -> tuple[RegionMention, ...]:
        """Provinces by their one-character names, where several stand together: 冀豫两省."""
        return tuple(
            RegionMention(region, at, at + 1)
            for run in self._run.finditer(text)
            for at in range(*run.span())
            if (region := self._regions.get(self._abbreviations.get(text[at], "")))
        )

    def _match(self, text: str, at: int, before: _Match | None) -> tuple[_Match | None, int]:
        """The longest name at `at`, and how far to move on."""
        for length in self._lengths.get(text[at : at + 2], ()):
            form = text[at : at + length]
            if len(form) < length:
                continue
            if form in self._guards:
                return None, length
            codes = self._forms.get(form)
            if codes is None or form in self._never or text[at + length - 1 : at + length + 1] in _RUN_ON:
                continue
            if form[-1] not in _ENDS_OF_NAMES and _TOWNSHIP.match(text, at + length):
                continue
            if before is not None and (inner := self._inside(codes, before.codes)):
                return _Match(inner, before.start, at + length, before.codes), length
            if form not in self._nested and not self._straddles(text, at, at + length):
                return _Match(codes, at, at + length), length
        return None, 1

    def _straddles(self, text: str, start: int, end: int) -> bool:
        """Whether one common word ends and the next begins inside `text[start:end]`."""
        for cut in range(start + 1, end):
            lefts = (text[i:cut] for i in range(max(0, cut - _LONGEST_WORD), start))
            rights = (text[cut:j] for j in range(end, cut + _LONGEST_WORD + 1))
            if not self._words.isdisjoint(lefts) and any(
                right in self._words or right in self._forms for right in rights
            ):
                return True
        return False

    def _chain(self, text: str) -> tuple[str, ...]:
        """Candidates for the last of the names, from the outside in, that make up `text`."""
        whole = self._forms.get(text) or self._stems.get(text)
        if whole:
            return whole
        for cut in range(len(text) - 2, 1, -1):
            outer = self._forms.get(text[:cut]) or self._stems.get(text[:cut])
            if outer and (inner := self._inside(self._chain(text[cut:]), outer)):
                return inner
        return ()

    def _inside(self, codes: Iterable[str], outer: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(c for c in codes if any(c != o and self.is_within(c, o) for o in outer))

    def _pick(self, codes: tuple[str, ...], near: str | None) -> Region | None:
        """The one candidate that shares most with `near`, then the one of the highest level."""
        if not codes:
            return None
        around = set(self.ancestors(near)) if near else set()

        def rank(code: str) -> tuple[int, int]:
            return -len(around.intersection(self.ancestors(code))), self._regions[code].level

        best = min(map(rank, codes))
        picked = [code for code in codes if rank(code) == best]
        return self._regions[picked[0]] if len(picked) == 1 else None


def load_regions(path: Path) -> RegionTree:
    """Read `regions.yaml` into a tree.

    Raises:
        CorpusError: as `read_region_file`.
    """
    return RegionTree(read_region_file(path))


def _lengths(forms: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Lengths of the forms, longest first, by their first two characters."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for form in forms:
        lengths[form[:2]].add(len(form))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
