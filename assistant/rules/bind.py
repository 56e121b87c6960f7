"""One document's rule file → compiled rules bound to its clauses.

In: a `RuleFile`, its `Document` and the shared facts. Out: a `Bundle`. Every quote is located in the source,
every figure is read back from its quote, every expression is compiled; what does not fit is a fault that
names the key and the clause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.models import Document
from assistant.rules import interval
from assistant.rules.cites import CiteFinder
from assistant.rules.expressions import Compiler
from assistant.rules.facts import Fact
from assistant.rules.law import (
    Check,
    Cite,
    Conflict,
    Deadline,
    Example,
    Parameter,
    Quantity,
    Reading,
    RowSum,
    Side,
    Table,
    Term,
    Timeline,
    Verdict,
)
from assistant.rules.parameters import bind_parameter
from assistant.rules.schema import (
    CheckData,
    DeadlineData,
    QuantityData,
    TermData,
    TimelineData,
    VerdictData,
    read_figure,
)
from assistant.rules.schema_files import ConflictData, RuleFile
from assistant.rules.tables import bind_table


@dataclass(slots=True)
class Bundle:
    """The compiled rules of one document, by key, and what is wrong with its file."""

    document: Document
    parameters: dict[str, Parameter] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    deadlines: dict[str, Deadline] = field(default_factory=dict)
    timelines: dict[str, Timeline] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    counting: dict[str, tuple[Cite, ...]] = field(default_factory=dict)
    waived: list[Cite] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    unpinned: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def bind_rules(
    data: RuleFile,
    document: Document,
    documents: Mapping[str, Document],
    facts: Mapping[str, Fact],
    *,
    lint: bool,
) -> Bundle:
    """Bind one file.

    Args:
        documents: all documents by id, for cites of other documents.
        lint: whether to read each figure back from its quote; a sealed index has been linted.
    """
    binder = _Binder(data, document, documents, facts, lint)
    binder.bind()
    return binder.bundle


class _Binder:
    def __init__(
        self,
        data: RuleFile,
        document: Document,
        documents: Mapping[str, Document],
        facts: Mapping[str, Fact],
        lint: bool,
    ) -> None:
        self._data = data
        self._document = document
        self._facts = facts
        self._lint = lint
        self.bundle = Bundle(document)
        self._cites = CiteFinder(document, documents, self._fault)
        self._compiler = Compiler(data, document.id, facts, self.bundle.parameters, self._fault, lint=lint)

    def bind(self) -> None:
        data, bundle = self._data, self.bundle
        self._check_ids()
        for id_, table in data.tables.items():
            bundle.tables[self._key(id_)], total = bind_table(
                id_, table, self._document, self._cites.locate, self._fault
            )
            if total:
                bundle.parameters[total.key] = total
        for id_, parameter in data.parameters.items():
            bundle.parameters[self._key(id_)] = bind_parameter(
                self._key(id_), parameter, self._cites, self._fault, lint=self._lint
            )
        bundle.checks = {self._key(i): self._check(i, d) for i, d in data.checks.items()}
        bundle.verdicts = {self._key(i): self._verdict(i, d) for i, d in data.verdicts.items()}
        bundle.quantities = {self._key(i): self._quantity(i, d) for i, d in data.quantities.items()}
        bundle.deadlines = {self._key(i): self._deadline(i, d) for i, d in data.deadlines.items()}
        bundle.timelines = {self._key(i): self._timeline(i, d) for i, d in data.timelines.items()}
        bundle.conflicts = {self._key(i): self._conflict(i, d) for i, d in data.conflicts.items()}
        bundle.counting = {
            c.unit: self._cites.locate_all(c.cite, f"counting（{c.unit}）") for c in data.counting
        }
        bundle.waived = [self._cites.locate_waived(w.clause, w.quote) for w in data.waived]
        bundle.examples = [self._example(example) for example in data.examples]
        bundle.unpinned = self._cites.unpinned

    def _key(self, id_: str) -> str:
        return id_ if "/" in id_ else f"{self._document.id}/{id_}"

    def _fault(self, key: str, message: str, clause: str = "") -> None:
        where = f"（条款 {clause}）" if clause else ""
        self.bundle.faults.append(f"{key}{where}：{message}")

    def _check_ids(self) -> None:
        """No name twice, and no figure named like a fact."""
        for id_ in self._data.parameters:
            if id_ in self._facts:
                self._fault(f"parameters.{id_}", "与一个事实同名")
        groups = ("checks", "verdicts", "quantities", "deadlines", "timelines", "tables", "conflicts")
        seen: dict[str, str] = {}
        for group in groups:
            for id_ in getattr(self._data, group):
                if id_ in seen:
                    self._fault(f"{group}.{id_}", f"与 {seen[id_]} 里的规则同名")
                seen[id_] = group

    # -- rules -------------------------------------------------------------------------------------

    def _common(self, id_: str, data: Any) -> dict[str, Any]:
        return {
            "key": self._key(id_),
            "id": id_,
            "document": self._document.id,
            "subject": getattr(data, "subject", ""),
            "label": data.label,
            "questions": data.questions,
        }

    def _check(self, id_: str, data: CheckData) -> Check:
        key = f"checks.{id_}"
        readings = [(r.label, r.require) for r in data.readings] or [("", data.require)]
        check = Check(
            **self._common(id_, data),
            cites=self._cites.locate_all(data.cite, key),
            force=data.force,
            when=self._compiler.compile_condition(data.when, key),
            readings=tuple(
                Reading(label, self._compiler.compile(text, key, ("truth",))) for label, text in readings
            ),
        )
        refs = {r for reading in check.readings for r in reading.require.refs}
        if not check.cites and not any("/" in ref for ref in refs):
            self._fault(key, "没有条款：既没有参数，也没有 cite")
        return check

    def _verdict(self, id_: str, data: VerdictData) -> Verdict:
        key = f"verdicts.{id_}"
        if unknown := [fact for fact in data.needs if fact not in self._facts]:
            self._fault(key, f"没有名为 {'、'.join(unknown)} 的事实")
        return Verdict(
            **self._common(id_, data),
            cites=self._cites.locate_all(data.cite, key),
            when=self._compiler.compile_condition(data.when, key),
            checks=tuple(self._key(check) for check in data.all),
            reminders=tuple(self._key(check) for check in data.remind),
            facts=data.needs,
        )

    def _quantity(self, id_: str, data: QuantityData) -> Quantity:
        key = f"quantities.{id_}"

        def terms(items: Iterable[TermData]) -> tuple[Term, ...]:
            return tuple(self._term(item, key) for item in items)

        sums = data.sum or ((TermData(value=data.value),) if data.value else ())
        factors = [TermData(value=text) for text in data.product]
        return Quantity(
            **self._common(id_, data),
            cites=self._cites.locate_all(data.cite, key),
            force=data.force,
            unit=data.unit,
            bound=data.bound,
            when=self._compiler.compile_condition(data.when, key),
            cases=terms(data.cases),
            sum=terms(sums),
            product=terms(factors),
            rows=self._rows(data, key),
            readings=terms(data.readings),
            at_least=terms(data.at_least),
            at_most=terms(data.at_most),
            round_to=data.round.to if data.round else "",
            round_why=data.round.why if data.round else "",
        )

    def _term(self, data: TermData, key: str) -> Term:
        return Term(
            data.label,
            self._compiler.compile(data.value, key, ("number", "share")),
            self._compiler.compile_condition(data.when, key),
        )

    def _rows(self, data: QuantityData, key: str) -> RowSum | None:
        if data.rows is None:
            return None
        rows = data.rows
        table = self.bundle.tables.get(self._key(rows.table))
        columns = {c.id: c.kind for c in table.columns} if table else {}
        if table is None:
            self._fault(key, f"没有名为 {rows.table} 的表")
        elif columns.get(rows.column) != "number" and rows.op != "count":
            self._fault(key, f"表 {rows.table} 没有数字列 {rows.column}")
        where = self._compiler.compile(rows.where, key, ("truth",), columns) if rows.where else None
        return RowSum(self._key(rows.table), rows.op, rows.column, where)

    def _deadline(self, id_: str, data: DeadlineData) -> Deadline:
        key = f"deadlines.{id_}"
        unit, counts = next((u, c) for u in ("working_days", "days", "months") if (c := getattr(data, u)))
        for name in counts:
            parameter = self.bundle.parameters.get(self._key(name))
            if parameter is None or parameter.kind != "number":
                self._fault(key, f"没有名为 {name} 的数字参数")
        if data.after and data.after not in self._data.deadlines:
            self._fault(key, f"没有名为 {data.after} 的期限")
        return Deadline(
            **self._common(id_, data),
            cites=self._cites.locate_all(data.cite, key),
            start=self._compiler.compile(data.from_, key, ("date",)),
            count_unit=unit,  # type: ignore[arg-type]
            counts=tuple(self._key(name) for name in counts),
            back=data.back,
            moved=data.moved,
            after=self._key(data.after) if data.after else "",
            when=self._compiler.compile_condition(data.when, key),
        )

    def _timeline(self, id_: str, data: TimelineData) -> Timeline:
        for step in data.steps:
            if step not in self._data.deadlines:
                self._fault(f"timelines.{id_}", f"没有名为 {step} 的期限")
        return Timeline(**self._common(id_, data), steps=tuple(self._key(step) for step in data.steps))

    def _conflict(self, id_: str, data: ConflictData) -> Conflict:
        key = f"conflicts.{id_}"
        sides = []
        for side in data.sides:
            if side.cite is not None:
                cite = side.cite
                if side.document and not cite.document:
                    cite = cite.model_copy(update={"document": side.document})
                sides.append(Side("", (self._cites.locate(cite, key),)))
            else:
                sides.append(Side(self._key(side.parameter), ()))
        return Conflict(
            self._key(id_),
            self._document.id,
            data.label,
            tuple(sides),
            data.statement,
            data.relation,
            data.questions,
        )

    def _example(self, data: Any) -> Example:
        expected = data.expect
        value = read_figure(str(expected.value)) if expected.value is not None else None
        return Example(
            name=data.name,
            rule=self._key(data.rule),
            facts=data.facts,
            as_of=data.as_of,
            region=data.region,
            outcome=expected.outcome,
            value=None if value is None else interval.simplify(value),
            unit=expected.unit,
            day=expected.day,
            fails=expected.fails,
        )
