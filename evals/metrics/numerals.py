"""Numbers in running text, Arabic and Chinese.

Written anew rather than borrowed from the product: a ruler that shares its reader of numbers with
what it measures would miss that reader's faults.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

_ARABIC = re.compile(r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<scale>[万亿])?")
# 六千, 二十八, 十五, 一百二十; but not 一个 or 百姓, which are words rather than figures.
_CHINESE_FIGURE = re.compile(
    r"(?:[一二三四五六七八九两][十百千万亿]|十[一二三四五六七八九])[零〇一二三四五六七八九两十百千万亿]*"
)
_CHINESE_ANY = re.compile(r"[零〇一二三四五六七八九两十百千万亿]+")

_DIGIT = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "\u3007": 0,
    "两": 2,
}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_SCALE = {"万": 10_000, "亿": 100_000_000}


class Numeral(NamedTuple):
    """A number as it stands in a text.

    Attributes:
        shown: as printed, after NFKC.
        bare: its value without a following 万 or 亿.
        value: its whole value: `50万` is 500000.
    """

    shown: str
    bare: Decimal
    value: Decimal


def find_arabic(text: str) -> list[Numeral]:
    """Every number in digits, after NFKC: `1:20` is two numbers, `2,000` is one."""
    found = []
    for match in _ARABIC.finditer(unicodedata.normalize("NFKC", text)):
        bare = Decimal(match["digits"].replace(",", ""))
        value = bare * _SCALE.get(match["scale"] or "", 1)
        found.append(Numeral(match.group().strip(), bare, value))
    return found


def find_chinese_figures(text: str) -> list[Numeral]:
    """Chinese numerals of ten and more; smaller ones are words (一个, 两级) as often as figures."""
    return _find_chinese(_CHINESE_FIGURE, text)


def find_chinese(text: str) -> list[Numeral]:
    """Every run of Chinese numerals that can be read as a number."""
    return _find_chinese(_CHINESE_ANY, text)


def _find_chinese(pattern: re.Pattern[str], text: str) -> list[Numeral]:
    found = []
    for match in pattern.finditer(unicodedata.normalize("NFKC", text)):
        value = read_chinese(match.group())
        if value is not None:
            found.append(Numeral(match.group(), Decimal(value), Decimal(value)))
    return found


def read_chinese(numeral: str) -> int | None:
    """The value of a Chinese numeral; None where the characters form none, such as `百万千`."""
    if all(c in _DIGIT for c in numeral):
        return int("".join(str(_DIGIT[c]) for c in numeral)) if numeral else None
    total, section, digit = 0, 0, None
    for c in numeral:
        if c in _DIGIT:
            digit = _DIGIT[c]
        elif c in _SMALL:
            if digit is None and c != "十":
                return None
            section += (1 if digit is None else digit) * _SMALL[c]
            digit = None
        else:
            section += digit or 0
            if c == "亿":  # 一万亿: what came before counts hundreds of millions
                section, total = total + section, 0
            if not section:
                return None
            total, section, digit = total + section * _SCALE[c], 0, None
    return total + section + (digit or 0)


def scale_of(unit: str | None) -> int:
    """What a unit such as `万元` multiplies a number by; 1 for a plain one or none."""
    return _SCALE.get((unit or "")[:1], 1)
