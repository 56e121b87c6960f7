"""Lines → blocks: broken lines joined, and each block told to be a title, a clause, a row, furniture ….

In: `Line`s and the document's `Layout`. Out: `Block`s in reading order, whose spans cover every line.
A line is joined to the one before by punctuation, not by blank lines: scans put a blank line wherever a
page broke.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from assistant.documents.lines import Line, is_closed
from assistant.documents.normalize import squeeze
from assistant.documents.numbering import ARTICLE_FAMILIES, Label, read_label

BlockKind = Literal["title", "meta", "clause", "paragraph", "annex", "row", "furniture"]
State = Literal["head", "body", "annex", "tail"]

_ENACTMENT = re.compile(r"[（(]\d{4}年.*(?:通过|公布|发布|施行|修订|修正).*[）)]")
_REMARK = re.compile(r"(?:备注|注|说明|合计|总计)[:： ]?")
_PHONE = re.compile(r"[\d\-—、,，/()（）转 ]+")
_SUBJECTS = "，,。；;：:！？"
# A labelled line as short as this was not broken by the page's width: it is a heading of its own.
_HEADING_LINE = 25
_SLUGS = {
    "主办": "organizer",
    "督办": "supervisor",
    "抄送": "copies",
    "抄报": "copies",
    "分送": "copies",
    "发送": "copies",
    "公开": "disclosure",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What `document.yaml` says of the text's shape.

    Attributes:
        part_starts: squeezed first words of each declared part, in order; empty: parts are recognised.
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
        is_open: True while its last sentence has not ended.
    """

    kind: BlockKind
    start: int
    end: int
    text: str
    part: int = 0
    slug: str = ""
    label: Label | None = None
    is_open: bool = True

    def extend(self, line: Line) -> None:
        """Join `line` to this block."""
        self.end = line.end
        self.text += f"\n{line.text}"
        self.is_open = not is_closed(self.text)


