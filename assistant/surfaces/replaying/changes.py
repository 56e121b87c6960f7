"""Two answers to the same question → what is different, in words.

In: the objects of two answers (`store.answers.dump_answer`, read). Out: one change a line, in the order of importance.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["status", "decision", "figure", "citation", "notice", "text"]
Body = Mapping[str, Any]

STATUSES = {"answered": "已回答", "needs_info": "请补充信息", "refused": "没有回答"}
OUTCOMES = {
    "pass": "符合",
    "fail": "不符合",
    "unknown": "还不能确定",
    "not_applicable": "不适用",
    "conflict": "文件不一致",
    "no_basis": "没有依据",
}
_MARK = re.compile(r"\[\d+\]")
_SENTENCE = re.compile(r"[^。；\n]*[。；\n]?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        sign: `-` where something has gone, `+` where something is new, `~` where something changed.
    """

    kind: Kind
    sign: Literal["-", "+", "~"]
    told: str


def list_changes(old: Body, new: Body) -> list[Change]:
    """What the new answer says otherwise than the old one; empty where nothing."""
    changes: list[Change] = []
    if old["status"] != new["status"]:
        told = f"状态：{STATUSES[old['status']]} → {STATUSES[new['status']]}"
        changes.append(Change("status", "~", told))
    changes += _compare_decisions(old["decision"], new["decision"])
    changes += _compare_citations(old["citations"], new["citations"])
    changes += _compare_sets("notice", old["notices"], new["notices"])
    texts = [_MARK.sub("", body["text"]) for body in (old, new)]
    changes += _compare_sets("figure", *(_NUMBER.findall(text) for text in texts))
    changes += _compare_texts(*texts)
    return changes


def _compare_decisions(old: Body | None, new: Body | None) -> Iterator[Change]:
    if old is None or new is None:
        if old is not None:
            yield Change("decision", "-", f"不再计算：{_tell_decision(old)}")
        if new is not None:
            yield Change("decision", "+", f"现在计算：{_tell_decision(new)}")
        return
    if (before := _tell_decision(old)) != (after := _tell_decision(new)):
        yield Change("decision", "~", f"结论：{before} → {after}")
    checks = [{check["id"]: check for check in decision["checks"]} for decision in (old, new)]
    for key in dict.fromkeys([*checks[0], *checks[1]]):
        first, second = (_tell_check(side.get(key)) for side in checks)
        if first != second:
            label = (checks[1].get(key) or checks[0][key])["label"]
            yield Change("decision", "~", f"{label}：{first} → {second}")
    asks = [[ask["label"] for ask in decision["ask"]] for decision in (old, new)]
    for label in [a for a in asks[0] if a not in asks[1]]:
        yield Change("decision", "-", f"不再追问：{label}")
    for label in [a for a in asks[1] if a not in asks[0]]:
        yield Change("decision", "+", f"还要追问：{label}")


def _tell_decision(decision: Body) -> str:
    value = decision["value"]
    figure = ""
    if value is not None:
        amount = value["amount"] or "–".join(filter(None, [value.get("low"), value.get("high")]))
        figure = f" {amount}{value['unit']}"
    return f"{decision['label']} {OUTCOMES[decision['outcome']]}{figure}"


def _tell_check(check: Body | None) -> str:
    if check is None:
        return "没有这一项"
    return (
        f"{OUTCOMES[check['outcome']]}（{check['shown']}）" if check["shown"] else OUTCOMES[check["outcome"]]
    )


def _compare_citations(old: Sequence[Body], new: Sequence[Body]) -> Iterator[Change]:
    sides = [{(c["clause_id"], c["quote"]): c for c in side} for side in (old, new)]
    for key, citation in sides[0].items():
        if key not in sides[1]:
            yield Change("citation", "-", f"不再引用 {_tell_citation(citation)}")
    for key, citation in sides[1].items():
        if key not in sides[0]:
            yield Change("citation", "+", f"新引用 {_tell_citation(citation)}")


def _tell_citation(citation: Body) -> str:
    quote = "".join(str(citation["quote"]).split())
    shown = quote if len(quote) <= 60 else f"{quote[:60]}…"
    return f"{citation['number'] or citation['title']} {citation['clause']}：“{shown}”"


def _compare_sets(kind: Kind, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    names = {"notice": "提示", "figure": "数字"}
    for text in dict.fromkeys(t for t in old if t not in new):
        yield Change(kind, "-", f"{names[kind]}不再出现：{text}")
    for text in dict.fromkeys(t for t in new if t not in old):
        yield Change(kind, "+", f"{names[kind]}新出现：{text}")


def _compare_texts(old: str, new: str) -> Iterator[Change]:
    """Sentences that went and that came; two of them that only moved are not told."""
    sides = [[s.strip() for s in _SENTENCE.findall(text) if s.strip()] for text in (old, new)]
    for line in difflib.ndiff(sides[0], sides[1]):
        if line.startswith("- ") and line[2:] not in sides[1]:
            yield Change("text", "-", line[2:])
        elif line.startswith("+ ") and line[2:] not in sides[0]:
            yield Change("text", "+", line[2:])
