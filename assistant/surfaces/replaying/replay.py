"""An answer's id → the answer as it was given, the same question on the same index and on the present one, compared.

On the same index the answer is the same, byte for byte, unless the program, its wording tables or the settings of the
search have changed since; which of them did is told. Both are made without keeping anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from assistant.dialogue.asked import Asked, read_asked
from assistant.dialogue.memory import read_memory
from assistant.errors import IndexMissing, IndexStale, RequestInvalid
from assistant.models import Question
from assistant.surfaces.inbound import NotFound
from assistant.surfaces.replaying.changes import Change, list_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant.app import Assistant
    from assistant.store.past import PastAnswer

Basis = Literal["same", "present"]


@dataclass(frozen=True, slots=True)
class Again:
    """The same question answered once more.

    Attributes:
        basis: on the index that answered then, or on the one that serves now.
        generation: name of that index; empty where it was not noted.
        body: the answer; None where there is none, and `fault` says why.
        is_exact: whether it is the old answer byte for byte.
        changes: what it says otherwise; empty with `is_exact` False where only what is not shown differs.
        remarks: what the comparison is to be read with.
    """

    basis: Basis
    generation: str
    body: dict[str, Any] | None
    is_exact: bool
    changes: tuple[Change, ...]
    remarks: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Replay:
    """An old answer explained.

    Attributes:
        past: as it was kept; `body` is the same, read.
        asked: what it was made from; None where a former version did not note it.
        place: name of the place the asker is in; empty where unknown.
        n_times: how often this very answer was given, up to a limit; this is the newest.
        again: on the same index, where it was noted; and on the present one, where that is another or the day is.
    """

    past: PastAnswer
    body: dict[str, Any]
    asked: Asked | None
    place: str
    n_times: int
    again: tuple[Again, ...]


def find_past(assistant: Assistant, answer_id: str) -> Sequence[PastAnswer]:
    """Every time an answer was given, the newest first.

    Raises:
        NotFound: it is not known, or was not kept so long.
        StoreError: the database failed.
    """
    found = assistant.store.past.find(answer_id.strip()) if _is_id(answer_id.strip()) else []
    if not found:
        raise NotFound(
            f"没有编号为 {answer_id[:64]} 的回答",
            hint="编号是回答 JSON 里的 id；超过保留期限或已按要求删除的查不到，不带会话的提问不保存",
        )
    return found


def replay_answer(
    assistant: Assistant,
    answer_id: str,
    open_other: Callable[[str], Assistant],
    as_of: date | None = None,
) -> Replay:
    """Explain an answer.

    Args:
        assistant: opened on the index that serves.
        open_other: opens another index by its name; raises IndexMissing or IndexStale where it cannot be used.
        as_of: the day that the present answer is read at; None takes the day of the old one.

    Raises:
        NotFound: as `find_past`.
        StoreError: the database failed.
    """
    found = find_past(assistant, answer_id)
    past = found[0]
    asked = read_asked(past.asked)
    body = json.loads(past.body)
    again = [_answer_same(assistant, past, asked, open_other)] if asked else []
    is_present = asked is not None and asked.generation == assistant.describe_index().generation
    if not is_present or (as_of and as_of.isoformat() != body["as_of"]):
        again.append(_answer_present(assistant, past, asked, as_of))
    region = assistant.regions.get(asked.region) if asked and asked.region else None
    return Replay(past, body, asked, region.name if region else "", len(found), tuple(again))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= 64


def _answer_same(
    assistant: Assistant, past: PastAnswer, asked: Asked, open_other: Callable[[str], Assistant]
) -> Again:
    present = assistant.describe_index().generation
    try:
        opened = assistant if asked.generation == present else open_other(asked.generation)
    except (IndexMissing, IndexStale) as exc:
        fault = f"{exc.message}（{exc.hint}）" if exc.hint else exc.message
        return Again("same", asked.generation, None, is_exact=False, changes=(), fault=fault)
    again = _compare(opened, past, asked.question(past.session_id), asked, "same")
    if opened is assistant:
        again = replace(again, remarks=(*again.remarks, "现在回答问题的就是这个索引"))
    return again


def _answer_present(assistant: Assistant, past: PastAnswer, asked: Asked | None, as_of: date | None) -> Again:
    body = json.loads(past.body)
    day = as_of or date.fromisoformat(body["as_of"])
    if asked is None:
        question = Question(past.question, day, session_id=past.session_id)
    else:
        old = asked.question(past.session_id)
        question = Question(old.text, day, old.region, old.session_id, old.facts)
    return _compare(assistant, past, question, asked, "present")


def _compare(
    assistant: Assistant, past: PastAnswer, question: Question, asked: Asked | None, basis: Basis
) -> Again:
    from assistant.store.answers import dump_answer

    generation = assistant.describe_index().generation
    before = asked.before if asked else read_memory(past.memory_before)
    remarks = tuple(_remarks(assistant, past, asked, question))
    try:
        answer = assistant.answer_again(question, before)
    except RequestInvalid as exc:
        return Again(basis, generation, None, is_exact=False, changes=(), remarks=remarks, fault=exc.message)
    text = dump_answer(answer)
    body = json.loads(text)
    changes = tuple(list_changes(json.loads(past.body), body))
    return Again(basis, generation, body, text == past.body, changes, remarks)


def _remarks(assistant: Assistant, past: PastAnswer, asked: Asked | None, question: Question) -> list[str]:
    told = []
    if asked is None:
        told.append("这条回答由旧版程序保存，没有记下地区和已说明的情况；下面只按问题原文和上一轮重答")
    elif asked.frame != assistant.frame:
        told.append("程序版本、词表、提示语或检索设置在那以后改过；与当时不同不一定是文件变了")
    body = json.loads(past.body)
    if body.get("generated"):
        told.append("当时的文字由语言模型措辞，重答用文件原话，文字会不同")
    if (day := question.as_of.isoformat()) != body["as_of"]:
        told.append(f"按 {day} 的规定重答（当时按 {body['as_of']}）")
    return told
