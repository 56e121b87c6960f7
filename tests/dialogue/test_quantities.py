"""Quantities as people write them."""

from __future__ import annotations

import re
from datetime import date

import pytest

from assistant.dialogue.days import DATE_PATTERN, read_days
from assistant.dialogue.quantities import lex_quantities

AS_OF = date(2026, 11, 21)


def read(text: str) -> list[tuple[str, str]]:
    lexed = lex_quantities(text, AS_OF)
    return [(q.kind, q.write()) for q in lexed.quantities.values()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("85人", [("NUM", "85")]),
        ("八十五个学员", [("NUM", "85")]),
        ("两百人", [("NUM", "200")]),
        ("在校生1万2", [("NUM", "12000")]),
        ("做了1万2千5百人次", [("NUM", "12500")]),
        ("收入12万5", [("NUM", "125000")]),
        ("3千500人", [("NUM", "3500")]),
        ("1万2到1万5人", [("NUM", "12000..15000")]),
        ("3万人", [("NUM", "3万")]),
        ("这两个加起来", []),
        ("一百零五人", [("NUM", "105")]),
        ("一万二的编制", [("NUM", "12000")]),
        ("1.2万元", [("NUM", "1.2万")]),
        ("1,200人", [("NUM", "1200")]),
        ("不到80人", [("NUM", "<80")]),
        ("不足八十人", [("NUM", "<80")]),
        ("超过80人", [("NUM", ">80")]),
        ("不超过80人", [("NUM", "<=80")]),
        ("至少3名", [("NUM", ">=3")]),
        ("不少于3名", [("NUM", ">=3")]),
        ("80人以上", [("NUM", ">=80")]),
        ("40课时以内", [("NUM", "<=40")]),
        ("四五十人", [("NUM", "40..50")]),
        ("七八个人", [("NUM", "7..8")]),
        ("80多人", [("NUM", "81..89")]),
        ("一百多人", [("NUM", "101..199")]),
        ("40到49个", [("NUM", "40..49")]),
        ("3-5年", [("NUM", "3..5")]),
        ("65%", [("SHARE", "65%")]),
        ("百分之六十五", [("SHARE", "65%")]),
        ("六成五", [("SHARE", "65%")]),
        ("三成半", [("SHARE", "35%")]),
        ("三成", [("SHARE", "30%")]),
        ("一半", [("SHARE", "50%")]),
        ("不到三成", [("SHARE", "<30%")]),
        ("1:20", [("RATIO", "20")]),
        ("一比二十", [("RATIO", "20")]),
        ("1比30", [("RATIO", "30")]),
        ("2021年5月6日", [("DATE", "2021-05-06")]),
        ("5月6号", [("DATE", "2026-05-06")]),
        ("2021-05-06", [("DATE", "2021-05-06")]),
        ("4月底", [("DATE", "2026-04-21..2026-04-30")]),
        ("上个月", [("DATE", "2026-10-01..2026-10-31")]),
        ("昨天", [("DATE", "2026-11-20")]),
        ("20人1名老师1个工位", [("NUM", "20"), ("NUM", "1"), ("NUM", "1")]),
        ("只有一个老师", [("NUM", "1")]),
        ("捌拾伍名", [("NUM", "85")]),
        ("教师肆名", [("NUM", "4")]),
        ("录了一刻钟", [("NUM", "15")]),
        ("一节课一个小时", [("NUM", "60")]),
        ("老师两个半", [("NUM", "2.5")]),
        ("三个半月", [("NUM", "3.5")]),
        ("七十出头", [("NUM", "71..79")]),
        ("五六十号人", [("NUM", "50..60")]),
        ("九十多号人", [("NUM", "91..99")]),
        ("不下80人", [("NUM", ">=80")]),
        ("80人封顶", [("NUM", "<=80")]),
        ("三七开", [("SHARE", "70%")]),
        ("75人一个班", [("NUM", "75")]),
        ("估计60到70", [("NUM", "60..70")]),
        ("最多不过四十", [("NUM", "<=40")]),
        ("9月10日周五", [("DATE", "2021-09-10")]),
        ("7月5日(周一)", [("DATE", "2021-07-05")]),
        ("12月4日星期五", [("DATE", "2026-12-04")]),
        ("2021年9月10日周四", [("DATE", "2021-09-10")]),
        ("2021年6月7日到6月14日周二", [("DATE", "2021-06-07"), ("DATE", "2021-06-14")]),
        ("每周三节课", [("NUM", "3")]),
    ],
)
def test_a_quantity_is_read(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "第3条", "附件1", "105号文", "1+X试点", "2021年", "〔2021〕20号", "2019年50号文", "一个班", "一课时", "一般", "统一", "一样",
        "80左右", "将近50人", "大约五十个", "几十人", "八十来人", "0371-69691788", "13800138000", "5G", "百姓", "万一",
        "队伍", "退伍人员", "周五就撤了", "讲一个小时", "三七分钟",
    ],
)  # fmt: skip
def test_what_states_no_value_is_left_alone(text):
    assert read(text) == []
    assert lex_quantities(text, AS_OF).text == text


def test_each_token_knows_where_its_words_stand():
    text = "班里不到八十人,老师5位"
    lexed = lex_quantities(text, AS_OF)
    words = [text[q.start : q.end] for q in lexed.quantities.values()]
    assert words == ["不到八十", "5"]
    at = lexed.text.index("老师")
    assert text[slice(*lexed.span(at, at + 2))] == "老师"


@pytest.mark.parametrize("words", ["2021年13月1日", "2021-02-30", "某天", ""])
def test_a_day_that_is_none_is_not_read(words):
    assert read_days(words, AS_OF) is None


@pytest.mark.parametrize("text", ["9999年12月31日核发的", "0001年1月1日受理", "1234年5月"])
def test_a_day_of_no_year_that_is_read_is_no_day_of_this_year(text):
    assert not re.search(DATE_PATTERN, text)
