"""The figures and dates that an official text states, each with where it stands.

In: raw text, spaces and line breaks of a scan included (`15个工 作日内`). Out: `Figure`s and `FoundDate`s in the
order of the text, with spans into it.

One decision: a number is read together with its unit or not at all. 第三, 一批 and 5G are words; a Chinese numeral
below ten counts only before a unit.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from assistant.rules.pins import fold_with_offsets


class Figure(NamedTuple):
    """A number with its unit.

    Attributes:
        value: exact; 万 and 亿 are multiplied in (but 5万元 is 5 万元), a share is below one (65% is 13/20), 1:20 is 20.
        unit: as printed, without a 个 before 学时 and the like; `比` for a ratio; empty where there is none.
        start: of the number.
        end: behind the unit.
    """

    value: Fraction
    unit: str
    start: int
    end: int
    is_ratio: bool


class FoundDate(NamedTuple):
    """A day of a month; `year` is None where the text names none. The end of a year is its 31 December."""

    year: int | None
    month: int
    day: int
    start: int
    end: int


_BREAK = "\n"
"""Stands in the squeezed text where digits, table cells or paragraphs must not run together."""
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}

_HAN_DIGIT = "零〇一二三四五六七八九两"
_ARABIC = r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+(?![,\d])|\d+)(?:\.\d+)?(?!\.?\d)"
_HAN = rf"[{_HAN_DIGIT}十][{_HAN_DIGIT}十百千万亿]*+"
_UNIT = (
    r"个?(?:工作日|学时|课时|小时|人次|人(?![才员民社力]))|个月|周岁|元(?!化)|分钟|天(?!然)|日(?![常报])|月(?!报)"
    r"|年(?![级检轮])|岁|周(?![期边年])|[%‰]|倍|个(?!百分点|别)|名(?![单称])|所|家(?![庭长政属])|门(?![类店])"
    r"|种(?![类植])|次(?!性)|项(?!目)|条(?!件)|期(?![间限])"
)
# 第三, 数十, 最后一日; 统一, 进一步, 之一, 下一: behind these a numeral is part of a word.
_FREE = (
    rf"(?<![第{_HAN_DIGIT}十百千万亿])(?<!最后)(?<![数几](?=十))(?<![统唯单同逐进任之下上某另这那划初](?=一))"
)
_FIGURE = re.compile(
    r"(?P<left>(?<![\d.:件表图第A-Za-z])\d{1,3})[:比](?P<right>\d{1,4}(?:\.\d+)?)(?![\d:.年月日])"
    rf"|(?P<whole>[百千万]|{_HAN})分之(?P<part>百|{_HAN}|{_ARABIC})"
    r"|(?P<half>一半|半数)"
    rf"|{_FREE}(?P<tenths>[一二三四五六七八九])成(?!就(?!够|行|可以|能|算)|[立果绩为员长本功熟分才品交套不])"
    rf"|{_FREE}(?<![A-Za-z+])(?P<number>{_ARABIC}[百千万亿]*+|{_HAN})(?![A-Za-z+])"
    rf"(?:[多余来](?={_UNIT}))?(?P<unit>{_UNIT})?"
)
_SHORT_HAN = "[一二三四五六七八九十]{1,3}"
_DATE = re.compile(
    rf"(?:(?<!\d)(?P<year>\d{{4}}|[{_HAN_DIGIT}]{{4}})年)?"
    rf"(?<!\d)(?P<month>\d{{1,2}}|{_SHORT_HAN})月(?P<day>\d{{1,2}}|{_SHORT_HAN})[日号]"
)
_YEAR_END = re.compile(rf"(?<!\d)(?P<year>\d{{4}}|[{_HAN_DIGIT}]{{4}})年年?[底末]")
_RANGE_MARKS = "-~至到"


class _Squeezed(NamedTuple):
    """Folded text with `_BREAK`s in it, and where each character came from."""

    text: str
    offsets: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece of it stood."""
        return self.offsets[start], self.offsets[end - 1] + 1


