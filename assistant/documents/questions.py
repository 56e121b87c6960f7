"""`questions.yaml`: how people ask for what a clause says, kept beside the text.

In: the file of one document, clause path → questions. Out: the document, its clauses carrying them. They
feed the index and never an answer: no embedding brings 掏钱 and 投资 together, a question that says so does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from assistant.errors import CorpusError
from assistant.models import Document

_Question = Annotated[str, Field(min_length=2, max_length=100)]
_FILE = TypeAdapter(dict[str, list[_Question]])


def load_questions(path: Path) -> dict[str, tuple[str, ...]]:
    """Read a `questions.yaml`; a missing file holds no questions.

    Raises:
        CorpusError: the file is not a mapping of clause paths to lists of questions.
    """
    if not path.is_file():
        return {}
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
        return {clause: tuple(questions) for clause, questions in _FILE.validate_python(data).items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise CorpusError(
            f"{path.name} 不是有效的 YAML：{exc}", path=str(path), hint="按提示的行列检查缩进、冒号和引号"
        ) from exc
    except ValidationError as exc:
        fault = exc.errors()[0]
        where = ".".join(str(part) for part in fault["loc"]) or "顶层"
        raise CorpusError(
            f"{path.name} 的 {where}：{fault['msg']}", path=str(path), hint='写成 "条款路径": [问题, 问题]'
        ) from exc


def attach_questions(document: Document, questions: Mapping[str, tuple[str, ...]], path: Path) -> Document:
    """Give each clause the questions it answers.

    Raises:
        CorpusError: a path is no clause of the document.
    """
    unknown = sorted(set(questions) - {clause.path for clause in document.clauses})
    if unknown:
        raise CorpusError(
            f"{path.name} 里的条款路径不存在：{'、'.join(unknown)}",
            path=str(path),
            hint=f"用 tiaowen corpus show {document.id} 查看条款路径",
        )
    clauses = (replace(c, questions=questions.get(c.path, ())) for c in document.clauses)
    return replace(document, clauses=tuple(clauses))
