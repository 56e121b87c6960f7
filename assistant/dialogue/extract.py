"""What people say → stated facts with the words they came from, by the wording patterns of `facts.yaml`.

In: a normalised question, the facts of the corpus, the day. Out: `Extracted`. Each pattern is written over tokens (see
`quantities.py`); where patterns of several facts claim the same quantity, the longest wins, so that 3名专职教师 is not
also 3名教师. What is asked is not stated (能不能快进), and what is denied is stated as denied (没有报备).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from assistant.dialogue.amend import find_put_right
from assistant.dialogue.apportion import apportion
from assistant.dialogue.extract_matches import (
    ALIKE,
    COMES_ON_TOP,
    COUNTER,
    COUNTERS,
    FURTHER,
    PAID,
    Match,
    covers,
    cut_word,
    drop_shares,
    read_yes_no,
    share_out,
    untangle,
)
from assistant.dialogue.months import write_months
from assistant.dialogue.premise import find_rules_said
from assistant.dialogue.quantities import TOKENS, Kind, Lexed, lex_quantities
from assistant.rules.facts import Fact
from assistant.rules.short_names import short_forms
from assistant.rules.show import show_number

_TOKEN = re.compile(r"\b(?:NUM|SHARE|RATIO|DATE)\b|(?<![A-Za-z])(?:NUM|SHARE|RATIO|DATE)(?![A-Za-z])")
_CLASSES: dict[str, str] = {kind: f"[{chr(first)}-{chr(last)}]" for kind, (first, last) in TOKENS.items()}
_LISTED = rf"(?P<list>{_CLASSES['NUM']}(?:[人名位个]?(?:[、,和跟]|以及|还有){_CLASSES['NUM']})+)[人名位个]?"
"""Several figures of one thing."""
_YEAR = r"(?P<name>(?:19|20)\d\d)年"
"""A year by its number, which is no quantity."""
_ANY_TOKEN = re.compile(
    f"[{chr(min(f for f, _ in TOKENS.values()))}-{chr(max(e for _, e in TOKENS.values()))}]"
)
_DENIED = re.compile(r"(?:没有?|未|不|无|并未|尚未|还没有?|从未|不是|并非)$")
_NOT_THIS = re.compile(
    r"(?:不是|并非|不再是|而不是)[^,，。;；]{0,4}$"
    r"|(?:文件|规定|方案|通知|政策)(?:里|上|中)?(?:不是)?(?:写|说|讲|要求)(?:的|着)?(?:是)?[^,，。;；]{0,8}$"
)
"""What is denied, or quoted from a text, is not stated."""
_ASKED_BEFORE = re.compile(
    r"(?:算不算|会不会算|能不能|可不可以|要不要|是不是|是否|有没有|用不用|需不需要|该不该|会不会|能否|可否|怎么|如何|须不须|必须|应当|应该|需要|得不得|需|须|要(?![学干做办上]的)|什么|哪些|谁|多久|几次|几天|多少)[^,，。;；、]{0,3}$"
)
_ASKED_AFTER = re.compile(
    r"(?:了|的)?(?:吗|么|嘛|没有?|不|否)?[?？]|(?:了|的)?(?:吗|么|嘛)|(?:与否|没有?|不)$|(?:是)?(?:什么|怎么|多久|谁)"
)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_FIGURE = re.compile(r"[\d.]+[%万亿]?(?:个?[人名位台套所家元次天年分节]|分钟|课时|学时|人次)?")
_BESIDE_FIGURE = re.compile(
    r"[那要就才只再也都还换改变减加降升涨涉调到成为是有来了过呢吧吗么啊行不够对错啦]|如果|假如|实际|现在|其实|重新|统计|下来|出来|剩下|差不多|大概|左右|可以|怎么样|能开|不是|应该|说错|打错|我们?|俺们?|咱们?|最后|今年|这[回次期批]"
)
"""Words beside a bare figure that name nothing."""
_LOOSE_UNIT = 2
"""Characters behind a quantity that may be its unit."""
_CORRECTION = re.compile(
    r"不对|错了|说错|更正|改成|改为|换成|换为|应该是|其实是|而是|调到|加到|减到|增加到|减少到|变成|要是改|如果改"
)


_LOWER = str.maketrans({chr(c): chr(c + 32) for c in range(ord("A"), ord("Z") + 1)})
"""Latin capitals alone, so that offsets stay."""


class Statement(NamedTuple):
    """One fact as somebody stated it.

    Attributes:
        given: in the notation of `rules.statements`: `85`, `<80`, `65%`, `是`, a choice.
        words: the words it came from; `start` and `end` are where they stand in the question.
    """

    fact: str
    given: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Extracted:
    """The facts of a text.

    Attributes:
        statements: one a fact, in reading order.
        at_odds: facts that were given two values, by id, with the words of both.
        loose: quantities that state no fact that is known, as written; `vague` those that state no value.
        loose_days: the days among `loose`, as facts are stated.
    """

    statements: tuple[Statement, ...] = ()
    at_odds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loose: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    loose_days: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, str]:
        """What was stated by fact id."""
        return {s.fact: s.given for s in self.statements}


class _Pattern(NamedTuple):
    fact: str
    regex: re.Pattern[str]
    value: str
    """What the pattern states: empty where its token does."""


def _is_paid(text: str, token: str) -> bool:
    """Whether a quantity without a unit is a sum of money by the words before it."""
    at = text.index(token)
    return COUNTER.match(text, at + 1) is None and bool(PAID.search(text[:at]))


class FactExtractor:
    """Reads facts out of free text; built once for the facts of one corpus."""

    def __init__(self, facts: Mapping[str, Fact], names: Iterable[str] = ()) -> None:
        """Compile the patterns.

        Args:
            names: what an open name may be, such as the occupations that parameters list.
        """
        self._facts = facts
        self._known = tuple(names)
        self._each = {fact.id: fact.data.each for fact in facts.values() if fact.data.each}
        self._numeric: list[_Pattern] = []
        self._listed: list[_Pattern] = []
        self._worded: list[_Pattern] = []
        for fact in facts.values():
            self._compile(fact)

    def extract(self, text: str, as_of: date) -> Extracted:
        """The facts that `text` (normalised, without blanks) states."""
        lexed = lex_quantities(text.translate(_LOWER), as_of)
        means = self._find_means(lexed)
        listed = {char for m in means for char in m.token}
        rules = find_rules_said(text)
        of_rule = {c for c, q in lexed.quantities.items() if any(s.start <= q.start < s.end for s in rules)}
        said = apportion(self._put_right(self._find_numbers(lexed, listed), lexed), lexed, self._each)
        matches = [*means, *self._leave_rules(said, of_rule, lexed), *self._find_words(lexed)]
        used = {m.token for m in matches if m.token} | listed | of_rule
        loose = tuple(
            f"{text[q.start : q.end]}元"
            if _is_paid(lexed.text, c)
            else cut_word(
                text[q.start : q.end],
                "" if q.kind == "DATE" else text[q.end : q.end + _LOOSE_UNIT],
                is_point=q.is_point,
            )
            for c, q in lexed.quantities.items()
            if c not in used
        )
        days = tuple(
            q.write()
            for c, q in lexed.quantities.items()
            if c not in used and q.kind == "DATE" and q.is_point
        )
        statements, at_odds = self._settle(matches, lexed, text)
        return Extracted(statements, at_odds, loose, lexed.vague, days)

    def read_reply(self, text: str, as_of: date, asked: Sequence[str]) -> dict[str, str]:
        """A bare answer to what was asked: 3个, 45分钟, 有, 技能等级证.

        Args:
            asked: fact ids, in the order in which they were asked.

        Returns:
            Values by fact; empty where the text is no answer to any of them.
        """
        lexed = lex_quantities(text, as_of)
        found: dict[str, str] = {}
        for char, quantity in lexed.quantities.items():
            rest = lexed.text[lexed.text.index(char) + 1 :]
            fact = next((f for f in asked if f not in found and self._takes(f, quantity.kind, rest)), None)
            if fact:
                is_percent = self._facts[fact].type == "share" and quantity.kind == "NUM"
                found[fact] = f"{quantity.write()}%" if is_percent else quantity.write()
        yes_or_no = read_yes_no(text)
        first = next((f for f in asked if f not in found), None)
        if yes_or_no and first and self._facts[first].type == "boolean":
            found[first] = yes_or_no
        return found

    def read_again(self, text: str, as_of: date, read: Sequence[str]) -> dict[str, str]:
        """A bare figure in place of one that was decided on; empty where it may stand for several facts.

        Args:
            read: facts that the decision rests on.
        """
        taking = [fact for fact in read if self.read_reply(text, as_of, [fact])]
        if len(taking) != 1 or not self._may_name(text, taking[0]):
            return {}
        return self.read_reply(text, as_of, taking)

    def _may_name(self, text: str, fact_id: str) -> bool:
        """Whether the words beside a figure may stand for a fact: none of their own, or some of its label.

        附加一年90万 is no figure of 投资额.
        """
        words = _HAN.findall(_BESIDE_FIGURE.sub(" ", _FIGURE.sub(" ", text)))
        label = self._facts[fact_id].label
        own = [w for w in words if len(w) > 1]
        return not own or any(w[i : i + 2] in label for w in own for i in range(len(w) - 1))

    def choice_words(self) -> Iterator[tuple[str, str]]:
        """Every plain word for a choice, with its fact: one may be named in place of another."""
        for fact in self._facts.values():
            if fact.type != "choice":
                continue
            wording = fact.data.wording
            patterns = (p for ps in wording.values() for p in ps) if isinstance(wording, Mapping) else wording
            words = (*fact.data.choices, *fact.data.aliases, *(p for p in patterns if p.isalnum()))
            yield from ((fact.id, word) for word in dict.fromkeys(words))

    def _takes(self, fact_id: str, kind: Kind, rest: str) -> bool:
        """Whether a quantity with the words behind it may answer for a fact."""
        fact = self._facts[fact_id]
        wanted = {"integer": "NUM", "decimal": "NUM", "share": "SHARE", "date": "DATE"}.get(fact.type)
        if kind != wanted and not (fact.type == "share" and kind == "NUM"):
            return False
        unit = re.match(rf"个?({COUNTER.pattern}|周岁|万元)?", rest)
        said = unit[1] if unit else None
        known = (fact.unit, *ALIKE.get(fact.unit, ()), *COUNTERS.get(fact.unit, ()))
        return said is None or said in known or (said == "%" and fact.type == "share")

    # -- patterns ----------------------------------------------------------------------------------

    def _compile(self, fact: Fact) -> None:
        wording = fact.data.wording
        if isinstance(wording, Mapping):
            values = {"yes": "是", "no": "否"} if fact.type == "boolean" else {}
            for key, patterns in wording.items():
                self._worded += [_Pattern(fact.id, re.compile(p), values.get(key, key)) for p in patterns]
            return
        for pattern in wording:
            if "NAME" in pattern:
                if names := self._names_of(fact):
                    self._worded.append(_Pattern(fact.id, re.compile(pattern.replace("NAME", names)), ""))
            elif "YEAR" in pattern:
                self._worded.append(_Pattern(fact.id, re.compile(pattern.replace("YEAR", _YEAR)), ""))
            elif "NUMS" in pattern:
                self._listed.append(_Pattern(fact.id, re.compile(pattern.replace("NUMS", _LISTED)), ""))
            else:
                regex = _TOKEN.sub(lambda m: f"(?P<token>{_CLASSES[m[0]]})", pattern)
                self._numeric.append(_Pattern(fact.id, re.compile(regex), ""))

    def _names_of(self, fact: Fact) -> str:
        names = fact.names or self._known
        known = sorted({*names, *short_forms(names)}, key=lambda n: (-len(n), n))
        return f"(?P<name>{'|'.join(map(re.escape, known))})" if known else ""

    # -- matching ----------------------------------------------------------------------------------

    def _find_means(self, lexed: Lexed) -> list[Match]:
        """The facts that are given as several figures (在位66、69、63人): the mean of these, where it is a finite decimal."""
        found = []
        for pattern in self._listed:
            for match in pattern.regex.finditer(lexed.text):
                chars = re.findall(_CLASSES["NUM"], match["list"])
                figures = [lexed.quantities[char].low for char in chars if lexed.quantities[char].is_point]
                mean = show_number(sum(f for f in figures if f is not None) / len(chars)) if figures else "/"
                if len(figures) == len(chars) and "/" not in mean:
                    found.append(Match(pattern.fact, mean, *match.span(), "".join(chars)))
        return found

    def _find_numbers(self, lexed: Lexed, listed: Collection[str] = ()) -> list[Match]:
        """For each quantity that stands alone the facts whose patterns claim most words around it."""
        if not lexed.quantities:
            return []
        claims: dict[str, list[Match]] = {}
        for pattern in self._numeric:
            for match in pattern.regex.finditer(lexed.text):
                token = match["token"]
                if token in listed:
                    continue
                if _NOT_THIS.search(lexed.text[: match.start()]) or self._is_of_other_unit(
                    pattern.fact, lexed.text, match.start("token")
                ):
                    continue
                given = self._write(pattern.fact, token, lexed)
                claims.setdefault(token, []).append(Match(pattern.fact, given, *match.span(), token))
        untangle(claims)
        best: dict[str, dict[str, Match]] = {}
        for token, claimed in claims.items():
            longest = max(m.end - m.start for m in claimed)
            best[token] = {m.fact: m for m in claimed if m.end - m.start == longest}
        return share_out(best)

    def _put_right(self, matches: list[Match], lexed: Lexed) -> list[Match]:
        """The facts with the figures that put others right, where these state nothing else."""
        found = list(matches)
        for old, new, at in find_put_right(lexed.text):
            if any(m.token == new for m in found):
                continue
            for match in [m for m in found if m.token == old]:
                found.remove(match)
                found.append(Match(match.fact, self._write(match.fact, new, lexed), at, at + 1, new))
        return found

    def _leave_rules(self, said: list[Match], of_rule: Collection[str], lexed: Lexed) -> list[Match]:
        """The figures of the case, not those of a rule said before it: 要18学时，我们做了10学时.

        The one figure of the case that has no name is of the matter of the rule: 满意度低于90%就停班，我们88%.
        """
        kept = [m for m in said if m.token not in of_rule]
        named = {m.token for m in kept} | set(of_rule)
        free = [c for c in lexed.quantities if c not in named]
        for match in said:
            if match.token not in of_rule or len(free) != 1 or match.fact in {m.fact for m in kept}:
                continue
            at, kind = lexed.text.index(free[0]), lexed.quantities[free[0]].kind
            # 师生比是1:30，那60个人: a count is of another matter than a ratio.
            is_alike = kind == lexed.quantities[match.token].kind
            if is_alike and self._takes(match.fact, kind, lexed.text[at + 1 :]):
                kept.append(Match(match.fact, self._write(match.fact, free[0], lexed), at, at + 1, free[0]))
        return kept

    def _is_of_other_unit(self, fact_id: str, text: str, at: int) -> bool:
        """Whether a number counts something else: 应缴的两项附加 is no sum of 2元, 三类培训 are not 3人次."""
        unit = self._facts[fact_id].unit
        allowed = COUNTERS.get(unit)
        counter = COUNTER.match(text, at + 1)
        if counter is None:
            return unit not in ("元", "%", "") and _is_paid(text, text[at])
        return allowed is not None and counter[0] not in allowed

    def _write(self, fact_id: str, token: str, lexed: Lexed) -> str:
        quantity = lexed.quantities[token]
        fact = self._facts[fact_id]
        behind = lexed.text[lexed.text.index(token) + 1 :]
        written = write_months(quantity, behind, fact.unit) or quantity.write()
        if quantity.scale == "万" and fact.type in ("integer", "decimal"):
            # 30万元 stays as it was said; other units count in ones.
            return (
                f"{written}元"
                if fact.unit == "元" and quantity.is_point
                else quantity._replace(scale="").write()
            )
        # 满意度84: a wording that takes a bare number for a share says of what it is the percentage.
        return f"{written}%" if fact.type == "share" and quantity.kind == "NUM" else written

    def _find_words(self, lexed: Lexed) -> list[Match]:
        found: list[Match] = []
        for pattern in self._worded:
            fact = self._facts[pattern.fact]
            for match in pattern.regex.finditer(lexed.text):
                before, after = lexed.text[: match.start()], lexed.text[match.end() :]
                given = pattern.value or match["name"]
                if fact.type == "boolean":
                    if _ASKED_BEFORE.search(before) or _ASKED_AFTER.match(after):
                        continue
                    if _DENIED.search(before):
                        given = {"是": "否", "否": "是"}[given]
                elif _DENIED.search(before) and fact.type == "choice":
                    continue
                found.append(Match(pattern.fact, given, *match.span(), ""))
        return [m for m in found if not any(self._takes_in(other, m) for other in found)]

    def _takes_in(self, longer: Match, match: Match) -> bool:
        """Whether a longer stretch means something else: 企业职工培训中心 names no 企业职工."""
        are_alike = longer.fact == match.fact or "boolean" not in (
            self._facts[longer.fact].type,
            self._facts[match.fact].type,
        )
        return are_alike and covers(longer, match)

    # -- settling ----------------------------------------------------------------------------------

    def _add_up(self, found: Sequence[Match], text: str) -> str:
        """The sum where each further figure is said to come on top: 报了60个，昨天又塞进来18个; empty where none are."""
        further = [
            m
            for m in found[1:]
            if FURTHER.search(text[: m.start]) or COMES_ON_TOP.match(text[m.start : m.end])
        ]
        figures = [m.given for m in found if re.fullmatch(r"\d+(?:\.\d+)?", m.given)]
        if len(found) < 2 or len(further) < len(found) - 1 or len(figures) < len(found):
            return ""
        return show_number(sum(map(Fraction, figures), Fraction(0)))

    def _settle(
        self, matches: list[Match], lexed: Lexed, text: str
    ) -> tuple[tuple[Statement, ...], dict[str, tuple[str, ...]]]:
        """One value a fact: the last where it is corrected; two values otherwise contradict each other."""
        by_fact: dict[str, list[Match]] = {}
        for match in sorted(matches, key=lambda m: (m.start, -m.end)):
            by_fact.setdefault(match.fact, []).append(match)
        statements: list[Statement] = []
        at_odds: dict[str, tuple[str, ...]] = {}
        for fact, all_found in by_fact.items():
            found = drop_shares(all_found, lexed.text)
            if len(found) == 1 and COMES_ON_TOP.match(lexed.text[found[0].start : found[0].end]):
                # 又加塞6个 on top of what is not known says no whole.
                continue
            if added := self._add_up(found, lexed.text):
                start, end = lexed.span(found[0].start, found[-1].end)
                statements.append(Statement(fact, added, text[start:end], start, end))
                continue
            values = dict.fromkeys(m.given for m in found)
            last = found[-1]
            between = text[slice(*lexed.span(found[0].start, last.end))]
            if len(values) > 1 and not _CORRECTION.search(between):
                if self._facts[fact].type in ("choice", "name"):
                    # 高职和中职: both are spoken of, neither is the asker's.
                    continue
                if self._facts[fact].type != "names":
                    at_odds[fact] = tuple(text[slice(*lexed.span(m.start, m.end))] for m in found)
                    continue
            given = "、".join(values) if self._facts[fact].type == "names" else last.given
            start, end = lexed.span(last.start, last.end)
            statements.append(Statement(fact, given, text[start:end], start, end))
        return tuple(sorted(statements, key=lambda s: (s.start, s.fact))), at_odds
