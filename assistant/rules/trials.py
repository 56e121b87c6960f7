"""What changed facts do to the checks of a rule, tried again and again in a search; each trial is made once.

In: a rule, a case and changes of its facts. Out: which checks fail, whether the changes are possible. What comes out
is kept by the facts that bear on it, so that searches in other cases of the same rule and day need not try it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.rules.case import Case
from assistant.rules.checks import CheckFrame
from assistant.rules.evaluate import Evaluate
from assistant.rules.law import Check, Verdict
from assistant.rules.statements import Stated

if TYPE_CHECKING:
    from assistant.rules.book import Book
    from assistant.rules.decide import Calculator

Changes = dict[str, Any]
Known = dict[tuple[Any, ...], Any]
"""What came out, by what was tried and the values of all facts that bear on it."""


@dataclass(slots=True)
class Trials:
    """Trials in one case of a rule.

    Attributes:
        known: shared by all cases of one rule and one day.
    """

    calculator: Calculator
    rule: Verdict | Check
    case: Case
    known: Known
    _frames: tuple[CheckFrame, ...] = field(init=False)
    _reads: dict[str, frozenset[str]] = field(init=False)
    _at_first: frozenset[int] | None = field(init=False, default=None)
    _sums: dict[str, frozenset[str]] = field(init=False)
    _read: dict[frozenset[int], frozenset[str]] = field(init=False, default_factory=dict)
    _constraints: dict[str, tuple[Evaluate, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        rule = self.rule
        keys = (*rule.checks, *rule.reminders) if isinstance(rule, Verdict) else (rule.key,)
        self._frames = tuple(self.calculator.frame(key, self.case) for key in keys)
        self._reads = {key: _facts_behind(self.case.book, key) for key in keys}
        stated = self.case.stated
        derived = {d: frozenset(e.refs) for d, e in self.case.book.derived.items() if d in stated}
        self._sums = {d: parts for d, parts in derived.items() if parts <= set(stated)}

    def failing(self, changes: Changes) -> list[CheckFrame]:
        """The checks that fail; those that read nothing of what is changed come out as they did at first."""
        if self._at_first is None:
            self._at_first = self._fail_among(frozenset(range(len(self._frames))), {})
        touched = self._touched(changes)
        failing = self._fail_among(touched, changes)
        return [self._frames[i] for i in sorted(failing | (self._at_first - touched))]

    def _fail_among(self, places: frozenset[int], changes: Changes) -> frozenset[int]:
        """Which of some checks fail; found once for the same facts, for those that share facts together."""
        stated, case, failing = self._state(changes), None, frozenset[int]()
        for group in self._split(places):
            read = self._read_by(group)
            slot = ("failing", group, tuple([(f, s.value) for f, s in stated.items() if f in read]))
            if slot not in self.known:
                case = case or Case(self.case.book, self.case.law, stated)
                self.known[slot] = frozenset([i for i in group if self._frames[i].run(case)[0] == "fail"])
            failing |= self.known[slot]
        return failing

    def _split(self, places: frozenset[int]) -> tuple[frozenset[int], ...]:
        """Some checks in groups that have no stated fact in common."""
        slot = ("groups", places, tuple(self.case.stated))
        if slot not in self.known:
            groups: list[tuple[set[int], set[str]]] = []
            for place in sorted(places):
                members, read = {place}, set(self._read_by(frozenset([place])) & set(self.case.stated))
                for other in [g for g in groups if not g[1].isdisjoint(read)]:
                    groups.remove(other)
                    members |= other[0]
                    read |= other[1]
                groups.append((members, read))
            self.known[slot] = tuple(frozenset(members) for members, _ in groups)
        found: tuple[frozenset[int], ...] = self.known[slot]
        return found

    def _read_by(self, places: frozenset[int]) -> frozenset[str]:
        """The facts that some checks read."""
        if places not in self._read:
            keys = (self._frames[i].program.check.key for i in places)
            self._read[places] = frozenset().union(*(self._reads[key] for key in keys))
        return self._read[places]

    def _touched(self, changes: Changes) -> frozenset[int]:
        """Places of the checks that read something of what is changed."""
        slot = ("touched", *changes)
        if slot not in self.known:
            reads = (self._reads[frame.program.check.key] for frame in self._frames)
            self.known[slot] = frozenset(i for i, r in enumerate(reads) if not r.isdisjoint(changes))
        found: frozenset[int] = self.known[slot]
        return found

    def _state(self, changes: Changes) -> Mapping[str, Stated]:
        """The facts with some changed; a stated sum of them is computed anew where all its parts are known."""
        if not changes:
            return self.case.stated
        stated = dict(self.case.stated)
        for fact, value in changes.items():
            stated[fact] = Stated(value, "")
        for derived, parts in self._sums.items():
            if derived not in changes and not parts.isdisjoint(changes):
                del stated[derived]
        return stated

    def open(self, changes: Changes) -> Case:
        """The case with some facts changed."""
        return Case(self.case.book, self.case.law, self._state(changes))

    def is_possible(self, case: Case, changes: Changes) -> bool:
        """Whether the changed facts are at odds with no other."""
        return all(guard(case) is not False for fact in changes for guard in self._guards(fact))

    def _guards(self, fact: str) -> tuple[Evaluate, ...]:
        """The constraints that a fact takes part in, directly or through what is computed from it."""
        if fact not in self._constraints:
            book = self.case.book
            touched = {fact, *(d for d, expression in book.derived.items() if fact in expression.refs)}
            guards = [e.evaluate for e, _ in book.constraints if touched & set(e.refs)]
            guards += [guard for derived in touched & set(book.derived) for guard in book.guards[derived]]
            self._constraints[fact] = tuple(guards)
        return self._constraints[fact]

    def bearing_on(self, check: CheckFrame, fact: str, changes: Changes, way: int) -> tuple[Any, ...]:
        """All on which it hangs where a check begins to hold as one more fact is changed, as a key of `known`."""
        key = check.program.check.key
        return (key, way, *self._bearing(fact, changes, self._reads[key]))

    def bearing_on_nearest(self, fact: str, changes: Changes) -> tuple[Any, ...]:
        """All on which it hangs how near to its first value a changed fact may stay, likewise.

        What reads nothing of this fact holds already and goes on to hold.
        """
        if not self.allows(changes):
            return ("nearest", *changes, *self._bearing(fact, changes, frozenset(self._state(changes))))
        touched = self._touched({fact: None})
        return ("nearest", touched, *self._bearing(fact, changes, self._read_by(touched)))

    def _bearing(self, fact: str, changes: Changes, read: frozenset[str]) -> tuple[Any, ...]:
        # What was changed before is possible, and stays so unless its guards read this fact.
        guarded = [fact, *sorted(f for f in changes if f != fact and fact in self._guarded(f))]
        bearing = read.union(*map(self._guarded, guarded))
        values = tuple([(f, s.value) for f, s in self._state(changes).items() if f in bearing])
        return (*guarded, self.case.stated[fact].value, values)

    def _guarded(self, fact: str) -> frozenset[str]:
        """The facts that the guards of a fact read."""
        slot = ("guarded", fact)
        if slot not in self.known:
            book = self.case.book
            touched = {fact, *(d for d, expression in book.derived.items() if fact in expression.refs)}
            refs = {ref for e, _ in book.constraints if touched & set(e.refs) for ref in e.refs}
            self.known[slot] = frozenset().union(*(_facts_behind(book, r) for r in refs | touched))
        found: frozenset[str] = self.known[slot]
        return found

    def allows(self, changes: Changes) -> bool:
        """Whether the changed facts are at odds with no other; found once for the same facts."""
        stated = self._state(changes)
        read = frozenset().union(*map(self._guarded, changes))
        slot = ("possible", *changes, tuple([(f, s.value) for f, s in stated.items() if f in read]))
        if slot not in self.known:
            self.known[slot] = self.is_possible(Case(self.case.book, self.case.law, stated), changes)
        is_possible: bool = self.known[slot]
        return is_possible


def _facts_behind(book: Book, key: str) -> frozenset[str]:
    """The facts that a check, or a fact, rests on, itself and computed ones among them."""
    needs = book.needs(key)
    return frozenset([key, *needs.facts, *needs.computed])
