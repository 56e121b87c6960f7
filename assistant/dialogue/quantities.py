"""The quantities a sentence states, each as one token: 85, 八十五, 不到80, 四五十, 三成半, 1比20, 5月6号.

In: normalised text without blanks. Out: `Lexed`: the text in which each quantity is a single character, and what each
of these characters stands for. Wording patterns of facts are written over tokens, so that `NUM人` finds 85人, 不到八十人
and 四五十人 alike.

One decision: a quantity is never guessed. 几十人, 80左右 and 将近50 state no value, so they are no tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from assistant.dialogue.days import DATE_PATTERN, read_days
from assistant.dialogue.oral import HALF, IDIOM, MINUTES, SPLIT, plain_numerals, read_minutes, read_split
from assistant.rules.numerals import MIXED, read_number
from assistant.rules.show import show_number

Kind = Literal["NUM", "SHARE", "RATIO", "DATE"]

TOKENS: dict[Kind, tuple[int, int]] = {
    "NUM": (0xE000, 0xE3FF),
    "SHARE": (0xE400, 0xE7FF),
    "RATIO": (0xE800, 0xEBFF),
    "DATE": (0xEC00, 0xEFFF),
}
"""Private-use characters by kind of token: first and last."""


class Quantity(NamedTuple):
    """A quantity as stated; both ends are the same for a point, an end is None where it is open.

    Attributes:
        low, high: numbers, shares below one, the 20 of 1:20, or days as ordinals.
        low_open, high_open: True where the end itself is not meant (不到80, 超过80).
        scale: 万 or 亿 where it was said, already multiplied in.
        start, end: where its words stand in the lexed text's original.
    """

    kind: Kind
    low: Fraction | None
    high: Fraction | None
    low_open: bool
    high_open: bool
    scale: str
    start: int
    end: int

    @property
    def is_point(self) -> bool:
        """True where one value is stated."""
        return self.low is not None and self.low == self.high

    def write(self) -> str:
        """In the notation that facts are stated in: `85`, `<80`, `40..49`, `65%`, `2021-05-06`."""
        low, high = (None if end is None else self._write_end(end) for end in (self.low, self.high))
        if self.is_point:
            return low or ""
        if low is None:
            return f"{'<' if self.high_open else '<='}{high}"
        if high is None:
            return f"{'>' if self.low_open else '>='}{low}"
        return f"{low}..{high}"

    def _write_end(self, end: Fraction) -> str:
        if self.kind == "DATE":
            return date.fromordinal(int(end)).isoformat()
        if self.kind == "SHARE":
            return f"{show_number(end * 100)}%"
        if self.scale == "万":
            return f"{show_number(end / 10_000)}万"
        return show_number(end)


@dataclass(frozen=True, slots=True)
class Lexed:
    """A text with its quantities as tokens.

    Attributes:
        text: each quantity one private-use character.
        quantities: by that character.
        vague: words for quantities that state no value, such as 八十来 and 50左右.
        offsets: for each character of `text` where it begins in the original, and the original's length at the end.
    """

    text: str
    quantities: dict[str, Quantity]
    offsets: tuple[int, ...]
    vague: tuple[str, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original."""
        return self.offsets[start], self.offsets[end]


_HAN = "零〇一二两三四五六七八九十百千万亿"
_ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_N = rf"(?:{MIXED}|(?:{_ARABIC})[百千万亿]*|[{_HAN}]+)"
_COUNTER = r"(?:个|名|位|人次|人|台|套|所|家|项|课时|学时|小时|分钟|节|元|块|天|岁|周岁|次|门)?"

_UNDER = r"不到|不足|未满|不满|没到|没有达到|未达到|少于|低于|小于|<(?!=)"
_AT_MOST = r"不[得能可]?超过|不[得能可]多于|不[得能可]高于|不多于|不高于|不大于|没超过|没有超过|(?:最|顶)多不过|最多|至多|顶多|撑死了?|<=|≤"
_OVER = r"超过了?|超出|多于|高于|大于|(?<![<=])>(?!=)"
_AT_LEAST = r"不[得能可]?少于|不[得能可]?低于|不小于|不下于?|至少|起码|最少|少说|>=|≥"
_ABOUT = r"大约|大概|约|将近|接近|差不多|近(?=\d)|估计|可能"
_OVER_ALONE = rf"(?<!不)(?<!没)(?<!没有)(?:{_OVER})"
_BEFORE = "|".join(
    (
        rf"(?P<under>(?<!不)(?:{_UNDER}))",
        rf"(?P<most>{_AT_MOST})",
        rf"(?P<least>{_AT_LEAST})",
        rf"(?P<over>{_OVER_ALONE})",
        rf"(?P<about>{_ABOUT})",
        r"(?P<exact>正好|刚好|恰好|整整|(?:现在?|目前|眼下|手头|已经?)(?:只|才|就)?有|(?:减少?|增?加|改|调整?|换|降|升|提高|变)(?:到|成|为|至))",
    )
)
_AFTER = r"(?P<least_after>及?以上|往上|打底)|(?P<most_after>及?以下|以内|之内|往下|封顶|打住)|(?P<about_after>左右|上下)"

