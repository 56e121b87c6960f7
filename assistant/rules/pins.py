"""A quote tied to the words it was taken from: where it stands, and whether they have changed since.

In: a quote and the text of its clause. Out: a pin, 16 hexadecimal digits of the quote's SHA-256 and 8 of the
clause's, and later the verdict fresh, moved or stale on it.

One decision: texts are compared character by character in one folded form (NFKC, no whitespace, one form of each
punctuation mark), so that every folded character leads back to the character it came from.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import yaml

from assistant.errors import RuleError
from assistant.models import Span

Drift = Literal["fresh", "moved", "stale"]
HELD = "held"
"""Pin of a quote that nobody has read again since its clause changed: its rules give no conclusion until it is pinned anew."""

_QUOTE_DIGITS, _CLAUSE_DIGITS = 16, 8
_SAME_MARKS = {
    '"': "“”„‟«»「」『』〝〞",
    "'": "‘’\u201a\u201b",
    "-": "\u2010\u2011\u2012–—―−─",
    "~": "〜\u223c",
    ":": "\u2236",
    "·": "•・‧∙⋅",
    "[": "〔【〖",
    "]": "〕】〗",
}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_PINNED_UNDER = ("cite", "total")


class _Forms(dict[int, str]):
    """The folded form of each code point, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        form = "".join(map(_fold_char, unicodedata.normalize("NFKC", chr(code))))
        self[code] = form
        return form


_MARKS = {char: mark for mark, chars in _SAME_MARKS.items() for char in chars}


def _fold_char(char: str) -> str:
    if char.isspace() or unicodedata.category(char) in _INVISIBLE:
        return ""
    return _MARKS.get(char, char)


_FORMS = _Forms()


class Folded(NamedTuple):
    """A folded text; `offsets[i]` is the code point of the original that `text[i]` came from."""

    text: str
    offsets: list[int]


def fold(text: str) -> str:
    """The form in which quotes are compared: NFKC, no whitespace, one form of each mark."""
    return text.translate(_FORMS)


def fold_with_offsets(text: str) -> Folded:
    """What `fold` gives, and where each character of it came from."""
    forms = [_FORMS[ord(char)] for char in text]
    return Folded("".join(forms), [at for at, form in enumerate(forms) for _ in form])


def find_quote(source: str, start: int, end: int, quote: str) -> Span | None:
    """Where a quote first stands in `source[start:end]`, whatever its spaces and width; None if nowhere."""
    wanted, folded = fold(quote), fold_with_offsets(source[start:end])
    at = folded.text.find(wanted) if wanted else -1
    if at < 0:
        return None
    return Span(start + folded.offsets[at], start + folded.offsets[at + len(wanted) - 1] + 1)


def count_quote(source: str, start: int, end: int, quote: str) -> int:
    """How often a quote stands in `source[start:end]`; 0 for an empty one."""
    wanted = fold(quote)
    return fold(source[start:end]).count(wanted) if wanted else 0


# -- pins ----------------------------------------------------------------------------------------------


def make_pin(quote: str, clause_text: str) -> str:
    """The pin of a quote in a clause: digests of both in their folded form."""
    return f"{_digest(quote, _QUOTE_DIGITS)}-{_digest(clause_text, _CLAUSE_DIGITS)}"


def find_drift(pin: str, quote: str, clause_text: str, is_in_clause: bool, is_in_document: bool) -> Drift:
    """What has become of a pinned quote.

    Args:
        pin: what `make_pin` gave when the rule was confirmed.
        clause_text: the clause as it reads now; empty where it is gone.
        is_in_clause: whether the quote still stands in its clause.
        is_in_document: whether it stands anywhere in the document.

    Returns:
        `fresh`: nothing has changed. `moved`: the clause reads differently, or the quote stands in another.
        `stale`: the quote is gone, or was edited without being pinned anew.
    """
    quote_digest, _, clause_digest = pin.partition("-")
    if quote_digest != _digest(quote, _QUOTE_DIGITS) or not (is_in_clause or is_in_document):
        return "stale"
    is_same = is_in_clause and clause_digest == _digest(clause_text, _CLAUSE_DIGITS)
    return "fresh" if is_same else "moved"


def _digest(text: str, n_digits: int) -> str:
    data = fold(text).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:n_digits]


# -- writing pins into a file --------------------------------------------------------------------------


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def write_pins(text: str, pin_of: Callable[[dict[str, str]], str]) -> str:
    """Write the `pin` of every cite into the text of a rule file; all else stays as it is.

    A cite is a mapping with `clause` and `quote` under a key `cite` or `total`, or in a list under it.

    Args:
        pin_of: gives the pin of a cite, which it gets as plain strings.

    Raises:
        RuleError: the text is not YAML.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        raise RuleError(f"不是有效的 YAML：{exc}", hint="先改正文件，再写入 pin") from exc
    cites = {id(node): node for node in find_cites(root)}
    edits = [_edit_cite(text, node, pin_of(read_scalars(node))) for node in cites.values()]
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def find_cites(node: yaml.Node | None, *, is_pinned: bool = False) -> Iterator[yaml.MappingNode]:
    """The cites of a rule file as YAML has them; `is_pinned` where the node stands under a key that holds cites."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from find_cites(item, is_pinned=is_pinned)
    if isinstance(node, yaml.MappingNode):
        if is_pinned and {"clause", "quote"} <= read_scalars(node).keys():
            yield node
        for key, value in node.value:
            yield from find_cites(value, is_pinned=key.value in _PINNED_UNDER)


def read_scalars(node: yaml.MappingNode) -> dict[str, str]:
    """The scalars of a mapping."""
    return {key.value: value.value for key, value in node.value if isinstance(value, yaml.ScalarNode)}


def _edit_cite(text: str, node: yaml.MappingNode, pin: str) -> _Edit:
    """The edit that makes `pin` the pin of one cite."""
    nodes = {key.value: (key, value) for key, value in node.value}
    if "pin" in nodes:
        value = nodes["pin"][1]
        start, end = value.start_mark.index, value.end_mark.index
        gap = " " if start == end and not text[:start].endswith(" ") else ""
        return _Edit(start, end, gap + pin)
    key, quote = nodes["quote"]
    first = node.value[0][0].start_mark
    is_elsewhere = quote.start_mark.index < key.end_mark.index  # an alias
    if node.flow_style:
        at = first.index if is_elsewhere else quote.end_mark.index
        return _Edit(at, at, f"pin: {pin}, " if is_elsewhere else f", pin: {pin}")
    end = _find_line_end(text, first.index if is_elsewhere else quote.end_mark.index)
    newline = "\r\n" if "\r\n" in text else "\n"
    if is_elsewhere or quote.style in ("|", ">"):
        return _Edit(first.index, first.index, f"pin: {pin}{newline}{' ' * first.column}")
    return _Edit(end, end, f"{newline}{' ' * first.column}pin: {pin}")


def _find_line_end(text: str, start: int) -> int:
    """The end of the line of `start`, before its line break."""
    end = text.find("\n", start)
    if end < 0:
        return len(text)
    return end - 1 if text[start:end].endswith("\r") else end
