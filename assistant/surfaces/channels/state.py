"""Where a chat stands: its conversation, the place it has chosen, a check that is under way, what it was last told.

In: JSON text of the store. Out: `ChatState` and back. A state that cannot be read (an older form) is a new one.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GuideState(_Kept):
    """A check that is under way.

    Attributes:
        facts: what has been told, by fact id.
        asked: the fact that is asked for now.
        skipped: facts that the asker does not know.
    """

    facts: dict[str, str] = Field(default_factory=dict)
    asked: str = ""
    skipped: tuple[str, ...] = ()


class ChatState(_Kept):
    """Where a chat stands.

    Attributes:
        token: tells this conversation of the chat from its others; nobody can guess it.
        region: the place that questions are about; empty for everywhere.
        guide: None where no check is under way.
        answer_id: of the last answer; `clauses` are the ids of its clauses by citation number.
        quick: messages that the buttons below the last answer stand for.
        rest: what is still to be read of what was said, where the messenger takes one message at a time.
    """

    token: str = ""
    region: str = ""
    guide: GuideState | None = None
    answer_id: str = ""
    clauses: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()

    def write(self) -> str:
        """As JSON text."""
        return self.model_dump_json(exclude_defaults=True)


def read_state(text: str) -> ChatState:
    """A state from JSON text; a new one where there is none that can be read."""
    try:
        return ChatState.model_validate_json(text) if text else ChatState()
    except ValidationError:
        return ChatState()
