"""What a question over a table comes to, in words: the figure, then every row that it rests on.

In: a `TableFinding`. Out: claims of the draft with a citation a row, and the decision that programs read.
"""

from __future__ import annotations

from fractions import Fraction

from assistant.dialogue.decision import join_decisions
from assistant.dialogue.draft import Draft
from assistant.dialogue.messages import Messages
from assistant.dialogue.table_compute import TableFinding
from assistant.dialogue.table_grid import name_table, read_total
from assistant.documents.normalize import squeeze
from assistant.models import Clause, Decision, DecisionCheck, DecisionValue, Outcome, Span
from assistant.rules.show import show_number

_HEADS = {
    "sum": "table_sum",
    "count": "table_count",
    "list": "table_list",
    "items": "table_items",
    "named": "table_named",
    "max": "table_max",
    "min": "table_min",
    "difference": "table_difference",
    "ratio": "table_ratio",
    "share": "table_share",
    "rank": "table_rank",
    "offices": "table_offices",
    "none": "table_none",
}
_FEW = 8
"""Rows that are told in full."""
_LONGEST_KEY = 40
"""Code points of a row's key where there are more."""


def tell_table(draft: Draft, found: TableFinding, messages: Messages, *, only_head: bool = False) -> None:
    """Word a finding over a table and attach its decision.

    Args:
        only_head: leave out the rows: a finding before told them.
    """
    label = name_table(found.table)
    rows = found.rows
    if found.operation == "none":
        _tell_none(draft, found, label, messages)
        return
    cites = [draft.cite(row, Span(row.start, row.end)).n for row in rows]
    if found.operation == "share" and found.total is not None:
        rows = (*rows, found.total)
        cites.append(draft.cite(found.total, Span(found.total.start, found.total.end)).n)
    values = _fill_head(found, label, messages)
    head = messages.say(_HEADS[found.operation], **values)
    traced = tuple(str(v) for v in values.values())
    draft.tell_computed(head, tuple(cites), traced)
    checks = []
    is_sum = found.operation == "sum"
    if is_sum and found.total is not None and (stated := read_total(found.total, found.figure)) is not None:
        checks.append(_tell_total(draft, found, stated, messages))
    if found.rank:
        checks.append(_check(found.table, "pass", str(found.rank), cites[0]))
    figures = [f"，{show_number(f)}{found.row_unit}" for f in found.figures]
    figures += [""] * (len(rows) - len(figures))
    for row, cite, figure in zip(rows, cites, figures, strict=True):
        if only_head:
            break
        if len(rows) <= _FEW:
            draft.tell(row, [Span(row.start, row.end)])
        else:
            _tell_briefly(draft, row, found.key, cite, figure)
    decided = _decide(
        found, [_count_rows(found), *_check_rows(found, cites[: len(found.rows)]), *checks], label
    )
    draft.decision = join_decisions([d for d in (draft.decision, decided) if d])


def _fill_head(found: TableFinding, label: str, messages: Messages) -> dict[str, object]:
    """What the first sentence of a finding takes."""
    values: dict[str, object] = {"table": label, "count": str(len(found.rows))}
    if found.value is not None:
        values["value"] = f"{show_number(found.value)}{found.unit}"
    if found.operation in ("count", "list"):
        values.pop("value", None)
    if found.operation == "count":
        values["unit"] = found.unit
    if found.operation in ("items", "named", "ratio"):
        values.pop("count")
    if found.operation == "named":
        values["word"], values["names"] = found.filters[0], "、".join(found.filters[1:])
    if found.operation == "offices":
        values["names"] = "、".join(found.filters)
    if found.operation == "rank":
        values["place"] = str(found.rank)
        values["order"] = messages.say("from_least" if found.is_from_least else "from_most")
    if found.operation == "difference":
        values.pop("count")
        (values["less"], least), (values["more"], most) = sorted(found.sides, key=lambda side: side[1])
        values["than"] = messages.say("as_much" if least == most else "more_than")
    if found.operation == "sum":
        shown = "+".join(show_number(f) for f in found.figures)
        values["terms"] = messages.say("table_terms", terms=shown) if len(found.figures) > 1 else ""
    return values


def _tell_none(draft: Draft, found: TableFinding, label: str, messages: Messages) -> None:
    """That no row is as asked."""
    cite = draft.cite(found.table, Span(found.table.start, found.table.end)).n
    values = {"table": label, "count": str(found.n_read), "words": "".join(found.filters)}
    draft.tell_computed(messages.say("table_none", **values), (cite,), tuple(values.values()))
    check = DecisionCheck("rows", found.table.label, "pass", values["count"], "", None, {}, (), (cite,))
    draft.decision = Decision(found.table.clause_id, label, "pass", DecisionValue("0", "项"), checks=(check,))


def _tell_briefly(draft: Draft, row: Clause, key: str, cite: int, figure: str) -> None:
    """A row by the beginning of its key, and its figure."""
    words = squeeze(next(c.text for c in row.cells if c.header == key))
    shown = words if len(words) <= _LONGEST_KEY else f"{words[:_LONGEST_KEY]}……"
    draft.tell_computed(f"{row.label}：{shown}{figure}", (cite,), (figure,), (words[:_LONGEST_KEY],))


def _tell_total(draft: Draft, found: TableFinding, stated: Fraction, messages: Messages) -> DecisionCheck:
    """Whether the table's own total agrees."""
    assert found.total is not None
    assert found.value is not None
    cite = draft.cite(found.total, Span(found.total.start, found.total.end)).n
    total, gap = show_number(stated), show_number(abs(stated - found.left_out - found.value))
    if found.left_out and gap == "0":
        left = show_number(found.left_out)
        values = {"total": total, "left": left, "value": show_number(found.value), "unit": found.unit}
        draft.tell_computed(messages.say("table_total_rest", **values), (cite,), tuple(values.values()))
        return _check(found.total, "pass", f"{total} − {left} = {show_number(found.value)}", cite)
    if stated == found.value:
        text = messages.say("table_total_fits", total=total, unit=found.unit)
    else:
        text = messages.say("table_total_differs", total=total, unit=found.unit, gap=gap)
    draft.tell_computed(text, (cite,), (total, gap))
    shown = f"{total} − {show_number(found.value)} = {show_number(stated - found.value)}"
    return _check(found.total, "pass" if stated == found.value else "fail", shown, cite)


def _count_rows(found: TableFinding) -> DecisionCheck:
    """How many rows count, as a step."""
    count = str(len(found.rows))
    return DecisionCheck("rows", found.table.label, "pass", count, "", None, {}, (), ())


def _check_rows(found: TableFinding, cites: list[int]) -> list[DecisionCheck]:
    shown = [show_number(f) for f in found.figures] or [""] * len(found.rows)
    return [_check(row, "pass", s, n) for row, s, n in zip(found.rows, shown, cites, strict=True)]


def _check(row: Clause, outcome: Outcome, shown: str, cite: int) -> DecisionCheck:
    return DecisionCheck(
        id=row.path,
        label=row.label,
        outcome=outcome,
        shown=shown,
        when="",
        margin=None,
        facts={},
        parameters=(),
        cites=(cite,),
    )


def _decide(found: TableFinding, checks: list[DecisionCheck], label: str) -> Decision:
    value = None
    if found.value is not None:
        value = DecisionValue(show_number(found.value), found.unit)
    outcome: Outcome = "fail" if any(c.outcome == "fail" for c in checks) else "pass"
    return Decision(found.table.clause_id, label, outcome, value, checks=tuple(checks))
