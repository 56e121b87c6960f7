"""Sample questions follow their clauses into a new version of a document.

In: the text of a `questions.yaml` and where each clause went. Out: the text with new paths; questions whose clause is
gone are taken out and told, since a file with a path that does not exist is not read at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

import yaml


class MovedQuestions(NamedTuple):
    """The new text, and the questions that lost their clause."""

    text: str
    lost: tuple[str, ...]


def move_questions(
    text: str, questions: Mapping[str, tuple[str, ...]], new_by_old: Mapping[str, str]
) -> MovedQuestions:
    """Write the paths anew.

    Args:
        text: of the file, which has been read as `questions`; empty where there is none.
        new_by_old: where each clause that lives on is found now.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader) if text else None
    if not isinstance(root, yaml.MappingNode):
        return MovedQuestions(text, ())
    lost: list[str] = []
    pieces: list[str] = []
    at = 0
    for i, (key, value) in enumerate(root.value):
        path = str(key.value)
        following = root.value[i + 1][0].start_mark.index if i + 1 < len(root.value) else len(text)
        if path in new_by_old:
            written = text[key.start_mark.index : key.end_mark.index]
            new = written if new_by_old[path] == path else json.dumps(new_by_old[path])
            pieces += [text[at : key.start_mark.index], new]
            at = key.end_mark.index
        else:
            pieces.append(text[at : key.start_mark.index])
            at = following if not root.flow_style else value.end_mark.index
            lost += questions.get(path, ())
    return MovedQuestions("".join([*pieces, text[at:]]), tuple(lost))
