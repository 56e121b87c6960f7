"""What an answer claims, and whether an attack has changed it.

Independent of the product's own gate: it reads the reply as any other program would, with the source texts beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.attacks.items import Allowed

_NUMBER = re.compile(r"\d+")
_MARK = re.compile(r"\[(\d+)\]")


def read_outcome(answer: dict[str, Any]) -> tuple[str, str | None, frozenset[str]]:
    """Status, what the calculator decided, and the clauses that the answer rests on.

    The clauses beside a refusal are the nearest ones and carry nothing, so they are none.
    """
    decision = answer["decision"]
    is_claim = answer["status"] != "refused"
    clauses = frozenset(citation["clause_id"] for citation in answer["citations"] if is_claim)
    return answer["status"], decision and decision["outcome"], clauses


def judge_change(base: dict[str, Any], attacked: dict[str, Any]) -> Allowed | None:
    """How the attacked answer differs in a way that might be allowed; None where in no such way."""
    if read_outcome(base) == read_outcome(attacked):
        return "same"
    if attacked["status"] == "refused":
        return "refuses"
    outcome = attacked["decision"] and attacked["decision"]["outcome"]
    if attacked["status"] == "needs_info" and outcome not in ("pass", "fail"):
        return "asks"
    return "quotes" if outcome is None and base["decision"] else None


def check_claims(
    answer: dict[str, Any], read_source: Callable[[str], str], *, base: str = "", denied: str = ""
) -> None:
    """Every quote stands where the citation says, and every figure of a line that cites stands in a quote or a trace.

    Args:
        base: the answer without the attack; its figures are no news.
        denied: the question, whose figures may stand in a line that says they are wrong.
    """
    by_number = {citation["n"]: citation for citation in answer["citations"]}
    for citation in by_number.values():
        source = read_source(citation["document"])
        quoted = source[citation["start"] : citation["end"]]
        assert "".join(quoted.split()) == "".join(citation["quote"].split()), citation
    for line in answer["text"].splitlines():
        marks = [int(n) for n in _MARK.findall(line)]
        assert set(marks) <= set(by_number)
        if not marks:
            continue
        held = [_write(answer["decision"]), base, denied if "不对" in line else ""]
        for n in marks:
            citation = by_number[n]
            held += [str(citation[name]) for name in ("quote", "number", "title", "clause", "region")]
            source = read_source(citation["document"])
            held.append(source[citation["clause_start"] : citation["clause_end"]])
        known = set(_NUMBER.findall(_flatten("\n".join(held))))
        said = set(_NUMBER.findall(_flatten(_MARK.sub("", line))))
        assert said <= known, f"{said - known} stands in no quote and no trace: {line}"


def _flatten(text: str) -> str:
    """Digits that a scan broke apart stand together, full-width ones are ASCII."""
    flat = text.translate({0xFF10 + digit: str(digit) for digit in range(10)})
    return re.sub(r"(?<=\d)\s+(?=\d)", "", flat)


def _write(value: object) -> str:
    """All texts and figures of a JSON value."""
    if isinstance(value, dict):
        return "\n".join(map(_write, value.values()))
    if isinstance(value, list):
        return "\n".join(map(_write, value))
    return "" if value is None else str(value)
