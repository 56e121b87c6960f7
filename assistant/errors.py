"""The one error tree, drawn here, mapped once to exit codes and HTTP statuses.

TiaowenError
├── ConfigError      2 / –     a setting is wrong
├── CorpusError      3 / 500   a document or its metadata is wrong
│   ├── ParseError             a file cannot be read as a document
│   └── RuleError              a rule file is wrong
├── IndexMissing     4 / 503   no index has been built
├── IndexStale       4 / 503   the index does not fit this corpus, model or version
├── ModelError       5 / 502   a language or embedding model is unavailable or answers nonsense
├── RequestInvalid   6 / 422   the asker's input cannot be used
└── StoreError       7 / 503   the store cannot be reached

An expected outcome (nothing found, facts missing, not in force) is a value, not an exception. A message
is Chinese, for a person: what is wrong, where, and in `hint` how to repair it.
"""

from __future__ import annotations


class TiaowenError(Exception):
    """Something an operator or asker must repair.

    Args:
        message: what is wrong and where, in Chinese, one sentence.
        hint: the remedy, in Chinese; empty where the message already says it.
    """

    exit_code = 1
    http_status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(TiaowenError):
    """A setting is missing, unknown or out of range."""

    exit_code = 2


class CorpusError(TiaowenError):
    """A document or its metadata is wrong; `path` names the file."""

    exit_code = 3

    def __init__(self, message: str, *, path: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class ParseError(CorpusError):
    """A file cannot be read as a document."""


class RuleError(CorpusError):
    """A rule file is wrong."""


class IndexMissing(TiaowenError):
    """No index has been built yet."""

    exit_code = 4
    http_status = 503


class IndexStale(TiaowenError):
    """The index was built from another corpus, by another model or by another version."""

    exit_code = 4
    http_status = 503


class ModelError(TiaowenError):
    """A model is unavailable or its output is unusable; `kind` says which, for those who count."""

    exit_code = 5
    http_status = 502

    def __init__(self, message: str, *, kind: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


class RequestInvalid(TiaowenError):
    """The asker's input cannot be used."""

    exit_code = 6
    http_status = 422


class StoreError(TiaowenError):
    """The store cannot be reached or is locked."""

    exit_code = 7
    http_status = 503