# 第3条, 2019年50号文, 附件1, 1+X, 105号文, 2021年, 5G: names and ordinals, no quantities.
_NAME = re.compile(
    rf"第[{_HAN}\d]+|(?:19|20)\d{{2}}年第?\d{{1,4}}号文?|附件[{_HAN}\d]+|\d+\+[A-Za-z\d]+|[A-Za-z]+[-+]?\d+|\d+[A-Za-z]+(?![%])|\d{{1,4}}号(?!(?:人|学员|学生))文?|〔\d{{4}}〕\d*号?"
    rf"|(?:19|20)\d{{2}}(?:-(?:19|20)\d{{2}})?年度?(?!\d)|[十一二]{{1,3}}五规划|(?<![\d.])0\d{{2,3}}-?\d{{7,8}}|1\d{{10}}(?!\d)"
)
# 统一, 一般, 一样, 万一: a numeral that is part of a word.
_WORD = re.compile(
    rf"{IDIOM}"
    # 周五就撤了   near miss: 每周三节课
    r"|(?<!每)(?:周|星期|礼拜)[一二三四五六](?![节次个天课人小学])"
    r"|[统唯单同逐任之下上某另那划初进专万](?=一)一"
    r"|一(?:般|定|样|起|直|些|旦|律|共|切|边|面|方面|体化?|致|旁|向|块儿?|会儿|点|种|下|流|线|手|回事|并|概|把手|号|带|再|时|[二两三四五六七八九十]是)"
    r"|[一二两三四五六七八九十]{1,2}(?:是|来)(?=[^\d])|千万(?!元|人|块)|万(?:能|物)|百(?:姓|花)|[三四五六七八九]方(?=面|$)|十分(?!之|钟)|[两三]者|双[一二两]|两癌|五险"
    r"|(?<=这)[两三四五](?=[个项者样块家所拨种条])|(?<=那)[两三四五](?=[个项者样块](?:加|合|一共|总|相差|差|比|都|分别))"
    r"|第?[一二三]产业|两个(?:讲台|提升)|一老一小|三农|四新|十足|两用"
)
_TENTHS = r"[一二两三四五六七八九](?:成半|成[一二三四五六七八九](?![个名人])|成)(?!就(?!够|行|可以|能|算)|[立果绩为员长本功熟品交套不])"
_SHARE = "|".join(
    (
        rf"(?:{_ARABIC})%",
        rf"百分之(?:{_ARABIC}|[{_HAN}]+)(?:点[{_HAN}]+)?",
        rf"千分之(?:{_ARABIC}|[{_HAN}]+)",
        _TENTHS,
        r"[二两三四五六七八九十]分之[一二两三四五六七八九]",
        "一半|半数|对半",
        SPLIT,
    )
)
_RATIO = (
    rf"(?<![\d.])(?P<left>\d{{1,3}}|[{_HAN}]+)[:比](?P<right>\d{{1,4}}(?:\.\d+)?|[{_HAN}]+)(?![:.\d年月日])"
)


def lex_quantities(text: str, as_of: date) -> Lexed:
    """Find the quantities of `text`.

    Args:
        text: normalised, without blanks.
        as_of: the day that 上个月 and a day without a year are read from.
    """
    return _Lexer(plain_numerals(text), as_of).run()


