"""Figures that the last answers told, and what is asked of them together: 这俩加一块, 差多少, 哪个多.

In: an answer; a message of a conversation and the figures told before it. Out: the one figure that an answer told, if it told
one; which figures are to be added or compared; and that, worded and cited. Only figures of one unit are put together, and
each sentence they stand in is quoted again below the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from assistant.dialogue.draft import Draft
from assistant.dialogue.exchange import find_topic, pairs
from assistant.dialogue.memory import ToldFigure
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import chinese_to_int
from assistant.models import Answer, Citation, Clause, Decision, DecisionValue, Span
from assistant.rules.show import show_number

Operation = Literal["sum", "difference", "ratio", "order", ""]

MOST_FIGURES = 6
"""Figures that are kept; an endless session does not grow."""
_LEAST_SHARED = 2
"""Pairs of characters that a piece of a sentence shares with what was asked, at least."""
_MOST_SPANS = 4
"""Citations that are told again of one figure."""
_UNITS = r"人次|工作日|课时|学时|分钟|小时|个月|人|名|天|日|年|元|门|种|所|家|个|项|%"
_FIGURE = re.compile(
    rf"(?P<n>\d+(?:,\d{{3}})*(?:\.\d+)?)(?P<k>[万亿])?余?(?P<unit>{_UNITS})(?!以?[前后内]?(?:文|底))"
)
_DATE = re.compile(r"\d{4}年|\d+月\d+日")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HEAD_UNIT = re.compile(r"[（(](?P<unit>[^（）()]{1,4})[)）]$")
_SAME = {"人": "人", "名": "人", "天": "天", "日": "天"}
"""Units that are one when figures are put together."""
_SCALE = {"万": 10**4, "亿": 10**8}
_BOUNDED = re.compile(r"不低于|不少于|不超过|以上|以下|以内|至少|达到|最[多少高低]|不得|左右|约")

_OPERATIONS: list[tuple[Operation, re.Pattern[str]]] = [
    ("ratio", re.compile(r"(?:几|多少)倍")),
    (
        "difference",
        re.compile(
            r"差(?:了|出|着)?(?:多少|几|多大)|相差|差距|差额|[多少]出?(?:了)?(?:多少|几)(?![一-鿿]*[加合])"
        ),
    ),
    (
        "order",
        re.compile(
            r"(?:哪个?|哪一?[项边家样]|谁)(?:的)?(?:更|要|比较|最)?(?:[多大高长]|少|小|低|短)(?:一?些|点)?"
        ),
    ),
    (
        "sum",
        re.compile(
            r"加起来|加(?:到|在)?一?[块起]儿?|合计|总和|之和|相加|一共|总共|拢共|合起来|合(?:到)?一(?:块|起)儿?|加总|总数"
        ),
    ),
]
_POINTS = re.compile(
    r"(?:这|那|上面|前面|刚才|刚刚)*(?:说的|讲的|查的|问的|答的|给的)?(?:这|那|前|它|他)?(?P<n>[俩仨两二三四五六\d])?(?:个|项|行|家|边|样|条|所|地|者|笔|类|种)?(?:数字?|任务|指标|单位|部门|地方|年数)?|(?:它|他)们|[前后](?:者|一个)"
)
_FILLER = re.compile(
    r"[的是有要得能到底又都一共总给我俺帮算算看下吧呢啊吗呀了那么就再也和跟与之间,，?？。!！]|多少|几|人次|个?人|天|钱|元|请|得出"
)
_COUNTS = {"俩": 2, "仨": 3, "两": 2}


def keep_figures(
    before: Sequence[ToldFigure],
    answer: Answer,
    clauses: Mapping[str, Clause],
    question: str,
    *,
    corrects: bool,
) -> tuple[ToldFigure, ...]:
    """The figures told so far with that of an answer; none where it told none or several.

    Args:
        question: what was answered; of several figures of a sentence that is told which stands beside its topic.
        corrects: the answer stands in place of the one before.
    """
    figure = _read_answer(answer, clauses, question) if answer.status == "answered" else None
    if figure is None:
        return ()
    kept = [f for f in (before[:-1] if corrects else before) if f != figure]
    return (*kept, figure)[-MOST_FIGURES:]


def read_operation(text: str, figures: Sequence[ToldFigure]) -> tuple[Operation, tuple[ToldFigure, ...]]:
    """What a message asks of the figures told last, and of which; nothing where it asks of something else.

    Returns:
        The operation without figures where it is asked of more than were told.
    """
    found = next(((name, m) for name, pattern in _OPERATIONS if (m := pattern.search(text))), None)
    if found is None:
        return "", ()
    operation, match = found
    rest = text[: match.start()] + text[match.end() :]
    counts = [m["n"] for m in _POINTS.finditer(rest) if m["n"]]
    if _FILLER.sub("", _POINTS.sub("", rest)):
        return "", ()
    alike = _alike(figures) if figures else []
    said = _COUNTS.get(counts[0]) or chinese_to_int(counts[0]) if counts else 0
    wanted = said or (2 if operation in ("difference", "ratio") else len(alike))
    if said > max(2, len(alike)) and operation in ("sum", "order"):
        # 三个加起来 where three answers did not each tell a figure: two of them would be told for three.
        return operation, ()
    if len(alike) < wanted or wanted < 2 or (operation in ("difference", "ratio") and wanted != 2):
        return "", ()
    return operation, tuple(alike[-wanted:])


def tell_figures(
    draft: Draft, operation: Operation, figures: Sequence[ToldFigure], clauses: Mapping[str, Clause]
) -> None:
    """Word what the figures come to, then quote where each stands; ask for the items where they are not known."""
    if not figures:
        draft.remark("told_not_all")
        draft.status = "needs_info"
        return
    unit = figures[-1].unit
    amounts = [Fraction(f.amount) for f in figures]
    shown = [show_number(a) for a in amounts]
    spans = dict.fromkeys((clauses[i], Span(start, end)) for f in figures for i, start, end in f.spans)
    cites = tuple(draft.cite(clause, span).n for clause, span in spans)
    value, text = _compute(operation, amounts, shown, unit, draft)
    draft.tell_computed(text, cites, (text,))
    for clause, span in spans:
        draft.tell(clause, [span])
    if any(f.is_bound for f in figures):
        draft.remark("told_bounds")
    label = draft.messages.say("told_label")
    first = figures[0].spans[0][0]
    draft.decision = Decision(first, label, "pass", value)


def _compute(
    operation: Operation, amounts: Sequence[Fraction], shown: Sequence[str], unit: str, draft: Draft
) -> tuple[DecisionValue | None, str]:
    """The value and the sentence of an operation."""
    low, high = min(amounts), max(amounts)
    if operation == "sum":
        total = show_number(sum(amounts, Fraction(0)))
        terms = " + ".join(shown)
        return DecisionValue(total, unit), draft.messages.say("told_sum", terms=terms, value=f"{total}{unit}")
    if operation == "ratio" and low and "/" not in show_number(high / low):
        times = show_number(high / low)
        terms = f"{show_number(high)} ÷ {show_number(low)}"
        return DecisionValue(times, "倍"), draft.messages.say("told_ratio", terms=terms, value=f"{times}倍")
    if operation == "order" and len(amounts) > 2:
        return DecisionValue(show_number(high), unit), draft.messages.say(
            "told_most", most=f"{show_number(high)}{unit}", least=f"{show_number(low)}{unit}"
        )
    gap = show_number(high - low)
    if high == low:
        return DecisionValue("0", unit), draft.messages.say("told_same", value=f"{shown[0]}{unit}")
    which = draft.messages.say("told_first" if amounts[0] > amounts[-1] else "told_second")
    terms = f"{show_number(high)} - {show_number(low)}"
    return DecisionValue(gap, unit), draft.messages.say(
        "told_difference", which=which, terms=terms, value=f"{gap}{unit}"
    )


def _alike(figures: Sequence[ToldFigure]) -> list[ToldFigure]:
    """The last figures that have the unit of the very last, without a break."""
    unit = _name_unit(figures[-1])
    alike: list[ToldFigure] = []
    for figure in reversed(figures):
        if _name_unit(figure) != unit:
            break
        alike.insert(0, figure)
    return alike


def _name_unit(figure: ToldFigure) -> str:
    return _SAME.get(figure.unit, figure.unit)


def _read_answer(answer: Answer, clauses: Mapping[str, Clause], question: str) -> ToldFigure | None:
    """The one figure of an answer: the calculator's, that of the one row, or the only one of the sentences quoted."""
    cited = [c for c in answer.citations if c.clause_id in clauses]
    if decision := answer.decision:
        value = decision.value
        used = {n for check in decision.checks for n in check.cites}
        spans = [c for c in cited if c.n in used] or cited[:1]
        if value is None or value.amount is None or not spans or not _is_number(value.amount):
            return None
        own = (v for check in decision.checks for v in check.facts.values())
        saying = [c for c in spans if value.amount in _plain_figures(c)]
        # What was computed from figures of the asker's is theirs; what the texts say or add up to is put together.
        if not saying and any(ch.isdigit() for v in own for ch in v):
            return None
        return _keep(value.amount, value.unit, saying or spans, value.bound)
    rows = [c for c in cited if clauses[c.clause_id].kind == "row"]
    if len(rows) == 1 == len(cited):
        return _read_row(rows[0], clauses[rows[0].clause_id])
    found = {(a, u): c for c in cited for a, u in _read_figures(c.quote)}
    if len(found) > 1:
        found = _choose_beside(cited, question)
    if len(found) != 1:
        return None
    (amount, unit), citation = next(iter(found.items()))
    bound = ">=" if _BOUNDED.search(citation.quote) else "=="
    return _keep(amount, unit, [citation], bound)


