"""Changes single keys of a `document.yaml` and leaves the rest, comments included, as it is.

In: the text of the file and the keys to change. Out: the new text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from assistant.errors import CorpusError

_PLAIN_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def write_keys(text: str, changes: Mapping[str, Any]) -> str:
    """Set top-level keys; None takes a key out.

    Raises:
        CorpusError: the text is no YAML mapping.
    """
    for key, value in changes.items():
        text = _write_key(text, key, value)
    return text


def dump_meta(values: Mapping[str, Any]) -> str:
    """A whole file; what is empty is left out."""
    return write_keys("", {key: value for key, value in values.items() if value not in (None, "", [], ())})


def _write_key(text: str, key: str, value: Any) -> str:
    node = _compose(text)
    line = "" if value is None else f"{key}: {_write_value(value)}\n"
    pairs = node.value if node is not None else []
    for i, (name, _) in enumerate(pairs):
        if name.value == key:
            start = name.start_mark.index
            end = pairs[i + 1][0].start_mark.index if i + 1 < len(pairs) else len(text)
            return f"{text[:start]}{line}{_comments_after(text[start:end])}{text[end:]}"
    if not line:
        return text
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}"


def _comments_after(entry: str) -> str:
    """The lines of comments at the end of a key's text: they stand before the next key and are that one's."""
    lines = entry.splitlines(keepends=True)
    first = len(lines)
    while first > 1 and (lines[first - 1].startswith("#") or not lines[first - 1].strip()):
        first -= 1
    return "".join(lines[first:])


def _write_value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_write_value(item) for item in value)}]"
    dumped = yaml.safe_dump(str(value), allow_unicode=True, width=10_000, default_style=None)
    plain = dumped.removesuffix("\n").removesuffix("\n...")
    is_risky = any(c in plain for c in ",[]{}#:\n") or not plain.strip() or _PLAIN_DATE.fullmatch(plain)
    return (
        yaml.safe_dump(str(value), allow_unicode=True, width=10_000, default_style='"').strip()
        if is_risky or plain[:1] in "\"'"
        else plain
    )


def _compose(text: str) -> yaml.MappingNode | None:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        raise CorpusError(f"document.yaml 不是有效的 YAML：{exc}", hint="先改正这个文件") from exc
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise CorpusError("document.yaml 应写成一行一个“键: 值”", hint="先改正这个文件")
    return node
