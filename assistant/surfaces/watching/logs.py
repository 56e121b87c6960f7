"""What a log line looks like: text for a terminal, or one JSON object a line; either way without personal numbers or secrets.

Everything goes through the root logger's one handler, the web server's own lines and what libraries warn of included.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from assistant.config import Settings
from assistant.documents.mask import mask_personal
from assistant.surfaces.watching.request_id import find_request_id

MASK = "******"
TALKATIVE = (
    "alembic.runtime.plugins",
    "httpx",
    "httpcore",
    "urllib3",
    "chromadb",
    "telegram",
    "apscheduler",
    "asyncio",
    "opentelemetry",
)
"""Loggers that tell at INFO what they fetch, addresses with tokens in them included; they are heard from WARNING on."""
_SHORTEST_SECRET = 6  # shorter ones would blot out ordinary words
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@/\s]*@")


class Masks:
    """What no line may show.

    Args:
        secrets: values of the settings that are secret.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=lambda s: (-len(s), s))
        self._secrets = re.compile("|".join(map(re.escape, known))) if known else None

    def apply(self, text: str) -> str:
        """The text without personal numbers, secrets and passwords in addresses."""
        if self._secrets is not None:
            text = self._secrets.sub(MASK, text)
        return mask_personal(_PASSWORD.sub(rf"\1{MASK}@", text))


class TextFormatter(logging.Formatter):
    """Words a record as a line for a terminal; only a traceback has more lines than one."""

    def __init__(self, masks: Masks) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s%(request)s")
        self._masks = masks

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, without breaks that somebody put into a message to forge another."""
        request_id = find_request_id()
        record.request = f" [{request_id}]" if request_id else ""
        return _BREAKS.sub(lambda m: m[0].encode("unicode_escape").decode(), super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines."""
        return self._masks.apply(super().format(record))


class JsonFormatter(logging.Formatter):
    """Words a record as one JSON object on one line; `fields` of the record stand in it as they are named."""

    def __init__(self, masks: Masks) -> None:
        super().__init__()
        self._masks = masks

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._masks.apply(record.getMessage()),
        }
        if request_id := find_request_id():
            line["request_id"] = self._masks.apply(request_id)
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= {k: self._masks.apply(v) if isinstance(v, str) else v for k, v in fields.items()}
        if record.exc_info:
            line["exception"] = self._masks.apply(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = self._masks.apply(record.stack_info)
        # What readers may take for the end of a line, though JSON does not.
        return _BREAKS.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(line, ensure_ascii=False, default=str))


def start_logs(settings: Settings) -> None:
    """Log to standard error as the settings say."""
    masks = Masks(list_secrets(settings))
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(masks) if settings.log_format == "json" else TextFormatter(masks))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    # Some libraries set a level of their own; the handlers have the last word.
    for known in logging.getLogger().handlers:
        known.setLevel(settings.log_level)
    if settings.log_level != "DEBUG":
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def catch_strays() -> None:
    """Let what would go to standard error by itself go through the log: warnings, and what ends a thread."""
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread


def list_secrets(section: BaseModel) -> Iterator[str]:
    """Every secret that is set."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from list_secrets(value)
        elif isinstance(value, SecretStr):
            yield value.get_secret_value()


def _log_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    info = (args.exc_type, args.exc_value, args.exc_traceback)
    name = args.thread.name if args.thread else "?"
    logging.getLogger(__name__).critical("thread %s ended by an error", name, exc_info=info)
