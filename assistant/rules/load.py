"""The rule files of a corpus, read strictly into plain data, and that data as JSON for the index.

In: `facts.yaml`, `calendar.yaml`, `documents/*/rules.yaml`. Out: a `RuleSource`. YAML's own guesses are
switched off: 1:20 is no number of seconds, `no` is no truth value, a key that stands twice is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from assistant.errors import RuleError
from assistant.rules.schema_files import FactFile, RuleFile

_M = TypeVar("_M", bound=BaseModel)
RULES, FACTS, CALENDAR = "rules.yaml", "facts.yaml", "calendar.yaml"
MOST_FAULTS = 20
"""Faults that one error names; the rest are counted."""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """The files as plain data: facts, calendar, and the rules of each document by its id."""

    facts: Any
    calendar: Any
    documents: dict[str, Any]


class _StrictLoader(yaml.CSafeLoader):
    """Safe loading without the implicit types that surprise, and without repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(
                None, None, f"键 {'、'.join(twice)} 写了两次", node.start_mark
            )
        return super().construct_mapping(node, deep)


_StrictLoader.yaml_implicit_resolvers = {}
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9]\d*)$"), list("-0123456789")
)
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:timestamp", re.compile(r"^\d{4}-\d\d-\d\d$"), list("0123456789")
)


def load_yaml(text: str, path: Path) -> Any:
    """Parse YAML strictly.

    Raises:
        RuleError: it is not valid; file, line and column are named.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader) or {}
    except (yaml.YAMLError, ValueError) as exc:
        mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else ""
        problem = getattr(exc, "problem", None) or str(exc)
        raise RuleError(
            f"{path.name} 不是有效的 YAML：{where}{problem}",
            path=str(path),
            hint="检查缩进、冒号和引号；含冒号的文字要加引号",
        ) from exc


def read_source(folder: Path, document_ids: Callable[[str], bool]) -> RuleSource:
    """Read all rule files of a corpus folder.

    Args:
        document_ids: whether a document of this id was taken in; rules of others are left out.

    Raises:
        RuleError: a file cannot be read or is not valid YAML.
    """
    documents = {
        path.parent.name: _read(path)
        for path in sorted((folder / "documents").glob(f"*/{RULES}"))
        if document_ids(path.parent.name)
    }
    return RuleSource(_read(folder / FACTS), _read(folder / CALENDAR), documents)


def _read(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        raise RuleError(f"读不到 {path.name}", path=str(path), hint="确认它可读且为 UTF-8 编码") from exc
    return load_yaml(text, path)


def dump_source(source: RuleSource) -> bytes:
    """The data as JSON; the same files give the same bytes."""
    data = {"facts": source.facts, "calendar": source.calendar, "documents": source.documents}
    return json.dumps(data, ensure_ascii=False, default=_iso, separators=(",", ":")).encode()


def parse_source(data: bytes) -> RuleSource:
    """What `dump_source` wrote."""
    return RuleSource(**json.loads(data))


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a rule file")


def validate_rules(data: Any, path: str) -> RuleFile:
    """Check the keys and types of a `rules.yaml`; see `validate`."""
    return validate(RuleFile, data, path)


def validate_facts(data: Any, path: str) -> FactFile:
    """Check the keys and types of `facts.yaml`; see `validate`."""
    return validate(FactFile, data, path)


def validate(model: type[_M], data: Any, path: str) -> _M:
    """Check data against a model.

    Raises:
        RuleError: keys or types are wrong; each is named.
    """
    try:
        return model.model_validate(data)
    except ValidationError as exc:
        raise_faults([f"{_where(fault)}：{_describe(fault)}" for fault in exc.errors()], path)
        raise AssertionError from exc


def raise_faults(faults: list[str], path: str) -> None:
    """Raise one error for all faults of a file; none for no fault."""
    if faults:
        more = f"；另有 {len(faults) - MOST_FAULTS} 处" if len(faults) > MOST_FAULTS else ""
        listed = "；".join(dict.fromkeys(faults[:MOST_FAULTS]))
        raise RuleError(f"{path}：{listed}{more}", path=path, hint="改正所列的键；写法见 corpus/README.md")


def _where(fault: Any) -> str:
    return ".".join(str(part) for part in fault["loc"]) or "顶层"


_FAULTS = {
    "extra_forbidden": "没有这个键",
    "missing": "缺少这个键",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "string_pattern_mismatch": "名字的写法不对",
    "literal_error": "不在可选的写法里",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "dict_type": "应为“键: 值”的形式",
    "model_type": "应为“键: 值”的形式",
    "model_attributes_type": "应为“键: 值”的形式",
    "tuple_type": "应为列表",
    "too_short": "不能为空",
    "figure": "应为整数、带引号的小数或百分数",
    "unit": "缺少单位 unit",
    "one_value": "value 和 names 恰好写一个",
    "one_condition": "写 require，或者写至少两个 readings",
    "one_mechanism": "value、cases、sum、product、rows、readings 恰好写一个",
    "one_count": "working_days、days、months 恰好写一个",
    "one_side": "parameter 和 cite 恰好写一个",
    "choices": "choice 类型要有 choices，其他类型不能有；aliases 要指向其中的选项",
}


def _describe(fault: Any) -> str:
    kind = str(fault["type"])
    return "应为日期，如 2021-04-07" if kind.startswith("date") else _FAULTS.get(kind, str(fault["msg"]))