def _choose_beside(cited: Sequence[Citation], question: str) -> dict[tuple[str, str], Citation]:
    """The figure of the one piece of the sentences that says most of what was asked: 创业培训10万人次 of four."""
    topic = set(pairs(find_topic(question)))
    pieces = [(piece, c) for c in cited for piece in re.split(r"[、,;。]", _DATE.sub("", squeeze(c.quote)))]
    scored = [(len(topic & set(pairs(p))), f[0], c) for p, c in pieces if len(f := _read_figures(p)) == 1]
    best = max((n for n, _, _ in scored), default=0)
    if best < _LEAST_SHARED:
        return {}
    return {figure: c for n, figure, c in scored if n == best}


def _read_row(citation: Citation, row: Clause) -> ToldFigure | None:
    """The one figure of a row whose column names its unit."""
    found = [
        (squeeze(cell.text), match["unit"])
        for cell in row.cells
        if _NUMBER.fullmatch(squeeze(cell.text)) and (match := _HEAD_UNIT.search(squeeze(cell.header)))
    ]
    return _keep(found[0][0], found[0][1], [citation], "==") if len(found) == 1 else None


def _read_figures(quote: str) -> list[tuple[str, str]]:
    """The figures of a sentence with their units, dates aside."""
    text = _DATE.sub("", squeeze(quote))
    return [
        (show_number(Fraction(m["n"].replace(",", "")) * _SCALE.get(m["k"] or "", 1)), m["unit"])
        for m in _FIGURE.finditer(text)
    ]


def _plain_figures(citation: Citation) -> set[str]:
    return {amount for amount, _ in _read_figures(citation.quote)} | set(
        _NUMBER.findall(squeeze(citation.quote))
    )


def _keep(amount: str, unit: str, citations: Sequence[Citation], bound: str) -> ToldFigure:
    spans = tuple((c.clause_id, c.start, c.end) for c in citations[:_MOST_SPANS])
    return ToldFigure(amount=amount, unit=unit, spans=spans, is_bound=bound != "==")


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))
