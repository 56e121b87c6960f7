"""Builds everything once from `Settings`: `opening` what answers, `indexes` what it answers from.

A question goes through `intake`, in a conversation through `conversing`, and is answered by `assistant`; `folder` reads the
documents and rules as they lie there now.
"""

from assistant.app.assistant import Assistant, IndexInfo, open_assistant
from assistant.app.folder import (
    check_corpus,
    check_rules,
    load_book,
    pin_rules,
    read_corpus,
    read_corpus_rules,
)
from assistant.app.indexes import BuildReport, build_indexes, follow_indexes
from assistant.app.opening import open_model

__all__ = [
    "Assistant",
    "BuildReport",
    "IndexInfo",
    "build_indexes",
    "check_corpus",
    "check_rules",
    "follow_indexes",
    "load_book",
    "open_assistant",
    "open_model",
    "pin_rules",
    "read_corpus",
    "read_corpus_rules",
]
