"""Radical signs that programs write into PDF files for ordinary words."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from assistant.documents.read import read_source
from assistant.documents.read_radicals import fold_radicals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u2f00、\u2f08\u2ea0", "一、人民"),
        ("\u2f00\u2ec5\u2ecb\u2ed3\u2ed4\u2ed8\u2ee9\u2ef0", "一见车长门青黄龙"),
        # Nothing else is normalised.
        ("①（１）\u3000\uff76\uf900", "①（１）\u3000\uff76\uf900"),
        # Radicals that are no words stay what they are.
        ("\u2ec0", "\u2ec0"),
        ("", ""),
    ],
)
def test_fold_radicals(text: str, expected: str) -> None:
    assert fold_radicals(text) == expected


def test_a_radical_becomes_one_ideograph_or_stays() -> None:
    for code in [*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6)]:
        folded = fold_radicals(chr(code))
        assert len(folded) == 1
        is_ideograph = unicodedata.name(folded, "").startswith("CJK UNIFIED IDEOGRAPH")
        assert folded == chr(code) or is_ideograph
        # Where Unicode itself decomposes a radical, we agree, but for two mainland words.
        decomposed = unicodedata.normalize("NFKC", chr(code))
        assert decomposed in (chr(code), folded) or folded in "户青"


def test_extracted_text_is_folded_but_a_text_file_is_not(tmp_path: Path) -> None:
    for name, expected in (("a.md", "一、户口"), ("a.txt", "\u2f00、\u2f3e口")):
        (tmp_path / name).write_text("\u2f00、\u2f3e口", "utf-8")
        assert read_source(tmp_path / name) == expected
