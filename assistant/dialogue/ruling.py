"""Finding → claims with citations, and the `Decision` that programs read.

In: what the calculator found. Out: sentences from templates, each resting on the clauses of its step, and the
same finding as data with the citations' numbers. Nothing is decided here; every figure comes from the trace.
"""

from __future__ import annotations

import math

from assistant.dialogue.decision import build_decision
from assistant.dialogue.draft import Draft
from assistant.dialogue.messages import Messages
from assistant.dialogue.premise import check_rule_said
from assistant.dialogue.ruling_figure import tell_figure, tell_timeline
from assistant.dialogue.ruling_verdict import choose_steps, tell_verdict
from assistant.dialogue.telling import Telling
from assistant.models import Question, Span
from assistant.rules import interval
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding, Repair
from assistant.rules.law import Parameter, Quantity, Table, Timeline

_N_SHOWN = 2
"""Clauses shown of a rule of another place."""


class RulingTeller:
    """Tells findings of one calculator in a draft."""

    def __init__(self, calculator: Calculator, messages: Messages) -> None:
        self._calculator = calculator
        self._messages = messages

    def tell(self, draft: Draft, finding: Finding, question: Question, *, is_brief: bool = False) -> None:
        """Word a finding and attach its decision.

        Args:
            is_brief: leave out the steps of a verdict that decide nothing; see `choose_steps`.
        """
        steps = choose_steps(finding) if is_brief else finding.steps
        telling = Telling(self._calculator, self._messages, draft, finding, steps)
        if finding.outcome == "no_basis" and finding.reason:
            _refuse(telling, question)
        else:
            _tell_rule_said(telling)
            _tell_finding(telling)
            _tell_rest(telling, is_brief=is_brief)
            is_open = finding.outcome == "unknown" and not (is_brief and self._has_floor(finding))
            draft.status = "needs_info" if is_open else "answered"
        draft.decision = build_decision(finding._replace(steps=steps), telling.cite)

    def _has_floor(self, finding: Finding) -> bool:
        """Whether the end that a figure sets is known, and only special conditions could move it."""
        facts = self._calculator.book.facts
        if not isinstance(finding.rule, Quantity) or not finding.amounts:
            return False
        value = interval.as_interval(finding.amounts[0].value)
        if value.low == value.high:
            # Only whether the rule applies is open; what it gives is told with that.
            return True
        # 超了多少: what is beyond a floor is at most what it is beyond the known one.
        ends = {">=": value.low, "<=": value.high}
        end = ends.get(finding.rule.bound, value.high if value.low == 0 else math.inf)
        return (
            0 < end < math.inf
            and any(s.facts for s in finding.steps)
            and all(
                facts[ask.fact].type == "boolean" or facts[ask.fact].data.cost > 1 for ask in finding.asks
            )
        )


def _refuse(telling: Telling, question: Question) -> None:
    """Say why a rule gives no conclusion; of clauses that have changed, show how they read now."""
    draft, finding = telling.draft, telling.finding
    label, as_of = finding.rule.label, question.as_of.isoformat()
    changed = telling.calculator.changed(finding.rule.key)
    if finding.reason == "region":
        region = draft.regions.get(telling.book.documents[finding.rule.document].region)
        place = draft.regions.get(question.region or "")
        home, asked = region.name if region else "", place.name if place else ""
        draft.refuse("no_basis_region", {"label": label, "home": home, "place": asked})
        for cite in telling.basis()[:_N_SHOWN]:
            telling.claim_clause(cite)
    elif finding.reason == "not_in_force":
        draft.refuse("no_basis_not_in_force", {"label": label, "as_of": as_of})
    elif changed:
        draft.refuse("no_basis_stale", {"label": label})
        for cite in changed:
            telling.claim_clause(cite)
    else:
        draft.refuse("no_basis_lapsed", {"label": label, "as_of": as_of})


def _tell_rule_said(telling: Telling) -> None:
    """Put right what the asker takes for the rule before it is applied to their case."""
    draft = telling.draft
    told: set[str] = set()
    for cite in (c for step in telling.steps for c in step.all_cites):
        if cite.drift == "stale" or cite.clause_id not in telling.book.clauses:
            continue
        span = Span(cite.start, cite.end)
        for premise in check_rule_said(draft.asked.text, telling.book.documents[cite.document], [span]):
            if not premise.is_right and premise.said not in told:
                told.add(premise.said)
                citation = draft.cite(telling.book.clauses[cite.clause_id], span)
                draft.correct(premise.said, premise.found, citation.n)


def _tell_finding(telling: Telling) -> None:
    """What was found, the conclusion first."""
    match telling.finding.rule:
        case Table():
            _tell_table(telling)
        case Timeline():
            tell_timeline(telling)
        case Quantity() | Parameter():
            tell_figure(telling)
        case _ if telling.finding.amounts:
            tell_figure(telling)
        case _:
            tell_verdict(telling)


def _tell_table(telling: Telling) -> None:
    label, steps = telling.finding.rule.label, telling.finding.steps
    count = str(len(steps))
    telling.claim(
        telling.say("table", label=label, count=count), telling.cite(steps[0].all_cites), (label, count)
    )
    for step in steps:
        text = telling.say("row", label=step.label, shown=step.shown)
        telling.claim(text, telling.cite(step.all_cites), (step.label, step.shown))


def _tell_rest(telling: Telling, *, is_brief: bool) -> None:
    """Disagreements, repairs, questions, limits of the calendar."""
    finding, notices = telling.finding, telling.draft.notices
    _tell_conflicts(telling, is_brief=is_brief)
    for number, repair in enumerate(finding.repairs, 1):
        if number == 1:
            is_joint = len(repair.changes) > 1
            telling.claim(telling.say("repair_joint" if is_joint else "repair_first"), (), ())
        _tell_repair(telling, repair)
    for number, ask in enumerate(finding.asks, 1):
        if number == 1:
            telling.claim(telling.say("ask_first"), (), ())
        telling.claim(telling.say("ask", question=ask.data.ask), telling.cite(ask.cites), (ask.data.ask,))
    if finding.reason and finding.outcome not in ("no_basis", "not_applicable"):
        notices.append(telling.say("beyond_calendar", reason=finding.reason))
    if finding.stable_until:
        notices.append(telling.say("stable", day=finding.stable_until.isoformat()))


def _tell_conflicts(telling: Telling, *, is_brief: bool) -> None:
    for conflict in telling.finding.conflicts:
        if is_brief and conflict.relation != "none":
            # Texts of other scope do not bear on the case; who asks how they differ is told.
            continue
        sides = [c for side in telling.calculator.sides(conflict) for c in side]
        statement = conflict.statement.rstrip("。")
        if conflict.relation == "none":
            text = telling.say("conflict", statement=statement)
        else:
            text = telling.say("conflict_related", statement=statement, relation=conflict.relation)
        telling.claim(f"{text}。", telling.cite(sides), ())


def _tell_repair(telling: Telling, repair: Repair) -> None:
    facts = telling.book.facts
    changes = "，".join(
        telling.say("change", label=facts[f].label, value=f"{value}{_unit(facts[f].data.unit, value)}")
        for f, value in repair.changes.items()
    )
    note = f"，{repair.note}" if repair.note else ""
    text = telling.say("repair", changes=changes, note=note)
    telling.claim(f"{text}。", telling.cite(repair.cites), (changes, repair.note))


def _unit(unit: str, value: str) -> str:
    return unit if value and value[-1].isdigit() else ""
