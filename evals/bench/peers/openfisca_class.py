"""The class check in OpenFisca: a variable for each condition, figures as dated parameters.

Facts go in as arrays through `build_default_simulation` and `set_input`, which is less than half the time of
the dictionary that `build_from_entities` takes. Inputs that are not set would be 0 or false without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from evals.bench.peers import CERTIFICATES, FACTS, LIMITS, NUMBERS, Columns, Contestant, Facts, Verdicts

DAY = period("2021-06-01")
VERDICT = "class_qualifies"
Certificate = Enum("Certificate", [(f"certificate_{i}", label) for i, label in enumerate(CERTIFICATES)])
COMPLETION_ITEM = next(iter(Certificate))

# A formula takes the population, the period and, where it reads a figure, the parameters.
CONDITIONS: Mapping[str, Callable[..., Any]] = {
    "class_size_ok": lambda c, day, law: c("class_size", day) <= law(day).max_class_size,
    "teachers_ok": lambda c, day, law: (
        c("class_size", day) <= law(day).trainees_per_teacher * c("teachers", day)
    ),
    "workstations_ok": lambda c, day, law: (
        c("class_size", day) <= law(day).trainees_per_workstation * c("workstations", day)
    ),
    "minutes_ok": lambda c, day, law: c("minutes_per_hour", day) >= law(day).min_minutes_per_hour,
    "practice_ok": lambda c, day, law: (
        100 * c("practical_hours", day) >= law(day).min_practical_percent * c("class_hours", day)
    ),
    "completion_ok": lambda c, day, law: (
        (c("certificate", day) != COMPLETION_ITEM)
        | c("has_hours_rule", day)
        | (c("class_hours", day) >= law(day).min_completion_hours)
    ),
    "theory_ok": lambda c, day: c("theory_recorded", day),
    "recording_ok": lambda c, day, law: c("recorded_minutes_per_hour", day) >= law(day).min_recorded_minutes,
    "system_ok": lambda c, day: c("in_system", day),
    "satisfaction_ok": lambda c, day, law: (
        c("satisfaction_percent", day) >= law(day).min_satisfaction_percent
    ),
}


def build_system() -> Any:
    """The tax and benefit system with the facts, the ten conditions and the verdict."""
    course = build_entity("course", "courses", "", is_person=True)
    system = TaxBenefitSystem([course])
    dated = {name: {"values": {"2021-01-01": {"value": value}}} for name, value in LIMITS.items()}
    system.parameters = ParameterNode("", data=dated)
    common = {"entity": course, "definition_period": DateUnit.DAY}
    for name in FACTS:
        kind: dict[str, Any] = {"value_type": int if name in NUMBERS else bool}
        if name == "certificate":
            kind = {"value_type": Enum, "possible_values": Certificate, "default_value": COMPLETION_ITEM}
        system.add_variable(type(name, (Variable,), common | kind))
    formulas = {**CONDITIONS, VERDICT: lambda c, day: reduce(and_, (c(name, day) for name in CONDITIONS))}
    for name, formula in formulas.items():
        system.add_variable(type(name, (Variable,), common | {"value_type": bool, "formula": formula}))
    return system


class OpenFiscaClass(Contestant):
    """A fresh simulation for every verdict and every batch, since a simulation remembers what it calculated.

    Attributes:
        last_trace: the trees of the last verdict, values and parameters in them; None without trace.
    """

    def __init__(self, *, trace: bool = False) -> None:
        self.name = "OpenFisca"
        self.last_trace: Any = None
        self._trace = trace
        self._system = build_system()
        codes = np.arange(len(CERTIFICATES), dtype=np.uint8)
        self._certificates = {
            label: EnumArray(codes[i : i + 1], Certificate) for i, label in enumerate(CERTIFICATES)
        }

    def decide(self, facts: Facts) -> bool:
        simulation = SimulationBuilder.build_default_simulation(self._system, 1)
        simulation.trace = self._trace
        for name, value in facts.items():
            array = self._certificates[str(value)] if name == "certificate" else np.array([value])
            simulation.set_input(name, DAY, array)
        verdict = bool(simulation.calculate(VERDICT, DAY)[0])
        if self._trace:
            self.last_trace = simulation.tracer.trees
        return verdict

    def prepare_many(self, columns: Columns) -> Callable[[], Verdicts]:
        """A simulation with its inputs set; what is timed is `calculate` alone."""
        n_rows = len(columns.values["class_size"])
        simulation = SimulationBuilder.build_default_simulation(self._system, n_rows)
        simulation.trace = self._trace
        for name in FACTS:
            column = columns.values[name]
            array = EnumArray(column, Certificate) if name == "certificate" else column
            simulation.set_input(name, DAY, array)

        def calculate() -> Verdicts:
            verdicts: Verdicts = simulation.calculate(VERDICT, DAY).view(np.int8)
            return verdicts

        return calculate