class _Reading(NamedTuple):
    """A number as matched, before a range or list lends it a unit."""

    value: Fraction
    number: str
    unit: str
    start: int
    end: int


def find_figures(text: str) -> list[Figure]:
    """Every figure of a text, in order; those of a whole date are left to `find_dates`."""
    squeezed = _squeeze(text)
    dates = [match.span() for match in _DATE.finditer(squeezed.text)]
    found = (_read_match(match) for match in _FIGURE.finditer(squeezed.text))
    readings = [r for r in found if r and not any(start <= r.start < end for start, end in dates)]
    lent = _lend_units(readings, squeezed.text)
    return [_make_figure(reading, squeezed) for reading in lent if not _is_word(reading)]


def find_dates(text: str) -> list[FoundDate]:
    """Every day that a text names by month and day, and every end of a year, in order."""
    squeezed = _squeeze(text)
    found = []
    for match in _DATE.finditer(squeezed.text):
        year, month, day = (read_number(match[name] or "") for name in ("year", "month", "day"))
        if month is not None and day is not None and 1 <= month <= 12 and 1 <= day <= 31:
            span = squeezed.span(*match.span())
            found.append(FoundDate(int(year) if year else None, int(month), int(day), *span))
    for match in _YEAR_END.finditer(squeezed.text):
        year = read_number(match["year"])
        found.append(FoundDate(int(year) if year else None, 12, 31, *squeezed.span(*match.span())))
    return sorted(found, key=lambda date: date.start)


# -- squeezing -----------------------------------------------------------------------------------------


def _squeeze(text: str) -> _Squeezed:
    r"""Fold a text; 1\t9 and `2.` before `5 个` stay apart, and ， is told from the comma of 12,000."""
    folded = fold_with_offsets(text)
    chars: list[str] = []
    offsets: list[int] = []
    for char, at in zip(folded.text, folded.offsets, strict=True):
        if offsets and _is_broken(chars[-1], char, text[offsets[-1] + 1 : at]):
            chars.append(_BREAK)
            offsets.append(at)
        chars.append("，" if text[at] == "，" else char)
        offsets.append(at)
    return _Squeezed("".join(chars), offsets)


def _is_broken(last: str, char: str, gap: str) -> bool:
    if not gap:
        return False
    if "\t" in gap or gap.count("\n") > 1:
        return True
    return char.isdigit() and (last in ".," or (last.isdigit() and (len(gap) > 1 or "\n" in gap)))


# -- reading -------------------------------------------------------------------------------------------


def _read_match(match: re.Match[str]) -> _Reading | None:
    if match["left"]:
        divisor = int(match["left"])
        value = Fraction(match["right"]) / divisor if divisor else None
        return _Reading(value, "", "比", *match.span()) if value is not None else None
    share = _read_share(match)
    if share is not None:
        return _Reading(share, "", "%", *match.span())
    if not match["number"]:
        return None
    value = read_number(match["number"])
    unit = match["unit"] or ""
    start, end = match.start("number"), match.end("unit") if unit else match.end("number")
    return _Reading(value, match["number"], unit, start, end) if value is not None else None


def _read_share(match: re.Match[str]) -> Fraction | None:
    if match["half"]:
        return Fraction(1, 2)
    if match["tenths"]:
        return Fraction(_DIGITS[match["tenths"]], 10)
    if not match["whole"]:
        return None
    whole = _SCALES.get(match["whole"]) if match["whole"] in "百千万" else read_number(match["whole"])
    part = Fraction(100) if match["part"] == "百" else read_number(match["part"])
    return part / whole if whole and part is not None else None


MIXED = r"(?:\d+万(?:\d千(?:\d百)?|\d{4}|\d)|\d+千(?:\d百|\d{3}|\d))(?![\d.百千万亿%年])"
"""Arabic figures with Chinese units between them: 1万2, 1万2千, 3千500."""
_MIXED = re.compile(r"(?P<head>\d+)(?P<scale>[万千])(?P<rest>\d+|\d千(?:\d百)?|\d百)")