@dataclass(slots=True)
class _Reader:
    lines: list[Line]
    layout: Layout
    blocks: list[Block] = field(default_factory=list)
    state: State = "head"
    part: int = 0
    last_number: dict[str, int] = field(default_factory=dict)

    def read(self) -> list[Block]:
        for i, line in enumerate(self.lines):
            if self._is_part_start(i):
                self._start_part()
            match line.kind:
                case _ if squeeze(line.text) in self.layout.furniture:
                    self._add("furniture", line)
                case "serial":
                    self._read_serial(line)
                case "row":
                    self._add("row", line)
                case "number":
                    self._add("meta", line, slug="number")
                case "date" | "contact" | "note":
                    self._read_note(line)
                case "annex":
                    self.state = "annex"
                    self.last_number.clear()
                    self._add("annex", line)
                case "annex_list":
                    self._extend_or_add_annex_list(line)
                case _:
                    self._read_text(i, line)
        return self.blocks

    # -- one line -----------------------------------------------------------------------------------

    def _read_serial(self, line: Line) -> None:
        previous = self._previous()
        if previous and previous.slug == "contact" and previous.is_open:
            previous.extend(line)
        else:
            self._add("furniture", line)

    def _read_note(self, line: Line) -> None:
        slug = line.kind
        if line.kind == "note":
            slug = next((s for word, s in _SLUGS.items() if word in line.text[:12]), "note")  # type: ignore[assignment]
        self.state = "tail"
        self._add("meta", line, slug=str(slug))

    def _extend_or_add_annex_list(self, line: Line) -> None:
        previous = self._previous()
        if previous and previous.slug == "annexes":
            previous.extend(line)
        else:
            self._add("meta", line, slug="annexes")

    def _read_text(self, i: int, line: Line) -> None:
        previous = self._previous()
        label = read_label(line.text)
        if previous and self._continues(previous, i, label):
            previous.extend(line)
        elif self._is_letterhead(i) or self._is_signature(i):
            self._add("furniture", line)
        elif label and self._accepts(label, line, previous):
            if self.state != "annex":
                self.state = "body"
            self.last_number[label.family] = label.number
            self._add("clause", line, label=label)
        elif previous and self._is_broken(previous, line):
            previous.extend(line)
        elif self.state == "head":
            self._read_head(line, previous)
        elif previous and previous.kind == "clause" and line.text[0] in "（(" and not label:
            previous.extend(line)
        else:
            self._add("paragraph", line)

    def _read_head(self, line: Line, previous: Block | None) -> None:
        """The lines of a part before its first paragraph: title, enactment note, addressees."""
        if _ENACTMENT.fullmatch(squeeze(line.text)):
            self._add("meta", line, slug="enactment")
        elif _is_title(line.text):
            if previous and previous.kind == "title" and previous.part == self.part:
                previous.extend(line)
            else:
                self._add("title", line)
        elif line.text.endswith(("：", ":")):
            self._add("meta", line, slug="addressees")
        else:
            self.state = "body"
            self._add("paragraph", line)

    # -- what a line is to its neighbours ---------------------------------------------------------

    def _continues(self, previous: Block, i: int, label: Label | None) -> bool:
        """True where line `i` goes on with a block that punctuation alone would call ended."""
        line = self.lines[i]
        if previous.slug == "annexes":
            return label is not None and label.family == "num" and not line.is_after_gap
        if previous.slug == "contact":
            return previous.text.endswith(("：", ":")) or bool(_PHONE.fullmatch(line.text))
        if previous.slug == "copies":
            return not self._is_signature(i)
        if previous.kind == "row":
            return not line.is_after_gap and not _REMARK.match(line.text)
        if previous.kind == "annex":
            return label is None and not is_closed(line.text)
        return False

    def _is_broken(self, previous: Block, line: Line) -> bool:
        """True where `line` is the rest of a sentence, or of a heading, that broke at the line's end."""
        if (
            not previous.is_open
            or previous.kind not in ("clause", "paragraph")
            or line.text.startswith("——")
        ):
            return False
        is_heading = (
            previous.label is not None
            and len(squeeze(previous.text)) <= _HEADING_LINE
            and "，" not in previous.text[-1:]
        )
        return not (is_heading and (len(line.text) > _HEADING_LINE or is_closed(line.text)))

    def _accepts(self, label: Label, line: Line, previous: Block | None) -> bool:
        """True where the label opens a clause; False where it is a cross-reference in a broken line."""
        expected = self.last_number.get(label.family, 0) + 1
        is_next = label.number == expected
        if label.family in ARTICLE_FAMILIES and not (
            label.has_gap or len(line.text) == label.length
        ):
            return is_next and not (previous and previous.is_open and previous.kind != "title")
        if previous is None or not previous.is_open or previous.kind not in ("clause", "paragraph"):
            return True
        is_heading = previous.label is not None and not any(c in previous.text for c in "。；;")
        return is_next or label.number == 1 or is_heading

    def _is_part_start(self, i: int) -> bool:
        line, starts = self.lines[i], self.layout.part_starts
        if starts:
            following = self.part + 1
            return following < len(starts) and squeeze(line.text).lstrip("*").startswith(
                starts[following]
            )
        return self.state == "tail" and line.kind == "text" and self._opens_part(i)

    def _opens_part(self, i: int) -> bool:
        """Behind a date, a letterhead or a title opens the instrument that a notice carries."""
        line = self.lines[i]
        if (
            self._is_signature(i)
            or read_label(line.text)
            or (p := self._previous())
            and p.slug == "copies"
        ):
            return False
        return self._is_letterhead(i) or (
            _is_title(line.text) and any(x.kind in ("text", "row") for x in self.lines[i + 1 :])
        )

    def _start_part(self) -> None:
        self.part += 1
        self.state = "head"
        self.last_number.clear()

    def _is_letterhead(self, i: int) -> bool:
        text = squeeze(self.lines[i].text)
        if self.state != "head" and not self.layout.part_starts and self.state != "tail":
            return False
        following = self.lines[i + 1].kind if i + 1 < len(self.lines) else ""
        is_short = len(text) <= 40 and not any(c in text for c in _SUBJECTS)
        return is_short and (
            following == "number"
            or (self.state == "head" and text.endswith("文件") and not self._has_text())
        )

    def _is_signature(self, i: int) -> bool:
        """A short line that names the issuer, or stands before the date."""
        previous, text = self._previous(), squeeze(self.lines[i].text)
        if (
            previous
            and previous.is_open
            and previous.kind in ("clause", "paragraph")
            or self.state == "head"
        ):
            return False
        if len(text) > 30 or any(c in text for c in _SUBJECTS + "、《"):
            return False
        if text in self.layout.issuers:
            return True
        for line in self.lines[i + 1 :]:
            if line.kind == "date":
                return True
            if line.kind != "note" and (
                line.kind != "text" or len(line.text) > 30 or any(c in line.text for c in _SUBJECTS)
            ):
                return False
        return False

    def _has_text(self) -> bool:
        return any(
            b.part == self.part and b.kind in ("title", "paragraph", "clause") for b in self.blocks
        )

    def _previous(self) -> Block | None:
        for block in reversed(self.blocks):
            if block.part != self.part:
                return None
            if block.kind != "furniture":
                return block
        return None

    def _add(
        self, kind: BlockKind, line: Line, *, slug: str = "", label: Label | None = None
    ) -> None:
        is_open = not is_closed(line.text)
        self.blocks.append(
            Block(kind, line.start, line.end, line.text, self.part, slug, label, is_open)
        )


def _is_title(text: str) -> bool:
    compact = squeeze(text).strip("*")
    return (
        not is_closed(text)
        and len(compact) <= 80
        and not any(c in compact for c in ",，;；。")
        and not compact.startswith("各")
    )


def build_blocks(lines: list[Line], layout: Layout) -> list[Block]:
    """Join `lines` into blocks.

    Returns:
        Blocks in reading order; together they cover every line exactly once.
    """
    return _Reader(lines, layout).read()
