"""Personal numbers → stars: identity cards of 18 characters and mobile numbers of the mainland.

In: any text. Out: the same text, as long as before, with such numbers unreadable but for their first digits (region
of issue, network), which say nobody's name. The same text always gives the same; a masked text is left as it is.
A run of 18 digits that is no identity number (its check digit is wrong) stays: it may be a credit code or a sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# People group the digits with blanks or hyphens.
_IDENTITY = re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dXx])", re.ASCII)
_MOBILE = re.compile(
    r"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86[ -]?)?(?P<own>1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)(?!\.\d)", re.ASCII
)
_KEPT_OF_IDENTITY = 6
_KEPT_OF_MOBILE = 3

# Characters of full width, one for one: `！` to `～` are `!` to `~`.
_FOLDED = {0xFEE0 + code: code for code in range(0x21, 0x7F)}

# GB 11643-1999: the weights of the first 17 digits, and the check character by the remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def mask_personal(text: str) -> str:
    """The text with identity and mobile numbers masked."""
    masked = list(text)
    for start, end in _find_numbers(text.translate(_FOLDED)):
        masked[start:end] = (c if c in " -" else "*" for c in text[start:end])
    return "".join(masked)


def _find_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where there is something to hide, half-open."""
    for found in _IDENTITY.finditer(text):
        if _is_identity(found[0]):
            yield found.start() + _KEPT_OF_IDENTITY, found.end()
    for found in _MOBILE.finditer(text):
        yield found.start("own") + _KEPT_OF_MOBILE, found.end()


def _is_identity(number: str) -> bool:
    digits = number.replace(" ", "").replace("-", "").upper()
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return _CHECKS[total % 11] == digits[-1]
