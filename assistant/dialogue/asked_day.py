"""A question that states a day and asks for another: which days it states, of what, and what is to be done by when.

In: the normalised words of a question, and the day it is asked on. Out: `AskedDay`. 证书是4月25日发的，机构申领补贴最迟哪天
states the day of 发, and asks until when 申领 is possible; 7月1日去申领晚了没有 asks whether that day is past the last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from assistant.dialogue.acts import find_acts, kinds_of
from assistant.dialogue.days import DATE_PATTERN, read_days
from assistant.models import Span
from assistant.rules.calendar import corresponding_day
from assistant.rules.numerals import read_number

_DAY = re.compile(rf"(?:(?P<of>\d{{4}})年)?第?(?P<quarter>[一二三四1-4])季度|{DATE_PATTERN}")
_ASKS_DAY = re.compile(
    # 最晚哪天, 到几月几号, 哪天截止   near miss: 公示几天
    r"(?:最[晚迟早]|截止|期限)?(?:应?该?|要|得|必须)?(?:是|在|到|为|于|拖到|算到)*(?:哪一?[天日]|几月几[号日]|几[号日]|什么时候|何时|什么时间|多会儿)(?:之?前|以前|为止|截止|到期)?"
    r"|最后(?:一天|期限|日期|时限)|截止(?:日期?|时间)|最[晚迟]到?(?=[?？。]|$)"
)
_ASKS_LATE = re.compile(
    # 晚了没有, 还来得及吗, 过期了吗   near miss: 逾期怎么办
    r"[晚迟]了(?!咋|怎|会|要|的|就|有|几|多)|过期|超期|超时|过了(?=没|吗|么|时|期)|逾期(?=了|没|吗|么)|(?:算不?算|是不是|有没有|会不会|算)(?:太?晚|太?迟|逾期|超)"
    r"|晚不晚|迟不迟|晚没晚|迟没迟|超没超|过没过|还行不|够不够|够(?=[了没吗])|来得及|来不及|来不来得及|赶得上|赶不赶得上|还(?:能不能|可不可以|能否|有没有机会)|还(?:能|可以)[^,，。;；?？]{0,12}[吗么不]"
)
_ASKS_END = re.compile(r"结束|期?满|到期|为止|撤|够|到(?:哪|几|什么时候)|最[早短少]|算完|[完]")
_FIRST, _LAST = re.compile(r"最[早快少短]"), re.compile(r"最[晚迟多长后]")
_BREAK = re.compile(r"[,，。;；?？!！]")
_ACTORS = {
    # 学员拿到证   near miss: 学员名册, 换学员
    "person": re.compile(
        r"个人|本人|劳动者|(?<!换)(?<!为)(?<!组织)(?<!协助)(?:学员|学徒|职工|员工)(?![名花信签证情的])|自己|我(?=考|学|参加|拿到)"
    ),
    "body": re.compile(r"机构|学校|单位|企业|公司|院校|我们|咱们|俺们|厂"),
}
_NO_CONTENT = re.compile(
    r"我们?|咱们?|俺们?|你们?|他们?|自己|本人|个人|劳动者|机构|单位|企业|公司|学校|[县市省区]?(?:级)?(?:人社|财政|人力资源(?:和)?(?:社会)?保障|主管|教育)[局厅部门]*|部门|那边|那里|这边"
    r"|最[晚迟早后]|哪一?[天日]|几月几[号日]|几[号日]|什么时候|何时|什么时间|多会儿|之前|以前|前|为止|截止|到期|期限|日期|时间|一天|一般|应该|应当|必须|需要|可以|能不能|还能|不能|来得及|来不及|赶得上|晚不晚"
    r"|没有|有没有|是不是|按规定|按照|规定|政策|要求|的话|如果|要是|假如|那么?|请问|问一下|怎么|算作?|今天|现在|如今|目前|材料|补贴|\d+个?工作日|工作日|资金|的|了|过|是|在|到|把|给|被|就|才|还|也|都|要|得|该|应|能|可|会|去|来|上|完|好|出|没|吗|么|呢|吧|啊|呀|不|拖|晚|迟|超期|过期|逾期|算|由|对|从|自|起|止|日|天|号|月|年|日子|里|份|个|这|有"
)
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}")
_SHORTEST_MONTH, _SHORTEST_QUARTER = 27, 85


@dataclass(frozen=True, slots=True)
class SaidDay:
    """A day, a month or a quarter that a question states.

    Attributes:
        words: as said.
        event: the words around it, without it; `kind` the act it is the day of, empty where none is known.
    """

    first: date
    last: date
    words: str
    event: str
    kind: str

    @property
    def start(self) -> date:
        """The day that is counted from."""
        return self.last if self.is_quarter else self.first

    @property
    def is_quarter(self) -> bool:
        """Whether it is a quarter of a year."""
        return (self.last - self.first).days >= _SHORTEST_QUARTER

    @property
    def is_month(self) -> bool:
        """Whether it is a whole month."""
        return self.first.day == 1 and _SHORTEST_MONTH <= (self.last - self.first).days < _SHORTEST_QUARTER

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class AskedDay:
    """What a question about a day states and asks.

    Attributes:
        days: those stated, in reading order.
        acts: kinds of what is to be done; `content` what else the question says of it.
        actors: who asks or is asked about, see `find_actors`.
        asks_late: whether a day is past the last is asked; else the day itself.
        asks_end: whether until when something lasts may be meant.
        asks_first: True for the first day on which something may be, False for the last; None where neither is said.
        today: the day it is asked on.
        text: the whole question.
    """

    days: tuple[SaidDay, ...]
    acts: frozenset[str]
    content: str
    actors: frozenset[str]
    asks_late: bool
    asks_end: bool
    asks_first: bool | None
    today: date
    text: str = ""

    def find_judged(self, start: SaidDay, *, is_back: bool) -> date | None:
        """The day of which is asked whether it is past the last; None where that is not asked.

        Args:
            start: the day that the last one is counted from.
            is_back: it is counted backwards.
        """
        if not self.asks_late:
            return None
        others = [d for d in self.days if d is not start and d.is_day]
        if not others:
            return self.today
        day = others[-1].first
        if day < start.first and not is_back and not re.search(r"年|\d{4}", others[-1].words):
            # 12月10日发的，3月1日去领: in the year after.
            return corresponding_day(day, 12)
        return day


def read_asked_day(text: str, as_of: date) -> AskedDay | None:
    """Read a question; None where it states no day, or asks for none."""
    late = _ASKS_LATE.search(text)
    ask = late or _ASKS_DAY.search(text)
    matches = list(_DAY.finditer(text))
    if ask is None or not matches:
        return None
    pieces = _split(text, [m.start() for m in matches])
    days: list[SaidDay] = []
    for match in matches:
        if read := _read_days(match, as_of, days[0].first.year if days else None):
            days.append(
                SaidDay(*read, match[0], *_read_event(text, Span(*match.span()), pieces, ask.start()))
            )
    events = {d.kind for d in days}
    own = _blank_days(next(text[s:e] for s, e in pieces if s <= ask.start() < e))
    # 学员4月25日拿到证，机构最晚哪天申领: who acts stands beside what is to be done.
    actors = find_actors(own) or find_actors(text)
    if not (kinds_of(own) - events or find_content(own)):
        # 培训机构申领补贴，证书4月25日发的，最迟哪天: what is to be done stands elsewhere.
        own = _blank_days(text)
    first, last = _FIRST.search(text), _LAST.search(text)
    return AskedDay(
        days=tuple(days),
        acts=kinds_of(own),
        content=find_content(own),
        actors=actors,
        asks_late=late is not None,
        asks_end=bool(_ASKS_END.search(text)),
        asks_first=None if bool(first) is bool(last) else bool(first),
        today=as_of,
        text=text,
    )


def find_actors(text: str) -> frozenset[str]:
    """Who acts: one person for himself, or a body; both, or neither, where the words say that."""
    return frozenset(name for name, words in _ACTORS.items() if words.search(text))


def find_content(text: str) -> str:
    """What words say beside acts, who does them and what is asked: runs of two characters and more, parted by blanks."""
    for act in reversed(find_acts(text)):
        text = f"{text[: act.start]} {text[act.end :]}"
    return " ".join(_WORD.findall(_NO_CONTENT.sub(" ", text)))


def share_words(text: str, other: str) -> bool:
    """Whether two texts have a pair of characters in common that is a word of the first."""
    runs = _WORD.findall(_NO_CONTENT.sub(" ", text))
    return any(run[i : i + 2] in other for run in runs for i in range(len(run) - 1))


def _split(text: str, starts: list[int]) -> list[Span]:
    """The pieces of a question: between commas, and each with one day at most."""
    cuts = {0, len(text), *(m.end() for m in _BREAK.finditer(text))}
    for before, start in pairwise(starts):
        if not any(before < cut <= start for cut in cuts):
            cuts.add(start)
    return [Span(s, e) for s, e in pairwise(sorted(cuts))]


def _read_event(text: str, day: Span, pieces: list[Span], ask: int) -> tuple[str, str]:
    """The words of what a day is the day of, and the act they name: the first behind the day, else the last before it."""
    own = next(i for i, (s, e) in enumerate(pieces) if s <= day.start < e)
    start, end = pieces[own]
    end = ask if day.end <= ask < end else end
    before, after = text[start : day.start], text[day.end : end]
    words, acts = before + after, find_acts(before + after)
    if not acts:
        # 6月16日那天，县里受理了; 申请受理了，6月16日的事.
        beside = [
            p for p in (*pieces[own + 1 : own + 2], *reversed(pieces[:own])) if not p.start <= ask < p.end
        ]
        near = next((text[s:e] for s, e in beside if not _DAY.search(text[s:e]) and find_acts(text[s:e])), "")
        return words + near, next((a.kind for a in find_acts(near)), "")
    kind = next((a.kind for a in acts if a.end > len(before)), acts[-1].kind)
    return words, kind


def _read_days(match: re.Match[str], as_of: date, year: int | None) -> tuple[date, date] | None:
    """The first and the last day of words; see `read_days`."""
    if not match["quarter"]:
        return read_days(match[0], as_of, year)
    number = int(read_number(match["quarter"]) or 1)
    first = date(int(match["of"] or year or as_of.year), 3 * number - 2, 1)
    return first, corresponding_day(first, 3) - timedelta(1)


def _blank_days(text: str) -> str:
    return _DAY.sub(" ", text)
