"""Region file → its checked content, and the forms each of its names takes.

In: `corpus/regions.yaml`. Out: `RegionFile`. That the codes hang together is checked here, on reading, so that
`RegionTree` may follow every parent without asking.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import CorpusError

NATION = "000000"
Level = Literal[0, 1, 2, 3]

_SUFFIXES = ("地区", "省", "市", "县", "区", "旗", "盟")

_Code = Annotated[str, Field(pattern=r"^\d{6}$", strict=True)]
_Name = Annotated[str, Field(min_length=2, strict=True)]


class RegionFile(BaseModel):
    """`regions.yaml` as written; the last four fields are words separated by blanks.

    `abbreviations` are too: one character and the code of its province, such as 豫410000.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[_Code, _Name]
    parents: dict[_Code, _Code] = {}
    aliases: dict[_Code, list[_Name]] = {}
    abbreviations: str = ""
    ordinary: str = ""
    nested: str = ""
    guards: str = ""
    words: str = ""


def read_region_file(path: Path) -> RegionFile:
    """Read `regions.yaml` and check its codes.

    Raises:
        CorpusError: the file cannot be read, is no YAML, or a key is wrong; the message names it.
    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        data = RegionFile.model_validate(raw)
    except (OSError, UnicodeDecodeError) as exc:
        raise _fault(path, "读不到", "确认文件存在且为 UTF-8 编码") from exc
    except yaml.YAMLError as exc:
        raise _fault(path, f"不是合法的 YAML：{exc}", "按报出的行列修改") from exc
    except ValidationError as exc:
        faults = [f"{'.'.join(map(str, e['loc'])) or '顶层'}：{e['msg']}" for e in exc.errors()[:5]]
        raise _fault(path, "；".join(faults), "代码用加引号的六位数字，名称至少两个字") from exc
    if faults := _loose_codes(data):
        raise _fault(path, "；".join(faults[:5]), "补上代码或改正上级")
    return data


def _fault(path: Path, what: str, hint: str) -> CorpusError:
    return CorpusError(f"地区表 {path} 有误：{what}", path=str(path), hint=hint)


def _loose_codes(data: RegionFile) -> list[str]:
    """What is wrong with the codes: each parent must be known and above its child."""
    names = data.names
    faults = [] if NATION in names else [f"names 缺少 {NATION}"]
    faults += [f"aliases.{code} 不在 names 中" for code in data.aliases if code not in names]
    faults += [
        f"abbreviations 里的 {entry} 应为一个字和 names 中的代码，如 豫410000"
        for entry in data.abbreviations.split()
        if entry[1:] not in names
    ]
    for code, parent in data.parents.items():
        if code not in names or parent not in names:
            faults.append(f"parents.{code} 或其上级 {parent} 不在 names 中")
        elif find_level(parent) >= find_level(code):
            faults.append(f"parents.{code} 的上级 {parent} 级别不高于它")
    provinces = {code: f"{code[:2]}0000" for code in names if code != NATION}
    faults += [f"names.{c} 的上级 {p} 不在 names 中" for c, p in provinces.items() if p not in names]
    return faults


def find_level(code: str) -> Level:
    """By the zeros at its end."""
    if code == NATION:
        return 0
    if code.endswith("0000"):
        return 1
    return 2 if code.endswith("00") else 3


def find_parent(code: str, names: dict[str, str]) -> str | None:
    """By prefix; a county whose prefecture has no entry (419001) answers to the province."""
    level = find_level(code)
    if level == 0:
        return None
    if level == 1:
        return NATION
    prefecture = f"{code[:4]}00"
    return prefecture if level == 3 and prefecture in names else f"{code[:2]}0000"


def list_forms(data: RegionFile) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Candidates by form: those found in a text, and district stems that only `resolve` takes."""
    forms: dict[str, list[str]] = defaultdict(list)
    stems: dict[str, list[str]] = defaultdict(list)
    for code, name in data.names.items():
        forms[name].append(code)
        own = data.aliases.get(code, ())
        for alias in own:
            forms[alias].append(code)
        stem = _stem(name)
        if stem and stem not in own:
            is_district = name.endswith("区") and find_level(code) == 3
            (stems if is_district else forms)[stem].append(code)
    return (
        {form: tuple(codes) for form, codes in forms.items()},
        {stem: tuple(codes) for stem, codes in stems.items()},
    )


def _stem(name: str) -> str:
    """The name without its suffix; empty where one character would be left."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            stem = name[: -len(suffix)]
            return stem if len(stem) > 1 else ""
    return ""
