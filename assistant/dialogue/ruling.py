"""Finding → claims with citations, and the `Decision` that programs read.

In: what the calculator found. Out: sentences from templates, each resting on the clauses of its step, and the
same finding as data with the citations' numbers. Nothing is decided here; every figure comes from the trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.dialogue.amounts import say_amount, say_known, side_of
from assistant.dialogue.decision import build_decision
from assistant.dialogue.draft import Draft
from assistant.dialogue.messages import Messages
from assistant.documents.normalize import collapse_display
from assistant.models import Outcome, Question, Span
from assistant.rules.decide import Calculator
from assistant.rules.finding import Finding, Repair, Step
from assistant.rules.law import Cite, Parameter, Quantity, Table, Timeline, Verdict

_LONGEST_QUOTE = 120
"""Code points of a quote that is shown in the sentence; a longer one stands in the citation alone."""
_ORDER: tuple[Outcome, ...] = ("fail", "conflict", "no_basis", "unknown", "pass", "not_applicable")
_STEPS = {
    "pass": "step_pass",
    "fail": "step_fail",
    "unknown": "step_unknown",
    "conflict": "step_conflict",
    "not_applicable": "step_not_applicable",
}
_VERDICTS = {"pass": "verdict_pass", "conflict": "verdict_conflict", "no_basis": "verdict_no_basis"}
_FORCES = {
    "encouraged": "force_encouraged",
    "approximate": "force_approximate",
    "target": "force_target",
}
_STAGES = {"latest": "stage_latest", "earliest": "stage_earliest", "exact": "stage_exact"}


class RulingTeller:
    """Tells findings of one calculator in a draft."""

    def __init__(self, calculator: Calculator, messages: Messages) -> None:
        self._calculator = calculator
        self._book = calculator.book
        self._messages = messages

    def tell(self, draft: Draft, finding: Finding, question: Question) -> None:
        """Word a finding and attach its decision."""
        telling = _Telling(self, draft, finding)
        if finding.outcome == "no_basis" and finding.reason:
            self._refuse(draft, finding, question)
        else:
            telling.tell()
            draft.status = "needs_info" if finding.outcome == "unknown" else "answered"
        draft.decision = build_decision(finding, telling.cite)

    def _refuse(self, draft: Draft, finding: Finding, question: Question) -> None:
        """Say why a rule gives no conclusion; the words it rests on stand below as the nearest clauses."""
        label = finding.rule.label
        if finding.reason == "region":
            region = draft.regions.get(self.calculator.book.documents[finding.rule.document].region)
            place = draft.regions.get(question.region or "")
            values = {
                "label": label,
                "home": region.name if region else "",
                "place": place.name if place else "",
            }
            draft.refuse("no_basis_region", values)
        elif finding.reason == "not_in_force":
            draft.refuse("no_basis_not_in_force", {"label": label, "as_of": question.as_of.isoformat()})
        else:
            draft.refuse("no_basis_stale", {"label": label})

    def say(self, name: str, **values: object) -> str:
        """Fill a template."""
        return self._messages.say(name, **values)

    @property
    def calculator(self) -> Calculator:
        """Who decided."""
        return self._calculator


class _Telling:
    """One finding in one draft."""

    def __init__(self, teller: RulingTeller, draft: Draft, finding: Finding) -> None:
        self._say = teller.say
        self._calculator = teller.calculator
        self._book = teller.calculator.book
        self._draft = draft
        self._finding = finding
        self._clauses = {c.clause_id: c for d in self._book.documents.values() for c in d.clauses}
        self._repaired = [(repair, self.cite(repair.cites)) for repair in finding.repairs]

    # -- citations ---------------------------------------------------------------------------------

    def cite(self, cites: Iterable[Cite]) -> tuple[int, ...]:
        """Numbers of the citations of clauses; stale ones are left out."""
        numbers = []
        for cite in cites:
            if cite.drift == "stale" or cite.clause_id not in self._clauses:
                continue
            citation = self._draft.cite(self._clauses[cite.clause_id], Span(cite.start, cite.end))
            numbers.append(citation.n)
        return tuple(dict.fromkeys(numbers))

    def _quotes(self, cites: Iterable[Cite]) -> tuple[str, ...]:
        words = []
        for cite in cites:
            if cite.drift == "stale":
                continue
            source = self._book.documents[cite.document].source
            words.append(collapse_display(source[cite.start : cite.end]).strip("，。；、"))
        return tuple(w for w in dict.fromkeys(words) if len(w) <= _LONGEST_QUOTE)

    # -- sentences ---------------------------------------------------------------------------------

    def tell(self) -> None:
        """All sentences, the conclusion first."""
        finding, rule = self._finding, self._finding.rule
        if isinstance(rule, Table):
            count = str(len(finding.steps))
            first = self.cite(finding.steps[0].all_cites)
            self._claim(self._say("table", label=rule.label, count=count), first, (rule.label, count))
            for step in finding.steps:
                self._claim(
                    self._say("row", label=step.label, shown=step.shown),
                    self.cite(step.all_cites),
                    (step.label, step.shown),
                )
        elif isinstance(rule, Timeline):
            self._tell_timeline()
        elif isinstance(rule, Quantity | Parameter) or finding.amounts:
            self._tell_figure()
        else:
            self._tell_verdict()
        self._tell_rest()

    def _claim(
        self, text: str, cites: tuple[int, ...], filled: tuple[str, ...], quoted: tuple[str, ...] = ()
    ) -> None:
        self._draft.tell_computed(text, cites, filled, quoted)

    def _tell_verdict(self) -> None:
        finding, label = self._finding, self._finding.rule.label
        outcome = finding.outcome
        if outcome == "not_applicable":
            template = "verdict_not_applicable" if finding.reason else "verdict_not_applicable_bare"
            values: dict[str, object] = {"label": label}
            values |= {"reason": finding.reason} if finding.reason else {}
            self._claim(
                self._say(template, **values), self.cite(self._verdict_cites()), (label, finding.reason)
            )
        elif isinstance(finding.rule, Verdict):
            self._tell_headline(label, outcome)
        broken = [
            s
            for s in finding.steps
            if not s.is_reminder or s.outcome not in ("pass", "unknown", "not_applicable")
        ]
        for step in sorted(broken, key=lambda s: (s.is_reminder, _ORDER.index(s.outcome))):
            self._tell_step(step)
        for outcome, template in (("pass", "reminders_pass"), ("unknown", "reminders_open")):
            self._tell_reminders(
                [s for s in finding.steps if s.is_reminder and s.outcome == outcome], template
            )

    def _verdict_cites(self) -> list[Cite]:
        """The clauses of a verdict that does not apply: they show whom it is about."""
        book, key = self._book, self._finding.rule.key
        parameters = (book.parameters[p] for p in book.needs(key).parameters)
        dated = (p.values[-1] for p in parameters)
        return [c for d in dated for c in d.cites] + list(book.rules[key].cites)

    def _tell_reminders(self, steps: Sequence[Step], template: str) -> None:
        """Process rules that are kept, or not yet known to be: one sentence for all."""
        if steps:
            labels = "；".join(step.label for step in steps)
            cites = self.cite(c for step in steps for c in step.all_cites)
            self._claim(self._say(template, labels=labels), cites, (labels,))

    def _tell_headline(self, label: str, outcome: Outcome) -> None:
        deciding = [
            s
            for s in self._finding.steps
            if s.outcome == outcome and (outcome == "fail" or not s.is_reminder)
        ]
        count = str(len(deciding))
        if outcome == "fail":
            text = self._say("verdict_fail", label=label, count=count)
        elif outcome == "unknown":
            has_passed = any(s.outcome == "pass" and not s.is_reminder for s in self._finding.steps)
            text = self._say("verdict_unknown_part" if has_passed else "verdict_unknown", label=label)
        else:
            text = self._say(_VERDICTS[outcome], label=label)
        cites = self.cite(c for s in deciding for c in s.all_cites)
        self._claim(text, cites, (label, count))

    def _tell_step(self, step: Step) -> None:
        """One line: outcome, executed expression, the words of the clause."""
        if step.outcome == "not_applicable":
            name = "step_not_applicable" if step.when else "step_not_applicable_bare"
            text = self._say(name, label=step.label, **({"when": step.when} if step.when else {}))
        elif step.outcome == "no_basis":
            text = self._say("step_no_basis", label=step.label)
        elif step.outcome == "unknown" and not step.facts and step.when:
            text = self._say("step_unknown_when", label=step.label, when=step.when)
        else:
            text = self._say(_STEPS[step.outcome], label=step.label, shown=step.shown)
            text += self._say("because", when=step.when) if step.when else ""
        if step.force in _FORCES:
            text += self._say(_FORCES[step.force])
        quotes = self._quotes(step.all_cites)
        if quotes:
            text += self._say("quote", quotes="；".join(f"“{q}”" for q in quotes))
        self._claim(f"{text}。", self.cite(step.all_cites), (step.label, step.shown, step.when), quotes)

    def _tell_figure(self) -> None:
        finding, label = self._finding, self._finding.rule.label
        shown = [say_amount(amount, self._say) for amount in finding.amounts]
        filled = (label, *shown)
        cites = self.cite(c for s in finding.steps if s.outcome != "not_applicable" for c in s.all_cites)
        if finding.outcome == "not_applicable":
            text = self._say("value_not_applicable", label=label)
        elif finding.outcome == "conflict":
            text = self._say("value_conflict", label=label, value="、".join(shown))
        elif finding.outcome == "unknown":
            known = say_known(finding.amounts[0], self._say) if finding.amounts else ""
            text = (
                self._say("value_range", label=label, value=known)
                if known
                else self._say("value_unknown", label=label)
            )
            filled = (label, known)
        else:
            text = self._say("value", label=label, value=shown[0] if shown else finding.steps[0].shown)
            filled = (*filled, finding.steps[0].shown)
        self._claim(text, cites, filled)
        for step in finding.steps:
            self._tell_term(step)

    def _tell_term(self, step: Step) -> None:
        quotes = self._quotes(step.all_cites)
        if step.outcome == "not_applicable":
            if not step.when:
                return
            text = self._say("term_not_applicable", label=step.label, when=step.when)
        elif step.outcome == "unknown" and step.when:
            text = self._say("term_unknown", label=step.label, shown=step.shown, when=step.when)
        else:
            name = "term" if step.shown else "term_bare"
            text = self._say(name, label=step.label, **({"shown": step.shown} if step.shown else {}))
            text += self._say("because", when=step.when) if step.when else ""
        if step.force in _FORCES:
            text += self._say(_FORCES[step.force])
        if quotes:
            text += self._say("quote", quotes="；".join(f"“{q}”" for q in quotes))
        self._claim(f"{text}。", self.cite(step.all_cites), (step.label, step.shown, step.when), quotes)

    def _tell_timeline(self) -> None:
        label, first = self._finding.rule.label, self.cite(self._finding.steps[0].all_cites)
        self._claim(self._say("timeline", label=label), first, (label,))
        for step in self._finding.steps:
            bound = step.used[0].parameter.bound if step.used and "→" in step.shown else "=="
            side = self._say(_STAGES[side_of(bound)])
            text = self._say("timeline_step", label=step.label, shown=step.shown, bound=side)
            quotes = self._quotes(c for used in step.used for c in used.dated.cites)
            text += self._say("quote", quotes="；".join(f"“{q}”" for q in quotes)) if quotes else ""
            self._claim(f"{text}。", self.cite(step.all_cites), (step.label, step.shown), quotes)

    def _tell_rest(self) -> None:
        """Disagreements, repairs, questions, limits of the calendar."""
        finding = self._finding
        for conflict in finding.conflicts:
            sides = [c for side in self._calculator.sides(conflict) for c in side]
            statement = conflict.statement.rstrip("。")
            if conflict.relation == "none":
                text = self._say("conflict", statement=statement)
            else:
                text = self._say("conflict_related", statement=statement, relation=conflict.relation)
            self._claim(f"{text}。", self.cite(sides), ())
        for number, (repair, cites) in enumerate(self._repaired, 1):
            if number == 1:
                is_joint = len(repair.changes) > 1
                self._claim(self._say("repair_joint" if is_joint else "repair_first"), (), ())
            self._tell_repair(number, repair, cites)
        for number, ask in enumerate(finding.asks, 1):
            if number == 1:
                self._claim(self._say("ask_first"), (), ())
            self._claim(
                self._say("ask", number=number, question=ask.question),
                self.cite(ask.cites),
                (str(number), ask.question),
            )
        if finding.reason and finding.outcome not in ("no_basis", "not_applicable"):
            self._draft.notices.append(self._say("beyond_calendar", reason=finding.reason))
        if finding.stable_until:
            self._draft.notices.append(self._say("stable", day=finding.stable_until.isoformat()))

    def _tell_repair(self, number: int, repair: Repair, cites: tuple[int, ...]) -> None:
        changes = "，".join(
            self._say(
                "change",
                label=self._book.facts[f].label,
                value=f"{value}{_unit(self._book.facts[f].data.unit, value)}",
            )
            for f, value in repair.changes.items()
        )
        note = f"，{repair.note}" if repair.note else ""
        text = self._say("repair", number=number, changes=changes, note=note)
        self._claim(f"{text}。", cites, (str(number), changes, repair.note))


def _unit(unit: str, value: str) -> str:
    return unit if value and value[-1].isdigit() else ""
