from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rules.numerals import find_dates, find_figures

Found = tuple[str, str, str]


def found(text: str) -> list[Found]:
    """Value, unit and the printed figure."""
    return [(str(f.value), f.unit, text[f.start : f.end]) for f in find_figures(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # units, spaces and width
        pytest.param("每班人数不得超过 80 人", [("80", "人", "80 人")], id="plain"),
        pytest.param(
            "（自受理之日起15个工 作日内）", [("15", "工作日", "15个工 作日")], id="blank inside a unit"
        ),
        pytest.param("8 0\n人", [("80", "人", "8 0\n人")], id="blank between digits, unit on the next line"),
        pytest.param("８０人", [("80", "人", "８０人")], id="full width"),
        pytest.param("8个学时", [("8", "学时", "8个学时")], id="个 is skipped"),
        pytest.param("不足一个月的", [("1", "个月", "一个月")], id="months"),
        pytest.param("3个人", [("3", "人", "3个人")], id="people"),
        pytest.param("3个人才", [("3", "个", "3个")], id="个 before a word"),
        pytest.param("60 周岁", [("60", "周岁", "60 周岁")], id="age"),
        pytest.param("40多课时、10余家", [("40", "课时", "40多课时"), ("10", "家", "10余家")], id="and more"),
        # large numbers and money
        pytest.param("12 万人次", [("120000", "人次", "12 万人次")], id="万"),
        pytest.param("5000万人次", [("50000000", "人次", "5000万人次")], id="thousands of 万"),
        pytest.param("12,000 元", [("12000", "元", "12,000 元")], id="comma of thousands"),
        pytest.param("共15，200人", [("15", "", "15"), ("200", "人", "200人")], id="comma of a sentence"),
        pytest.param("5万元、六千万元", [("5", "万元", "5万元"), ("6000", "万元", "六千万元")], id="万元"),
        pytest.param("1.5亿元", [("150000000", "元", "1.5亿元")], id="decimal"),
        pytest.param("30 万以上的县", [("300000", "", "30 万")], id="no unit"),
        # Chinese numerals
        pytest.param("六千人次", [("6000", "人次", "六千人次")], id="六千"),
        pytest.param("一百零五人", [("105", "人", "一百零五人")], id="with zero"),
        pytest.param("两万五人", [("25000", "人", "两万五人")], id="short for thousands"),
        pytest.param("十五日内", [("15", "日", "十五日")], id="十五"),
        pytest.param("二〇二一年", [("2021", "年", "二〇二一年")], id="digit by digit"),
        pytest.param("两个已建的", [("2", "个", "两个")], id="两"),
        # shares and ratios
        pytest.param("65 %", [("13/20", "%", "65 %")], id="percent"),
        pytest.param("百分之六十五", [("13/20", "%", "百分之六十五")], id="percent in words"),
        pytest.param("百分之百", [("1", "%", "百分之百")], id="all"),
        pytest.param("三分之二", [("2/3", "%", "三分之二")], id="fraction"),
        pytest.param("三成以上", [("3/10", "%", "三成")], id="tenths"),
        pytest.param("一半", [("1/2", "%", "一半")], id="half"),
        pytest.param("30-50%", [("3/10", "%", "30"), ("1/2", "%", "50%")], id="range of shares"),
        pytest.param("保持在 1:20 以内", [("20", "比", "1:20")], id="ratio"),
        pytest.param("1：20、2∶1", [("20", "比", "1：20"), ("1/2", "比", "2∶1")], id="ratio, other colons"),
        pytest.param("2 倍", [("2", "倍", "2 倍")], id="times"),
        # ranges and lists
        pytest.param("3—5年", [("3", "年", "3"), ("5", "年", "5年")], id="range"),
        pytest.param("三至五年", [("3", "年", "三"), ("5", "年", "五年")], id="range in words"),
        pytest.param(
            "5—10万人次", [("50000", "人次", "5"), ("100000", "人次", "10万人次")], id="range of 万"
        ),
        pytest.param(
            "4月、8月、12月",
            [("4", "月", "4月"), ("8", "月", "8月"), ("12", "月", "12月")],
            id="months of a year",
        ),
        pytest.param("4、8月", [("4", "月", "4"), ("8", "月", "8月")], id="months, one unit"),
        # what must not run together
        pytest.param("附件1\n\n2021年", [("1", "", "1"), ("2021", "年", "2021年")], id="lines"),
        pytest.param("附件 1： 2021 年", [("1", "", "1"), ("2021", "年", "2021 年")], id="label and year"),
        pytest.param("9\t家政\t300", [("9", "", "9"), ("300", "", "300")], id="cells"),
        pytest.param("2. 5 个左右", [("2", "", "2"), ("5", "个", "5 个")], id="label and figure"),
        # words
        pytest.param("1+X、“3+2”、5G与VR", [], id="names"),
        pytest.param("第三方、第15条、十四五、数十所", [], id="ordinals and vague numbers"),
        pytest.param("统一项目、进一步、下一次、之一、一次性、三五年", [], id="words with 一"),
        pytest.param("一批、三方、十大产业、五业联动、职成教处", [], id="no unit"),
        pytest.param("2.4.21.1", [], id="path"),
        pytest.param("应于4月30日前、2021年4月7日", [], id="dates are not figures"),
        pytest.param("到2022年年底", [("2022", "年", "2022年")], id="end of a year"),
        pytest.param("0比0", [], id="no ratio"),
        pytest.param("", [], id="empty"),
    ],
)
def test_find_figures(text: str, expected: list[Found]):
    assert found(text) == expected


