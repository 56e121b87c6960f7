"""Which documents may answer: in force on the day, of the asker's place or above, or named.

In: an understood question. Out: `Scope`. This acts before ranking, so that a Hebei question is never
answered by a Henan rule however alike the words are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assistant.dialogue import wording
from assistant.dialogue.understand import Understanding
from assistant.documents.catalog import COUNTRY, Corpus, has_begun, is_in_force, is_issued
from assistant.documents.regions import Region, RegionTree


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that may answer.

    Attributes:
        documents: ids; empty where nothing may answer.
        foreign: a place the question is about of which no document is held, nor of its province.
        parent_only: a place without documents of its own whose upper levels have some.
        preferred: regions whose own documents the question is about.
        uncovered: a place of which no document is held, beside which a comparison names one that has some.
        lapsed: documents that would answer but are not in force on the day: over, or issued and not yet begun.
    """

    documents: frozenset[str]
    foreign: Region | None = None
    parent_only: Region | None = None
    preferred: frozenset[str] = frozenset()
    uncovered: Region | None = None
    lapsed: frozenset[str] = frozenset()


class ScopeChooser:
    """Chooses documents for questions about one corpus."""

    def __init__(self, corpus: Corpus, regions: RegionTree) -> None:
        self._corpus = corpus
        self._regions = regions
        self._own = {d.region for d in corpus.documents}

    @property
    def covered(self) -> list[Region]:
        """The regions that have documents of their own, from the country down."""
        regions = [r for code in self._own if (r := self._regions.get(code))]
        return sorted(regions, key=lambda r: (r.level, r.code))

    def choose(self, asked: Understanding, as_of: date) -> Scope:
        """The documents that may answer `asked` on the day `as_of`."""
        fitting = [
            d for d in self._corpus.documents if not d.only_for or any(w in asked.text for w in d.only_for)
        ]
        open_ = [d for d in fitting if is_in_force(d, as_of)]
        named = asked.references.documents
        places = [p for p in asked.places if p.code != COUNTRY]
        foreign = next((p for p in places if not self._has_province(p)), None)
        uncovered = None
        if foreign and any(map(self._has_province, places)):
            # 厂子在唐山，跟天津的学校合办: the case lies in a place that is covered.
            uncovered = foreign if asked.is_comparison else None
            foreign = None
        asked_for = places or ([asked.home] if asked.home and not asked.places else [])
        parent_only = next((p for p in asked_for if p.code not in self._own and self._has_province(p)), None)
        preferred = frozenset(p.code for p in asked.places) & self._own
        beside = preferred | (frozenset(asked.levels) & self._own if asked.is_comparison else frozenset())
        if named:
            # 河北给了比例，国家行动计划给了没有: a place beside the document of another is a second side.
            of_named = {d.region for d in self._corpus.documents if d.id in named}
            has_sides = asked.is_comparison or bool(preferred - of_named)
            wanted = set(named) | ({d.id for d in open_ if d.region in beside} if has_sides else set())
            # What a document said that is named is told though it is over.
            held = [d for d in self._corpus.documents if d.id in wanted and is_issued(d, as_of)]
            begun = frozenset(d.id for d in held if has_begun(d, as_of))
            return Scope(begun, None, None, preferred, lapsed=frozenset(d.id for d in held) - begun)
        codes = self._codes(asked)
        held = [d for d in fitting if is_issued(d, as_of)]
        inside = frozenset(d.id for d in held if codes is None or d.region in codes)
        in_force = frozenset(d.id for d in open_)
        return Scope(inside & in_force, foreign, parent_only, preferred, uncovered, inside - in_force)

    def _codes(self, asked: Understanding) -> set[str] | None:
        """Regions whose documents bind the places asked about; None for all."""
        places: Iterable[Region] = asked.places or ((asked.home,) if asked.home else ())
        codes = {code for place in places for code in self._regions.ancestors(place.code)}
        if asked.home and asked.places and self._brings_home_in(asked):
            codes |= set(self._regions.ancestors(asked.home.code))
        return codes or None

    def _brings_home_in(self, asked: Understanding) -> bool:
        """Whether the asker's own place matters beside those that the question names."""
        above = set(self._regions.ancestors(asked.home.code)) if asked.home else set()
        # 我们河北的学校: the place named is the asker's own, not one beside it.
        names = "|".join(re.escape(n) for p in asked.places for n in {p.name, p.name[:-1]} if len(n) > 1)
        rest = re.sub(rf"(?:我|咱|俺)们?(?:在|是)?(?:{names})", "", asked.text) if names else asked.text
        speaks_of_home = wording.SPEAKS_OF_HOME.search(rest)
        return (
            asked.is_comparison or bool(speaks_of_home) or any(place.code in above for place in asked.places)
        )

    def _has_province(self, place: Region) -> bool:
        """True where some document below the country's level binds the place or lies inside it."""
        lineage = set(self._regions.ancestors(place.code)) - {COUNTRY}
        return any(
            code in lineage or self._regions.is_within(code, place.code) for code in self._own - {COUNTRY}
        )
