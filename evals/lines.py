"""Files of one JSON object a line, refused with file and line where a line is not what it should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from assistant.errors import CorpusError

Model = TypeVar("Model", bound=BaseModel)


def read_lines(file: Path, model: type[Model], example: str) -> list[tuple[str, Model]]:
    """Every object of one file, with `file:line`; blank lines are passed over.

    Args:
        example: a file that shows the format, for messages.

    Raises:
        CorpusError: the file cannot be read, or a line is no such object.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(
            f"题目文件 {file} 读不出来：{exc}", path=str(file), hint="检查路径，文件用 UTF-8 保存"
        ) from exc
    found = []
    # Not splitlines(): a quote may carry U+2028, which does not end a line of JSON.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = f"{file}:{number}"
            found.append((place, _read_line(line, place, model, example)))
    return found


def refuse_repeated(ids: list[tuple[str, str]]) -> None:
    """Refuse an id that occurs twice.

    Args:
        ids: `file:line` and id, in order.

    Raises:
        CorpusError: naming both places.
    """
    seen: dict[str, str] = {}
    for place, id_ in ids:
        if id_ in seen:
            raise CorpusError(f"{place}：题号 {id_} 与 {seen[id_]} 重复", path=place, hint="改用新题号")
        seen[id_] = place


def _read_line(line: str, place: str, model: type[Model], example: str) -> Model:
    try:
        return model.model_validate(json.loads(line))
    except json.JSONDecodeError as exc:
        raise CorpusError(
            f"{place}：不是合法的 JSON：{exc}", path=place, hint="每行写一个完整的 JSON 对象"
        ) from exc
    except ValidationError as exc:
        faults = "；".join(
            f"{'.'.join(str(part) for part in e['loc']) or '整行'}：{e['msg']}" for e in exc.errors()
        )
        raise CorpusError(f"{place}：{faults}", path=place, hint=f"对照 {example} 改正这一行") from exc
