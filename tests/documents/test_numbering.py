from __future__ import annotations

import pytest

from assistant.documents.numbering import chinese_to_int, find_ordinals, read_bare_label, read_label

LABELS = [
    # line, family, number, shown, text behind the label
    ("第三条　补贴", "条", 3, "第三条", "补贴"),
    ("第 十二 章 总则", "章", 12, "第十二章", "总则"),
    ("第１２条 补贴", "条", 12, "第12条", "补贴"),
    ("第二部分　任务", "部分", 2, "第二部分", "任务"),
    ("第一千二百五十九条　本数", "条", 1259, "第一千二百五十九条", "本数"),
    ("一、总体要求", "cn", 1, "一、", "总体要求"),
    ("一.总体目标", "cn", 1, "一、", "总体目标"),
    ("三．时间安排", "cn", 3, "三、", "时间安排"),
    ("二十一、其他", "cn", 21, "二十一、", "其他"),
    ("（一）基本原则", "cn_paren", 1, "（一）", "基本原则"),
    ("(十三) 深化改革", "cn_paren", 13, "（十三）", "深化改革"),
    ("（ 二 )目标", "cn_paren", 2, "（二）", "目标"),
    ("㈢提高", "cn_paren", 3, "（三）", "提高"),
    ("㈩提高", "cn_paren", 10, "（十）", "提高"),
    ("1.扩大规模", "num", 1, "1.", "扩大规模"),
    ("\uff12．提高质量", "num", 2, "2.", "提高质量"),
    ("3、提高质量", "num", 3, "3.", "提高质量"),
    ("4 . 有空格", "num", 4, "4.", "有空格"),
    ("1.2021年全省", "num", 1, "1.", "2021年全省"),
    ("1、2021年全省", "num", 1, "1.", "2021年全省"),
    ("⒉提高", "num", 2, "2.", "提高"),
    ("（1）严格管理", "num_paren", 1, "（1）", "严格管理"),
    ("(12) 严格管理", "num_paren", 12, "（12）", "严格管理"),
    ("⑴严格", "num_paren", 1, "（1）", "严格"),
    ("1）第一件事", "num_close", 1, "1）", "第一件事"),
    ("2) 第二件事", "num_close", 2, "2）", "第二件事"),
    ("①面向企业", "circled", 1, "①", "面向企业"),
    ("⑳其他", "circled", 20, "⑳", "其他"),
    ("2.1 领导机构", "decimal2", 1, "2.1", "领导机构"),
    ("2.1.3　办公室", "decimal3", 3, "2.1.3", "办公室"),
    ("1.2.3.4 细节", "decimal4", 4, "1.2.3.4", "细节"),
    ("１．１ 目的", "decimal2", 1, "1.1", "目的"),
]


@pytest.mark.parametrize(("line", "family", "number", "shown", "rest"), LABELS, ids=[x[0] for x in LABELS])
def test_labels(line: str, family: str, number: int, shown: str, rest: str) -> None:
    label = read_label(line)
    assert label is not None
    assert (label.family, label.number, label.shown) == (family, number, shown)
    assert line[label.length :] == rest


@pytest.mark.parametrize(
    "line",
    [
        "第三方机构",
        "第一条件",
        "第二项目标",
        "一是加强",
        "一体化",
        "二、三等奖",
        "一、二、三产业",
        "三.5倍",
        "（一）项规定的",
        "（三）款所称",
        "2.5万人次",
        "2.5 万人次",
        "1.5倍",
        "1.5%",
        "2021年4月",
        "300 人次",
        "13 项子计划",
        "1、2、3号楼",
        "总则",
        "",
    ],
)
def test_near_misses(line: str) -> None:
    assert read_label(line) is None


def test_a_decimal_knows_its_prefix_and_a_label_its_gap() -> None:
    label = read_label("2.1.3 办公室")
    assert label is not None
    assert label.prefix == (2, 1)
    assert label.has_gap
    tight = read_label("第三条规定")
    assert tight is not None
    assert not tight.has_gap


def test_a_bare_integer_is_a_label_only_when_asked_for() -> None:
    label = read_bare_label("1 总则")
    assert label is not None
    assert (label.family, label.number, label.shown) == ("decimal1", 1, "1")
    assert read_bare_label("2021 年") is None
    assert read_bare_label("1总则") is None


@pytest.mark.parametrize(
    ("numeral", "expected"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二百零一", 201),
        ("一千二百五十九", 1259),
        ("二〇二一", 2021),
        ("28", 28),
    ],
)
def test_numerals(numeral: str, expected: int) -> None:
    assert chinese_to_int(numeral) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("加强建设。一是抓师资。二是抓资源。", ["一是", "二是"]),
        ("一是抓师资；二是抓资源；三是抓考核。", ["一是", "二是", "三是"]),
        ("这是三者之一是可以的。二是抓资源。", []),
        ("一是抓师资。", []),
        ("一是否可行。二是否可行。", []),
        ("一是甲。三是丙。二是乙。", ["一是", "二是"]),
        ("", []),
    ],
)
def test_run_in_lists(text: str, expected: list[str]) -> None:
    found = find_ordinals(text)
    assert [label.shown for _, label in found] == expected
    assert all(text[at : at + label.length] == label.shown for at, label in found)
