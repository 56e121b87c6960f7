"""A clause with a rate and a quantity that the question states → the figure asked for, where nobody wrote a rule.

In: a question and the clauses that answer it. Out: `Finding`s like those of rules, with the formula. The rate must be
of the thing whose quantity is stated, and set what is asked for; where another rate, another case or a condition that is
not known to be met may stand in the way, nothing is computed and the clause is only quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from assistant.dialogue.rate_asked import AskedRate, read_asked_rate
from assistant.dialogue.rate_case import has_case, is_about, is_others_case
from assistant.dialogue.rate_compute import Computed, compute
from assistant.dialogue.rate_texts import Rate, find_rates, plain_unit
from assistant.documents.normalize import squeeze
from assistant.documents.sentences import split_sentences
from assistant.models import Clause, Document, Span
from assistant.rules.finding import Amount, Finding, TermStep
from assistant.rules.interval import simplify
from assistant.rules.law import Cite, Rule

_LONGEST_LABEL = 16
_GOAL = re.compile(r"([一-鿿]{2}费?(?:补助|补贴|津贴|奖励))")


class Figured(NamedTuple):
    """A figure that was computed, and the words it comes of."""

    clause: Clause
    sentence: Span
    finding: Finding
    is_of_group: bool


def find_by_rate(
    text: str, clauses: Sequence[Clause], documents: Mapping[str, Document], as_of: date
) -> list[Figured]:
    """The figures that a question asks for; empty where none may be computed.

    Args:
        clauses: those that answer, best first.
        documents: by id.
    """
    question = read_asked_rate(text, as_of)
    if question is None:
        return []
    for clause in clauses:
        document = documents[clause.document]
        if found := _figure_clause(question, clause, document):
            return found
    return []


def _figure_clause(question: AskedRate, clause: Clause, document: Document) -> list[Figured]:
    sentences = _read_sentences(clause, document)
    found = []
    for span, text in sentences:
        others = [other for at, other in sentences if at != span]
        around = squeeze(" ".join((*clause.headings[-1:], clause.heading)))
        if clause.cells:
            around = _name_of_row(clause)
        for rate in _choose(question, text, around):
            computed = compute(question, rate, text, others)
            if (
                computed
                and _is_in_row(question, clause)
                and not is_others_case(question, text, around, others)
            ):
                found.append(
                    _find(
                        clause, span, _label(rate, text, clause), computed, is_of_group=rate.kind == "group"
                    )
                )
    # Several figures of one kind: which is meant is not known. Those of groups are of a thing each.
    values = {f.finding.amounts[0] for f in found}
    labels = {f.finding.rule.label for f in found}
    is_clear = len(values) <= 1 or (len(labels) == len(found) and all(f.is_of_group for f in found))
    return found if is_clear else []


def _read_sentences(clause: Clause, document: Document) -> list[tuple[Span, str]]:
    """The sentences of a clause, or the cells of a row with their header's unit."""
    if clause.cells:
        return [(Span(c.start, c.end), _read_cell(c.header, c.text)) for c in clause.cells if c.text.strip()]
    source = document.source
    spans = split_sentences(source, clause.start, clause.end)
    return [(span, _plain(source[span.start : span.end])) for span in spans]


def _name_of_row(clause: Clause) -> str:
    """What a row is of: its first cell with words."""
    return next((squeeze(c.text) for c in clause.cells if re.search(r"[一-鿿]{2}", c.text)), "")


def _is_in_row(question: AskedRate, clause: Clause) -> bool:
    """Whether the quantities that are stated are those of a row: 48课时 of 30—60."""
    for cell in clause.cells:
        header = squeeze(cell.header)
        unit = next((u for u in ("课时", "学时", "天") if u in header and "元" not in header), "")
        ends = re.fullmatch(r"(\d+)(?:[—~至-]+(\d+))?", squeeze(cell.text)) if unit else None
        stated = question.only(plain_unit(unit)) if ends else None
        if ends and stated and not int(ends[1]) <= stated.value <= int(ends[2] or ends[1]):
            return False
    return True


def _plain(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", squeeze(text))


def _read_cell(header: str, text: str) -> str:
    """A cell's words; 12 under 补贴标准(元/课时) is 12元/课时."""
    unit = re.search(r"\((元/[^()]{1,6})\)$", squeeze(header))
    words = _plain(text)
    return f"{words}{unit[1]}" if unit and re.fullmatch(r"\d+(?:\.\d+)?", words) else words


def _choose(question: AskedRate, text: str, around: str) -> list[Rate]:
    """The rates of a sentence that may be meant: the only one of its kind, or the one whose case is named."""
    rates = find_rates(text)
    chosen = []
    for rate in rates:
        rivals = [r for r in rates if r.kind == rate.kind and r is not rate]
        if (
            rate.figure is not None
            and has_case(question, rate, rivals)
            and is_about(question, rate, text, around)
        ):
            chosen.append(rate)
    return chosen


def _label(rate: Rate, text: str, clause: Clause) -> str:
    """What the figure is of, in the words of the text."""
    if rate.kind == "group":
        return f"{rate.before}{rate.base}"
    if clause.cells:
        return _name_of_row(clause)
    own = re.split(r"[,;:。、]", text[: rate.start] if rate.kind == "each" else rate.before)[-1]
    own = re.sub(r"^第[一二三四五六七八九十百]+条", "", own)
    goal = _GOAL.search(text)
    if rate.kind == "each" and goal and not re.search(r"[给予发每]", goal[1]):
        return goal[1]
    if rate.kind != "each" and 1 < len(own) <= _LONGEST_LABEL and not re.search(r"[\d每按]", own):
        return own.removesuffix("比例")
    heading = squeeze(clause.heading)
    return heading if 1 < len(heading) <= _LONGEST_LABEL and not re.search(r"\d", heading) else "按此计算"


def _find(clause: Clause, words: Span, label: str, computed: Computed, *, is_of_group: bool) -> Figured:
    own = Cite(clause.document, clause.clause_id, *words, "fresh")
    step = TermStep(clause.path, label, "pass", computed.shown, cites=(own,))
    rule = Rule(
        key=clause.clause_id,
        id=clause.path,
        document=clause.document,
        subject="",
        label=label,
        cites=(own,),
    )
    amount = Amount(simplify(computed.value), "number", computed.unit, computed.bound)
    return Figured(clause, words, Finding(rule, "pass", (step,), (amount,)), is_of_group)