def test_only_a_ratio_is_one():
    assert [f.is_ratio for f in find_figures("1:20，2 倍")] == [True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("应于4月30日前", [(None, 4, 30, "4月30日")], id="no year"),
        pytest.param("2021 年 4 月\n7 日", [(2021, 4, 7, "2021 年 4 月\n7 日")], id="with year and blanks"),
        pytest.param("二〇二一年四月三十日", [(2021, 4, 30, "二〇二一年四月三十日")], id="in words"),
        pytest.param("到2022年年底", [(2022, 12, 31, "2022年年底")], id="end of a year"),
        pytest.param("2022年底、5月1日", [(2022, 12, 31, "2022年底"), (None, 5, 1, "5月1日")], id="in order"),
        pytest.param("13月1日、4月32日、4月、30日", [], id="no dates"),
    ],
)
def test_find_dates(text: str, expected: list[tuple[int | None, int, int, str]]):
    assert [(d.year, d.month, d.day, text[d.start : d.end]) for d in find_dates(text)] == expected


# -- properties ----------------------------------------------------------------------------------------

BLANK = st.sampled_from(["", " ", "\u3000"])


def spell(n: int) -> str:
    """A number below 100 million in Chinese, written the long way."""
    if n >= 10_000:
        rest = n % 10_000
        return spell(n // 10_000) + "万" + ("零" if 0 < rest < 1000 else "") + (spell(rest) if rest else "")
    text, gap = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // scale % 10
        if digit:
            text += ("零" if gap else "") + "零一二三四五六七八九"[digit] + name
        gap = bool(text) and not digit
    return text


@given(st.integers(1, 99_999_999), BLANK)
def test_the_same_number_in_digits_and_in_words(n: int, blank: str):
    for text in (f"{n}{blank}人次", f"{spell(n)}{blank}人次", f"{n:,}人次"):
        (figure,) = find_figures(text)
        assert (figure.value, figure.unit) == (n, "人次")


@given(st.integers(0, 10_000), st.integers(0, 3), BLANK)
def test_shares_are_exact(n: int, n_decimals: int, blank: str):
    percent = f"{n}.{'25'.zfill(n_decimals)}" if n_decimals else str(n)
    (figure,) = find_figures(f"不少于{percent}{blank}%")
    assert figure.value == Fraction(percent) / 100


PIECES = st.sampled_from(
    [*"0123456789一二两十百千万亿零第个人月日年:%.,，。、—-成半分之+X \t\n", "人次", "工作日", "百分之"]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=20).map("".join)))
def test_spans_lie_in_the_text_in_order(text: str):
    for items in (find_figures(text), find_dates(text)):
        ends = [0, *(item.end for item in items)]
        assert all(end <= item.start < item.end <= len(text) for end, item in zip(ends, items, strict=False))
