"""Letterheads and signatures: short lines that name an office, told by the number or date they go with.

In: all lines and the index of one. Out: True or False. Both look ahead over the other offices that sign
the same document, never further.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assistant.documents.lines import Line
from assistant.documents.normalize import squeeze
from assistant.documents.wording import is_letterhead, is_office, is_plain

_LONGEST_NAME = 30
_N_SIGNERS = 30


def opens_letterhead(lines: Sequence[Line], i: int) -> bool:
    """True for an office above the document's number, or the red line …文件."""
    for line in lines[i : i + _N_SIGNERS]:
        if is_letterhead(line.text) or (line.kind == "number" and line is not lines[i]):
            return True
        if not is_office(line.text):
            return False
    return False


def is_signature(lines: Sequence[Line], i: int, issuers: Collection[str]) -> bool:
    """True for a line that names a known issuer, or an office and stands before the date.

    Args:
        lines: all lines.
        i: index of the line.
        issuers: squeezed names of the issuing offices, where they are known.
    """
    text = lines[i].text
    if not is_plain(squeeze(text[:200]), _LONGEST_NAME) or any(c in text for c in "、《"):
        return False
    if squeeze(text) in issuers:
        return True
    if not is_office(text):
        return False
    for line in lines[i + 1 : i + _N_SIGNERS]:
        if line.kind == "date":
            return True
        is_other_signer = line.kind == "text" and is_plain(line.text, _LONGEST_NAME)
        if line.kind != "note" and not is_other_signer:
            return False
    return False
