"""A piece of a page → a tree of plain values, from which a script builds the same elements.

The pages forbid scripts to hand text to the parser (Trusted Types), so that no text can become markup. What a template
has rendered and escaped is parsed here, by the server; the script then makes each element by itself.
"""

from __future__ import annotations

from html.parser import HTMLParser

Tree = str | list[object]
"""A text, or `[tag, attributes, children]`."""
_VOID = frozenset(["br", "hr", "img", "input", "link", "meta"])


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.roots: list[Tree] = []
        self._open: list[tuple[str, list[Tree]]] = [("", self.roots)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        children: list[Tree] = []
        self._open[-1][1].append([tag, {name: value or "" for name, value in attrs}, children])
        if tag not in _VOID:
            self._open.append((tag, children))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1][1].append([tag, {name: value or "" for name, value in attrs}, []])

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1][0] != tag:
            raise ValueError(f"</{tag}> closes <{self._open[-1][0]}>")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() or "\n" not in data:
            self._open[-1][1].append(data)

    def finish(self) -> list[Tree]:
        self.close()
        if len(self._open) != 1:
            raise ValueError(f"<{self._open[-1][0]}> is not closed")
        return self.roots


def build_tree(html: str) -> list[Tree]:
    """The elements and texts of a rendered template; attribute names come in small letters.

    Raises:
        ValueError: an element is not closed: a fault of the template.
    """
    builder = _Builder()
    builder.feed(html)
    return builder.finish()
