"""A message with several questions → its questions, and their answers → one answer.

A sentence is a question of its own only where it has something of its own to look for: “责任单位是谁？” behind another
question belongs to that one. Nothing is dropped: what is beyond the limit is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.dialogue.decision import renumber_decision
from assistant.dialogue.verify import MARK
from assistant.models import Answer, AnswerStatus, Citation, Decision

MOST_QUESTIONS = 12
_END = re.compile(r"(?<=[?？\n])|(?<=[;；。])(?=.*[?？])")
_NUMBERED = re.compile(
    r"^(?:\(?\d{1,2}[.、)）]|[①-⑳]|[一二三四五六七八九十]、|第[一二三四五六七八九十](?:个问题)?[,，:：是]|另外[,，]?|还有[,，]?|再问一下[,，]?|顺便问(?:一下)?[,，]?)"
)
_HANGS_ON = re.compile(
    r"^(?:那|其|它|这|该|差|还差|分别|各|责任单位|牵头单位|依据|为什么|为啥|理由|对得上|怎么算|要不要|行不行|行吗|可以吗|能开吗|合规吗|对吗|是吗|多少|几|谁|能不能|够不够|够吗|哪|怎么)"
)
_QUESTION = re.compile(
    r"[?？]|多少|多[久长大高]|几|(?:谁|什么|啥|哪)(?![^,，。;；?？]{0,8}[也都](?:没|不))|怎么|咋|[吗么]|呢(?=[?？])|是否|能不能|可不可以|行不行|够不够"
)
_SHORTEST = 6


def split_questions(text: str) -> list[str]:
    """The questions of a message (normalised), each able to stand alone; one where they belong together.

    Sentences that ask nothing are put before the question that follows them.
    """
    pieces = [p for p in _END.split(text) if p and p.strip()]
    questions: list[str] = []
    lead = ""
    for raw in pieces:
        piece = raw.strip()
        if not _QUESTION.search(piece):
            lead += piece
            continue
        bare = _NUMBERED.sub("", piece)
        is_numbered = bare != piece
        hangs_on = (
            bool(questions) and not is_numbered and (len(bare) < _SHORTEST or bool(_HANGS_ON.match(bare)))
        )
        if hangs_on and not lead:
            questions[-1] += bare
        else:
            questions.append(lead + bare)
        lead = ""
    if lead:
        questions = [*questions[:-1], questions[-1] + lead] if questions else [lead]
    return questions


def _take_first(decisions: Sequence[Decision]) -> Decision:
    return decisions[0]


def join_answers(
    questions: Sequence[str],
    answers: Sequence[Answer],
    heading: str,
    left_off: str,
    join: Callable[[Sequence[Decision]], Decision] = _take_first,
) -> Answer:
    """One answer made of those to several questions, in turn; equal citations are one.

    Args:
        heading: what stands before each question.
        left_off: a sentence about questions that were not answered; empty where all were.
        join: makes one decision of several.
    """
    if len(answers) == 1 and not left_off:
        return answers[0]
    citations: list[Citation] = []
    lines: list[str] = []
    orders: list[dict[int, int]] = []
    for question, answer in zip(questions, answers, strict=True):
        order = {c.n: _place(c, citations) for c in answer.citations}
        orders.append(order)
        lines.append(f"{heading}{question}")
        lines.append(MARK.sub(lambda m, o=order: f"[{o[int(m[1])]}]", answer.text))  # type: ignore[misc]
    if left_off:
        lines.append(left_off)
    first = answers[0]
    decisions = [
        renumber_decision(a.decision, order) for a, order in zip(answers, orders, strict=True) if a.decision
    ]
    return replace(
        first,
        status=_join_status([a.status for a in answers]),
        text="\n".join(lines),
        citations=tuple(citations),
        decision=join(decisions) if decisions else None,
        notices=tuple(dict.fromkeys(n for a in answers for n in a.notices)),
    )


def _place(citation: Citation, citations: list[Citation]) -> int:
    """The number of a citation in the joined answer."""
    for known in citations:
        if replace(known, n=citation.n) == citation:
            return known.n
    citations.append(replace(citation, n=len(citations) + 1))
    return len(citations)


def _join_status(statuses: Sequence[AnswerStatus]) -> AnswerStatus:
    if "needs_info" in statuses:
        return "needs_info"
    return "answered" if "answered" in statuses else "refused"
