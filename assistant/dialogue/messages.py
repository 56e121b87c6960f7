"""The composer's templates: Chinese sentences around the documents' own words, from `prompts/*.yaml`.

Strict both ways: a placeholder that is not filled and a value that no placeholder takes are errors, so that
no answer ever shows a brace.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Messages:
    """Templates by name."""

    templates: dict[str, str]

    def say(self, name: str, **values: object) -> str:
        """Fill the template `name`.

        Raises:
            ConfigError: there is no such template, or its placeholders are not exactly `values`.
        """
        template = self.templates.get(name)
        wanted = {field for _, field, _, _ in string.Formatter().parse(template or "") if field}
        if template is None or wanted != set(values):
            raise ConfigError(f"模板 {name} 与程序不符", hint="恢复 prompts/ 里的原文")
        return template.format(**values)


FILES = ("answer.yaml", "ruling.yaml")


def load_messages(folder: Path) -> Messages:
    """Read the templates of a prompts folder.

    Raises:
        ConfigError: a file is missing or not a mapping of strings, or a name stands in two files.
    """
    templates: dict[str, str] = {}
    for name in FILES:
        read = _read_templates(folder / name)
        if twice := sorted(set(templates) & set(read)):
            raise ConfigError(f"模板 {'、'.join(twice)} 在两个文件里都有", hint=f"恢复 {name} 的原文")
        templates |= read
    return Messages(templates)


def _read_templates(path: Path) -> dict[str, str]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as exc:
        raise ConfigError(f"读不了模板文件 {path}", hint="重新安装 tiaowen 或恢复该文件") from exc
    if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
        raise ConfigError(f"模板文件 {path} 应为“名字: 文字”", hint="恢复该文件的原文")
    return data
