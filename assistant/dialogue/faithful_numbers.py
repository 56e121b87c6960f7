"""Every figure of a sentence against those of what it cites: value, unit, bound, and what it is the figure of.

One decision: a right number said of the wrong thing is a lie. The words around a figure are compared with those around every figure of
the clauses that has the same unit; where another figure's words fit better, the sentence fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import eq, ge, gt, le, lt

from assistant.dialogue.faithful_fault import Fault
from assistant.dialogue.faithful_ground import Evidence, Ground
from assistant.dialogue.faithful_read import Bound, Piece, Reading, is_same_day

_NEAR, _FAR = 0.5, 0.2
_FIRST_YEAR = 1900
_ALIKE = 3
_TOKEN = re.compile(r"[A-Za-z0-9.+%〔〕\[\]/-]*\d[A-Za-z0-9.+%/-]*")
_EXPRESSION = re.compile(r"[\d.,%()，]*\d%?[)]*(?:[×÷+=≤≥<>~*/-]+[(]*[\d.,%()，]*\d%?[)]*)+")
_ASKER = re.compile(r"您|你|贵|所说|该班|这个班|本班|目前|现有|实际|已")
_DUTY = re.compile(r"应|须|必须|不得|不能|需要|要求(?=.)|规定(?=.)")
_TRUE_OF: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">": gt,
    "<": lt,
    ">=": ge,
    "<=": le,
    "==": eq,
}
# 没有超过, 达到, 高于 tell how a case stands; 不得超过 tells the rule.
_NORM = re.compile(r"得|应|能|可|准|许|宜|要|限|最|至")
_RULE = re.compile(r"规定|要求|标准|最多|至多|最高|最低|至少")
_STATED = re.compile(r"没|未")
_BARE_END = re.compile(r"[，,。;:、)）的]?$")


def find_number_fault(sentence: Reading, evidence: Evidence, ground: Ground) -> Fault | None:
    """The first figure of a sentence that does not stand in what it cites."""
    for index, figure in enumerate(sentence.figures):
        if fault := _check(figure, sentence, sentence.figures[:index], evidence, ground):
            return fault
    return (
        _find_expression(sentence, evidence)
        or _find_loose_digits(sentence, evidence)
        or _find_cut_unit(sentence, evidence)
    )


def find_match(figure: Bound, evidence: Evidence) -> Bound | None:
    """The figure of the clauses that a figure of a sentence stands for; None where there is none."""
    same = [g for g in evidence.figures if _is_value(figure, g) and _has_unit(figure, g)]
    fitting = [g for g in same if _is_bound(figure, g)] or same
    return max(fitting, key=lambda g: _score(figure, g, Counter()), default=None)


def _check(
    figure: Bound, sentence: Reading, earlier: Sequence[Bound], evidence: Evidence, ground: Ground
) -> Fault | None:
    if _is_determiner(figure):
        return None
    piece = sentence.pieces[figure.piece]
    if _is_fact(figure, piece, evidence, ground):
        return None
    known = evidence.figures
    same = [g for g in known if _is_value(figure, g)]
    if not same or not any(_has_unit(figure, g) for g in same):
        return _tell_unknown(figure, evidence, is_unit=bool(same))
    measured = [g for g in same if _has_unit(figure, g)]
    told = _find_stated(figure, earlier, evidence)
    is_traced = any(g.text == piece.text and g.shown == figure.shown and g.next == figure.next for g in same)
    if told is not None and _is_descriptive(figure, piece) and not is_traced:
        relation = _TRUE_OF.get(figure.bounds[0])
        is_true = relation is not None and relation(told, _number(figure))
        return None if is_true else Fault("comparator", f"{figure.word}{figure.shown}")
    bounded = [g for g in measured if _is_bound(figure, g)]
    if not bounded:
        return Fault("comparator", f"{figure.word}{figure.shown}")
    rivals = [g for g in (*known, *evidence.others) if not _is_value(figure, g)]
    return _check_subject(figure, bounded, rivals, evidence)


def _tell_unknown(figure: Bound, evidence: Evidence, *, is_unit: bool) -> Fault | None:
    """Value or unit are not in the clauses; a year or day may be that of the document."""
    if figure.unit == "年" and _number(figure) > _FIRST_YEAR:
        is_named = re.search(rf"(?<!\d){figure.value}(?!\d)", evidence.about)
        years = [g for g in evidence.figures if g.unit == "年" and _number(g) > _FIRST_YEAR]
        # 2021年度年检 where the clause has 2020年度年检 is not the year of the document.
        if is_named and not any(len(figure.own & g.own) >= _ALIKE for g in years):
            return None
        return Fault("year", figure.shown)
    return Fault("unit" if is_unit else "number", figure.shown)


def _is_determiner(figure: Bound) -> bool:
    """一个, 一所, 一项: an article, no figure."""
    return (
        figure.shown[:1] == "一"
        and figure.unit in ("个", "人", "次", "项", "种", "门", "期", "条")
        and (figure.shown[1:] not in ("人", "次", "期"))
    )


def _is_value(figure: Bound, other: Bound) -> bool:
    if isinstance(figure.value, tuple) or isinstance(other.value, tuple):
        return (
            isinstance(figure.value, tuple)
            and isinstance(other.value, tuple)
            and is_same_day(figure.value, other.value)
        )
    return figure.value == other.value


def _has_unit(figure: Bound, other: Bound) -> bool:
    """Whether two figures are measured alike; those without a unit where nothing else follows them."""
    if figure.unit == other.unit:
        return bool(figure.unit) or figure.next == other.next or _ends(figure) or _ends(other)
    return False


def _is_bound(figure: Bound, other: Bound) -> bool:
    """Whether the words around a figure say the bound of the other: 达到60% may be said of a plain 60%."""
    said = figure.bounds[:1] if figure.bounds[-1] != "==" else figure.bounds
    return not set(said).isdisjoint(other.bounds)


def _ends(figure: Bound) -> bool:
    return not figure.next.isalnum() or figure.next == "的"


def _is_fact(figure: Bound, piece: Piece, evidence: Evidence, ground: Ground) -> bool:
    """Whether a figure is one that the asker told of the case, and is told as that."""
    is_told = any(
        _is_value(figure, g)
        and (figure.unit == g.unit or "" in (figure.unit, g.unit))
        and figure.bounds[0] == g.bounds[0]
        for g in evidence.said.figures
    )
    is_case = ground.outcome is not None or _ASKER.search(piece.text)
    return bool(is_told and is_case and not _DUTY.search(piece.text))


def _find_stated(figure: Bound, earlier: Sequence[Bound], evidence: Evidence) -> Fraction | None:
    """The asker's figure that a figure behind it is compared with: 85人，超过80人."""
    for other in reversed(earlier):
        is_close = figure.piece - other.piece <= 1
        is_comparable = other.unit == figure.unit or "" in (other.unit, figure.unit)
        if not is_close or not is_comparable or isinstance(other.value, tuple):
            continue
        if isinstance(figure.value, tuple) or other.bounds[0] != "==":
            continue
        if any(_is_value(other, g) for g in evidence.said.figures):
            return other.value
    return None