class _Lexer:
    def __init__(self, text: str, as_of: date) -> None:
        self._source = text
        self._as_of = as_of
        self._chars: list[str] = []
        self._offsets: list[int] = []
        self._quantities: dict[str, Quantity] = {}
        self._vague: list[str] = []
        years = set(_YEAR_SAID.findall(text))
        self._year = int(years.pop()) if len(years) == 1 else None

    def run(self) -> Lexed:
        at = 0
        while at < len(self._source):
            at = self._step(at)
        offsets = (*self._offsets, len(self._source))
        return Lexed("".join(self._chars), self._quantities, offsets, tuple(self._vague))

    def _step(self, at: int) -> int:
        """Read what stands at `at`; returns where to go on."""
        if match := _DATE.match(self._source, at):
            days = read_days(match[0], self._as_of, self._year)
            if days:
                low, high = (Fraction(day.toordinal()) for day in days)
                self._put(Quantity("DATE", low, high, False, False, "", at, match.end()))
                return match.end()
        if match := MINUTES.match(self._source, at):
            return self._read_minutes(match, at)
        if match := _PAIR.match(self._source, at):
            number = Fraction({"俩": 2, "仨": 3}[match[0]])
            self._put(Quantity("NUM", number, number, False, False, "", at, match.end()))
            return match.end()
        if match := _VAGUE.match(self._source, at):
            self._vague.append(match[0])
            return self._keep(at, match.end())
        if match := _SKIP.match(self._source, at):
            return self._keep(at, match.end())
        match = _QUANTITY.match(self._source, at)
        if match is None or not match.group("value"):
            return self._keep(at, at + 1)
        return self._read(match, at)

    def _read_minutes(self, match: re.Match[str], at: int) -> int:
        """三刻钟, 半小时: as minutes, with the unit that patterns look for behind them."""
        minutes = read_minutes(match)
        if minutes is None:
            return self._keep(at, at + 1)
        self._put(Quantity("NUM", minutes, minutes, False, False, "", at, match.end()))
        self._chars += "分钟"
        self._offsets += [match.end()] * 2
        return match.end()

    def _keep(self, at: int, end: int) -> int:
        self._chars += self._source[at:end]
        self._offsets += range(at, end)
        return end

    def _put(self, quantity: Quantity) -> None:
        first, last = TOKENS[quantity.kind]
        n = sum(q.kind == quantity.kind for q in self._quantities.values())
        if first + n > last:
            return
        char = chr(first + n)
        self._quantities[char] = quantity
        self._chars.append(char)
        self._offsets.append(quantity.start)

    def _read(self, match: re.Match[str], at: int) -> int:
        end = match.end("value")
        read = _read_value(match)
        if read is None or self._is_determiner(match):
            return self._keep(at, end)
        kind, low, high, low_open, high_open, scale = read
        after = _AFTER_UNIT.match(self._source, end)
        # 大概四五十人 is a range already.
        if low == high and (match["about"] or (after and after["about_after"])):
            self._vague.append(self._source[at : after.end() if after else end])
            return self._keep(at, end)
        half = HALF.match(self._source, end)
        if half and low == high and low is not None:
            low = high = low + Fraction(1, 2)
        bound = _bound_of(match, after)
        if bound and low == high:
            low, high, low_open, high_open = bound(low)
        self._put(Quantity(kind, low, high, low_open, high_open, scale, at, end))
        if after and (after["least_after"] or after["most_after"]):
            # The unit stays, 以上 and 以内 have been read.
            unit = after.start("least_after") if after["least_after"] else after.start("most_after")
            self._keep(end, unit)
            return after.end()
        return self._keep(end, half.end()) + 1 if half else end

    def _is_determiner(self, match: re.Match[str]) -> bool:
        """一个班, 一课时, 每一位: 一 before a noun counts nothing, unless it stands among counts or after 有, 配."""
        is_bounded = any(match[name] for name in ("under", "most", "least", "over"))
        if match["value"] not in ("一", "1") or is_bounded:
            return False
        rest, before = self._source[match.end("value") :], self._source[: match.start("value")]
        if match["value"] == "1":
            return bool(re.match(r"个?(?:课时|学时|节课?|堂课?)[^\d,，。]{0,3}\d+分", rest))
        if re.match(r"个?月|节|天|学时|课时", rest) and re.search(r"(?:上|隔|满|过|完|开|停)$", before):
            return False
        if not re.match(r"[个名位台所家]", rest):
            return True
        if re.match(r"个[大小]?班", rest) and _PEOPLE_IN.search(before):
            # 75人一个班: the class counts nothing beside the people in it.
            return True
        if re.search(r"(?:再|又|还|多|另外?)[来添招请配加聘派补找]了?$", before):
            return False
        if re.search(
            r"(?:凑(?:出|得|了|齐)?|有|配了?|只|仅|才|就|请了?|聘了?|缺|差|建了?|办了?|走了?|少了?|退了?|坏了?|辞了?)$",
            before,
        ):
            return False
        return not any(match.start() - q.end <= 8 and q.kind == "NUM" for q in self._quantities.values())


Read = tuple[Kind, Fraction | None, Fraction | None, bool, bool, str]
Bounded = tuple[Fraction | None, Fraction | None, bool, bool]


def _bound_of(
    match: re.Match[str], after: re.Match[str] | None
) -> Callable[[Fraction | None], Bounded] | None:
    """What the words around a number make of it."""
    if match["under"]:
        return lambda n: (None, n, False, True)
    if match["over"]:
        return lambda n: (n, None, True, False)
    if match["most"] or (after and after["most_after"]):
        return lambda n: (None, n, False, False)
    if match["least"] or (after and after["least_after"]):
        return lambda n: (n, None, False, False)
    return None


