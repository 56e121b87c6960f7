"""A verdict or a check in words: the conclusion, what decides it, step by step, then the reminders."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue.telling import Telling
from assistant.documents.sentences import split_sentences
from assistant.models import Outcome
from assistant.rules.finding import Finding, Step
from assistant.rules.law import Check, Verdict

_ORDER: tuple[Outcome, ...] = ("fail", "conflict", "no_basis", "unknown", "pass", "not_applicable")
_STEPS = {
    "pass": "step_pass",
    "fail": "step_fail",
    "unknown": "step_unknown",
    "conflict": "step_conflict",
    "not_applicable": "step_not_applicable",
}
_QUIET = ("pass", "unknown", "not_applicable")
"""Outcomes of process rules that decide nothing."""
_VERDICTS = {"pass": "verdict_pass", "conflict": "verdict_conflict", "no_basis": "verdict_no_basis"}

_LONGEST_SENTENCE = 240
"""Code points of a sentence that is told whole beside the words of it that decide."""


def tell_verdict(telling: Telling) -> None:
    """All sentences of a verdict or a check."""
    finding, label = telling.finding, telling.finding.rule.label
    outcome = finding.outcome
    if outcome == "not_applicable":
        template = "verdict_not_applicable" if finding.reason else "verdict_not_applicable_bare"
        values: dict[str, object] = {"label": label}
        values |= {"reason": finding.reason} if finding.reason else {}
        telling.claim(telling.say(template, **values), telling.cite(telling.basis()), (label, finding.reason))
    elif isinstance(finding.rule, Verdict):
        _tell_headline(telling, label, outcome)
    told = telling.steps
    broken = [s for s in told if not s.is_reminder or s.outcome not in _QUIET]
    for step in sorted(broken, key=lambda s: (s.is_reminder, _ORDER.index(s.outcome))):
        _tell_step(telling, step)
    if (
        outcome == "fail"
        and isinstance(finding.rule, Verdict)
        and (quotes := telling.quote(finding.rule.cites))
    ):
        text = telling.say("consequence", quotes="；".join(f"“{q}”" for q in quotes))
        telling.claim(f"{text}。", telling.cite(finding.rule.cites), (), quotes)
    if isinstance(finding.rule, Check) and outcome in ("pass", "fail"):
        _tell_sentence(telling, told)
    for kept, template in (("pass", "reminders_pass"), ("unknown", "reminders_open")):
        _tell_reminders(telling, [s for s in told if s.is_reminder and s.outcome == kept], template)


def _tell_sentence(telling: Telling, steps: Sequence[Step]) -> None:
    """The sentence that has the words of a single rule: what it asks for, allows and threatens is in the rest of it."""
    cite = next((c for s in steps for c in s.all_cites if c.drift != "stale"), None)
    clause = telling.book.clauses.get(cite.clause_id) if cite else None
    if cite is None or clause is None:
        return
    source = telling.book.documents[cite.document].source
    sentences = split_sentences(source, clause.start, clause.end)
    whole = next((s for s in sentences if s.start <= cite.start and cite.end <= s.end), None)
    if whole is not None and cite.end - cite.start < whole.end - whole.start <= _LONGEST_SENTENCE:
        telling.draft.tell(clause, [whole])


def choose_steps(finding: Finding) -> tuple[Step, ...]:
    """The steps of a verdict that somebody who asks in words wants to read: those that make it what it is.

    What is still open does not matter where something fails, and process rules matter once all else is right.
    """
    if not isinstance(finding.rule, Verdict) or finding.outcome in ("conflict", "no_basis"):
        return finding.steps
    dropped = {"not_applicable"} | ({"unknown"} if finding.outcome == "fail" else set())
    return tuple(
        s
        for s in finding.steps
        if s.outcome not in (_QUIET if s.is_reminder and finding.outcome != "pass" else dropped)
    )


def _tell_reminders(telling: Telling, steps: Sequence[Step], template: str) -> None:
    """Process rules that are kept, or not yet known to be: one sentence for all."""
    if steps:
        labels = "；".join(step.label for step in steps)
        cites = telling.cite(c for step in steps for c in step.all_cites)
        telling.claim(telling.say(template, labels=labels), cites, (labels,))


def _tell_headline(telling: Telling, label: str, outcome: Outcome) -> None:
    deciding = [
        s for s in telling.finding.steps if s.outcome == outcome and (outcome == "fail" or not s.is_reminder)
    ]
    labels = "、".join(dict.fromkeys(s.label for s in deciding))
    if outcome == "fail":
        text = telling.say("verdict_fail", label=label, labels=labels)
    elif outcome == "unknown":
        known = {s.outcome for s in telling.finding.steps if not s.is_reminder}
        is_part = "pass" in known and "no_basis" not in known
        text = telling.say("verdict_unknown_part" if is_part else "verdict_unknown", label=label)
    else:
        text = telling.say(_VERDICTS[outcome], label=label)
    cites = telling.cite(c for s in deciding for c in s.all_cites)
    telling.claim(text, cites, (label, labels))


def _tell_step(telling: Telling, step: Step) -> None:
    """One line: outcome, executed expression, the words of the clause."""
    if step.outcome == "no_basis":
        telling.claim_no_basis(step)
        return
    if step.outcome == "not_applicable":
        name = "step_not_applicable" if step.when else "step_not_applicable_bare"
        text = telling.say(name, label=step.label, **({"when": step.when} if step.when else {}))
    elif step.outcome == "unknown" and not step.facts and step.when:
        text = telling.say("step_unknown_when", label=step.label, when=step.when)
    else:
        text = telling.say(_STEPS[step.outcome], label=step.label, shown=step.shown)
        text += telling.say("because", when=step.when) if step.when else ""
    telling.claim_step(text, step)
