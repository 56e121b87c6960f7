"""Lines → blocks: broken lines joined, each block told to be a title, a clause, a row, furniture ….

In: `Line`s and the document's `Layout`. Out: `Block`s in reading order, whose spans cover every line.
The reader keeps one state, where in the document it stands (head, body, annex, tail), and looks ahead
only for a signature, a letterhead and the rest of a cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.documents.blocks import (
    Block,
    BlockKind,
    Layout,
    accepts,
    continues,
    continues_cell,
    is_broken,
    is_whole_title,
)
from assistant.documents.contents import find_contents
from assistant.documents.lines import Line, is_contact
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import Label, chinese_to_int, read_bare_label, read_label
from assistant.documents.signatures import is_signature, opens_letterhead
from assistant.documents.wording import is_closed, is_office, is_title

_State = Literal["head", "body", "annex", "tail"]

_ENACTMENT = re.compile(r"[（(]\d{4}年.*(?:通过|公布|发布|施行|修订|修正).*[）)]")
_ANNEX = re.compile(r"[-—]?\s*附\s*[件表录]\s*(?P<n>\d{1,2}|[一二三四五六七八九十]{1,3})?(?:\s*[:：]|\s)")
_LONGEST_NAME = 30
_LONGEST_NOTE = 300
_ANNOUNCEMENT = re.compile(r"如下|以下")
_SLUGS = {
    "主办": "organizer",
    "督办": "supervisor",
    "抄送": "copies",
    "抄报": "copies",
    "分送": "copies",
    "发送": "copies",
    "签发人": "signer",
    "公开": "disclosure",
}
_ENDING_SLUGS = ("organizer", "supervisor", "copies", "disclosure", "date")


@dataclass(slots=True)
class _Reader:
    lines: Sequence[Line]
    layout: Layout
    blocks: list[Block] = field(default_factory=list)
    state: _State = "head"
    part: int = 0
    previous: Block | None = None  # the last block of this part that is no furniture
    has_text: bool = False  # this part has a title, a paragraph or a clause
    last_number: dict[str, int] = field(default_factory=dict)
    annexes: set[int] = field(default_factory=set)  # numbers in the list of annexes
    table_width: int = 0  # tabs in a full row of the present table

    def read(self) -> list[Block]:
        contents = find_contents(self.lines)
        last_prose = max((i for i, x in enumerate(self.lines) if _is_content(x)), default=-1)
        for i, line in enumerate(self.lines):
            if self._is_part_start(i, last_prose):
                self._start_part()
            if i in contents or self._is_declared_furniture(line):
                self._add("furniture", line)
            elif self.previous and self._is_inside_sentence(self.previous, i):
                self.previous.lines.append(line)
            else:
                self._read_line(i, line)
        return self.blocks

    # -- one line ----------------------------------------------------------------------------------

    def _read_line(self, i: int, line: Line) -> None:
        match line.kind:
            case "serial":
                self._read_serial(line)
            case "row":
                self._read_row(line)
            case "number":
                self._add("meta", line, slug="number")
            case "date" | "contact" | "note":
                self._read_note(line)
            case "annex":
                self._open_annex(line)
            case "annex_list" | "text" if self._is_annex_with_title(line):
                self._open_annex(line)
            case "annex_list":
                self._read_annex_list(line)
            case "text" if self._is_next_contact(line):
                self._add("meta", line, slug="contact")
            case _:
                self._read_text(i, line)

    def _read_serial(self, line: Line) -> None:
        if self.previous and self.previous.slug == "contact" and self.previous.is_open:
            self.previous.lines.append(line)
        else:
            self._add("furniture", line)

    def _read_row(self, line: Line) -> None:
        """A row of its own, or the rest of one that broke inside a cell."""
        previous, n_tabs = self.previous, line.text.count("\t")
        if previous is None or previous.kind != "row":
            self.table_width = n_tabs
        elif not line.is_after_gap and previous.n_tabs + n_tabs == self.table_width:
            previous.lines.append(line)
            return
        self._add("row", line)

    def _read_note(self, line: Line) -> None:
        slug = str(line.kind)
        if line.kind == "note":
            head = squeeze(line.text[:_LONGEST_NAME])
            slug = next((s for word, s in _SLUGS.items() if word in head), "note")
        is_ending = slug in _ENDING_SLUGS
        if is_ending and (self.state == "body" or (self.state == "annex" and slug != "date")):
            self.state = "tail"
        self._add("meta", line, slug=slug)

    def _is_next_contact(self, line: Line) -> bool:
        """True for a further office, telephone, address or hours right under a contact line; under 联系人： stands its own."""
        previous = self.previous
        if previous is None or previous.slug != "contact" or previous.lines[-1].text.endswith(("：", ":")):
            return False
        return is_contact(line.text)

    def _read_annex_list(self, line: Line) -> None:
        if self.previous and self.previous.slug == "annexes":
            self.previous.lines.append(line)
        else:
            self._add("meta", line, slug="annexes")
        match = _ANNEX.match(line.text)
        if match and match["n"]:
            self.annexes.add(chinese_to_int(match["n"]))
        elif match and (label := read_label(line.text[match.end() :].lstrip())):
            self.annexes.add(label.number)

    def _open_annex(self, line: Line) -> None:
        self.state = "annex"
        self.last_number.clear()
        self._add("annex", line)

    def _read_text(self, i: int, line: Line) -> None:
        previous = self.previous
        label = read_label(line.text) or self._read_bare_label(i)
        if previous and self._is_continued(previous, i, label):
            previous.lines.append(line)
            if label and previous.slug == "annexes":
                self.annexes.add(label.number)
        elif self._is_letterhead(i) or (label is None and self._is_signature(i)):
            self._add("furniture", line)
        elif label and accepts(label, line, previous, self.last_number.get(label.family, 0)):
            if self.state != "annex":
                self.state = "body"
            self.last_number[label.family] = label.number
            self._add("clause", line, label=label)
        elif previous and is_broken(previous, line, label):
            previous.lines.append(line)
        elif self.state == "head":
            self._read_head(line, previous)
        elif previous and previous.kind == "clause" and line.text[0] in "（(" and not label:
            previous.lines.append(line)
        else:
            self._add("paragraph", line)

    def _read_head(self, line: Line, previous: Block | None) -> None:
        """The lines of a part before its first paragraph: title, enactment note, addressees."""
        if len(line.text) <= _LONGEST_NOTE and _ENACTMENT.fullmatch(squeeze(line.text)):
            self._add("meta", line, slug="enactment")
        elif _is_addressees(line.text) and not _ANNOUNCEMENT.search(line.text):
            self.state = "body"
            self._add("meta", line, slug="addressees")
        elif is_title(line.text) and not (
            previous and previous.kind == "title" and is_whole_title(previous, line)
        ):
            if previous and previous.kind == "title":
                previous.lines.append(line)
            else:
                self._add("title", line)
        else:
            self.state = "body"
            self._add("paragraph", line)

    # -- what a line is to its neighbours ----------------------------------------------------------

    def _is_declared_furniture(self, line: Line) -> bool:
        declared = self.layout.furniture
        return bool(declared) and len(line.text) < 200 and squeeze(line.text) in declared

    def _is_inside_sentence(self, previous: Block, i: int) -> bool:
        """True for a date, number or figure that a line's end left alone amid a sentence."""
        line = self.lines[i]
        if line.kind not in ("date", "number", "serial") or line.is_after_gap or previous.is_heading:
            return False
        following = self.lines[i + 1] if i + 1 < len(self.lines) else None
        goes_on = following and following.kind == "text" and not following.is_after_gap
        return bool(goes_on) and previous.is_prose and previous.is_open

    def _is_continued(self, previous: Block, i: int, label: Label | None) -> bool:
        if previous.slug == "copies":
            return label is None and not self._is_signature(i) and not self._is_letterhead(i)
        if previous.slug == "addressees":
            return label is None and previous.is_open
        if previous.kind == "row":
            return label is None and continues_cell(previous, self.lines[i : i + 8], self.table_width)
        return continues(previous, self.lines[i], label)

    def _read_bare_label(self, i: int) -> Label | None:
        """1 总则, where 1.1 follows, or where it goes on counting such headings."""
        label = read_bare_label(self.lines[i].text)
        if label is None or not is_title(self.lines[i].text):
            return None
        following = read_label(self.lines[i + 1].text) if i + 1 < len(self.lines) else None
        is_parent = following is not None and following.prefix == (label.number,)
        is_next = self.last_number.get("decimal1") == label.number - 1
        is_open = self.previous is not None and self.previous.is_prose and self.previous.is_open
        return label if is_parent or (is_next and not is_open) else None

    def _is_annex_with_title(self, line: Line) -> bool:
        """True for 附件1 …表 in one line, where the list has named it or the body is over."""
        match = _ANNEX.match(line.text)
        if match is None or not match["n"] or not is_title(line.text):
            return False
        is_over = self.state in ("tail", "annex") or chinese_to_int(match["n"]) in self.annexes
        return is_over and not (self.previous and self.previous.is_prose and self.previous.is_open)

    def _is_part_start(self, i: int, last_prose: int) -> bool:
        line, starts = self.lines[i], self.layout.part_starts
        if starts:
            n = self.part + 1
            return n < len(starts) and squeeze(line.text).lstrip("*").startswith(starts[n])
        return self.state == "tail" and line.kind == "text" and self._opens_part(i, last_prose)

    def _opens_part(self, i: int, last_prose: int) -> bool:
        """Behind the date, a letterhead or a title opens the instrument that a notice carries."""
        text = self.lines[i].text
        is_copies = self.previous is not None and self.previous.slug == "copies"
        if is_copies or self._is_signature(i) or read_label(text):
            return False
        if _ANNEX.match(text) or text[0] in "（(" or i >= last_prose:
            return False
        return self._is_letterhead(i) or is_title(text)

    def _start_part(self) -> None:
        self.part += 1
        self.state = "head"
        self.previous, self.has_text = None, False
        self.last_number.clear()
        self.annexes.clear()

    def _is_letterhead(self, i: int) -> bool:
        if self.state == "tail":
            return is_office(self.lines[i].text) and self._kind(i + 1) == "number"
        return self.state == "head" and not self.has_text and opens_letterhead(self.lines, i)

    def _is_signature(self, i: int) -> bool:
        previous = self.previous
        if self.state == "head" or (previous and previous.is_prose and previous.is_open):
            return False
        return is_signature(self.lines, i, self.layout.issuers)

    def _kind(self, i: int) -> str:
        return self.lines[i].kind if i < len(self.lines) else ""

    def _add(self, kind: BlockKind, line: Line, *, slug: str = "", label: Label | None = None) -> None:
        block = Block(kind, [line], self.part, slug, label)
        self.blocks.append(block)
        if kind != "furniture":
            self.previous = block
            self.has_text = self.has_text or kind == "title" or block.is_prose


def _is_addressees(text: str) -> bool:
    return text.endswith(("：", ":")) or (text.startswith("各") and not is_closed(text))


def _is_content(line: Line) -> bool:
    return line.kind == "row" or is_closed(line.text)


def build_blocks(lines: Sequence[Line], layout: Layout) -> list[Block]:
    """Join `lines` into blocks.

    Returns:
        Blocks in reading order; together they cover every line exactly once.
    """
    return _Reader(lines, layout).read()
