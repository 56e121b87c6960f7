"""A day and a clause with a period → the last day, where nobody wrote a rule: 6月16日受理的，最晚哪天审完.

In: an understood question and the clauses found for it. Out: a `Finding` like that of a rule, counted by the same calendar
and citing the clause and how days are counted. Which period is meant is told by the event that the day is of, by what is to
be done and by who has to; where that leaves two, or none, the clause is only quoted.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from assistant.dialogue.acts import BY_OTHERS, HANDING, drop_ends, find_acts, kinds_of, read_aims
from assistant.dialogue.asked_day import AskedDay, SaidDay, find_actors, read_asked_day, share_words
from assistant.dialogue.due_counting import cite_law, cite_own, keeps_last_day
from assistant.dialogue.periods import Period, find_periods
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_sentences
from assistant.models import Clause, Document, Span
from assistant.rules.book import Book
from assistant.rules.calendar import Calendar, DayRange, corresponding_day
from assistant.rules.explain import show_computed
from assistant.rules.finding import Amount, Finding, TermStep
from assistant.rules.interval import make_interval
from assistant.rules.law import Cite, Rule
from assistant.rules.schema import Bound

Late = Literal["", "late", "in_time", "early", "enough", "open"]
"""Whether the day on which something was done, or is asked about, is past the last; empty where none is asked about."""
_STEPS_DONE = frozenset({"publicized", "review"})
"""Acts whose end begins the next period, without the text saying from when: 公示无异议的，15个工作日内."""
_RECEIVES = re.compile(r"(?:收到|收齐|接到|接了)了?(?P<what>[^,，]{0,8})")
_LONGEST_LABEL = 24
_NO_LABEL = "期限"
_VOUCHER = re.compile(r"领[^,，;；。]{0,8}?(?P<what>[\u4e00-\u9fff]券)")
_TAKEN = ("领取", "领券")
"""Ends the event that a voucher's period is counted from."""
_WHICH = re.compile(r"第[一二两三四五六\d][次笔期批]|首[次笔期]|末[次期]|尾款|余款|预拨")
"""Which of several payments is meant.   near miss: 每次"""
_PAYMENT = re.compile(r"[\u4e00-\u9fff]{2}(?:补贴|补助|津贴|奖励|奖补)")
_CONDITION = re.compile(r"([^,，;；:：。]{4,}的)(?=[,，])")
_BY_WAY = re.compile(r"^通过.{2,40}?(?=提交|报送|上报|上传|填报|申报)")


class Due(NamedTuple):
    """The day that a question asks for.

    Attributes:
        clause: whose `sentences` set the period.
        finding: as a rule would have found it; None where more than one period may be meant.
        day: the day that `late` judges.
    """

    clause: Clause
    sentences: tuple[Span, ...]
    finding: Finding | None = None
    late: Late = ""
    day: date | None = None


class Counted(NamedTuple):
    """A day that was counted.

    Attributes:
        shown: from where, and how long.
        counting: where it is laid down how days are counted.
    """

    days: DayRange
    shown: str
    bound: Bound = "=="
    counting: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """A period that is meant, and the day it is counted from."""

    clause: Clause
    sentence: Span
    period: Period
    said: SaidDay

    @property
    def length(self) -> tuple[object, ...]:
        """What two matches agree in that come to the same day."""
        return self.period.way, self.period.count, self.period.unit, self.said.start


def find_due(
    asked: Understanding,
    clauses: Sequence[Clause],
    documents: Mapping[str, Document],
    book: Book,
    as_of: date,
) -> Due | None:
    """The day asked for; None where none is, or no period is meant.

    Args:
        clauses: those found for the question, best first.
    """
    question = read_asked_day(asked.text, as_of) if book.calendar else None
    if question is None or book.calendar is None:
        return None
    matches = [m for c in clauses if not c.cells for m in _match_clause(question, c, documents[c.document])]
    is_somewhere = bool(asked.home or asked.places or asked.references.documents)
    if is_somewhere and matches:
        # A text of the place above may set another period for the same: the best clause's document is the one asked.
        matches = [m for m in matches if m.clause.document == matches[0].clause.document]
    # 7月7日受理，15个工作日到哪天: the length that is said is the one meant.
    matches = [m for m in matches if m.period.said in asked.text] or matches
    if not matches:
        return None
    matches = _keep_of_payment(matches, asked.text)
    # 在外省务工的，发证之日起6个月内: holds for those only, and another period may for all.
    general = [m for m in matches if not _is_for_others(m.period, asked.text)]
    if len({m.length for m in general or matches}) > 1 or not general:
        clause = matches[0].clause
        own = tuple(dict.fromkeys(m.sentence for m in matches if m.clause is clause))
        return Due(clause, own) if is_somewhere else None
    return _count(general[0], documents[general[0].clause.document], question, book)


