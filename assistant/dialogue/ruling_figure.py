"""A figure, a deadline or a timeline in words: the amount, its unit and what the law's bound means for it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from assistant.dialogue.telling import Telling
from assistant.rules.explain import show_computed
from assistant.rules.finding import Amount, Step
from assistant.rules.interval import Interval

_TEN_THOUSAND = 10_000
_PLACES = 2
Say = Callable[..., str]
"""Fills a template of the prompts by name."""
_BOUNDS = {
    ">=": "bound_floor",
    "<=": "bound_ceiling",
    "==": "bound_exact",
    "~": "bound_about",
    ">": "bound_over",
    "<": "bound_under",
}
_DAYS = {"latest": "day_latest", "earliest": "day_earliest", "exact": "bound_exact"}
_STAGES = {"latest": "stage_latest", "earliest": "stage_earliest", "exact": "stage_exact"}


def tell_figure(telling: Telling) -> None:
    """The figure, then each of its terms."""
    finding, label = telling.finding, telling.finding.rule.label
    shown = [say_amount(amount, telling.say) for amount in finding.amounts]
    filled = (label, *shown)
    cites = telling.cite(c for s in finding.steps if s.outcome != "not_applicable" for c in s.all_cites)
    if finding.outcome == "not_applicable":
        text = telling.say("value_not_applicable", label=label)
    elif finding.outcome == "conflict":
        text = telling.say("value_conflict", label=label, value="、".join(shown))
    elif finding.outcome == "unknown":
        known = say_known(finding.amounts[0], telling.say) if finding.amounts else ""
        name = "value_if" if known and not _is_range(finding.amounts[0]) else "value_range"
        text = (
            telling.say(name, label=label, value=known)
            if known
            else telling.say("value_unknown", label=label)
        )
        filled = (label, known)
    else:
        text = telling.say("value", label=label, value=shown[0] if shown else finding.steps[0].shown)
        filled = (*filled, finding.steps[0].shown)
    telling.claim(text, cites, filled)
    for step in finding.steps:
        _tell_term(telling, step)


def _is_range(amount: Amount) -> bool:
    """Whether the figure itself is open, not only whether its rule applies."""
    value = amount.value
    return isinstance(value, Interval) and value.low != value.high


def _tell_term(telling: Telling, step: Step) -> None:
    if step.outcome == "not_applicable":
        if not step.when:
            return
        text = telling.say("term_not_applicable", label=step.label, when=step.when)
    elif step.outcome == "unknown" and step.when:
        text = telling.say("term_unknown", label=step.label, shown=step.shown, when=step.when)
    else:
        name = "term" if step.shown else "term_bare"
        text = telling.say(name, label=step.label, **({"shown": step.shown} if step.shown else {}))
        text += telling.say("because", when=step.when) if step.when else ""
    telling.claim_step(text, step)


def tell_timeline(telling: Telling) -> None:
    """The stages in their order, each with the day it may or must be."""
    label, first = telling.finding.rule.label, telling.cite(telling.finding.steps[0].all_cites)
    telling.claim(telling.say("timeline", label=label), first, (label,))
    for step in telling.finding.steps:
        if step.outcome == "no_basis":
            telling.claim_no_basis(step)
            continue
        bound = step.used[0].parameter.bound if step.used and "→" in step.shown else "=="
        side = telling.say(_STAGES[side_of(bound)])
        text = telling.say("timeline_step", label=step.label, shown=step.shown, bound=side)
        quotes = telling.quote(c for used in step.used for c in used.dated.cites)
        text += telling.say("quote", quotes="；".join(f"“{q}”" for q in quotes)) if quotes else ""
        telling.claim(f"{text}。", telling.cite(step.all_cites), (step.label, step.shown), quotes)


def say_amount(amount: Amount, say: Say) -> str:
    """A figure with its bound in words: `至少5人`; a date, a share and a ratio carry no unit."""
    shown = show_computed(amount.value, amount.kind)
    if shown == "未知":
        return shown
    unit = "" if amount.kind in ("date", "share") or amount.unit == "比" else amount.unit
    if amount.unit == "比":
        shown = f"1:{shown}"
    text = _in_ten_thousands(amount) or f"{shown}{unit}"
    if amount.kind == "date":
        return say(_DAYS[side_of(amount.bound)], value=text)
    return say(_BOUNDS[amount.bound], value=text)


def _in_ten_thousands(amount: Amount) -> str:
    """A large sum of money as people say it, 5400万元; empty for what is short as it is, or has no end in it."""
    value = amount.value
    if amount.unit != "元" or not isinstance(value, int | Fraction) or abs(Fraction(value)) < _TEN_THOUSAND:
        return ""
    shown = show_computed(Fraction(value) / _TEN_THOUSAND, amount.kind)
    return "" if "≈" in shown or len(shown.partition(".")[2]) > _PLACES else f"{shown}万元"


def say_known(amount: Amount, say: Say) -> str:
    """What is certain of a figure that is a range: of a floor its least, of a ceiling its most."""
    value = amount.value
    if isinstance(value, Interval) and amount.kind != "date" and amount.bound in (">=", "<="):
        end = value.low if amount.bound == ">=" else value.high
        value = end if not isinstance(end, float) else value
    shown = say_amount(amount._replace(value=value), say)
    return "" if shown == "未知" else shown


def side_of(bound: str) -> str:
    """Which end of a stretch of days a bound sets; 不足一个月的不得 sets the earliest day."""
    return "latest" if bound == "<=" else "earliest" if bound in (">=", "<") else "exact"
