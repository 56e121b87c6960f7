from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.normalize import (
    collapse_display,
    is_blank,
    normalize_text,
    squeeze,
)

# Chinese, full-width, compatibility, combining, invisible and blank characters side by side.
MIXED = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "每班人数乾坤著名於後職業裡徵瞭，。（）１①㎡ﬁｶﾞ가ᄀ \n\t\u3000\u200b\ufeff\u0301\ufe0f\x00a1"
        ),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "expected", "offsets"),
    [
        pytest.param("每班80人", "每班80人", (0, 1, 2, 3, 4, 5), id="unchanged"),
        pytest.param("８０人", "80人", (0, 1, 2, 3), id="full-width digits"),
        pytest.param("①每班", "1每班", (0, 1, 2, 3), id="circled digit"),
        pytest.param("50㎡以上", "50m2以上", (0, 1, 2, 2, 3, 4, 5), id="one becomes two"),
        pytest.param("ﬁ", "fi", (0, 0, 1), id="ligature"),
        pytest.param("e\u0301a", "éa", (0, 2, 3), id="two become one"),
        pytest.param("ｶﾞ", "ガ", (0, 2), id="half-width kana and its mark"),
        pytest.param("学\u200b校\ufeff", "学校", (0, 2, 4), id="zero-width"),
        pytest.param("学\x00校", "学校", (0, 2, 3), id="control"),
        pytest.param(" 学\n\u3000 校 ", "学 校", (1, 2, 5, 7), id="whitespace"),
        pytest.param("（含）？：", "(含)?:", (0, 1, 2, 3, 4, 5), id="punctuation becomes ASCII"),
        pytest.param("", "", (0,), id="empty"),
        pytest.param("\u200b \n", "", (3,), id="nothing visible"),
    ],
)
def test_normalize_text(text: str, expected: str, offsets: tuple[int, ...]) -> None:
    normalized = normalize_text(text)
    assert normalized.text == expected
    assert normalized.offsets == offsets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("職業技能培訓補貼標準是多少", "职业技能培训补贴标准是多少", id="traditional"),
        pytest.param("这个班「裡」面", "这个班「里」面", id="one traditional character"),
        pytest.param("關於乾燥設備的培訓", "关于干燥设备的培训", id="by phrase"),
        pytest.param("關於乾隆著名", "关于乾隆著名", id="phrases that keep the character"),
        pytest.param("培训之後", "培训之后", id="in GB 2312 but traditional"),
        # right as they are: characters of simplified writing that a table would change
        pytest.param("著名的乾坤湾", "著名的乾坤湾", id="simplified 著 and 乾"),
        pytest.param("覆盖面", "覆盖面", id="覆"),
        pytest.param("干部后勤里面", "干部后勤里面", id="干 后 里"),
        pytest.param("信阳市浉河区", "信阳市浉河区", id="outside GB 2312, not traditional"),
        pytest.param("陈喆", "陈喆", id="rare name"),
    ],
)
def test_traditional_becomes_simplified(text: str, expected: str) -> None:
    normalized = normalize_text(text)
    assert normalized.text == expected
    assert len(normalized.offsets) == len(text) + 1


def test_phrase_that_changes_length_is_converted_by_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = {"訓": "训", "練": "练", "訓練": "操练了"}
    monkeypatch.setattr(
        "assistant.documents.normalize._converter", lambda: lambda text: table.get(text, text)
    )
    assert normalize_text("訓練").text == "训练"


@pytest.mark.parametrize(
    ("text", "part", "original"),
    [
        pytest.param("面积１１㎡以上", "11m2", "１１㎡", id="expanded"),
        pytest.param("面积㎡整", "m", "㎡", id="half of an expansion"),
        pytest.param("每班  80  人", "80", "80", id="whitespace stays outside"),
        pytest.param("裡面８０人", "80人", "８０人", id="after a conversion"),
    ],
)
def test_span_leads_back(text: str, part: str, original: str) -> None:
    normalized = normalize_text(text)
    start = normalized.text.index(part)
    span = normalized.span(start, start + len(part))
    assert text[span.start : span.end] == original


def test_empty_span_is_empty() -> None:
    assert normalize_text("㎡班").span(1, 1) == (0, 0)


@given(MIXED)
def test_offsets_are_monotone_and_in_range(text: str) -> None:
    normalized = normalize_text(text)
    assert len(normalized.offsets) == len(normalized.text) + 1
    assert list(normalized.offsets) == sorted(normalized.offsets)
    assert normalized.offsets[-1] == len(text)
    assert all(0 <= offset < len(text) for offset in normalized.offsets[:-1])


@given(MIXED)
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = normalize_text(text).text
    assert normalize_text(once).text == once


@given(MIXED)
def test_is_blank_agrees_with_normalization(text: str) -> None:
    if is_blank(text):
        assert normalize_text(text).text == ""


@given(MIXED)
def test_squeeze_is_nfkc_without_whitespace(text: str) -> None:
    squeezed = squeeze(text)
    assert not any(map(str.isspace, squeezed))
    assert unicodedata.is_normalized("NFKC", squeezed)
    assert squeeze(squeezed) == squeezed


@given(MIXED)
def test_collapsing_does_not_change_what_is_compared(text: str) -> None:
    assert squeeze(collapse_display(text)) == squeeze(text)


@given(MIXED)
def test_collapsing_twice_changes_nothing(text: str) -> None:
    once = collapse_display(text)
    assert collapse_display(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", True, id="empty"),
        pytest.param(" \n\u3000", True, id="whitespace"),
        pytest.param("\u200b\ufeff\x07", True, id="invisible"),
        pytest.param(" 班 ", False, id="a character"),
        pytest.param("？", False, id="punctuation is something"),
    ],
)
def test_is_blank(text: str, expected: bool) -> None:
    assert is_blank(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("每班 人数\n不得超过１１人", "每班人数不得超过11人", id="whitespace and width"),
        pytest.param("（每 班）", "(每班)", id="brackets"),
        pytest.param("a\u00a8", "\u00e4", id="blank that NFKC brings in"),
    ],
)
def test_squeeze(text: str, expected: str) -> None:
    assert squeeze(text) == unicodedata.normalize("NFKC", expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("每班\n人数 不得", "每班人数不得", id="between Chinese"),
        pytest.param("超过 80 人", "超过80人", id="Chinese and digits"),
        pytest.param("使用 Word 软件", "使用Word软件", id="Chinese and Latin"),
        pytest.param("标准 ： 80 ， 以上", "标准：80，以上", id="punctuation"),
        pytest.param("标准 (80)", "标准(80)", id="ASCII punctuation beside Chinese"),
        pytest.param("Word\n  2021", "Word 2021", id="between Latin and digits"),
        pytest.param("\n 每班 \n", "每班", id="ends"),
        pytest.param("（一）\u3000总则", "（一）总则", id="ideographic space"),
        pytest.param("", "", id="empty"),
    ],
)
def test_collapse_display(text: str, expected: str) -> None:
    assert collapse_display(text) == expected
