"""Figures said of several things together → those of one: 160人分两个班 is 80 a class.

In: matches of a message, its text with tokens, and of which things each fact is a figure (`each` in `facts.yaml`). Out:
the matches with such figures divided; what does not divide evenly becomes the range that its parts have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.dialogue.extract_matches import Match
from assistant.dialogue.quantities import TOKENS, Lexed

_NUM = f"[{chr(TOKENS['NUM'][0])}-{chr(TOKENS['NUM'][1])}]"
_SEVERAL = (
    r"(?:(?:分|拆|编|开|办|排)(?:成|了|为|作|开|到)?{num}{unit}|{num}{unit}(?:一共|总共|合计|加起来|共))"
)
_OF_ONE = re.compile(r"(?:每|各|一个|这个?|该|本|单)[^,，。;；?？!！]*$")
"""每班80人, 各80人, 这个班80人: already a figure of one."""


def apportion(matches: Sequence[Match], lexed: Lexed, each: Mapping[str, str]) -> list[Match]:
    """Divide the figures of several things, where a message says into how many; others stay as they are.

    Args:
        each: the thing that a fact is a figure of, with its counter, by fact id.
    """
    return [
        match._replace(given=_share(int(match.given), n))
        if match.given.isdecimal()
        and (n := _count(lexed, each.get(match.fact, ""))) > 1
        and not _is_of_one(match, lexed)
        else match
        for match in matches
    ]


def _count(lexed: Lexed, unit: str) -> int:
    """How many things a message speaks of together; 1 where it does not say."""
    found = re.search(_SEVERAL.format(num=f"({_NUM})", unit=unit), lexed.text) if unit else None
    low = lexed.quantities[found[1] or found[2]].low if found else None
    return 1 if low is None else int(low)


def _is_of_one(match: Match, lexed: Lexed) -> bool:
    at = lexed.text.index(match.token) if match.token in lexed.text else match.end
    return bool(_OF_ONE.search(lexed.text[:at]))


def _share(figure: int, n: int) -> str:
    low = figure // n
    return str(low) if figure % n == 0 else f"{low}..{low + 1}"
