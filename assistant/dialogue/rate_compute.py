"""A rate and the quantities that a question states → the figure, with its formula; nothing where a condition is not met.

In: a question as read for rates, one rate of a sentence, that sentence and the others of its clause. Out: `Computed`,
exact; None where the quantity is not the one the rate is of, or an end or a condition may stand in the way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from assistant.dialogue.rate_asked import AskedRate, StatedQuantity
from assistant.dialogue.rate_case import is_of_base
from assistant.dialogue.rate_texts import Cap, Rate, find_caps, find_rates, plain_unit
from assistant.rules.schema import Bound
from assistant.rules.show import show_number

_CONDITION = re.compile(
    r"(?P<over>超过|满|达到|不少于|不低于|至少|多于)(?P<n>\d+(?:\.\d+)?)(?P<scale>万)?(?P<unit>课时|学时|元|天|日|人次|人|名|个月)"
    r"|(?P<under>不足|不满|低于|少于)(?P<n2>\d+(?:\.\d+)?)(?P<scale2>万)?(?P<unit2>课时|学时|元|天|日|人次|人|名|个月)"
    r"|(?P<n3>\d+(?:\.\d+)?)(?P<scale3>万)?(?P<unit3>课时|学时|元|天|日|人次|人|名|个月)(?P<side>(?:及|\(含\))?以[上下内])"
)
_STATED = re.compile(r"(?<![\d.])\d+(?:\.\d+)?万?(课时|学时|元|天|日|人次|人|名|个月)")
_BEYOND = re.compile(
    r"超[过出][^,;。]{0,8}部分|每增加?|递[增减]|增配|累进|折半|减半|舍去|部分不计|不足的不计"
)
_TEN_THOUSAND = 10_000


class Computed(NamedTuple):
    """A figure; `value` is in `unit`, yuan for money.

    Attributes:
        shown: the formula with its result.
    """

    value: Fraction
    shown: str
    unit: str
    bound: Bound


def compute(question: AskedRate, rate: Rate, text: str, others: Sequence[str]) -> Computed | None:
    """The figure that a rate comes to for what a question states."""
    if any(_BEYOND.search(t) for t in (text, *others)):
        return None
    caps = [c for c in find_caps(text) if not c.start < rate.end <= c.end and c.start >= rate.end]
    match rate.kind:
        case "each":
            used, computed = _multiply(question, rate, caps)
        case "share":
            used, computed = _take_share(question, rate, caps)
        case _:
            used, computed = _count_groups(question, rate)
    if computed is None or not _are_met(question, rate, text, caps, used):
        return None
    return None if _is_capped_elsewhere(others, used, computed) else computed


def _multiply(
    question: AskedRate, rate: Rate, caps: Sequence[Cap]
) -> tuple[list[StatedQuantity], Computed | None]:
    """Days × yuan a day; persons too, where all of them are asked for."""
    counts = [u for u in rate.per if u != "人"]
    # 发了300元,对不对得上: an amount beside the days is of another sum.
    is_of_sum = any(q.unit == "元" for q in question.quantities)
    if "元" not in question.units or len(counts) > 1 or rate.figure is None or is_of_sum:
        return [], None
    counted = [q for q in (question.only(u) for u in counts) if q]
    persons = _read_persons(question, rate, is_counted=bool(counts))
    used = [*counted, *(persons or [])]
    if persons is None or len(counted) != len(counts) or not used:
        return [], None
    if not all(q.value > 0 and is_of_base(q, rate) for q in used):
        return [], None
    n, note = counted[0].value if counted else Fraction(1), ""
    most = min((c for c in caps if c.unit == counts[0]), key=_by_value, default=None) if counts else None
    if most and n > most.value:
        n, note = most.value, f"最多计 {show_number(most.value)} {most.unit}，"
    people = persons[0].value if persons else Fraction(1)
    total = n * rate.figure * people
    end = min((c for c in caps if c.unit == "元"), key=_by_value, default=None)
    if persons and end and (n * rate.figure if end.is_each else total) > end.value:
        return [], None
    factors = [*(q.value for q in persons), *([n] if counts else []), rate.figure]
    formula = f"{note}{' × '.join(map(show_number, factors))} = {_say(total, '元')}"
    return used, _end(formula, total, None if persons else end, "元", "==")


def _read_persons(question: AskedRate, rate: Rate, *, is_counted: bool) -> list[StatedQuantity] | None:
    """The persons that all of the money is asked for; None where it may be of one, or of all: 12天,40人,补多少."""
    people = [q for q in question.quantities if q.unit == "人"]
    is_of_one = question.is_for_one and is_counted
    if "人" in rate.per and people and question.is_for_all and not is_of_one:
        return people if len(people) == 1 else None
    return None if people and (question.is_for_all or not question.is_for_one) else []


def _by_value(cap: Cap) -> Fraction:
    return cap.value


def _end(shown: str, value: Fraction, most: Cap | None, unit: str, bound: Bound) -> Computed:
    """The figure, or the end that is set to it."""
    if most and value > most.value:
        return Computed(most.value, f"{shown}，最多 {_say(most.value, unit)}", unit, bound)
    return Computed(value, shown, unit, bound)


def _take_share(
    question: AskedRate, rate: Rate, caps: Sequence[Cap]
) -> tuple[list[StatedQuantity], Computed | None]:
    """A share of the amount, of the hours or of the people that a question states."""
    used = [q for q in question.quantities if is_of_base(q, rate)]
    if len(used) != 1 or used[0].value <= 0 or rate.figure is None:
        return [], None
    unit = used[0].unit
    same = [q for q in question.quantities if q.unit == unit]
    if len(same) != 1 or unit not in question.units or not _fits_bound(question.text, rate.bound):
        return [], None
    tails = (re.split(r"\d", fragment)[-1] for fragment in question.fragments)
    base = [rate.base[i : i + 2] for i in range(0, len(rate.base) - 1, 2)]
    if unit == "元" and any(all(w[0] in tail for w in base) for tail in tails):
        # 补了100万,设备投了多少: the base is what is asked for.
        return [], None
    value = used[0].value * rate.figure
    share = f"{show_number(rate.figure * 100)}%"
    shown = f"{_say(used[0].value, unit)} × {share} = {_say(value, unit)}"
    if unit == "人":
        whole = Fraction(floor(value) if rate.bound == "<=" else ceil(value))
        if rate.bound == "==" and whole != value:
            return [], None
        shown += "" if whole == value else f"，取整 {_say(whole, unit)}"
        value = whole
    most = [c for c in caps if c.unit == unit]
    return used, _end(shown, value, min(most, key=lambda c: c.value, default=None), unit, rate.bound)


def _fits_bound(text: str, bound: Bound) -> bool:
    """Whether the end that is asked for is the one that is set: 最少几课时 is not told by a ceiling."""
    asks_most = re.search(r"最多|至多|最高|顶多|上限|封顶", text)
    asks_least = re.search(r"最少|至少|最低|起码|下限", text)
    return not ((asks_least and bound == "<=") or (asks_most and bound == ">="))


def _count_groups(question: AskedRate, rate: Rate) -> tuple[list[StatedQuantity], Computed | None]:
    """How many are wanted for a class: one for each group begun."""
    people = question.only("人")
    if people is None or people.value <= 0 or rate.figure is None or not is_of_base(people, rate):
        return [], None
    if not _fits_bound(question.text, rate.bound):
        return [], None
    groups = ceil(people.value / rate.size)
    value = groups * rate.figure
    exact = show_number(people.value / rate.size)
    rounded = f"{exact}，进位取 {groups}" if exact != str(groups) and "/" not in exact else str(groups)
    shown = f"{show_number(people.value)} ÷ {rate.size} = {rounded}"
    if "/" in exact:
        shown = f"{show_number(people.value)} ÷ {rate.size} 进位取 {groups}"
    shown += f"，{groups} × {show_number(rate.figure)} = {show_number(value)}"
    return [people], Computed(value, shown, rate.counter, rate.bound)


def _are_met(
    question: AskedRate, rate: Rate, text: str, caps: Sequence[Cap], used: Sequence[StatedQuantity]
) -> bool:
    """Whether every other figure of a sentence in a unit that is used is an end, or a condition that is met."""
    rest = list(text)
    rates = [r for r in find_rates(text) if r.kind == rate.kind]
    for start, end in [(r.start, r.end) for r in rates] + [(c.start, c.end) for c in caps]:
        rest[start:end] = "#" * (end - start)
    left = "".join(rest)
    for m in _CONDITION.finditer(left):
        number, scale, unit = (
            next(g for g in (m[a], m[a + "2"], m[a + "3"], "") if g is not None)
            for a in ("n", "scale", "unit")
        )
        value = Fraction(number) * (_TEN_THOUSAND if scale else 1)
        for q in question.quantities:
            if q.unit == plain_unit(unit) and not _is_met(m, q.value, value, rate):
                return False
    left = _CONDITION.sub("#", left)
    if rate.kind == "group":
        # 不足20名的按1名配备 is what is wanted for the last group.
        left = re.sub(rf"#的?按{rate.figure}[名个]", "#", left)
    units = {q.unit for q in used}
    return not any(plain_unit(u) in units for u in _STATED.findall(left))


def _is_met(m: re.Match[str], stated: Fraction, value: Fraction, rate: Rate) -> bool:
    if stated < 0:
        return False
    if m["over"]:
        return stated > value if m["over"] in ("超过", "多于") else stated >= value
    if m["under"]:
        # 不足20名的按1名配备 is another case, and the same for groups of that size.
        return stated >= value or (rate.kind == "group" and value == rate.size)
    return stated >= value if m["side"].endswith("上") else stated <= value


def _is_capped_elsewhere(others: Sequence[str], used: Sequence[StatedQuantity], computed: Computed) -> bool:
    """Whether an end that another sentence of the clause sets might be passed."""
    ends = [c for text in others for c in find_caps(text)]
    return any(
        (c.unit == computed.unit and computed.value > c.value)
        or any(q.unit == c.unit and q.value > c.value for q in used)
        for c in ends
    )


def _say(value: Fraction, unit: str) -> str:
    if unit == "元" and value >= _TEN_THOUSAND and (value / _TEN_THOUSAND * 100).denominator == 1:
        return f"{show_number(value / _TEN_THOUSAND)} 万元"
    return f"{show_number(value)} {unit}"
