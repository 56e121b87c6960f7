"""The calculator beside its peers: one class check of ten conditions, written once for each engine.

In: facts by name, or columns of them. Out: one verdict, or one a row. The figures of the check are written here
and not read from the corpus, so that every engine decides the same thing whatever the corpus says tomorrow.
Shares are whole per cent: a peer that computes in floats must not lose for a rounding.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

COMPLETION = "培训合格证书"
CERTIFICATES = (COMPLETION, "职业资格证书", "职业技能等级证书", "专项职业能力证书")
LIMITS = {
    "max_class_size": 80,
    "trainees_per_teacher": 20,
    "trainees_per_workstation": 20,
    "min_minutes_per_hour": 40,
    "min_practical_percent": 65,
    "min_completion_hours": 40,
    "min_recorded_minutes": 15,
    "min_satisfaction_percent": 85,
}
NUMBERS = (
    "class_size",
    "teachers",
    "workstations",
    "minutes_per_hour",
    "practical_hours",
    "class_hours",
    "recorded_minutes_per_hour",
    "satisfaction_percent",
)
TRUTHS = ("has_hours_rule", "theory_recorded", "in_system")
FACTS = (*NUMBERS, *TRUTHS, "certificate")

PASS, FAIL, UNKNOWN = 1, 0, -1

Facts: TypeAlias = Mapping[str, int | bool | str]
"""By name of `FACTS`; one that is not there is unknown. `certificate` is one of `CERTIFICATES`."""
Verdicts: TypeAlias = NDArray[np.int8]
"""(n_rows,) int8 of `PASS`, `FAIL`, `UNKNOWN`."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Many classes at once.

    Attributes:
        values: by name of `FACTS`, each (n_rows,): int32 for `NUMBERS`, bool for `TRUTHS`, uint8 position in
            `CERTIFICATES` for `certificate`. Where a cell is unknown its value means nothing.
        known: by name, each (n_rows,) bool; a name that is not there is known in every row.
    """

    values: Mapping[str, NDArray[Any]]
    known: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)


class Contestant(ABC):
    """One engine with the check loaded, its rules compiled and nothing cached between verdicts.

    Attributes:
        name: as the table shows it.
    """

    name: str

    @abstractmethod
    def decide(self, facts: Facts) -> bool:
        """Whether a class with every fact known meets all ten conditions."""

    @abstractmethod
    def prepare_many(self, columns: Columns) -> Callable[[], Verdicts]:
        """Bring columns into the engine's own form, which is not timed.

        Returns:
            What is timed, to be called once; one verdict a row. A two-valued engine needs known columns.
        """

    def decide_many(self, columns: Columns) -> Verdicts:
        """One verdict a row, in order."""
        return self.prepare_many(columns)()


def draw_columns(n_rows: int, seed: int, unknown_share: float = 0.0) -> Columns:
    """Random classes near the limits, about six in ten in order, the limits themselves among them.

    Args:
        n_rows: at least 0.
        seed: same seed, same classes.
        unknown_share: share of the cells that are unknown, in [0, 1).
    """
    rng = np.random.default_rng(seed)

    def draw_near(low: int, limit: int, high: int, share: float = 0.94) -> NDArray[np.int32]:
        """Whole numbers from the limit to `high`, both inclusive, in that share; else `low` up to the limit."""
        good = rng.random(n_rows) < share
        above, below = rng.integers(limit, high + 1, n_rows), rng.integers(low, limit + 1, n_rows)
        return np.where(good, above, below).astype(np.int32)

    size = (100 - draw_near(0, 20, 90)).astype(np.int32)
    hours = draw_near(20, 40, 120)
    least_practical = -(-65 * hours // 100)
    values: dict[str, NDArray[Any]] = {
        "class_size": size,
        "teachers": -(-size // 20) + draw_near(-1, 0, 1),
        "workstations": -(-size // 20) + draw_near(-1, 0, 20),
        "minutes_per_hour": draw_near(30, 40, 45),
        "practical_hours": np.minimum(hours, least_practical + draw_near(-5, 0, 10)).astype(np.int32),
        "class_hours": hours,
        "recorded_minutes_per_hour": draw_near(0, 15, 40),
        "satisfaction_percent": draw_near(70, 85, 100),
        "has_hours_rule": rng.random(n_rows) < 0.3,
        "theory_recorded": rng.random(n_rows) < 0.95,
        "in_system": rng.random(n_rows) < 0.97,
        "certificate": rng.integers(0, len(CERTIFICATES), n_rows).astype(np.uint8),
    }
    if not unknown_share:
        return Columns(values)
    return Columns(values, {name: rng.random(n_rows) >= unknown_share for name in FACTS})


def list_facts(columns: Columns) -> list[dict[str, int | bool | str]]:
    """The rows as facts, without the unknown ones."""
    cells: dict[str, list[int | bool | str]] = {name: columns.values[name].tolist() for name in FACTS}
    cells["certificate"] = [CERTIFICATES[int(code)] for code in cells["certificate"]]
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    for name, is_known in columns.known.items():
        for position in np.flatnonzero(~is_known).tolist():
            del rows[position][name]
    return rows


def judge_plainly(facts: Facts) -> bool | None:
    """The ten conditions in plain Python: the reference that every engine is held against.

    Returns:
        None where no condition is known to fail and one is unknown. An engine that knows the facts' domains may
        decide more than this; it must never decide otherwise.
    """
    truths = [_judge(condition, facts) for condition in _CONDITIONS]
    truths.append(_judge_completion(facts))
    if False in truths:
        return False
    return None if None in truths else True


def _judge(condition: Callable[[Mapping[str, Any]], bool], facts: Facts) -> bool | None:
    try:
        return condition(facts)
    except KeyError:
        return None


def _judge_completion(facts: Facts) -> bool | None:
    """A condition with `or`: one true part is enough, whatever is unknown."""
    parts = [_judge(condition, facts) for condition in _COMPLETION_PARTS]
    if True in parts:
        return True
    return None if None in parts else False


_CONDITIONS: tuple[Callable[[Mapping[str, Any]], bool], ...] = (
    lambda f: f["class_size"] <= LIMITS["max_class_size"],
    lambda f: f["class_size"] <= LIMITS["trainees_per_teacher"] * f["teachers"],
    lambda f: f["class_size"] <= LIMITS["trainees_per_workstation"] * f["workstations"],
    lambda f: f["minutes_per_hour"] >= LIMITS["min_minutes_per_hour"],
    lambda f: 100 * f["practical_hours"] >= LIMITS["min_practical_percent"] * f["class_hours"],
    lambda f: f["theory_recorded"],
    lambda f: f["recorded_minutes_per_hour"] >= LIMITS["min_recorded_minutes"],
    lambda f: f["in_system"],
    lambda f: f["satisfaction_percent"] >= LIMITS["min_satisfaction_percent"],
)
_COMPLETION_PARTS: tuple[Callable[[Mapping[str, Any]], bool], ...] = (
    lambda f: f["certificate"] != COMPLETION,
    lambda f: f["has_hours_rule"],
    lambda f: f["class_hours"] >= LIMITS["min_completion_hours"],
)
