"""Radical signs in a text extracted by software → the ideographs they stand for.

Unicode has second code points for some two hundred whole words, meant for dictionaries: ⼀ U+2F00
beside 一 U+4E00. Fonts draw both with one glyph, and programs that print to PDF often note the
wrong one, so that a PDF looks right and yet holds no 一 and no 人民. Radical and ideograph are one
code point each: lengths stay.

Source: UAX #44 compatibility decompositions (Kangxi radicals); EquivalentUnifiedIdeograph.txt of
the Unicode character database (radicals supplement, of which only those that are words).
"""

from __future__ import annotations

import unicodedata

_KANGXI = "".join(chr(code) for code in range(0x2F00, 0x2FD6))
_SUPPLEMENT = {
    0x2E81: "厂", 0x2E84: "乙", 0x2E88: "刀", 0x2E8A: "卜", 0x2E8E: "兀", 0x2E92: "巳",
    0x2E93: "幺", 0x2E9C: "日", 0x2E9D: "月", 0x2E9F: "母", 0x2EA0: "民", 0x2EA9: "王",
    0x2EAB: "目", 0x2EAC: "示", 0x2EAE: "竹", 0x2EB6: "羊", 0x2EBB: "聿", 0x2EBC: "肉",
    0x2EBD: "臼", 0x2EC1: "虎", 0x2EC4: "西", 0x2EC5: "见", 0x2EC6: "角", 0x2EC9: "贝",
    0x2ECB: "车", 0x2ED1: "長", 0x2ED3: "长", 0x2ED4: "门", 0x2ED7: "雨", 0x2ED8: "青",
    0x2ED9: "韦", 0x2EDA: "页", 0x2EDB: "风", 0x2EDC: "飞", 0x2EDD: "食", 0x2EE2: "马",
    0x2EE3: "骨", 0x2EE4: "鬼", 0x2EE5: "鱼", 0x2EE6: "鸟", 0x2EE7: "卤", 0x2EE8: "麦",
    0x2EE9: "黄", 0x2EEA: "黾", 0x2EEC: "齐", 0x2EEE: "齿", 0x2EEF: "竜", 0x2EF0: "龙",
    0x2EF1: "龜", 0x2EF2: "亀", 0x2EF3: "龟",
}  # fmt: skip
# Unicode decomposes these to 戶 and 靑; mainland fonts draw them as today's words.
_MAINLAND = {0x2F3E: "户", 0x2FAD: "青"}
_IDEOGRAPHS = {ord(sign): unicodedata.normalize("NFKC", sign) for sign in _KANGXI} | _SUPPLEMENT | _MAINLAND


def fold_radicals(text: str) -> str:
    """Replace radical signs by ideographs; the length does not change."""
    return text.translate(_IDEOGRAPHS)
