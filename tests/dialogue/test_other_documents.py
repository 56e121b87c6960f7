"""Documents of other places that carry no rules: what a question about them is answered by, and what is refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date

import pytest

from assistant.config import Settings
from assistant.models import Answer, Question
from evals.places.__main__ import open_with_places

Put = Callable[..., Answer]


@pytest.fixture(scope="module")
def assistant():
    with open_with_places(Settings(_env_file=None)) as opened:
        yield opened


@pytest.fixture
def put(assistant):
    return lambda region, text, day=date(2026, 11, 24): assistant.ask(Question(text, day, region))


@pytest.fixture
def converse(assistant):
    def ask(region: str, *turns: str) -> str:
        session = secrets.token_hex(8)
        return [assistant.ask(Question(t, date(2025, 9, 10), region, session)).text for t in turns][-1]

    return ask


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
        # The clause that speaks of the thing tells its number, and another one a sum that is not for it.
        pytest.param("湖州市", "建一个市级技能大师工作室，市里补助多少万？", id="money of a thing"),
        pytest.param("安徽", "申请双师型教师认定，每人要交多少评审费？", id="fee"),
        pytest.param("湖州市", "我是技师，租房子每个月补多少？", id="grade"),
        pytest.param("全国", "新就业形态劳动者考下二级（技师）证书，补贴多少？", id="grade of a list"),
        pytest.param("湖州市", "下一届“太湖工匠”大赛放在哪个场馆办？", id="site"),
        pytest.param("湖州市", "云课堂学满拿到的100元消费券，能在哪些店里用？", id="shop"),
        pytest.param("成都市", "我要举报骗补的，省里的举报电话是多少？", id="telephone"),
        pytest.param(
            "湖州市",
            "6所院校社会培训要做到在校生1.5倍，除了湖职院和交通技师学院还有哪四所？",
            id="rest of a list",
        ),
        # 最低多少 is not read as 最抵多少, which finds another clause.
        pytest.param("淮北市", "学徒的企业导师每月带徒津贴最低多少钱？", id="no slip"),
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


def test_a_word_in_another_column_than_the_names_is_found_there(put):
    text = put("灵山县", "附件1里推荐工种带“焊工”的是哪几个镇？", date(2025, 9, 10)).text
    assert [town in text for town in ("新圩镇", "那隆镇", "陆屋镇")] == [True] * 3


def test_a_follow_up_about_ones_own_place_leaves_the_other_place(converse):
    text = converse("佳木斯市", "灵山县脱贫户参加培训一天补多少生活费？", "我们这儿脱贫户来学，一天给多少？")
    assert ("35元" in text, "灵山" in text) == (True, False)


@pytest.mark.parametrize(("region", "found"), [("成都市", "1200"), ("灵山县", "1400元/人")])
def test_a_figure_taken_for_granted_is_put_right_by_the_row_that_is_named(put, region, found):
    # 2000 stands in another row of the one table, and the other's unit in its head.
    text = put(region, "养老护理员五级补贴标准是2000元，对吧？", date(2025, 9, 10)).text
    assert (text.count("不对："), f"原文是{found}" in text) == (1, True)