def _keep_of_payment(matches: list[_Match], text: str) -> list[_Match]:
    """Of periods for several payments those for the one that is named: 培训补贴, not 技能提升补贴."""
    named = set(_PAYMENT.findall(text))
    told = [set(_PAYMENT.findall(f"{m.period.actor} {m.period.act}")) for m in matches]
    own = [m for m, names in zip(matches, told, strict=True) if names & named]
    return own if own and all(told) else matches


def _is_for_others(period: Period, text: str) -> bool:
    """Whether a period is only for people or bodies of a kind that a question does not speak of: 在外省务工的."""
    return any(
        find_actors(condition) and not share_words(condition, text)
        for condition in _CONDITION.findall(period.actor)
    )


def _match_clause(question: AskedDay, clause: Clause, document: Document) -> Iterable[_Match]:
    source = document.source
    for span in split_sentences(source, clause.start, clause.end):
        for period in find_periods(source[span.start : span.end]):
            for said in question.days:
                if _is_under(document, said) and _is_meant(question, period, said, squeeze(clause.text)):
                    yield _Match(clause, span, period, said)


def _is_under(document: Document, said: SaidDay) -> bool:
    """Whether a text may be applied to what happened on a day: not to what was over before it came into force."""
    since = document.effective or document.issued
    return said.kind == "issue" or since is None or said.start >= since


def _is_meant(question: AskedDay, period: Period, said: SaidDay, clause: str) -> bool:
    """Whether a period is the one that a question asks the end of, counted from one of its days."""
    is_floor = period.is_least or period.way == "full"
    if question.asks_first is not None and question.asks_first is not (is_floor or period.way == "lasting"):
        return False
    is_of_cycle = period.way in ("monthly", "quarterly")
    if not (_is_cycle(period, said) if is_of_cycle else _is_event(period, said)):
        return False
    if question.actors and (own := find_actors(period.actor)) and own.isdisjoint(question.actors):
        return False
    if set(_WHICH.findall(question.text)) - set(
        _WHICH.findall(f"{period.act} {period.actor} {period.event}")
    ):
        return False
    if "expire" in kinds_of(period.act) - question.acts:
        return False
    event = kinds_of(period.event) | {said.kind}
    wanted = question.acts - event
    if period.way == "lasting":
        return question.asks_end and not wanted
    if wanted:
        done = kinds_of(period.act) - event
        if done & HANDING and done & BY_OTHERS and not wanted & HANDING:
            return False
        # 报送等级认定进展: what is sent is named by an act that is not done in the period.
        if not done and wanted <= HANDING and question.content:
            # 书面报告最晚哪天交: what is handed in is what is to be done.
            return all(word in period.act for word in question.content.split())
        aims = read_aims(done) | (read_aims(done & HANDING) if "send" in done else set())
        is_of_text = not question.content or share_words(question.content, clause)
        return is_of_text and not aims.isdisjoint(read_aims(wanted))
    # Nothing but the day may be asked: 证书4月25日发的，最迟哪天.
    return not question.content or share_words(question.content, period.act)


def _is_cycle(period: Period, said: SaidDay) -> bool:
    """Whether a month, or a quarter, is the one of which a text wants something on a day of each."""
    is_one = said.is_month if period.way == "monthly" else said.is_quarter
    return is_one and period.months is not None and said.kind in ("", *HANDING)


def _is_event(period: Period, said: SaidDay) -> bool:
    """Whether a day is of the event that a period is counted from."""
    if said.is_quarter:
        return "季度结束" in period.event
    if not period.event or not said.is_day:
        return False
    kinds = kinds_of(period.event)
    if not kinds:
        return share_words(drop_ends(said.event), period.event) or _is_voucher(period, said)
    if period.is_implied and not kinds <= _STEPS_DONE:
        return False
    return said.kind in kinds and _is_of_same(period.event, said.event)


