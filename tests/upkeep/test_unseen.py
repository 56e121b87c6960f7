"""A county's plan in a looser hand than the shipped ones is taken in and asked, with no rule and no word list for it."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from assistant.app import Assistant, open_assistant
from assistant.config import Settings
from assistant.models import Question
from assistant.upkeep.changes import Signer, apply_change
from assistant.upkeep.drafts import open_shelf, read_draft
from assistant.upkeep.plans import plan_add
from tests.upkeep.conftest import AT, make_settings

TEXT = """固始县2025年“春风送技”农村劳动力培训工作计划

固始县就业工作领导小组办公室
2025 年 1 月 16 日

    为做好2025年全县农村劳动力技能培训,促进转移就业,结合我县实际,制定本计划.

一.总体目标
    全年计划培训农村劳动力2800人次,其中:脱贫劳动力不低于900人次,妇女不低于 1,000 人次.

二.培训内容
1、家政类:母婴护理、养老护理,每期12天;
2、工程类:挖掘机驾驶、电工、焊工,每期20天,实操课时不得少于总课时的三分之二.

三.时间安排
(1)宣传发动阶段(1月20日-2月28日):各乡镇摸底,2月20日前把《培训需求汇总表》报县就业局.
(2)组织实施阶段(3月1日-10月31日):分批开班,每班人数不得超过45人,农忙时节(5月15日至6月15日)不开班.

四.报名方式
    到村委会或乡镇社保中心报名,带身份证原件和复印件2份、1寸照片4张.报名截止到2025年9月30日.
    投诉可拨打0376-5012333.

附表:2025年各乡镇培训任务表
乡镇	任务数(人次)	其中:脱贫劳动力	责任人
龙泉街道	620	150	张伟
白水镇	540	210	杨丽
茶山乡	480	190	罗平
合计	1640	550	/
"""


@pytest.fixture(scope="module")
def assistant(_small: Settings, tmp_path_factory) -> Assistant:
    root = tmp_path_factory.mktemp("unseen")
    shutil.copytree(_small.corpus_dir, root / "corpus")
    shutil.copytree(_small.index_dir, root / "indexes")
    own = make_settings(root)
    path = root / "plan.txt"
    path.write_text(TEXT, encoding="utf-8")
    draft = read_draft(open_shelf(own), path, {})
    known = {guess.field: guess.value for guess in draft.guesses}
    assert known["title"] == "固始县2025年“春风送技”农村劳动力培训工作计划"
    assert known["issuer"] == "固始县就业工作领导小组办公室"
    assert (known["region"], known["issued"], known["year"]) == ("411525", "2025-01-16", "2025")
    assert [c.path for c in draft.document.clauses if c.kind in ("clause", "heading")][:8] == [
        *("1", "2", "2.1", "2.2", "3", "3.1", "3.2", "4")
    ]
    apply_change(own, plan_add(own, draft), Signer("培训科", AT, "测试"))
    return open_assistant(own)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("全年计划培训多少农村劳动力？", "2800人次"),
        ("养老护理每期多少天？", "12天"),
        ("实操课时得占多少？", "三分之二"),
        ("报名要带什么，哪天截止？", "2025年9月30日"),
        ("白水镇的责任人是谁？", "杨丽"),
        ("投诉打什么电话？", "0376-5012333"),
        # Its neighbour's rule for the size of a class is none of this county's.
        ("每班46人，能开班吗？", "不得超过45人"),
    ],
)
def test_its_clauses_answer(assistant, text, words):
    answer = assistant.ask(Question(text, date(2025, 3, 1), "固始县"))
    assert (answer.status, {c.document for c in answer.citations}) == ("answered", {"gushi-2025-01-16"})
    assert words in answer.text


def test_what_it_does_not_say_is_refused(assistant):
    assert assistant.ask(Question("老师的课时费是多少？", date(2025, 3, 1), "固始县")).status == "refused"