def _read_value(match: re.Match[str]) -> Read | None:
    if match["share"]:
        share = _read_share(match["share"])
        return None if share is None else ("SHARE", share, share, False, False, "")
    if match["left"]:
        left, right = read_number(match["left"]), read_number(match["right"])
        return ("RATIO", right / left, right / left, False, False, "") if left and right is not None else None
    if match["few"]:
        return _read_few(match["few"], match["scale"] or "")
    if match["low"]:
        return _read_range(match["low"], match["high"])
    number, many = match["number"], match["many"]
    value = read_number(number)
    if value is None:
        return None
    scale = number[-1] if number[-1] in "万亿" else ""
    if many:
        step = _step_of(value)
        return ("NUM", value + 1, value + step - 1, False, False, scale) if step > 1 else None
    return "NUM", value, value, False, False, scale


def _read_range(low: str, high: str) -> Read | None:
    """40到49, 3-5, 一两万 to its end: the first number takes the 万 of the second."""
    first, second = read_number(low), read_number(high)
    if first is None or second is None:
        return None
    scale = high[-1] if high[-1] in "万亿" else ""
    if scale and low[-1] not in "万亿":
        first *= 10_000 if scale == "万" else 100_000_000
    return ("NUM", first, second, False, False, scale) if first <= second else None


def _read_few(digits: str, scale: str) -> Read | None:
    """四五十 is 40 to 50, 七八 is 7 to 8; digits that do not follow each other are none."""
    first, second = (read_number(d) for d in digits)
    if first is None or second is None or not 0 < second - first <= 2:
        return None
    unit = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000}[scale]
    return "NUM", first * unit, second * unit, False, False, "万" if scale == "万" else ""


def _step_of(value: Fraction) -> Fraction:
    """How far 多 reaches: 80多 to 89, 一百多 to 199, 120多 to 129."""
    step = Fraction(1)
    while value and value % (step * 10) == 0:
        step *= 10
    return step


def _read_share(text: str) -> Fraction | None:
    if text in ("一半", "半数", "对半"):
        return Fraction(1, 2)
    if (second := read_split(text)) is not None:
        return second
    if text.endswith("%"):
        number = read_number(text[:-1])
        return None if number is None else number / 100
    if text.startswith(("百分之", "千分之")):
        whole, _, part = text[3:].partition("点")
        number = Fraction(100) if whole == "百" else read_number(whole)
        digits = "".join(str(read_number(d)) for d in part)
        if number is None:
            return None
        number += Fraction(int(digits), 10 ** len(digits)) if digits.isdecimal() else 0
        return number / (100 if text.startswith("百") else 1000)
    if "分之" in text:
        parts, _, part = text.partition("分之")
        of, taken = read_number(parts), read_number(part)
        return taken / of if of and taken is not None and taken <= of else None
    tenths = read_number(text[0])
    hundredths = (
        Fraction(5) if text.endswith("半") else read_number(text[2]) if len(text) > 2 else Fraction(0)
    )
    return None if tenths is None or hundredths is None else tenths / 10 + hundredths / 100


_VAGUE = re.compile(
    rf"(?:(?:{_ARABIC})|[{_HAN}]+)(?:来)(?=[个名位人台课学节天元岁])|(?:好?几|十几|几)(?:十|百|千)多?(?=[个名位人])"
)
_DATE = re.compile(DATE_PATTERN)
_YEAR_SAID = re.compile(r"(?<!\d)((?:19|20)\d{2})年(?!度)")
_PEOPLE_IN = re.compile(r"[人名员生](?:编|坐|挤|塞|放|拟|成|为|作|进|在|到|同)*$")
_PAIR = re.compile(r"(?<![这那咱你我他她们])[俩仨]")
_SKIP = re.compile(rf"{_NAME.pattern}|{_WORD.pattern}")
_QUANTITY = re.compile(
    rf"(?:(?:{_BEFORE})(?:了|是|为)?|了)?(?P<value>(?P<share>{_SHARE})|{_RATIO}"
    rf"|(?P<few>(?<![{_HAN}])[一二三四五六七八九]{{2}})(?P<scale>[十百千万])?(?=[个名位人台课学节天元块岁]|号人)"
    rf"|(?P<low>{_N}){_COUNTER}(?:到|至|-|~|—|–)(?P<high>{_N})"
    rf"|(?P<number>(?<!几){_N})(?!\+[A-Za-z\d]|刻钟)(?P<many>(?:多|几|余)(?=[个名位人台课学节天元块岁套所家项分小]|号人|$)|出头)?)"
)
_AFTER_UNIT = re.compile(rf"{_COUNTER}(?:学员|学生|老师|教师|工位)?(?:{_AFTER})")
