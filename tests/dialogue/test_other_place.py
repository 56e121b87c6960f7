"""A document of a place that the corpus does not have, without rules and sample questions: its clauses answer alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from assistant.app import build_indexes, open_assistant
from assistant.config import Settings
from assistant.models import Answer, Question

CORPUS = Path(__file__).parents[2] / "corpus"
SOURCE = """竹溪县2023年补贴性职业技能培训实施方案

溪人社发〔2023〕17号

各镇人民政府：

为做好2023年培训工作，制定本方案。

一、培训对象

（一）下列人员不得纳入补贴性培训：

1.机关事业单位在编人员；

2.全日制在校学生（毕业年度学生除外）。

二、培训组织

（二）班级规模。就业技能培训每班不少于20人、不超过45人，创业培训每班不超过30人。

（三）课时标准。1课时不少于45分钟，线上课时不得超过总课时的30%。

（四）申领材料。承训机构申请培训补贴应提交下列材料：

1.补贴资金申请表；

2.学员花名册。

企业申领的，另附劳动合同复印件；个人申领的，只需提供身份证和培训缴费发票。

三、附则

（五）实施时间。本方案自2023年4月1日起施行，有效期至2024年3月31日。

附件：2023年度任务分解表

联系人：县人社局李四　联系电话：0719-2723816

举报电话：0719-2725509（县人社局基金监督股）

竹溪县人力资源和社会保障局

2023年3月16日

附件

2023年度任务分解表

序号\t乡镇场\t补贴性培训（人次）\t其中企业新型学徒（人）
1\t中峰镇\t1350\t30
2\t蒋家堰镇\t480\t40
3\t兵营镇\t2225\t10
合计\t\t4055\t80
"""
IN_FORCE = date(2023, 6, 1)
OVER = date(2026, 11, 21)


@pytest.fixture(scope="module")
def put(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Answer]:
    folder = tmp_path_factory.mktemp("zhuxi")
    shutil.copytree(CORPUS, folder / "corpus")
    document = folder / "corpus" / "documents" / "zhuxi-2023-17"
    document.mkdir()
    (document / "source.txt").write_text(SOURCE, encoding="utf-8")
    (document / "document.yaml").write_text("effective: 2023-04-01\nexpires: 2024-03-31\n", encoding="utf-8")
    settings = Settings(_env_file=None, corpus_dir=folder / "corpus", index_dir=folder / "indexes")
    build_indexes(settings)
    assistant = open_assistant(settings)
    return lambda text, as_of=IN_FORCE, region="竹溪县": assistant.ask(Question(text, as_of, region))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("一个班能收几个人？", "不超过45人"),
        ("开个就业技能班，招了52个人一起上，人数超没超？", "不超过45人"),
        ("总共100课时，线上讲了35课时，实操60课时，这样排行不行？", "不得超过总课时的30%"),
        ("想举报套补贴的机构，打哪个电话？", "0719-2725509"),
        ("竹溪2023年的方案从哪天开始算数，管到哪天？", "有效期至2024年3月31日"),
        ("哪个乡镇场的任务最少？", "480"),
        ("几个乡镇场超过1000人次？", "共2个"),
        ("哪个乡镇场的企业新型学徒最多？", "蒋家堰镇"),
    ],
)
def test_clauses_and_rows_answer(put, question, words):
    answer = put(question)
    assert answer.status == "answered"
    assert words in answer.text


def test_an_item_is_told_with_what_is_so_of_it(put):
    text = put("县政府的在编人员能参加吗？").text
    assert text.index("不得纳入补贴性培训") < text.index("机关事业单位在编人员")


def test_what_follows_a_list_belongs_to_all_of_it(put):
    text = put("企业申请补贴要交哪些材料？").text
    assert "（四）第2段：企业申领的，另附劳动合同复印件" in text
    assert text.count("另附劳动合同复印件") == 1


@pytest.mark.parametrize("question", ["一个班能收几个人？", "中峰镇的补贴性培训任务多少人次？"])
def test_what_is_over_is_shown_as_such_and_decides_nothing(put, question):
    answer = put(question, as_of=OVER)
    assert answer.status == "refused"
    assert "有效期到 2024-03-31，查询日期 2026-11-21 已经失效" in answer.text
    assert answer.citations


def test_a_document_that_is_named_is_told_with_a_notice(put):
    answer = put("竹溪方案里一个班最多几个人？", as_of=OVER, region=None)
    assert answer.status == "answered"
    assert "不超过45人" in answer.text
    assert any("已经失效" in notice for notice in answer.notices)


def test_what_has_not_begun_is_no_ground(put):
    answer = put("一个班能收几个人？", as_of=date(2023, 3, 20))
    assert answer.status == "refused"
    assert "自 2023-04-01 起施行" in answer.text


def test_the_plan_of_another_county_does_not_answer(put):
    assert "潢川" not in put("县方案里一个班最多几个人？").text.split("最接近的条款")[0]
