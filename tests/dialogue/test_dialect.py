"""Words of dialects are put in standard ones; words that look like them stay."""

import pytest

from assistant.dialogue.dialect import put_plainly
from assistant.dialogue.understand import prepare_text


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("头一盘没考起，再考一盘要好多钱？", "第一次没考过，再考一次要多少钱？"),
        ("莫得假条得行不？", "没有假条行不？"),
        ("工人能去学伐？", "工人能去学吗？"),
        ("要不要交钞票的？", "要不要交钱的？"),
        ("先交两百蚊得唔得？", "先交两百元行不行？"),
        ("同边个讲，几时补返？", "跟谁讲，什么时候补？"),
        ("屯里的班", "村里的班"),
        ("进厂一个月开好多工资？", "进厂一个月开多少工资？"),
        ("窗口星期六开不开", "窗口周六开不开"),
        ("租房子每个月补多少", "租房子每月补多少"),
    ],
)
def test_dialect_is_put_plainly(said: str, plain: str) -> None:
    assert put_plainly(said) == plain


@pytest.mark.parametrize(
    "text",
    [
        "来了好多人",
        "拖了好多天没批",
        "每个自然年度几次",
        "没得到补贴怎么办",
        "林木采伐培训",
        "阿拉善盟",
        "好久没上课了",
        "等了好久才批",
        "蚊香厂的学徒",
        "取得行业认可的证书",
        "不得行使的权利",
        "要得不到补贴怎么办",
    ],
)
def test_words_that_look_like_dialect_stay(text: str) -> None:
    assert put_plainly(text) == text


def test_a_message_is_read_without_its_dialect() -> None:
    assert prepare_text("电工证补好多钱？") == prepare_text("电工证补多少钱？")
