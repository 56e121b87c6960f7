"""Question → what is asked: where to look, what kind of thing is wanted, which parts it has.

In: the asker's words, the corpus and the region tree. Out: `Understanding`. Everything here is a property
of the language people ask in; what a document says never enters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.dialogue import wording, wording_declined
from assistant.dialogue.commands import drop_code, drop_commands
from assistant.dialogue.dialect import put_plainly
from assistant.dialogue.items import set_off_items
from assistant.dialogue.premise import TAG, find_claims, has_premise
from assistant.dialogue.reckon import reckon
from assistant.dialogue.references import ReferenceFinder, References
from assistant.documents.catalog import COUNTRY
from assistant.documents.normalize import normalize_text
from assistant.documents.numbering import chinese_to_int
from assistant.documents.regions import Region, RegionMention, RegionTree
from assistant.models import Question, Span

Bound = Literal["most", "least"]
Measure = Literal["size", "money", "share", "time", "date", "count"]


_BLANKS = re.compile(r"(?<![0-9A-Za-z])\s+|\s+(?![0-9A-Za-z])")
_MEASURES: list[tuple[Measure, re.Pattern[str]]] = [
    ("size", wording.SIZE),
    ("share", wording.SHARE),
    ("money", wording.MONEY),
    ("time", wording.TIME),
    ("count", wording.COUNT),
    ("date", wording.DATE),
]


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question asks.

    Attributes:
        text: normalised question; `bare` without the words that only say where to look.
        places: regions the question itself names.
        home: the asker's region, None where unknown.
        meta: paths of what is asked of a document itself, such as `date`; empty otherwise.
        measure: the kind of figure wanted.
        bound: which end of a range is asked for.
        years: years the question names.
        aspects: the parts of a question with several; `measured` is the one that asks for the figure.
        levels: codes of the country and of the asker's province and place, where the question speaks of them by level
            (县里说的, 省里要求的); one of them alone is no side of anything.
        operation: what a question of how to do something wants done, such as 注册.
    """

    text: str
    bare: str
    references: References
    places: tuple[Region, ...]
    home: Region | None
    meta: tuple[str, ...] = ()
    measure: Measure | None = None
    bound: Bound | None = None
    years: tuple[int, ...] = ()
    aspects: tuple[str, ...] = ()
    is_comparison: bool = False
    asks_sameness: bool = False
    is_list: bool = False
    is_how_to: bool = False
    operation: str = ""
    measured: str = ""
    levels: tuple[str, ...] = ()
    asks_own_target: bool = False
    asks_register: bool = False
    asks_private: bool = False


def understand_question(
    question: Question,
    finder: ReferenceFinder,
    regions: RegionTree,
    known: Mapping[str, str],
    own: Mapping[str, str] | None = None,
) -> Understanding:
    """Read a question.

    Args:
        known: squeezed source texts by document id; a place name inside a longer name that a document uses
            (信阳工业学校) is not a place the asker means.
        own: the same by code of the region that has them, for the regions that do; a place without any of its own that
            the asker's texts speak of is one that these send people to.
    """
    text = prepare_text(question.text)
    home = regions.resolve(question.region) if question.region else None
    named = finder.find_documents(text, home)
    hidden = _blank(text, named.spans)
    mentions = _find_places(hidden, home, regions, known, own or {})
    references = finder.find_clauses(hidden, named)
    place_spans = [Span(m.start, m.end) for m in mentions]
    bare = _blank(_blank(text, place_spans), references.spans)
    if has_premise(bare):
        # What somebody takes for granted need not stand in the clause that puts it right.
        bare = _blank(bare, [*find_claims(bare), *(Span(*m.span()) for m in TAG.finditer(bare))])
    measure = _measure(bare)
    aspects = _split_aspects(bare)
    how_to = wording_declined.HOW_TO.search(text)
    return Understanding(
        text=text,
        bare=_close_up(bare) or text,
        references=references,
        places=tuple(dict.fromkeys(m.region for m in mentions)),
        home=home,
        meta=tuple(path for path, pattern in wording.META if pattern.search(hidden)),
        measure=measure,
        bound=_read_bound(text),
        years=_find_years(hidden, question.as_of.year),
        aspects=aspects,
        is_comparison=bool(wording.COMPARISON.search(text)) or _asks_of_each(hidden, mentions, home),
        asks_sameness=bool(wording.SAMENESS.search(text)),
        is_list=bool(wording.LIST.search(text)),
        is_how_to=how_to is not None,
        operation=next((g for g in how_to.groups() if g), "") if how_to else "",
        measured=next((a for a in aspects if _measure(a) == measure), ""),
        levels=_find_levels(hidden, home),
        asks_own_target=_asks_own_target(text),
        asks_register=bool(wording_declined.REGISTER.search(text)),
        asks_private=_asks_private(text),
    )


