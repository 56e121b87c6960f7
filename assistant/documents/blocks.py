"""What a block is, and how the next line joins it: by punctuation and numbering, not by blank lines.

In: a block, a line and its label. Out: whether the line goes on with the block. Blank lines count for
little, because scans put one wherever a page broke.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.documents.lines import Line
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import ARTICLE_FAMILIES, Label
from assistant.documents.wording import is_closed, is_instrument, is_reference, is_title

BlockKind = Literal["title", "meta", "clause", "paragraph", "annex", "row", "furniture"]

_REMARK = re.compile(r"(?:备注|注|说明|合计|总计)[:： ]?")
_PHONE = re.compile(r"[\d\-—、,，/()（）转 ]+")
# 第（一）项规定的
_CITED_ITEM = re.compile(r"第\s*[（(]")
# A labelled line as short as this was not broken by the page's width: it is a heading of its own.
_HEADING_LINE = 25
_LONGEST_HEADING = 120
_TAIL = 400
# How many lines a cell may be broken into.
_N_CELL_LINES = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """What `document.yaml` says of the text's shape.

    Attributes:
        part_starts: squeezed first words of each declared part; empty: parts are recognised.
        furniture: squeezed lines that carry no clause.
        issuers: squeezed names that sign the document.
    """

    part_starts: tuple[str, ...] = ()
    furniture: frozenset[str] = frozenset()
    issuers: frozenset[str] = frozenset()


@dataclass(slots=True)
class Block:
    """Joined lines of one kind.

    Attributes:
        slug: path component of a `meta` block, such as `date`.
        part: ordinal of the part, from 0.
    """

    kind: BlockKind
    lines: list[Line]
    part: int = 0
    slug: str = ""
    label: Label | None = None

    @property
    def start(self) -> int:
        """Start of the first line."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """End of the last line."""
        return self.lines[-1].end

    @property
    def text(self) -> str:
        """The lines, joined by newlines."""
        return "\n".join(line.text for line in self.lines)

    @property
    def n_tabs(self) -> int:
        """Tabs in all lines, one less than the cells of a row."""
        return sum(line.text.count("\t") for line in self.lines)

    @property
    def is_prose(self) -> bool:
        """True for numbered clauses and paragraphs."""
        return self.kind in ("clause", "paragraph")

    @property
    def is_open(self) -> bool:
        """True while its last sentence has not ended."""
        tail = ""
        for line in reversed(self.lines):
            tail = f"{line.text[-_TAIL:]}\n{tail}"
            if len(tail) > _TAIL:
                break
        return not is_closed(tail)

    @property
    def is_heading(self) -> bool:
        """True where a label and words without a full stop are all there is so far."""
        is_short = self.end - self.start <= _LONGEST_HEADING
        return self.label is not None and is_short and not any(c in self.text for c in "。；;")


def continues(previous: Block, line: Line, label: Label | None) -> bool:
    """True where `line` goes on with a block that punctuation alone would call ended."""
    if previous.slug == "annexes":
        return label is not None and label.family == "num" and not line.is_after_gap
    if previous.slug == "contact":
        is_announced = previous.lines[-1].text.endswith(("：", ":"))
        return is_announced or _PHONE.fullmatch(line.text[:_LONGEST_HEADING]) is not None
    if previous.kind == "annex":
        return label is None and is_title(line.text)
    return False


def continues_cell(row: Block, following: Sequence[Line], width: int) -> bool:
    """True where the first of the following lines, which has no tab, is the rest of a cell.

    Args:
        row: the row above.
        following: the line and those behind it.
        width: tabs in a full row.
    """
    line = following[0]
    if line.is_after_gap or _REMARK.match(line.text):
        return False
    if row.n_tabs < width or row.text.endswith(("、", "，", ",")):
        return True
    for later in following[1:_N_CELL_LINES]:
        if later.is_after_gap:
            return False
        if later.kind == "row":
            return True
    return False


def is_whole_title(previous: Block, line: Line) -> bool:
    """True where the block above is a title that names its instrument, and a blank line ends it."""
    return line.is_after_gap and is_title(previous.text) and is_instrument(previous.text)


def is_broken(previous: Block, line: Line, label: Label | None) -> bool:
    """True where `line` is the rest of a sentence, or of a heading, that broke at the line's end.

    Args:
        previous: the block above.
        line: the line.
        label: a label at its head that opens no clause, so that it is a cross-reference.
    """
    if not previous.is_prose or line.text.startswith("——") or not previous.is_open:
        return False
    if label or _CITED_ITEM.match(line.text):
        return True
    if len(previous.lines) == 1 and is_whole_title(previous, line):
        return False
    is_heading = (
        previous.is_heading
        and len(squeeze(previous.text)) <= _HEADING_LINE
        and not previous.text.endswith("，")
    )
    return not (is_heading and (len(line.text) > _HEADING_LINE or is_closed(line.text)))


def accepts(label: Label, line: Line, previous: Block | None, last_number: int) -> bool:
    """True where the label opens a clause; False where it is a cross-reference in a broken line.

    Args:
        label: the label at the head of `line`.
        line: the line.
        previous: the block above, None at the top of a part.
        last_number: the last number of this family in this part, 0 where there was none.
    """
    is_open = previous is not None and previous.kind != "title" and previous.is_open
    is_next = label.number == last_number + 1
    rest = line.text[label.length :]
    if label.family in ARTICLE_FAMILIES:
        if not label.has_gap and rest:
            return label.family != "部分" and is_next and not is_open
        if is_open and is_reference(rest):
            return False
    if previous is None or not is_open or not previous.is_prose:
        return True
    return is_next or label.number == 1 or previous.is_heading