def _is_voucher(period: Period, said: SaidDay) -> bool:
    """Whether a voucher was taken on a day, and a text says how long it holds from then."""
    return period.event.endswith(_TAKEN) and _VOUCHER.search(said.event) is not None


def _is_of_same(event: str, said: str) -> bool:
    """Whether what is received is the same, where both say what: 收到异议 is not 收到申请."""
    things = [match["what"] for text in (event, said) if (match := _RECEIVES.search(text))]
    if len(things) < 2 or not all(things):
        return True
    theirs, own = things
    return any(own[i : i + 2] in theirs for i in range(len(own) - 1))


def _count(match: _Match, document: Document, question: AskedDay, book: Book) -> Due:
    """The finding for the period that is meant."""
    period = match.period
    assert book.calendar is not None
    if period.way == "within" and period.unit != "working_days" and keeps_last_day(document):
        return Due(match.clause, (match.sentence,))
    counting = (*cite_own(period, document), *cite_law(period, book))
    counted = _count_days(period, match.said, book.calendar)._replace(counting=counting)
    finding = find_day(match.clause, match.sentence, _label(period), counted)
    judged = question.find_judged(match.said, is_back=period.way == "before")
    late = _judge(judged, counted) if judged else ""
    return Due(match.clause, (match.sentence,), finding, late, judged)


def find_day(clause: Clause, words: Span, label: str, counted: Counted) -> Finding:
    """The finding that words of a clause come to a day."""
    days = counted.days
    own = Cite(clause.document, clause.clause_id, *words, "fresh")
    value = make_interval(days.earliest.toordinal(), days.latest.toordinal())
    shown = f"{counted.shown} → {show_computed(value, 'date')}"
    step = TermStep(clause.path, label, "pass", shown, cites=(own, *counted.counting))
    rule = Rule(
        key=clause.clause_id, id=clause.path, document=clause.document, subject="", label=label, cites=(own,)
    )
    amount = Amount(value, "date", "日期", counted.bound)
    return Finding(rule, "pass", (step,), (amount,), reason=days.reason)


def _count_days(period: Period, said: SaidDay, calendar: Calendar) -> Counted:
    """The day, and the steps by which it was counted."""
    first, n = said.start, period.count
    if period.way in ("monthly", "quarterly"):
        month = corresponding_day(said.last.replace(day=1), period.months or 0)
        day = month.replace(day=min(n, monthrange(month.year, month.month)[1]))
        days = calendar.add_days(day, 0) if period.is_moved else _certain(day)
        return Counted(days, f"{said.words}，{period.said}", "<=")
    is_back = period.way == "before"
    shown = f"{first.isoformat()} {'倒数' if is_back else '起'} {period.said}"
    n = -n if is_back else n
    if period.unit == "working_days":
        days = calendar.add_working_days(first, n)
    elif period.way == "full":
        days = _certain(corresponding_day(first, n) if period.unit == "months" else first + timedelta(n))
    else:
        days = (calendar.add_months if period.unit == "months" else calendar.add_days)(first, n)
    is_floor = period.is_least or period.way == "full"
    return Counted(days, shown, ">=" if is_floor else "==" if period.way == "lasting" else "<=")


def _certain(day: date) -> DayRange:
    return DayRange(day, day, "")


def _label(period: Period) -> str:
    """What is to be done, in the words of the text: the first of several things, without the way it is done."""
    act = _BY_WAY.sub("", re.split(r"[,，;；:：。]", period.act)[0]).removesuffix("的")
    if len(act) > _LONGEST_LABEL and "、" in act:
        act = f"{act.partition('、')[0]}等"
    if len(act) > _LONGEST_LABEL and (acts := find_acts(act)):
        # 将资金拨付|至承训机构基本账户或者….
        act = act[: acts[0].end]
    return act if 1 < len(act) <= _LONGEST_LABEL else _NO_LABEL


def _judge(day: date, counted: Counted) -> Late:
    days = counted.days
    if counted.bound == "<=":
        return "in_time" if day <= days.earliest else "late" if day > days.latest else "open"
    return "early" if day < days.earliest else "enough" if day >= days.latest else "open"