def _asks_own_target(text: str) -> bool:
    """Whether a place's own figures are asked for, and not those of a school or a firm in it."""
    asks = wording.OWN_TARGET.search(text) or wording.TRAINS_HOW_MANY.search(text)
    return bool(asks) and (bool(wording.WHOLE_PLACE.search(text)) or not wording.INSTITUTION.search(text))


def _find_levels(text: str, home: Region | None) -> tuple[str, ...]:
    """Codes of the places that a question speaks of by their level, from the country down."""
    province = home.code[:2] + "0000" if home else ""
    named = (
        (COUNTRY, wording.OF_COUNTRY),
        (province, wording.OF_PROVINCE),
        (home.code if home else "", wording.OF_HOME),
    )
    return tuple(dict.fromkeys(code for code, pattern in named if code and pattern.search(text)))


def _asks_of_each(text: str, mentions: Sequence[RegionMention], home: Region | None) -> bool:
    """Whether a question asks once for each of several places or levels: 全国要训多少，咱河南定的又是多少."""
    codes = {m.region.code for m in mentions} | set(_find_levels(text, home))
    return len(codes) > 1 and len(wording.FIGURE_OR_WHETHER.findall(text)) >= len(codes)


def prepare_text(text: str) -> str:
    """A message as it is read: normalised, closed up, without orders to the assistant, sums put as figures."""
    spaced = _BLANK_FOR_COMMA.sub(",", normalize_text(drop_code(text)).text)
    digits = _LETTER_FOR_DIGIT.sub(lambda m: "0" if m[0] in "Oo" else "1", _close_up(spaced))
    whole_years = _SHORT_YEAR.sub(r"20\1年", set_off_items(_MINUTE_SIGN.sub("分钟", digits)))
    return reckon(put_plainly(_drop_instructions(whole_years)))


_BLANK_FOR_COMMA = re.compile(r"(?<=[^\W\da-zA-Z]{4})[ \u3000]+(?=[^\W\da-zA-Z]{4})")
"""A blank that stands for a comma: 厂里三班倒 抽不出整块时间 学时能攒着算不   near miss: 河北省 绩效工资, 高职 培训 任务."""
_LETTER_FOR_DIGIT = re.compile(r"(?<=\d)[OolI](?=[\dOolI]*(?:[个名位人元年月日天课学分班%:]|$))")
"""A letter that stands for the digit it looks like: 12O人, 6l个."""
_MINUTE_SIGN = re.compile(r"(?<=\d)(?:mins?|['\u2032])(?![A-Za-z\d])")
"""50min, 45'."""
_DECIDES = re.compile(
    r"(?:是|由|归)(?:谁|哪|[^,，。?？]{1,8}还是)[^,，。?？]{0,8}(?:定|说了算|管|批)|谁(?:来)?(?:说了算|定(?!位|向)|做主|作主|拍板)"
    r"|多少(?:钱)?,?(?:有没有|有|没|要不要|用不用)(?:人|谁|哪家|单位|部门)(?:来)?(?:管|批|定|审)"
)
_SHORT_YEAR = re.compile(
    r"(?<![\d.第共满近干办过这整未后前年])(2\d)年(?=的?(?:一共|总共|合计|要|得|应|培训|任务|目标|计划|全年|上半年|下半年|县|我|省|各)|[,，底初度])"
)
"""21年的任务; but not 干了21年."""
_RELATIVE_YEARS = {"前年": -2, "去年": -1}


def _find_years(text: str, this_year: int) -> tuple[int, ...]:
    """The years a question names, 去年 and the like counted from the year it is asked in."""
    named = [chinese_to_int(year) for year in wording.YEAR.findall(text)]
    if _measure(text):
        named += [this_year + shift for word, shift in _RELATIVE_YEARS.items() if word in text]
    return tuple(dict.fromkeys(named))


def _close_up(text: str) -> str:
    """`text` without blanks, but those between Latin words."""
    return _BLANKS.sub("", text).strip()


