"""Words for how an example of a rule came out, on the terminal and on the desk."""

from __future__ import annotations

from assistant.surfaces.web.texts import load_texts


def describe_outcome(outcome: str, shown: str) -> str:
    """How an example came out, in Chinese.

    Args:
        outcome: as `models.Outcome`; empty where the rule is not there or its facts could not be used.
        shown: the figures that came out, or what failed; may be empty.
    """
    words: dict[str, str] = load_texts()["corpus"]["outcome"]
    name = words.get(outcome, outcome)
    return f"{name}（{shown}）" if shown else name
