"""Cuts short texts into the pieces of a Unigram tokenizer, as the `tokenizers` library does.

In go the bytes of `tokenizer.json` and a text, out come the ids of its known pieces. The library keeps 27 MiB for a
table of 24,000 pieces, which a bot that waits most of the time had better not hold; here it takes four. Texts on which
the two might differ are left to the library: characters to which later versions of Unicode gave another form.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from array import array
from typing import Any

_FIRST_UNICODE = unicodedata.ucd_3_2_0
_NORMALIZER = {
    "type": "Sequence",
    "normalizers": [
        {"type": "NFKC"},
        {"type": "Lowercase"},
        {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": ""},
    ],
}
_SPLIT = {
    "type": "Split",
    "pattern": {"Regex": r"[^\p{L}\p{N}]+"},
    "behavior": "Removed",
    "invert": False,
}
UNKNOWN = "[UNK]"
_UNKNOWN_PENALTY = 10.0
"""How much worse an unknown character is than the rarest piece; as in SentencePiece."""
_BLANKS = re.compile(r"[^\S\x1c-\x1f]+")  # to Python the separators of ASCII are white space too
_RUN = re.compile(r"[^\W_]+")  # letters and numbers


class PieceTable:
    """The pieces of a Unigram model and their scores; `n_tokens` counts them with the unknown one."""

    def __init__(self, vocabulary: list[tuple[str, float]]) -> None:
        """Take pieces and their log probabilities in the order of their ids; the first stands for what is unknown."""
        self.n_tokens = len(vocabulary)
        self._scores = array("d", (score for _, score in vocabulary))
        self._id_by_piece = {piece: number for number, (piece, _) in enumerate(vocabulary) if number}
        self._unknown_score = min(self._scores) - _UNKNOWN_PENALTY
        self._reach: dict[str, int] = {}
        for piece in self._id_by_piece:
            self._reach[piece[0]] = max(len(piece), self._reach.get(piece[0], 1))

    @classmethod
    def read(cls, raw: bytes) -> PieceTable | None:
        """The table of a `tokenizer.json`; None where its steps are not those that are followed here."""
        try:
            told: dict[str, Any] = json.loads(raw)
            model = told["model"]
            is_ours = (
                told["normalizer"] == _NORMALIZER
                and told["pre_tokenizer"] == _SPLIT
                and not any(told[name] for name in ("added_tokens", "truncation", "post_processor"))
                and (model["type"], model["unk_id"], model["byte_fallback"]) == ("Unigram", 0, False)
                and model["vocab"][0][0] == UNKNOWN
                and all(piece for piece, _ in model["vocab"])
            )
            return cls([(piece, score) for piece, score in model["vocab"]]) if is_ours else None
        except (ValueError, KeyError, TypeError, IndexError):
            return None

    def encode(self, text: str) -> list[int] | None:
        """Ids of the known pieces of a text, in order; None where only the library knows them."""
        if not text.isascii() and not all(map(_is_settled, set(text))):
            return None
        # A sigma that ends a word has a form of its own to Python alone.
        lower = (
            unicodedata.normalize("NFKC", text)
            .replace("\N{GREEK CAPITAL LETTER SIGMA}", "\N{GREEK SMALL LETTER SIGMA}")
            .lower()
        )
        return [i for run in _RUN.findall(_BLANKS.sub("", lower)) for i in self._cut(run)]

    def _cut(self, run: str) -> list[int]:
        """The most probable pieces of letters and numbers; of equals the one that was found first.

        Source: Kudo, Subword Regularization, ACL 2018, section 3.2 (Viterbi).
        """
        best = [0.0, *[-math.inf] * len(run)]
        came_by: list[tuple[int, int]] = [(0, 0)] * (len(run) + 1)  # where the last piece begins, its id
        for start, first in enumerate(run):
            here = best[start]
            for end in range(start + 1, min(start + self._reach.get(first, 0), len(run)) + 1):
                number = self._id_by_piece.get(run[start:end])
                if number is not None and here + self._scores[number] > best[end]:
                    best[end], came_by[end] = here + self._scores[number], (start, number)
            if first not in self._id_by_piece and here + self._unknown_score > best[start + 1]:
                best[start + 1], came_by[start + 1] = here + self._unknown_score, (start, 0)
        found: list[int] = []
        end = len(run)
        while end:
            end, number = came_by[end]
            if number:
                found.append(number)
        return found[::-1]


def _is_settled(character: str) -> bool:
    """Whether every version of Unicode treats a character alike here: an old one, or a sign that stands for itself."""
    if _FIRST_UNICODE.category(character) != "Cn":
        return True
    return unicodedata.category(character)[0] in "SPZ" and not unicodedata.decomposition(character)
