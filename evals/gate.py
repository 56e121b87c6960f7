"""The gate: what the rates of a file of cases have to reach.

In: `thresholds.yaml`, by name of the file a mapping from rate to threshold: a maximum for a ceiling, such as
false refusals, a minimum for all others. A rate that no case of the file concerns reaches nothing, so that a
threshold cannot be passed by leaving its cases out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from assistant.errors import ConfigError
from evals.rates import RATES, Rate

THRESHOLDS_FILE = Path(__file__).resolve().parent / "thresholds.yaml"

Thresholds = Mapping[str, float]
"""By name of a rate, in [0, 1]."""


def _known(name: str) -> str:
    if name not in RATES:
        raise ValueError(f"没有这个比率，比率有：{'、'.join(RATES)}")
    return name


_FILES = TypeAdapter(
    dict[str, dict[Annotated[str, AfterValidator(_known)], Annotated[float, Field(ge=0, le=1, strict=True)]]]
)


class Miss(NamedTuple):
    """A rate on the wrong side of its threshold."""

    rate: Rate
    threshold: float

    def describe(self) -> str:
        """Such as `全对（correct）为 0.9310，应不低于 0.95`."""
        name = f"{self.rate.label}（{self.rate.name}）"
        if self.rate.value is None:
            return f"{name}没有可以评分的题，门槛为 {self.threshold:g}"
        wanted = "不高于" if self.rate.is_ceiling else "不低于"
        return f"{name}为 {self.rate.value:.4f}，应{wanted} {self.threshold:g}"


def load_thresholds(path: Path = THRESHOLDS_FILE) -> dict[str, dict[str, float]]:
    """The thresholds by name of the file of cases.

    Raises:
        ConfigError: the file cannot be read, names a rate there is not, or a threshold is no number in
            [0, 1]; the message names the key.
    """
    try:
        return _FILES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise ConfigError(f"门槛文件 {path} 读不出来：{exc}", hint="检查路径和 YAML 写法") from exc
    except ValidationError as exc:
        faults = [
            (".".join(str(part) for part in e["loc"] if part != "[key]"), e["msg"]) for e in exc.errors()
        ]
        shown = "；".join(f"{key or '整个文件'}：{message}" for key, message in faults)
        raise ConfigError(f"门槛文件 {path}：{shown}", hint="每个题目文件写“比率: 0 到 1 的数”") from exc


def find_misses(rates: Sequence[Rate], thresholds: Thresholds) -> tuple[Miss, ...]:
    """What does not reach its threshold, in the order of the rates."""
    return tuple(
        Miss(rate, thresholds[rate.name])
        for rate in rates
        if rate.name in thresholds and not rate.meets(thresholds[rate.name])
    )
