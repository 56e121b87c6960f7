"""Which contact line a question means, and which lines are contacts at all."""

from __future__ import annotations

import pytest

from assistant.dialogue.contacts import choose_contacts, find_missing_office
from assistant.documents.lines import is_contact
from assistant.documents.parse import parse_document
from assistant.retrieval.thesaurus import Thesaurus

SOURCE = """商城县技能培训办法

商人社发〔2025〕2号

各乡镇人民政府：

现将有关事项通知如下。

一、培训补贴

（一）补贴。每人补贴500元。

联系人：县人力资源和社会保障局职业能力建设股 张明 电话：0376-7960001（政策咨询）
县就业服务中心 李文 电话：0376-7960002（平台操作）
县文化和旅游局产业股 王雨 0376-7960003
县残联教育就业股 电话：0376-7960004
培训券技术支持：0376-7960005
监督举报电话：0376-7960006
办公地址：城关镇振兴路136号
工作时间：上午8:30—12:00，下午14:00—17:30
"""
CONTACTS = [c for c in parse_document("new", SOURCE).clauses if "contact" in c.path]
WORDS = Thesaurus({"残疾人联合会": ("残联",), "人社局": ("就业服务中心",)})


def choose(question: str) -> list[int]:
    return [CONTACTS.index(c) + 1 for c in choose_contacts(CONTACTS, question, WORDS)]


def test_each_line_under_a_contact_is_one():
    assert len(CONTACTS) == 8


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("培训券领不了，系统老报错，打哪个电话？", [5]),
        ("平台操作不会弄，能找谁问，电话多少", [2]),
        ("残联那边管培训的是哪个部门，电话给一个", [4]),
        ("残疾人联合会的电话多少", [4]),  # in the words of the thesaurus
        ("民宿培训要打县文旅局哪个电话", [3]),  # 文化和旅游局
        ("人社局的电话是多少", [1]),  # 就业服务中心 is another office, whatever the thesaurus finds by it
        ("办公在哪，下午几点上班", [7, 8]),
        ("电话是多少", [1, 2, 3, 4, 5, 6]),  # nothing singles one out
        ("民政局的电话是多少", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_the_line_that_a_question_means(question, lines):
    assert choose(question) == lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("省农业农村厅科技教育处 鲍振国 024-23448801", True),
        ("“龙江技培通”系统技术支持：0451-87130299", True),
        ("县就业服务中心 电话：0376-7960002（平台操作）", True),
        ("地址：江南路人社大楼4楼", True),
        ("可以拨打0797-8990352举报，经查实的给予奖励。", False),  # a sentence
        ("培训时间：2025年6月1日", False),
        ("全年培训20210625人次", False),
    ],
)
def test_a_line_that_stands_among_contacts(text, expected):
    assert is_contact(text) is expected


@pytest.mark.parametrize(
    ("question", "office"),
    [
        ("财政局负责拨款的是哪个科，电话多少？", "财政局"),
        ("驻珠海劳务协作站的电话是多少", "驻珠海劳务协作站"),
        ("文旅局的电话", ""),
        ("残联管培训的电话", ""),
        ("学校乱收费打哪个电话", ""),
        ("联系电话是多少", ""),
    ],
)
def test_an_office_that_no_line_is_of(question, office):
    lines = [c for c in CONTACTS if "：0376" not in c.text or "监督" in c.text]
    assert find_missing_office(lines, question, WORDS) == office


def test_a_line_that_names_nobody_may_be_anybodys():
    line = parse_document("new", SOURCE.replace("监督举报电话", "联系电话")).clauses
    lines = [c for c in line if "0376-7960006" in c.text]
    assert lines
    assert find_missing_office(lines, "财政局的电话", WORDS) == ""
