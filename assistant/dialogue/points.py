"""An extractive answer → the points that a model may word, and the lines that stay as they are.

In: an answer and the texts that its citations rest on. Out: `Point`s in order, which put together again are the answer.
A model may only word what a clause says and how a check came out; a verdict, a figure, a repair, a question back and
whatever else the program itself has worded stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.dialogue.messages import Messages
from assistant.dialogue.verify import MARK, find_numbers, guard_brackets
from assistant.documents.normalize import squeeze
from assistant.models import Answer, Citation, DecisionCheck

Origin = tuple[str, str]
"""Document and number: whose rule a line is."""

_AS_MUCH = 0.8
"""Share of a line's pairs of characters from which it is the clause's own words."""
_HALF = 0.5
_LEAST_ITEMS = 3
_EDGE = 2
"""Characters of the first and last member of a list that are surely its own."""
_ANYWHERE = "ANYWHERE"
_NAME = re.compile(r"[^\W\d_]{2,14}")
_BLANK = re.compile(r"[\s，。；、：:,;“”\"（）()]+")


@dataclass(frozen=True, slots=True)
class Point:
    """One line of an answer.

    Attributes:
        text: without what leads it; with its marks.
        cites: the numbers of its marks, in order.
        origin: whose rule it is, None for a line without a mark.
        check: the check that it tells, None for another line.
        is_open: a model may word it.
    """

    text: str
    cites: tuple[int, ...] = ()
    origin: Origin | None = None
    check: DecisionCheck | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """The points of an answer, and what introduces each origin: lines of their own, and the head of the first line."""

    points: tuple[Point, ...]
    intros: Mapping[Origin, tuple[str, ...]]
    leads: Mapping[Origin, str]

    @property
    def n_fixed_first(self) -> int:
        """Points before the first that a model may word."""
        return next((i for i, p in enumerate(self.points) if p.is_open), len(self.points))

    def write(self) -> str:
        """The answer as it was."""
        writer = Writer(self)
        return "\n".join(writer.write(p.text, p.origin) for p in self.points)


class Writer:
    """Writes lines one after the other, each origin introduced where it changes."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._shown: Origin | None = None

    def write(self, text: str, origin: Origin | None) -> str:
        """A line as it stands in the answer, with the lines that introduce it."""
        if origin is None or origin == self._shown:
            return text
        self._shown = origin
        intro = self._outline.intros.get(origin, ())
        return "\n".join([*intro, self._outline.leads.get(origin, "") + text])


def read_outline(answer: Answer, texts: Mapping[int, str], messages: Messages) -> Outline:
    """Take an answer apart.

    Args:
        texts: by number of a citation, all that its clause says.
    """
    by_n = {c.n: c for c in answer.citations}
    checks = answer.decision.checks if answer.decision else ()
    intros: dict[Origin, tuple[str, ...]] = {}
    leads: dict[Origin, str] = {}
    points: list[Point] = []
    for line in answer.text.split("\n"):
        cites = tuple(dict.fromkeys(int(n) for n in MARK.findall(line)))
        if not cites or cites[0] not in by_n:
            points.append(Point(line))
            continue
        citation = by_n[cites[0]]
        origin = (citation.document, citation.number)
        lead = _lead(citation, messages)
        text = line.removeprefix(lead)
        if text != line:
            intro = tuple(p.text for p in _take_intros(points, citation, messages))
            leads.setdefault(origin, lead)
            intros.setdefault(origin, intro)
        point = Point(text, cites, origin, _find_check(text, cites, checks))
        points.append(replace(point, is_open=_is_open(point, answer, texts)))
    return Outline(tuple(points), intros, leads)


def _lead(citation: Citation, messages: Messages) -> str:
    if citation.number:
        lead = messages.say("lead", place=citation.region, number=citation.number)
    else:
        lead = messages.say("lead_unnumbered", place=citation.region, title=citation.title)
    return guard_brackets(lead)


def _take_intros(points: list[Point], citation: Citation, messages: Messages) -> list[Point]:
    """The line before, where it says whose rule this is; it goes with the lead from now on."""
    here = re.escape(messages.say("elsewhere", place=citation.region, home=_ANYWHERE)).replace(
        _ANYWHERE, ".+"
    )
    if points and not points[-1].cites and re.fullmatch(here, points[-1].text):
        return [points.pop()]
    return []


def _find_check(text: str, cites: Sequence[int], checks: Iterable[DecisionCheck]) -> DecisionCheck | None:
    """The check that a line tells: it is called by its label and rests on the same citations."""
    found = [
        c for c in checks if set(c.cites) & set(cites) and re.search(rf"(?:^|——){re.escape(c.label)}：", text)
    ]
    return found[0] if len(found) == 1 else None


def _is_open(point: Point, answer: Answer, texts: Mapping[int, str]) -> bool:
    if answer.status != "answered":
        return False
    if answer.decision is not None:
        return point.check is not None
    own = _pairs(MARK.sub("", point.text))
    said = _pairs(*(texts.get(n, "") for n in point.cites))
    return len(own & said) >= _AS_MUCH * len(own)


def is_covered(point: Point, sentences: Sequence[str], is_shared: bool) -> bool:
    """Whether sentences that passed say what a point says.

    Args:
        is_shared: another point rests on the same citations, so that citing them alone does not say which is meant.
    """
    about = [s for s in sentences if set(map(int, MARK.findall(s))) & set(point.cites)]
    if not about:
        return False
    if point.check is not None:
        return any(_tells_check(s, point.check) for s in about)
    told = squeeze("".join(MARK.sub("", s) for s in about))
    if is_shared and not set(find_numbers(point.text)) <= set(find_numbers(told)):
        return False
    return not _tells_half(point.text, told)


def _tells_check(sentence: str, check: DecisionCheck) -> bool:
    """Whether a sentence has the figures of a check and what it is called."""
    label = _pairs(check.label)
    has_label = len(label & _pairs(sentence)) >= _HALF * len(label)
    return has_label and set(find_numbers(check.shown)) <= set(find_numbers(sentence))


def _tells_half(text: str, told: str) -> bool:
    """Whether a list in a text is told, and not all of it."""
    bare = MARK.sub("", text)
    names = [n for part in re.split(r"[，。；：:,;\s]", bare) for n in _names_of(part)]
    kept = [n for n in names if n in told]
    if kept and len(kept) < len(names):
        return True
    parts = [p for p in re.split(r"[；;]|(?=[一二三四五六七八九]是)|(?=[①-⑩])", bare) if len(p) > 4]
    if len(parts) < _LEAST_ITEMS:
        return False
    pairs = _pairs(told)
    n_told = sum(len(own & pairs) >= _HALF * len(own) for own in map(_pairs, parts))
    return 0 < n_told < len(parts)


def _names_of(part: str) -> list[str]:
    """The members of an enumeration: 扶贫办、人社局、教体局; none where it is none."""
    items = re.split(r"、|以及", part)
    if len(items) < _LEAST_ITEMS:
        return []
    # The first and the last may carry what leads to the list, and what follows it.
    first, *inner, last = items
    return [n for n in (first[-_EDGE:], *inner, last[:_EDGE]) if _NAME.fullmatch(n)]


def _pairs(*texts: str) -> set[str]:
    """The pairs of neighbouring characters."""
    found: set[str] = set()
    for text in texts:
        bare = _BLANK.sub("", squeeze(text))
        found |= {bare[i : i + 2] for i in range(len(bare) - 1)}
    return found
