"""Annex tables as typed rows: figures are read from the parsed text, never typed again.

In: what a rule file says of an annex and the parsed document. Out: a `Table`, and the total that the annex
itself states. A cell that is no figure where one belongs is a fault, not a zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistant.documents.normalize import squeeze
from assistant.models import Cell, Clause, Document
from assistant.rules import interval
from assistant.rules.language import Kind
from assistant.rules.law import Cite, Column, Dated, Parameter, Table, TableRow
from assistant.rules.numerals import find_figures
from assistant.rules.schema import CiteData
from assistant.rules.schema_files import ColumnData, TableData
from assistant.rules.show import show_number

_KINDS: dict[str, Kind] = {"text": "name", "names": "names", "integer": "number", "decimal": "number"}
Locate = Callable[[CiteData, str], Cite]
Tell = Callable[..., None]


def bind_table(
    id_: str, data: TableData, document: Document, locate: Locate, tell: Tell
) -> tuple[Table, Parameter | None]:
    """Read a table and its stated total.

    Args:
        locate: finds a quote in its clause.
        tell: takes (key, message, clause path) of each fault.
    """
    key = f"tables.{id_}"
    if data.key not in data.columns:
        tell(key, f"key 不是所列的列：{data.key}")
    total_path = data.total.clause if data.total else ""
    rows = [c for c in document.clauses if _is_row(c, data.annex) and c.path != total_path]
    if not rows:
        tell(key, f"附件 {data.annex} 里没有编号的行", data.annex)
    table = Table(
        key=f"{document.id}/{id_}",
        id=id_,
        document=document.id,
        subject="table",
        label=data.label,
        questions=data.questions,
        key_column=data.key,
        columns=tuple(Column(c, d.header, _KINDS[d.type], d.unit) for c, d in data.columns.items()),
        rows=tuple(_read_row(row, data, key, tell) for row in rows),
    )
    return table, _read_total(id_, data, document, locate, tell)


def _is_row(clause: Clause, annex: str) -> bool:
    return (
        clause.kind == "row"
        and clause.path.startswith(f"{annex}.r")
        and bool(clause.cells)
        and clause.cells[0].text.isdecimal()
    )


def _read_row(clause: Clause, data: TableData, key: str, tell: Tell) -> TableRow:
    values: dict[str, Any] = {}
    cells: dict[str, Cell] = {}
    for name, column in data.columns.items():
        cell = next((c for c in clause.cells if squeeze(c.header).startswith(squeeze(column.header))), None)
        if cell is None:
            tell(key, f"没有“{column.header}”这一列", clause.path)
            continue
        value = _read_cell(cell, column)
        if value is None:
            tell(key, f"“{column.header}”不是数字：{cell.text}", clause.path)
            continue
        values[name], cells[name] = value, cell
    return TableRow(
        clause, values, cells, Cite(clause.document, clause.clause_id, clause.start, clause.end, "fresh")
    )


def _read_cell(cell: Cell, column: ColumnData) -> Any:
    text = squeeze(cell.text)
    if column.type == "text":
        return text
    if column.type == "names":
        return frozenset(piece for piece in text.replace(",", "、").split("、") if piece)
    figures = find_figures(f"{text}{'' if column.unit in text else column.unit}")
    if len(figures) != 1 or (column.type == "integer" and figures[0].value.denominator != 1):
        return None
    return interval.simplify(figures[0].value)


def _read_total(
    id_: str, data: TableData, document: Document, locate: Locate, tell: Tell
) -> Parameter | None:
    if data.total is None:
        return None
    key, total = f"tables.{id_}.total", data.total
    column = data.columns.get(total.column)
    figures = find_figures(total.quote)
    if column is None or len(figures) != 1:
        tell(key, f"合计里应恰好有一个数字，属于所列的列：{total.quote}", total.clause)
        return None
    cite = locate(CiteData(clause=total.clause, quote=total.quote, pin=total.pin), key)
    value = interval.simplify(figures[0].value)
    name = f"{id_.replace('-', '_')}_total"
    return Parameter(
        key=f"{document.id}/{name}",
        id=name,
        document=document.id,
        label=f"{data.label}所列合计",
        unit=column.unit,
        bound="==",
        force="must",
        kind="number",
        values=(Dated(value, show_number(value), None, None, (cite,)),),
    )