def read_number(text: str) -> Fraction | None:
    """The value of 12,000, 1.5, 12万, 1万2, 六千 or 二〇二一; None where the characters form no number."""
    if mixed := _MIXED.fullmatch(text):
        step, rest = Fraction(_SCALES[mixed["scale"]]), mixed["rest"]
        # 1万2 is 12000, as 一万二 is; 1万2000 and 1万2千 say so themselves.
        parts = re.findall(r"(\d+)([百千]?)", rest)
        below = sum((Fraction(n) * (_SCALES[s] if s else 1) for n, s in parts), Fraction(0))
        return Fraction(mixed["head"]) * step + (below * step / 10 if len(rest) == 1 else below)
    arabic = re.match(r"[\d.,]+", text)
    if not arabic:
        return _read_han(text)
    value = Fraction(arabic.group().replace(",", ""))
    for scale in text[arabic.end() :]:
        value *= _SCALES[scale]
    return value


def _read_han(text: str) -> Fraction | None:
    if all(char in _DIGITS for char in text):
        is_plain = len(text) == 1 or (len(text) == 4 and "两" not in text)
        return Fraction("".join(str(_DIGITS[char]) for char in text)) if is_plain else None
    total, section, digit, last = 0, 0, None, 1
    for char in text:
        if char in _DIGITS:
            if digit:
                return None
            digit, last = _DIGITS[char], last if _DIGITS[char] else 1
            continue
        scale = _SCALES[char]
        if scale >= _SCALES["万"]:
            total, section = (total + section + (digit or 0)) * scale, 0
        else:
            section += (1 if digit is None and char == "十" else digit or 0) * scale
        digit, last = None, scale
    # 两万五 is 25000, 二十五 and 一百零五 are what they say.
    return Fraction(total + section + (digit or 0) * (last // 10 if last > 10 else 1)) or None


# -- units ---------------------------------------------------------------------------------------------


def _lend_units(readings: list[_Reading], text: str) -> list[_Reading]:
    """3—5年: the first number has the unit, and the 万, of the last; so have the months of 4、8、12月."""
    lent: list[_Reading] = []
    for reading in reversed(readings):
        following = lent[-1] if lent else None
        if following and not reading.unit and following.start == reading.end + 1:
            mark = text[reading.end]
            if (mark in _RANGE_MARKS and following.unit) or (mark == "、" and following.unit == "月"):
                reading = _lend(reading, following)  # noqa: PLW2901
        lent.append(reading)
    return lent[::-1]


def _lend(reading: _Reading, following: _Reading) -> _Reading:
    scale = Fraction(1)
    if not reading.number.endswith(("万", "亿")):
        scale = Fraction(_SCALES.get(following.number[-1:], 1))
    return reading._replace(
        value=reading.value * scale,
        number=reading.number + following.number[-1:] * (scale > 1),
        unit=following.unit,
    )


def _is_word(reading: _Reading) -> bool:
    """三方, 十大, 一批: a short Chinese numeral without a unit is no figure."""
    is_han = bool(reading.number) and not reading.number[0].isdigit()
    is_short = len(reading.number) == 1 or not any(char in _SCALES for char in reading.number)
    return is_han and not reading.unit and is_short


def _make_figure(reading: _Reading, squeezed: _Squeezed) -> Figure:
    value, unit = reading.value, reading.unit
    if unit in ("%", "‰") and reading.number:
        value, unit = value / (100 if unit == "%" else 1000), "%"
    if unit == "元" and reading.number.endswith("万"):
        value, unit = value / _SCALES["万"], "万元"
    if unit.startswith("个") and unit not in ("个", "个月"):
        unit = unit[1:]
    return Figure(value, unit, *squeezed.span(reading.start, reading.end), is_ratio=unit == "比")
