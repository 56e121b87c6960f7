"""An answer → the row that keeps it, with personal numbers masked, so that it can be looked at later."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from assistant.documents.mask import mask_personal
from assistant.models import Answer
from assistant.store.wording import clean_text, mask_text

_NAMES = ("id", "session_id", "corpus_version", "clause_id", "document", "rule")
"""Members that name something of ours; digits in them are nobody's number."""


def answer_values(answer: Answer, question: str, asked_at: datetime) -> dict[str, object]:
    """The columns of the row, without its key."""
    return {
        "answer_id": answer.id,
        "question": mask_text(question),
        "status": answer.status,
        "body": dump_answer(answer),
        "corpus_version": answer.corpus_version,
        "asked_at": asked_at,
        "made_with": answer.made_with,
    }


def dump_answer(answer: Answer) -> str:
    """The whole answer as JSON text."""
    values = asdict(answer)
    del values["made_with"]  # a column of its own
    masked = _mask_values(values)
    return clean_text(json.dumps(masked, ensure_ascii=False, default=_write_day))


def _mask_values(value: Any) -> Any:
    if isinstance(value, str):
        return mask_personal(value)
    if isinstance(value, dict):
        return {k: v if k in _NAMES else _mask_values(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_mask_values(v) for v in value]
    return value


def _write_day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