def _is_descriptive(figure: Bound, piece: Piece) -> bool:
    if figure.bounds[0] == "==":
        return False
    if _STATED.search(figure.word):
        return True
    return not _NORM.search(figure.word) and not _RULE.search(piece.text)


def _number(figure: Bound) -> Fraction:
    return Fraction(0) if isinstance(figure.value, tuple) else figure.value


def _check_subject(
    figure: Bound, same: Sequence[Bound], others: Sequence[Bound], evidence: Evidence
) -> Fault | None:
    """Whether the words around a figure are those around the same figure in the clauses."""
    rivals = [g for g in others if g.unit == figure.unit]
    counts = Counter(pair for g in (*same, *rivals) for pair in g.own | g.near | g.far)
    best = max(same, key=lambda g: _score(figure, g, counts))
    score = _score(figure, best, counts)
    for rival in rivals:
        if _score(figure, rival, counts) > score + 1e-9:
            return Fault("subject", f"{figure.shown}（应为{rival.shown}）")
    around = evidence.pairs
    told = figure.own & around
    is_apart = not any(told & (g.own | g.near | g.far) for g in same)
    return Fault("subject", figure.shown) if told and is_apart else None


def _score(figure: Bound, other: Bound, counts: Counter[str]) -> float:
    """How well the words around two figures fit; a pair that stands around many figures tells little."""

    def weigh(pairs: frozenset[str]) -> float:
        return sum(1 / counts[pair] if counts[pair] else 1.0 for pair in pairs)

    return (
        weigh(figure.own & other.own)
        + _NEAR * weigh(figure.own & other.near - other.own)
        + _FAR * weigh((figure.own & other.far) - other.own - other.near)
        + _NEAR * weigh(figure.near & (other.own | other.near))
        + _FAR * weigh(figure.far & (other.own | other.near | other.far))
    )


def _find_expression(sentence: Reading, evidence: Evidence) -> Fault | None:
    """36 ÷ 60 = 60%: a computation must stand so in the trace."""
    for match in _EXPRESSION.finditer(sentence.plain):
        shown = match[0].strip("(),，")
        if not re.search(rf"(?<![\d.%]){re.escape(shown)}(?![\d%])(?!\.\d)", evidence.literal):
            return Fault("number", shown)
    return None


def _find_cut_unit(sentence: Reading, evidence: Evidence) -> Fault | None:
    """培训人 where the clauses write 培训人次 only; 学时 where what is worded has 课时."""
    known = evidence.literal
    for match in re.finditer(r"[\u4e00-\u9fff]人(?!次)", sentence.plain):
        if f"{match[0]}次" in known and not re.search(f"{match[0]}(?!次)", known):
            return Fault("unit", match[0])
    for piece in sentence.pieces:
        around = [
            text
            for text, pairs in zip(evidence.texts, evidence.sentences, strict=True)
            if len(pairs & piece.pairs) > 1
        ]
        for mine, other in (("课时", "学时"), ("学时", "课时")):
            is_there = any(mine in text for text in around)
            if mine in piece.text and not is_there and any(other in text for text in around):
                return Fault("unit", mine)
    return None


def _find_loose_digits(sentence: Reading, evidence: Evidence) -> Fault | None:
    """Digits that were read as no figure, such as 1+X or 8O: they must stand so in what is cited."""
    shown = [figure.shown for figure in sentence.figures]
    rest = sentence.plain
    for figure in shown:
        rest = rest.replace(figure, " ", 1)
    for token in _TOKEN.findall(rest):
        if token.strip(".,-") not in evidence.literal:
            return Fault("number", token)
    return None
