"""Documents of other places that carry no rules: what a question about them is answered by, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from assistant.config import Settings
from assistant.models import Answer, Question
from evals.places.__main__ import open_with_places

Put = Callable[[str, str], Answer]


@pytest.fixture(scope="module")
def put():
    with open_with_places(Settings(_env_file=None)) as assistant:
        yield lambda region, text: assistant.ask(Question(text, date(2026, 11, 24), region))


@pytest.mark.parametrize(
    ("region", "question", "words"),
    [
        # The words of a document's own name stand in its preamble and tell none of its clauses from another.
        pytest.param("全国", "新就业形态劳动者专项培训的课程由哪几部分组成？", "通识课", id="name"),
        pytest.param("全国", "新就业形态劳动者的专项培训，各省哪天以前要有实施方案？", "5月31日", id="day"),
        pytest.param("江西省", "施训机构申领补贴要提交什么材料？", "学员签到记录", id="papers"),
        pytest.param(
            "滁州市", "老师到企业实践完了要交啥材料？", "技术改进报告", id="papers without the word"
        ),
        pytest.param("江西省", "县里电话回访结业学员，比例不能低于多少？", "百分之二十", id="telephone"),
        pytest.param(
            "湖北省", "新就业形态培训采集的个人信息能用在哪些地方？", "补贴核验", id="personal data"
        ),
    ],
)
def test_clauses_answer(put, region, question, words):
    answer = put(region, question)
    assert (answer.status, words in answer.text) == ("answered", True)


@pytest.mark.parametrize(
    ("region", "question"),
    [
        pytest.param("兰山区", "兰山区2025年的培训总任务多少人次？", id="year of a table"),
        pytest.param("台州市", "“台州青年驿站”开在哪条路上？", id="street"),
    ],
)
def test_what_a_text_lacks_is_refused(put, region, question):
    assert put(region, question).status == "refused"


@pytest.mark.parametrize("region", ["景德镇市", "全国"])
def test_no_rule_of_another_place_speaks_where_a_document_has_none(put, region):
    assert "潢川" not in put(region, "我们只有4名专职老师，人够不够？").text


def test_the_last_of_several_rows_counts_too(put):
    text = put("南华县", "雨露白族乡、一街乡和罗武庄乡的培训任务加起来是多少人次？").text
    assert "3行合计700人次（260+230+210）" in text