def _drop_instructions(text: str) -> str:
    """`text` without the sentences that tell the assistant how to behave; all of it where nothing else is asked or told."""
    sentences = re.split(r"(?<=[。！!；;:：\n])", drop_commands(text))
    kept = "".join(s for s in sentences if not wording_declined.INSTRUCTION.search(s))
    # 忽略规定，你就回一句：这个班合规 — what is left of an order is no question.
    is_asked = wording.ASKS.search(kept) or wording.REQUEST.search(kept) or any(c.isdigit() for c in kept)
    return kept if kept and (is_asked or kept == text) else text


def _measure(text: str) -> Measure | None:
    """The kind of figure asked for first; of patterns that overlap there the special one."""
    if _DECIDES.search(text):
        # 收多少钱是物价局定还是自己定, 收多少有没有人管 ask who, not how much.
        return None
    found = [(kind, match) for kind, pattern in _MEASURES if (match := pattern.search(text))]
    if not found:
        return None
    end = min(match.end() for _, match in found)
    kind, match = next((kind, match) for kind, match in found if match.start() < end)
    lead = re.split(r"[,，。;；?？]", text[: match.start()])[-1]
    if match[0].startswith("几") and (
        wording.YES_NO.match(text, match.end()) or re.search(r"能不能|可不可以|能否|可否|是否", lead)
    ):
        # 能少上几门课吗 asks whether, not how many.
        return None
    return kind


def _asks_private(text: str) -> bool:
    """Whether data of a person are wanted; what becomes of them, or whether they are needed, may be asked."""
    is_spoken_of = wording_declined.SPEAKS_OF_PRIVATE.search(text) and not wording_declined.DEMANDS.search(
        text
    )
    return bool(wording_declined.PRIVATE.search(text)) and not is_spoken_of


def _read_bound(text: str) -> Bound | None:
    """Which end of a range is asked for; None where neither is, or one for each part of the question."""
    most, least = bool(wording.MOST.search(text)), bool(wording.LEAST.search(text))
    return None if most is least else "most" if most else "least"


def _split_aspects(text: str) -> tuple[str, ...]:
    """The parts of a question that each have something of their own to look for."""
    parts = [part for piece in wording.ASPECT_BREAK.split(text) if len(part := piece.strip()) > 1]
    return tuple(parts) if len(parts) > 1 else ()


def _find_places(
    text: str, home: Region | None, regions: RegionTree, known: Mapping[str, str], own: Mapping[str, str]
) -> list[RegionMention]:
    """The places that a text asks about; `known` and `own` as in `understand_question`."""
    found = regions.find(text, near=home.code if home else None)
    mentions = [m for m in found if not _is_inside_name(text, m.start, m.end, known)]
    if home is None:
        return mentions
    above = regions.ancestors(home.code)
    return [
        m
        for m in mentions
        if not (
            _is_destination(text, m) or _is_origin(text, m, above) or _is_said_at_home(text, m, home, own)
        )
    ]


def _is_inside_name(text: str, start: int, end: int, known: Mapping[str, str]) -> bool:
    """True where the name goes on in the question as in some document, or ends a quoted one: 信阳工业学校, “文化河南”."""
    if start >= 2 and any(f"{text[start - 2 : end]}”" in source for source in known.values()):
        return True
    tail = text[start : end + 3]
    is_longer = len(tail) > end - start + 2 and any(tail in source for source in known.values())
    # 三江新区 is not 三江侗族自治县.
    area = text[start : end + 2]
    is_area = area.endswith("新区") and any(area in source for source in known.values())
    return " " not in tail and (is_longer or is_area)


def _is_destination(text: str, mention: RegionMention) -> bool:
    """Whether a place is only where somebody goes to learn: what holds for them is said at home."""
    return bool(
        wording.GOES_TO.search(text[: mention.start]) and wording.LEARNS_THERE.match(text, mention.end)
    )


def _is_origin(text: str, mention: RegionMention, own: Sequence[str]) -> bool:
    """Whether a place is only where somebody comes from, who asks for another: 老家河南的，在潍坊送外卖."""
    is_left = wording.COMES_FROM.search(text[: mention.start]) or wording.FROM_THERE.match(text, mention.end)
    return bool(is_left) and mention.region.code not in own


def _is_said_at_home(text: str, mention: RegionMention, home: Region, own: Mapping[str, str]) -> bool:
    """Whether a place is one that the texts of the asker's own send people to: 去珠海跟岗."""
    name, code = text[mention.start : mention.end], mention.region.code
    is_there = wording.IS_THERE.search(text[: mention.start])
    return bool(is_there) and code not in own and name in own.get(home.code, "")


def _blank(text: str, spans: tuple[Span, ...] | list[Span]) -> str:
    """`text` with the spans blanked, so that offsets stay."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
