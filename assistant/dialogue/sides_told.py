"""What a comparison lacks, in words: a side of which no text has anything, or that has no such figure.

In: the sides and what was told of each. Out: remarks of the draft; they state no policy and cite nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.dialogue.draft import Draft
from assistant.dialogue.intent import read_intent
from assistant.dialogue.measure import has_figure
from assistant.dialogue.sides import Side
from assistant.dialogue.understand import Understanding
from assistant.documents.normalize import squeeze
from assistant.models import Clause
from assistant.rules.numerals import find_figures

# 清单里还写了郑州没有, 附件提没提社区矫正   near miss: 写了多少, 提了什么要求
_ASKS_IF_SAID = re.compile(
    r"(?:(?:有没有|写没写|提没提|说没说|列没列|点没点)(?:写|提|说|列|点)?(?:到|过|了|明)?(?P<word>[^,，。;；?？的]{2,8}?)(?=[?？,，。;；]|$)"
    r"|(?:写|提|说|列|点)(?:到|过|了|明|着)+(?P<name>[^,，。;；?？的]{2,8}?)(?:没有?|吗|么|不)(?=[?？,，。;；]|$))"
)
_OF_KIND = ("share", "time", "money", "size")
"""Measures whose figures have a look of their own."""


def tell_sides(
    draft: Draft,
    asked: Understanding,
    sides: Sequence[Side],
    absent: Sequence[Side],
    told: Sequence[tuple[Clause, str]],
) -> None:
    """Say which side no text has, and which does not state the figure that was asked of it.

    Args:
        sides: those that answer; `absent` those that do not.
        told: the clauses that answer, each with its words.
    """

    def name(side: Side) -> str:
        return _name_side(side, draft, asked.references.documents)

    for side in absent:
        draft.remark("one_sided", place=name(side))
    for side in _find_without_figure(asked, sides, told) if asked.measure else ():
        draft.remark("no_figure", place=name(side))
    for side, word in _find_without_word(sides, asked.text, told):
        draft.remark("other_figure", place=name(side), figure=word)
    if read_intent(asked) == "whether":
        for side, figure in _find_other_figures(sides, asked.text, told):
            draft.remark("other_figure", place=name(side), figure=figure)


def _find_without_figure(
    asked: Understanding, sides: Sequence[Side], told: Sequence[tuple[Clause, str]]
) -> list[Side]:
    """The sides that have no figure of the kind asked for, where another has one."""
    said = [[t for t in told if side.holds(t[0])] for side in sides]
    stating = [any(_states(asked, *t) for t in of_side) for of_side in said]
    if not any(stating):
        return []
    return [s for s, of_side, states in zip(sides, said, stating, strict=True) if of_side and not states]


def _states(asked: Understanding, clause: Clause, said: str) -> bool:
    """Whether the words of a clause behind its number have a figure that may be the one asked for."""
    words = squeeze(said).removeprefix(squeeze(clause.label.rpartition("、")[2]))
    if asked.measure in _OF_KIND:
        return has_figure(asked, words.lower())
    # 企业和学校“两个讲台” is a manner of speaking.
    return any(any(c.isdigit() for c in words[f.start : f.end]) for f in find_figures(words))


def _find_without_word(
    sides: Sequence[Side], text: str, told: Sequence[tuple[Clause, str]]
) -> list[tuple[Side, str]]:
    """The sides that do not have the word which the question asks them for, and another side has."""
    found: list[tuple[Side, str]] = []
    for match in _ASKS_IF_SAID.finditer(text):
        word = match["word"] or match["name"]
        saying = [any(word in squeeze(said) for clause, said in told if s.holds(clause)) for s in sides]
        if any(saying):
            found += [(side, word) for side, says in zip(sides, saying, strict=True) if not says]
    return list(dict.fromkeys(found))


def _find_other_figures(
    sides: Sequence[Side], text: str, told: Sequence[tuple[Clause, str]]
) -> list[tuple[Side, str]]:
    """The sides that a figure is asked of which another side states and they do not: 河北是60%，河南也定了60%吗."""
    found: list[tuple[Side, str]] = []
    for figure in find_figures(text):
        words = text[figure.start : figure.end]
        stating = [
            any(
                figure[:2] in {f[:2] for f in find_figures(said)}
                for clause, said in told
                if side.holds(clause)
            )
            for side in sides
        ]
        if figure.unit and any(stating):
            found += [(side, words) for side, states in zip(sides, stating, strict=True) if not states]
    return list(dict.fromkeys(found))


def _name_side(side: Side, draft: Draft, named: frozenset[str]) -> str:
    """A side by its annex, or by the number of the document that the question names, else by its place."""
    documents = draft.documents
    if side.scopes:
        annexes = (c for i in sorted(side.documents) for c in documents[i].clauses)
        labels = [c.label for c in annexes if f"{c.clause_id}." in side.scopes]
        return "、".join(labels) if side.inside else "正文"
    if side.documents <= named and len(side.documents) == 1:
        document = documents[next(iter(side.documents))]
        return document.number or f"《{document.title}》"
    region = draft.regions.get(documents[min(side.documents)].region)
    return region.name if region else ""
