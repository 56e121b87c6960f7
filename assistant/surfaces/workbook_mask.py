"""Cells of a roster as they may go out: identity and mobile numbers unreadable.

In: values of the user's own columns, and texts that quote them. Out: the same, masked. A spreadsheet keeps 15 digits of
a number, so an identity number that was typed as one ends in 000, and its check digit no longer says what it was.
"""

from __future__ import annotations

import re

from assistant.documents.mask import mask_personal
from assistant.surfaces.workbook_read import CellValue, Flawed

_SHORTEST = 11
"""Characters of a mobile number; nothing shorter is looked into."""
_SPOILT = re.compile(r"\d{15}000")
_KEPT = 6


def mask_cell(value: CellValue) -> CellValue:
    """A cell with its personal numbers masked; a number that is one becomes text."""
    if isinstance(value, Flawed):
        return value._replace(text=mask_text(value.text))
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) < 10 ** (_SHORTEST - 1):
        return value
    if isinstance(value, float) and not value.is_integer():
        return value
    shown = str(int(value))
    masked = f"{shown[:_KEPT]}{'*' * (len(shown) - _KEPT)}" if _SPOILT.fullmatch(shown) else mask_text(shown)
    return value if masked == shown else masked


def mask_text(text: str) -> str:
    """A text with its personal numbers masked."""
    return mask_personal(text) if len(text) >= _SHORTEST else text
