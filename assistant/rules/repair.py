"""The smallest changes that make a failing verdict pass, each decided again before it is shown.

In: a failing verdict or check and its case. Out: repairs: every adjustable fact that is enough alone, else the
cheapest changes of several. A change is as fine as the asker's own figure: whole hours stay whole. Facts that
are missing stay missing: a repair mends all that fails and breaks nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assistant.rules import interval
from assistant.rules.checks import CheckFrame, CheckStep
from assistant.rules.finding import Repair
from assistant.rules.interval import Interval
from assistant.rules.language import Arithmetic, find_refs
from assistant.rules.law import Check, Verdict
from assistant.rules.trials import Changes, Known, Trials

if TYPE_CHECKING:
    from assistant.rules.case import Case
    from assistant.rules.decide import Calculator

MOST_REPAIRS = 4
_MOST_FACTS = 4
_MOST_STATES = 300
_DOUBLINGS = 40


def find_repairs(
    calculator: Calculator, rule: Verdict | Check, case: Case, known: Known | None = None
) -> tuple[Repair, ...]:
    """Repairs of a rule that fails; single facts first, cheapest first. Empty where nothing adjustable helps.

    Args:
        known: what was found out for other cases of the same rule and day; what is found out is added.
    """
    trials = Trials(calculator, rule, case, {} if known is None else known)
    search = _Search(calculator, rule, case, trials)
    solutions = search.solve()
    single = [s for s in solutions if len(s) == 1]
    chosen = single or solutions[: MOST_REPAIRS - 1]
    return tuple(search.describe(changes) for changes in chosen[:MOST_REPAIRS])


@dataclass(slots=True)
class _Search:
    calculator: Calculator
    rule: Verdict | Check
    case: Case
    trials: Trials

    def solve(self) -> list[Changes]:
        """Changes after which nothing fails, none of them needlessly large: fewest facts first."""
        found: dict[tuple[tuple[str, str], ...], Changes] = {}
        states, n_states = [Changes()], 0
        while states and n_states < _MOST_STATES:
            changes, n_states = states.pop(0), n_states + 1
            failing = self.trials.failing(changes)
            if not failing:
                tight = self._tighten(changes)
                found[_signature(tight)] = tight
            elif not self._is_covered(changes, found.values()):
                states += self._extend(changes, failing[0])
        return sorted(found.values(), key=lambda c: (len(c), self._cost(c)))

    def _is_covered(self, changes: Changes, found: Any) -> bool:
        """True where a solution with fewer of the same facts is known already."""
        return any(set(s) < set(changes) for s in found)

    def _extend(self, changes: Changes, failing: CheckFrame) -> Iterator[Changes]:
        """The changes with one more that makes a failing check hold."""
        for fact in failing.program.facts:
            spec = self.calculator.book.facts[fact]
            is_new = fact not in changes
            if (
                not spec.data.adjustable
                or fact not in self.case.stated
                or (is_new and len(changes) >= _MOST_FACTS)
            ):
                continue
            for value in self._mending_values(fact, changes, failing):
                yield {**changes, fact: value}

    def _mending_values(self, fact: str, changes: Changes, failing: CheckFrame) -> Iterator[Any]:
        spec = self.calculator.book.facts[fact]
        current = changes.get(fact, self.case.stated[fact].value)
        if spec.type == "boolean":
            options: list[Any] = [not current]
        elif spec.type == "choice":
            options = [frozenset([c]) for c in spec.data.choices if c not in current]
        elif isinstance(current, Interval) or spec.type in ("name", "names"):
            return
        else:
            first = self.case.stated[fact].value
            ways = (1, -1) if current == first else (1 if current > first else -1,)
            bounds = (self._boundary(fact, changes, failing, way) for way in ways)
            yield from (b for b in bounds if b is not None and not self._leaves_nothing(fact, b))
            return
        yield from (o for o in options if self._mends(fact, o, changes, failing))

    def _mends(self, fact: str, value: Any, changes: Changes, failing: CheckFrame) -> bool:
        changed = {**changes, fact: value}
        case = self.trials.open(changed)
        return failing.run(case)[0] in ("pass", "not_applicable") and self.trials.is_possible(case, changed)

    def _boundary(self, fact: str, changes: Changes, failing: CheckFrame, way: int) -> Any:
        """The nearest value in one direction at which the check holds; looked for once for the same facts."""
        slot = self.trials.bearing_on(failing, fact, changes, way)
        known = self.trials.known
        if slot not in known:
            known[slot] = self._find_boundary(fact, changes, failing, way)
        return known[slot]

    def _find_boundary(self, fact: str, changes: Changes, failing: CheckFrame, way: int) -> Any:
        """The nearest value in one direction at which the check holds; None where it never does."""
        domain = interval.as_interval(self.calculator.book.facts[fact].unknown)
        grain = self._grain(fact)
        start = changes.get(fact, self.case.stated[fact].value)
        limit = domain.high if way > 0 else domain.low
        most = None if math.isinf(limit) else int(abs(limit - start) // grain)

        def value_at(n: int) -> Any:
            return _plain(start + way * n * grain)

        fails, holds = 0, None
        for k in range(_DOUBLINGS):
            n = 2**k if most is None else min(2**k, most)
            if n <= fails:
                break
            if self._mends(fact, value_at(n), changes, failing):
                holds = n
                break
            if not self.trials.allows({**changes, fact: value_at(n)}):
                # The step went too far: practical hours beyond the total. What is possible may still be enough.
                last = _bisect(fails, n, lambda m: self.trials.allows({**changes, fact: value_at(m)}))
                holds = last if self._mends(fact, value_at(last), changes, failing) else None
                break
            fails = n
        if holds is None:
            return None
        return value_at(_bisect(holds, fails, lambda m: self._mends(fact, value_at(m), changes, failing)))

    def _grain(self, fact: str) -> interval.Point:
        """How fine a change may be: as fine as what was stated."""
        value = self.case.stated[fact].value
        if self.calculator.book.facts[fact].type == "share":
            return Fraction(1, 100) / _decimals(Fraction(value) * 100)
        return 1 if isinstance(value, int) else interval.simplify(Fraction(1, _decimals(Fraction(value))))

    def _tighten(self, changes: Changes) -> Changes:
        """Without the changes that turned out not to be needed."""
        kept = dict(changes)
        for fact in changes:
            fewer = {f: v for f, v in kept.items() if f != fact}
            if fewer and not self.trials.failing(fewer):
                kept = fewer
        for fact in kept:
            kept[fact] = self._nearest(fact, kept)
        return kept

    def _nearest(self, fact: str, changes: Changes) -> Any:
        """The value nearest to the stated one at which nothing fails; looked for once for the same facts."""
        slot, known = self.trials.bearing_on_nearest(fact, changes), self.trials.known
        if slot not in known:
            known[slot] = self._find_nearest(fact, changes)
        return known[slot]

    def _find_nearest(self, fact: str, changes: Changes) -> Any:
        """The value nearest to the stated one at which, with the other changes, nothing fails."""
        value, first = changes[fact], self.case.stated[fact].value
        if isinstance(value, bool | frozenset):
            return value
        grain, way = self._grain(fact), 1 if value > first else -1

        def value_at(n: int) -> Any:
            return _plain(first + way * n * grain)

        def is_enough(n: int) -> bool:
            changed = {**changes, fact: value_at(n)}
            return not self.trials.failing(changed) and self.trials.allows(changed)

        return value_at(_bisect(int(abs(value - first) // grain), 0, is_enough))

    def _leaves_nothing(self, fact: str, value: Any) -> bool:
        """True where a ratio would hold only because nothing is left: no people need no teachers."""
        derived = self.calculator.book.derived.values()
        quotients = (e.node for e in derived if isinstance(e.node, Arithmetic) and e.node.op == "/")
        return value == 0 and any(fact in find_refs(node) for node in quotients)

    def _cost(self, changes: Changes) -> Fraction:
        """How much is changed, in shares of what was; a change of kind counts as one whole."""
        return sum((self._relative(fact, value) for fact, value in changes.items()), Fraction(0))

    def _relative(self, fact: str, value: Any) -> Fraction:
        before = self.case.stated[fact].value
        if isinstance(value, bool | frozenset) or self.calculator.book.facts[fact].type == "date":
            return Fraction(1)
        return Fraction(abs(value - before)) / Fraction(max(abs(before), 1))

    def describe(self, changes: Changes) -> Repair:
        """The repair as it is shown; decided once more."""
        book = self.calculator.book
        case = self.trials.open(changes)
        outcome = self.calculator.find_outcome(self.rule, case)
        is_certified = outcome != "fail" and self.trials.is_possible(case, changes)
        shown = {fact: book.facts[fact].show(value) for fact, value in changes.items()}
        mended = [f for f in self.trials.failing({}) if set(f.program.facts) & set(changes)]
        steps = [CheckStep(frame, frame.run(case), case, False) for frame in mended]
        cites = dict.fromkeys(cite for step in steps for cite in step.all_cites)
        return Repair(shown, self._note(changes), is_certified, tuple(cites))

    def _note(self, changes: Changes) -> str:
        """What a smaller number may amount to: 85 people in 2 classes."""
        for fact, value in changes.items():
            spec, before = self.calculator.book.facts[fact], self.case.stated[fact].value
            if not spec.data.split or isinstance(value, bool | frozenset) or not 0 < value < before:
                continue
            n_parts = math.ceil(Fraction(before) / Fraction(value))
            largest = math.ceil(Fraction(before) / n_parts)
            if not self.trials.failing({**changes, fact: largest}):
                each = f"每{spec.data.split[-1]}"
                note = f"或分成{n_parts}{spec.data.split}，{each}不超过{largest}{spec.data.unit}"
                return f"{note}（{each}的其他条件不变）"
        return ""


def _bisect(good: int, bad: int, is_good: Callable[[int], bool]) -> int:
    """The number next to the bad one that is still good; `good` itself where all between are bad."""
    while abs(good - bad) > 1:
        middle = (good + bad) // 2
        if is_good(middle):
            good = middle
        else:
            bad = middle
    return good


def _plain(value: interval.Point) -> interval.Point:
    """A number as an integer where it is one."""
    return value if isinstance(value, int) else interval.simplify(value)


def _decimals(value: Fraction) -> int:
    """1 for a whole number, 10 for one decimal place, at most 1000."""
    scale = 1
    while (value * scale).denominator != 1 and scale < 1000:
        scale *= 10
    return scale


def _signature(changes: Changes) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(
            (fact, str(sorted(value) if isinstance(value, frozenset) else value))
            for fact, value in changes.items()
        )
    )
