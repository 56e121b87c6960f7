"""What an answer was made from, written down beside it, so that it can be made again byte for byte.

An answer is a function of the question, what the conversation had left before it, the index (documents, rules, vectors)
and the frame: wording tables, prompts, settings of the search, the program. The first two are kept whole; of the index
its generation is named, which is the digest of its content; of the frame a digest, so that a difference is known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.dialogue.memory import Memory
from assistant.models import Question


class Asked(BaseModel):
    """One question as it was answered.

    Attributes:
        region: code of the place the asker is in; None where unknown.
        before: what the conversation had left before it.
        generation: name of the index that answered.
        frame: digest of what else decides, see `digest_frame`.
        program: version of the program.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    as_of: date
    region: str | None
    facts: dict[str, str]
    before: Memory
    generation: str
    frame: str
    program: str

    def write(self) -> str:
        """As JSON text without any character that a database might refuse."""
        return json.dumps(self.model_dump(mode="json"))

    def question(self, session_id: str) -> Question:
        """The question again."""
        return Question(self.text, self.as_of, self.region, session_id, dict(self.facts))


def read_asked(text: str) -> Asked | None:
    """What `Asked.write` wrote; None where it cannot be read, or a former version wrote nothing."""
    try:
        return Asked.model_validate_json(text) if text else None
    except ValidationError:
        return None


def digest_frame(files: Iterable[Path], *others: str) -> str:
    """A name for the content of files and some texts; a file that is not there counts as such."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"-")
    for text in others:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:16]
