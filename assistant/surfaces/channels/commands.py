"""What was written → a command and what follows it, or a question.

Commands with a slash hold everywhere; where a messenger has no buttons, a whole message that is a command's word is one
too. Which words these are stands with the other texts.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from assistant.surfaces.web.texts import load_texts


class Command(NamedTuple):
    """A command; its name is empty where the message began like one that there is not."""

    name: str
    rest: str = ""


def read_command(text: str, *, has_buttons: bool) -> Command | None:
    """The command that a message is; None for a question."""
    first, _, rest = text.strip().replace("\u3000", " ").partition(" ")
    if first.startswith("/") and first[1:2].isascii() and first[1:2].isalpha():
        return Command(_by_word("commands").get(first.partition("@")[0].lower(), ""), rest.strip())
    if has_buttons or first not in (words := _by_word("plain")):
        return None
    name = words[first]
    return Command(name, rest.strip()) if not rest or name in _TAKE_MORE else None


_TAKE_MORE = ("region", "clause")


@cache
def _by_word(area: str) -> dict[str, str]:
    words = load_texts()["channels"]
    lists = words["plain"]["commands"] if area == "plain" else words["commands"]
    return {word: name for name, listed in lists.items() for word in listed}
