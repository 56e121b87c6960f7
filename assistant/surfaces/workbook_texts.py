"""Findings → the cells behind a row: what fails, what is missing, what would pass, on which clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from assistant.models import Outcome
from assistant.rules.batch import BatchResult
from assistant.rules.case import Case
from assistant.rules.decide import Calculator, Lineage
from assistant.rules.finding import Finding, Repair, Step
from assistant.rules.law import Check, Cite, Verdict
from assistant.rules.masks import PASS
from assistant.rules.repair import find_repairs
from assistant.rules.statements import Stated
from assistant.rules.trials import Known
from assistant.surfaces.workbook_clauses import ClauseList

_MOST_CACHED = 100_000
_MOST_KNOWN = 500_000
_NO_BASIS = {
    "region": "该规则不适用于所选地区",
    "not_in_force": "该文件在所选日期没有施行",
}


class RowTexts(NamedTuple):
    """What stands behind a row; `outcome` is `invalid` where the row itself is wrong."""

    outcome: str
    failing: str = ""
    missing: str = ""
    repairs: str = ""
    basis: str = ""
    error: str = ""


class RowTeller:
    """Puts rows of one rule into words.

    Attributes:
        clauses: those it named.
    """

    def __init__(self, calculator: Calculator, rule: Verdict | Check, as_of: date, lineage: Lineage) -> None:
        self._calculator, self._book = calculator, calculator.book
        self._rule, self._as_of, self._lineage = rule, as_of, lineage
        self._law = self._book.at(as_of)
        needs = self._book.needs(rule.key)
        self._reads = (*needs.facts, *(key for key in needs.computed if key in self._book.facts))
        self._told: dict[tuple[object, ...], RowTexts] = {}
        self._known: Known = {}
        self.clauses = ClauseList(self._book)

    def tell(self, outcome: Outcome, stated: Mapping[str, Stated]) -> RowTexts:
        """The cells for a row that is no plain pass; the same for the same facts."""
        key = tuple(stated.get(fact) for fact in self._reads)
        if key not in self._told:
            if len(self._told) > _MOST_CACHED:
                self._told.clear()
            self._told[key] = self._tell(outcome, stated)
        return self._told[key]

    def _tell(self, outcome: Outcome, stated: Mapping[str, Stated]) -> RowTexts:
        finding = self._calculator.find(self._rule.key, stated, self._as_of, self._lineage)
        if finding.outcome == "no_basis" and finding.reason:
            return RowTexts(outcome, failing=_NO_BASIS.get(finding.reason, "条款已经变动，待核实"))
        repairs: tuple[Repair, ...] = ()
        if outcome == "fail":
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            repairs = find_repairs(
                self._calculator, self._rule, Case(self._book, self._law, stated), self._known
            )
        deciding = [step for step in finding.steps if step.outcome == outcome]
        return RowTexts(
            outcome,
            failing=self._tell_failing(finding),
            missing="、".join(self._book.facts[ask.fact].label for ask in finding.asks),
            repairs="；".join(self._tell_repair(repair) for repair in repairs),
            basis=self.clauses.name(cite for step in deciding for cite in step.all_cites),
        )

    def _tell_failing(self, finding: Finding) -> str:
        if finding.outcome == "not_applicable":
            shown = finding.reason or "；".join(step.when for step in finding.steps)
            return f"不适用：{shown}" if shown else ""
        words = {"fail": "", "conflict": "有分歧——", "no_basis": "条款已变动——"}
        told = [f"{words[step.outcome]}{_tell_step(step)}" for step in finding.steps if step.outcome in words]
        return "；".join(told)

    def _tell_repair(self, repair: Repair) -> str:
        changes = "，".join(
            f"{self._book.facts[fact].label}改为{value}{self._unit(fact, value)}"
            for fact, value in repair.changes.items()
        )
        return f"{changes}，{repair.note}" if repair.note else changes

    def _unit(self, fact: str, value: str) -> str:
        return self._book.facts[fact].data.unit if value[-1:].isdigit() else ""

    # -- clauses -----------------------------------------------------------------------------------

    def passing_cites(self, result: BatchResult | None) -> Callable[[int], str]:
        """The clauses behind a row that passes: those of the checks that hold for it."""
        if result is None:
            return lambda _row: ""
        empty = Case(self._book, self._law, {})
        keys = list(result.blocks)
        cites = [self._frame_cites(key, empty) for key in keys]
        holds = np.stack([result.check_codes(key) == PASS for key in keys], axis=1)
        told: dict[bytes, str] = {}

        def tell(row: int) -> str:
            pattern = holds[row].tobytes()
            if pattern not in told:
                kept = [c for c, is_held in zip(cites, holds[row], strict=True) if is_held]
                told[pattern] = self.clauses.name(c for listed in kept for c in listed)
            return told[pattern]

        return tell

    def _frame_cites(self, key: str, case: Case) -> tuple[Cite, ...]:
        frame = self._calculator.frame(key, case)
        parameters = [self._book.parameters[p] for p in self._book.needs(key).parameters]
        read = [p.value_at(self._as_of) for p in parameters] if frame.used is None else []
        return (*frame.cites, *(cite for dated in read if dated for cite in dated.cites))


def _tell_step(step: Step) -> str:
    return f"{step.label}：{step.shown}" if step.shown else step.label
