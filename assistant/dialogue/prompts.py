"""What a language model is told: `prompts/*.md`, each with a version, strict placeholders and two parts.

In: a folder. Out: `Prompts`, which fill the second part with data. Strict both ways: a placeholder that the program
does not fill and a value that no placeholder takes are errors when the files are read. What an asker or a document says
is data between marks that it cannot write itself.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.documents.mask import mask_personal
from assistant.errors import ConfigError

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "word": frozenset({"question", "points", "quotes"}),
    "repair": frozenset({"question", "points", "quotes", "faults"}),
    "rewrite": frozenset({"question", "documents"}),
    "extract": frozenset({"question", "facts"}),
    "check": frozenset({"question"}),
}
"""The prompts there are, and what each is filled with."""

_PARTS = re.compile(
    r"\A---\n(?P<head>.*?)\n---\n+# system\n+(?P<system>.*?)\n+# user\n+(?P<user>.*)\Z", re.DOTALL
)
_MARKS = {ord(mark): ord(mark) + 0xFEE0 for mark in "<>`"}
"""What our marks are made of, in full width."""


class _Head(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt.

    Attributes:
        version: as its file says; `digest` is of the whole file, so that an edited one is told apart.
        system: how to answer; nothing is filled in. `user` is the template of the data.
    """

    name: str
    version: int
    digest: str
    system: str
    user: str

    def fill(self, **values: str) -> list[tuple[str, str]]:
        """The messages, by role; values are data and stay inside their marks, personal numbers are masked.

        Raises:
            ConfigError: the values are not exactly those of the placeholders.
        """
        if set(values) != PLACEHOLDERS[self.name]:
            raise ConfigError(f"提示词 {self.name} 与程序不符", hint="恢复 prompts/ 里的原文")
        data = {name: write_data(value) for name, value in values.items()}
        return [("system", self.system), ("user", self.user.format_map(data))]

    @property
    def label(self) -> str:
        """Name, version and digest, as they are kept with an answer."""
        return f"{self.name} {self.version} {self.digest}"


Prompts = Mapping[str, Prompt]


def write_data(text: str) -> str:
    """A text of somebody else's as it stands between marks: it cannot end them, and shows nobody's number."""
    return mask_personal(text).translate(_MARKS)


def load_prompts(folder: Path) -> Prompts:
    """Read the prompts of a folder.

    Raises:
        ConfigError: one is missing or damaged, or its placeholders are not those that the program fills.
    """
    return {name: _read_prompt(folder / f"{name}.md", name) for name in PLACEHOLDERS}


def _read_prompt(path: Path, name: str) -> Prompt:
    hint = "重新安装 tiaowen 或恢复该文件"
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        parts = _PARTS.match(text)
        head = _Head.model_validate(yaml.safe_load(parts["head"])) if parts else None
        found = _find_placeholders(parts["user"]) if parts else set()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError, ValueError) as exc:
        raise ConfigError(f"读不了提示词文件 {path}", hint=hint) from exc
    if parts is None or head is None:
        raise ConfigError(f"提示词文件 {path} 应有 version、# system 和 # user 三部分", hint=hint)
    if odd := sorted(found ^ PLACEHOLDERS[name]):
        raise ConfigError(f"提示词文件 {path} 的占位符与程序不符：{'、'.join(odd)}", hint=hint)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Prompt(name, head.version, digest, parts["system"].strip(), parts["user"].strip())


def _find_placeholders(template: str) -> set[str]:
    """The names in braces; ValueError for braces that are none."""
    fields = [(f, spec, c) for _, f, spec, c in string.Formatter().parse(template) if f is not None]
    if any(spec or c or not f.isidentifier() for f, spec, c in fields):
        raise ValueError("not a plain placeholder")
    return {f for f, _, _ in fields}
